"""The mark on a log that takes no more writes: it moved away, or its copying never ended."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from engine.domain.errors import LogClosed
from engine.domain.words import N_
from engine.store.faults import missing_table
from engine.store.prepared import Prepared

CLOSED = "closed"  # the heartbeat that is the mark; the triggers on events ask for it as well
MOVED, SET_ASIDE = "moved", "set_aside"
UNFINISHED, HALF_RESTORED = "unfinished", "half_restored"  # a copy of a move, of a restore
REASONS = {
    MOVED: N_("{where} only reads: its log moved to {to}. Nothing was changed."),
    UNFINISHED: N_(
        "{where} is a copy that was not finished. Nothing was changed; run the same traject move "
        "again."
    ),
    HALF_RESTORED: N_(
        "{where} is a back-up that was not put back to the end. Nothing was changed; run the same "
        "traject restore again."
    ),
    SET_ASIDE: N_(
        "{where} was set aside: a back-up came in its place. Nothing was changed. Where that "
        "restore was broken off: do it again, or go on with this log by traject restore {where} "
        "--set-aside"
    ),
}

# Written out, and no table of ours: every write asks this, and the tables are heavy to import.
_MARK = Prepared(text("SELECT state FROM heartbeat WHERE name = 'closed'"))
_REMOVE = text("DELETE FROM heartbeat WHERE name = 'closed'")
_THERE = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE name = 'heartbeat'"),
    "postgresql": text("SELECT to_regclass('heartbeat')"),
}


def require_open(connection: Connection, where: str) -> None:
    """Refuse to write in a log that is closed, with where it went. Raises: LogClosed."""
    mark = closed(connection)
    if mark is not None:
        raise LogClosed(REASONS[mark["why"]], where=where, to=mark.get("to", ""))


def closed(connection: Connection) -> dict[str, Any] | None:
    """Return the mark, `why` and for one that moved `to`; None where all may write.

    There must be tables, except on SQLite, where a failed question ends no transaction.
    """
    try:
        found = _MARK.first(connection)
    except DBAPIError as error:
        if connection.dialect.name == "sqlite" and missing_table(error):
            return None
        raise
    return None if found is None else json.loads(found[0])


def has_tables(connection: Connection) -> bool:
    """Tell whether there is a table that may hold the mark."""
    return bool(connection.execute(_THERE[connection.dialect.name]).scalar())


def close(connection: Connection, now: datetime, why: str, to: str = "") -> None:
    """Put the mark: from this commit on nobody writes here."""
    from engine.store.due import beat

    beat(connection, CLOSED, now, {"why": why, **({"to": to} if to else {})})


def reopen(connection: Connection) -> None:
    """Take the mark away: this is the log from now on."""
    connection.execute(_REMOVE)
