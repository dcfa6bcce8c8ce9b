"""`history` of one trajectory: among a million events against among ten thousand."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.rounds import Comparison, Variant, compare
from bench.stage import sqlite_log
from engine.audit import Wanted, tell
from engine.language import words
from engine.store.database import open_database
from tests.world import World

FEW, TIMES = 10_000, 100
REF = "2027-007"  # walked to its end
CATEGORIES = ("reactiveren", "optimaliseren", "opstarten")
# Every row of the small log again, under other names and numbers; x is in no UUID.
OTHER = "substr({0}, 1, 33) || printf('x%02d', :k)"
COPIES = (
    "INSERT INTO events SELECT position + :k * :size, "
    f"CASE length(stream) WHEN 36 THEN {OTHER.format('stream')} ELSE stream || :k END, seq, type, "
    "body, prev, hash FROM events WHERE position <= :size",
    "INSERT INTO details SELECT position + :k * :size, field, subject, salt, value FROM details "
    "WHERE position <= :size",
)
OWNED = ("trajectories", "reminders", "mails")  # copied with another id, and another owner
NAMES = {
    "ref": "(2027 + :k) || substr(ref, 5)",
    "key": "key || :k",
    "message_id": "message_id || :k",
    "trajectory": OTHER.format("trajectory"),
}


def one_among_many(rounds: int) -> Comparison:
    """Return how the history of one trajectory grows with those of others."""
    with sqlite_log() as url, tempfile.TemporaryDirectory(prefix="traject-bench-") as folder:
        small = _history(url)
        large = str(Path(folder) / "large.db")
        shutil.copyfile(url, large)
        many = _multiplied(large, small)
        return compare(
            "history of one trajectory",
            {f"among {many:,} events": _tell(large), f"among {small:,} events": _tell(url)},
            goal=2,
            ours=f"among {many:,} events",
            base=f"among {small:,} events",
            rounds=rounds,
        )


def _history(url: str) -> int:
    """Walk trajectories to their end until there are events enough; return how many."""
    database = open_database(url)
    world, count = World(database), 0
    while count < FEW:
        ref = world.start(CATEGORIES[count % len(CATEGORIES)])
        while world.trajectory(ref).status == "active":
            world.advance(ref)
            world.tick_at(world.now + timedelta(minutes=31))
        count = len(world.events())
    database.close()
    return count


def _multiplied(path: str, size: int) -> int:
    """Put so many other trajectories beside those of a log; return its events."""
    with sqlite3.connect(path) as own:
        own.execute("PRAGMA journal_mode=OFF")
        for (name,) in own.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            own.execute(f"DROP TRIGGER {name}")
        copies = [*COPIES, *(_copy(own, table) for table in OWNED)]
        top = own.execute("SELECT max(id) FROM mails").fetchone()[0]
        for k in range(1, TIMES):
            for copy in copies:
                own.execute(copy, {"k": k, "size": size, "top": top})
        own.execute("ANALYZE")
        return int(own.execute("SELECT count(*) FROM events").fetchone()[0])


def _copy(own: sqlite3.Connection, table: str) -> str:
    """Return the statement that copies the first rows of a table under other names."""
    names = [row[1] for row in own.execute(f"PRAGMA table_info({table})")]
    number = "id + :k * :top" if table == "mails" else OTHER.format("id")
    shown = [number if name == "id" else NAMES.get(name, f'"{name}"') for name in names]
    first = "id <= :top" if table == "mails" else f"rowid <= {_rows(own, table)}"
    return f"INSERT INTO {table} SELECT {', '.join(shown)} FROM {table} WHERE {first}"


def _rows(own: sqlite3.Connection, table: str) -> int:
    return int(own.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _tell(url: str) -> Variant:
    def run() -> float:
        database = open_database(url)
        start = time.perf_counter()
        told = tell(database, words("nl"), lambda nis: nis, Wanted(REF))
        spent = time.perf_counter() - start
        assert told[-1].ref == REF
        database.close()
        return spent

    return run
