"""The list of what was erased, after a restore: what it covers, and what was broken off."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.dispatch import erasing
from engine.service import people
from engine.service.desk import PLAIN, run
from engine.service.people import ContactData
from engine.service.reapplying import reapplied
from engine.store import erasures
from engine.store.database import Database, open_database
from engine.store.erasures import Erasure
from tests.fakes import RecordingNotifier
from tests.world import World

JO, RITA = 1, 2


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Where the copy lies that comes back."""
    return tmp_path / "backup.db"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """The list of what was erased."""
    return tmp_path / "erasures.jsonl"


@pytest.fixture
def restored(sqlite_database: Database, backup: Path, listed: Path) -> Iterator[World]:
    """A log from before an address of Jo, whom the list then erased again."""
    world = World(sqlite_database, RecordingNotifier())
    ref = world.start()
    people.note(world.desk(), ref, "Gebeld met Jo Maes over de zaal.")
    assert sqlite_database.path is not None
    with closing(sqlite3.connect(sqlite_database.path)) as own:
        own.execute("VACUUM INTO ?", (str(backup),))
    people.change_contact(world.desk(), JO, ContactData(email="jo@example.net"))
    erase(world, JO)
    with sqlite_database.reading() as connection:
        erasures.keep(connection, listed)
    again = World(open_database(str(backup)), RecordingNotifier())
    with again.database.reading() as connection:
        meant = list(erasures.still_meant(connection, listed))
    assert run(again.desk(), PLAIN, reapplied(meant)) == 1
    yield again
    again.database.close()


def erase(world: World, number: int) -> None:
    """Erase a contact, and break off before the list is written."""
    erasing.erase_contact(world.desk(), world.post(), number, PLAIN, reason="other", release=True)


def missing(world: World, file: Path) -> list[Erasure]:
    """Return what the list lacks."""
    with world.database.reading() as connection:
        return erasures.missing(connection, file)


def rewrite(file: Path, **changed: object) -> None:
    """Change what the only line of the list says."""
    (line,) = file.read_text().splitlines()
    file.write_text(json.dumps({**json.loads(line), **changed}) + "\n")


def test_what_a_restore_erased_again_is_on_the_list_already(restored: World, listed: Path) -> None:
    """The list names more than came back; nothing is added, and nothing was broken off."""
    before = listed.read_text()
    assert missing(restored, listed) == []
    with restored.database.reading() as connection:
        assert erasures.keep(connection, listed) == 0
    assert listed.read_text() == before


def test_without_its_lines_a_restore_is_not_covered(restored: World, listed: Path) -> None:
    """Whether the list is gone, lacks one detail, names another event, or another person."""
    (line,) = (json.loads(one) for one in listed.read_text().splitlines())
    for changed in (
        {"erased": line["erased"][1:]},
        {"events": dict.fromkeys(line["events"], "00" * 32)},
        {"subject": f"contact:{RITA}"},
    ):
        kept = listed.read_text()
        rewrite(listed, **changed)
        assert len(missing(restored, listed)) == 1
        listed.write_text(kept)
    listed.unlink()
    assert len(missing(restored, listed)) == 1


def test_an_erasure_that_was_broken_off_after_a_restore_is_noticed(
    restored: World, listed: Path
) -> None:
    """It was done here, and its line comes with the end of it."""
    erase(restored, RITA)
    (found,) = missing(restored, listed)
    assert found.subject == f"contact:{RITA}"
    with restored.database.reading() as connection:
        assert erasures.keep(connection, listed) == 1
    assert missing(restored, listed) == []


def test_an_erasure_by_a_person_is_never_covered_by_others(
    sqlite_database: Database, listed: Path
) -> None:
    """All that it names may stand in another line: files that it left are still to be deleted."""
    world = World(sqlite_database, RecordingNotifier())
    world.start()
    erase(world, JO)
    with sqlite_database.reading() as connection:
        erasures.keep(connection, listed)
    assert missing(world, listed) == []
    rewrite(listed, mails=[*range(1, 99)])
    assert len(missing(world, listed)) == 1
