"""take(): a checkpoint of everything that verifies, and the event that says it was taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from engine.audit.report import Report
from engine.audit.verifying import Progress, verify
from engine.domain.checkpoint import Checkpoint, origin
from engine.domain.decisions.decision import Draft
from engine.domain.errors import Conflict, NotFound
from engine.domain.events import CheckpointTaken
from engine.domain.words import N_
from engine.store.database import Database
from engine.store.log import STREAM, epoch_of, identity_of
from engine.store.reading import read_events
from engine.store.transaction import Stamp, unit_of_work

TRIES = 5  # whoever writes while it is verified makes it begin anew
NOT_OPENED = N_("this log was never opened; there is nothing to take a checkpoint of")
BUSY = N_("Others wrote each time while everything was checked. Try again when it is quiet.")


@dataclass(frozen=True, slots=True)
class Taken:
    """What verify found; the checkpoint where all is in order, and where it was recorded."""

    report: Report
    checkpoint: Checkpoint | None = None
    position: int | None = None


def take(
    database: Database,
    owner: str,
    now: datetime,
    *,
    stamp: Stamp | None,
    progress: Progress | None = None,
    keep: Callable[[Checkpoint], object] = lambda _: None,
) -> Taken:
    """Verify everything, and return its checkpoint; a `stamp` of None records nothing.

    It is of the events before the one that records it. Nothing is recorded either where the
    log's last event is a checkpoint already. `keep` gets it before it is recorded: one that
    could not be kept is not.

    Raises: NotFound for a log that was never opened; Conflict where others go on writing;
    NewerEvent.
    """
    for _ in range(TRIES):
        report = verify(database, progress=progress)
        if not report.ok:
            return Taken(report)
        checkpoint = _checkpoint(database, owner, report)
        if stamp is None or _stands(database, report.size):
            keep(checkpoint)
            return Taken(report, checkpoint)
        with unit_of_work(database, now) as tx:
            if tx.ledger() == (report.size, report.root):
                keep(checkpoint)
                fact = CheckpointTaken(report.size, report.root)
                (event,) = tx.record_in(STREAM, [Draft(fact)], stamp)
                return Taken(report, checkpoint, event.position)
    raise Conflict(BUSY)


def _checkpoint(database: Database, owner: str, report: Report) -> Checkpoint:
    with database.reading() as connection:
        log, epoch = identity_of(connection), epoch_of(connection)
    if log is None:
        raise NotFound(NOT_OPENED)
    return Checkpoint(origin(owner, log, epoch), report.size, report.root)


def _stands(database: Database, size: int) -> bool:
    """Tell whether the last of so many events says that a checkpoint was taken."""
    with database.reading() as connection:
        last = list(read_events(connection, after=size - 1, limit=1))
    return bool(last) and last[0].type == CheckpointTaken.__name__
