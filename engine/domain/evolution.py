"""evolve(): what each fact makes of a trajectory; asks nobody, least of all the calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeVar

from engine.domain import bookings, involving, snoozing
from engine.domain import events as fact_types
from engine.domain.events import Event, Fact, PlanningFact
from engine.domain.machine import live
from engine.domain.trajectory import (
    OPEN,
    CriterionState,
    DeadlineState,
    Membership,
    ReminderState,
    Trajectory,
)

K = TypeVar("K")
V = TypeVar("V")
Changes = dict[str, Any]  # fields of a trajectory with their new values
Branch = Callable[[Trajectory, Any, Event], Changes]


def evolve(trajectory: Trajectory | None, event: Event) -> Trajectory:
    """Return the trajectory after one more event of its stream."""
    before = _begin(event) if trajectory is None else trajectory
    return replace(before, **_changes(before, event))


def evolve_own(trajectory: Trajectory | None, event: Event) -> Trajectory:
    """Return the same, made of the value that was given, which nobody else may hold.

    A replay of many events spends a third of its time on copies that nobody looks at.
    """
    own = _begin(event) if trajectory is None else trajectory
    for name, value in _changes(own, event).items():
        object.__setattr__(own, name, value)
    return own


def _changes(trajectory: Trajectory, event: Event) -> Changes:
    """Return the fields that an event of the stream changes."""
    fact = event.fact
    changes: Changes = {"seq": event.seq, "head": event.hash}
    if fact.decision:
        changes["version"] = event.seq
    if isinstance(fact, PlanningFact):
        changes |= _plan(trajectory, fact, event.position)
    branch = BRANCHES.get(type(fact))
    if branch is not None:
        changes |= branch(trajectory, fact, event)
    return changes


def _begin(event: Event) -> Trajectory:
    """Return the trajectory that its first event brings into being."""
    fact = event.fact
    if not isinstance(fact, fact_types.TrajectoryRequested | fact_types.TrajectoryStarted):
        raise ValueError(f"a trajectory cannot begin with {type(fact).__name__}")
    return Trajectory(
        id=event.stream,
        ref=fact.ref,
        category=fact.category,
        workflow=fact.workflow,
        coach=fact.coach,
        origin=fact.origin,
        municipalities={
            nis: Membership(rank, event.occurred_on) for rank, nis in enumerate(fact.municipalities)
        },
    )


def _with(mapping: Mapping[K, V], changes: Iterable[tuple[K, V]]) -> dict[K, V]:
    """Return a copy of the mapping with some entries replaced or added."""
    return {**mapping, **dict(changes)}


def _plan(trajectory: Trajectory, fact: PlanningFact, position: int) -> Changes:
    """Return the deadlines and reminders with those of the fact in place."""
    if not (fact.deadlines or fact.settled or fact.reminders):
        return {}
    deadlines = dict(trajectory.deadlines)
    for ended in fact.settled:
        key = ended.entry, ended.deadline
        deadlines[key] = replace(deadlines[key], state=ended.state)
    for dated in fact.deadlines:
        deadlines[dated.entry, dated.deadline] = DeadlineState(dated, position=position)
    reminders = _with(
        trajectory.reminders,
        ((p.id, ReminderState(*_planned_of(p))) for p in fact.reminders),
    )
    return {"deadlines": deadlines, "reminders": reminders}


PLANNED = tuple(fact_types.Planned.__slots__)
_planned_of = attrgetter(*PLANNED)


def _requested(t: Trajectory, fact: fact_types.TrajectoryRequested, event: Event) -> Changes:
    return {"requested_on": event.occurred_on}


def _started(t: Trajectory, fact: fact_types.TrajectoryStarted, event: Event) -> Changes:
    return {"status": live(t.status, "accept"), "started_on": event.occurred_on}


def _phase_entered(t: Trajectory, fact: fact_types.PhaseEntered, event: Event) -> Changes:
    kept = {c: state for c, state in t.criteria.items() if c not in fact.reopened}
    return {
        "phase": fact.phase,
        "entry": event.position,
        "entered_on": event.occurred_on,
        "cause": fact.cause,
        "came_from": fact.came_from,
        "criteria": kept,
        "round_on": event.occurred_on if fact.cause == "next_round" else t.round_on,
        "round_entry": event.position if fact.cause == "next_round" else t.round_entry,
    }


def _criterion(t: Trajectory, criterion: str, event: Event, **changes: Any) -> Changes:
    state = replace(t.criterion(criterion), position=event.position, **changes)
    return {"criteria": _with(t.criteria, [(criterion, state)])}


def _planned(t: Trajectory, fact: fact_types.CriterionPlanned, event: Event) -> Changes:
    return _criterion(
        t, fact.criterion, event, planned_on=fact.planned_on, planned_time=fact.planned_time
    )


def _met(t: Trajectory, fact: fact_types.CriterionMet, event: Event) -> Changes:
    consents = _with(
        t.criterion(fact.criterion).consents,
        ((nis, event.occurred_on) for nis in fact.municipalities),
    )
    if not fact.complete:
        return _criterion(t, fact.criterion, event, consents=consents)
    on = fact.met_on or event.occurred_on
    return _settled(t, fact, event, state="met", on=on, consents=consents)


def _waived(t: Trajectory, fact: fact_types.CriterionWaived, event: Event) -> Changes:
    return _settled(t, fact, event, state="waived", on=event.occurred_on)


def _settled(
    t: Trajectory,
    fact: fact_types.CriterionMet | fact_types.CriterionWaived,
    event: Event,
    **changes: Any,
) -> Changes:
    return _criterion(
        t,
        fact.criterion,
        event,
        value=fact.value,
        value_raw=fact.value_raw,
        planned_on=None,
        planned_time=None,
        **changes,
    )


def _reopened(t: Trajectory, fact: fact_types.CriterionReopened, event: Event) -> Changes:
    fresh = CriterionState(position=event.position, asked=t.criterion(fact.criterion).asked)
    return {"criteria": _with(t.criteria, [(fact.criterion, fresh)])}


def _asked(t: Trajectory, fact: fact_types.ConsentAsked, event: Event) -> Changes:
    before = t.criteria.get(fact.criterion, OPEN).asked
    asked = _with(before, ((nis, event.occurred_on) for nis in fact.municipalities))
    return _criterion(t, fact.criterion, event, asked=asked)


def _paused(t: Trajectory, fact: fact_types.Paused, event: Event) -> Changes:
    return {
        "status": live(t.status, "pause"),
        "paused_on": event.occurred_on,
        "paused_until": fact.until,
        "reason": fact.reason,
    }


def _resumed(t: Trajectory, fact: fact_types.Resumed, event: Event) -> Changes:
    return {
        "status": live(t.status, "resume"),
        "resumed_on": event.occurred_on,
        "paused_on": None,
        "paused_until": None,
        "reason": None,
    }


def _stopped(t: Trajectory, fact: fact_types.Stopped, event: Event) -> Changes:
    return {
        "status": live(t.status, "stop"),
        "closed_on": event.occurred_on,
        "reason": fact.reason,
        "paused_on": None,
        "paused_until": None,
    }


def _completed(t: Trajectory, fact: fact_types.Completed, event: Event) -> Changes:
    return {"status": live(t.status, "complete"), "closed_on": event.occurred_on}


def _close(t: Trajectory, ids: Iterable[str], state: str, reason: str | None) -> Changes:
    found = (t.reminders[id_] for id_ in ids if id_ in t.reminders)
    closed = ((one.id, ReminderState(*(*_planned_of(one), state, reason))) for one in found)
    return {"reminders": _with(t.reminders, closed)}


BRANCHES: dict[type[Fact], Branch] = {
    **bookings.BRANCHES,
    **involving.BRANCHES,
    fact_types.TrajectoryRequested: _requested,
    fact_types.TrajectoryStarted: _started,
    fact_types.PhaseEntered: _phase_entered,
    fact_types.CriterionPlanned: _planned,
    fact_types.CriterionMet: _met,
    fact_types.CriterionWaived: _waived,
    fact_types.CriterionReopened: _reopened,
    fact_types.ConsentAsked: _asked,
    fact_types.Paused: _paused,
    fact_types.Resumed: _resumed,
    fact_types.Stopped: _stopped,
    fact_types.Completed: _completed,
    fact_types.FollowUpLinked: lambda t, f, e: {
        "followed_up": {**t.followed_up, f.category: f.ref}
    },
    fact_types.ReminderSnoozed: snoozing.evolved,
    fact_types.FeedbackChanged: lambda t, f, e: {"feedback_changed": e.position},
    fact_types.CoachChanged: lambda t, f, e: {"coach": f.coach},
    fact_types.ReminderFired: lambda t, f, e: _close(t, [f.reminder], "fired", None),
    fact_types.ReminderSuperseded: lambda t, f, e: _close(t, f.reminders, "superseded", f.reason),
    fact_types.ReminderSkipped: lambda t, f, e: _close(t, f.reminders, "skipped", f.reason),
}
