"""Statements of the write path: compiled once, run on the driver's own cursor.

Core's way to the driver costs some 40 µs a statement, about as much as the database itself
needs (measured); what every transition does several times goes without it. The SQL, the
types of the parameters and the family of the errors stay Core's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, TextClause, Update
from sqlalchemy.exc import DBAPIError

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The text for one kind of database, and how values become what its driver takes."""

    text: str
    names: tuple[str, ...]
    fixed: Values  # what the statement itself brings along
    converters: Mapping[str, Callable[[Any], Any]]
    readers: tuple[tuple[int, Callable[[Any], Any]], ...]  # place in the row, how it is read
    positional: bool

    def arguments(self, values: Values) -> Any:
        """Return the parameters as the driver wants them."""
        given = {**self.fixed, **values}
        for name, convert in self.converters.items():
            given[name] = convert(given[name])
        return [given[name] for name in self.names] if self.positional else given

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Return a row with the values that its columns stand for."""
        values = list(row)
        for place, reader in self.readers:
            values[place] = reader(values[place])
        return tuple(values)


class Prepared:
    """A Core statement whose parameters are named; rows come back as plain tuples.

    The connection must be inside a transaction of `Database.writing` or `reading`.
    """

    def __init__(
        self, statement: Insert | Update | Delete | Select[Any] | TextClause, *columns: str
    ) -> None:
        """Keep a statement; `columns` are those an INSERT fills (all, when left out)."""
        self._statement = statement
        self._columns = list(columns) or None
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Values | None = None) -> int:
        """Run it once and return how many rows it touched."""
        return int(self._execute(connection, values or {}).rowcount)

    def run_all(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Run it once per row, in order, in as few round trips as the driver can."""
        if len(rows) == 1:
            self._execute(connection, rows[0])
        elif rows:
            compiled = self._for(connection.dialect)
            arguments = [compiled.arguments(row) for row in rows]
            self._on_cursor(connection, "executemany", compiled.text, arguments)

    def first(self, connection: Connection, values: Values | None = None) -> Any:
        """Run it and return the first row, or None."""
        row = self._execute(connection, values or {}).fetchone()
        return None if row is None else self._for(connection.dialect).read(row)

    def all(self, connection: Connection, values: Values | None = None) -> list[Any]:
        """Run it and return the rows."""
        rows = self._execute(connection, values or {}).fetchall()
        return list(map(self._for(connection.dialect).read, rows))

    def _execute(self, connection: Connection, values: Values) -> Any:
        compiled = self._for(connection.dialect)
        return self._on_cursor(connection, "execute", compiled.text, compiled.arguments(values))

    def _on_cursor(self, connection: Connection, how: str, sql: str, arguments: Any) -> Any:
        driver: Any = connection.connection.driver_connection
        dialect = connection.dialect
        cursor = driver.cursor()
        try:
            getattr(cursor, how)(sql, arguments)
        except dialect.loaded_dbapi.Error as error:
            gone = dialect.is_disconnect(error, driver, None)
            if gone:
                connection.invalidate()
            raise DBAPIError.instance(
                sql,
                None,  # the values may be personal
                error,
                dialect.loaded_dbapi.Error,
                hide_parameters=True,
                connection_invalidated=gone,
                dialect=dialect,
            ) from error
        return cursor

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> _Compiled:
        made = self._statement.compile(dialect=dialect, column_keys=self._columns)
        converters = {}
        for bind, name in made.bind_names.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                converters[name] = convert
        fixed = {name: bind.value for bind, name in made.bind_names.items() if not bind.required}
        return _Compiled(
            made.string,
            tuple(made.positiontup or ()),
            fixed,
            converters,
            tuple(_readers(self._statement, dialect)),
            made.positional,
        )


def _readers(statement: Any, dialect: Dialect) -> Iterator[tuple[int, Callable[[Any], Any]]]:
    """Yield the places of a row whose type converts what it reads, with the conversion."""
    columns = statement.selected_columns if isinstance(statement, Select) else ()
    for place, column in enumerate(columns):
        reader = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if reader is not None:
            yield place, reader
