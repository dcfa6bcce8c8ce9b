"""Which mails left, may have, or could not: what the events say of them, and their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from engine.domain.events import (
    Fact,
    MailDead,
    MailReleased,
    MailSent,
    MailUncertain,
    MailWritten,
)
from engine.store import tables as t
from engine.store.chosen import Choice, events_chosen

AT_ONCE = 100  # mails, with their bytes
UNCERTAIN, DEAD = "uncertain", "dead"
STATES: Mapping[type[Fact], str] = {
    MailSent: "sent", MailWritten: "written", MailUncertain: UNCERTAIN, MailDead: DEAD,
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
    """What became of a mail, and when; `uncertain`: it may have arrived.

    Else it is `sent`, `written` as a file, or `dead`: given up, with what the server answered.
    """

    status: str
    at: datetime
    reply: str | None = None


class LeftMail(NamedTuple):
    """A mail that left, may have, or could not; subject and MIME are None once erased."""

    id: int
    trajectory: str
    notice: str
    person: str
    subject: str | None
    mime: bytes | None
    status: str
    at: datetime
    reply: str | None = None


def departures(
    connection: Connection, size: int, trajectory: str | None = None
) -> dict[int, Departure]:
    """Return which mails had left, may have, or could not, by the events up to a position.

    Of one trajectory, or of all. What an event says holds, not what became of a mail later: one
    that may have arrived stays so when it is refused afterwards. What was refused and released
    waits again, and is not told.
    """
    found: dict[int, Departure] = {}
    types = tuple(kind.__name__ for kind in (*STATES, MailReleased))
    for chunk in events_chosen(connection, Choice(trajectory, types, size=size)):
        for event in chunk:
            fact: Any = event.fact
            known = found.get(fact.mail)
            if isinstance(fact, MailReleased):
                if known is not None and known.status == DEAD:
                    del found[fact.mail]
            elif not isinstance(fact, MailDead):
                found[fact.mail] = Departure(STATES[type(fact)], event.recorded_at)
            elif known is None:
                reply = event.details.get("reply")
                found[fact.mail] = Departure(DEAD, event.recorded_at, reply)
    return found


def left_mails(connection: Connection, left: Mapping[int, Departure]) -> Iterator[LeftMail]:
    """Yield these mails with their bytes, in order, `AT_ONCE` of them at most."""
    for row in connection.execute(_MAILS, {"numbers": sorted(left)}):
        yield LeftMail(*row, *left[row.id])
