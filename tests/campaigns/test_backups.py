"""Copies under load: back-ups while others write, six writers, an upgrade that is killed."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.audit import verify
from engine.audit.backing_up import back_up
from engine.audit.rebuilding import refill
from engine.domain.decisions.decision import Draft
from engine.domain.errors import TryAgain
from engine.domain.events import Detail, NoteAdded
from engine.domain.workdays import brussels_day
from engine.service import people
from engine.store import schema
from engine.store.appending import ledger_state
from engine.store.database import Database, open_database
from engine.store.reading import read_events
from engine.store.revisions import HEAD, revision
from engine.store.transaction import Stamp, unit_of_work
from tests.campaigns import runs, table
from tests.campaigns.racing import at_once, notes
from tests.drivers import watching
from tests.integration.test_migrations import indexes, put_back
from tests.program import Program
from tests.world import MONDAY, World

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def child(work: Callable[[], Any]) -> int:
    """Do something in a process of its own; return its number."""
    process = os.fork()
    if process == 0:
        try:
            work()
        finally:
            os._exit(1)  # it is ended from outside, or went wrong
    return process


def ended(process: int) -> None:
    """End a process of ours."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


# --- back-ups under a writer --------------------------------------------------------------


def write_on(url: str, ref: str) -> None:
    """Write as long as whoever started this is there."""
    world, parent = World(open_database(url)), os.getppid()
    count = 0
    while os.getppid() == parent:
        count += 1
        with suppress(TryAgain):
            people.note(world.desk(), ref, f"regel {count}")
        time.sleep(0.04)  # a person would take longer, and a long log takes long to verify
        if count % 10 == 0:
            world.now += timedelta(days=1)
            with suppress(TryAgain):
                world.tick()


def backups(url: str, folder: Path, count: int) -> tuple[list[int], float]:
    """Back a log up again and again while it grows; return the sizes of those that verify."""
    database = open_database(url)
    ref = World(database).start()
    writer = child(lambda: write_on(url, ref))
    sizes, spent = [], 0.0
    try:
        for number in range(count):
            start = time.monotonic()
            made = back_up(database, folder / f"{number}", datetime.now(UTC))
            spent += time.monotonic() - start
            assert made.ok, made.problems
            with database.reading() as connection:
                rows = read_events(connection, after=made.size - 1, limit=1)
                assert made.size <= ledger_state(connection)[0]
                assert [row.position for row in rows] == [made.size]
            sizes.append(made.size)
            made.file.unlink()
    finally:
        ended(writer)
    assert verify(database).ok
    database.close()
    return sizes, spent


@pytest.mark.above_the_store
def test_back_ups_under_a_writer_verify(database_url: str, tmp_path: Path) -> None:
    """The short form."""
    sizes, _ = backups(database_url, tmp_path, 4)
    assert sizes == sorted(sizes)


@pytest.mark.campaign
def test_a_thousand_back_ups_under_a_writer_verify(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of them, while the log grows."""
    sizes, spent = backups(database_url, tmp_path, runs(20, 1000))
    with capsys.disabled():
        print(
            table(
                f"back-ups under a writer, {database_url.partition(':')[0]}",
                [
                    ("back-ups", len(sizes)),
                    ("that do not verify", 0),
                    ("events in the first and the last", f"{sizes[0]}, {sizes[-1]}"),
                    ("milliseconds each, checked", round(1000 * spent / len(sizes))),
                ],
            )
        )


# --- the drill ----------------------------------------------------------------------------


def test_the_restore_drill_by_the_written_steps(tmp_path: Path, sqlite_url: str) -> None:
    """As docs/operations.md says: no mail leaves before a person lets it go."""
    program = Program(tmp_path, sqlite_url)
    program.init()
    program.call("start", "reactiveren", "Gent", "--coordinator", "Jo Maes <jo@example.org>")
    program.call("tick")
    program.call("backup", str(tmp_path / "nightly.db"))
    program.call("note", "gent", "na de reservekopie")
    size, root = program.ledger()
    folder = tmp_path / "data" / "mails"
    before = Counter(path.name for path in folder.glob("**/*.eml"))
    letter = tmp_path / "letter.eml"
    letter.write_text(f"Traject-Checkpoint: {size} {root}\n\n")

    tried = ("restore", str(tmp_path / "nightly.db"), "--checkpoint", str(letter))
    assert program.call(*tried, "--dry-run", "--json").json["missing"] == 1
    restored = program.call(*tried, "--set-aside", "--json").json
    assert restored["missing"] == 1
    assert program.call("verify", "--json").json["ok"] is True
    for _ in range(3):
        program.call("tick", expect=None)
    assert Counter(path.name for path in folder.glob("**/*.eml")) == before
    listed = program.call("mail", "list", "--json").json
    assert {mail["status"] for mail in listed} <= {"queued", "held"}
    program.call("mail", "release", "--all")
    assert "No mail leaves" not in program.call("mail", "list").stdout


# --- six writers --------------------------------------------------------------------------


def crowd(url: str, writers: int, each: int) -> tuple[int, float]:
    """Let writers add events at once; check that there is one chain and no error."""
    database = open_database(url)
    world = World(database)
    refs = [world.start() for _ in range(3)]
    before = len(world.events())
    database.close()
    start = time.monotonic()
    reports = at_once(notes, url, *[(f"writer{n}", each, refs) for n in range(writers)])
    spent = time.monotonic() - start
    assert [errors for _, errors in reports] == [[]] * writers
    database = open_database(url)
    report = verify(database)
    assert report.ok, report.problems
    assert report.events == before + writers * each
    with database.reading() as connection:
        rows = list(read_events(connection))
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    continued = Counter((row.stream, row.prev) for row in rows)
    assert set(continued.values()) == {1}  # no event has two successors
    database.close()
    return writers * each, spent


@pytest.mark.above_the_store
def test_six_writers_make_one_chain(database_url: str) -> None:
    """The short form."""
    assert crowd(database_url, 6, 4)[0] == 24


@pytest.mark.campaign
def test_six_writers_of_five_hundred_events_make_one_chain(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No forks, no errors."""
    events, spent = crowd(database_url, 6, runs(100, 500))
    with capsys.disabled():
        print(
            table(
                f"six writers at once, {database_url.partition(':')[0]}",
                [
                    ("events", events),
                    ("events a second", round(events / spent)),
                    ("forks", 0),
                    ("errors", 0),
                ],
            )
        )


# --- an upgrade that is killed ------------------------------------------------------------


def old(url: str, events: int) -> tuple[Database, tuple[int, str], dict[str, str]]:
    """Return a database of the first schema with so many events, its root, the newest indexes."""
    database = open_database(url)
    world = World(database)
    ref = world.start()
    world.tick_at(MONDAY + timedelta(minutes=31))
    with database.reading() as connection:
        size, _ = ledger_state(connection)
    for start in range(size, events, 1000):
        with unit_of_work(database, world.now) as tx:
            text = Draft(NoteAdded(), (Detail("text", "een regel"),))
            count = min(1000, events - start)
            tx.record_on(tx.trajectory(ref), [text] * count, Stamp(1, brussels_day(world.now)))
    fresh = indexes(database)
    with database.reading() as connection:
        state = ledger_state(connection)
    put_back(database)
    return database, state, fresh


LAST = 8  # points that the trial did not pass: what comes after the refill, the COMMIT among it


def kills(url: str, events: int, times: int) -> Counter[str]:
    """Kill an upgrade before and after its statements; look each time, then let one finish."""
    database, state, fresh = old(url, events)
    database.close()
    points = _points(url, -1)
    chosen = {round(n * (points - 1) / max(1, times - 1)) for n in range(times)}
    found: Counter[str] = Counter()
    for point in sorted(chosen | {*range(points, points + LAST)}):
        killed = not _points(url, point)
        database = open_database(url, any_schema=True)
        with database.reading() as connection:
            version = revision(connection)
            assert ledger_state(connection) == state
        assert version in ("0001", HEAD)
        if version == HEAD:
            assert indexes(database) == fresh
            put_back(database)
        if killed:
            found["old" if version == "0001" else "new"] += 1
        else:
            assert version == HEAD
        database.close()
    database = open_database(url, any_schema=True)
    schema.upgrade(database, refill=refill)
    with database.reading() as connection:
        assert ledger_state(connection) == state
        assert schema.census(connection) == []
    assert indexes(database) == fresh
    report = verify(database)
    assert (report.size, report.root) == state
    database.close()
    return found


def _points(url: str, at: int) -> int:
    """Upgrade in a process of its own, killed at a point; return how many points it passed."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        count = 0

        def point(*_: Any) -> None:
            nonlocal count
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1

        try:
            with watching(point):
                database = open_database(url, any_schema=True)
                with suppress(_Enough):
                    schema.upgrade(database, refill=lambda moment: _refilled(moment, undo=at < 0))
                database.close()
            os.write(writer, str(count).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(process, 0)
    passed = os.read(reader, 100)
    os.close(reader)
    return int(passed or 0)


class _Enough(Exception):
    """Ends the upgrade in which points are only counted."""


def _refilled(moment: Any, *, undo: bool) -> None:
    refill(moment)
    if undo:
        raise _Enough


@pytest.mark.above_the_store
def test_an_upgrade_that_is_killed_leaves_the_old_or_the_new(database_url: str) -> None:
    """The short form: a few moments, among them the first and the last."""
    found = kills(database_url, 60, 4)
    assert found["old"]
    assert found["new"]  # killed between the COMMIT and its answer


@pytest.mark.campaign
def test_an_upgrade_of_ten_thousand_events_that_is_killed(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old or new, never mixed, and the root is the same."""
    events = runs(2000, 10_000)
    found = kills(database_url, events, runs(12, 60))
    with capsys.disabled():
        print(
            table(
                f"killed upgrades from the first schema, {database_url.partition(':')[0]}",
                [
                    ("events", events),
                    ("kills", sum(found.values())),
                    ("old schema afterwards", found["old"]),
                    ("new schema afterwards", found["new"]),
                    ("mixed, or another root", 0),
                ],
            )
        )
