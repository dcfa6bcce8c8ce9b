"""The actual course of a trajectory beside the standard timeline of its workflow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from engine.domain.definition import Duration, Workflow
from engine.domain.events import (
    Completed,
    DeadlineMoved,
    Event,
    Paused,
    PhaseEntered,
    PlanningFact,
    Resumed,
    Stopped,
)

Planned = tuple[str, int]  # a unit and an amount, as the workflow says: ("weeks", 8)


@dataclass(frozen=True, slots=True)
class Move:
    """Another target date, after the one that was set first."""

    on: date  # the day it was moved
    due_on: date
    by: str  # person | pause | calendar | fact: a criterion that it depends on


@dataclass(frozen=True, slots=True)
class Leg:
    """One stay in a phase, or a phase still to come; days are calendar days."""

    phase: str
    planned: Planned | None = None  # as the workflow says
    entry: int | None = None  # position of the PhaseEntered; None: still to come
    cause: str | None = None  # start | advance | send_back | next_round
    entered_on: date | None = None
    target_on: date | None = None  # the date that was set first: before moves and pauses
    counted_on: date | None = None  # that date before weekends, holidays and closed periods
    moves: tuple[Move, ...] = ()
    left_on: date | None = None  # None: it goes on
    left_by: str | None = None  # advance | send_back | next_round | stopped | completed
    paused: int = 0  # days
    days: int | None = None  # that it took, or takes so far, without the pauses

    @property
    def due_on(self) -> date | None:
        """Return the target date that holds after the moves."""
        return self.moves[-1].due_on if self.moves else self.target_on

    @property
    def planned_days(self) -> int | None:
        """Return how many days lay between the entry and the date that was set first."""
        if self.target_on is None or self.entered_on is None:
            return None
        return (self.target_on - self.entered_on).days

    @property
    def difference(self) -> int | None:
        """Return how many days longer than planned it took, pauses apart; negative: shorter.

        Of a phase that goes on, only once it is longer.
        """
        if self.planned_days is None or self.days is None:
            return None
        longer = self.days - self.planned_days
        return None if self.left_on is None and longer <= 0 else longer


def course(history: Iterable[Event], workflow: Workflow, today: date) -> tuple[Leg, ...]:
    """Return the stays in phases so far, in order, then the phases still to come.

    `history`: the events of one trajectory, oldest first. `today`: the day up to which what
    goes on is counted.
    """
    walk = _Walk(workflow)
    for event in history:
        walk.follow(event)
    return tuple(walk.legs_until(today))


class _Walk:
    """Follows a trajectory through its phases."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._legs: list[Leg] = []
        self._paused_on: date | None = None
        self._over = False

    def follow(self, event: Event) -> None:
        """Take one more event."""
        fact = event.fact
        if isinstance(fact, PhaseEntered):
            self._leave(event.occurred_on, fact.cause)
            self._legs.append(
                Leg(
                    fact.phase,
                    _planned(self._workflow, fact.phase, fact.cause),
                    event.position,
                    fact.cause,
                    event.occurred_on,
                )
            )
        elif isinstance(fact, Paused):
            self._paused_on = event.occurred_on
        elif isinstance(fact, (Resumed, Stopped, Completed)):
            self._count_pause(event.occurred_on)
        if isinstance(fact, PlanningFact):
            self._date(event, fact)
        if isinstance(fact, (Stopped, Completed)):
            self._leave(event.occurred_on, type(fact).__name__.lower())
            self._over = True

    def legs_until(self, today: date) -> Iterator[Leg]:
        """Yield what was walked up to a day, and what is still to come."""
        self._count_pause(today)
        for leg in self._legs:
            end = leg.left_on or today
            assert leg.entered_on is not None  # each was entered
            yield replace(leg, days=max((end - leg.entered_on).days - leg.paused, 0))
        order = self._workflow.phase_ids()
        reached = order.index(self._legs[-1].phase) + 1 if self._legs else 0
        for phase in () if self._over else order[reached:]:
            yield Leg(phase, _planned(self._workflow, phase))

    def _date(self, event: Event, fact: PlanningFact) -> None:
        """Keep the first date that a phase was given, and each one that it got later."""
        for deadline in fact.deadlines:
            for number, leg in enumerate(self._legs):
                if leg.entry != deadline.entry or deadline.rank:
                    continue
                if leg.target_on is None:
                    own = replace(leg, target_on=deadline.due_on, counted_on=deadline.raw_on)
                elif deadline.due_on == leg.due_on:
                    continue  # a pause may end on the same day, once past a closed period
                else:
                    move = Move(event.occurred_on, deadline.due_on, _mover(fact))
                    own = replace(leg, moves=(*leg.moves, move))
                self._legs[number] = own

    def _leave(self, on: date, by: str) -> None:
        if self._legs and self._legs[-1].left_on is None:
            self._legs[-1] = replace(self._legs[-1], left_on=on, left_by=by)

    def _count_pause(self, until: date) -> None:
        """Add the days of a pause that ends, or lasts, to the phase it fell in."""
        if self._paused_on is not None and self._legs:
            days = max((until - self._paused_on).days, 0)
            self._legs[-1] = replace(self._legs[-1], paused=self._legs[-1].paused + days)
        self._paused_on = None


def _mover(fact: PlanningFact) -> str:
    """Return what gave a phase another date."""
    if isinstance(fact, DeadlineMoved):
        return fact.why
    return "pause" if isinstance(fact, Resumed) else "fact"


def _planned(workflow: Workflow, phase: str, cause: str | None = None) -> Planned | None:
    """Return how long the workflow gives a phase: the length of its first deadline."""
    rule = next(iter(workflow.phases[phase].deadlines.values()), None)
    if rule is None:
        return None
    length: Duration | None = rule.next_round if cause == "next_round" else None
    length = length or rule.duration()
    return length.unit_and_amount() if length else None
