"""Pausing, resuming and stopping: the lifecycle beside the phases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.domain import deadlines, reminders
from engine.domain.decisions.decision import Decision, require_day
from engine.domain.decisions.settling import settle_consents
from engine.domain.decisions.telling import tell_invited
from engine.domain.errors import BadInput, Refused
from engine.domain.events import Deadline, Paused, Planned, Resumed, Settled, Stopped
from engine.domain.machine import live
from engine.domain.words import N_

PAUSED = "paused"  # the mail that says so; nothing is left to say once it is over


def decide_pause(decision: Decision, reason: str, until: date) -> None:
    """Let the trajectory rest until a day; nothing but the pause scheme fires meanwhile."""
    trajectory, act = decision.trajectory, decision.act
    live(trajectory.status, "pause")
    require_day(act, trajectory.entered_on)
    require_day(act, trajectory.resumed_on)  # no day of rest counts twice
    rule = decision.pinned.workflow.pause
    known = decision.pinned.workflow.reasons.pause
    _known(reason, tuple(known))
    if until <= act.today:
        raise BadInput(N_("{until} is not ahead; a pause ends on a later day"), until=until)
    unit, amount = (known[reason].at_most or rule.at_most).unit_and_amount()
    latest = act.calendar.add(act.on, unit, amount)
    if until > latest:
        raise BadInput(
            N_("for this reason a pause lasts until {latest} at most"), latest=latest, until=until
        )
    decision.supersede((r for r in trajectory.planned() if r.deadline), "paused")
    entry = trajectory.entry or 0
    end = Deadline(entry, reminders.RESUME, "", 0, 0, until, until, given=True, steps=())
    made = reminders.ladder(
        decision.stream,
        (rule.reminders, decision.pinned.workflow.reminders[rule.reminders]),
        end,
        now=act.now,
        since=act.on,
        calendar=act.calendar,
        collapse=False,
        occurrence=decision.position,
    )
    mails = decision.caused("paused", entry=entry)
    decision.add(Paused(reason, until, reminders=made.planned + mails))
    decision.skip(made.past, "past")
    decision.withhold(mails)
    tell_invited(decision, over=True)


def decide_resume(decision: Decision) -> None:
    """Go on; open deadlines move by the days rested and get their ladder afresh."""
    trajectory, act = decision.trajectory, decision.act
    live(trajectory.status, "resume")
    require_day(act, trajectory.paused_on)
    assert trajectory.paused_on is not None  # a paused trajectory knows since when
    days = (act.on - trajectory.paused_on).days
    rested = {"step": "paused", "n": days}
    moved = tuple(
        deadlines.rebuilt(
            d.deadline,
            (*deadlines.recipe_of(d.deadline.steps), rested)
            if days
            else deadlines.recipe_of(d.deadline.steps),
            act.calendar,
        )
        for d in trajectory.open_deadlines()
    )
    over = (r for r in trajectory.planned() if r.deadline == reminders.RESUME or r.notice == PAUSED)
    decision.supersede(over, "resumed")
    ladders = decision.ladders(moved, collapse=True)
    decision.add(Resumed(days, deadlines=moved, reminders=ladders.planned))
    decision.skip(ladders.past, "merged")
    decision.skip(ladders.dropped, "late")
    settle_consents(decision)  # of municipalities that left meanwhile nobody waits any more
    tell_invited(decision, over=True)  # the mail about the pause may have been to say so


def decide_stop(
    decision: Decision,
    reason: str,
    *,
    silent: bool,
    overdue_notices: int,
    unaware: frozenset[int] = frozenset(),
) -> None:
    """End the trajectory before its goal; of a mere request nobody is told.

    `overdue_notices`: how many of this phase entry went out; some reasons need a number.
    `unaware`: contacts who were never mailed, and whose start mail this stop withdraws.
    """
    trajectory, act = decision.trajectory, decision.act
    live(trajectory.status, "stop")
    require_day(act, act.by_today(trajectory.entered_on or trajectory.requested_on))
    known = decision.pinned.workflow.reasons.stop
    _known(reason, tuple(known))
    needed = known[reason].overdue_notices or 0
    if overdue_notices < needed:
        raise Refused(
            N_(
                "{reason}: needs {needed} reminders after the target date of this phase that went "
                "out; {sent} did so far"
            ),
            reason=known[reason],
            needed=needed,
            sent=overdue_notices,
        )
    decision.supersede(trajectory.planned(), "stopped")
    settled = tuple(
        Settled(d.deadline.entry, d.deadline.deadline, "ended") for d in trajectory.open_deadlines()
    )
    silent = silent or known[reason].silent
    untold = silent or trajectory.status == "requested"
    mails = () if untold else tuple(_farewells(decision, unaware))
    decision.add(Stopped(reason, silent, settled=settled, reminders=mails))
    decision.withhold(mails)
    tell_invited(decision, silent=untold, over=True)


def _farewells(decision: Decision, unaware: frozenset[int]) -> Iterator[Planned]:
    """Yield the mails that tell of a stop; of what nobody heard of nobody need hear the end."""
    trajectory = decision.trajectory
    for planned in decision.caused("stopped", entry=trajectory.entry):
        holders = trajectory.people(planned.role)
        if unaware.isdisjoint(contact for contact, _ in holders):
            yield planned
            continue
        for contact, place in holders:
            if contact not in unaware:
                each = decision.caused(
                    "stopped", entry=trajectory.entry, contact=contact, nis=place or None
                )
                yield from (one for one in each if one.role == planned.role)


def _known(reason: str, known: tuple[str, ...]) -> None:
    """Refuse a reason that is not in the list."""
    if reason not in known:
        raise BadInput(
            N_("unknown reason {reason}; choose one of {possible}"), reason=reason, possible=known
        )
