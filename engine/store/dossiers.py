"""A trajectory with all that a reader asks about it: definition, people, mails, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, or_, select

from engine.domain.machine import Pinned
from engine.domain.people import People
from engine.domain.trajectory import ReminderState, Trajectory
from engine.store import projections
from engine.store import tables as t
from engine.store.outbox import ENOUGH
from engine.store.outbox import OPEN as LEAVING
from engine.store.references import own_row
from engine.store.workflows import read_workflow

DONE = ("sent", "written")
TROUBLED = ("dead", "held", "uncertain")
_REMINDER = tuple(ReminderState.__slots__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A frozen mail that has not left yet."""

    mail: int
    leaves_at: datetime
    notice: str
    person: str | None  # contact:7 | actor:1
    address: str | None  # None once erased
    reminder: ReminderState | None  # that it was made of
    status: str = "queued"
    not_before: datetime | None = None  # None: `leaves_at`
    attempts: int = 0  # how often a server refused it for now
    enough: bool = False  # its reader had enough mails on the day that it was to leave


@dataclass(frozen=True, slots=True)
class Left:
    """A mail that left, or that will not: what it said, to whom, how it ended."""

    mail: int
    trajectory: str
    at: datetime
    notice: str
    person: str | None
    subject: str | None  # None once erased
    status: str
    text: str | None  # what the server answered last
    to: str | None  # as it was known when the mail was made

    def readdressed(self, email: str | None) -> bool:
        """Tell whether the reader has another address by now."""
        return email is not None and not (self.to or "").endswith(f"<{email}>")


@dataclass(frozen=True, slots=True)
class Unread:
    """A reminder that became no mail: nobody with an address had the role, or see `reason`."""

    trajectory: str
    at: datetime
    notice: str
    role: str
    nis: str | None
    reason: str  # no_recipient | cannot_be_said


@dataclass(frozen=True, slots=True)
class Dossier:
    """One trajectory, the workflow version it is pinned to, its people and its mails."""

    trajectory: Trajectory
    pinned: Pinned
    people: People
    waiting: tuple[Waiting, ...] = ()
    last_mail: Left | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)  # criterion -> why it was waived
    held: int = 0  # mails that a person keeps from leaving, or that wait for one to decide


_LEAVING = (
    select(t.mails.c.id, t.mails.c.trajectory, t.mails.c.next_at, t.mails.c.notice,
           t.mails.c.person, t.mails.c.envelope_to, t.mails.c.status, t.mails.c.not_before,
           t.mails.c.last_phase, t.mails.c.attempts, t.reminders)
    .outerjoin(t.reminders, t.reminders.c.id == t.mails.c.reminder)
    .where(t.among(t.mails.c.status, *LEAVING))
    .order_by(t.mails.c.next_at, t.mails.c.id)
)  # fmt: skip
_LEAVING_OF = _LEAVING.where(t.mails.c.trajectory == bindparam("trajectory"))
_MAIL = select(
    t.mails.c.id, t.mails.c.trajectory, t.mails.c.sent_at, t.mails.c.next_at, t.mails.c.notice,
    t.mails.c.person, t.mails.c.subject, t.mails.c.status, t.mails.c.last_text,
    t.mails.c.recipient,
)  # fmt: skip
_LAST_OF = (
    _MAIL.where(t.mails.c.trajectory == bindparam("trajectory"), t.mails.c.status.in_(DONE))
    .order_by(t.mails.c.sent_at.desc(), t.mails.c.id.desc())
    .limit(1)
)
_HELD_OF = (
    select(func.count())
    .select_from(t.mails)
    .where(t.mails.c.trajectory == bindparam("trajectory"), t.mails.c.status == "held")
)
_TROUBLED = _MAIL.where(
    t.among(t.mails.c.status, *TROUBLED)
)  # sorted later: SQLite would read all for the order
UNREAD = (  # of reminders joined with their trajectories
    t.among(t.reminders.c.state, "skipped"),
    t.among(t.reminders.c.reason, "no_recipient", "cannot_be_said"),
    t.among(t.trajectories.c.status, "active", "paused"),
    or_(t.reminders.c.entry.is_(None), t.reminders.c.entry == t.trajectories.c.entry),
)
_UNREAD = (
    select(t.reminders.c.trajectory, t.reminders.c.at, t.reminders.c.notice, t.reminders.c.role,
           t.reminders.c.nis, t.reminders.c.reason)
    .join(t.trajectories, t.trajectories.c.id == t.reminders.c.trajectory)
    .where(*UNREAD)
    .order_by(t.reminders.c.at, t.reminders.c.id)
)  # fmt: skip
_REASONS = (
    select(t.criteria.c.criterion, t.details.c.value)
    .join(
        t.details,
        and_(t.details.c.position == t.criteria.c.position, t.details.c.field == "reason"),
    )
    .where(t.criteria.c.trajectory == bindparam("trajectory"), t.criteria.c.state == "waived")
)


def dossier(connection: Connection, ref: str) -> Dossier:
    """Return all that is to be read about the trajectory of a reference.

    Raises: NotFound.
    """
    own = own_row(connection, ref)
    key = {"trajectory": own["id"]}
    last = connection.execute(_LAST_OF, key).first()
    return Dossier(
        projections.load(connection, own),
        read_workflow(connection, own["workflow"]),
        projections.read_people_of(connection, own["id"]),
        tuple(_waiting(row) for row in connection.execute(_LEAVING_OF, key).mappings()),
        _left(last) if last is not None else None,
        {row.criterion: row.value for row in connection.execute(_REASONS, key) if row.value},
        connection.execute(_HELD_OF, key).scalar_one(),
    )


def dossiers(connection: Connection, own: Iterable[Mapping[str, Any]]) -> tuple[Dossier, ...]:
    """Return the trajectories of these own rows with what still leaves, without their past."""
    leaving: dict[str, list[Waiting]] = {}
    for row in connection.execute(_LEAVING).mappings():
        leaving.setdefault(row[t.mails.c.trajectory], []).append(_waiting(row))
    return tuple(
        Dossier(
            projections.load(connection, one),
            read_workflow(connection, one["workflow"]),
            projections.read_people_of(connection, one["id"]),
            tuple(leaving.get(one["id"], ())),
        )
        for one in own
    )


def troubled(connection: Connection) -> tuple[Left, ...]:
    """Return the mails that are dead, held or may not have arrived."""
    return tuple(sorted(map(_left, connection.execute(_TROUBLED)), key=lambda mail: mail.mail))


def unread(connection: Connection) -> tuple[Unread, ...]:
    """Return the reminders of live phases that reached nobody, and why."""
    return tuple(Unread(*row) for row in connection.execute(_UNREAD))


def _waiting(row: RowMapping) -> Waiting:
    reminder = None
    if row[t.reminders.c.id] is not None:
        reminder = ReminderState(*(row[t.reminders.c[name]] for name in _REMINDER))
    mail = t.mails.c
    return Waiting(
        mail=row[mail.id],
        leaves_at=row[mail.next_at],
        notice=row[mail.notice],
        person=row[mail.person],
        address=row[mail.envelope_to],
        reminder=reminder,
        status=row[mail.status],
        not_before=row[mail.not_before],
        attempts=row[mail.attempts],
        enough=row[mail.last_phase] == ENOUGH,
    )


def _left(row: Any) -> Left:
    return Left(
        mail=row.id,
        trajectory=row.trajectory,
        at=row.sent_at or row.next_at,
        notice=row.notice,
        person=row.person,
        subject=row.subject,
        status=row.status,
        text=row.last_text,
        to=row.recipient,
    )
