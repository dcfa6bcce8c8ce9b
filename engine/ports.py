"""The two seams to the world, Clock and Notifier, and the values that cross them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, Protocol


class Clock(Protocol):
    """Reads the time; `engine.clock` holds the one real implementation."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who gets mail, in the role in which this mail reaches them."""

    key: str  # contact:7 or actor:1
    name: str
    email: str
    lang: str
    role: str
    formal: bool = False  # u instead of je
    outside: bool = False  # reads label_outside only
    municipalities: tuple[str, ...] = ()  # names, where the role is per municipality
    instead_of: str = ""  # the name of who is away


@dataclass(frozen=True, slots=True)
class Point:
    """An open criterion, in the reader's language."""

    label: str
    planned: str = ""  # the planned day written out, with the hour where given
    waiting_for: tuple[str, ...] = ()  # municipalities whose consent is still open


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a mail does in its reader's calendar, in the words that the reader may see.

    A calendar is often open to colleagues: the words are those for the outside, whoever reads.
    """

    about: str  # what stays when the date moves: feedback/0 | 14/analysis
    uid: str
    sequence: int
    method: Literal["request", "publish", "cancel"]
    day: date
    at: time | None  # Brussels; None: all day
    summary: str
    description: str
    invited: bool = False  # the reader is asked to be there
    was: date | None = None  # the day that the reader's calendar shows until now


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reminder asks to say to one person: all that a template may know.

    Texts are in the reader's language already, and the outside labels where the reader is
    outside. Dates stay dates; the composer writes them out.
    """

    id: str  # the notice: a folder of templates
    to: Person
    coach: Person
    lang: str
    ref: str  # 2027-014
    trajectory: str  # UUID
    municipalities: tuple[str, ...]  # names, in order of joining
    category: str
    phase: str
    phase_number: int
    phase_count: int
    phase_goal: str = ""  # the label of the next phase, or ""
    previous_phase: str = ""  # after a send-back: where the trajectory came from
    entry: int = 0  # position of the phase entry; part of the conversation
    conversation: str = ""  # what the mail's thread hangs on: phase entry, or one request
    due_on: date | None = None
    goal: str = ""  # what is due then, where it is a step of its own within the phase
    days_late: int = 0  # working days past due_on
    points: tuple[Point, ...] = ()  # open, in the reader's hands (coordinator's and mayor's)
    coach_points: tuple[Point, ...] = ()  # open, in the coach's hands
    reached: tuple[Point, ...] = ()  # met within the last month, in a monthly_overview
    roles: tuple[Point, ...] = ()  # who has which role, in a contacts_check
    criterion: str = ""  # the label asked about, in a validation_request
    coordinator: str = ""  # name, "" where there is none
    feedback_on: date | None = None
    feedback_at: time | None = None
    held_on: date | None = None  # the day on which the feedback moment took place
    talk_on: date | None = None  # the appointment for the talk that a first phase begins with
    talk_at: time | None = None
    talk_held: bool = False  # nobody need be asked for a day any more
    calendar: tuple[Appointment, ...] = ()
    until: date | None = None  # planned end of a pause
    reason: str = ""  # label of the reason code
    last: bool = False  # the last automatic reminder of its ladder
    cause: str = ""  # phase_started: advance | send_back | next_round | start
    checkpoint_size: int = 0
    checkpoint_root: str = ""  # hex
    key: str = ""  # unique per mail: the Message-ID derives from it
    created_at: datetime | None = None  # becomes Date:
    organisation: str = ""  # who offers the support, for the footer and From
    sender: str = ""  # address in From; "" = the coach's own


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a digest: where, what, and when; the texts are in the reader's language."""

    places: tuple[str, ...]  # names of the municipalities
    what: str  # a phase, date or point, the support asked for, or what a mail was to say
    on: date | None = None
    at: time | None = None
    days: int = 0  # working days past the date, or days since something was asked
    points: int = 0  # that are open
    who: tuple[str, ...] = ()  # whom it waits for, or could not reach
    kind: str = ""  # what makes the line special: silent, dead, held, no_recipient …


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a digest: its lines, and how many more there are."""

    id: str  # overdue | today | soon | pauses | waiting | requests | undelivered
    lines: tuple[Line, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """What a mail about no trajectory says, whatever its kind; `id` is its folder of templates."""

    to: Person
    lang: str
    checkpoint_size: int = 0
    checkpoint_root: str = ""  # hex
    key: str = ""  # one a reader and period: the Message-ID derives from it
    created_at: datetime | None = None
    organisation: str = ""
    sender: str = ""  # address in From; "" = that of who answers
    answers: str = ""  # address in Reply-To; "" = the reader's own
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(Periodic):
    """What a coach is told once a working day about all their trajectories."""

    parts: tuple[Part, ...]  # without the empty ones, in the order of the morning
    active: int
    paused: int = 0
    requested: int = 0
    on_schedule: int = 0
    standing_in: tuple[str, ...] = ()  # the names of those whose trajectories are among them
    id: str = "coach_digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointNotice(Periodic):
    """What somebody outside is told, and given to keep, once everything verified."""

    lines: tuple[str, ...]  # of the checkpoint, as they are
    round_at: datetime  # of the mail round that made it
    waiting: int = 0  # mails that have yet to leave
    quiet: bool = False  # nothing happened since the one before
    id: str = "checkpoint"


@dataclass(frozen=True, slots=True)
class Letter:
    """A frozen mail: the very bytes that every attempt sends."""

    message_id: str
    subject: str
    mime: bytes
    envelope_from: str
    envelope_to: str


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a mail, without its form: what a reader would notice to have changed."""

    subject: str
    text: str  # on one line
    files: tuple[str, ...]


Outcome = Literal["sent", "written", "retry", "pause", "hold", "uncertain", "dead"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What delivery answers for one letter.

    sent: accepted by the relay (250 after the final dot). written: kept as a file.
    retry: this mail later. pause: the relay is unwell, the whole queue waits and no
    attempt is charged. hold: our configuration is wrong, a human must look. uncertain:
    may have been accepted. dead: never.
    """

    outcome: Outcome
    phase: str = ""  # connect | tls | auth | mail | rcpt | data | dot | file
    code: int = 0
    text: str = ""


class Session(Protocol):
    """An open connection; letters go one by one, the next may still work after a failure."""

    def send(self, name: str, letter: Letter) -> Receipt:
        """Deliver one letter; `name` is a stable file name such as `000012`. Never raises."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trial of the mail road: connect, ehlo, tls, auth, or file."""

    phase: str
    ok: bool
    code: int = 0
    text: str = ""


class Notifier(Protocol):
    """Turns notices into frozen letters, and letters into receipts."""

    writes_files: bool  # a letter becomes a file, not a mail

    def compose(self, notice: Notice | Periodic) -> Letter:
        """Return the frozen letter; raises TrajectError when it cannot be said."""

    def said(self, notice: Notice) -> Said:
        """Return the words that its letter would have; raises TrajectError like compose."""

    def session(self) -> AbstractContextManager[Session]:
        """Return a context that opens the connection at the first letter and closes it."""

    def probe(self) -> tuple[Step, ...]:
        """Return how far a trial comes, step by step, without sending anything."""
