"""What is due, and the heartbeat: the small questions that every round asks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.store import tables as t
from engine.store.outbox import IS_OPEN
from engine.store.prepared import Prepared

# The partial index on planned reminders answers this, however many were settled before.
_DUE = (
    select(t.reminders.c.trajectory)
    .join(t.trajectories, t.trajectories.c.id == t.reminders.c.trajectory)
    .where(t.among(t.reminders.c.state, "planned"), t.reminders.c.at <= bindparam("now"))
    .group_by(t.reminders.c.trajectory, t.trajectories.c.ref)
    .order_by(func.min(t.reminders.c.at), t.trajectories.c.ref)
)
_NEXT_REMINDER = select(func.min(t.reminders.c.at)).where(
    t.among(t.reminders.c.state, "planned"), t.reminders.c.at > bindparam("after")
)
_NEXT_MAIL = select(func.min(t.mails.c.next_at)).where(
    IS_OPEN, t.mails.c.status != "sending", t.mails.c.next_at > bindparam("after")
)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
_MADE = select(t.mails.c.id).where(t.mails.c.key == bindparam("key"))
_BEAT = Prepared(
    select(t.heartbeat.c.at, t.heartbeat.c.state).where(t.heartbeat.c.name == bindparam("of"))
)
_MOVE_BEAT = (
    update(t.heartbeat)
    .where(t.heartbeat.c.name == bindparam("of"))
    .values(at=bindparam("moment"), state=bindparam("text"))
)
_ADD_BEAT = insert(t.heartbeat)


def due_trajectories(connection: Connection, now: datetime) -> list[str]:
    """Return the trajectories with a reminder due and not handled, longest waiting first.

    Those that wait equally long come by reference: their UUIDs are chance.
    """
    return list(connection.execute(_DUE, {"now": now}).scalars())


def is_made(connection: Connection, key: str) -> bool:
    """Tell whether the mail of a key was made, whatever became of it."""
    return connection.execute(_MADE, {"key": key}).first() is not None


def beat(connection: Connection, name: str, at: datetime, state: dict[str, Any]) -> None:
    """Write down when something last ran, and in which state it is."""
    text = json.dumps(state)
    moved = connection.execute(_MOVE_BEAT, {"of": name, "moment": at, "text": text})
    if moved.rowcount == 0:
        connection.execute(_ADD_BEAT, {"name": name, "at": at, "state": text})


def last_beat(connection: Connection, name: str) -> tuple[datetime, dict[str, Any]] | None:
    """Return when something last ran and its state, None when it never did."""
    row = _BEAT.first(connection, {"of": name})
    return (row[0], json.loads(row[1])) if row else None


def next_wake(connection: Connection, after: datetime = EVER) -> datetime | None:
    """Return the first instant at which a reminder or a mail is due, None when nothing waits.

    What rests is due all the while: who has done a round asks for what comes `after` it.
    """
    asked = {"after": after}
    found = [connection.execute(query, asked).scalar() for query in (_NEXT_REMINDER, _NEXT_MAIL)]
    return min((instant for instant in found if instant is not None), default=None)
