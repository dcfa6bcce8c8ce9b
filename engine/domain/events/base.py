"""What facts are made of, and the envelope that an event is read back in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


class Fact:
    """Base of all facts; `decision` facts raise a trajectory's version."""

    __slots__ = ()
    decision = True


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as a fact sets it, with the steps that led to the date."""

    entry: int  # position of the phase entry
    deadline: str
    phase: str
    rank: int  # 0 is the deadline of the phase
    revision: int
    raw_on: date  # before the roll-over
    due_on: date
    given: bool  # fixed by a person, not rolled over
    steps: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """A deadline that ends here: `met`, or `ended` without having been met."""

    entry: int
    deadline: str
    state: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder that a fact plans."""

    id: str
    entry: int | None  # None: it belongs to the trajectory and outlives the phase
    deadline: str  # "" where a fact caused it, "resume" for the end of a pause
    revision: int
    rule: str
    occurrence: int
    role: str
    notice: str
    day: date
    at: datetime
    last: bool = False
    immediate: bool = False
    ahead: bool = False  # caused for a day that lies ahead: no hold-back
    contact: int | None = None
    nis: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class PlanningFact(Fact):
    """Base of the facts that set, shift or end deadlines, or plan reminders."""

    deadlines: tuple[Deadline, ...] = field(default=(), kw_only=True)
    settled: tuple[Settled, ...] = field(default=(), kw_only=True)
    reminders: tuple[Planned, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Detail:
    """Personal data or free text of an event, kept beside the hashed bytes."""

    field: str
    value: str
    subject: str | None = None  # contact:7 | actor:1 | None for free text


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the ledger, read back."""

    position: int
    stream: str
    seq: int
    fact: Fact
    occurred_on: date
    recorded_at: datetime
    actor: int  # 0 is the system
    hash: bytes
    details: Mapping[str, str | None] = field(default_factory=dict)  # None: erased
    on_behalf_of: int | None = None  # the actor for whom the other one did it
