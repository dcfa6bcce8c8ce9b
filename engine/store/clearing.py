"""After an erasure: takes its remains out of the files of the database, as far as is possible.

SQLite overwrites what is deleted (secure_delete); the WAL is emptied, and where the erased
words still stand somewhere in the file it is written anew. On PostgreSQL the old rows stay in
the table's files until the table is written anew, which only its owner may do; of the columns
with names and texts the planner keeps no samples (migration 0005).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.store.database import WAIT, Database
from engine.store.postgres import postgres_engine
from engine.store.sqlite import empty_wal

CLEAN, NOT_OWNER, BUSY = "clean", "not_owner", "busy"
TABLES = ("details", "mails", "contacts", "actors", "heartbeat")
SHORTEST = 5  # bytes of a word that is searched: shorter ones stand everywhere by chance
PIECE = 1 << 20

_OWN = text(
    "SELECT bool_and(pg_has_role(c.relowner, 'USAGE')) FROM pg_catalog.pg_class c"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY (:tables)"
)


def clear(database: Database, values: Iterable[str] | None) -> str:
    """Return how far the remains of erased values are gone: clean, not_owner, or busy.

    Without values, as nobody knows them any more, a file is written anew in any case.
    `not_owner`: the owner of the tables is to write them anew. `busy`: others used the database
    meanwhile; another try will do.
    """
    if database.path is not None:
        return _clear_file(database.path, values)
    return _rewrite_tables(database)


def occurs(file: Path, words: Iterable[bytes]) -> bool:
    """Tell whether one of these words stands in a file."""
    wanted = [word for word in words if len(word) >= SHORTEST]
    if not wanted or not file.exists():
        return False
    overlap, tail = max(map(len, wanted)) - 1, b""
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            seen = tail + piece
            if any(word in seen for word in wanted):
                return True
            tail = seen[-overlap:]
    return False


def _clear_file(path: Path, values: Iterable[str] | None) -> str:
    words = None if values is None else [value.encode() for value in values]
    try:
        with closing(sqlite3.connect(path, WAIT, isolation_level=None)) as own:
            own.execute("PRAGMA secure_delete=ON")
            emptied = empty_wal(own)
            if words is None or occurs(path, words):
                own.execute("VACUUM")
                emptied = empty_wal(own)
    except sqlite3.OperationalError:
        return BUSY
    return CLEAN if emptied else BUSY


def _rewrite_tables(database: Database) -> str:
    engine = postgres_engine(database.url, WAIT, None)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.execute(_OWN, {"tables": list(TABLES)}).scalar():
                return NOT_OWNER
            return _vacuum(connection)
    finally:
        engine.dispose()


def _vacuum(connection: Connection) -> str:
    connection.exec_driver_sql("SET statement_timeout = 0")  # a long history takes a while
    try:
        for table in TABLES:
            connection.exec_driver_sql(f"VACUUM (FULL) {table}")
    except DBAPIError:
        return BUSY
    return CLEAN
