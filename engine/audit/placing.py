"""Puts a copy of a log in its place: another database, or the name of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from engine.audit.verifying import verify
from engine.domain.errors import LedgerBroken, NotFound, Refused, TrajectError, TryAgain
from engine.domain.words import N_
from engine.folders import make_folder
from engine.store import closing, files, schema
from engine.store.database import Database, open_database
from engine.store.revisions import revision
from engine.store.sender import file_lock
from engine.store.transfer import Connection, Progress, copy_rows, differing

Fill = Callable[[Connection], object]

PATIENCE = 10.0  # seconds for whoever writes in a log that is to be closed

NOT_EMPTY = N_("{where} holds a log already. Choose an empty database; nothing is written over.")
NOT_OWNER = N_(
    "Only who owns the tables of {where} can close or open it, and a move does. Nothing was "
    "changed. Name that login with --owner-url URL, or for the place that you leave with "
    "--database."
)
SENDING = N_("A round is sending mails at this moment. Stop traject serve and try again.")
OTHERWISE = N_("The copy in {where} is not what was copied ({tables}); nobody can work in it.")
NO_COPY = N_("The copy in {where} does not verify, so that nobody can work in it: {problem}")


def into_database(
    source: Connection,
    target: Database,
    now: datetime,
    *,
    why: str,
    owner_url: str | None = None,
    after: Fill = lambda _: None,
    progress: Progress | None = None,
) -> None:
    """Fill an empty database with the rows of another: all of them or none.

    Nobody can write in it before `open_up`: `why`, the mark says. `after` writes what only the
    copy has.
    """

    def fill(connection: Connection) -> None:
        copy_rows(source, connection, progress)
        after(connection)
        closing.close(connection, now, why)

    schema.create(target, owner_url=owner_url, fill=fill)


def is_begun(target: Database, why: str) -> bool:
    """Tell whether there is a copy that was not finished, by the same command; False: empty.

    Raises: Refused for what else is there.
    """
    with target.reading() as connection:
        if revision(connection) is None:
            return False
    with target.reading() as connection:
        mark = closing.closed(connection)
    if mark is None or mark["why"] != why:
        raise Refused(NOT_EMPTY, where=target.url_for_people)
    return True


def require_same(source: Connection, target: Database, progress: Progress | None = None) -> None:
    """Refuse a copy that differs from its source, or that does not verify.

    Raises: LedgerBroken.
    """
    where = target.url_for_people
    with target.reading() as connection:
        tables = differing(source, connection, but="heartbeat")
    if tables:
        raise LedgerBroken(OTHERWISE, where=where, tables=tables)
    report = verify(target, progress=progress)
    if not report.ok:
        raise LedgerBroken(NO_COPY, where=where, problem=report.problems[0].sentence)


def open_up(target: Database, owner_url: str | None = None) -> None:
    """Let people work in a copy from now on. Raises: Refused for who does not own the tables."""
    with schema.as_owner(target, owner_url) as owner:
        require_owner(owner)
        with owner.altering() as connection:
            closing.reopen(connection)


def require_owner(database: Database) -> None:
    """Refuse a login that does not own the tables: it can neither close nor open a log."""
    with database.reading() as connection:
        if not schema.may_lift_triggers(connection):
            raise Refused(NOT_OWNER, where=database.url_for_people)


def into_file(made: Path, place: Path, now: datetime) -> Path | None:
    """Give a copy the name of the database; return the new name of what stood there.

    Whoever has the old one open hears of it at the next change.
    Raises: Refused while somebody sends mails from it.
    """
    make_folder(place.parent)
    with file_lock(place) as tenure:
        if tenure is None:
            raise Refused(SENDING)
        if not place.exists():
            files.publish(made, place)
            return None
        with _closed(place, now):
            return files.swap(made, place, f"set-aside-{now:%Y%m%d-%H%M%S}")


@contextmanager
def _closed(place: Path, now: datetime) -> Iterator[None]:
    """Let nobody write in a file any more, where it can still be opened; undo that on failure.

    Raises: TryAgain while somebody writes; TrajectError for a sound file that cannot be closed.
    """
    try:
        _mark(place, lambda connection: closing.close(connection, now, closing.SET_ASIDE))
    except TryAgain:
        raise
    except TrajectError:
        if files.damage(place) is None:
            raise
    try:
        yield
    except BaseException:
        with suppress(TrajectError):  # who meets the mark is told how to go on
            _mark(place, closing.reopen)
        raise


def _mark(place: Path, mark: Fill) -> None:
    """Put or take the mark of a closed log, where there is one that people can work in."""
    with suppress(NotFound, LedgerBroken):  # no tables of ours, or not all of them
        old = open_database(str(place), older=True, wait=PATIENCE)
        try:
            with old.altering() as connection:
                if closing.has_tables(connection):
                    mark(connection)
        finally:
            old.close()
