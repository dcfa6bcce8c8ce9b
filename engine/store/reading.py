"""Reads events and details back from the ledger, in chunks and in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from engine.store.tables import details, events
from engine.store.unreadable import read_rows

CHUNK = 1000


# Tuples, not dataclasses: verify makes one per event, and a frozen one costs five times this.
class StoredRow(NamedTuple):
    """An event as the ledger holds it; `body` is the text that was hashed."""

    position: int
    stream: str
    seq: int
    type: str
    body: str
    prev: bytes | None
    hash: bytes


class DetailRow(NamedTuple):
    """A detail as the ledger holds it; salt and value are None once erased."""

    position: int
    field: str
    subject: str | None
    salt: bytes | None
    value: str | None


_EVENT = select(
    events.c.position,
    events.c.stream,
    events.c.seq,
    events.c.type,
    events.c.body,
    events.c.prev,
    events.c.hash,
)
_NEXT_EVENTS = (
    _EVENT.where(events.c.position > bindparam("after"))
    .order_by(events.c.position)
    .limit(bindparam("count"))
)
# Ordered by seq, which is the order of position within a stream and has the index.
_NEXT_OF_STREAM = (
    _EVENT.where(
        events.c.stream == bindparam("stream"),
        events.c.seq > bindparam("seq"),
        events.c.position > bindparam("after"),
    )
    .order_by(events.c.seq)
    .limit(bindparam("count"))
)
_LAST_OF_STREAM = (
    _EVENT.where(events.c.stream == bindparam("stream")).order_by(events.c.seq.desc()).limit(1)
)
_DETAIL = select(
    details.c.position, details.c.field, details.c.subject, details.c.salt, details.c.value
).order_by(details.c.position, details.c.field)
_DETAILS_BETWEEN = _DETAIL.where(details.c.position.between(bindparam("first"), bindparam("last")))
_DETAILS_AT = _DETAIL.where(details.c.position.in_(bindparam("positions", expanding=True)))


def read_events(
    connection: Connection,
    *,
    stream: str | None = None,
    after: int = 0,
    limit: int | None = None,
) -> Iterator[StoredRow]:
    """Yield the events past position `after` in order, at most `limit` of them.

    A long reader who must not hold up writers calls this once per chunk, each time in a
    reading transaction of its own.
    """
    seq, left = 0, limit
    while left is None or left > 0:
        count = CHUNK if left is None else min(CHUNK, left)
        rows = read_rows(
            connection,
            _NEXT_EVENTS if stream is None else _NEXT_OF_STREAM,
            {"after": after, "count": count}
            | ({} if stream is None else {"stream": stream, "seq": seq}),
        )
        found = list(map(StoredRow._make, rows))
        yield from found
        if len(found) < count:
            return
        after, seq = found[-1].position, found[-1].seq
        left = None if left is None else left - count


def last_event(connection: Connection, stream: str) -> StoredRow | None:
    """Return the newest event of a stream: what the next one continues."""
    found = connection.execute(_LAST_OF_STREAM, {"stream": stream}).first()
    return None if found is None else StoredRow._make(found)


def read_details(connection: Connection, first: int, last: int) -> Iterator[DetailRow]:
    """Yield the details of the events from position `first` up to and including `last`."""
    yield from map(
        DetailRow._make, read_rows(connection, _DETAILS_BETWEEN, {"first": first, "last": last})
    )


def details_at(connection: Connection, positions: Iterable[int]) -> Iterator[DetailRow]:
    """Yield the details of the events at these positions."""
    wanted = sorted(positions)
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        rows = read_rows(connection, _DETAILS_AT, {"positions": chunk})
        yield from map(DetailRow._make, rows)
