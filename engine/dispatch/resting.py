"""The rest of the whole queue: when the relay is unwell, or our configuration is refused."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from engine.dispatch import retries
from engine.dispatch.post import Post, Tally
from engine.ports import Receipt
from engine.store import holds, outbox
from engine.store.due import beat, last_beat
from engine.store.holds import QUEUE
from engine.store.transaction import Transaction

BATCH = 100

LONGEST = 200  # characters of the server's words in a heartbeat

_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;]+")

log = logging.getLogger("traject.dispatch.resting")


def is_resting(post: Post, tally: Tally) -> bool:
    """Tell whether the queue rests now, and count what it keeps back."""
    now = post.clock.now()
    with post.database.reading() as connection:
        state = last_beat(connection, QUEUE)
        waiting = len(outbox.due(connection, now, BATCH))
        free = len(holds.due(connection, now, BATCH))
    if state is None or datetime.fromisoformat(state[1]["until"]) <= now:
        return False
    if "why" in state[1]:
        # counted already, with what is not made yet
        tally.held += 0 if tally.held else waiting - free
        return free == 0  # what a person let go alone leaves nevertheless
    if state[1]["state"] == "held":
        tally.held += waiting
    else:
        tally.waiting += waiting
        tally.unwell = is_alarming(state[1], now)
    return True


def is_alarming(state: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether the queue has rested for so long that somebody should look."""
    since = state.get("since")
    return since is not None and now - datetime.fromisoformat(since) >= retries.ALARM


def rest(tx: Transaction, receipt: Receipt, tally: Tally) -> None:
    """Let the whole queue rest: the relay is unwell, or our configuration is refused."""
    before = last_beat(tx.connection, QUEUE)
    if before is not None and "why" in before[1]:
        return  # what waits for a person is not ended by a server
    pauses = (before[1].get("pauses", 0) if before else 0) + 1
    held = receipt.outcome == "hold"
    pause: timedelta = retries.HOLD_WAIT if held else retries.queue_rest(pauses)
    rested = before is not None and before[1]["state"] != "open"
    since = before[1].get("since") if before is not None and rested else None
    state = {
        "state": "held" if held else "paused",
        "since": since or tx.now.isoformat(),
        "until": (tx.now + pause).isoformat(),
        "pauses": pauses,
        "phase": receipt.phase,
        "code": receipt.code,
        "text": without_people(receipt.phase, receipt.text),
    }
    beat(tx.connection, QUEUE, tx.now, state)
    kept = len(outbox.due(tx.connection, tx.now, BATCH))
    if held:
        tally.held += kept
        log.error(
            "the queue is held: our settings are refused (%s %d)", receipt.phase, receipt.code
        )
        return
    tally.waiting += kept
    tally.unwell = is_alarming(state, tx.now)
    level = logging.ERROR if tally.unwell else logging.WARNING
    log.log(level, "the mail server does not answer (%s %d)", receipt.phase, receipt.code)


def without_people(phase: str, text: str) -> str:
    """Return a server's words without mail addresses; none once it was told who reads.

    A heartbeat is not erased with a person, so it may name nobody.
    """
    if phase in ("rcpt", "data", "dot"):
        return ""
    return _ADDRESS.sub("***", text)[:LONGEST]


def wake(tx: Transaction) -> None:
    """Let the queue count as open again: the relay took part in a conversation."""
    before = last_beat(tx.connection, QUEUE)
    if before is not None and before[1]["state"] != "open" and "why" not in before[1]:
        open_again = {"state": "open", "until": tx.now.isoformat(), "pauses": 0}
        beat(tx.connection, QUEUE, tx.now, open_again)
