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


def identity_of(connection: Connection) -> str | None:
    """Return the random id with which the log was opened; None where it was not yet."""
    for row in read_events(connection, stream=STREAM, limit=1):
        return str(json.loads(row.body)["data"]["log"])
    return None


def epoch_of(connection: Connection) -> int:
    """Return how often the log began anew, the first time counted: each restore is an epoch."""
    epochs = (
        json.loads(row.body)["data"]["epoch"]
        for row in read_events(connection, stream=STREAM)
        if row.type == "LogRestored"
    )
    return max(epochs, default=1)


def require_simulated(connection: Connection) -> None:
    """Refuse unless the log says that its clock is simulated."""
    if clock_of(connection) != "simulated":
        raise Refused(
            N_("--now works only in a database made with: traject init --simulated-clock")
        )
