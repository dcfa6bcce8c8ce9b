"""When the mail of a reminder may leave, when it is late, and what its rule wants of it then."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from engine.domain.definition import Late, Workflow
from engine.domain.events import Planned
from engine.domain.machine import Pinned
from engine.domain.rungs import is_named
from engine.domain.snoozing import due_at
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.workdays import BRUSSELS, Calendar, brussels_day, nine_o_clock

SEND: Late = "send"
COLLAPSE: Late = "collapse"
SKIP: Late = "skip"
EARLIEST, LATEST = time(8), time(17)  # planned mail leaves between these, Brussels time


def at_any_hour(reminder: ReminderState | Planned) -> bool:
    """Tell whether its mail may leave at any hour: a person's command caused it for at once."""
    return reminder.immediate and not reminder.ahead


def leaves_at(reminder: ReminderState | Planned, hold_back: timedelta) -> datetime:
    """Return when the mail of a reminder may leave: a command's after the hold-back."""
    return reminder.at + hold_back if at_any_hour(reminder) else reminder.at


def in_working_hours(now: datetime, calendar: Calendar) -> bool:
    """Tell whether planned mail may leave now; the hour says it before any calendar is asked."""
    local = now.astimezone(BRUSSELS)
    return EARLIEST <= local.time() < LATEST and calendar.is_working_day(local.date())


def sending_moment(now: datetime, calendar: Calendar) -> datetime:
    """Return when planned mail may leave: now, in working hours, else their next beginning."""
    if in_working_hours(now, calendar):
        return now
    local = now.astimezone(BRUSSELS)
    ahead = local.date() if local.time() < EARLIEST else local.date() + timedelta(days=1)
    return nine_o_clock(calendar.next_sending_day(ahead))


def could_leave(reminder: ReminderState | Planned, now: datetime, calendar: Calendar) -> datetime:
    """Return when the mail of a reminder that is due may leave: now, or once the hours allow it."""
    return now if at_any_hour(reminder) else sending_moment(now, calendar)


def is_late(
    reminder: ReminderState, trajectory: Trajectory, now: datetime, hold_back: timedelta
) -> bool:
    """Tell whether the day on which a reminder was to leave is over."""
    leaves = max(leaves_at(reminder, hold_back), due_at(reminder, trajectory.snoozes))
    return brussels_day(now) > brussels_day(leaves)


def too_late(
    reminder: ReminderState,
    trajectory: Trajectory,
    pinned: Pinned,
    *,
    now: datetime,
    hold_back: timedelta,
) -> str | None:
    """Return that a reminder is late, where its rule wants none that is; None otherwise."""
    if late_policy(reminder, pinned.workflow) != SKIP:
        return None
    return "late" if is_late(reminder, trajectory, now, hold_back) else None


def late_policy(reminder: ReminderState | Planned, workflow: Workflow) -> Late:
    """Return what the workflow wants of a reminder that is late.

    A reminder carries the name of its rule: `std-10wd`, `on.phase_entered.phase_started.44021`.
    """
    if not reminder.deadline:
        for cause, rules in workflow.on.items():
            for rule in rules:
                named = reminder.rule.startswith(f"on.{cause}.") and rule.notice == reminder.notice
                if named and reminder.role in rule.to:
                    return rule.late
        return COLLAPSE
    for scheme, rungs in workflow.reminders.items():
        for rung in rungs:
            named = rung.notice == reminder.notice and is_named(reminder.rule, scheme, rung)
            if named and reminder.role in rung.to:
                return rung.late
    return COLLAPSE
