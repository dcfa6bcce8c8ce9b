"""Writes the difference between two states of a projection, no more columns than differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, update

from engine.store.prepared import Prepared
from engine.store.tables import PROJECTIONS

Row = dict[str, Any]

KEYS = {table: tuple(column.name for column in table.primary_key) for table in PROJECTIONS}


def write_difference(
    connection: Connection,
    table: Table,
    added: Sequence[Row],
    changed: Iterable[tuple[Row, Row]] = (),
    gone: Iterable[Row] = (),
) -> None:
    """Insert, update (old row, new row) and delete the rows of one table."""
    _INSERT[table].run_all(connection, added)
    by_columns: dict[tuple[str, ...], list[Row]] = {}
    for old, new in changed:
        if differing := tuple(name for name in new if old[name] != new[name]):
            by_columns.setdefault(differing, []).append(_keyed(table, new))
    for columns, found in by_columns.items():
        _update(table, columns).run_all(connection, found)
    _DELETE[table].run_all(connection, [_keyed(table, row) for row in gone])


def _keyed(table: Table, row: Row) -> Row:
    """Return the row with its key once more, under the names the WHERE clause uses."""
    return {**row, **{f"key_{name}": row[name] for name in KEYS[table]}}


def _key(table: Table) -> Any:
    return and_(*(table.c[name] == bindparam(f"key_{name}") for name in KEYS[table]))


def _update(table: Table, columns: tuple[str, ...]) -> Prepared:
    """Return the UPDATE of these columns of a row, built once."""
    if (table, columns) not in _UPDATE:
        values: dict[str, Any] = {name: bindparam(name) for name in columns}
        _UPDATE[table, columns] = Prepared(update(table).where(_key(table)).values(values))
    return _UPDATE[table, columns]


_INSERT = {table: Prepared(insert(table)) for table in PROJECTIONS}
_UPDATE: dict[tuple[Table, tuple[str, ...]], Prepared] = {}
_DELETE = {table: Prepared(delete(table).where(_key(table))) for table in PROJECTIONS}
