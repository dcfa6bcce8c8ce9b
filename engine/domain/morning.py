"""What a coach should see first on a day: what is late, what is near, who is waited for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from engine.domain.definition import Criterion, Labels
from engine.domain.machine import Pinned
from engine.domain.people import COACH, LEAD
from engine.domain.trajectory import Trajectory
from engine.domain.wanted import phase_points
from engine.domain.workdays import Calendar

AHEAD = timedelta(days=7)

Case = tuple[Trajectory, Pinned]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated:
    """A date of a trajectory that is past or near, and what is open for it."""

    trajectory: Trajectory
    pinned: Pinned
    deadline: str  # its id
    label: Labels  # its own name, or that of its phase
    due_on: date
    working_days: int  # past the date; 0 where it lies ahead
    points: tuple[tuple[str, Criterion], ...]
    silent: bool  # no reminder will go to the municipality any more


@dataclass(frozen=True, slots=True)
class Appointment:
    """A planned day on an open criterion: today's, or past and not registered yet."""

    trajectory: Trajectory
    pinned: Pinned
    name: str
    number: int  # of the criterion, in its phase
    criterion: Criterion
    on: date
    time: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A consent that was asked for and not given yet."""

    trajectory: Trajectory
    pinned: Pinned
    name: str
    number: int  # of the criterion, in its phase
    criterion: Criterion
    municipalities: tuple[str, ...]  # NIS codes
    on: date
    days: int


@dataclass(frozen=True, slots=True)
class Morning:
    """The day's page, each part with the most urgent first."""

    overdue: tuple[Dated, ...]
    today: tuple[Appointment, ...]
    soon: tuple[Dated, ...]  # due today or in the coming week
    pauses: tuple[Case, ...]  # that end in the coming week, or should have ended
    waiting: tuple[Asked, ...]
    requests: tuple[Case, ...]
    on_schedule: int
    counts: dict[str, int]  # by status


def morning(
    cases: Iterable[Case],
    today: date,
    calendar: Calendar,
    *,
    counts: Mapping[str, int] | None = None,
) -> Morning:
    """Return what stands out among these trajectories on a day.

    `counts`: how many there are by status, where those that cannot stand out were left out.
    """
    known = tuple(cases)
    if counts is None:
        counts = Counter(t.status for t, _ in known)
    active = [case for case in known if case[0].status == "active"]
    dated = [one for t, p in active for one in _dated(t, p, today, calendar)]
    overdue = [one for one in dated if one.due_on < today]
    soon = [one for one in dated if today <= one.due_on <= today + AHEAD]
    standing_out = {one.trajectory.id for one in (*overdue, *soon)}
    return Morning(
        overdue=tuple(sorted(overdue, key=_by_date)),
        today=tuple(sorted(_found(_appointments, active, today), key=_by_hour)),
        soon=tuple(sorted(soon, key=_by_date)),
        pauses=tuple(case for case in known if _ends(case[0], today)),
        waiting=tuple(sorted(_found(_asked, active, today), key=lambda asked: asked.on)),
        requests=tuple(case for case in known if case[0].status == "requested"),
        on_schedule=counts.get("active", 0) - len(standing_out),
        counts={status: counts.get(status, 0) for status in ("active", "paused", "requested")},
    )


def _dated(
    trajectory: Trajectory, pinned: Pinned, today: date, calendar: Calendar
) -> Iterator[Dated]:
    """Yield every date of an active trajectory that still stands, the phase's own first."""
    ahead = {(r.entry, r.deadline) for r in trajectory.planned() if r.role not in (COACH, LEAD)}
    for standing in trajectory.open_deadlines():
        own = standing.deadline
        phase = pinned.workflow.phases[own.phase]
        rule = phase.deadlines[own.deadline]
        late = calendar.working_days_between(own.due_on, today) if own.due_on < today else 0
        yield Dated(
            trajectory,
            pinned,
            own.deadline,
            rule.label or phase.label,
            own.due_on,
            late,
            tuple(_points(trajectory, pinned, rule.met_by)),
            silent=(own.entry, own.deadline) not in ahead,
        )


def _points(
    trajectory: Trajectory, pinned: Pinned, met_by: str | None
) -> Iterator[tuple[str, Criterion]]:
    """Yield what is open for a date: the one criterion that settles it, or those of the phase."""
    only = pinned.workflow.criterion(met_by) if met_by is not None else None
    if met_by is None or only is None:
        yield from phase_points(trajectory, pinned)
    elif trajectory.criterion(met_by).state == "open":
        yield met_by, only


def _appointments(case: Case, today: date) -> Iterator[Appointment]:
    """Yield the appointments of today, and the past ones that nobody registered."""
    for name, number, criterion in _open_criteria(case):
        state = case[0].criterion(name)
        if state.planned_on is not None and state.planned_on <= today:
            yield Appointment(*case, name, number, criterion, state.planned_on, state.planned_time)


def _asked(case: Case, today: date) -> Iterator[Asked]:
    """Yield the consents that were asked for and are still open."""
    present = case[0].current_municipalities()
    for name, number, criterion in _open_criteria(case):
        state = case[0].criterion(name)
        open_ = tuple(n for n in present if n in state.asked and n not in state.consents)
        if open_:
            on = min(state.asked[nis] for nis in open_)
            yield Asked(*case, name, number, criterion, open_, on, (today - on).days)


def _open_criteria(case: Case) -> Iterator[tuple[str, int, Criterion]]:
    """Yield the open criteria of the current phase with their numbers, optional ones too."""
    trajectory, pinned = case
    own = pinned.workflow.phases[trajectory.phase or ""].criteria
    for number, (name, criterion) in enumerate(own.items(), start=1):
        if trajectory.criterion(name).state == "open":
            yield name, number, criterion


def _found(
    find: Callable[[Case, date], Iterator[T]], cases: Iterable[Case], today: date
) -> list[T]:
    """Return what is found in each of the trajectories."""
    return [one for case in cases for one in find(case, today)]


def _ends(trajectory: Trajectory, today: date) -> bool:
    """Tell whether a pause ends in the coming week, or should have ended."""
    until = trajectory.paused_until
    return trajectory.status == "paused" and until is not None and until <= today + AHEAD


def _by_date(dated: Dated) -> tuple[date, str]:
    return dated.due_on, dated.trajectory.ref


def _by_hour(appointment: Appointment) -> tuple[date, str]:
    return appointment.on, appointment.time or ""
