"""The verifier that goes along with an export: what it accepts, what it names, what it cannot see.

It is loaded from its file, as the auditor's Python would, and never through our packages.
"""

from __future__ import annotations

import ast
import base64
import json
import re
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from engine.audit import exporting, verify
from engine.audit.standalone import VERIFIER
from engine.domain.decisions.decision import Draft
from engine.domain.events import CheckpointTaken, DetailsErased, ErasedDetail, LogRestored
from engine.service import amending, people
from engine.store import tables as t
from engine.store.database import Database
from engine.store.transaction import LOG, Stamp, unit_of_work
from tests.fakes import RecordingNotifier
from tests.integration.test_audit import played, positions
from tests.verifier import verifier
from tests.world import MONDAY, World

IN_ORDER, CANNOT_TELL, BROKEN = 0, 1, 8
REF = "2027-001"


@pytest.fixture(name="verifier", scope="session")
def loaded() -> Any:
    """The script, loaded from its file."""
    return verifier()


class Handed:
    """An exported history in a folder, and the verifier that is tried on it."""

    def __init__(self, world: World, verifier: Any, folder: Path, read: Callable[[], str]) -> None:
        self.world, self._verifier, self.folder, self._read = world, verifier, folder, read
        self.file = folder / "history.jsonl"

    def export(self, ref: str | None = None, *, redacted: bool = False) -> list[Any]:
        """Write an export; return its lines."""
        what = exporting.extent(self.world.database, ref)
        lines = list(exporting.lines(self.world.database, what, redacted=redacted))
        self.file.write_text("".join(lines), encoding="utf-8")
        return [json.loads(line) for line in lines]

    def write(self, lines: list[Any]) -> None:
        """Write other lines in its place."""
        self.file.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")

    def check(self, *arguments: str, expect: int, lang: str = "en") -> str:
        """Return what it says."""
        given = [str(self.file), "--lang", lang, *arguments]
        code = self._verifier.main(given)
        said = self._read()
        assert code == expect, said
        return said

    def checkpoint(self, name: str = "theirs.txt", size: int = 0, root: str = "") -> str:
        """Write a checkpoint of the log as it is now, or another; return the file's name."""
        report = verify(self.world.database)
        log = json.loads(self.file.read_text(encoding="utf-8").partition("\n")[0])["log"]
        encoded = base64.b64encode(bytes.fromhex(root or report.root)).decode()
        path = self.folder / name
        path.write_text(f"example.org/traject/{log}/1\n{size or report.size}\n{encoded}\n")
        return str(path)

    def record(self, fact: Any) -> None:
        """Record a fact in the stream of the log."""
        with unit_of_work(self.world.database, self.world.now) as tx:
            tx.record_in(LOG, [Draft(fact)], Stamp(1, self.world.now.date()))


@pytest.fixture
def handed(
    sqlite_database: Database, verifier: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Handed:
    """A log in which most kinds of things happened, to be handed over."""
    world = played(World(sqlite_database, RecordingNotifier()))
    return Handed(world, verifier, tmp_path, lambda: capsys.readouterr().out)


def test_it_needs_nothing_but_python() -> None:
    """Every module that it imports comes with Python, from 3.9 on."""
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


def test_its_sentences_are_the_same_in_both_languages(verifier: Any) -> None:
    """Each has the same places, so that no value is left out in either."""
    for english, dutch in verifier.SAYS.values():
        places = [sorted({text[at + 1] for at in range(len(text)) if text[at] == "{"})
                  for text in (english, dutch)]  # fmt: skip
        assert places[0] == places[1], english


@pytest.mark.parametrize("ref", [None, REF])
@pytest.mark.parametrize("redacted", [False, True])
def test_an_honest_export_is_in_order(handed: Handed, ref: str | None, redacted: bool) -> None:
    """The whole log and that of a trajectory, also without what is personal."""
    handed.export(ref, redacted=redacted)
    said = handed.check(expect=IN_ORDER)
    assert said.startswith("IN ORDER")
    assert ("Each event here was proven" in said) == (ref is not None)
    assert ("that were left out" in said) == redacted
    assert "Not proven: that nobody rewrote all of it" in said


def test_it_speaks_dutch(handed: Handed) -> None:
    """To who asks for it."""
    handed.export()
    assert handed.check(expect=IN_ORDER, lang="nl").startswith("IN ORDE")


def test_a_checkpoint_of_somebody_else_is_compared(handed: Handed) -> None:
    """At its own size, in a text or in a mail that was saved; the younger one proves more."""
    handed.export()
    old = handed.checkpoint("old.txt")
    report = verify(handed.world.database)
    mail = handed.folder / "saved.eml"
    mail.write_bytes(
        f"Subject: x\r\nTraject-Checkpoint: {report.size}\r\n {report.root}\r\n\r\nhi".encode()
    )
    people.note(handed.world.desk(), REF, "the log goes on")
    handed.export()
    said = handed.check("--checkpoint", old, "--checkpoint", str(mail), expect=IN_ORDER)
    assert f"It agrees with old.txt: the first {report.size} events" in said
    assert "It agrees with saved.eml" in said
    assert f"nobody rewrote what came after event {report.size}." in said
    wrong = handed.checkpoint("wrong.txt", report.size, "00" * 32)
    assert "are not those of wrong.txt" in handed.check("--checkpoint", wrong, expect=BROKEN)


def test_a_checkpoint_that_it_cannot_compare_is_no_all_clear(handed: Handed) -> None:
    """One that is younger than the export; of another size than a part."""
    handed.export()
    people.note(handed.world.desk(), REF, "the log goes on")
    younger = handed.checkpoint()
    said = handed.check("--checkpoint", younger, expect=CANNOT_TELL)
    assert "an older export, or its end was cut off" in said
    handed.export(REF)
    same = handed.checkpoint("same.txt")
    assert "It agrees with same.txt" in handed.check("--checkpoint", same, expect=IN_ORDER)


def test_a_part_is_held_against_older_checkpoints(handed: Handed) -> None:
    """Of the sizes of its own events, and of those that its mails and checkpoints say."""
    world = handed.world
    world.start("opstarten", places=("35006",), involved=())
    early = verify(world.database)
    with unit_of_work(world.database, world.now) as tx:
        stamp = Stamp(1, world.desk().today)
        tx.record_in(LOG, [Draft(CheckpointTaken(early.size, early.root))], stamp)
    world.start("opstarten", places=("44083",), involved=())
    strange = verify(world.database)
    people.note(world.desk(), REF, "the log goes on")
    handed.export(REF)
    known = handed.checkpoint("known.txt", early.size, early.root)
    said = handed.check("--checkpoint", known, expect=IN_ORDER)
    assert f"It agrees with known.txt: what is here up to event {early.size} stood so" in said
    assert f"nobody rewrote what came after event {early.size}." in said
    wrong = handed.checkpoint("wrong.txt", early.size, "00" * 32)
    assert "are not those of wrong.txt" in handed.check("--checkpoint", wrong, expect=BROKEN)
    other = handed.checkpoint("other.txt", strange.size, strange.root)
    assert "a part at" in handed.check("--checkpoint", other, expect=CANNOT_TELL)


def test_the_sizes_of_mails_are_proven_in_a_part(handed: Handed) -> None:
    """So that a municipality that saved a mail is a witness of the file of its trajectory."""
    handed.world.tick_at(MONDAY + timedelta(minutes=31))
    people.note(handed.world.desk(), REF, "the log goes on")
    handed.export(REF)
    mails = [mail.mime for mail in handed.world.mails() if mail.mime]
    assert mails
    for number, mime in enumerate(mails):
        saved = handed.folder / f"{number}.eml"
        saved.write_bytes(mime)
        said = handed.check("--checkpoint", str(saved), expect=IN_ORDER)
        assert f"It agrees with {number}.eml" in said


def test_a_checkpoint_of_another_log_or_epoch_is_named(handed: Handed) -> None:
    """Such as one from before a back-up was put back."""
    handed.export()
    theirs = Path(handed.checkpoint())
    text = theirs.read_text(encoding="utf-8")
    theirs.write_text(re.sub(r"[0-9a-f-]{36}", str(UUID(int=1)), text), encoding="utf-8")
    assert "is of another log" in handed.check("--checkpoint", str(theirs), expect=CANNOT_TELL)
    size = verify(handed.world.database).size
    handed.record(LogRestored(None, size, 2))
    handed.export()
    lost = handed.checkpoint("lost.txt", size + 1, "00" * 32)
    assert f"a back-up of {size} came" in handed.check("--checkpoint", lost, expect=BROKEN)


def test_a_restore_explains_no_checkpoint_that_was_taken_after_it(handed: Handed) -> None:
    """Its name says how often the log had begun; a mail does not, so that both may be."""
    size = verify(handed.world.database).size
    handed.record(LogRestored(None, size, 2))
    handed.export()
    younger = Path(handed.checkpoint("younger.txt", size + 1, "00" * 32))
    text = younger.read_text(encoding="utf-8")
    younger.write_text(text.replace("/1\n", "/2\n", 1), encoding="utf-8")
    said = handed.check("--checkpoint", str(younger), expect=BROKEN)
    assert f"the first {size + 1} events are not those of younger.txt" in said
    mail = handed.folder / "kept.eml"
    mail.write_text(f"Traject-Checkpoint: {size + 1} {'00' * 32}\r\n\r\n", encoding="utf-8")
    said = handed.check("--checkpoint", str(mail), expect=BROKEN)
    assert f"before a back-up of {size} came, or the log was changed" in said


def test_its_own_checkpoint_proves_nothing(handed: Handed) -> None:
    """What lies beside the history comes from the same hand."""
    handed.export()
    handed.checkpoint("checkpoint.txt")
    said = handed.check(expect=IN_ORDER)
    assert "It agrees with checkpoint.txt" in said
    assert "Not proven: that nobody rewrote all of it" in said


def test_erasures_are_followed(handed: Handed) -> None:
    """What is gone was named by an event; what was named is gone."""
    (note,) = positions(handed.world, "NoteAdded")
    where = (t.details.c.position == note) & (t.details.c.field == "text")
    with handed.world.database.writing() as connection:
        connection.execute(update(t.details).where(where).values(salt=None, value=None))
    handed.export()
    assert "was erased, and no event says so" in handed.check(expect=BROKEN)
    handed.record(DetailsErased((ErasedDetail(note, "text"),)))
    lines = handed.export()
    assert "Erased, and an event says so: 1." in handed.check(expect=IN_ORDER)
    lines[note]["details"][0].update(salt="00" * 32, value="put back")
    handed.write(lines)
    said = handed.check(expect=BROKEN)
    assert f"event {note}: its note was changed" in said


def test_checkpoints_in_the_log_are_compared(handed: Handed) -> None:
    """One that was taken of other events than those before it is named."""
    report = verify(handed.world.database)
    handed.record(CheckpointTaken(report.size, report.root))
    handed.export()
    handed.check(expect=IN_ORDER)
    handed.record(CheckpointTaken(report.size, report.root))
    handed.export()
    assert "its checkpoint is not that" in handed.check(expect=BROKEN)


def test_mails_that_lie_there_are_the_ones_that_were_recorded(handed: Handed) -> None:
    """Byte for byte."""
    handed.export()
    (handed.folder / "mails").mkdir()
    with handed.world.database.reading() as connection:
        mime = connection.execute(t.mails.select().where(t.mails.c.id == 1)).one().mime
    mail = handed.folder / "mails" / "1.eml"
    mail.write_bytes(mime)
    assert "mails: 1" in handed.check(expect=IN_ORDER)
    mail.write_bytes(mime + b" ")
    assert "1.eml is not the mail that was recorded" in handed.check(expect=BROKEN)


def body(line: Any, **changes: Any) -> None:
    """Change what the text of a line says, consistently with its hash."""
    from engine.domain.ledger import canonical, leaf

    said = {**json.loads(line["body"]), **changes}
    raw = canonical(said)
    line["body"], line["hash"] = raw.decode(), leaf(raw).hex()


def detail(line: Any, name: str) -> Any:
    """Return a detail of an event."""
    return next(one for one in line["details"] if one["field"] == name)


# Of which event which detail is changed, and what it is called.
NAMED = [
    ("ActorAdded", "name", "name", "de naam"),
    ("ActorAdded", "email", "mail address", "het mailadres"),
    ("ActorAdded", "account", "account", "de account"),
    ("ContactAdded", "organisation", "organisation", "de organisatie"),
    ("MailSent", "reply", "answer of the mail server", "het antwoord van de mailserver"),
    ("CriterionMet", "note", "note", "de notitie"),
    ("CriterionWaived", "reason", "reason", "de reden"),
    ("NoteAdded", "text", "note", "de notitie"),
    ("Amended", "text", "correction", "de rechtzetting"),
]


def test_what_was_changed_is_called_by_its_name(handed: Handed) -> None:
    """The event itself is something else than a detail of it; in both languages."""
    world = handed.world
    data = people.ContactData("Piet Claes", "piet@example.org", "Stad Gent")
    people.add_contact(world.desk(), REF, data, role="information_officer")
    amending.amend(world.desk(), positions(world, "NoteAdded")[0], "it was another")
    lines = handed.export()
    for kind, name, english, dutch in NAMED:
        damaged = deepcopy(lines)
        at = next(
            at for at in positions(world, kind)
            if any(one["field"] == name for one in lines[at]["details"])
        )  # fmt: skip
        detail(damaged[at], name).update(value="something else")
        handed.write(damaged)
        assert f"event {at}: its {english} was changed\n" in handed.check(expect=BROKEN)
        said = handed.check(expect=BROKEN, lang="nl")
        assert f"gebeurtenis {at}: {dutch} werd gewijzigd\n" in said
        body(damaged[at], occurred_on="2026-01-01")
        damaged[at]["hash"] = lines[at]["hash"]
        handed.write(damaged)
        assert f"event {at} itself was changed\n" in handed.check(expect=BROKEN)
        said = handed.check(expect=BROKEN, lang="nl")
        assert f"gebeurtenis {at} zelf werd gewijzigd\n" in said


def test_a_detail_that_it_does_not_know_is_told_by_its_code(handed: Handed) -> None:
    """In quotes: of a later version, or made up."""
    lines = handed.export()
    (note,) = positions(handed.world, "NoteAdded")
    lines[note]["details"].append({"field": "phone", "subject": None, "salt": "00", "value": "1"})
    handed.write(lines)
    assert f'event {note}: its "phone" was changed' in handed.check(expect=BROKEN)


# What is done to the lines, where `at` is one with details; and what it says of it.
DAMAGES: list[tuple[Callable[[list[Any], int], object], str]] = [
    (lambda s, at: s[5].update(body=s[5]["body"].replace("v", "w")), "event 5 itself was changed"),
    (lambda s, at: body(s[12], type="NoteAdded"), "it does not continue the one before it"),
    (lambda s, at: body(s[9], actor={"id": 9}), "who did it, or for whom, is none of the"),
    (lambda s, at: body(s[9], actor={"id": 1, "on_behalf_of": 9}), "or for whom, is none of the"),
    (lambda s, at: s.pop(7), "event 7 is missing"),
    (lambda s, at: s.pop(), "these are not the"),
    (lambda s, at: s.insert(12, s[9]), "event 9 stands in the wrong place"),
    (lambda s, at: s[at].update(seq=9), 'itself contradicts the "seq" beside it'),
    (lambda s, at: s[at].update(stream=["x"]), "cannot be read"),
    (lambda s, at: s[at].pop("details"), "cannot be read"),
    (lambda s, at: s[at].update(details=[]), "is missing"),
    (lambda s, at: s[at]["details"][0].update(value="Eve"), "was changed"),
    (lambda s, at: s[at]["details"][0].update(salt=None), "cannot be read"),
    (lambda s, at: s[at]["details"][0].update(subject="contact:9"), "is about somebody else"),
    (lambda s, at: s[0].update(root="00" * 32), "these are not the"),
    (lambda s, at: s[0].update(log="another"), "the header names another log"),
    (lambda s, at: s[0].update(size=s[0]["size"] + 1), "these are not the"),
    (lambda s, at: s.insert(3, "no event"), "line 4 cannot be read"),
]


def test_a_damaged_export_is_named(handed: Handed) -> None:
    """Each with the event, or the line, where it shows first."""
    lines = handed.export()
    at = next(at for at, one in enumerate(lines) if one.get("details"))
    for damage, expected in DAMAGES:
        damaged = deepcopy(lines)
        damage(damaged, at)
        handed.write(damaged)
        assert expected in handed.check(expect=BROKEN)


def test_a_proof_past_the_end_of_the_log_proves_nothing(handed: Handed) -> None:
    """Where a path would have no step, any root could be passed off as that of a later size."""
    lines = handed.export(REF)
    size = lines[0]["size"]
    theirs = handed.checkpoint("theirs.txt", size + 1, lines[0]["root"])
    for position in (0, -1, size + 1, 2 * size):
        beyond = {"size": position, "leaf": lines[0]["root"], "proof": []}
        handed.write([{**lines[0], "sizes": [beyond]}, *lines[1:]])
        said = handed.check("--checkpoint", theirs, expect=BROKEN)
        assert "its proof does not lead to the root" in said


def test_a_key_that_stands_twice_is_named(handed: Handed) -> None:
    """Two readers could read two things."""
    handed.export()
    text = handed.file.read_text(encoding="utf-8")
    handed.file.write_text(text.replace('"position":2,', '"position":9,"position":2,'))
    assert "line 3 cannot be read" in handed.check(expect=BROKEN)


def test_a_file_that_an_editor_saved_is_read_all_the_same(handed: Handed) -> None:
    """With a mark at its beginning and other ends of lines, as Notepad does."""
    handed.export()
    text = handed.file.read_text(encoding="utf-8").replace("\n", "\r\n")
    handed.file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    handed.check(expect=IN_ORDER)


def test_another_form_of_the_same_text_is_named(handed: Handed) -> None:
    """Also where its hash was made anew."""
    from engine.domain.ledger import leaf

    lines = handed.export()
    other = json.dumps(json.loads(lines[-1]["body"]))
    lines[-1].update(body=other, hash=leaf(other.encode()).hex())
    handed.write(lines)
    assert "is not in its one form" in handed.check(expect=BROKEN)


def test_a_part_is_in_order_only_with_proofs_that_lead_to_the_root(handed: Handed) -> None:
    """Without them anybody could have written it."""
    lines = handed.export(REF)
    proof = lines[2]["proof"]
    lines[2]["proof"] = ["00" * 32, *proof[1:]]
    handed.write(lines)
    assert "its proof does not lead to the root" in handed.check(expect=BROKEN)
    for line in lines[1:]:
        del line["proof"]
    handed.write(lines)
    assert "nothing proves that it is part of the log" in handed.check(expect=BROKEN)


def test_a_part_that_lost_whom_or_what_it_names_is_not_in_order(handed: Handed) -> None:
    """The people, the workflow and the beginning of the log stand beside a trajectory's events."""
    lines = handed.export(REF)
    for kind, told in (
        ("LogOpened", "with which a log begins, is not here"),
        ("ActorAdded", "is none of the actors"),
        ("ContactAdded", "none of the contacts"),
        ("WorkflowPublished", "the workflow that it follows is not here"),
    ):
        left = [one for one in lines if json.loads(one.get("body", "{}")).get("type") != kind]
        assert len(left) < len(lines)
        handed.write([{**left[0], "events": len(left) - 1}, *left[1:]])
        said = handed.check(expect=BROKEN)
        assert told in said
        assert "Each event here was proven" not in said
    handed.write(lines)
    assert f"Trajectory {REF}: " in handed.check(expect=IN_ORDER)


def test_files_that_are_only_for_reading_are_named(handed: Handed) -> None:
    """So that nobody thinks that they were checked; letters count whatever their case."""
    handed.export()
    (handed.folder / "mails").mkdir()
    (handed.folder / "mails" / "x.msg").write_text("?")
    (handed.folder / "index.html").write_text("?")
    (line,) = [one for one in handed.check(expect=IN_ORDER).splitlines() if "for reading" in one]
    assert {"index.html", "mails/x.msg"} <= {*line.rstrip(".").partition(": ")[2].split(", ")}
    (handed.folder / "mails" / "2.EML").write_text("Message-ID: <none@example.org>\n\n")
    assert "2.EML is not the mail" in handed.check(expect=BROKEN)


def test_a_part_that_lost_its_end_is_named(handed: Handed) -> None:
    """By the count in its header; and it says that the log may have gone on."""
    lines = handed.export(REF)
    assert "whether it went on here after event" in handed.check(expect=IN_ORDER)
    handed.write(lines[:-1])
    assert f"here are {len(lines) - 2} events" in handed.check(expect=BROKEN)


@pytest.mark.parametrize("content", ["", "no json\n", '{"format": "traject-history/2"}\n', "[]\n"])
def test_what_is_no_export_leaves_the_question_open(handed: Handed, content: str) -> None:
    """A file of another kind, or of a later form."""
    handed.file.write_text(content, encoding="utf-8")
    assert "line 1 is not the header" in handed.check(expect=CANNOT_TELL)
    handed.file.unlink()
    assert "cannot be read" in handed.check(expect=CANNOT_TELL)


def test_a_file_that_is_no_checkpoint_leaves_the_question_open(handed: Handed) -> None:
    """It is named."""
    handed.export()
    (handed.folder / "note.txt").write_text("hello", encoding="utf-8")
    note = str(handed.folder / "note.txt")
    assert "note.txt holds no checkpoint" in handed.check("--checkpoint", note, expect=CANNOT_TELL)
