"""Somebody who can write in the file: drops the triggers, changes what is there, puts them back.

The best of them know the format: they make every hash, chain, number, checkpoint and the head
anew, and let the program derive the present state from it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from engine.audit import rebuild
from engine.domain.errors import TrajectError
from engine.domain.ledger import Frontier, canonical, leaf
from engine.store.database import open_database

Detail = tuple[str, str | None, bytes | None, str | None]  # field, subject, salt, value
Deed = Callable[["Forger"], None]


@dataclass
class Entry:
    """An event as the forger holds it: what it says, and the details beside it."""

    body: dict[str, Any]
    details: list[Detail]

    @property
    def of_trajectory(self) -> bool:
        """Return whether its stream is that of a trajectory."""
        return len(self.body["stream"]) == 36


@dataclass
class Forger:
    """One tampering with one file; `size` events were witnessed, and one of those is changed."""

    db: sqlite3.Connection
    chance: Random
    size: int
    thorough: bool = False  # makes hashes, chain and head anew, and the present state
    guards: dict[str, str] = field(default_factory=dict)  # the triggers that are put back

    def one(self) -> int:
        """Return the position of an event that was witnessed."""
        return self.chance.randint(1, self.size)

    def load(self) -> list[Entry]:
        """Return the whole ledger."""
        entries = [
            Entry(json.loads(body), [])
            for (body,) in self.db.execute("SELECT body FROM events ORDER BY position")
        ]
        query = "SELECT position, field, subject, salt, value FROM details"
        for position, *detail in self.db.execute(query):
            entries[position - 1].details.append(tuple(detail))
        return entries

    def store(self, entries: list[Entry]) -> None:
        """Write the ledger anew, with everything that follows from the bytes."""
        self.db.executescript("DELETE FROM events; DELETE FROM details;")
        heads: dict[str, tuple[int, bytes | None]] = {}
        frontier = Frontier()
        for position, entry in enumerate(entries, 1):
            stream = entry.body["stream"]
            seq, prev = heads.get(stream, (0, None))
            entry.body |= {"position": position, "seq": seq + 1, "prev": prev and prev.hex()}
            if entry.body["type"] == "CheckpointTaken":
                entry.body["data"] = {"size": position - 1, "root": frontier.root().hex()}
            raw = canonical(entry.body)
            digest = leaf(raw)
            frontier = frontier.append(digest)
            heads[stream] = seq + 1, digest
            row = (position, stream, seq + 1, entry.body["type"], raw.decode(), prev, digest)
            self.db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            self.db.executemany(
                "INSERT INTO details (position, field, subject, salt, value) VALUES (?,?,?,?,?)",
                [(position, *one) for one in entry.details],
            )
        head = (frontier.size, frontier.to_bytes())
        self.db.execute("UPDATE head SET size = ?, frontier = ?", head)


def tamper(file: Path, deed: Deed, chance: Random, size: int, *, thorough: bool) -> None:
    """Change a file, with its triggers away meanwhile; thoroughly, or as it comes."""
    with closing(sqlite3.connect(file)) as db:
        found = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        for name in found:
            db.execute(f"DROP TRIGGER {name}")
        deed(Forger(db, chance, size, thorough, found))
        for statement in found.values():
            db.execute(statement)
        db.commit()
    if thorough:
        database = open_database(str(file))
        try:
            rebuild(database)
        except TrajectError:  # no trajectory comes of such events
            pass
        finally:
            database.close()


def dumped(file: Path) -> list[str]:
    """Return the history in a file as its owner hands it over, with a header that fits it."""
    with closing(sqlite3.connect(file)) as db:
        events = db.execute(
            "SELECT position, stream, seq, body, prev, hash FROM events ORDER BY position"
        ).fetchall()
        details: dict[int, list[Any]] = {}
        for position, name, subject, salt, value in db.execute(
            "SELECT position, field, subject, salt, value FROM details ORDER BY position, field"
        ):
            one = {"field": name, "subject": subject, "salt": salt and salt.hex(), "value": value}
            details.setdefault(position, []).append(one)
    frontier = Frontier()
    lines: list[dict[str, Any]] = []
    for position, stream, seq, body, prev, digest in events:
        frontier = frontier.append(digest)
        lines.append({
            "position": position, "stream": stream, "seq": seq, "prev": prev and prev.hex(),
            "hash": digest.hex(), "body": body, "details": details.get(position, []),
        })  # fmt: skip
    log = json.loads(events[0][3])["data"].get("log", "") if events else ""
    root = frontier.root().hex()
    head = {"format": "traject-history/1", "log": log, "size": len(lines), "root": root}
    return [json.dumps(one) for one in ({**head, "partial": False}, *lines)]
