"""Reads the events that somebody asks for: of a stream, of some kinds, of a period, of a person.

The stream has an index. The other conditions are looked up in the text of the body, which is in
canonical form, so that a key and its value stand there as one known string: no row is parsed to
find out that it is not wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, func, or_, select

from engine.domain.events import Event
from engine.store.history import by_position, to_event
from engine.store.reading import CHUNK, StoredRow, details_at
from engine.store.tables import events
from engine.store.unreadable import read_rows

OCCURRED = '"occurred_on":"'
# By which keys of a body an actor or a contact is named as a number.
NUMBERS = {
    "actor": ("id", "coach", "number", "on_behalf_of", "substitute"),
    "contact": ("contact",),
}
# These speak of a mail by its number alone; whose it is must be looked up.
OF_A_MAIL = (
    "MailQueued", "MailSent", "MailWritten", "MailUncertain", "MailDead", "MailHeld",
    "MailDeferred", "MailReleased", "MailCancelled",
)  # fmt: skip
_COLUMNS = [events.c[name] for name in StoredRow._fields]


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants to read of the history; None: all of it."""

    stream: str | None = None
    types: tuple[str, ...] | None = None
    person: str | None = None  # contact:7 | actor:1
    first: date | None = None  # days on which it happened
    last: date | None = None
    size: int | None = None  # no later position than this


ALL = Choice()


def chosen(connection: Connection, choice: Choice, after: int = 0) -> list[StoredRow]:
    """Return the next chunk of the events that are wanted; [] at the end.

    `after` is a position, of a stream a number in it. Of a person, mails to others may be among
    them, as most events of a mail only say which mail it is.
    """
    key = events.c.position if choice.stream is None else events.c.seq
    wanted = (key > after, *_conditions(connection, choice))
    query = select(*_COLUMNS).where(*wanted).order_by(key).limit(CHUNK)
    return list(map(StoredRow._make, read_rows(connection, query, {})))


def next_after(choice: Choice, rows: list[StoredRow]) -> int:
    """Return after what to go on reading, past these rows."""
    return rows[-1].position if choice.stream is None else rows[-1].seq


def events_chosen(connection: Connection, choice: Choice) -> Iterator[list[Event]]:
    """Yield the events that are wanted, oldest first, a chunk at a time."""
    after = 0
    while rows := chosen(connection, choice, after):
        yield events_at(connection, rows)
        after = next_after(choice, rows)


def events_at(connection: Connection, rows: list[StoredRow]) -> list[Event]:
    """Return rows as events, each with its details."""
    details = by_position(details_at(connection, (row.position for row in rows)))
    return [
        to_event(row, {one.field: one.value for one in details.get(row.position, ())})
        for row in rows
    ]


def _conditions(connection: Connection, choice: Choice) -> Iterator[ColumnElement[bool]]:
    """Yield what must hold of an event's row."""
    if choice.stream is not None:
        yield events.c.stream == choice.stream
    if choice.size is not None:
        yield events.c.position <= choice.size
    if choice.types is not None:
        yield events.c.type.in_(choice.types)
    place = func.strpos if connection.dialect.name == "postgresql" else func.instr
    body: ColumnElement[str] = events.c.body
    if choice.first is not None or choice.last is not None:
        day = func.substr(body, place(body, OCCURRED) + len(OCCURRED), len("2027-03-01"))
        yield day >= (choice.first or date.min).isoformat()
        yield day <= (choice.last or date.max).isoformat()
    if choice.person is not None:
        spoken = [place(body, text) > 0 for text in _naming(choice.person)]
        yield or_(events.c.type.in_(OF_A_MAIL), *spoken)


def _naming(person: str) -> Iterator[str]:
    """Yield the texts of which one stands in a body that speaks of a person."""
    yield f'"{person}"'
    kind, _, number = person.partition(":")
    for key in NUMBERS[kind]:
        yield f'"{key}":{number},'
        yield f'"{key}":{number}}}'
