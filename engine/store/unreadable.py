"""Rows read in spite of values that their column's type cannot read; those are marked.

SQLite keeps any value in any column, and PostgreSQL has dates that Python has not. An audit
must name such a value instead of failing on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    Dialect,
    LargeBinary,
    Select,
    Table,
    Text,
    cast,
    select,
    type_coerce,
)
from sqlalchemy.exc import DataError
from sqlalchemy.types import NullType

from engine.store.tables import Instant

Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored value that its column's type cannot read; it equals no value of that type."""

    value: object

    def __str__(self) -> str:
        """Return the value as it stands there."""
        return str(self.value)


def as_stored(table: Table) -> Select[Any]:
    """Return the question for all rows of a table, flags as SQLite keeps them: as numbers.

    Any number but 0 reads as true, and is not what SQL looks for where it asks for 1.
    """
    flags = (type_coerce(c, NullType()).label(c.name) if _is_flag(c) else c for c in table.c)
    return select(*flags)


def _is_flag(column: Any) -> bool:
    return isinstance(column.type, Boolean)


def read_rows(
    connection: Connection, query: Select[Any], parameters: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    """Return the rows of a query over columns; a value that cannot be read is `Unreadable`."""
    try:
        return connection.execute(query, parameters).all()
    except (TypeError, ValueError, DataError):
        return _read_each(connection, query, parameters)


def _read_each(
    connection: Connection, query: Select[Any], parameters: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """Return the rows, each value read by itself."""
    columns = list(query.selected_columns)
    raw = query.with_only_columns(*(_raw(column, connection.dialect) for column in columns))
    readers = [_reader(column.type, connection.dialect) for column in columns]
    return [
        tuple([_value(read, value) for read, value in zip(readers, row, strict=True)])
        for row in connection.execute(raw, parameters)
    ]


def _raw(column: Any, dialect: Dialect) -> Any:
    """Return a column as the driver gives it; days and instants as text."""
    if dialect.name != "sqlite" and isinstance(column.type, Date | Instant):
        return cast(column, Text).label(column.name)
    return type_coerce(column, NullType()).label(column.name)


def _value(read: Read | None, value: Any) -> Any:
    if read is None or value is None:
        return value
    try:
        return read(value)
    except (TypeError, ValueError):
        return Unreadable(value)


def _reader(kind: Any, dialect: Dialect) -> Read | None:
    """Return how a raw value is read as one of this type, None where it stays as it is."""
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Instant):
        return lambda value: kind.process_result_value(value, dialect)
    if isinstance(kind, LargeBinary):
        return _bytes
    return _bool if isinstance(kind, Boolean) else None


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes | memoryview):
        raise TypeError(type(value).__name__)
    return bytes(value)


def _bool(value: object) -> bool:
    if value not in (0, 1):
        raise ValueError(value)
    return bool(value)
