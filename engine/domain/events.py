"""The facts, in the past tense: what a ledger event says besides who, when and where.

A fact's fields are the event's `data`. Names, addresses and free text are never among
them: they travel as details, beside the hashed bytes. A later version may add facts,
never change one; `v` in the body tells which reading applies.
"""

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
    contact: int | None = None
    nis: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class PlanningFact(Fact):
    """Base of the facts that set, shift or end deadlines, or plan reminders."""

    deadlines: tuple[Deadline, ...] = field(default=(), kw_only=True)
    settled: tuple[Settled, ...] = field(default=(), kw_only=True)
    reminders: tuple[Planned, ...] = field(default=(), kw_only=True)


# --- log, people, workflows -----------------------------------------------------------------


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


# --- a trajectory: decisions ------------------------------------------------------------------


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


# --- a trajectory: what dispatch and delivery report --------------------------------------------


@dataclass(frozen=True, slots=True)
class DeliveryFact(Fact):
    """Base of the facts that do not raise the version."""

    decision = False


@dataclass(frozen=True, slots=True)
class ReminderFired(DeliveryFact):
    """A reminder became mail, one a person."""

    reminder: str
    mails: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReminderSuperseded(DeliveryFact):
    """These reminders are no longer wanted: left, moved, settled, covered, paused…"""

    reminders: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ReminderSkipped(DeliveryFact):
    """These reminders were wanted and did not become mail, for this reason."""

    reminders: tuple[str, ...]
    reason: str  # past | withheld | no_recipient | planned | nothing_open | merged


@dataclass(frozen=True, slots=True)
class MailQueued(DeliveryFact):
    """A mail is frozen and waits; attempts > 0: it waits for another try."""

    mail: int
    message_id: str
    sha256: str
    attempts: int
    not_before: datetime
    reminder: str | None = None
    code: int = 0


@dataclass(frozen=True, slots=True)
class MailSent(DeliveryFact):
    """The relay accepted the mail. Detail: reply."""

    mail: int
    code: int


@dataclass(frozen=True, slots=True)
class MailWritten(DeliveryFact):
    """The mail was kept as a file: no server is configured."""

    mail: int


@dataclass(frozen=True, slots=True)
class MailUncertain(DeliveryFact):
    """The mail may have been accepted; the same bytes go again."""

    mail: int
    phase: str


@dataclass(frozen=True, slots=True)
class MailDead(DeliveryFact):
    """The mail will never arrive. Detail: reply."""

    mail: int
    phase: str
    code: int


@dataclass(frozen=True, slots=True)
class MailHeld(DeliveryFact):
    """The mail waits for a person's decision."""

    mail: int
    reason: str  # person | uncertain


@dataclass(frozen=True, slots=True)
class MailReleased(DeliveryFact):
    """A held or dead mail may leave again."""

    mail: int


@dataclass(frozen=True, slots=True)
class MailCancelled(DeliveryFact):
    """The mail had not left and will not: left, withdrawn, expired…"""

    mail: int
    reason: str


# --- the envelope -------------------------------------------------------------------------------


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
