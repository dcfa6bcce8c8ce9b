"""Files that are copies: for us alone, whole before they get a name, never over another."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain, count
from pathlib import Path

from engine.domain.errors import Refused, TrajectError, TryAgain
from engine.domain.os_errors import why
from engine.domain.words import N_
from engine.store import drafts
from engine.store.faults import LOCKED
from engine.store.sqlite import SIDE_FILES, empty_wal

MAGIC = b"SQLite format 3\x00"
WAIT = 30.0  # seconds for whoever writes in the file at this moment
PATIENCE = 10.0  # seconds for whoever reads in a file that is to get another name
THERE = N_("{file} is there already, and is not written over.")
NOWHERE = N_("Nothing can be written in {folder} ({reason}).")
NO_ROOM = N_("The disk of {folder} is full; nothing was written. Make room, or name another place.")
TORN = N_(
    "{where} is damaged or not whole, and cannot be read ({reason}). Nothing was changed; take "
    "another copy of it."
)
NO_COPY = N_("The database {where} could not be copied ({reason}).")


@contextmanager
def draft(place: Path) -> Iterator[Path]:
    """Yield an empty file of our own (0600) beside `place`; it is gone afterwards.

    What a killed process left there goes with it.

    Raises: Refused where the folder is not there, or is not ours to write.
    """
    drafts.sweep((place.parent,))
    try:
        handle, name = tempfile.mkstemp(prefix=drafts.prefix(place.name), dir=place.parent)
    except OSError as error:
        raise Refused(NOWHERE, folder=str(place.parent), reason=why(error)) from None
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for ending in SIDE_FILES:
            Path(f"{name}{ending}").unlink(missing_ok=True)


def publish(made: Path, place: Path) -> None:
    """Give a finished file its name, once it is on the disk. Raises: Refused for one that is taken.

    On a file system with hard links nobody else can take the name in between.
    """
    with made.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(made, place)
    except FileExistsError:
        raise Refused(THERE, file=str(place)) from None
    except OSError:  # no hard links here
        refuse_there(place)
        made.rename(place)
    sync_folder(place.parent)


def refuse_there(place: Path) -> None:
    """Refuse a name that is taken."""
    if place.exists() or place.is_symlink():
        raise Refused(THERE, file=str(place))


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy(source: Path, target: Path, *, in_use: bool) -> None:
    """Copy a SQLite database that others may be using into an empty file.

    Only what it holds is copied, no free page with what was there before. `in_use`: an
    interrupted change is rolled back first; without, the source is only read.
    """
    mode = "rw" if in_use else "ro"
    try:
        with closing(
            sqlite3.connect(f"{source.absolute().as_uri()}?mode={mode}", WAIT, uri=True)
        ) as own:
            own.execute("VACUUM INTO ?", (str(target),))
        settle(target)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise TryAgain(NO_ROOM, folder=str(target.parent)) from None
        if code == sqlite3.SQLITE_CORRUPT or not in_use:
            raise TrajectError(TORN, where=str(source), reason=str(error)) from None
        raise TrajectError(NO_COPY, where=str(source), reason=str(error)) from None


def settle(file: Path) -> None:
    """Make a database one single file, that can be read from a place where nothing is written."""
    with closing(sqlite3.connect(file)) as own:
        own.execute("PRAGMA journal_mode=DELETE")


def damage(file: Path) -> str | None:
    """Return the first thing that SQLite finds wrong in a file, None for a sound one."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as own:
            (found,) = own.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else str(found)


def begins_with(file: Path, magic: bytes) -> bool:
    """Tell whether a file begins with these bytes. Raises: OSError."""
    with file.open("rb") as opened:
        return opened.read(len(magic)) == magic


def swap(made: Path, place: Path, moment: str) -> Path:
    """Put a finished file in the place of a database; return the new name of what was there.

    On a file system with hard links there is a whole database in the place at every moment, with
    all its commits. Nobody may write in the old one meanwhile.
    Raises: TryAgain where somebody reads in it for long.
    """
    aside = _free(place, moment)
    _gather(place)
    sides = [(Path(f"{place}{end}"), Path(f"{aside}{end}")) for end in ("-journal", "-wal", "-shm")]
    moved = [pair for pair in sides if pair[0].exists()]  # those of the new one are not these
    for side, other in moved:
        side.rename(other)
    try:
        _exchange(made, place, aside)
    except BaseException:
        for side, other in moved:
            if other.exists() and place.exists() and not side.exists():
                other.rename(side)
        raise
    return aside


def _exchange(made: Path, place: Path, aside: Path) -> None:
    try:
        os.link(place, aside)
    except OSError:  # no hard links here
        place.rename(aside)
        try:
            publish(made, place)
        except BaseException:
            aside.rename(place)
            raise
        return
    with made.open("rb+") as file:
        os.fsync(file.fileno())
    made.replace(place)
    sync_folder(place.parent)


def _gather(place: Path) -> None:
    """Bring all commits into the file itself, where it is sound enough to be read.

    Raises: TryAgain.
    """
    try:
        with closing(sqlite3.connect(place, PATIENCE, isolation_level=None)) as own:
            alone = empty_wal(own)
    except sqlite3.OperationalError as error:
        alone = error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY
    except sqlite3.DatabaseError:  # damaged, or none at all
        return
    if not alone:
        raise TryAgain(LOCKED)


def _free(file: Path, moment: str) -> Path:
    """Return a name beside a file that nobody has."""
    names = (f"{file.name}.{moment}{ending}" for ending in chain([""], map("-{}".format, count(2))))
    return next(path for path in map(file.with_name, names) if not path.exists())
