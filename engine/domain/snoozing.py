"""Reminders that rest: which ones, until when, and what is left of a rest after the next one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.domain.events import Event, Planned, ReminderSnoozed
from engine.domain.reminders import RESUME
from engine.domain.trajectory import ReminderState, Snooze, Trajectory


def due_at(reminder: ReminderState | Planned, snoozes: Iterable[Snooze]) -> datetime:
    """Return when a reminder comes due: at its moment, or when the last of its rests is over."""
    return max((reminder.at, *(rest.at for rest in snoozes if _covers(rest, reminder))))


def due_of(trajectory: Trajectory, now: datetime) -> list[ReminderState]:
    """Return the reminders that are due: their moment has come, and they do not rest."""
    return [r for r in trajectory.planned() if due_at(r, trajectory.snoozes) <= now]


def sleeps(reminder: ReminderState, trajectory: Trajectory, now: datetime) -> bool:
    """Tell whether a reminder, or the mail made of it, rests now."""
    return any(rest.at > now and _covers(rest, reminder) for rest in trajectory.snoozes)


def resting(trajectory: Trajectory, now: datetime) -> tuple[Snooze, ...]:
    """Return the rests that are not over, the first to end first.

    At the end of a trajectory only those matter that something to come still waits for.
    """
    rests = [rest for rest in trajectory.snoozes if rest.at > now]
    if trajectory.status == "completed":
        coming = trajectory.planned()
        rests = [rest for rest in rests if any(_covers(rest, one) for one in coming)]
    elif trajectory.status != "active":
        return ()
    return tuple(sorted(rests, key=lambda rest: rest.at))


def evolved(trajectory: Trajectory, fact: ReminderSnoozed, event: Event) -> dict[str, Any]:
    """Return the rests that stand once this one is said; it replaces what lies within it."""
    now = event.recorded_at
    said = Snooze(fact.until, fact.at, fact.role, fact.entry, fact.deadline)
    kept = tuple(rest for rest in trajectory.snoozes if rest.at > now and not within(rest, said))
    return {"snoozes": (*kept, said) if said.at > now else kept}


def within(inner: Snooze, outer: Snooze) -> bool:
    """Tell whether a rest concerns nothing that the other one does not."""
    dated = outer.deadline is None or _date(inner) == _date(outer)
    return dated and outer.role in (None, inner.role)


def _covers(rest: Snooze, reminder: ReminderState | Planned) -> bool:
    """Tell whether a reminder is one of those that rest: no mail at once, none of a pause."""
    if reminder.immediate or reminder.deadline == RESUME:
        return False
    dated = rest.deadline is None or (reminder.entry, reminder.deadline) == _date(rest)
    return dated and rest.role in (None, reminder.role)


def _date(rest: Snooze) -> tuple[int | None, str | None]:
    return rest.entry, rest.deadline
