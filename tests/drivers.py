"""What the bare database drivers are asked, seen from below SQLAlchemy and everything of ours.

A watcher is told of each statement and each COMMIT just before and just after it runs, on
every connection opened while it watches. The product has no hook for this and needs none.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import Engine, event

Watcher = Callable[[str, str, Any, bool], None]  # before | after, text, parameters, many


@contextlib.contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Let a watcher follow all connections that are opened from here on."""
    open_watched = partial(_open, watcher)
    event.listen(Engine, "do_connect", open_watched)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", open_watched)


def _open(watcher: Watcher, dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
    """Open the connection that the dialect asks for, watched."""
    if dialect.name == "sqlite":
        return sqlite3.connect(*arguments, **named, factory=_sqlite(watcher))
    cursor, connection = _psycopg(watcher)
    return connection.connect(*arguments, **named, cursor_factory=cursor)


def _watched(watcher: Watcher, base: Any) -> Any:
    """Return a cursor class of which every statement is told."""

    class Watched(base):  # type: ignore[misc]
        def execute(self, sql: Any, parameters: Any = (), **options: Any) -> Any:
            watcher("before", str(sql), parameters, False)
            result = super().execute(sql, parameters, **options)
            watcher("after", str(sql), parameters, False)
            return result

        def executemany(self, sql: Any, rows: Any, **options: Any) -> Any:
            watcher("before", str(sql), rows, True)
            result = super().executemany(sql, rows, **options)
            watcher("after", str(sql), rows, True)
            return result

    return Watched


def _commits(watcher: Watcher, base: Any) -> Any:
    """Return a connection class of which every COMMIT is told."""

    class Committing(base):  # type: ignore[misc]
        def commit(self) -> None:
            watcher("before", "COMMIT", (), False)
            super().commit()
            watcher("after", "COMMIT", (), False)

    return Committing


def _sqlite(watcher: Watcher) -> Any:
    """Return a watched sqlite3 connection class."""
    watched = _watched(watcher, sqlite3.Cursor)

    class Connection(_commits(watcher, sqlite3.Connection)):  # type: ignore[misc]
        def cursor(self, factory: Any = watched) -> Any:
            return super().cursor(factory)

    return Connection


def _psycopg(watcher: Watcher) -> tuple[Any, Any]:
    """Return watched psycopg cursor and connection classes."""
    import psycopg

    return _watched(watcher, psycopg.Cursor), _commits(watcher, psycopg.Connection)
