"""The facts of a trajectory that dispatch reports: they do not raise the version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.events.base import Fact


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
    # past | late | merged | withheld | planned | nothing_open | no_recipient | cannot_be_said
    reason: str


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What a mail does in its reader's calendar; `about` is what stays when the date moves."""

    about: str  # feedback/0: the feedback moment of a round | 14/analysis: a deadline of an entry
    method: str  # request | publish | cancel
    sequence: int
    day: date
    at: str | None = None  # 10:00, Brussels; None: all day


@dataclass(frozen=True, slots=True)
class MailQueued(DeliveryFact):
    """A mail is frozen and waits; attempts > 0: it waits for another try.

    Whom it is for, what it says, whom it names (keys only) and what it does in a calendar stand
    in the first one alone.
    """

    mail: int
    message_id: str
    sha256: str
    attempts: int
    not_before: datetime
    reminder: str | None = None
    code: int = 0
    person: str = ""
    notice: str = ""
    named: tuple[str, ...] = ()
    calendar: tuple[CalendarEntry, ...] = ()
    instead_of: str = ""  # who is away: another reads, or signs, in their place


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
    reason: str  # person | uncertain | many


@dataclass(frozen=True, slots=True)
class MailDeferred(DeliveryFact):
    """The mail waits for another working day: its reader had enough of them."""

    mail: int
    until: datetime


@dataclass(frozen=True, slots=True)
class MailReleased(DeliveryFact):
    """A held or dead mail may leave again."""

    mail: int


@dataclass(frozen=True, slots=True)
class MailCancelled(DeliveryFact):
    """The mail had not left and will not: left, withdrawn, expired…"""

    mail: int
    reason: str
