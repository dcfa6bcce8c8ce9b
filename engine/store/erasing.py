"""What an erasure must reach, found and emptied: details, mails that name a person, free text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, update

from engine.domain.erasing import RESTORED, LastRole
from engine.store import tables as t
from engine.store.erasers import require_eraser

AT_ONCE = 500  # numbers in one question
REPLY = "reply"  # of a mail server: free text, although it is kept as its reader's
MAIL_ERASABLE = ("subject", "recipient", "envelope_from", "envelope_to", "mime", "last_text")


class Kept(NamedTuple):
    """A detail that is still there, with the event that it belongs to."""

    position: int
    field: str
    value: str
    type: str
    stream: str


class NamingMail(NamedTuple):
    """A mail that names somebody; `held` tells whether any of its contents is still there."""

    id: int
    trajectory: str
    person: str
    status: str
    message_id: str
    notice: str
    subject: str | None
    held: bool


_KEPT = (
    select(
        t.details.c.position,
        t.details.c.field,
        t.details.c.value,
        t.events.c.type,
        t.events.c.stream,
    )
    .join(t.events, t.events.c.position == t.details.c.position)
    .where(t.details.c.value.is_not(None))
    .order_by(t.details.c.position, t.details.c.field)
)
_OF_PERSON = _KEPT.where(t.details.c.subject == bindparam("subject"))
_TEXTS = _KEPT.where(or_(t.details.c.subject.is_(None), t.details.c.field == REPLY))
_AT = select(t.details.c.field, t.details.c.subject, t.details.c.value).where(
    t.details.c.position == bindparam("position")
)
_STREAM = select(t.events.c.stream).where(t.events.c.position == bindparam("position"))
_ANY_LEFT: ColumnElement[bool] = or_(*(t.mails.c[name].is_not(None) for name in MAIL_ERASABLE))
_NAMING = (
    select(
        t.mails.c.id,
        t.mails.c.trajectory,
        t.mails.c.person,
        t.mails.c.status,
        t.mails.c.message_id,
        t.mails.c.notice,
        t.mails.c.subject,
        _ANY_LEFT.label("held"),
    )
    .join(t.mail_people, t.mail_people.c.mail == t.mails.c.id)
    .where(t.mail_people.c.subject == bindparam("subject"))
    .order_by(t.mails.c.id)
)
_ERASE = (
    update(t.details)
    .where(
        t.details.c.position == bindparam("at_position"), t.details.c.field == bindparam("at_field")
    )
    .values(salt=None, value=None)
)
_EMPTY = (
    update(t.mails)
    .where(t.mails.c.id.in_(bindparam("ids", expanding=True)))
    .values(dict.fromkeys(MAIL_ERASABLE))
)
_ROLES = select(
    t.assignments.c.contact,
    t.assignments.c.until_on,
    t.trajectories.c.closed_on,
).join(t.trajectories, t.trajectories.c.id == t.assignments.c.trajectory)
_OPEN_ROLES = (
    select(t.trajectories.c.ref, t.assignments.c.role, t.assignments.c.nis)
    .join(t.trajectories, t.trajectories.c.id == t.assignments.c.trajectory)
    .where(
        t.assignments.c.contact == bindparam("contact"),
        t.assignments.c.until_on.is_(None),
        t.among(t.trajectories.c.status, "requested", "active", "paused"),
    )
    .order_by(t.trajectories.c.ref, t.assignments.c.role, t.assignments.c.nis)
)
_COACHED = (
    select(t.trajectories.c.ref)
    .where(
        t.trajectories.c.coach == bindparam("coach"),
        t.among(t.trajectories.c.status, "requested", "active", "paused"),
    )
    .order_by(t.trajectories.c.ref)
)
_ADDED = select(t.events.c.body).where(t.events.c.type == "ContactAdded")
_UNERASED = select(t.contacts.c.id).where(
    or_(
        t.contacts.c.name.is_not(None),
        t.contacts.c.email.is_not(None),
        t.contacts.c.organisation.is_not(None),
    )
)
_EMPTIED = select(t.mails.c.message_id).where(t.mails.c.mime.is_(None))
_WHY = and_(t.details.c.position == t.events.c.position, t.details.c.field == "reason")
_ERASURES = (
    select(t.events.c.body, t.details.c.value.label("reason"))
    .select_from(t.events.outerjoin(t.details, _WHY))
    .where(t.events.c.type == "DetailsErased")
    .order_by(t.events.c.position)
)


def kept_of(connection: Connection, subject: str) -> list[Kept]:
    """Return the details that are kept as those of a person."""
    return [Kept._make(row) for row in connection.execute(_OF_PERSON, {"subject": subject})]


def texts(connection: Connection) -> list[Kept]:
    """Return all free text that is still there."""
    return [Kept._make(row) for row in connection.execute(_TEXTS)]


def details_of(connection: Connection, position: int) -> list[tuple[str, str | None, str | None]]:
    """Return the details of one event: field, whose it is, value (None once erased)."""
    found = connection.execute(_AT, {"position": position})
    return [(row.field, row.subject, row.value) for row in found]


def stream_of(connection: Connection, position: int) -> str | None:
    """Return the stream of the event at a position; None where there is none."""
    found: str | None = connection.execute(_STREAM, {"position": position}).scalar()
    return found


def naming(connection: Connection, subject: str) -> list[NamingMail]:
    """Return the mails that name a person, oldest first, those that are empty already too."""
    return [NamingMail._make(row) for row in connection.execute(_NAMING, {"subject": subject})]


def erase(connection: Connection, pairs: Iterable[tuple[int, str]]) -> None:
    """Set salt and value of these details (position, field) to NULL, for good.

    Raises: Refused for a login that may not.
    """
    rows = [{"at_position": position, "at_field": field} for position, field in pairs]
    if rows:
        require_eraser(connection)
        connection.execute(_ERASE, rows)


def empty(connection: Connection, mails: Sequence[int]) -> None:
    """Set contents, envelope and last answer of these mails to NULL, for good."""
    for start in range(0, len(mails), AT_ONCE):
        connection.execute(_EMPTY, {"ids": mails[start : start + AT_ONCE]})


def open_roles(connection: Connection, contact: int) -> list[tuple[str, str, str]]:
    """Return (reference, role, NIS or "") of what a contact is in trajectories that are open."""
    return [tuple(row) for row in connection.execute(_OPEN_ROLES, {"contact": contact})]


def coached(connection: Connection, actor: int) -> list[str]:
    """Return the references of the open trajectories that an actor coaches."""
    return list(connection.execute(_COACHED, {"coach": actor}).scalars())


def last_roles(connection: Connection) -> list[LastRole]:
    """Return when each contact whose data is there last had a role; who never had one, was added.

    A role ends when its contact is released, or with its trajectory.
    """
    ends: dict[int, list[date | None]] = {}
    for row in connection.execute(_ROLES):
        over = [day for day in (row.until_on, row.closed_on) if day is not None]
        ends.setdefault(row.contact, []).append(min(over) if over else None)
    known = sorted(connection.execute(_UNERASED).scalars())
    missing = set(known) - ends.keys()
    added = _days_added(connection) if missing else {}
    found = []
    for contact in known:
        days = ends.get(contact)
        if days is None:
            found.append(LastRole(contact, added.get(contact), ever=False))
        else:
            last = None if None in days else max(day for day in days if day is not None)
            found.append(LastRole(contact, last))
    return found


def erasures(connection: Connection) -> list[tuple[dict[str, object], bool]]:
    """Return what each event of an erasure says, its `data`, and whether a restore did it."""
    found = connection.execute(_ERASURES)
    return [(json.loads(row.body)["data"], row.reason == RESTORED) for row in found]


def emptied(connection: Connection) -> frozenset[str]:
    """Return the Message-IDs of the mails whose contents were erased."""
    return frozenset(connection.execute(_EMPTIED).scalars())


def _days_added(connection: Connection) -> dict[int, date]:
    """Return the day on which each contact was added."""
    bodies = map(json.loads, connection.execute(_ADDED).scalars())
    return {one["data"]["contact"]: date.fromisoformat(one["occurred_on"]) for one in bodies}
