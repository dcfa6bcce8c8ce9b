"""verify: what was erased, the checkpoints of others, and what lies around the ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text, update

from engine.audit import Report, Witness, rebuild, verify
from engine.domain.codec import encode
from engine.domain.events import CheckpointTaken, LogRestored
from engine.domain.ledger import EMPTY_ROOT
from engine.service import people
from engine.store import tables as t
from engine.store.appending import Draft
from engine.store.database import Database
from tests.fakes import RecordingNotifier
from tests.integration.test_audit import append, erase, played, positions, rows, said, tampered
from tests.world import World


@pytest.fixture
def world(sqlite_database: Database) -> World:
    """A log in which most kinds of things happened."""
    return played(World(sqlite_database, RecordingNotifier()))


def test_a_trigger_of_somebody_else_is_a_problem(sqlite_database: Database) -> None:
    """It could change what is written next."""
    World(sqlite_database)
    with sqlite_database.writing() as connection:
        connection.execute(text("CREATE TRIGGER mine AFTER INSERT ON details BEGIN SELECT 1; END"))
    assert said(verify(sqlite_database)) == [
        "0 on the tables of the history lies what no traject made: mine"
    ]


def test_what_an_event_says_was_erased_is_in_order(world: World) -> None:
    """Also after a rebuild; nobody knows any more what it was."""
    (note,) = positions(world, "NoteAdded")
    with world.database.writing() as connection:
        erase(connection, (note, "text"))
    assert said(verify(world.database)) == []
    rebuild(world.database)
    assert said(verify(world.database)) == []


def test_what_was_erased_and_stands_there_again_is_found(world: World) -> None:
    """Somebody put it back from a copy, or said that it was erased and kept it."""
    (note,) = positions(world, "NoteAdded")
    (row,) = (one for one in rows(world, t.details) if one["position"] == note)
    with world.database.writing() as connection:
        erased = erase(connection, (note, "text"))
    report = tampered(
        world,
        lambda c: c.execute(update(t.details).where(t.details.c.position == note).values(row)),
    )
    assert said(report) == [
        f"{erased} event {erased}: it says that text of event {note} was erased; it is still there"
    ]


def test_an_erasure_of_what_never_was_is_found(world: World) -> None:
    """Of another field, and of an event that came later."""
    (note,) = positions(world, "NoteAdded")
    with world.database.writing() as connection:
        at = erase(connection, (note, "phone"), (9999, "text"))
    assert said(verify(world.database)) == [
        f"{at} event {at}: it says that {name} of event {number} was erased; that event had none"
        for number, name in ((9999, "text"), (note, "phone"))
    ]


def test_erasures_while_it_is_checked_are_no_problem(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there when it was read, and is gone at the end, was erased meanwhile."""
    monkeypatch.setattr("engine.store.snapshot.CHUNK", 20)
    monkeypatch.setattr("engine.audit.walk.CHUNK", 20)
    (added, *_) = positions(world, "ContactAdded")
    note = positions(world, "NoteAdded")

    erased: list[int] = []

    def progress(position: int) -> None:
        if not erased:
            erased.append(position)
            with world.database.writing() as connection:
                erase(connection, (note[0], "text"), (positions(world, "MailSent")[0], "reply"))

    assert added < 20
    assert said(verify(world.database, progress=progress)) == []


def test_checkpoints_of_the_log_itself_are_compared(world: World) -> None:
    """One that was taken of other events than those before it is named."""
    sound = verify(world.database)
    fact = CheckpointTaken(sound.size, sound.root)
    with world.database.writing() as connection:
        append(connection, Draft("log", "CheckpointTaken", encode(fact)))
    assert said(verify(world.database)) == []
    with world.database.writing() as connection:
        at = append(connection, Draft("log", "CheckpointTaken", encode(fact)))
    assert said(verify(world.database)) == [
        f"{at} event {at}: its checkpoint is not that of the events before"
    ]


def test_witnesses_are_heard_each_at_their_size(world: World) -> None:
    """Several agree or not, each by its name; the empty log has a root as well."""
    old = verify(world.database)
    people.note(world.desk(), "2027-001", "one more")
    known = [
        Witness(old.size, old.root, "a.txt"),
        Witness(0, EMPTY_ROOT.hex(), "b.txt"),
        Witness(old.size, "0" * 64, "c.txt"),
        Witness(old.size + 1, old.root, "d.txt"),
        Witness(old.size + 9, old.root, "e.txt"),
        Witness(old.size, old.root, "f.txt", log="another"),
    ]
    report = verify(world.database, witnesses=known)
    assert {one.source for one in report.witnessed} == {"a.txt", "b.txt"}
    told = " | ".join(said(report))
    assert f"{old.size} the first {old.size} events are not those of c.txt" in told
    assert f"the first {old.size + 1} events are not those of d.txt" in told
    assert f"e.txt was taken at {old.size + 9} events; there are {old.size + 1}" in told
    assert "1 f.txt is of log another; this is log " in told
    assert (len(report.problems), report.first_broken) == (4, 1)


def test_a_witness_of_what_a_restore_lost_says_so(world: World) -> None:
    """It is no tampering: the log says itself that it begins anew there."""
    old = verify(world.database)
    fact = LogRestored(None, old.size, 2)
    with world.database.writing() as connection:
        append(connection, Draft("log", "LogRestored", encode(fact)))
    assert verify(world.database, witnesses=[Witness(old.size, old.root, "a")]).ok
    before = Witness(old.size + 1, old.root, "b", epoch=1)
    (told,) = said(verify(world.database, witnesses=[before]))
    assert f"b was taken at {old.size + 1} events; the log was restored since" in told
    assert f"from a back-up of {old.size}" in told


def test_a_restore_explains_no_witness_that_was_taken_after_it(world: World) -> None:
    """It says how often the log had begun; one that does not leaves both open."""
    old = verify(world.database)
    with world.database.writing() as connection:
        fact = LogRestored(None, old.size, 2)
        append(connection, Draft("log", "LogRestored", encode(fact)))
    (told,) = said(verify(world.database, witnesses=[replace(old_witness(old), epoch=2)]))
    assert told.endswith(f"the first {old.size + 1} events are not those of b")
    (told,) = said(verify(world.database, witnesses=[old_witness(old)]))
    assert f"before the log was restored from a back-up of {old.size}" in told
    assert "or the log was changed" in told


def old_witness(report: Report) -> Witness:
    """Return what nobody saw: one event more than there was."""
    return Witness(report.size + 1, report.root, "b")


def test_only_derived_rows_are_mendable(world: World) -> None:
    """Then a rebuild puts them right; it cannot where the events themselves are broken."""
    report = tampered(world, lambda c: c.execute(update(t.trajectories).values(coach=7)))
    assert (report.ok, report.mendable) == (False, True)
    report = tampered(world, lambda c: c.execute(update(t.details).values(value="x")))
    assert (report.ok, report.mendable) == (False, False)
