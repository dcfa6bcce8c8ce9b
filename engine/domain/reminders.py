"""Which reminders follow from a fact or a deadline, with ids that never change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from engine.domain.definition import Cause, OnRule, Rung
from engine.domain.events import Deadline, Planned
from engine.domain.machine import Pinned
from engine.domain.rungs import offset, stands
from engine.domain.trajectory import CriterionState, ReminderState, Trajectory
from engine.domain.workdays import Calendar, brussels_day, nine_o_clock

NAMESPACE = UUID("6f1f4f0a-6f0c-5c57-9d5b-2f3f6d0a7e11")
RESUME = "resume"  # the pseudo deadline that the end of a pause is
LONGEST_RULE = 40

CHANGED: Final = "feedback_changed"  # to the invited; overtaken by the next one
HELD: Final = "feedback_held"  # its mails fall away when the point is opened again
# These belong to the trajectory: a phase change neither supersedes nor cancels them.
OF_THE_TRAJECTORY = {"start", "handover", "stopped", "completed", "followup_offer", CHANGED}


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
) -> Ladder:
    """Return the reminders around a deadline; one for `every` so long stands after `since` only.

    Rungs of one role that fall on one day are one: before the date the nearest to it,
    after it the last. Rungs whose moment is past stay unsent; with `collapse` (a move, a
    resume) the last of them, a role, leaves on the next sending day instead, but for those
    that are not to leave late.
    """
    name, rungs = scheme
    best: dict[tuple[str, date, bool], tuple[int, Planned]] = {}
    stand = [one for rung in rungs for one in stands(rung, deadline.due_on, since, calendar)]
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


def caused(
    trajectory: str,
    pinned: Pinned,
    cause: Cause,
    *,
    entry: int | None,
    position: int,
    now: datetime,
    on: date,
    calendar: Calendar,
    contact: int | None = None,
    nis: str | None = None,
    about: str | None = None,
) -> tuple[Planned, ...]:
    """Return the mails that a fact causes: at once, on its day where that lies ahead, or later."""
    planned = []
    for rule in pinned.workflow.on.get(cause, ()):
        at = _moment(rule, now, on, calendar)
        for role in rule.to:
            suffix = "".join(f".{part}" for part in (nis, contact) if part is not None)
            made = Planned(
                id="",
                entry=None if rule.notice in OF_THE_TRAJECTORY else entry,
                deadline="",
                revision=0,
                rule=f"on.{cause}.{rule.notice}"[: LONGEST_RULE - len(suffix)] + suffix,
                occurrence=position,
                role=role,
                notice=rule.notice,
                day=brussels_day(at),
                at=at,
                immediate=rule.at_once,
                ahead=rule.at_once and at > now,
                contact=contact,
                nis=nis,
                about=about,
            )
            planned.append(replace(made, id=reminder_id(trajectory, made)))
    return tuple(planned)


def _moment(rule: OnRule, now: datetime, on: date, calendar: Calendar) -> datetime:
    """Return when a caused mail is due."""
    if rule.after is not None:
        unit, amount = rule.after.unit_and_amount()
        return nine_o_clock(calendar.roll(calendar.add(on, unit, amount))[0])
    if rule.next is not None:
        first = max(on, brussels_day(now))
        years = range(first.year, first.year + 2)
        moments = (nine_o_clock(calendar.next_sending_day(rule.next_on(y))) for y in years)
        return next(at for at in moments if at > now and brussels_day(at) >= first)
    if on > brussels_day(now):
        return nine_o_clock(calendar.next_sending_day(on))
    return now


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
        return None
    if reminder.deadline == RESUME or reminder.notice == "paused":
        return None if trajectory.status == "paused" else "resumed"
    if reminder.deadline:
        if trajectory.status == "paused":
            return "paused"  # the ladder is planned afresh when the pause ends
        return _standing(reminder, trajectory)
    if reminder.entry != trajectory.entry or trajectory.status == "completed":
        return "phase_left"
    return _answered(reminder, trajectory) or _undone(reminder, trajectory)


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


def _undone(reminder: ReminderState, trajectory: Trajectory) -> str | None:
    """Return that the point a mail tells of was opened again; None while it is reached."""
    if not reminder.rule.startswith(f"on.{HELD}."):
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
