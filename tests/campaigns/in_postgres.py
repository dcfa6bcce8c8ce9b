"""A tampered log, put into PostgreSQL as the owner of its tables can: without the triggers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Boolean, Connection, Table
from sqlalchemy.exc import DataError, IntegrityError

from engine.store import tables as t
from engine.store.database import Database
from engine.store.transfer import ALL
from engine.store.trigger_texts import POSTGRES_TRIGGERS
from engine.store.triggers import GUARDED, create_triggers

TABLES = (*ALL, t.head)


class Refusal(Exception):
    """A column cannot hold such a value."""


def load(file: Path, target: Database, *, altered: Random | None) -> None:
    """Put what a file holds in the place of what is there; `altered`: with a trigger less.

    Raises: Refusal.
    """
    try:
        with closing(sqlite3.connect(file)) as source, target.altering() as connection:
            _let_in(connection)
            connection.exec_driver_sql(f"TRUNCATE {', '.join(one.name for one in TABLES)}")
            for table in TABLES:
                _fill(connection, table, _rows(source, table))
            create_triggers(connection, *GUARDED)
            if altered is not None:
                _alter(connection, altered)
    except (DataError, IntegrityError) as error:
        raise Refusal from error


def _let_in(connection: Connection) -> None:
    """Take away what keeps others out, and what the tampering before this one left."""
    for name, (table, _, _) in POSTGRES_TRIGGERS.items():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        connection.exec_driver_sql(f"DROP RULE IF EXISTS helpful ON {table}")


def _rows(source: sqlite3.Connection, table: Table) -> Iterator[dict[str, Any]]:
    names = [column.name for column in table.c]
    flags = {column.name for column in table.c if isinstance(column.type, Boolean)}
    for row in source.execute(f"SELECT {', '.join(names)} FROM {table.name}"):
        said = dict(zip(names, row, strict=True))
        yield said | {name: bool(said[name]) for name in flags}


def _fill(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    places = ", ".join(f"%({column.name})s" for column in table.c)
    names = ", ".join(column.name for column in table.c)
    found = list(rows)
    if found:
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({places})", found)


def _alter(connection: Connection, chance: Random) -> None:
    """Take a trigger away, or let it hold only for some."""
    name = chance.choice(sorted(POSTGRES_TRIGGERS))
    table = POSTGRES_TRIGGERS[name][0]
    statement = chance.choice((
        f"DROP TRIGGER {name} ON {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER {name}",
        f"ALTER TABLE {table} ENABLE TRIGGER {name}",
        f"CREATE RULE helpful AS ON INSERT TO {table} DO ALSO DELETE FROM details",
    ))  # fmt: skip
    connection.exec_driver_sql(statement)
