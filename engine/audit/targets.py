"""The target dates of a trajectory: as set, moved, and met, passed or fallen away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from engine.domain.events import Event, PlanningFact

MET, ENDED, OPEN = "met", "ended", "open"


@dataclass(frozen=True, slots=True)
class Target:
    """One target date of a stay in a phase, from its setting to its end."""

    phase: str
    deadline: str
    dates: tuple[date, ...]  # as it was set first, then each to which it was moved
    set_on: date
    state: str = OPEN  # open | met | ended: it fell away
    ended_on: date | None = None

    @property
    def due_on(self) -> date:
        """Return the date that counts: the last one that was set."""
        return self.dates[-1]

    def passed_by(self, day: date) -> bool:
        """Tell whether the date went by without being met, on the evening of a day."""
        return self.due_on < (self.ended_on or day)


def targets(history: Iterable[Event]) -> tuple[Target, ...]:
    """Return the target dates that the events of one trajectory set, in order of setting."""
    found: dict[tuple[int, str], Target] = {}
    for event in history:
        if isinstance(event.fact, PlanningFact):
            _follow(found, event, event.fact)
    return tuple(found.values())


def _follow(found: dict[tuple[int, str], Target], event: Event, fact: PlanningFact) -> None:
    """Take what one fact says of dates: those that end first, as those it moves end too."""
    for settled in fact.settled:
        key = settled.entry, settled.deadline
        found[key] = replace(found[key], state=settled.state, ended_on=event.occurred_on)
    for one in fact.deadlines:
        key = one.entry, one.deadline
        known = found.get(key)
        if known is None:
            found[key] = Target(one.phase, one.deadline, (one.due_on,), event.occurred_on)
            continue
        same = one.due_on == known.due_on
        dates = known.dates if same else (*known.dates, one.due_on)
        found[key] = replace(known, dates=dates, state=OPEN, ended_on=None)
