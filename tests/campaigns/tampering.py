"""Somebody who can write in the file: drops the triggers, changes what is there, puts them back.

The best of them know the format: they make every hash, chain, number and the head anew, and let
the program derive the present state from it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from engine.audit import rebuild
from engine.domain.errors import TrajectError
from engine.domain.ledger import Frontier, canonical, commitment, leaf
from engine.store.database import open_database

PROJECTIONS = ("trajectories", "municipalities", "criteria", "deadlines", "reminders",
               "assignments", "actors", "contacts")  # fmt: skip
SALT = b"\x07" * 32
Detail = tuple[str, str | None, bytes | None, str | None]  # field, subject, salt, value


@dataclass
class Entry:
    """An event as the forger holds it: what it says, and the details beside it."""

    body: dict[str, Any]
    details: list[Detail]


@dataclass
class Forger:
    """One tampering with one file; `size` events were witnessed, and one of those is changed."""

    db: sqlite3.Connection
    chance: Random
    size: int
    thorough: bool = False  # makes hashes, chain and head anew, and the present state

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


def _edit(forger: Forger) -> None:
    at = forger.one()
    (body,) = forger.db.execute("SELECT body FROM events WHERE position = ?", (at,)).fetchone()
    said = json.loads(body)
    name = forger.chance.choice(("occurred_on", "recorded_at", "actor", "type"))
    said[name] = {
        "occurred_on": _other_day(said["occurred_on"]),
        "recorded_at": "2026-01-01T00:00:00.000000Z",
        "actor": {"id": said["actor"]["id"] + 1},
        "type": "Completed" if said["type"] != "Completed" else "NoteAdded",
    }[name]
    raw = canonical(said)
    digest = leaf(raw)
    if forger.chance.random() < 0.5:
        forger.db.execute("UPDATE events SET body=? WHERE position=?", (raw.decode(), at))
    else:
        row = (raw.decode(), digest, said["type"], at)
        forger.db.execute("UPDATE events SET body=?, hash=?, type=? WHERE position=?", row)


def _column(forger: Forger) -> None:
    name, value = forger.chance.choice(
        (("seq", "seq + 1000"), ("type", "'Completed2'"), ("prev", "randomblob(32)"),
         ("hash", "randomblob(32)"), ("stream", "stream || 'x'"))
    )  # fmt: skip
    where = (forger.one(),)
    forger.db.execute(f"UPDATE events SET {name} = {value} WHERE position = ?", where)


def _delete(forger: Forger) -> None:
    at = forger.one()
    if forger.thorough:
        entries = forger.load()
        del entries[at - 1]
        forger.store(entries)
        return
    forger.db.execute("DELETE FROM events WHERE position = ?", (at,))
    if forger.chance.random() < 0.7:
        forger.db.execute("DELETE FROM details WHERE position = ?", (at,))
        if forger.chance.random() < 0.5:
            _shift(forger, at, -1)


def _insert(forger: Forger) -> None:
    entries = forger.load()
    first, stream = next(
        (at, e.body["stream"]) for at, e in enumerate(entries, 1) if len(e.body["stream"]) == 36
    )
    at = forger.chance.randint(first + 1, forger.size)
    body = {**entries[-1].body, "stream": stream, "type": "NoteAdded", "data": {}, "subjects": {}}
    del body["subjects"]
    text = "this was never said"
    body["commit"] = {"text": commitment(SALT, "text", text)}
    entry = Entry(body, [("text", None, SALT, text)])
    if forger.thorough:
        entries.insert(at - 1, entry)
        forger.store(entries)
        return
    _shift(forger, at - 1, 1)
    raw = canonical({**body, "position": at})
    row = (at, stream, 10_000, "NoteAdded", raw.decode(), None, leaf(raw))
    forger.db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _reorder(forger: Forger) -> None:
    first = forger.chance.randint(1, forger.size - 1)
    second = forger.chance.randint(first + 1, forger.size)
    if forger.thorough:
        entries = forger.load()
        entries[first - 1], entries[second - 1] = entries[second - 1], entries[first - 1]
        forger.store(entries)
        return
    for old, new in ((first, -1), (second, first), (-1, second)):
        for table in ("events", "details"):
            query = f"UPDATE {table} SET position = ? WHERE position = ?"
            forger.db.execute(query, (new, old))


def _truncate(forger: Forger) -> None:
    left = forger.chance.randint(max(1, forger.size - 20), forger.size - 1)
    if forger.thorough:
        forger.store(forger.load()[:left])
        return
    forger.db.execute("DELETE FROM events WHERE position > ?", (left,))
    if forger.chance.random() < 0.8:
        forger.db.execute("DELETE FROM details WHERE position > ?", (left,))


def _swap(forger: Forger) -> None:
    entries = forger.load()
    places: dict[str, list[int]] = {}
    for at, entry in enumerate(entries[: forger.size]):
        if len(entry.body["stream"]) == 36:
            places.setdefault(entry.body["stream"], []).append(at)
    one, other = forger.chance.sample(sorted(places), 2)
    first, second = forger.chance.choice(places[one]), forger.chance.choice(places[other])
    if forger.thorough:
        mine, theirs = entries[first].body, entries[second].body
        mine["stream"], theirs["stream"] = theirs["stream"], mine["stream"]
        forger.store(entries)
        return
    place = {at: (entries[at].body["stream"], entries[at].body["seq"]) for at in (first, second)}
    for at, stream in ((first, ("", 0)), (second, place[first]), (first, place[second])):
        forger.db.execute("UPDATE events SET stream=?, seq=? WHERE position=?", (*stream, at + 1))


def _rewrite(forger: Forger) -> None:
    entries = forger.load()
    _change(forger, entries, forger.one() - 1)
    forger.store(entries)


def _change(forger: Forger, entries: list[Entry], at: int) -> None:
    """Change what an event says, or a text of it with a commitment that fits."""
    entry = entries[at]
    body = entry.body
    texts = [n for n, one in enumerate(entry.details) if one[3] is not None]
    if texts and forger.chance.random() < 0.5:
        number = forger.chance.choice(texts)
        name, subject, _, value = entry.details[number]
        entry.details[number] = (name, subject, SALT, f"{value}, they said")
        body["commit"] = {**body["commit"], name: commitment(SALT, name, f"{value}, they said")}
    elif forger.chance.random() < 0.5:
        body["occurred_on"] = _other_day(body["occurred_on"])
    else:
        body["actor"] = {**body["actor"], "id": body["actor"]["id"] + 1}


def _details(forger: Forger) -> None:
    query = "SELECT position, field, value IS NULL FROM details WHERE position <= ?"
    found = forger.db.execute(query, (forger.size,)).fetchall()
    position, field, erased = forger.chance.choice(found)
    changes = ["value = 'somebody else', salt = randomblob(32)", "subject = 'contact:99'"]
    if not erased:
        changes += ["value = value || '.'", "salt = randomblob(32)", "value = NULL, salt = NULL"]
    change = forger.chance.choice(changes)
    where = "WHERE position = ? AND field = ?"
    statement = f"UPDATE details SET {change} {where}"
    if forger.chance.random() < 0.15:
        statement = f"DELETE FROM details {where}"
    forger.db.execute(statement, (position, field))


def _projection(forger: Forger) -> None:
    chance = forger.chance
    filled = [
        name
        for name in PROJECTIONS
        if forger.db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
    ]
    table = chance.choice(filled)
    rows = forger.db.execute(f"SELECT rowid FROM {table}").fetchall()
    (row,) = chance.choice(rows)
    if chance.random() < 0.2:
        forger.db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
        return
    columns = [(one[1], one[2]) for one in forger.db.execute(f"PRAGMA table_info({table})")]
    name, kind = chance.choice(columns)
    other = f"coalesce({name}, 0) + 1000" if "INT" in kind else f"coalesce({name}, '') || '9'"
    if kind == "BOOLEAN":
        other = f"NOT {name}"
    forger.db.execute(f"UPDATE {table} SET {name} = {other} WHERE rowid = ?", (row,))


def _mail(forger: Forger) -> None:
    rows = forger.db.execute("SELECT id, mime IS NULL FROM mails").fetchall()
    mail, emptied = forger.chance.choice(rows)
    changes = [
        "status = CASE status WHEN 'sent' THEN 'dead' ELSE 'sent' END", "notice = notice || 'x'",
        "person = 'contact:99'", "sha256 = 'A' || sha256", "message_id = message_id || 'x'",
        "mime = x'20'",
    ]  # fmt: skip
    if not emptied:
        changes += [
            "subject = subject || '!'", "envelope_to = 'eve@example.org'", "mime = NULL",
            "recipient = 'Eve <eve@example.org>'", "mime = mime || x'20'",
        ]  # fmt: skip
    change = forger.chance.choice(changes)
    statement = f"UPDATE mails SET {change} WHERE id = ?"
    if forger.chance.random() < 0.15:
        statement = "DELETE FROM mails WHERE id = ?"
    forger.db.execute(statement, (mail,))


def _workflow(forger: Forger) -> None:
    statement = forger.chance.choice((
        "UPDATE workflow_versions SET document = replace(document, '1', '2')",
        "UPDATE workflow_versions SET version = version + 1",
        "DELETE FROM workflow_versions",
        "UPDATE workflow_versions SET digest = upper(digest)",
    ))  # fmt: skip
    forger.db.execute(statement)


def after_the_witness(forger: Forger) -> None:
    """Change an event that came after what was witnessed, and make everything else anew."""
    entries = forger.load()
    _change(forger, entries, forger.chance.randrange(forger.size, len(entries)))
    forger.store(entries)


# What is done, and whether there is a thorough way of it.
KINDS: dict[str, tuple[Callable[[Forger], None], bool]] = {
    "an event's text is edited": (_edit, False),
    "a column beside the text is edited": (_column, False),
    "an event is deleted": (_delete, True),
    "an event is inserted": (_insert, True),
    "two events change places": (_reorder, True),
    "the end is cut off": (_truncate, True),
    "two trajectories swap events": (_swap, True),
    "a detail is changed, erased or put back": (_details, False),
    "the present state is edited": (_projection, False),
    "a mail is edited": (_mail, False),
    "a workflow document is edited": (_workflow, False),
    "everything is rewritten consistently": (_rewrite, True),
}


def tamper(file: Path, deed: Callable[[Forger], None], chance: Random, size: int, *,
           thorough: bool) -> None:  # fmt: skip
    """Change a file, with its triggers away meanwhile; thoroughly, or as it comes."""
    with closing(sqlite3.connect(file)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = triggers.fetchall()
        for name, _ in found:
            db.execute(f"DROP TRIGGER {name}")
        deed(Forger(db, chance, size, thorough))
        for _, statement in found:
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


def dumped(file: Path) -> list[Any]:
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
    lines = []
    for position, stream, seq, body, prev, digest in events:
        frontier = frontier.append(digest)
        lines.append({
            "position": position, "stream": stream, "seq": seq, "prev": prev and prev.hex(),
            "hash": digest.hex(), "body": body, "details": details.get(position, []),
        })  # fmt: skip
    log = json.loads(events[0][3])["data"].get("log", "") if events else ""
    root = frontier.root().hex()
    head = {"format": "traject-history/1", "log": log, "size": len(lines), "root": root}
    return [{**head, "partial": False}, *lines]


def _shift(forger: Forger, after: int, by: int) -> None:
    """Number the events past a position anew, and their details along with them."""
    for table in ("events", "details"):
        sign = f"UPDATE {table} SET position = -(position + ?) WHERE position > ?"
        forger.db.execute(sign, (by, after))
        forger.db.execute(f"UPDATE {table} SET position = -position WHERE position < 0")


def _other_day(text: str) -> str:
    return (date.fromisoformat(text) + timedelta(days=1)).isoformat()
