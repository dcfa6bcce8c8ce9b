"""What all tables share: the metadata they hang on and the column types of our own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    literal_column,
)
from sqlalchemy.types import TypeEngine

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Instant(TypeDecorator[datetime]):
    """An aware instant: timestamptz on PostgreSQL, sortable UTC text on SQLite."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the database at hand."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what the driver takes; a naive instant is a fault in the program."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.strftime(INSTANT_FORMAT)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value)  # strptime takes ten times as long


def among(column: Column[str], *values: str) -> ColumnElement[bool]:
    """Return that a column is one of some plain words, which are written into the statement.

    SQLite uses a partial index only where it reads the condition in the statement itself.
    """
    words = [literal_column(f"'{value}'", String) for value in values]
    return column.in_(words) if len(words) > 1 else column == words[0]


# SQLite only counts up by itself on INTEGER, and reads the same 64 bits from it.
Position = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
