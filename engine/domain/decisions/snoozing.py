"""Letting reminders rest until a day, and letting them go again; the dates themselves stand."""

from __future__ import annotations

from datetime import date

from engine.domain import snoozing
from engine.domain.decisions.dates import standing_named
from engine.domain.decisions.decision import Decision, require_active
from engine.domain.errors import BadInput, Refused
from engine.domain.events import Detail, ReminderSnoozed
from engine.domain.trajectory import Snooze
from engine.domain.words import N_
from engine.domain.workdays import nine_o_clock


def decide_snooze(
    decision: Decision,
    until: date,
    reason: str | None,
    *,
    role: str | None = None,
    deadline: str | None = None,
) -> None:
    """Let reminders rest until a day, all or those of a role or a date; today wakes them.

    They go again on a day on which mail leaves, at a moment that is part of the fact: a replay
    asks no calendar. Once the trajectory is complete, what still rests can only be woken.
    """
    if decision.trajectory.status != "completed" or until > decision.act.today:
        require_active(decision.trajectory)
    _require_role(decision, role)
    named = standing_named(decision.trajectory, deadline) if deadline is not None else None
    entry = named.entry if named is not None else None
    act = decision.act
    if until <= act.today:
        _wake(decision, until, Snooze(until, act.now, role, entry, deadline))
        return
    unit, amount = decision.pinned.workflow.pause.at_most.unit_and_amount()
    latest = act.calendar.next_sending_day(act.calendar.add(act.today, unit, amount))
    until = act.calendar.next_sending_day(until)
    if until > latest:
        raise BadInput(N_("reminders rest until {latest} at most"), latest=latest)
    details = (Detail("reason", reason),) if reason else ()
    decision.add(
        ReminderSnoozed(until, nine_o_clock(until), role, entry, deadline),
        *details,
    )


def _wake(decision: Decision, on: date, scope: Snooze) -> None:
    """End the rests within a scope, if there are any."""
    act, ref = decision.act, decision.trajectory.ref
    if on < act.today:
        raise BadInput(N_("{on} is past; reminders rest until a later day"), on=on)
    here = snoozing.resting(decision.trajectory, act.now)
    if not any(snoozing.within(rest, scope) for rest in here):
        raise Refused(N_("no reminders of {ref} rest"), ref=ref)
    decision.add(ReminderSnoozed(on, act.now, scope.role, scope.entry, scope.deadline))


def _require_role(decision: Decision, role: str | None) -> None:
    """Refuse a role that the workflow does not have."""
    known = tuple(decision.pinned.workflow.roles)
    if role is not None and role not in known:
        raise BadInput(
            N_("unknown role {role}; choose one of {possible}"), role=role, possible=known
        )
