"""What somebody recorded, or what was recorded on their behalf, between two moments."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, or_, select

from engine.store.prepared import Prepared
from engine.store.reading import StoredRow
from engine.store.tables import events
from engine.store.tables.columns import INSTANT_FORMAT
from engine.store.unreadable import read_rows

RECORDED = '"recorded_at":"'
SET_BACK = timedelta(days=1)  # a clock that went back by more is one that verify tells of
_LAST = select(func.coalesce(func.max(events.c.position), 0))
_BODY = Prepared(select(events.c.body).where(events.c.position == bindparam("position")))


def recorded_by(
    connection: Connection, actor: int, first: datetime, until: datetime
) -> list[StoredRow]:
    """Return the events from `first` up to `until` that an actor made, or others for them."""
    query = _deeds(connection, actor, first, until).order_by(events.c.position)
    return list(map(StoredRow._make, read_rows(connection, query, {})))


def did_anything(connection: Connection, actor: int, first: datetime, until: datetime) -> bool:
    """Tell whether there is any such event."""
    return connection.execute(_deeds(connection, actor, first, until).limit(1)).first() is not None


def _deeds(connection: Connection, actor: int, first: datetime, until: datetime) -> Select[Any]:
    """Return the question; the body is in canonical form, so that its text answers it."""
    place = func.strpos if connection.dialect.name == "postgresql" else func.instr
    body: ColumnElement[str] = events.c.body
    length = len(_text(first))
    recorded = func.substr(body, place(body, RECORDED) + len(RECORDED), length)
    return select(*(events.c[name] for name in StoredRow._fields)).where(
        events.c.position > _before(connection, first - SET_BACK),
        recorded >= _text(first),
        recorded < _text(until),
        or_(*(place(body, text) > 0 for text in _acting(actor))),
    )


def _before(connection: Connection, moment: datetime) -> int:
    """Return a position before which nothing was recorded from a moment on."""
    last = int(connection.execute(_LAST).scalar_one())
    return bisect_left(range(1, last + 1), _text(moment), key=lambda at: _at(connection, at))


def _at(connection: Connection, position: int) -> str:
    """Return when an event was recorded; "" where its bytes do not say so."""
    row = _BODY.first(connection, {"position": position})
    return row[0].partition(RECORDED)[2].partition('"')[0] if row and row[0] else ""


def _acting(actor: int) -> Iterator[str]:
    """Yield the texts of which one stands in a body that an actor made, or others for them."""
    for end in ",}":
        yield f'"actor":{{"id":{actor}{end}'
        yield f'"on_behalf_of":{actor}{end}'


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(INSTANT_FORMAT)
