"""When a mail is tried again, and when it is given up: pure decisions."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

STEPS = (5, 10, 20, 40, 80, 160, 240)  # minutes between attempts; the last one repeats
LAST_TRY = 35  # by then five days of refusals: RFC 5321 4.5.4.1 gives up after four or five
UNCERTAIN_WAIT = timedelta(minutes=15)
UNCERTAIN_LIMIT = 3  # then a person decides
PAUSES = (1, 2, 5, 15)  # minutes that the queue rests when the relay is unwell
ALARM = timedelta(minutes=30)  # a relay that is unwell for longer is not about to get better
HOLD_WAIT = timedelta(minutes=15)  # one try per quarter while our configuration is refused


def next_try(attempts: int, now: datetime, message_id: str) -> datetime:
    """Return the moment of the next attempt after `attempts` failed ones, 10 % either way.

    The deviation follows from the mail and the attempt, so that a test can foretell it.
    """
    minutes = STEPS[min(attempts, len(STEPS)) - 1]
    seed = hashlib.sha256(f"{message_id}/{attempts}".encode()).digest()[0]
    return now + timedelta(minutes=minutes * (0.9 + 0.2 * seed / 255))


def given_up(attempts: int) -> bool:
    """Tell whether a mail was refused so often that it never will go.

    Refusals count, not age: a mail that waited for a worker, a relay or a release has its
    whole patience before it.
    """
    return attempts >= LAST_TRY


def queue_rest(pauses: int) -> timedelta:
    """Return how long the queue rests at its n-th pause in a row, from 1."""
    return timedelta(minutes=PAUSES[min(pauses, len(PAUSES)) - 1])
