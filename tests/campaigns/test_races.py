"""Several processes at once: one winner, no lost update, no refusal for being slow."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from engine.audit import verify
from engine.domain.errors import Conflict
from engine.domain.events import CriterionMet, NoteAdded
from engine.store.database import open_database
from tests.campaigns import runs, table
from tests.campaigns.racing import WON, advances, at_once, mixed, ticks
from tests.program import ENTRY
from tests.stories import with_tables
from tests.world import MONDAY, World

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

CRITERIA = ("coordinator_named", "scope_confirmed", "intake_talk_held", "agreement_noted")


def ready(url: str, count: int) -> list[tuple[str, int]]:
    """Return new trajectories that may advance, each with its version."""
    database = open_database(url)
    world = World(database)
    refs = [world.start() for _ in range(count)]
    found = [(ref, world.meet(ref).version) for ref in refs]
    database.close()
    return found


def holds(url: str) -> int:
    """Check the whole log; return how many events it has."""
    database = open_database(url)
    report = verify(database)
    events = World(database).events()
    database.close()
    assert report.ok, report.problems
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    return len(events)


def race(url: str, rounds: int) -> list[tuple[int, int]]:
    """Let two processes advance the same trajectories from the same versions."""
    job = ready(url, rounds)
    first, second = at_once(advances, url, job, job)
    holds(url)
    return list(zip(first, second, strict=True))


@pytest.mark.above_the_store
def test_of_two_who_advance_at_once_one_wins(database_url: str) -> None:
    """The other conflicts: exit code 6."""
    assert {tuple(sorted(codes)) for codes in race(database_url, 10)} == {(WON, Conflict.exit_code)}


@pytest.mark.campaign
def test_of_two_who_advance_at_once_one_wins_each_time(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two hundred times."""
    codes = race(database_url, runs(200))
    assert {tuple(sorted(pair)) for pair in codes} == {(WON, Conflict.exit_code)}
    with capsys.disabled():
        print(
            table(
                f"two advance at once, {database_url.partition(':')[0]}",
                [
                    ("rounds with exactly one winner", len(codes)),
                    ("won by the first process", sum(one == WON for one, _ in codes)),
                    ("won by the second", sum(two == WON for _, two in codes)),
                ],
            )
        )


def command_race(url: str, rounds: int) -> Counter[tuple[int, ...]]:
    """Let two real commands advance the same trajectory from the same version."""
    found: Counter[tuple[int, ...]] = Counter()
    environment = {**os.environ, "TRAJECT_DATABASE": url, "TRAJECT_LANG": "en"}
    for ref, version in ready(url, rounds):
        command = [sys.executable, "-c", ENTRY, "--now", MONDAY.isoformat(), "advance", ref]
        command += ["--if-version", str(version)]
        both = [
            subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for _ in range(2)
        ]
        ended = [(process.communicate(), process.returncode) for process in both]
        codes = tuple(sorted(code for _, code in ended))
        assert codes == (WON, Conflict.exit_code), ended
        found[codes] += 1
    holds(url)
    return found


def test_of_two_commands_at_once_one_wins(sqlite_url: str, sqlite_template: Path) -> None:
    """The real program, twice."""
    url = with_tables(sqlite_url, sqlite_template)
    assert command_race(url, 2) == {(WON, Conflict.exit_code): 2}


def crowd(url: str, writes: int) -> tuple[int, float]:
    """Let four processes write on the same trajectories; check that nothing is lost."""
    database = open_database(url)
    world = World(database)
    refs = [world.start() for _ in range(3)]
    before = len(world.events())
    database.close()
    start = time.monotonic()
    jobs = [(f"writer{n}", writes, refs, name) for n, name in enumerate(CRITERIA)]
    reports = at_once(mixed, url, *jobs)
    spent = time.monotonic() - start
    assert [errors for _, errors, _ in reports] == [[], [], [], []]
    assert holds(url) == before + sum(events for events, _, _ in reports)
    _nothing_lost(url, refs, sum(notes for *_, notes in reports), writes)
    return len(jobs) * writes, spent


def _nothing_lost(url: str, refs: list[str], notes: int, writes: int) -> None:
    """Check that every writer's words are there, and that each slip was corrected."""
    database = open_database(url)
    world = World(database)
    said = [e for ref in refs for e in world.events(ref) if isinstance(e.fact, NoteAdded)]
    assert len({event.details["text"] for event in said}) == notes
    met = [fact for ref in refs for fact in world.facts(ref, CriterionMet)]
    assert len(met) == len(CRITERIA) * sum(turn % 5 == 2 for turn in range(writes))
    for ref in refs:
        trajectory = world.trajectory(ref)
        assert {trajectory.criterion(name).state for name in CRITERIA} == {"open"}
    database.close()


@pytest.mark.above_the_store
def test_four_writers_at_once_lose_nothing(database_url: str) -> None:
    """The short form."""
    assert crowd(database_url, 10)[0] == 40


@pytest.mark.campaign
def test_four_writers_of_two_hundred_changes_lose_nothing(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 lost updates, 0 refusals, positions gapless, the history verifies."""
    writes, spent = crowd(database_url, runs(200))
    with capsys.disabled():
        print(
            table(
                f"four writers at once, {database_url.partition(':')[0]}",
                [
                    ("mixed writes", writes),
                    ("writes a second", round(writes / spent)),
                    ("lost updates", 0),
                    ("refused: database is locked", 0),
                    ("gaps in the positions", 0),
                ],
            )
        )


def test_rounds_at_once_double_no_mail(database_url: str) -> None:
    """Two workers tick at the same moments for three weeks: each mail goes once."""
    database = open_database(database_url)
    world = World(database)
    refs = [world.start() for _ in range(4)]
    database.close()
    moments = [MONDAY + timedelta(days=day, minutes=31) for day in range(22)]
    sent = [one for report in at_once(ticks, database_url, moments, moments) for one in report]
    database = open_database(database_url)
    world = World(database)
    mails = [mail.message_id for ref in refs for mail in world.mails(ref)]
    statuses = {mail.status for ref in refs for mail in world.mails(ref)}
    database.close()
    assert len(mails) == 4 * 3  # the start to two people, and the first rung
    assert sorted(sent) == sorted(mails)
    assert statuses == {"sent"}
    holds(database_url)
