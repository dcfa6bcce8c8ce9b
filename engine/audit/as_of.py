"""A trajectory as it was on a day: by what was known then, or by what had happened by then.

Both are folds of its events. What was known is the ledger as far as it went that evening. What
had happened is every event of a day up to that one, whenever it was registered; where such an
event presupposes one of a later day, it has nothing to change yet and is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain.errors import TrajectError
from engine.domain.events import (
    Amended,
    CriterionWaived,
    Event,
    NoteAdded,
    PlanningFact,
    ReminderSnoozed,
)
from engine.domain.evolution import evolve
from engine.domain.trajectory import Trajectory
from engine.domain.workdays import brussels_day

KNOWN, HAPPENED = "known", "happened"
STILL = (Amended, NoteAdded, ReminderSnoozed)  # decisions that leave the state as it was
EARLY = (KeyError, ValueError, TypeError, AttributeError, TrajectError)


@dataclass(frozen=True, slots=True)
class AsOf:
    """A trajectory on a day; `trajectory` is None where there was none yet."""

    trajectory: Trajectory | None
    events: tuple[Event, ...] = ()  # those it was folded of
    early: int = 0  # events that presuppose one of a later day
    unsure: bool = False  # the clock went back: some of it may have been recorded after that day
    ahead: bool = False  # its dates count something of a later day, which was registered before

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
    ahead = sense == HAPPENED and value is not None and _is_ahead(value, events, day)
    unsure = sense == KNOWN and any(brussels_day(one.recorded_at) > day for one in folded)
    return AsOf(value, tuple(folded), early, unsure, ahead)


@dataclass(frozen=True, slots=True)
class Evening:
    """A trajectory on the evening of a day on which its state changed."""

    day: date
    last: date | None  # until when it stayed so; None: to the end of its events
    found: AsOf
    changes: tuple[Event, ...]  # of that day


def evenings(history: Iterable[Event]) -> Iterator[Evening]:
    """Yield how a trajectory stood each time that its state had changed, by what had happened.

    `history`: its events, oldest first. The mails about it are no part of its state.
    """
    events = list(history)
    changing = [one for one in events if one.fact.decision and not isinstance(one.fact, STILL)]
    days = sorted({one.occurred_on for one in changing})
    for day, following in zip(days, [*days[1:], None], strict=True):
        last = following - timedelta(days=1) if following else None
        changes = tuple(one for one in changing if one.occurred_on == day)
        yield Evening(day, last, as_of(events, day, HAPPENED), changes)


def _known(events: Sequence[Event], day: date) -> Sequence[Event]:
    """Return the events that stood in the ledger when a day ended in Brussels.

    Position orders, whatever the clock did: all up to the last one that was recorded by then.
    """
    by_then = [i for i, one in enumerate(events) if brussels_day(one.recorded_at) <= day]
    return events[: by_then[-1] + 1] if by_then else ()


def _is_ahead(value: Trajectory, events: Sequence[Event], day: date) -> bool:
    """Tell whether a date that stands was set on top of one of a later day, which is left out."""
    standing = {(one.deadline.entry, one.deadline.deadline): one for one in value.open_deadlines()}
    for event in events:
        if event.occurred_on > day and isinstance(event.fact, PlanningFact):
            for moved in event.fact.deadlines:
                own = standing.get((moved.entry, moved.deadline))
                if own is not None and own.position > event.position:
                    return True
    return False


def _waives(event: Event) -> bool:
    return isinstance(event.fact, CriterionWaived)
