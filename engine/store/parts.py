"""Which tables and columns a version of the schema has, and which of them are not there."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, text

from engine.domain.errors import LedgerBroken
from engine.domain.words import N_
from engine.store.revisions import REVISIONS, revision
from engine.store.tables import metadata

UNMARKED = N_(
    "The tables of traject are in {where}, but not the mark of the version that made them "
    "(alembic_version): somebody took it away by hand. Keep a copy of it as it is, find out what "
    "happened, and put a back-up in its place; how: traject restore --help"
)
MARK = "alembic_version"
Part = tuple[str, str]  # a table, and its column; "" where the whole table is meant

# A view that is called as a table was is none.
_SQLITE = text("SELECT name FROM sqlite_master WHERE type = 'table'")
_POSTGRES = text(
    """
    SELECT c.relname, a.attname
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
       AND a.attnum > 0 AND NOT a.attisdropped
    """
)
# column: the revision that made it; all others are of the first
SINCE = {
    ("trajectories", "feedback_changed"): "0003",
    ("trajectories", "bookings"): "0003",
    ("deadlines", "position"): "0003",
    ("trajectories", "snoozes"): "0004",
    ("actors", "away_from"): "0004",
    ("actors", "away_until"): "0004",
    ("actors", "substitute"): "0004",
}


def absent(connection: Connection) -> list[Part]:
    """Return what is not there of the tables of this database's own version, and its mark.

    Without the mark only what every version has is missed.
    """
    there = _there(connection)  # asked first: on PostgreSQL a failed question ends the transaction
    found = revision(connection) if "version_num" in there.get(MARK, ()) else None
    gone = _lacking(there, found or REVISIONS[0])
    return gone if found is not None else [(MARK, "version_num"), *gone]


def lacking(connection: Connection, revision: str) -> list[Part]:
    """Return what is not there of the tables of a revision."""
    return _lacking(_there(connection), revision)


def refuse_unmarked(connection: Connection, where: str) -> None:
    """Refuse tables of ours of which nothing says which version made them.

    Raises: LedgerBroken.
    """
    ours = metadata.tables.keys()
    if 2 * len(ours & _there(connection).keys()) > len(ours):
        raise LedgerBroken(UNMARKED, where=where)


def _lacking(there: dict[str, set[str]], revision: str) -> list[Part]:
    gone: list[Part] = []
    for name, table in metadata.tables.items():
        if name not in there:
            gone.append((name, ""))
            continue
        missing = [(name, column.name) for column in table.c if column.name not in there[name]]
        gone += [part for part in missing if SINCE.get(part, REVISIONS[0]) <= revision]
    return gone


def _there(connection: Connection) -> dict[str, set[str]]:
    """Return the columns of each table that is there, as far as it may be one of ours."""
    if connection.dialect.name == "sqlite":
        names = {*connection.execute(_SQLITE).scalars()} & {MARK, *metadata.tables}
        return {name: _columns(connection, name) for name in names}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for table, column in connection.execute(_POSTGRES):
        found[table].add(column)
    return found


def _columns(connection: Connection, table: str) -> set[str]:
    return {row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")}
