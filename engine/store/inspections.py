"""The heartbeat `inspection`: when everything was last checked by itself, and how that ended.

`outcome` is fine, broken or failed; `mailed` says of which day and size the last checkpoint is
that was mailed. No address stands in it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.domain.errors import TrajectError
from engine.store.database import Database
from engine.store.due import beat, last_beat

NAME = "inspection"
FINE, BROKEN, FAILED = "fine", "broken", "failed"
NEVER: dict[str, Any] = {"day": "", "outcome": FINE, "mailed": None}


def last(connection: Connection) -> dict[str, Any]:
    """Return how the last inspection ended; as if all was fine where there was none."""
    found = last_beat(connection, NAME)
    return found[1] if found is not None else NEVER


def note(database: Database, now: datetime, state: dict[str, Any]) -> None:
    """Write down how an inspection ended."""
    with database.writing() as connection:
        beat(connection, NAME, now, state)


def standing(database: Database) -> tuple[datetime, dict[str, Any]] | None:
    """Return what the last inspection found wrong, and when; None where there is nothing."""
    with database.reading() as connection:
        found = last_beat(connection, NAME)
    return found if found is not None and found[1]["outcome"] != FINE else None


def clear(database: Database, now: datetime) -> None:
    """Forget what an inspection found wrong, as a person found all in order since.

    The next round checks again. Who may only read leaves it as it is.
    """
    with suppress(TrajectError):
        found = standing(database)
        if found is not None:
            note(database, now, NEVER | {"mailed": found[1]["mailed"]})
