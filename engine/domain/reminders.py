"""Which reminders stand around a deadline, and whether one is still wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID, uuid5

from engine.domain.definition import Rung
from engine.domain.events import Deadline, Planned
from engine.domain.rungs import is_named, offset, stands
from engine.domain.trajectory import CriterionState, ReminderState, Trajectory
from engine.domain.workdays import Calendar, brussels_day, nine_o_clock

NAMESPACE = UUID("6f1f4f0a-6f0c-5c57-9d5b-2f3f6d0a7e11")
RESUME = "resume"  # the pseudo deadline that the end of a pause is

CHANGED: Final = "feedback_changed"  # to the invited; overtaken by the next one
HELD: Final = "feedback_held"  # its mails fall away when the point is opened again
# These belong to the trajectory: a phase change neither supersedes nor cancels them.
OF_THE_TRAJECTORY = {
    "start", "handover", "feedback_report", "stopped", "completed", "followup_offer", CHANGED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of one deadline: those that will fire, and those whose moment is past."""

    planned: tuple[Planned, ...]
    past: tuple[str, ...]  # ids among `planned` that are recorded as skipped
    dropped: tuple[str, ...] = ()  # the same, as their rule wants none that is late


def reminder_id(trajectory: str, planned: Planned) -> str:
    """Return the UUIDv5 of what makes a reminder itself and no other."""
    key = (
        trajectory,
        planned.entry or 0,
        planned.deadline,
        planned.revision,
        planned.rule,
        planned.occurrence,
        planned.role,
    )
    return str(uuid5(NAMESPACE, "/".join(map(str, key))))


def ladder(
    trajectory: str,
    scheme: tuple[str, tuple[Rung, ...]],
    deadline: Deadline,
    *,
    now: datetime,
    since: date,
    calendar: Calendar,
    collapse: bool,
    occurrence: int = 0,
    sent: Mapping[str, date] = MappingProxyType({}),
) -> Ladder:
    """Return the reminders around a deadline; one for `every` so long stands after `since` only.

    `sent`: the rules of those that became mail already, for the same deadline, and when.

    Rungs of one role that fall on one day are one: before the date the nearest to it,
    after it the last. Rungs whose moment is past stay unsent; with `collapse` (a move, a
    resume) the last of them, a role, leaves on the next sending day instead, but for those
    that are not to leave late.
    """
    name, rungs = scheme
    best: dict[tuple[str, date, bool], tuple[int, Planned]] = {}
    stand = [
        one
        for rung in rungs
        for one in stands(rung, deadline.due_on, since, calendar, sent=_last_sent(sent, name, rung))
    ]
    for rank, (rung, day, times) in enumerate(stand):
        rule = f"{name}{offset(rung, times)}"
        for role in rung.to:
            planned = _planned(
                trajectory, rule, rung, deadline=deadline, role=role, day=day, occurrence=occurrence
            )
            best[role, day, rung.before is None] = (rank, planned)
    chosen = [planned for _, planned in sorted(best.values(), key=lambda item: item[0])]
    late = [planned for planned in chosen if planned.at < now]
    if collapse and late:
        never = {planned.id for rank, planned in best.values() if stand[rank][0].late == "skip"}
        return _collapsed(chosen, [p for p in late if p.id not in never], now, calendar)
    return Ladder(tuple(chosen), tuple(planned.id for planned in late))


def _last_sent(sent: Mapping[str, date], scheme: str, rung: Rung) -> date | None:
    """Return the day of the last mail of a rung that stands more than once, None where none is."""
    if not rung.every:
        return None
    return max((day for rule, day in sent.items() if is_named(rule, scheme, rung)), default=None)


def _planned(
    trajectory: str,
    rule: str,
    rung: Rung,
    *,
    deadline: Deadline,
    role: str,
    day: date,
    occurrence: int,
) -> Planned:
    """Return one rung for one role."""
    made = Planned(
        id="",
        entry=deadline.entry,
        deadline=deadline.deadline,
        revision=deadline.revision,
        rule=rule,
        occurrence=occurrence,
        role=role,
        notice=rung.notice,
        day=day,
        at=nine_o_clock(day),
        last=rung.last,
    )
    return replace(made, id=reminder_id(trajectory, made))


def _collapsed(
    chosen: Iterable[Planned], late: list[Planned], now: datetime, calendar: Calendar
) -> Ladder:
    """Return the ladder with the late rungs of each role as at most one, next sending day."""
    next_at = nine_o_clock(calendar.roll(brussels_day(now))[0])
    if next_at < now:
        next_at = nine_o_clock(calendar.roll(brussels_day(now) + timedelta(days=1))[0])
    last_of = {planned.role: planned for planned in late}
    ahead = {(planned.role, planned.day) for planned in chosen if planned.at >= now}
    day = brussels_day(next_at)
    kept, past, dropped = [], [], []
    for planned in chosen:
        if planned.at >= now:
            kept.append(planned)
        elif planned not in late:
            kept.append(planned)
            dropped.append(planned.id)
        elif planned is last_of[planned.role] and (planned.role, day) not in ahead:
            kept.append(replace(planned, day=day, at=next_at))
        else:
            kept.append(planned)
            past.append(planned.id)
    return Ladder(tuple(kept), tuple(past), tuple(dropped))


def rests(reminder: ReminderState, trajectory: Trajectory) -> bool:
    """Tell whether a wanted mail waits for the end of a pause: only the pause scheme fires."""
    speaks = reminder.deadline == RESUME or reminder.notice in ("paused", CHANGED)
    return trajectory.status == "paused" and not speaks


def unwanted(reminder: ReminderState, trajectory: Trajectory) -> str | None:
    """Return why a reminder, or the mail made of it, is no longer wanted; None while it is."""
    if reminder.notice == CHANGED:  # overtaken by the next of its kind, by nothing else
        return None if reminder.occurrence == trajectory.feedback_changed else "moved"
    if trajectory.status == "stopped" and reminder.notice != "stopped":
        return "stopped"
    if reminder.entry is None:
        over = trajectory.status == "completed" and of_the_year(reminder)
        return "phase_left" if over else _undone(reminder, trajectory)
    if reminder.deadline == RESUME or reminder.notice == "paused":
        return None if trajectory.status == "paused" else "resumed"
    if reminder.deadline:
        if trajectory.status == "paused":
            return "paused"  # the ladder is planned afresh when the pause ends
        return _standing(reminder, trajectory)
    if reminder.entry != trajectory.entry or trajectory.status == "completed":
        return "phase_left"
    return _answered(reminder, trajectory)


def of_the_year(reminder: ReminderState | Planned) -> bool:
    """Tell whether a mail asks something once a year while the work goes on, in any phase."""
    entered = reminder.entry is None and reminder.rule.startswith("on.phase_entered.")
    return entered and reminder.notice not in OF_THE_TRAJECTORY


def _answered(reminder: ReminderState, trajectory: Trajectory) -> str | None:
    """Return why what a reminder asks about needs no asking any more; None while it does."""
    if reminder.about is None:
        return None
    asked = trajectory.criterion(reminder.about)
    return "settled" if asked.state != "open" or reminder.nis in asked.consents else None


def tells_of(reminder: ReminderState, state: CriterionState) -> bool:
    """Tell whether a mail says that this point was reached, by the fact that says so."""
    caused = reminder.rule.startswith(f"on.{HELD}.")
    return caused and state.state == "met" and state.position == reminder.occurrence


def of_an_earlier_round(reminder: ReminderState, trajectory: Trajectory) -> bool:
    """Tell whether a mail tells of something that was reached before the last round began."""
    told = reminder.rule.startswith(f"on.{HELD}.")
    return told and (trajectory.round_entry or 0) > reminder.occurrence


def _undone(reminder: ReminderState, trajectory: Trajectory) -> str | None:
    """Return that the point a mail tells of was opened again; None while it is reached.

    The next round opens all points anew: what was reached in the one before stays true.
    """
    if not reminder.rule.startswith(f"on.{HELD}.") or of_an_earlier_round(reminder, trajectory):
        return None
    reached = any(tells_of(reminder, state) for state in trajectory.criteria.values())
    return None if reached else "reopened"


def _standing(reminder: ReminderState, trajectory: Trajectory) -> str | None:
    """Return why the deadline of a reminder does not stand any more, or not at that date."""
    standing = trajectory.deadlines.get((reminder.entry or 0, reminder.deadline))
    if standing is None or standing.state != "open":
        left = reminder.entry != trajectory.entry or trajectory.status == "completed"
        return "phase_left" if left else "settled"
    return None if standing.deadline.revision == reminder.revision else "moved"
