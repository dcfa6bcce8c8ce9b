"""SQLite as traject uses it: file modes, the journal mode, the settings of a connection."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from engine.domain.errors import TryAgain
from engine.domain.words import N_
from engine.folders import make_folder
from engine.store.authorizer import guard

BETWEEN = (0.002, 0.012)  # seconds between two questions for the writers' lock
SIDE_FILES = ("", "-journal", "-wal", "-shm", ".sender.lock")


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Return whether this SQLite version is free of the WAL-reset bug.

    Two connections, one writing while the other checkpoints, could damage the file from
    3.7.0 to 3.51.2; two older lines got the repair as well.
    """
    if version >= (3, 51, 3):
        return True
    return (
        version[:2] in {(3, 50), (3, 44)}
        and version >= {50: (3, 50, 7), 44: (3, 44, 6)}[version[1]]
    )


def durability(version: tuple[int, ...]) -> tuple[str, str]:
    """Return the journal mode and the synchronous mode under which a commit stays."""
    return ("wal", "FULL") if wal_is_safe(version) else ("delete", "EXTRA")


def sqlite_engine(path: Path, wait: float, *, guarded: bool = False) -> Engine:
    """Return an engine whose driver starts no transactions by itself.

    `guarded`: its connections refuse what no daily command asks, such as DROP TRIGGER.
    """
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"isolation_level": None, "timeout": wait},
        hide_parameters=True,  # an error's text must not hold personal data
    )
    event.listen(engine, "connect", _settle)
    if guarded:
        event.listen(engine, "connect", lambda connection, _: guard(connection))
    return engine


def begin_immediate(connection: Connection, wait: float) -> None:
    """Begin a transaction that writes, once the writer before it is done.

    SQLite's own patience ends up asking ten times a second: beside five who write without a pause
    one may wait in vain. Asked every few milliseconds each gets a turn.
    """
    end = time.monotonic() + wait
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except DBAPIError as error:
                code = getattr(error.orig, "sqlite_errorcode", 0)
                if code & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                    raise
                time.sleep(random.uniform(*BETWEEN))  # noqa: S311 (no secret)
            else:
                return
    finally:
        driver.execute(f"PRAGMA busy_timeout={round(wait * 1000)}")


def empty_wal(own: sqlite3.Connection) -> bool:
    """Write the WAL back into the file and cut it off; tell whether nobody was in the way."""
    (in_the_way, _, _) = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not in_the_way


def make_file(path: Path) -> None:
    """Create the file (0600) and the folders that are missing (0700), whatever the umask."""
    make_folder(path.parent)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    os.close(handle)
    path.chmod(0o600)


def open_to_others(path: Path) -> list[Path]:
    """Return the folder, the file and its side files that group or others may use.

    Always empty on Windows, whose access lists say more than a file mode does.
    """
    if os.name == "nt":
        return []
    family = [path.parent, *(Path(f"{path}{ending}") for ending in SIDE_FILES)]
    return [one for one in family if one.exists() and one.stat().st_mode & 0o077]


def _settle(connection: Any, _record: object) -> None:
    journal, synchronous = durability(sqlite3.sqlite_version_info)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    # Asked first: the change needs the file for itself, the question does not.
    (present,) = connection.execute("PRAGMA journal_mode").fetchone()
    if present != journal:
        (present,) = connection.execute(f"PRAGMA journal_mode={journal}").fetchone()
    if present != journal:
        raise TryAgain(
            N_("Another program has the database open in another journal mode; close it first.")
        )
    connection.execute(f"PRAGMA synchronous={synchronous}")
