"""The facts of a trajectory that people decide: each raises its version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.events.base import Fact, PlanningFact


@dataclass(frozen=True, slots=True)
class TrajectoryRequested(Fact):
    """An application was registered."""

    ref: str
    category: str
    workflow: str
    municipalities: tuple[str, ...]
    coach: int
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class TrajectoryStarted(PlanningFact):
    """The trajectory is active; its first PhaseEntered follows."""

    ref: str
    category: str
    workflow: str
    municipalities: tuple[str, ...]
    coach: int
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class PhaseEntered(PlanningFact):
    """A phase began; its position is the phase entry."""

    phase: str
    cause: str  # start | advance | send_back | next_round
    came_from: str | None = None
    reason: str | None = None  # code of a send-back
    reopened: tuple[str, ...] = ()  # criteria whose state ends here


@dataclass(frozen=True, slots=True)
class CriterionPlanned(Fact):
    """An appointment about an open criterion."""

    criterion: str
    planned_on: date
    planned_time: str | None = None


@dataclass(frozen=True, slots=True)
class CriterionMet(PlanningFact):
    """A criterion was met: for all, or for one municipality. Detail: note."""

    criterion: str
    complete: bool  # False: other municipalities still have to consent
    municipalities: tuple[str, ...] = ()
    value: date | None = None
    value_raw: date | None = None
    met_on: date | None = None  # the last consent of those present, where that is another day


@dataclass(frozen=True, slots=True)
class CriterionWaived(PlanningFact):
    """A criterion does not apply here. Detail: reason."""

    criterion: str
    value: date | None = None
    value_raw: date | None = None


@dataclass(frozen=True, slots=True)
class CriterionReopened(PlanningFact):
    """A slip is corrected: the criterion is open again. Detail: reason."""

    criterion: str


@dataclass(frozen=True, slots=True)
class ConsentAsked(PlanningFact):
    """The mayors of these municipalities were asked to agree."""

    criterion: str
    municipalities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeadlineMoved(PlanningFact):
    """One deadline got another date. Detail: reason, when a person moved it."""

    entry: int
    deadline: str
    why: str  # person | calendar


@dataclass(frozen=True, slots=True)
class ReminderSnoozed(Fact):
    """Reminders rest until a moment; those whose moment is now go again. Detail: reason.

    Of all roles and dates, or of the one that is named.
    """

    until: date
    at: datetime
    role: str | None = None
    entry: int | None = None
    deadline: str | None = None


@dataclass(frozen=True, slots=True)
class FeedbackChanged(PlanningFact):
    """The feedback moment that people were invited to has another day or hour, or none."""

    about: str  # which moment, as calendar entries name it
    day: date | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Paused(PlanningFact):
    """The trajectory rests."""

    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Resumed(PlanningFact):
    """The trajectory goes on; open deadlines moved by the days it rested."""

    days: int


@dataclass(frozen=True, slots=True)
class Stopped(PlanningFact):
    """The trajectory ended before its goal."""

    reason: str
    silent: bool


@dataclass(frozen=True, slots=True)
class Completed(PlanningFact):
    """The trajectory reached its end."""


@dataclass(frozen=True, slots=True)
class FollowUpLinked(Fact):
    """Another trajectory goes on where this one ended."""

    trajectory: str
    ref: str
    category: str


@dataclass(frozen=True, slots=True)
class NoteAdded(Fact):
    """Somebody noted something. Detail: text."""


@dataclass(frozen=True, slots=True)
class CoachChanged(PlanningFact):
    """Another coach guides the trajectory."""

    coach: int


@dataclass(frozen=True, slots=True)
class ScopeChanged(Fact):
    """Municipalities joined or left."""

    joined: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactAssigned(PlanningFact):
    """A contact has a role in this trajectory from a day on."""

    contact: int
    role: str
    municipality: str | None = None


@dataclass(frozen=True, slots=True)
class ContactReleased(Fact):
    """A contact's role in this trajectory ended."""

    contact: int
    role: str
    municipality: str | None = None
