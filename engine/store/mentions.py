"""Where a person's words stand besides their own details: found, and taken out by an erasure.

An answer of a mail server may repeat an address, also to a mail for somebody else. The heartbeat
of the queue may hold such an answer, and another one says that two accounts are one person's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, select, update

from engine.domain import erasing as rules
from engine.store import tables as t
from engine.store.enrolment import ACCOUNTS, same_accounts
from engine.store.erasing import Kept, texts
from engine.store.holds import QUEUE

GONE = "***"

_ANSWERS = select(t.mails.c.id, t.mails.c.last_text).where(t.mails.c.last_text.is_not(None))
_FORGET = update(t.mails).where(t.mails.c.id == bindparam("mail")).values(last_text=None)
_STATE = select(t.heartbeat.c.state).where(t.heartbeat.c.name == bindparam("of"))
_REWRITE = (
    update(t.heartbeat).where(t.heartbeat.c.name == bindparam("of")).values(state=bindparam("text"))
)


def known_as(details: Iterable[Kept], *present: str | None) -> set[str]:
    """Return the names and addresses that a person has or had."""
    return {one.value for one in details if one.field in ("name", "email")} | set(
        filter(None, present)
    )


def texts_about(
    connection: Connection, details: Sequence[Kept], name: str | None, *present: str | None
) -> tuple[tuple[Kept, ...], tuple[Kept, ...]]:
    """Return the free text with a whole name or address of a person, and that with a part of one.

    `details` are kept as theirs. Whether who is hinted at is meant, only a person can tell.
    """
    own = {(one.position, one.field) for one in details}
    free = [one for one in texts(connection) if (one.position, one.field) not in own]
    known = known_as(details, name, *present)
    names = {one.value for one in details if one.field == "name"} | {name}
    whole = tuple(one for one in free if rules.names(one.value, *known))
    partly = (
        one for one in free if one not in whole and any(rules.hints_at(one.value, n) for n in names)
    )
    return whole, tuple(partly)


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
