"""The facts of the shared streams: log, people, workflows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.domain.events.base import Fact


@dataclass(frozen=True, slots=True)
class LogOpened(Fact):
    """The ledger begins; `clock` is real or simulated, `log` its random id."""

    log: str
    clock: str


@dataclass(frozen=True, slots=True)
class ActorAdded(Fact):
    """Somebody may act from now on. Details: name, email, account."""

    number: int
    role: str
    lang: str


@dataclass(frozen=True, slots=True)
class ActorChanged(Fact):
    """An actor's role, language or activity changed. Details: those that changed."""

    number: int
    role: str
    lang: str
    active: bool


@dataclass(frozen=True, slots=True)
class ActorAway(Fact):
    """An actor is away from a day on; the substitute stands in until the day of return."""

    number: int
    substitute: int
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class ActorBack(Fact):
    """An actor is back earlier than was said."""

    number: int


@dataclass(frozen=True, slots=True)
class ContactAdded(Fact):
    """A professional at an organisation. Details: name, email, organisation."""

    contact: int
    lang: str


@dataclass(frozen=True, slots=True)
class ContactChanged(Fact):
    """A contact's data changed. Details: those that changed."""

    contact: int
    lang: str


@dataclass(frozen=True, slots=True)
class WorkflowPublished(Fact):
    """A workflow version is in use from now on, and immutable."""

    category: str
    version: int
    digest: str
