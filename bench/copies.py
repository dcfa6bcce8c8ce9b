"""A log of any size that verifies: work done by the services, repeated under other names.

The work is that of trajectories from their start to their end, with people of their own, notes,
pauses and mails that were composed, sent and answered. Each repetition has other trajectories,
reminders, people and mails, at other positions: its events are written anew, chained and hashed,
and its mails have bytes of their own. It is recorded later each time; salts, the days that are
spoken of, what people are called and what is said are those of the first, and so is the root that
stands in the header of a mail.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from engine.dispatch.post import Limits
from engine.domain.codec import instant, read_instant
from engine.domain.ledger import Frontier, canonical, leaf
from engine.service import moving, people, starting
from engine.store.database import open_database
from tests.world import GENT, World

CATEGORIES = ("reactiveren", "optimaliseren", "opstarten")
MODEL = 60  # trajectories that are led
LEDGER = ("events", "details", "mails", "mail_people")
STATE = (
    "contacts", "trajectories", "municipalities", "criteria", "deadlines", "reminders",
    "assignments",
)  # fmt: skip
POSITIONS = frozenset({"position", "entry", "occurrence", "round_entry", "feedback_changed"})
MOMENTS = frozenset({"recorded_at", "sent_at"})  # which an audit compares with each other
# Calendar entries name a deadline by the position of its phase entry: 14/analysis.
ABOUT = {"about": re.compile(r"^\d+(?=/)"), "bookings": re.compile(r'(?<="about": ")\d+(?=/)')}
# The version of a UUID, which is 4 or 5 in those that are made here, and c in a copy.
_ID = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-)[0-9a-f]{4}(-[0-9a-f]{4}-[0-9a-f]{12})\b")
_CONTACT = re.compile(r"\bcontact:\d+")

Row = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """The rows of some work, which begins after `cut` events."""

    cut: int
    rows: Mapping[str, list[Row]]  # by table

    @property
    def size(self) -> int:
        """Return how many events are repeated each time."""
        return len(self.rows["events"])

    @cached_property
    def lasts(self) -> timedelta:
        """Return after how long it begins anew."""
        first, last = (_recorded(self.rows["events"][n]) for n in (0, -1))
        return last - first + timedelta(hours=12)


def worked(url: str) -> Model:
    """Return what was worked in a log that was empty: trajectories from their start to their end.

    The first of each category publish their workflows, and are not repeated.
    """
    world = World(open_database(url), limits=Limits(at_once=10 * MODEL))
    _lead(world, range(len(CATEGORIES)))
    cut, mails = len(world.events()), len(world.mails())
    _lead(world, range(len(CATEGORIES), MODEL))
    world.database.close()
    with closing(sqlite3.connect(url)) as own:
        own.row_factory = sqlite3.Row
        return Model(cut, {name: _read(own, name, cut, mails) for name in (*LEDGER, *STATE)})


def _recorded(event: Row) -> datetime:
    return read_instant(json.loads(event["body"])["recorded_at"])


def _lead(world: World, numbers: range) -> None:
    """Lead trajectories to their end, side by side, a phase of each before a round of mail."""
    active = [_started(world, number) for number in numbers]
    while active:
        for ref in active:
            world.advance(ref)
        world.tick_at(world.now + timedelta(days=1))
        done = [ref for ref in active if world.trajectory(ref).status != "active"]
        for ref in done:
            people.note(world.desk(), ref, "Het verslag is bezorgd en besproken.")
        active = [ref for ref in active if ref not in done]
    world.tick_at(world.now + timedelta(minutes=31))


def _started(world: World, number: int) -> str:
    """Start a trajectory with people of its own and a note, every third with a pause."""
    involved = (
        starting.Involved("coordinator", f"Jo Maes {number}", f"jo{number}@example.org"),
        starting.Involved("mayor", f"Rita Claes {number}", f"rita{number}@example.org", GENT),
    )
    ref = world.start(CATEGORIES[number % len(CATEGORIES)], involved=involved)
    people.note(world.desk(), ref, "De werkgroep komt eens per maand samen.")
    if number % len(CATEGORIES) == 0:
        until = world.now.date() + timedelta(days=30)
        moving.pause(world.desk(), ref, reason="other", until=until)
        moving.resume(world.desk(), ref)
    return ref


def _read(own: sqlite3.Connection, table: str, cut: int, mails: int) -> list[Row]:
    """Return the rows of a table that belong to the work after so many events and mails."""
    streams = "SELECT stream FROM events WHERE position > :cut"
    where = {
        "events": "position > :cut ORDER BY position",
        "details": "position > :cut",
        "mails": "id > :mails",
        "mail_people": "mail > :mails",
        "contacts": f"id > {2 * len(CATEGORIES)}",
        "trajectories": f"id IN ({streams})",
    }.get(table, f"trajectory IN ({streams})")
    found = own.execute(f"SELECT * FROM {table} WHERE {where}", {"cut": cut, "mails": mails})
    return [dict(row) for row in found]


def grow(path: str, model: Model, size: int) -> int:
    """Repeat the model in a copy of its log until there are `size` events; return how many."""
    with closing(sqlite3.connect(path, isolation_level=None)) as own:
        own.execute("PRAGMA journal_mode=OFF")
        own.execute("PRAGMA synchronous=OFF")
        reached = int(own.execute("SELECT size FROM head").fetchone()[0])
        while reached < size:
            own.execute("BEGIN")
            reached = _repeat(own, model, (reached - model.cut) // model.size)
            own.execute("COMMIT")
        own.execute("ANALYZE")
    return reached


def _repeat(own: sqlite3.Connection, model: Model, number: int) -> int:
    """Add one copy of the model; return the size of the log then."""
    copying = _Copying(model, number)
    size, frontier = own.execute("SELECT size, frontier FROM head").fetchone()
    last = own.execute("SELECT seq, hash FROM events WHERE stream = 'people' ORDER BY seq DESC")
    mails = [copying.mail(row) for row in model.rows["mails"]]
    events = list(copying.events(last.fetchone()))
    grown = Frontier.from_bytes(size, frontier)
    for row in events:
        grown = grown.append(row["hash"])
    _insert(own, "events", events)
    _insert(own, "mails", mails)
    for table in ("details", "mail_people", *STATE):
        _insert(own, table, [copying.row(row) for row in model.rows[table]])
    head = "UPDATE head SET size = ?, frontier = ? WHERE id = 1"
    own.execute(head, (grown.size, grown.to_bytes()))
    return grown.size


def _insert(own: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    names = list(rows[0])
    values = ", ".join(f":{name}" for name in names)
    own.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})", rows)


class _Copying:
    """Gives what is in a model its names and numbers in one copy of it."""

    def __init__(self, model: Model, number: int) -> None:
        self._model = model
        self._number = number
        self._mails = number * len(model.rows["mails"])
        self._contacts = number * len(model.rows["contacts"])
        self._heads: dict[str, tuple[int, bytes]] = {}  # seq and hash of each stream's last event
        self._bytes: dict[str, str] = {}  # of mails: the hash of the first, that of the copy

    def mail(self, row: Row) -> Row:
        """Return a mail under another Message-ID, which stands in its bytes as well."""
        old, new = row["message_id"], self._text("message_id", row["message_id"])
        mime = row["mime"].replace(old.encode(), new.encode())
        self._bytes[row["sha256"]] = sha256(mime).hexdigest()
        return {**self.row(row), "id": row["id"] + self._mails, "mime": mime}

    def events(self, people: tuple[int, bytes]) -> Iterator[Row]:
        """Yield the events, chained: to each other, and to the last one about people."""
        self._heads["people"] = people
        for row in self._model.rows["events"]:
            body = self._moved("", json.loads(row["body"]))
            seq, prev = self._heads.get(body["stream"], (0, None))
            body |= {"seq": seq + 1, "prev": None if prev is None else prev.hex()}
            raw = canonical(body)
            self._heads[body["stream"]] = seq + 1, leaf(raw)
            yield {
                **{name: body[name] for name in ("position", "stream", "seq", "type")},
                "body": raw.decode(),
                "prev": prev,
                "hash": leaf(raw),
            }

    def row(self, row: Row) -> Row:
        """Return a row beside the events; a contact has a number for its id."""
        found = {name: self._moved(name, value) for name, value in row.items()}
        if isinstance(row.get("id"), int):
            found["id"] = row["id"] + self._contacts
        if "head" in found:
            found["head"] = self._heads[found["id"]][1]
        return found

    def _moved(self, key: str, value: Any) -> Any:
        """Return a value as it is in the copy."""
        if isinstance(value, dict):
            return {name: self._moved(name, one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._moved(key, one) for one in value]
        if isinstance(value, str):
            return self._text(key, value)
        return self._integer(key, value) if type(value) is int else value

    def _integer(self, key: str, value: int) -> int:
        if key in POSITIONS and value:
            return value + self._number * self._model.size
        if key in ("mail", "mails"):
            return value + self._mails
        return value + self._contacts if key == "contact" else value

    def _text(self, key: str, text: str) -> str:
        if key == "sha256":
            return self._bytes[text]
        if key in MOMENTS:
            return instant(read_instant(text) + self._number * self._model.lasts)
        if key == "ref":
            return f"{2027 + self._number}{text[4:]}"
        if key == "message_id":
            return f"<{self._number:06x}{text[7:]}"
        if key in ABOUT:
            return ABOUT[key].sub(lambda at: self._entry(at[0]), text)
        found = _CONTACT.sub(lambda one: f"contact:{int(one[0][8:]) + self._contacts}", text)
        return _ID.sub(rf"\g<1>c{self._number:03x}\g<2>", found)

    def _entry(self, text: str) -> str:
        return str(self._integer("entry", int(text)))
