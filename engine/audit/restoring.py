"""Restoring: a back-up checked, made the log of a new epoch, and put in its place.

All of it is done in a copy of the back-up; the place gets the finished log, or keeps what it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.audit.backing_up import DAMAGED, unpack
from engine.audit.placing import into_database, into_file, is_begun, open_up, require_same
from engine.audit.rebuilding import refill
from engine.audit.report import Witness
from engine.audit.verifying import Progress, verify
from engine.domain.decisions.decision import Draft
from engine.domain.errors import BadInput, LedgerBroken, TrajectError
from engine.domain.events import LogRestored
from engine.domain.people import AUDITOR, Actor
from engine.domain.words import N_, say
from engine.domain.workdays import brussels_day
from engine.folders import make_folder
from engine.store import closing, drafts, files, schema
from engine.store.appending import ledger_state
from engine.store.database import Database, open_database
from engine.store.due import beat
from engine.store.enrolment import ACCOUNTS, also_known, same_accounts
from engine.store.erasures import Erasure, still_meant
from engine.store.holds import RESTORED, hold_all
from engine.store.log import STREAM, epoch_of, identity_of
from engine.store.transaction import Stamp, Transaction, unit_of_work
from engine.store.transfer import Connection

BROKEN = N_("The back-up {file} does not verify, and nothing was put back: {problem}")
ANOTHER_LOG = N_(
    "{source} is of log {theirs}, the back-up {file} is of log {ours}: is one of them not the "
    "right file? Nothing was put back."
)
NOBODY = N_("{account} is nobody in this back-up; say who you are with --actor NUMBER: {possible}")

# Erases again what was; returns how much of it was there.
Reapply = Callable[[Iterable[Erasure]], Callable[[Transaction, Stamp], int]]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the back-up, when and by whom, and what is known from elsewhere."""

    file: Path
    now: datetime
    account: str
    actor: int | None = None  # who the account is in the back-up, where that does not know it
    via: Mapping[str, Any] = field(default_factory=dict)
    witness: Witness | None = None  # the youngest checkpoint that was kept elsewhere
    epoch: int = 1  # the highest that is known
    erasures: Path | None = None  # the list of what was erased
    more_erasures: Path | None = None  # another one, of another place
    reapply: Reapply = lambda _: lambda _tx, _stamp: 0
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, or would be: the ledger, what it lacks, and what waits for a person."""

    found: int
    expected: int | None
    epoch: int
    erased: int
    mails: int
    people: int
    size: int = 0
    root: str = ""
    log: str = ""
    listed: bool = True  # there was a list of what was erased
    moved: str = ""  # where the log went that this is a copy of
    aside: Path | None = None  # the new name of what stood there

    @property
    def missing(self) -> int | None:
        """Return how many events there were that the back-up lacks; None: nobody knows."""
        return None if self.expected is None else max(0, self.expected - self.found)


def try_restore(order: Order) -> Restored:
    """Return what a restore would do; nothing is left of the copy in which it was tried."""
    with drafts.scratch() as made:
        scratch, restored = _prepared(order, made)
        scratch.close()
    return restored


def restore_file(order: Order, place: Path) -> Restored:
    """Put a back-up in the place of a SQLite database; what stood there gets another name.

    Raises: LedgerBroken for a back-up that does not verify; Refused.
    """
    make_folder(place.parent)
    with files.draft(place) as made:
        scratch, restored = _prepared(order, made)
        scratch.close()
        files.settle(made)
        aside = into_file(made, place, order.now)
    return replace(restored, aside=aside)


def require_room(target: Database) -> None:
    """Refuse a database that holds a log; a restore that was never finished is none."""
    is_begun(target, closing.HALF_RESTORED)


def restore_database(order: Order, target: Database, owner_url: str | None) -> Restored:
    """Put a back-up in an empty PostgreSQL database; what a killed restore left there is dropped.

    Raises: as `restore_file`; Refused for one that is not empty.
    """
    begun = is_begun(target, closing.HALF_RESTORED)
    with drafts.scratch() as made:
        scratch, restored = _prepared(order, made)
        try:
            with scratch.reading() as source:
                if begun:
                    schema.discard(target, owner_url=owner_url)
                why = closing.HALF_RESTORED
                into_database(source, target, order.now, why=why, owner_url=owner_url)
                require_same(source, target, order.progress)
        finally:
            scratch.close()
    open_up(target, owner_url)
    return restored


def _prepared(order: Order, scratch: Path) -> tuple[Database, Restored]:
    """Return the log as it will be, in a file of its own, and what was done to the back-up."""
    unpack(order.file, scratch)
    damage = files.damage(scratch)
    if damage is not None:
        _refuse(order, say(DAMAGED, reason=damage))
    database = open_database(str(scratch), any_schema=True)
    try:
        if schema.pending(database):
            schema.upgrade(database, refill=refill)
        _require_verified(database, order, _witnesses(database, order))
        restored = _begun_anew(database, order)
        _require_verified(database, order)
        with database.reading() as connection:
            size, root = ledger_state(connection)
            log = identity_of(connection) or ""
    except BaseException:
        database.close()
        raise
    return database, replace(restored, size=size, root=root, log=log)


def _witnesses(database: Database, order: Order) -> tuple[Witness, ...]:
    """Return the checkpoint where the back-up holds what it is of.

    Raises: TrajectError for one of another log.
    """
    witness = order.witness
    if witness is None:
        return ()
    with database.reading() as connection:
        size, log = ledger_state(connection)[0], identity_of(connection)
    if witness.log not in ("", log):
        named = {"source": witness.source, "file": str(order.file)}
        raise TrajectError(ANOTHER_LOG, theirs=witness.log, ours=log, **named)
    return (witness,) if witness.size <= size else ()


def _require_verified(
    database: Database, order: Order, witnesses: tuple[Witness, ...] = ()
) -> None:
    """Refuse a log that does not verify, or that is not the one of the checkpoint."""
    report = verify(database, witnesses=witnesses, progress=order.progress)
    if not report.ok:
        _refuse(order, report.problems[0].sentence)


def _refuse(order: Order, problem: object) -> None:
    raise LedgerBroken(BROKEN, file=str(order.file), problem=problem)


def _begun_anew(database: Database, order: Order) -> Restored:
    """Record the restore, erase again what was erased since, hold the outbox: one commit."""
    with database.reading() as connection:
        moved = str((closing.closed(connection) or {}).get("to", ""))
    open_up(database)
    with unit_of_work(database, order.now) as tx:
        connection = tx.connection
        found, _ = ledger_state(connection)
        actor = _restorer(tx, order)
        stamp = Stamp(actor.id, brussels_day(order.now), order.via)
        expected = None if order.witness is None else order.witness.size
        epoch = max(epoch_of(connection), order.epoch) + 1
        tx.record_in(STREAM, [Draft(LogRestored(expected, found, epoch))], stamp)
        again = order.reapply(_erasures(order, connection))
        erased = again(tx, stamp)
        mails, people = hold_all(connection, order.now, RESTORED)
    listed = bool(_lists(order))
    return Restored(found, expected, epoch, erased, mails, people, listed=listed, moved=moved)


def _erasures(order: Order, connection: Connection) -> Iterable[Erasure]:
    """Return what the list says was erased of this log."""
    return [one for file in _lists(order) for one in still_meant(connection, file)]


def _lists(order: Order) -> list[Path]:
    """Return the lists of what was erased that are there."""
    named = (order.erasures, order.more_erasures)
    return [file for file in named if file is not None and file.exists()]


def _restorer(tx: Transaction, order: Order) -> Actor:
    """Return who restores, and remember the account by which they work from now on."""
    writers = [one for one in tx.people.actors.values() if one.active and one.role != AUDITOR]
    known = {order.account, also_known(tx.connection, order.account)}
    for actor in writers:
        if actor.id == order.actor or (order.actor is None and actor.account in known):
            if actor.account is not None and actor.account not in known:
                same = same_accounts(tx.connection) | {order.account: actor.account}
                beat(tx.connection, ACCOUNTS, order.now, same)
            return actor
    possible = tuple(f"{one.id} ({one.name})" for one in writers)
    raise BadInput(NOBODY, account=order.account, possible=possible)
