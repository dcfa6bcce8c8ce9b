"""Criteria: planned, met, waived and reopened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from engine.domain import deadlines
from engine.domain.decisions.decision import Decision, planned_for, require_active, require_day
from engine.domain.decisions.settling import current_phase, last_consent, met_by, settle
from engine.domain.decisions.telling import tell_invited
from engine.domain.definition import Criterion
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.events import (
    CriterionMet,
    CriterionPlanned,
    CriterionReopened,
    CriterionWaived,
    Detail,
    Settled,
)
from engine.domain.reminders import tells_of
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_


def decide_plan(decision: Decision, criterion: str, day: date, time: str | None = None) -> None:
    """Put an appointment on an open criterion; it stays open."""
    require_active(decision.trajectory)
    require_day(decision.act, decision.act.by_today(decision.trajectory.entered_on))
    open_criterion(decision, criterion)
    if day < decision.act.today:
        raise BadInput(
            N_("{on} is past; say when it happened with --on instead of --planned"), on=day
        )
    decision.add(CriterionPlanned(criterion, day, time))
    tell_invited(decision)


def decide_meet(
    decision: Decision,
    criterion: str,
    *,
    value: date | None = None,
    municipality: str | None = None,
    note: str | None = None,
    thanked: Mapping[int, frozenset[date]] = MappingProxyType({}),
) -> None:
    """Record a criterion as met, for one municipality or for all of them.

    `thanked`: for which days contacts read already that the feedback moment was held.
    """
    trajectory = decision.trajectory
    require_active(trajectory)
    rule = open_criterion(decision, criterion)
    require_day(decision.act, trajectory.entered_on)
    consenting = consenting_of(trajectory, criterion, rule, municipality)
    given = dict.fromkeys(consenting, decision.act.on)
    agreed = {**trajectory.criterion(criterion).consents, **given}
    complete = not rule.per or agreed.keys() >= set(trajectory.current_municipalities())
    met_on = last_consent(decision, agreed) if rule.per and complete else None
    dated, raw = _value(decision, rule, value)
    fact = CriterionMet(criterion, complete, consenting, dated, raw, met_on)
    details = (Detail("note", note),) if note else ()
    settle(decision, fact, criterion, details, thanked=thanked)
    tell_invited(decision)


def decide_waive(decision: Decision, criterion: str, reason: str) -> None:
    """Record that a criterion does not apply here."""
    require_active(decision.trajectory)
    rule = open_criterion(decision, criterion)
    require_day(decision.act, decision.trajectory.entered_on)
    default = _default(decision, rule) or (None, None)
    settle(decision, CriterionWaived(criterion, *default), criterion, (Detail("reason", reason),))
    tell_invited(decision)


def decide_waive_all(decision: Decision, reason: str) -> None:
    """Record that what is open in this phase does not apply: the phase as a whole does not."""
    require_active(decision.trajectory)
    still = [c for c in decision.phase.criteria if _is_open(decision.trajectory, c)]
    if not still:
        raise Refused(N_("nothing is open in {phase}"), phase=decision.phase.label)
    for criterion in still:
        decide_waive(decision, criterion, reason)


def decide_reopen(decision: Decision, criterion: str, reason: str) -> None:
    """Correct a slip: the criterion is open again, and what hung on it is undone."""
    trajectory = decision.trajectory
    require_active(trajectory)
    require_day(decision.act, trajectory.entered_on)
    rule = _of_this_phase(decision, criterion)
    state = trajectory.criterion(criterion)
    # what is open may still carry a consent or an appointment to take away
    if state.state == "open" and not state.consents and state.planned_on is None:
        raise Refused(N_("{criterion} is open already"), criterion=rule.label)
    undone = tuple(
        Settled(d.deadline.entry, d.deadline.deadline, "ended")
        for d in trajectory.open_deadlines()
        if d.deadline.entry == trajectory.entry
        and d.deadline.deadline
        in {
            name
            for name, _ in deadlines.anchors_of(decision.pinned, current_phase(decision), criterion)
        }
    )
    telling = (r for r in trajectory.planned() if tells_of(r, state))
    decision.supersede((*planned_for(trajectory, undone), *telling), "reopened")
    revived = tuple(
        deadlines.rebuilt(d.deadline, deadlines.recipe_of(d.deadline.steps), decision.act.calendar)
        for d in trajectory.deadlines.values()
        if d.state == "met" and met_by(decision, d.deadline) == criterion
    )
    ladders = decision.ladders(revived, collapse=True)
    decision.add(
        CriterionReopened(criterion, deadlines=revived, settled=undone, reminders=ladders.planned),
        Detail("reason", reason),
    )
    decision.skip(ladders.past, "merged")
    decision.skip(ladders.dropped, "late")
    tell_invited(decision)


def _is_open(trajectory: Trajectory, criterion: str) -> bool:
    """Tell whether a criterion is neither met nor waived."""
    return trajectory.criterion(criterion).state == "open"


def _of_this_phase(decision: Decision, criterion: str) -> Criterion:
    """Return a criterion of the current phase, or say where it belongs."""
    workflow = decision.pinned.workflow
    phase = workflow.phase_of(criterion)
    if phase is None:
        raise NotFound(
            N_("{ref} has no criterion {criterion}; this phase has {possible}"),
            ref=decision.trajectory.ref,
            criterion=criterion,
            possible=tuple(decision.phase.criteria),
        )
    if phase != decision.trajectory.phase:
        raise Refused(
            N_("{criterion} belongs to {phase}; {ref} is in {current}"),
            criterion=workflow.phases[phase].criteria[criterion].label,
            phase=workflow.phases[phase].label,
            ref=decision.trajectory.ref,
            current=decision.phase.label,
        )
    return decision.phase.criteria[criterion]


def open_criterion(decision: Decision, criterion: str) -> Criterion:
    """Return a criterion of the current phase that is still open."""
    rule = _of_this_phase(decision, criterion)
    state = decision.trajectory.criterion(criterion)
    if state.state != "open":
        raise Refused(
            N_("{criterion} is settled since {on}; for a slip: traject reopen {own} {number}"),
            criterion=rule.label,
            on=state.on,
            own=decision.trajectory.ref,
            number=list(decision.phase.criteria).index(criterion) + 1,
        )
    return rule


def consenting_of(
    trajectory: Trajectory, criterion: str, rule: Criterion, municipality: str | None
) -> tuple[str, ...]:
    """Return the municipalities that a criterion is met for; () where it is not per one."""
    if not rule.per:
        if municipality is not None:
            raise BadInput(
                N_("{criterion} is not kept per municipality; leave --for out"),
                criterion=rule.label,
            )
        return ()
    present = trajectory.current_municipalities()
    consents = trajectory.criterion(criterion).consents
    if municipality is None:
        return tuple(nis for nis in present if nis not in consents)
    if municipality not in present:
        raise BadInput(N_("that municipality is not part of {ref}"), ref=trajectory.ref)
    if municipality in consents:
        raise Refused(
            N_("{criterion}: that municipality agreed on {on}"),
            criterion=rule.label,
            on=consents[municipality],
        )
    return (municipality,)


def _value(
    decision: Decision, rule: Criterion, value: date | None
) -> tuple[date | None, date | None]:
    """Return (value, raw default) of a criterion, checked for its direction."""
    if rule.value is None:
        if value is not None:
            raise BadInput(
                N_("{criterion} carries no date; leave --value out"), criterion=rule.label
            )
        return None, None
    if value is None:
        default = _default(decision, rule)
        if default is None:
            away = timedelta(days=-14 if rule.looks == "back" else 60)
            raise BadInput(
                N_("{criterion} needs a date, such as: --value {example}"),
                criterion=rule.label,
                example=(decision.act.today + away).isoformat(),
            )
        return default
    today = decision.act.today
    if rule.looks == "back" and value > today:
        raise BadInput(N_("{criterion}: {on} lies ahead"), criterion=rule.label, on=value)
    if rule.looks == "forward" and value < decision.act.on:
        raise BadInput(N_("{criterion}: {on} is past"), criterion=rule.label, on=value)
    return value, None


def _default(decision: Decision, rule: Criterion) -> tuple[date, date] | None:
    """Return (rolled, raw) of the date the workflow gives by default, if it gives one."""
    if rule.default is None:
        return None
    return deadlines.default_value(
        decision.pinned, rule.default, decision.trajectory, decision.act.calendar
    )
