"""The verifier of an export: what lies beside the history, whose it is, and where it prints.

It runs as its reader runs it, on the small log of the page on the ledger.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands.witnessed import kept_in
from engine.audit.standalone import VERIFIER
from engine.domain.checkpoint import Checkpoint
from engine.domain.ledger import canonical, leaf
from notifications.compose import compose
from tests.checkpoints import checkpoint
from tests.vectors import on_page
from tests.verifier import verifier

IN_ORDER, CANNOT_TELL, BROKEN = 0, 1, 8
LOG = "00000000-0000-4000-8000-000000000001"
OTHER = "6f2c8d1e-4b7a-4f0e-9d3c-2a5b8e7f1c04"
SIZE, ROOT = 3, "f6395a385ce30b7fff264274b1475d830310c86063625b46cedf5a71631e94af"
WRONG = "00" * 32
NOTICE = compose(checkpoint("changed", "en")).mime  # with the checkpoint of another log


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a history that is in order."""
    history = on_page().split("```")[1]
    (tmp_path / "history.jsonl").write_text(history.lstrip(), encoding="utf-8")
    return tmp_path


def three(log: str, size: int, root: str, epoch: int = 1) -> str:
    """Return a checkpoint as text."""
    return Checkpoint(f"example.org/traject/{log}/{epoch}", size, root).text()


def mail(text: str, header: str = "", attached: str = "") -> bytes:
    """Return a saved mail: what its header says, its text, and its attachment."""
    head = f"Subject: x\r\n{f'Traject-Checkpoint: {header}' if header else 'X-Other: 1'}\r\n"
    if not attached:
        return f"{head}\r\n{text}".encode()
    plain = "Content-Type: text/plain; charset=utf-8"
    name = 'Content-Disposition: attachment; filename="checkpoint.txt"'
    return (
        f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\n{plain}\r\n\r\n{text}\r\n--b\r\n{plain}\r\n{name}\r\n\r\n{attached}\r\n--b--\r\n"
    ).encode()


def witnesses(folder: Path, *contents: bytes) -> list[str]:
    """Return the arguments for what somebody kept."""
    given = []
    for number, content in enumerate(contents):
        (folder / f"kept-{number}.eml").write_bytes(content)
        given += ["--checkpoint", f"kept-{number}.eml"]
    return given


def run(folder: Path, *arguments: str, expect: int, lang: str = "en", **environment: str) -> str:
    """Return what it says, as its reader sees it."""
    command = [sys.executable, str(VERIFIER), "history.jsonl", "--lang", lang, *arguments]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, check=False, env={**os.environ, **environment}
    )
    said = done.stdout.decode()
    assert (done.returncode, done.stderr.decode()) == (expect, ""), said
    return said


def tamper(folder: Path) -> None:
    """Change the day of event 2."""
    file = folder / "history.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[2] = lines[2].replace("2027-03-01", "2027-03-02", 1)
    file.write_text("".join(lines), encoding="utf-8")


# --- of which log -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, SIZE, 99])
@pytest.mark.parametrize("kind", ["text", "mail", "notice"])
def test_a_checkpoint_of_another_log_leaves_the_question_open(
    folder: Path, kind: str, size: int
) -> None:
    """Of fewer, as many or more events; as a text, or in the mail that brought it."""
    text = three(OTHER, size, WRONG)
    contents = {"text": text.encode(), "mail": mail(text, f"{size} {WRONG}"), "notice": NOTICE}
    said = run(folder, *witnesses(folder, contents[kind]), expect=CANNOT_TELL)
    assert said.startswith("CANNOT TELL.")
    assert f"kept-0.eml is of another log, {OTHER}; this is log {LOG}" in said
    assert "Ask for a new export" not in said
    assert "Not proven: that nobody rewrote all of it" in said
    dutch = run(folder, *witnesses(folder, contents[kind]), expect=CANNOT_TELL, lang="nl")
    assert f"kept-0.eml hoort bij een ander logboek, {OTHER}; dit is logboek {LOG}" in dutch


def test_one_of_another_log_hides_no_tampering_and_no_other_checkpoint(folder: Path) -> None:
    """What is proven counts before what cannot be told."""
    theirs, ours = three(OTHER, 2, WRONG).encode(), three(LOG, SIZE, ROOT).encode()
    said = run(folder, *witnesses(folder, theirs, ours), expect=CANNOT_TELL)
    assert "It agrees with kept-1.eml" in said
    said = run(folder, *witnesses(folder, theirs, three(LOG, 2, WRONG).encode()), expect=BROKEN)
    assert "the first 2 events are not those of kept-1.eml" in said
    assert "kept-0.eml is of another log" in said
    tamper(folder)
    said = run(folder, *witnesses(folder, theirs), expect=BROKEN)
    assert "event 2 itself was changed" in said
    assert "kept-0.eml is of another log" in said


def test_a_header_alone_names_no_log_and_is_compared(folder: Path) -> None:
    """Each mail has one; only the mail with a checkpoint says of which log."""
    run(folder, *witnesses(folder, mail("hello", f"{SIZE} {ROOT}")), expect=IN_ORDER)
    run(folder, *witnesses(folder, mail("hello", f"{SIZE}\r\n {ROOT.upper()}")), expect=IN_ORDER)
    said = run(folder, *witnesses(folder, mail("hello", f"{SIZE} {WRONG}")), expect=BROKEN)
    assert "the first 3 events are not those of kept-0.eml" in said


def test_a_checkpoint_that_a_restore_explains_is_told_so_also_past_the_end(folder: Path) -> None:
    """What came after the back-up is lost; the export is neither older nor cut off."""
    file = folder / "history.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    body = json.loads(lines[-1]["body"])
    body.update(type="LogRestored", data={"epoch": 2, "found_size": 2})
    raw = canonical(body)
    lines[-1].update(body=raw.decode(), hash=leaf(raw).hex())
    tree = verifier().Tree()
    for line in lines[1:]:
        tree.append(bytes.fromhex(line["hash"]))
    lines[0]["root"] = tree.root().hex()
    file.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    run(folder, expect=IN_ORDER)
    said = run(folder, *witnesses(folder, three(LOG, 9, WRONG).encode()), expect=BROKEN)
    assert "a back-up of 2 came in the place of the log" in said
    younger = three(LOG, 9, WRONG, epoch=2).encode()
    assert "an older export" in run(folder, *witnesses(folder, younger), expect=CANNOT_TELL)


TEXT, ATTACHED, HEAD = three(LOG, 1, "11" * 32), three(OTHER, 2, "22" * 32, 4), f"3 {'33' * 32}"
SAVED = {
    "the attachment before the text": mail(TEXT, HEAD, ATTACHED),
    "the text before the header": mail(f"Dear Els,\r\n\r\n{TEXT}\r\nKeep it.", HEAD),
    "the text where it is quoted": mail("".join(f"> > {one}\n" for one in TEXT.split("\n")), HEAD),
    "the text where the attachment is something else": mail(TEXT, HEAD, "hello"),
    "the header where nothing else is there": mail("hello", HEAD),
    "the header in capitals": mail("hello", f"3\r\n {'AB' * 32}"),
    "the notice as it left": NOTICE,
    "the text alone": TEXT.encode(),
    "a text with other ends of lines": TEXT.replace("\n", "\r\n").encode(),
    "a text with a name before the log": three(OTHER, 7, WRONG, 12).encode() + b"\nand more\n",
}
NEITHER = {
    "a text that is none": b"hello\n",
    "a mail that says nothing": mail("hello"),
    "a size beyond all numbers": mail("hello", f"{'9' * 5000} {WRONG}"),
    "a root that is too short": TEXT.replace("ERE=", "E=").encode(),
}


@pytest.mark.parametrize("content", SAVED.values(), ids=SAVED)
def test_both_verifiers_read_the_same_in_one_file(tmp_path: Path, content: bytes) -> None:
    """The attachment, then the text, and only then the header."""
    file = tmp_path / "kept.eml"
    file.write_bytes(content)
    read, known = verifier().read_checkpoint(file), kept_in(str(file)).witness
    assert (read["size"], read["root"], read["log"], read.get("epoch", 0)) == (
        known.size, known.root.lower(), known.log, known.epoch,
    )  # fmt: skip


@pytest.mark.parametrize("content", NEITHER.values(), ids=NEITHER)
def test_what_holds_no_checkpoint_leaves_the_question_open(folder: Path, content: bytes) -> None:
    """Whatever stands in its place."""
    said = run(folder, *witnesses(folder, content), expect=CANNOT_TELL)
    assert "kept-0.eml holds no checkpoint" in said


# --- what cannot be read ------------------------------------------------------------------------


def a_bad_own_checkpoint(folder: Path) -> list[str]:
    """Something else in the place of the checkpoint beside the history."""
    (folder / "checkpoint.txt").write_text("x\n", encoding="utf-8")
    return []


def a_bad_checkpoint(folder: Path) -> list[str]:
    """Something else that is given as a checkpoint."""
    (folder / "bad.txt").write_text("x\n", encoding="utf-8")
    return ["--checkpoint", "bad.txt"]


def no_checkpoint(folder: Path) -> list[str]:
    """A checkpoint that is not there."""
    return ["--checkpoint", "gone.txt"]


def a_folder_for_a_mail(folder: Path) -> list[str]:
    """A folder that is called as a mail."""
    (folder / "mails" / "x.eml").mkdir(parents=True)
    return []


BESIDE = {
    a_bad_own_checkpoint: "checkpoint.txt holds no checkpoint",
    a_bad_checkpoint: "bad.txt holds no checkpoint",
    no_checkpoint: "gone.txt cannot be read",
    a_folder_for_a_mail: "x.eml cannot be read",
}


@pytest.mark.parametrize("lay", BESIDE, ids=lambda lay: lay.__name__)
def test_what_cannot_be_read_beside_it_hides_no_tampering(folder: Path, lay: Any) -> None:
    """The rest is checked; it is told as well, and leaves the question open where it is all."""
    given = lay(folder)
    said = run(folder, *given, expect=CANNOT_TELL)
    assert said.startswith("CANNOT TELL.")
    assert BESIDE[lay] in said
    assert "Seen: 3 events" in said
    tamper(folder)
    said = run(folder, *given, expect=BROKEN)
    assert said.startswith("NOT IN ORDER.")
    assert "event 2 itself was changed" in said
    assert BESIDE[lay] in said


def test_all_that_cannot_be_read_is_told(folder: Path) -> None:
    """Not only the first; and what can be read is compared."""
    given = [*a_bad_checkpoint(folder), *no_checkpoint(folder), *a_folder_for_a_mail(folder)]
    given += witnesses(folder, three(LOG, SIZE, ROOT).encode())
    said = run(folder, *given, expect=CANNOT_TELL)
    assert [one for one in BESIDE.values() if one in said] == [*BESIDE.values()][1:]
    assert "It agrees with kept-0.eml" in said


DAMAGED = {
    "a size that is a text": {"sizes": [{"size": "1", "leaf": WRONG, "proof": []}]},
    "a size without end": {"sizes": [{"size": 1e999, "leaf": WRONG, "proof": []}]},
}


@pytest.mark.parametrize("change", DAMAGED.values(), ids=DAMAGED)
def test_a_header_of_another_form_is_no_header(folder: Path, change: dict[str, Any]) -> None:
    """And no reason to break off."""
    file = folder / "history.jsonl"
    head, _, rest = file.read_text(encoding="utf-8").partition("\n")
    header = {**json.loads(head), **change}
    file.write_text(f"{json.dumps(header)}\n{rest}", encoding="utf-8")
    assert "line 1 is not the header" in run(folder, expect=CANNOT_TELL)


@pytest.mark.parametrize("place", ["position", "epoch"])
def test_a_number_that_is_none_is_told_as_its_line(folder: Path, place: str) -> None:
    """Where it stands in the text, or beside it."""
    file = folder / "history.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines()
    line = json.loads(lines[3])
    if place == "position":
        line["position"] = float("inf")
    else:
        body = json.loads(line["body"])
        body.update(type="LogRestored", data={"epoch": "x", "found_size": "x"})
        line["body"] = canonical(body).decode()
    lines[3] = json.dumps(line)
    file.write_text("\n".join(lines), encoding="utf-8")
    kept = witnesses(folder, three(LOG, SIZE, ROOT).encode())
    assert "line 4 cannot be read" in run(folder, *kept, expect=BROKEN)


# --- where it prints ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [IN_ORDER, CANNOT_TELL, BROKEN])
def test_a_pipe_that_closes_early_changes_no_exit_code(folder: Path, code: int) -> None:
    """It ends without a word on the other stream."""
    given = a_bad_checkpoint(folder) if code == CANNOT_TELL else []
    if code == BROKEN:
        tamper(folder)
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, str(VERIFIER), "history.jsonl", *given],
            cwd=folder, stdout=writer, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C.UTF-8"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1250"},
    ],
    ids=str,
)
def test_the_name_of_a_file_is_told_as_it_is(folder: Path, environment: dict[str, str]) -> None:
    """Whatever the computer speaks."""
    (folder / "mails").mkdir()
    (folder / "mails" / "mél'ānie ł.eml").write_bytes(b"Message-ID: <none@example.org>\n\n")
    said = run(folder, expect=BROKEN, **environment)
    assert "mél'ānie ł.eml is not the mail that was recorded" in said


def test_what_would_change_the_screen_is_told_in_letters(folder: Path) -> None:
    """Such as a name that turns what follows, or clears what came before."""
    (folder / "mails").mkdir()
    names = ["a\x1b[2Jb.eml", "c\u202ed.eml"]
    for name in names:
        (folder / "mails" / name).write_bytes(b"\n")
    (folder / "mails" / os.fsdecode(b"e\xe9.eml")).write_bytes(b"\n")
    said = run(folder, expect=BROKEN)
    assert r"a\x1b[2Jb.eml is not" in said
    assert r"c\u202ed.eml is not" in said
    assert r"e\xe9.eml is not" in said
