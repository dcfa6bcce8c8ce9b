"""Writes an answer down that must not be forgotten, while the database is away for a moment."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from engine.domain.errors import TryAgain

T = TypeVar("T")

log = logging.getLogger("traject.dispatch")

# Seconds between attempts: a restart of a server, a lock, a disk on which somebody makes room.
# Who forgets a 250 sends the mail twice, so that waiting here is the lesser evil.
PAUSES: tuple[float, ...] = (0.2, 1.0, 3.0, 10.0, 20.0)


def insist(what: str, write: Callable[[bool], T]) -> T:
    """Write, and try again for a while when the database says to: return `write(again)`.

    Raises: TryAgain once the last attempt failed as well.
    """
    for turn, pause in enumerate(PAUSES):
        try:
            return write(turn > 0)
        except TryAgain as error:
            log.warning("%s cannot be written down yet: %s", what, error)
            time.sleep(pause)
    try:
        return write(True)
    except TryAgain:
        log.error("%s could not be written down; it counts as uncertain", what)
        raise
