"""The hold of the whole queue that only a person ends, and what a person let go last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.store import outbox
from engine.store.due import beat, last_beat

NEVER = "9999-12-31T00:00:00+00:00"  # until a person says so
RESTORED, MOVED = "restored", "moved"  # why nothing of an outbox that came from elsewhere leaves
QUEUE = "queue"  # the heartbeat that says whether the whole queue rests
RELEASED = "released"  # the heartbeat that says what a person let go last


def standing(connection: Connection) -> dict[str, Any] | None:
    """Return the hold that waits for a person: `why`, and of how many mails and people."""
    last = last_beat(connection, QUEUE)
    return last[1] if last is not None and "why" in last[1] else None


def hold_all(connection: Connection, now: datetime, why: str) -> tuple[int, int]:
    """Hold the whole outbox, what is yet to be made too; return how many mails, to how many."""
    waiting = outbox.mails(connection, statuses=(*outbox.OPEN, "held"))
    people = len({mail.person for mail in waiting})
    state = {"state": "held", "until": NEVER, "pauses": 0, "why": why, "limit": 0, "before": 0}
    beat(connection, QUEUE, now, {**state, "mails": len(waiting), "people": people})
    return len(waiting), people


def released(connection: Connection) -> dict[str, Any]:
    """Return what a person let go last: `mail` the last number, `at`, `allowed` yet to be made."""
    last = last_beat(connection, RELEASED)
    return last[1] if last is not None else {"mail": 0, "at": "", "allowed": 0}


def let_go(connection: Connection, now: datetime, allowed: int) -> None:
    """End a hold: the mails there are may leave, and so many more may be made in one round."""
    last = {"mail": outbox.next_id(connection) - 1, "at": now.isoformat(), "allowed": allowed}
    beat(connection, RELEASED, now, last)
    beat(connection, QUEUE, now, {"state": "open", "until": now.isoformat(), "pauses": 0})
