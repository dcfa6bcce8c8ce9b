"""What may be done with a trajectory now: every transition, whether it is allowed, and why not.

The machines judge; nothing here knows an edge by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from engine.domain.decisions.decision import Act, Decision, require_day
from engine.domain.decisions.people import CLOSED, check_follow_up
from engine.domain.decisions.phases import missing, round_allowed_on
from engine.domain.errors import Missing, TrajectError
from engine.domain.guards import Facts
from engine.domain.machine import (
    ADVANCE,
    NEXT_ROUND,
    SEND_BACK,
    Pinned,
    fire,
    live,
    may,
    targets,
    workflow_machine,
)
from engine.domain.people import SYSTEM
from engine.domain.trajectory import Trajectory
from engine.domain.words import Say
from engine.domain.workdays import Calendar, nine_o_clock

FOLLOW_UP = "follow_up"
LIFE = ("accept", "pause", "resume", "stop")  # `complete` is an advance from the last phase


@dataclass(frozen=True, slots=True)
class Move:
    """One transition to one target: allowed, or what is missing and the reason."""

    transition: str  # advance | send_back | next_round | accept | pause | resume | stop | follow_up
    to: str  # a phase, completed, the new status, or a category
    allowed: bool
    missing: tuple[Missing, ...] = ()
    reason: Say | None = None


def moves(
    trajectory: Trajectory, pinned: Pinned, today: date, calendar: Calendar
) -> tuple[Move, ...]:
    """Return what can be done next, the way forward first; one row a target."""
    act = Act(SYSTEM, nine_o_clock(today), today, calendar)
    decision = Decision(trajectory.id, pinned, act, trajectory)
    if trajectory.status in CLOSED:
        return tuple(_follow_ups(decision))
    walks = _walks(decision) if trajectory.status == "active" else ()
    return (*walks, *_changes_of_status(decision))


def _follow_ups(decision: Decision) -> Iterator[Move]:
    """Yield the categories that a closed trajectory may be followed up into."""
    for category in decision.pinned.workflow.follow_up:
        tried = _tried(partial(check_follow_up, decision, category))
        yield Move(FOLLOW_UP, category, tried is None, (), tried)


def _walks(decision: Decision) -> Iterator[Move]:
    """Yield the moves along the edges of the workflow."""
    trajectory, machine = decision.trajectory, workflow_machine(decision.pinned)
    phase = trajectory.phase or ""
    for trigger in (ADVANCE, SEND_BACK, NEXT_ROUND):
        for target in targets(machine, phase, trigger):
            facts = _facts(decision, trigger, target)
            tried = _begun(decision) or _tried(partial(fire, machine, phase, trigger, facts))
            yield Move(trigger, target, tried is None, facts.missing, tried)


def _changes_of_status(decision: Decision) -> Iterator[Move]:
    """Yield the moves of the lifecycle."""
    status = decision.trajectory.status
    for trigger in LIFE:
        if may(status, trigger):
            tried = None if trigger == "stop" else _begun(decision)
            yield Move(trigger, live(status, trigger), tried is None, (), tried)


def _facts(decision: Decision, trigger: str, target: str) -> Facts:
    """Return what the guards of a trigger look at."""
    trajectory, on = decision.trajectory, decision.act.on
    if trigger == ADVANCE:
        return Facts(on, target, missing(decision.pinned, trajectory))
    if trigger == NEXT_ROUND:
        return Facts(on, target, round_allowed_on=round_allowed_on(decision, trajectory))
    return Facts(on, target)


def _begun(decision: Decision) -> Say | None:
    """Return why today is too early, None when it is not."""
    return _tried(partial(require_day, decision.act, decision.trajectory.entered_on))


def _tried(attempt: Callable[[], object]) -> Say | None:
    """Return why an attempt is refused, None when it is not."""
    try:
        attempt()
    except TrajectError as refused:
        return refused.sentence
    return None
