"""When a mail is tried again, and when it is given up: pure decisions."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

STEPS = (5, 10, 20, 40, 80, 160, 240)  # minutes between attempts; the last one repeats
PATIENCE = timedelta(days=5)  # RFC 5321 4.5.4.1: give up after four or five days
UNCERTAIN_WAIT = timedelta(minutes=15)
UNCERTAIN_LIMIT = 3  # then a person decides
PAUSES = (1, 2, 5, 15)  # minutes that the queue rests when the relay is unwell
HOLD_WAIT = timedelta(minutes=15)  # one try per quarter while our configuration is refused


def next_try(attempts: int, now: datetime, message_id: str) -> datetime:
    """Return the moment of the next attempt after `attempts` failed ones, 10 % either way.

    The deviation follows from the mail and the attempt, so that a test can foretell it.
    """
    minutes = STEPS[min(attempts, len(STEPS)) - 1]
    seed = hashlib.sha256(f"{message_id}/{attempts}".encode()).digest()[0]
    return now + timedelta(minutes=minutes * (0.9 + 0.2 * seed / 255))


def given_up(not_before: datetime, now: datetime) -> bool:
    """Tell whether a mail was refused for so long that it never will go."""
    return now - not_before > PATIENCE


def queue_rest(pauses: int) -> timedelta:
    """Return how long the queue rests at its n-th pause in a row, from 1."""
    return timedelta(minutes=PAUSES[min(pauses, len(PAUSES)) - 1])
