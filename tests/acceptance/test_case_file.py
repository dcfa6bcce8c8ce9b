"""A case file as an auditor reads it: what it says of a day, and what its words promise."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program
from tests.smtp_server import HANG_UP, smtp_server

NOW = "2027-03-09T10:00"
SETTLED = "In order or not applicable"
Days = list[dict[str, str]]


@pytest.fixture(scope="module")
def program(copied: Callable[[Path], Program], tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A year of a coach, in which one thing of March was registered days later."""
    made = copied(tmp_path_factory.mktemp("year"))
    do(made, "pause", "gent", "--reason", "other", "--until", "2027-04-06", "--on", "2027-03-03")
    return made


@pytest.fixture(scope="module")
def folder(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case file of Gent."""
    place = tmp_path_factory.mktemp("case") / "gent"
    do(program, "export", "gent", "--case-file", str(place))
    return place


def do(program: Program, *typed: str, expect: int = 0) -> str:
    """Run a command in English; return what it printed as data."""
    return program.call(*typed, "--lang", "en", "--now", NOW, expect=expect).stdout


def days(folder: Path) -> Days:
    """Return the rows of the days."""
    text = (folder / "days.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def on(text: str) -> date | None:
    """Return a day as a Belgian spreadsheet writes it."""
    return date(*map(int, reversed(text.split("/")))) if text else None


def test_one_row_says_how_it_was_on_any_day(program: Program, folder: Path) -> None:
    """As `show --as-of DATE --happened` says it, on the first and the last day of each row."""
    rows = days(folder)
    assert len(rows) > 4
    for row in rows:
        first, last = on(row["Day"]), on(row["Until"]) or date(2027, 3, 9)
        assert first is not None
        for day in {first, last}:
            shown = json.loads(
                do(program, "show", "gent", "--as-of", str(day), "--happened", "--json")
            )
            assert says(row) == stood(shown), day
    edges = [(on(one["Until"]), on(two["Day"])) for one, two in pairwise(rows)]
    assert all(last and day == last + timedelta(days=1) for last, day in edges)


def says(row: dict[str, str]) -> tuple[Any, ...]:
    """Return what a row says, to be compared."""
    dates = str(on(row["Paused until"])), str(on(row["Target date"]))
    return row["Phase"], row["Status"], *dates, row[SETTLED], row["Required"]


def stood(shown: dict[str, Any]) -> tuple[Any, ...]:
    """Return what `show` says of a day, to be compared."""
    phases = {one["id"]: one["label"] for one in shown["phases"]}
    own = [one for one in shown["criteria"] if one["phase"] == shown["phase"] and one["required"]]
    settled = sum(one["state"] != "open" for one in own)
    dates = str(shown["paused_until"]), str(shown["due_on"])
    return phases[shown["phase"]], shown["status"], *dates, str(settled), str(len(own))


def test_what_was_registered_later_says_so_on_its_day(folder: Path) -> None:
    """The pause of 3 March stands there, though it was registered on the 9th."""
    (row,) = [one for one in days(folder) if one["Day"] == "03/03/2027"]
    assert (row["Status"], row["Paused until"]) == ("paused", "06/04/2027")
    assert "(registered 6 days later)" in row["What changed"]
    page = (folder / "index.html").read_text("utf-8")
    assert "paused until Tue 6 Apr 2027" in page
    assert "(registered 6 days later)" in page.partition("Day by day")[2].partition("<h2>")[0]


def test_the_days_name_nobody_where_names_are_left_out(program: Program, tmp_path: Path) -> None:
    """The same rows, people as numbers."""
    place = tmp_path / "gent"
    do(program, "export", "gent", "--case-file", str(place), "--redacted")
    rows = days(place)
    assert "contact-1" in rows[0]["What changed"]
    assert "Maes" not in str(rows)


def checked(place: Path, *more: str) -> tuple[int, str]:
    """Check a folder by itself, as its readme says; return the exit code and what was said."""
    command = [sys.executable, "-I", "verify_history.py", "history.jsonl", "--lang", "en", *more]
    done = subprocess.run(command, cwd=place, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout


def listed(readme: str, head: str) -> list[str]:
    """Return the files that a readme lists under a head."""
    part = readme.partition(head)[2].lstrip().partition("\n\n")[0]
    return re.findall(r"^- ([^:\s]+):", part, re.MULTILINE)


def test_the_readme_lists_what_is_checked_and_what_is_not(folder: Path, tmp_path: Path) -> None:
    """A changed byte in the one gives exit code 8, in the other 0; every file is in a list."""
    readme = (folder / "README.txt").read_text("utf-8")
    proven = listed(readme, "by verify_history.py:")
    tools = listed(readme, "To check it with:")
    read = listed(readme, "these:")
    workflows = listed(readme, "either:")
    there = {one.name for one in folder.iterdir()} - {"README.txt"}
    assert there == {*proven, *tools, *read, *workflows}
    assert {"index.html", "days.csv", "targets.csv", "criteria.csv", "history.csv"} == set(read)
    for number, name in enumerate([*proven, *read, *workflows]):
        place = tmp_path / str(number)
        shutil.copytree(folder, place)
        file = next((place / name).glob("*.eml")) if (place / name).is_dir() else place / name
        content = file.read_bytes()
        changed = content.replace(b"2027-02-", b"2027-03-", 1)
        file.write_bytes(changed if changed != content else content + b"x")
        code, said = checked(place)
        assert code == (8 if name in proven else 0), (name, said)


def test_the_workflow_is_the_one_that_the_events_name(folder: Path) -> None:
    """By its SHA-256, as the readme says: the beginning in its name, the whole in the events."""
    (workflow,) = folder.glob("workflow-*.json")
    digest = sha256(workflow.read_bytes()).hexdigest()
    assert workflow.stem == f"workflow-{digest[:12]}"
    bodies = [
        json.loads(json.loads(line)["body"])
        for line in (folder / "history.jsonl").read_text("utf-8").splitlines()[1:]
    ]
    published = [one["data"]["digest"] for one in bodies if one["type"] == "WorkflowPublished"]
    assert published == [digest]
    assert {one["workflow"] for one in bodies if len(one["stream"]) == 36} == {digest}


def test_a_mail_that_somebody_else_kept_is_a_witness(folder: Path, tmp_path: Path) -> None:
    """An old one, as the readme promises; one that was made up is told."""
    first = min((folder / "mails").iterdir())
    kept = tmp_path / "kept.eml"
    kept.write_bytes(first.read_bytes())
    code, said = checked(folder, "--checkpoint", str(kept))
    assert (code, "It agrees with kept.eml" in said) == (0, True)
    kept.write_bytes(re.sub(rb"(Traject-Checkpoint:\s+\d+\s+)..", rb"\1ff", kept.read_bytes()))
    assert checked(folder, "--checkpoint", str(kept))[0] == 8


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_readme_says_the_exit_codes_and_what_a_part_cannot_show(
    program: Program, tmp_path: Path, lang: str
) -> None:
    """In both languages, of a part and of the whole; the command stays on one line."""
    words = {
        "nl": ("LEESMIJ.txt", "Of er na de laatste gebeurtenis", "Dit zijn alle gebeurtenissen"),
        "en": ("README.txt", "Whether events followed", "These are all events of the log"),
    }
    name, part, whole = words[lang]
    for ref, said in ((("gent", "--redacted"), part), ((), whole)):
        place = tmp_path / "-".join(["case", *ref])
        typed = ("export", *ref, "--case-file", str(place), "--lang", lang, "--now", NOW)
        program.call(*typed)
        readme = (place / name).read_text("utf-8")
        assert said in " ".join(readme.split())
        assert all(f"\n- {code}: " in readme for code in (0, 1, 8))
        assert f"\n    python3 verify_history.py history.jsonl --lang {lang}\n" in readme
        assert re.search(r"\n    python3 \S+ history\.jsonl --checkpoint [A-Z]+\n", readme)
        assert {*re.findall(r"\S+\.md", readme)} <= {"docs/ledger.md"}


def test_a_mail_that_may_have_arrived_is_there_and_told(tmp_path: Path) -> None:
    """The bytes that somebody may hold, with the moment at which the answer stayed out."""
    program = Program(tmp_path)
    program.call("init", "--name", "An Peeters", "--email", "an@example.org")
    program.call("config", "set", "hold_back", "0")
    program.call("start", "reactiveren", "Lier", "--coordinator", "Jo Maes <jo.maes@example.org>")
    with smtp_server({"dot": HANG_UP}) as server:
        program.call("config", "set", "smtp_url", f"smtp://127.0.0.1:{server.port}")
        program.call("tick", expect=None)
    program.call("export", "lier", "--case-file", str(tmp_path / "case"))
    page = (tmp_path / "case" / "index.html").read_text("utf-8")
    listed_mails = page.partition("Mails that left")[2]
    assert "may have arrived" in listed_mails
    (mail,) = (tmp_path / "case" / "mails").iterdir()
    assert f'href="mails/{mail.name}"' in listed_mails
    assert checked(tmp_path / "case")[0] == 0


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where case files of Lier lie: mails were kept as files, then a server refused some."""
    place = tmp_path_factory.mktemp("refused")
    program = Program(place)

    def on_day(day: str, *typed: str, expect: int | None = 0) -> None:
        program.call(*typed, "--now", f"{day}T10:00", expect=expect)

    an = ("--name", "An Peeters", "--email", "an@example.org")
    on_day("2027-01-04", "init", "--simulated-clock", *an)
    on_day("2027-01-04", "config", "set", "hold_back", "0")
    on_day("2027-01-04", "start", "reactiveren", "Lier", "--coordinator", "Jo <jo@example.org>")
    on_day("2027-01-04", "tick")
    with smtp_server({"RCPT": "550 5.1.1 no such user"}) as server:
        on_day("2027-02-01", "config", "set", "smtp_url", f"smtp://127.0.0.1:{server.port}")
        on_day("2027-02-01", "tick", expect=None)
    for lang in ("en", "nl"):
        on_day("2027-02-01", "export", "lier", "--case-file", str(place / lang), "--lang", lang)
    on_day("2027-02-01", "export", "--case-file", str(place / "whole"), "--lang", "en")
    return place


@pytest.mark.parametrize(
    ("lang", "kept", "refusal"),
    [
        ("en", "kept as a file, not sent", "not delivered: “5.1.1 no such user”"),
        ("nl", "bewaard als bestand, niet verstuurd", "niet bezorgd: “5.1.1 no such user”"),
    ],
)
def test_a_page_says_of_each_mail_what_became_of_it(
    refused: Path, lang: str, kept: str, refusal: str
) -> None:
    """Kept as a file, or refused with the server's answer; what was refused is no file here."""
    folder = refused / lang
    mails = (folder / "index.html").read_text("utf-8").rpartition("<h2>")[2]
    states = re.findall(r'<span class="note">(.*?)</span>', mails)
    assert {*states} == {kept, refusal}
    files = {f"mails/{one.name}" for one in (folder / "mails").iterdir()}
    assert {*re.findall(r'href="(.*?)"', mails)} == files
    assert len(files) == states.count(kept)
    assert checked(folder)[0] == 0


@pytest.mark.parametrize(
    ("place", "readme", "never", "then"),
    [
        ("en", "README.txt", "there was no mail server,", "no mail server was set at the time"),
        ("nl", "LEESMIJ.txt", "er was geen mailserver", "er (was )?toen geen mailserver"),
        ("whole", "README.txt", "there was no mail server,", "no mail server was set at the time"),
    ],
)
def test_of_files_alone_is_said_that_there_was_no_mail_server(
    refused: Path, place: str, readme: str, never: str, then: str
) -> None:
    """And only of when each was kept: there was one later, which is quoted on the page."""
    texts = [one.read_text("utf-8") for one in (refused / place).glob("index.html")]
    for text in (*texts, (refused / place / readme).read_text("utf-8")):
        told = " ".join(text.split())
        assert re.search(then, told)
        assert never not in told.lower()


def test_another_kind_of_archive_is_refused(program: Program, tmp_path: Path) -> None:
    """Instead of a folder that is called case.tar."""
    do(program, "export", "gent", "--case-file", str(tmp_path / "case.tar"), expect=2)
    assert not list(tmp_path.iterdir())
