"""Who would read the mails that wait: those left behind, those held, those that are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, false, func, or_, select

from engine.store import tables as t
from engine.store.outbox import ENOUGH, IS_OPEN

_LEFT_BEHIND = (
    select(
        t.mails.c.id,
        func.coalesce(t.mails.c.person, ""),
        t.mails.c.trajectory,
        t.mails.c.reminder,
        func.coalesce(
            or_(t.trajectories.c.status == "paused", t.trajectories.c.snoozes != "[]"), false()
        ),
    )
    .outerjoin(t.trajectories, t.trajectories.c.id == t.mails.c.trajectory)
    .where(
        IS_OPEN,
        t.mails.c.status != "sending",
        t.mails.c.not_before <= bindparam("before"),
        t.mails.c.id > bindparam("cleared"),
        t.mails.c.attempts == 0,  # those that were refused have a patience of their own
        func.coalesce(t.mails.c.last_phase, "") != ENOUGH,
    )
    .order_by(t.mails.c.id)
)
_HELD_READERS = select(t.mails.c.id, t.mails.c.person).where(
    t.among(t.mails.c.status, "dead", "held", "uncertain"), t.mails.c.status == "held"
)
_OPEN_READERS = select(t.mails.c.id, t.mails.c.person).where(IS_OPEN)
_DUE_READERS = select(t.mails.c.person).where(
    IS_OPEN, t.mails.c.status != "sending", t.mails.c.next_at <= bindparam("now")
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A mail by its number, who is to read it, and what it is about."""

    mail: int
    person: str
    trajectory: str
    reminder: str
    may_rest: bool  # the trajectory is paused, or some of its reminders rest or did


def left_behind(connection: Connection, before: datetime, cleared: int) -> list[Reader]:
    """Return the mails past number `cleared` that should have left before some instant."""
    found = connection.execute(_LEFT_BEHIND, {"before": before, "cleared": cleared})
    return [Reader(*row) for row in found]


def held_readers(connection: Connection) -> dict[int, str]:
    """Return the reader of each mail that is held, by its number."""
    return {row.id: row.person or "" for row in connection.execute(_HELD_READERS)}


def open_readers(connection: Connection) -> dict[int, str]:
    """Return the reader of each mail that waits to leave, by its number."""
    return {row.id: row.person or "" for row in connection.execute(_OPEN_READERS)}


def due_readers(connection: Connection, now: datetime) -> list[str]:
    """Return the reader of each mail whose moment has come."""
    return [person or "" for person in connection.execute(_DUE_READERS, {"now": now}).scalars()]
