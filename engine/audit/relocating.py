"""Moving: the whole log copied to another database, byte for byte, and the old one closed.

The copy is finished and compared before the old one is closed, and opened after that: whenever
this is interrupted, at most one of the two takes writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from engine.audit.placing import (
    SENDING,
    into_database,
    is_begun,
    open_up,
    require_owner,
    require_same,
)
from engine.audit.verifying import Progress
from engine.domain.errors import Refused
from engine.store import closing, schema
from engine.store.appending import ledger_state
from engine.store.database import Database
from engine.store.due import beat
from engine.store.enrolment import ACCOUNTS, same_accounts
from engine.store.holds import MOVED, hold_all, standing
from engine.store.log import identity_of
from engine.store.revisions import revision
from engine.store.transfer import Connection, differing


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: from where to where, when, and which account is the same person's."""

    source: Database
    target: Database
    now: datetime
    here: str  # the account of whoever moves, as the source knows it
    there: str  # and as the server or the computer of the target calls it
    owner_url: str | None = None
    progress: Progress | None = None

    @property
    def target_owner(self) -> str | None:
        """The login that owns the tables to come."""
        return self.owner_url if self.target.is_postgres else None

    @property
    def source_owner(self) -> str | None:
        """The login that owns the tables there are, where these go to a file."""
        return None if self.target.is_postgres else self.owner_url


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: the ledger, and the mails that wait for a person in the copy."""

    size: int
    root: str
    mails: int = 0
    people: int = 0
    held: bool = True  # until a person says so


def relocate(order: Order) -> Moved:
    """Copy the log, compare, close the old one, open the new one; run again where it stopped.

    Raises: Refused for a target that holds a log, or while mails are being sent; LedgerBroken
    when the copy does not verify: the old one goes on as before.
    """
    if is_done(order.source, order.target):  # it ended after that
        return _moved(order.target)
    with order.source.sender_lock() as tenure:
        if tenure is None:
            raise Refused(SENDING)
        with _source(order) as connection:
            if not _is_copied(order, connection):
                _copy(order, connection)
            require_same(connection, order.target, order.progress)
            if closing.closed(connection) is None:
                to = order.target.url_for_people
                closing.close(connection, order.now, closing.MOVED, to)
    open_up(order.target, order.target_owner)
    return _moved(order.target)


def is_done(source: Database, target: Database) -> bool:
    """Tell whether the log moved there already, and is alive there."""
    with source.reading() as connection:
        mark, log = closing.closed(connection), identity_of(connection)
    if mark is None or mark.get("to") != target.url_for_people:
        return False
    with target.reading() as connection:
        if revision(connection) is None:
            return False
    with target.reading() as connection:
        return closing.closed(connection) is None and identity_of(connection) == log


def require_room(target: Database) -> None:
    """Refuse a target that holds a log of its own; a copy that was never finished is none."""
    is_begun(target, closing.UNFINISHED)


@contextmanager
def _source(order: Order) -> Iterator[Connection]:
    """Yield the source, in which nobody writes meanwhile; only to be read where it is closed."""
    with order.source.reading() as connection:
        mark = closing.closed(connection)
    if mark is not None and mark.get("to") == order.target.url_for_people:
        with order.source.reading() as connection:  # all but the end of an earlier move was done
            yield connection
        return
    with schema.as_owner(order.source, order.source_owner) as source:
        require_owner(source)
        with source.writing() as connection:
            source.wait_long(connection)
            yield connection


def _is_copied(order: Order, source: Connection) -> bool:
    """Tell whether an interrupted move left the very copy; what else it left is dropped."""
    if not is_begun(order.target, closing.UNFINISHED):
        return False
    with order.target.reading() as connection:
        if not differing(source, connection, but="heartbeat"):
            return True
    schema.discard(order.target, owner_url=order.target_owner)
    return False


def _copy(order: Order, source: Connection) -> None:
    def after(connection: Connection) -> None:
        hold_all(connection, order.now, MOVED)
        if order.here != order.there:
            same = same_accounts(connection) | {order.there: order.here}
            beat(connection, ACCOUNTS, order.now, same)

    into_database(
        source,
        order.target,
        order.now,
        why=closing.UNFINISHED,
        owner_url=order.target_owner,
        after=after,
        progress=order.progress,
    )


def _moved(target: Database) -> Moved:
    """Return what is there now, and how many mails wait, for how many people."""
    with target.reading() as connection:
        size, root = ledger_state(connection)
        held = standing(connection)
    waiting = held or {"mails": 0, "people": 0}
    return Moved(size, root, waiting["mails"], waiting["people"], held=held is not None)
