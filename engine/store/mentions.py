"""Where a person's words stand besides details and mails that name them: taken out by an erasure.

An answer of a mail server may repeat an address, also to a mail for somebody else. The heartbeat
of the queue may hold such an answer, and another one says that two accounts are one person's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select, update

from engine.domain import erasing as rules
from engine.store import tables as t
from engine.store.enrolment import ACCOUNTS, same_accounts
from engine.store.holds import QUEUE

GONE = "***"

_ANSWERS = select(t.mails.c.id, t.mails.c.last_text).where(t.mails.c.last_text.is_not(None))
_FORGET = update(t.mails).where(t.mails.c.id == bindparam("mail")).values(last_text=None)
_STATE = select(t.heartbeat.c.state).where(t.heartbeat.c.name == bindparam("of"))
_REWRITE = (
    update(t.heartbeat).where(t.heartbeat.c.name == bindparam("of")).values(state=bindparam("text"))
)


def take_out(
    connection: Connection, words: Iterable[str | None], accounts: Iterable[str] = ()
) -> None:
    """Take names, addresses and texts out of the answers to mails, and all out of heartbeats."""
    _of_accounts(connection, set(accounts))
    wholes = set(filter(None, words))
    if not wholes:
        return
    answers = connection.execute(_ANSWERS).all()
    naming = [{"mail": row.id} for row in answers if rules.names(row.last_text, *wholes)]
    if naming:
        connection.execute(_FORGET, naming)
    _of_queue(connection, wholes)


def _of_queue(connection: Connection, wholes: set[str]) -> None:
    """Let the queue rest without telling what the server said, where that names somebody."""
    state = connection.execute(_STATE, {"of": QUEUE}).scalar()
    told = json.loads(state) if state is not None else {}
    if rules.names(told.get("text", ""), *wholes):
        said = json.dumps({**told, "text": GONE})
        connection.execute(_REWRITE, {"of": QUEUE, "text": said})


def _of_accounts(connection: Connection, accounts: set[str]) -> None:
    """Forget the other account of somebody whose own is erased."""
    before = same_accounts(connection)
    left = {own: other for own, other in before.items() if not accounts & {own, other}}
    if left != before:
        connection.execute(_REWRITE, {"of": ACCOUNTS, "text": json.dumps(left)})
