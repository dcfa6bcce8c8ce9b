"""`advance` as a service call, against the bare driver that leaves the very same rows."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import make_url

from bench.rounds import Comparison, compare
from bench.stage import postgres_log, ready, sqlite_log
from engine.service import moving
from engine.store.database import Database, open_database
from engine.store.postgres import SETTINGS
from engine.store.sqlite import durability
from tests.drivers import watching
from tests.world import World

Write = tuple[str, Any, bool]  # text, parameters, many
EACH = 20  # advances a variant, a round

# What has to be known before anybody can decide: the head of the ledger, the trajectory with
# its parts, and the mails that may have to be withdrawn.
HEAD = "SELECT size, frontier FROM head WHERE id = 1"
OWN = "SELECT * FROM trajectories WHERE ref = {mark}"
PARTS = (
    "SELECT * FROM municipalities WHERE trajectory = {mark}",
    "SELECT * FROM criteria WHERE trajectory = {mark}",
    "SELECT * FROM deadlines WHERE trajectory = {mark}",
    "SELECT * FROM reminders WHERE trajectory = {mark} AND state = 'planned'",
    "SELECT * FROM assignments WHERE trajectory = {mark}",
    "SELECT id FROM mails WHERE trajectory = {mark} AND status IN ('queued', 'held')",
)


class _Seen(Exception):
    """Ends a recorded unit of work just before its COMMIT."""


def on_sqlite(rounds: int) -> Comparison:
    """Return how the service compares with sqlite3 under the same pragmas."""
    with sqlite_log() as url:
        return _measured("advance, SQLite", url, 2.0, _sqlite3(url), rounds)


def on_postgres(rounds: int) -> Comparison:
    """Return how the service compares with psycopg under the same settings."""
    with postgres_log() as url:
        return _measured("advance, PostgreSQL", url, 2.2, _psycopg(url), rounds)


Baseline = contextlib.AbstractContextManager[Callable[[str, list[Write]], None]]


def _measured(name: str, url: str, goal: float, baseline: Baseline, rounds: int) -> Comparison:
    """Let both advance other trajectories of one log, and check that the log still holds."""
    refs = iter(ready(url, 3 * EACH * (rounds + 1)))
    database = open_database(url)
    world = World(database)

    def service() -> float:
        chosen = [next(refs) for _ in range(EACH)]
        desk = world.desk()
        start = time.perf_counter()
        for ref in chosen:
            moving.advance(desk, ref)
        return (time.perf_counter() - start) / EACH

    def bare(*, reading: bool) -> float:
        spent = 0.0
        for _ in range(EACH):
            ref = next(refs)
            writes = _writes_of(url, ref)
            start = time.perf_counter()
            advance(ref if reading else "", writes)
            spent += time.perf_counter() - start
        return spent / EACH

    with baseline as advance:
        found = compare(
            name,
            {
                "service": service,
                "bare driver, same reads and rows": lambda: bare(reading=True),
                "bare driver, same rows, nothing read": lambda: bare(reading=False),
            },
            goal=goal,
            ours="service",
            base="bare driver, same reads and rows",
            rounds=rounds,
        )
    _check(database)
    database.close()
    return found


def _writes_of(url: str, ref: str) -> list[Write]:
    """Return what the product would write to advance a trajectory now; it is undone."""
    writes: list[Write] = []

    def watch(when: str, sql: str, parameters: Any, many: bool) -> None:
        if when == "before" and sql == "COMMIT":
            raise _Seen
        if when == "before" and sql.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
            writes.append((sql, parameters, many))

    with watching(watch):
        recorded = open_database(url, any_schema=True)
        with contextlib.suppress(_Seen):
            moving.advance(World(recorded).desk(), ref)
        recorded.close()
    return writes


def _check(database: Database) -> None:
    """Refuse a measurement whose bare variants did not leave the same rows."""
    from engine.audit import verify

    report = verify(database)
    assert report.ok, report.problems


@contextlib.contextmanager
def _sqlite3(url: str) -> Iterator[Callable[[str, list[Write]], None]]:
    """Yield the transaction that sqlite3 alone makes; its statements come prepared."""
    journal, synchronous = durability(sqlite3.sqlite_version_info)
    connection = sqlite3.connect(url, isolation_level=None)
    for pragma in (
        "foreign_keys=ON",
        "secure_delete=ON",
        f"journal_mode={journal}",
        f"synchronous={synchronous}",
    ):
        connection.execute(f"PRAGMA {pragma}")

    def advance(ref: str, writes: list[Write]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        if ref:
            _read(connection, ref, "?")
        for sql, parameters, many in writes:
            (connection.executemany if many else connection.execute)(sql, parameters)
        connection.commit()

    yield advance
    connection.close()


@contextlib.contextmanager
def _psycopg(url: str) -> Iterator[Callable[[str, list[Write]], None]]:
    """Yield the transaction that psycopg alone makes, the ledger's lock included."""
    import psycopg

    parsed = make_url(url)
    options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    connection = psycopg.connect(
        parsed.difference_update_query(["options"]).render_as_string(hide_password=False),
        options=f"{parsed.query['options']} {options}",
    )

    def advance(ref: str, writes: list[Write]) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT pg_advisory_xact_lock(2053767169, hashtext(current_schema()))")
        if ref:
            _read(connection, ref, "%s")
        for sql, parameters, many in writes:
            (cursor.executemany if many else cursor.execute)(sql, parameters)
        connection.commit()

    yield advance
    connection.close()


def _read(connection: Any, ref: str, mark: str) -> None:
    """Read what a decision needs."""
    connection.execute(HEAD).fetchone()
    own = connection.execute(OWN.format(mark=mark), (ref,)).fetchone()
    for query in PARTS:
        connection.execute(query.format(mark=mark), (own[0],)).fetchall()
