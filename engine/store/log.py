"""What the log says about itself: whether it was opened, and on which clock."""

from __future__ import annotations

import json

from sqlalchemy import Connection

from engine.domain.errors import Refused
from engine.domain.words import N_
from engine.store.reading import read_events

STREAM = "log"


def clock_of(connection: Connection) -> str | None:
    """Return `real` or `simulated`, as the log was opened; None where it was not yet."""
    for row in read_events(connection, stream=STREAM, limit=1):
        return str(json.loads(row.body)["data"]["clock"])
    return None


def require_simulated(connection: Connection) -> None:
    """Refuse unless the log says that its clock is simulated."""
    if clock_of(connection) != "simulated":
        raise Refused(
            N_("--now works only in a database made with: traject init --simulated-clock")
        )
