"""The hold of the whole queue that only a person ends, and what a person let go last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.store import outbox
from engine.store.due import beat, last_beat
from engine.store.readers import held_readers, open_readers

NEVER = "9999-12-31T00:00:00+00:00"  # until a person says so
RESTORED, MOVED = "restored", "moved"  # why nothing of an outbox that came from elsewhere leaves
QUEUE = "queue"  # the heartbeat that says whether the whole queue rests
RELEASED = "released"  # the heartbeat that says what a person let go last
ALL = 2**31 - 1
_NOTHING: dict[str, Any] = {"mail": 0, "at": "", "allowed": 0, "passing": []}


def standing(connection: Connection) -> dict[str, Any] | None:
    """Return the hold that waits for a person: `why`, and of how many mails and people."""
    last = last_beat(connection, QUEUE)
    return last[1] if last is not None and "why" in last[1] else None


def hold_all(connection: Connection, now: datetime, why: str) -> tuple[int, int]:
    """Hold the whole outbox, what is yet to be made too; return how many mails, to how many.

    What a person let go before, of another copy of this outbox, passes this hold no more.
    """
    waiting = open_readers(connection) | held_readers(connection)
    people = len({*waiting.values()})
    state = {"state": "held", "until": NEVER, "pauses": 0, "why": why, "limit": 0, "before": []}
    beat(connection, QUEUE, now, {**state, "mails": len(waiting), "people": people})
    beat(connection, RELEASED, now, released(connection) | {"allowed": 0, "passing": []})
    return len(waiting), people


def released(connection: Connection) -> dict[str, Any]:
    """Return what a person let go last.

    As a whole: `mail` the last number, `at`, `allowed` yet to be made. And one by one: `passing`,
    the numbers of the mails that no hold stops.
    """
    last = last_beat(connection, RELEASED)
    return _NOTHING | (last[1] if last is not None else {})


def passing(connection: Connection) -> frozenset[int]:
    """Return the mails that a person let go one by one: no hold stops them."""
    return frozenset(released(connection)["passing"])


def let_pass(connection: Connection, now: datetime, mails: Iterable[int]) -> None:
    """Let these mails leave although a hold stands; those that left are forgotten."""
    state, new = released(connection), frozenset(mails)
    kept = (new | frozenset(state["passing"])) & outbox.still_open(connection)
    if sorted(kept) != state["passing"]:
        beat(connection, RELEASED, now, state | {"passing": sorted(kept)})


def let_go(connection: Connection, now: datetime, allowed: int) -> None:
    """End a hold: the mails there are may leave, and so many more may be made in one round."""
    last = {"mail": outbox.next_id(connection) - 1, "at": now.isoformat(), "allowed": allowed}
    beat(connection, RELEASED, now, last)
    open_again(connection, now)


def open_again(connection: Connection, now: datetime) -> None:
    """Let the queue count as open."""
    beat(connection, QUEUE, now, {"state": "open", "until": now.isoformat(), "pauses": 0})


def due(connection: Connection, now: datetime, count: int) -> list[int]:
    """Return the mails that may leave now, oldest first, at most `count`.

    While a hold stands those are the ones that a person let go.
    """
    if standing(connection) is None:
        return outbox.due(connection, now, count)
    free = passing(connection)
    if not free:
        return []
    return [number for number in outbox.due(connection, now, ALL) if number in free][:count]
