"""The guards a workflow file may name: pure predicates, each with its refusal sentence.

To add one: write a decorated function here, name it in the file (`guards: [name]`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from engine.domain.errors import Missing
from engine.domain.words import N_, Say, say


@dataclass(frozen=True, slots=True)
class Facts:
    """What a guard may look at when a trigger is fired."""

    on: date  # the day it happens
    to: str | None = None  # the target asked for; None where there is one only
    missing: tuple[Missing, ...] = ()  # required criteria of the phase that are open
    round_allowed_on: date | None = None  # first day of a next round; None: any day


@dataclass(frozen=True, slots=True)
class Guard:
    """A named predicate and the sentence that explains its refusal."""

    name: str
    holds: Callable[[Facts], bool]
    refusal: Callable[[Facts], Say]


GUARDS: dict[str, Guard] = {}


def guard(refusal: Callable[[Facts], Say]) -> Callable[[Callable[[Facts], bool]], Guard]:
    """Register the decorated predicate under its own name."""

    def register(predicate: Callable[[Facts], bool]) -> Guard:
        GUARDS[predicate.__name__] = Guard(predicate.__name__, predicate, refusal)
        return GUARDS[predicate.__name__]

    return register


@guard(lambda facts: say(N_("{count} criteria are still open"), count=len(facts.missing)))
def criteria_settled(facts: Facts) -> bool:
    """Tell whether every required criterion is met or waived; holds for every advance."""
    return not facts.missing


@guard(lambda facts: say(N_("a next round may begin on {on}"), on=facts.round_allowed_on))
def interval_passed(facts: Facts) -> bool:
    """Tell whether the interval since the last round, given with the edge, is over."""
    return facts.round_allowed_on is None or facts.on >= facts.round_allowed_on
