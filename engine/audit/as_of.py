"""A trajectory as it was on a day: by what was known then, or by what had happened by then.

Both are folds of its events. What was known is the ledger as far as it went that evening. What
had happened is every event of a day up to that one, whenever it was registered; where such an
event presupposes one of a later day, it has nothing to change yet and is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.domain.errors import TrajectError
from engine.domain.events import CriterionWaived, Event
from engine.domain.evolution import evolve
from engine.domain.trajectory import Trajectory
from engine.domain.workdays import brussels_day

KNOWN, HAPPENED = "known", "happened"
EARLY = (KeyError, ValueError, TypeError, AttributeError, TrajectError)


@dataclass(frozen=True, slots=True)
class AsOf:
    """A trajectory on a day; `trajectory` is None where there was none yet."""

    trajectory: Trajectory | None
    events: tuple[Event, ...] = ()  # those it was folded of
    early: int = 0  # events that presuppose one of a later day

    def reasons(self) -> Mapping[str, str]:
        """Return why criteria were waived, of those that were so on that day."""
        said = {e.position: e.details.get("reason") for e in self.events if _waives(e)}
        states = self.trajectory.criteria.items() if self.trajectory else ()
        found = ((name, said.get(state.position)) for name, state in states)
        return {name: reason for name, reason in found if reason}


def as_of(history: Iterable[Event], day: date, sense: str = KNOWN) -> AsOf:
    """Return the trajectory whose events these are, oldest first, as it was on a day."""
    events = list(history)
    wanted = _known(events, day) if sense == KNOWN else [e for e in events if e.occurred_on <= day]
    folded, value, early = [], None, 0
    for event in wanted:
        try:
            value = evolve(value, event)
        except EARLY:
            if sense == KNOWN:  # the ledger itself is at fault: that is not for us to hide
                raise
            early += 1
        else:
            folded.append(event)
    return AsOf(value, tuple(folded), early)


def _known(events: Sequence[Event], day: date) -> Sequence[Event]:
    """Return the events that stood in the ledger when a day ended in Brussels.

    Position orders, whatever the clock did: all up to the last one that was recorded by then.
    """
    by_then = [i for i, one in enumerate(events) if brussels_day(one.recorded_at) <= day]
    return events[: by_then[-1] + 1] if by_then else ()


def _waives(event: Event) -> bool:
    return isinstance(event.fact, CriterionWaived)
