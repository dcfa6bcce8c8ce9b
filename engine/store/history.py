"""Ledger rows become events again: facts with their envelope, or a clear refusal."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from engine.domain import codec
from engine.domain.errors import LedgerBroken, TrajectError
from engine.domain.events import Event
from engine.domain.people import NOBODY, People, evolve_people
from engine.domain.words import N_
from engine.store.appending import BODY_VERSION
from engine.store.reading import CHUNK, DetailRow, StoredRow, details_at, read_events

Details = Mapping[str, str | None]


class NewerEvent(TrajectError):
    """An event that only a later version of the program can read."""


def to_event(row: StoredRow, details: Details) -> Event:
    """Return the event that a row holds.

    Raises: NewerEvent for a type or version that this program does not know; LedgerBroken
    for a body that cannot be read.
    """
    try:
        body = json.loads(row.body)
    except ValueError as error:
        raise _unreadable(row) from error
    return event_of(row, body, details)


def event_of(row: StoredRow, body: Mapping[str, Any], details: Details) -> Event:
    """Return the event of a row whose body was parsed already; raises as `to_event` does."""
    kind = known_type(row, body)
    try:
        return Event(
            position=row.position,
            stream=row.stream,
            seq=row.seq,
            fact=codec.decode(kind, body["data"]),
            occurred_on=date.fromisoformat(body["occurred_on"]),
            recorded_at=datetime.fromisoformat(body["recorded_at"]),
            actor=body["actor"]["id"],
            hash=row.hash,
            details=details,
            on_behalf_of=body["actor"].get("on_behalf_of"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(row) from error


def known_type(row: StoredRow, body: Mapping[str, Any]) -> str:
    """Return the type of an event; raises as `to_event` does, without a look at its data."""
    try:
        version, kind = body["v"], body["type"]
        known = version < BODY_VERSION or (version == BODY_VERSION and kind in codec.FACTS)
    except (KeyError, TypeError) as error:
        raise _unreadable(row) from error
    if not known:
        raise NewerEvent(
            N_("Event {position} ({type}) was written by a newer traject; upgrade this one."),
            position=row.position,
            type=kind,
        )
    return str(kind)


def events_of(connection: Connection, stream: str | None = None) -> Iterator[Event]:
    """Yield the events of a stream, or all events, oldest first; a chunk at a time."""
    after = 0
    while chunk := list(read_events(connection, stream=stream, after=after, limit=CHUNK)):
        details = by_position(details_at(connection, (row.position for row in chunk)))
        for row in chunk:
            found = details.get(row.position, ())
            yield to_event(row, {detail.field: detail.value for detail in found})
        after = chunk[-1].position


def people_of_events(connection: Connection) -> People:
    """Return the people as their events make them, what was erased left out."""
    people = NOBODY
    for event in events_of(connection, "people"):
        people = evolve_people(people, event)
    return people


def by_position(details: Iterable[DetailRow]) -> dict[int, list[DetailRow]]:
    """Return the details in groups, one an event."""
    groups: defaultdict[int, list[DetailRow]] = defaultdict(list)
    for detail in details:
        groups[detail.position].append(detail)
    return groups


def _unreadable(row: StoredRow) -> LedgerBroken:
    return LedgerBroken(
        N_("Event {position} cannot be read. Look into it with: traject verify"),
        position=row.position,
    )
