"""What a settled criterion brings about: deadlines dated or met, reminders superseded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from engine.domain import deadlines
from engine.domain.agenda import is_feedback
from engine.domain.decisions.decision import Decision, planned_for
from engine.domain.events import (
    CriterionMet,
    CriterionWaived,
    Deadline,
    Detail,
    Planned,
    PlanningFact,
    Settled,
)
from engine.domain.reminders import HELD
from engine.domain.trajectory import Trajectory


def settle(
    decision: Decision,
    fact: CriterionMet | CriterionWaived,
    criterion: str,
    details: tuple[Detail, ...],
    *,
    thanked: Mapping[int, frozenset[date]] = MappingProxyType({}),
) -> None:
    """Add the fact with the deadlines it dates and settles, and the mail it causes.

    `thanked`: for which days the contacts had the mail that a feedback moment was held.
    """
    after = decision.preview(fact)
    if after.criterion(criterion).state == "open":
        decision.add(fact, *details)
        return
    dated = tuple(_dated(decision, after, criterion))
    settled = tuple(
        Settled(d.deadline.entry, d.deadline.deadline, "met")
        for d in decision.trajectory.open_deadlines()
        if met_by(decision, d.deadline) == criterion
    )
    done = planned_for(decision.trajectory, settled)
    asked = (r for r in decision.trajectory.planned() if r.about == criterion)
    decision.supersede((*done, *asked), "settled")
    ladders = decision.ladders(dated, collapse=False)
    mails = tuple(_told(decision, fact, thanked))
    planning: PlanningFact = replace(
        fact, deadlines=dated, settled=settled, reminders=ladders.planned + mails
    )
    decision.add(planning, *details)
    decision.skip(ladders.past, "past")
    decision.withhold(mails)


def _told(
    decision: Decision,
    fact: CriterionMet | CriterionWaived,
    thanked: Mapping[int, frozenset[date]],
) -> Iterator[Planned]:
    """Yield the mails that tell of it: that the feedback moment was held, of nothing else.

    Who read the same of the same day, before a slip was put right, does not read it twice.
    """
    if not (isinstance(fact, CriterionMet) and is_feedback(decision.pinned, fact.criterion)):
        return
    day = fact.met_on or decision.act.on
    know = {contact for contact, days in thanked.items() if day in days}
    for planned in decision.caused(HELD):
        holders = decision.trajectory.people(planned.role)
        if know.isdisjoint(contact for contact, _ in holders):
            yield replace(planned, day=day)
            continue
        for contact, place in holders:
            if contact not in know:
                each = decision.caused(HELD, contact=contact, nis=place or None)
                yield from (replace(one, day=day) for one in each if one.role == planned.role)


def _dated(decision: Decision, after: Trajectory, criterion: str) -> Iterable[Deadline]:
    """Yield the deadlines of this phase that hang on the criterion and can be dated now."""
    phase, entry = current_phase(decision), after.entry
    assert entry is not None and after.entered_on is not None  # the trajectory is in a phase
    for name, rank in deadlines.anchors_of(decision.pinned, phase, criterion):
        recipe = deadlines.recipe_for(
            decision.pinned,
            after,
            phase,
            name,
            entered_on=after.entered_on,
            cause=after.cause or "",
        )
        before = after.deadlines.get((entry, name))
        if recipe is not None and (before is None or before.state != "open"):
            yield deadlines.build(
                (name, phase, rank),
                recipe,
                decision.act.calendar,
                entry=entry,
                revision=before.deadline.revision + 1 if before else 1,
            )


def settle_consents(decision: Decision) -> None:
    """Complete the criteria that only waited for a municipality that has left."""
    present = set(decision.trajectory.current_municipalities())
    if decision.trajectory.status != "active":
        return
    for name, rule in decision.phase.criteria.items():
        state = decision.trajectory.criterion(name)
        if rule.per and state.state == "open" and state.consents and present <= {*state.consents}:
            met_on = last_consent(decision, state.consents)
            settle(decision, CriterionMet(name, complete=True, met_on=met_on), name, ())


def last_consent(decision: Decision, consents: Mapping[str, date]) -> date | None:
    """Return the day of the last consent of those present; None where it is the act's own."""
    last = max(consents[nis] for nis in decision.trajectory.current_municipalities())
    return None if last == decision.act.on else last


def current_phase(decision: Decision) -> str:
    """Return the id of the current phase."""
    assert decision.trajectory.phase is not None  # callers require an active trajectory
    return decision.trajectory.phase


def met_by(decision: Decision, deadline: Deadline) -> str | None:
    """Return the criterion that settles a deadline."""
    return decision.pinned.workflow.phases[deadline.phase].deadlines[deadline.deadline].met_by
