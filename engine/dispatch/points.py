"""The points of a phase in a reader's words: what is open, in whose hands, and what was reached."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from engine.domain.definition import Criterion, Labels
from engine.domain.machine import Pinned
from engine.domain.people import COACH
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.wanted import open_points
from engine.domain.words import Words
from engine.municipalities import by_nis
from engine.ports import Point


class Open(NamedTuple):
    """The open points that a mail is about, by whose hands they are in."""

    theirs: tuple[Point, ...]  # the coordinator's and the mayors'
    coachs: tuple[Point, ...]


def still_open(
    trajectory: Trajectory,
    pinned: Pinned,
    reminder: ReminderState,
    speak: Words,
    *,
    outside: bool,
) -> Open:
    """Return the open points that a reminder is about, as a reader may see them."""

    def points(found: Iterable[tuple[str, Criterion]]) -> tuple[Point, ...]:
        return tuple(
            _point(trajectory, name, c, speak.label(_label(c, outside=outside)), speak)
            for name, c in found
        )

    found = open_points(trajectory, pinned, reminder)
    return Open(
        points((n, c) for n, c in found if c.who != COACH),
        points((n, c) for n, c in found if c.who == COACH),
    )


def reached(
    trajectory: Trajectory, pinned: Pinned, since: date, speak: Words, *, outside: bool
) -> tuple[Point, ...]:
    """Return the points of the current phase that were met after a day, in file order."""
    phase = pinned.workflow.phases.get(trajectory.phase or "")
    met = ((c, trajectory.criterion(name)) for name, c in (phase.criteria if phase else {}).items())
    return tuple(
        Point(speak.label(_label(c, outside=outside)))
        for c, state in met
        if state.state == "met" and state.on is not None and state.on > since
    )


def _label(criterion: Criterion, *, outside: bool) -> Labels:
    return criterion.outside() if outside else criterion.label


def _point(
    trajectory: Trajectory, name: str, criterion: Criterion, label: str, speak: Words
) -> Point:
    """Return an open criterion in words."""
    state = trajectory.criterion(name)
    planned = speak.day(state.planned_on) if state.planned_on else ""
    if planned and state.planned_time:
        planned = f"{planned}, {state.planned_time}"
    waiting: tuple[str, ...] = ()
    if criterion.per and state.consents:
        waiting = tuple(
            by_nis(nis).name
            for nis in trajectory.current_municipalities()
            if nis not in state.consents
        )
    return Point(label, planned, waiting)
