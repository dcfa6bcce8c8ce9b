"""What the tables hold about one contact: data, roles, mails, and texts with (part of) the name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, select

from engine.domain.errors import NotFound
from engine.domain.people import Contact
from engine.domain.words import N_
from engine.store import tables as t
from engine.store.erasing import Kept, kept_of
from engine.store.mentions import texts_about
from engine.store.projections import read_people


@dataclass(frozen=True, slots=True)
class HeldDetail:
    """A detail that was typed, or a text in which the name stands, with its day and event."""

    position: int
    type: str
    on: date
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role in one trajectory, and how long it was held."""

    ref: str
    category: str
    status: str
    role: str
    nis: str  # "" where the role is not per municipality
    from_on: date
    until_on: date | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class HeldMail:
    """A mail that was for the contact, or only names them; without subject once erased."""

    number: int
    ref: str  # "" where it is about no trajectory
    notice: str
    to_them: bool
    status: str
    at: datetime  # it left, or was to leave
    subject: str | None


@dataclass(frozen=True, slots=True)
class Holding:
    """What is held about one contact."""

    contact: Contact
    details: tuple[HeldDetail, ...]
    texts: tuple[HeldDetail, ...]
    look_at: tuple[HeldDetail, ...]  # a part of the name stands in them: a person decides
    roles: tuple[HeldRole, ...]
    mails: tuple[HeldMail, ...]


_BODIES = select(t.events.c.position, t.events.c.body).where(
    t.events.c.position.in_(bindparam("positions", expanding=True))
)
_ROLES = (
    select(
        t.trajectories.c.ref,
        t.trajectories.c.category,
        t.trajectories.c.status,
        t.assignments.c.role,
        t.assignments.c.nis,
        t.assignments.c.from_on,
        t.assignments.c.until_on,
        t.trajectories.c.closed_on,
    )
    .join(t.trajectories, t.trajectories.c.id == t.assignments.c.trajectory)
    .where(t.assignments.c.contact == bindparam("contact"))
    .order_by(t.assignments.c.from_on, t.trajectories.c.ref, t.assignments.c.role)
)
_MAILS = (
    select(
        t.mails.c.id,
        t.trajectories.c.ref,
        t.mails.c.notice,
        t.mails.c.person,
        t.mails.c.status,
        t.mails.c.sent_at,
        t.mails.c.next_at,
        t.mails.c.subject,
    )
    .join(t.mail_people, t.mail_people.c.mail == t.mails.c.id)
    .outerjoin(t.trajectories, t.trajectories.c.id == t.mails.c.trajectory)
    .where(t.mail_people.c.subject == bindparam("subject"))
    .order_by(t.mails.c.id)
)


def holding(connection: Connection, number: int) -> Holding:
    """Return what is held about a contact. Raises: NotFound."""
    contact = read_people(connection).contacts.get(number)
    if contact is None:
        raise NotFound(
            N_("there is no contact {contact}; see: traject contact list"), contact=number
        )
    subject = f"contact:{number}"
    kept = kept_of(connection, subject)
    texts, look_at = texts_about(connection, kept, contact.name, contact.email)
    return Holding(
        contact,
        _dated(connection, kept),
        _dated(connection, texts),
        _dated(connection, look_at),
        tuple(HeldRole(*row) for row in connection.execute(_ROLES, {"contact": number})),
        tuple(
            HeldMail(
                row.id, row.ref or "", row.notice, row.person == subject, row.status,
                row.sent_at or row.next_at, row.subject,
            )
            for row in connection.execute(_MAILS, {"subject": subject})
        ),
    )  # fmt: skip


def _dated(connection: Connection, kept: Sequence[Kept]) -> tuple[HeldDetail, ...]:
    """Return details with the day on which their event happened."""
    positions = [one.position for one in kept]
    bodies = dict(tuple(row) for row in connection.execute(_BODIES, {"positions": positions}))
    return tuple(
        HeldDetail(one.position, one.type, _day(bodies[one.position]), one.field, one.value)
        for one in kept
    )


def _day(body: str) -> date:
    return date.fromisoformat(json.loads(body)["occurred_on"])
