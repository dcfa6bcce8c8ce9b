"""Which open points a mail is about, and whether it still has anything to say."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.domain.agenda import mistaken
from engine.domain.definition import Criterion
from engine.domain.machine import Pinned
from engine.domain.moments import too_late
from engine.domain.people import COACH, LEAD
from engine.domain.reminders import CHANGED, RESUME, of_an_earlier_round
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.workdays import brussels_day

NAGS = ("deadline_soon", "overdue")  # mails that say: these points are still open
ESCALATION = "lead_escalation"


def open_points(
    trajectory: Trajectory, pinned: Pinned, reminder: ReminderState
) -> tuple[tuple[str, Criterion], ...]:
    """Return the required criteria that are open and concern a reminder, in file order.

    A deadline that one criterion settles is about that criterion alone; what tells of the
    round before is about none of this one.
    """
    if of_an_earlier_round(reminder, trajectory):
        return ()
    standing = trajectory.deadlines.get((reminder.entry or 0, reminder.deadline))
    if standing is not None:
        phase = pinned.workflow.phases[standing.deadline.phase]
        only = phase.deadlines[reminder.deadline].met_by
        criterion = pinned.workflow.criterion(only) if only else None
        if only is not None and criterion is not None:
            is_open = trajectory.criterion(only).state == "open"
            return ((only, criterion),) if is_open else ()
    return phase_points(trajectory, pinned)


def phase_points(trajectory: Trajectory, pinned: Pinned) -> tuple[tuple[str, Criterion], ...]:
    """Return the required criteria of the current phase that are open, in file order."""
    if trajectory.phase is None or trajectory.status not in ("active", "paused"):
        return ()
    return tuple(
        (name, criterion)
        for name, criterion in pinned.workflow.phases[trajectory.phase].criteria.items()
        if criterion.required and trajectory.criterion(name).state == "open"
    )


def silenced(
    reminder: ReminderState, trajectory: Trajectory, pinned: Pinned, on: date
) -> str | None:
    """Return why a wanted reminder is not sent on a day, None when it is.

    `late`: its date has passed meanwhile. `nothing_open`: nothing is open in the hands of a
    reader at the municipality (coach and lead hear of it all the same: somebody must move
    on). `planned`: all that is open has an appointment on or after the day.
    """
    standing = trajectory.deadlines.get((reminder.entry or 0, reminder.deadline))
    before_only = reminder.notice in ("deadline_soon", "feedback_invite")
    if before_only and standing is not None and on > standing.deadline.due_on:
        return "late"
    if reminder.notice not in (*NAGS, ESCALATION) or reminder.deadline == RESUME:
        return None
    ours = reminder.role in (COACH, LEAD)
    found = open_points(trajectory, pinned, reminder)
    points = [name for name, criterion in found if ours or criterion.who != COACH]
    if not points:
        return None if ours else "nothing_open"
    appointments = [trajectory.criterion(name).planned_on for name in points]
    if all(planned is not None and planned >= on for planned in appointments):
        return "planned"
    return None


def pointless(
    reminder: ReminderState,
    trajectory: Trajectory,
    pinned: Pinned,
    *,
    person: str,
    at: datetime,
    hold_back: timedelta,
) -> str | None:
    """Return why a mail that is wanted has nothing to say when it leaves, None while it has."""
    day = brussels_day(at)
    reason = too_late(reminder, trajectory, pinned, now=at, hold_back=hold_back)
    reason = reason or silenced(reminder, trajectory, pinned, day)
    if reason is None and reminder.notice == CHANGED:
        return None if mistaken(trajectory, pinned, person, day) else "told"
    return reason
