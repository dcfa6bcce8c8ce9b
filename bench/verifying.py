"""`verify` of a whole log, against reading, parsing and hashing the same rows."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import timedelta
from hashlib import sha256

from bench.rounds import Comparison, Variant, compare
from bench.stage import sqlite_log
from engine.audit import verify
from engine.store.database import open_database
from tests.world import World

TRAJECTORIES = 60


def whole_log(rounds: int) -> Comparison:
    """Return how a full verify compares with the floor of any audit.

    The floor reads the events in order with sqlite3, parses each body and hashes it. verify
    also compares the columns, chains and commitments, grows the Merkle tree, folds every
    event and compares the projections, the workflow versions and the mails.
    """
    with sqlite_log() as url:
        events = _history(url)
        return compare(
            f"verify, {events:,} events",
            {"verify": _verify(url, events), "read + json.loads + SHA-256": _bare(url, events)},
            goal=10,
            ours="verify",
            base="read + json.loads + SHA-256",
            rounds=rounds,
        )


def _history(url: str) -> int:
    """Walk trajectories of every category to the end, mails included; return the events."""
    database = open_database(url)
    world = World(database)
    for number in range(TRAJECTORIES):
        ref = world.start(("reactiveren", "optimaliseren", "opstarten")[number % 3])
        while world.trajectory(ref).status == "active":
            world.advance(ref)
            world.tick_at(world.now + timedelta(minutes=31))
    database.close()
    return len(world.events())


def _verify(url: str, events: int) -> Variant:
    def run() -> float:
        database = open_database(url)
        start = time.perf_counter()
        report = verify(database)
        spent = time.perf_counter() - start
        assert (report.ok, report.events) == (True, events), report.problems
        database.close()
        return spent

    return run


def _bare(url: str, events: int) -> Variant:
    def run() -> float:
        start = time.perf_counter()
        connection = sqlite3.connect(url)
        seen = 0
        for body, stored in connection.execute("SELECT body, hash FROM events ORDER BY position"):
            json.loads(body)
            assert sha256(b"\x00" + body.encode()).digest() == stored
            seen += 1
        spent = time.perf_counter() - start
        assert seen == events
        connection.close()
        return spent

    return run
