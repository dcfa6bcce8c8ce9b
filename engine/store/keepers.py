"""The mails with a checkpoint in SQL: which were made, for whom, and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from engine.store import tables as t
from engine.store.transaction import PEOPLE

NOTICE = "checkpoint"
_MADE = (
    select(t.mails.c.id, t.mails.c.key, t.mails.c.status, t.mails.c.envelope_to, t.mails.c.sent_at)
    .where(t.mails.c.trajectory == PEOPLE, t.mails.c.notice == NOTICE)
    .order_by(t.mails.c.id)
)
_CONTACTS = select(t.contacts.c.id).where(func.lower(t.contacts.c.email) == bindparam("email"))


class Made(NamedTuple):
    """A mail with a checkpoint: its number, key and state, to which address, and when it left."""

    mail: int
    key: str
    status: str
    to: str | None
    sent_at: datetime | None


def made(connection: Connection) -> list[Made]:
    """Return the mails with a checkpoint, in the order in which they were made."""
    return [Made(*row) for row in connection.execute(_MADE)]


def contacts_at(connection: Connection, address: str) -> list[int]:
    """Return the contacts that have an address."""
    return list(connection.execute(_CONTACTS, {"email": address.lower()}).scalars())
