"""What every command that changes something keeps to: version, day, role, and the dry run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from commands.frame import table
from commands.frame.shape import loaded
from engine.store import schema
from engine.store.database import open_database
from tests.program import Program

WHY = ("--reason", "this was settled before we began")
JO = ("--coordinator", "Jo Voorbeeld <jo@example.org>")
RITA = ("--mayor", "Gent: Rita Voorbeeld <rita@example.org>")
AT_WORK, ASKED_FOR, RESTING, ENDED, MIDWAY, READY, REPEATED = "1234567"
STAGE = (
    ("start", "reactiveren", "Gent", "Merelbeke-Melle", *JO, *RITA),
    ("start", "reactiveren", "Lier", "--requested"),
    ("start", "reactiveren", "Brugge"),
    ("start", "reactiveren", "Aalst"),
    ("start", "reactiveren", "Genk", "--phase", "coaching"),
    ("start", "reactiveren", "Hasselt"),
    ("start", "monitoren_evalueren", "Ieper"),
    ("contact", "add", MIDWAY, "Lien Voorbeeld <lien@example.org>", "--role", "coordinator"),
    ("actor", "add", "Bo", "--email", "bo@example.org", "--account", "uid:77", "--role", "coach"),
    ("meet", AT_WORK, "scope_confirmed"),
    ("pause", RESTING, "--reason", "other", "--until", "tomorrow"),
    ("stop", ENDED, "--reason", "no_capacity"),
    ("waive", READY, "--all", *WHY),
    ("tick",),
)
CHANGES = {
    "accept": (ASKED_FOR,),
    "meet": (AT_WORK, "intake_talk_held"),
    "waive": (AT_WORK, "intake_talk_held", *WHY),
    "reopen": (AT_WORK, "scope_confirmed", "--reason", "a slip"),
    "ask": (AT_WORK, "sponsor_known"),
    "advance": (READY,),
    "send-back": (MIDWAY, "intake", "--reason", "registration_error"),
    "next-round": (REPEATED,),
    "pause": (AT_WORK, "--reason", "other", "--until", "tomorrow"),
    "resume": (RESTING,),
    "stop": (AT_WORK, "--reason", "no_capacity"),
    "follow-up": (ENDED, "optimaliseren"),
    "reschedule": (AT_WORK, "2099-03-02", "--reason", "later"),
    "snooze": (AT_WORK, "--until", "tomorrow", "--reason", "ill"),
    "note": (AT_WORK, "a note"),
    "contact add": (AT_WORK, "Karel <karel@example.org>", "--role", "case_manager"),
    "contact assign": (AT_WORK, "3", "--role", "coordinator"),
    "contact release": (AT_WORK, "1"),
    "contact replace": (AT_WORK, "1", "Karel <karel@example.org>"),
    "reassign": (AT_WORK, "2"),
    "scope join": (AT_WORK, "Destelbergen"),
    "scope leave": (AT_WORK, "Merelbeke-Melle"),
}
NOT_YET = {"next-round"}  # the stage is too young for another round; the rest would go through
OTHERS = (
    ("start", "reactiveren", "Damme"),
    ("contact", "change", "1", "--name", "Jos Voorbeeld"),
    ("actor", "add", "Mo", "--email", "mo@example.org", "--account", "uid:78", "--role", "coach"),
    ("away", "--until", "tomorrow", "--to", "bo"),
    ("actor", "change", "2", "--inactive"),
    ("mail", "hold", AT_WORK),
    ("mail", "hold", "--mail", "1"),
    ("mail", "release", AT_WORK),
    ("mail", "release", "--all"),
    ("mail", "retry", "1"),
    ("recalculate",),
    ("rebuild",),
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A program with a trajectory in every state that a command asks for; nobody changes it."""
    folder = tmp_path_factory.mktemp("stage")
    url = f"sqlite:///{folder / 'data' / 'traject.db'}"
    database = open_database(url, create=True)
    schema.create(database)
    database.close()
    program = Program(folder, url)
    program.init()
    for command in STAGE:
        program.call(*command)
    return program


@pytest.fixture
def audited(stage: Program, tmp_path: Path) -> Program:
    """The same stage, seen by an auditor."""
    assert stage.database_url is not None
    shutil.copytree(Path(stage.database_url.removeprefix("sqlite:///")).parent, tmp_path / "data")
    program = Program(tmp_path, f"sqlite:///{tmp_path / 'data' / 'traject.db'}")
    program.turn_into("auditor")
    return program


def typed(name: str, *more: str) -> tuple[str, ...]:
    """Return the words of a command that would go through on the stage, and more behind them."""
    return (*name.split(), *CHANGES[name], *more)


def refused(program: Program, words: tuple[str, ...], code: int) -> None:
    """Check that a command ends with this code and leaves no trace."""
    before = program.ledger()
    told = program.call(*words, expect=code)
    assert told.stdout == ""
    assert told.stderr.strip()
    assert program.ledger() == before


def takes(entry: table.Entry, name: str) -> bool:
    """Tell whether a command has an option."""
    return any(name in option.opts for option in loaded(entry).params)


def test_every_command_that_takes_a_version_is_among_these() -> None:
    """A new command is tested here too."""
    entries = table.ENTRIES.values()
    assert {entry.name for entry in entries if takes(entry, "--if-version")} == set(CHANGES)


@pytest.mark.parametrize("name", sorted(CHANGES.keys() - NOT_YET))
def test_each_would_go_through(stage: Program, name: str) -> None:
    """What is refused below is refused for that one reason; the dry run leaves no trace."""
    before = stage.ledger()
    assert stage.call(*typed(name, "--dry-run")).stdout
    assert stage.ledger() == before


@pytest.mark.parametrize("name", CHANGES)
def test_each_insists_on_the_version_that_was_read(stage: Program, name: str) -> None:
    """Somebody else was first: 6, for every command on a trajectory."""
    refused(stage, typed(name, "--if-version", "999"), 6)


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_happened_tomorrow(stage: Program, name: str) -> None:
    """A day that is still to come is a slip: 2, but for a start, which may be agreed on."""
    refused(stage, typed(name, "--on", "tomorrow"), 2)


def test_a_start_may_be_agreed_on_for_a_day_to_come(stage: Program) -> None:
    """The one command that looks ahead."""
    stage.call("start", "reactiveren", "Damme", "--on", "tomorrow", "--dry-run")


@pytest.mark.parametrize("name", CHANGES)
def test_an_auditor_changes_no_trajectory(audited: Program, name: str) -> None:
    """Whatever else would be wrong: 4."""
    refused(audited, typed(name), 4)


@pytest.mark.parametrize("words", OTHERS, ids=" ".join)
def test_an_auditor_changes_nothing_else_either(audited: Program, words: tuple[str, ...]) -> None:
    """Mails, people, the present state: an auditor reads."""
    refused(audited, words, 4)


MAIL = [("hold", AT_WORK), ("hold", "--mail", "{}"), ("release", MIDWAY), ("retry", "{}")]


@pytest.mark.parametrize("words", MAIL, ids=" ".join)
def test_the_mail_desk_can_be_tried(stage: Program, words: tuple[str, ...]) -> None:
    """It says so, and leaves no trace."""
    before = stage.ledger(), stage.call("mail", "list", "--json").json
    waiting = next(mail["id"] for mail in before[1] if mail["status"] == "queued")
    words = tuple(word.format(waiting) for word in words)
    said = stage.call("mail", *words, "--dry-run").stdout
    assert said.startswith("Only tried: nothing was changed and no mail leaves.")
    assert (stage.ledger(), stage.call("mail", "list", "--json").json) == before


def test_a_tried_hold_says_what_the_real_one_does(tmp_path: Path, database_url: str) -> None:
    """What a command of a moment ago caused included, on either database."""
    program = Program(tmp_path, database_url)
    program.init()
    program.call(*STAGE[0])
    before = program.ledger()
    tried: list[Any] = program.call("mail", "hold", "1", "--dry-run", "--json").json
    assert program.ledger() == before
    held: list[Any] = program.call("mail", "hold", "1", "--json").json
    same = ("id", "status", "notice", "to")
    assert [[mail[key] for key in same] for mail in tried] == [
        [mail[key] for key in same] for mail in held
    ]
    assert {mail["status"] for mail in held} == {"held"}
    assert len(held) == 2
