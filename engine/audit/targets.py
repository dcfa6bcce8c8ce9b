"""The target dates of a trajectory: as set, moved, and met, passed or fallen away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from engine.domain.events import Event, Paused, PlanningFact, Resumed

MET, ENDED, OPEN = "met", "ended", "open"
Found = dict[tuple[int, str], "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """One target date of a stay in a phase, from its setting to its end."""

    phase: str
    deadline: str
    set_on: date
    dates: tuple[date, ...]  # as it was set first, then each to which it was moved
    moved_on: tuple[date, ...] = ()  # until when each earlier one ran: no further than a pause
    state: str = OPEN  # open | met | ended: it fell away
    ended_on: date | None = None
    rests_on: date | None = None  # since when a pause keeps it from running

    def missed(self, day: date) -> date | None:
        """Return the first of its dates that had gone by without being met, on a day."""
        runs = (*self.moved_on, self.rests_on or self.ended_on or day)
        return next((due for due, end in zip(self.dates, runs, strict=True) if due < end), None)


def targets(history: Iterable[Event]) -> tuple[Target, ...]:
    """Return the target dates that the events of one trajectory set, in order of setting."""
    found: Found = {}
    for event in history:
        if isinstance(event.fact, PlanningFact):
            _follow(found, event, event.fact)
    return tuple(found.values())


def _follow(found: Found, event: Event, fact: PlanningFact) -> None:
    """Take what one fact says of dates: those that end first, as those it moves end too."""
    if isinstance(fact, Paused):
        _rest(found, event.occurred_on)
    for settled in fact.settled:
        key = settled.entry, settled.deadline
        found[key] = replace(found[key], state=settled.state, ended_on=event.occurred_on)
    for one in fact.deadlines:
        key = one.entry, one.deadline
        known = found.get(key)
        if known is None:
            found[key] = Target(one.phase, one.deadline, event.occurred_on, (one.due_on,))
        else:
            found[key] = _moved(known, one.due_on, event.occurred_on)
    if isinstance(fact, Resumed):
        _rest(found, None)


def _moved(known: Target, due: date, on: date) -> Target:
    """Return a target with another date, or open again on the same one."""
    again = replace(known, state=OPEN, ended_on=None)
    if due == known.dates[-1]:
        return again
    until = known.rests_on or on
    return replace(again, dates=(*known.dates, due), moved_on=(*known.moved_on, until))


def _rest(found: Found, day: date | None) -> None:
    """Keep the open dates from running since a day, or let them run again."""
    for key, one in found.items():
        if one.state == OPEN:
            found[key] = replace(one, rests_on=day)
