"""Finds the trajectories that a morning may be about, before any of them is read in full.

The page decides what stands on it (`engine.domain.morning`, `engine.dispatch.forecast`). What
is left out here could not: it has no date, appointment, question, pause or mail within reach,
and nothing that went wrong. One statement, so that those on schedule cost next to nothing.
A closed trajectory is found while a mail of it is still to leave.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Integer, and_, bindparam, func, or_, select

from engine.store import projections
from engine.store import tables as t
from engine.store.dossiers import TROUBLED, UNREAD
from engine.store.outbox import OPEN as LEAVING
from engine.store.prepared import Prepared
from engine.store.queries import OPEN, by_number

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose trajectories a page is about, and how far ahead it looks."""

    coach: int | None  # None: all coaches
    until: date  # the last day of dates, appointments and ends of pauses
    before: datetime  # mails that leave earlier


Preselect = Callable[[Connection, Reach], list[Row]]

_OWN = t.trajectories.c
_UNTIL: BindParameter[date] = bindparam("until")
_BEFORE: BindParameter[datetime] = bindparam("before")
_HERE = t.among(_OWN.status, *OPEN)
_MINE = _OWN.coach == bindparam("coach", type_=Integer)

_DATED = select(t.deadlines.c.trajectory).where(
    t.among(t.deadlines.c.state, "open"), t.deadlines.c.due_on <= _UNTIL
)
_PLANNED_OR_ASKED = select(t.criteria.c.trajectory).where(
    t.among(t.criteria.c.state, "open"),
    or_(t.criteria.c.planned_on <= _UNTIL, t.criteria.c.asked != "{}"),
)
_REMINDED = select(t.reminders.c.trajectory).where(
    t.among(t.reminders.c.state, "planned"), t.reminders.c.at < _BEFORE
)
_MAILED = select(t.mails.c.trajectory).where(
    t.among(t.mails.c.status, *LEAVING), t.mails.c.next_at < _BEFORE
)
_FAILED = select(t.mails.c.trajectory).where(t.among(t.mails.c.status, *TROUBLED))
_UNREAD = (
    select(t.reminders.c.trajectory)
    .join(t.trajectories, _OWN.id == t.reminders.c.trajectory)
    .where(*UNREAD)
    .correlate(None)
)
_LEAVES = or_(_OWN.id.in_(_REMINDED), _OWN.id.in_(_MAILED))
_STANDING_OUT = select(t.trajectories).where(
    or_(
        _LEAVES,
        and_(
            _HERE,
            or_(
                _OWN.status == "requested",
                _OWN.paused_until <= _UNTIL,
                *(_OWN.id.in_(found) for found in (_DATED, _PLANNED_OR_ASKED, _FAILED, _UNREAD)),
            ),
        ),
    )
)
_COUNTS = select(_OWN.status, func.count()).where(_HERE).group_by(_OWN.status)

_FOUND = Prepared(_STANDING_OUT)
_FOUND_OF = Prepared(_STANDING_OUT.where(_MINE))
_COUNTED = Prepared(_COUNTS)
_COUNTED_OF = Prepared(_COUNTS.where(_MINE))


def standing_out(connection: Connection, reach: Reach) -> list[Row]:
    """Return the own rows of the trajectories that may stand on a page, by reference."""
    values = {"until": reach.until, "before": reach.before}
    rows = (
        _FOUND.all(connection, values)
        if reach.coach is None
        else _FOUND_OF.all(connection, {**values, "coach": reach.coach})
    )
    found = [dict(zip(projections.OWN, row, strict=True)) for row in rows]
    return sorted(found, key=lambda own: by_number(own["ref"]))


def counted(connection: Connection, coach: int | None) -> dict[str, int]:
    """Return how many trajectories of a coach (None: of all) are in each open status."""
    rows = (
        _COUNTED.all(connection) if coach is None else _COUNTED_OF.all(connection, {"coach": coach})
    )
    return dict.fromkeys(OPEN, 0) | dict(rows)
