"""Which mails left, or may have: what the events say of them, and the bytes that left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from engine.domain.events import Fact, MailSent, MailUncertain, MailWritten
from engine.store import tables as t
from engine.store.chosen import Choice, events_chosen

AT_ONCE = 100  # mails, with their bytes
UNCERTAIN = "uncertain"
STATES: Mapping[type[Fact], str] = {
    MailSent: "sent", MailWritten: "written", MailUncertain: UNCERTAIN,
}  # fmt: skip
_MAILS = (
    select(
        t.mails.c.id, t.mails.c.trajectory, t.mails.c.notice, t.mails.c.person,
        t.mails.c.subject, t.mails.c.mime,
    )
    .where(t.mails.c.id.in_(bindparam("numbers", expanding=True)))
    .order_by(t.mails.c.id)
)  # fmt: skip


class Departure(NamedTuple):
    """How a mail left, and when: `sent`, `written` as a file, or `uncertain`: it may have."""

    status: str
    at: datetime


class LeftMail(NamedTuple):
    """A mail that left, or may have; subject and MIME are None once erased."""

    id: int
    trajectory: str
    notice: str
    person: str
    subject: str | None
    mime: bytes | None
    status: str
    at: datetime


def departures(
    connection: Connection, size: int, trajectory: str | None = None
) -> dict[int, Departure]:
    """Return which mails had left, or may have, by the events up to a position.

    Of one trajectory, or of all. What an event says holds, not what became of a mail later.
    """
    found: dict[int, Departure] = {}
    types = tuple(kind.__name__ for kind in STATES)
    for chunk in events_chosen(connection, Choice(trajectory, types, size=size)):
        for event in chunk:
            fact: Any = event.fact
            found[fact.mail] = Departure(STATES[type(fact)], event.recorded_at)
    return found


def left_mails(connection: Connection, left: Mapping[int, Departure]) -> Iterator[LeftMail]:
    """Yield these mails with their bytes, in order, `AT_ONCE` of them at most."""
    for row in connection.execute(_MAILS, {"numbers": sorted(left)}):
        yield LeftMail(*row, *left[row.id])
