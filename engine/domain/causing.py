"""Which mails a fact causes, and when each of them is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from itertools import count

from engine.domain.definition import Cause, OnRule
from engine.domain.events import Planned
from engine.domain.machine import Pinned
from engine.domain.reminders import OF_THE_TRAJECTORY, reminder_id
from engine.domain.workdays import Calendar, brussels_day, nine_o_clock

LONGEST_RULE = 40


def caused(
    trajectory: str,
    pinned: Pinned,
    cause: Cause,
    *,
    entry: int | None,
    position: int,
    now: datetime,
    on: date,
    since: date,
    calendar: Calendar,
    contact: int | None = None,
    nis: str | None = None,
    about: str | None = None,
) -> tuple[Planned, ...]:
    """Return the mails that a fact causes: at once, on its day where that lies ahead, or later.

    `since`: the day on which the trajectory started.
    """
    planned = []
    for rule in pinned.workflow.on.get(cause, ()):
        at = _moment(rule, now, on, since=since, calendar=calendar)
        for role in rule.to:
            suffix = "".join(f".{part}" for part in (nis, contact) if part is not None)
            made = Planned(
                id="",
                entry=None if _outlives_phase(rule, cause) else entry,
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


def _outlives_phase(rule: OnRule, cause: Cause) -> bool:
    """Tell whether a change of phase leaves a mail as it is."""
    yearly = cause == "phase_entered" and rule.next is not None
    return yearly or rule.notice in OF_THE_TRAJECTORY


def _moment(rule: OnRule, now: datetime, on: date, *, since: date, calendar: Calendar) -> datetime:
    """Return when a caused mail is due."""
    if rule.after is not None:
        unit, amount = rule.after.unit_and_amount()
        return nine_o_clock(calendar.roll(calendar.add(on, unit, amount))[0])
    if rule.next is not None:
        first = max(on, brussels_day(now), _running_from(rule, since, calendar))
        days = (calendar.next_sending_day(rule.next_on(year)) for year in count(first.year))
        return next(at for day in days if day >= first and (at := nine_o_clock(day)) > now)
    if on > brussels_day(now):
        return nine_o_clock(calendar.next_sending_day(on))
    return now


def _running_from(rule: OnRule, since: date, calendar: Calendar) -> date:
    """Return the day from which a trajectory runs as long as a rule asks."""
    if rule.running is None:
        return since
    unit, amount = rule.running.unit_and_amount()
    return calendar.add(since, unit, amount)
