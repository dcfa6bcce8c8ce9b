"""Checks the whole history once a working day, and has the checkpoint of it mailed outside.

It is done after the mails of a round are delivered, as it takes a while where there is much to
check. How it ended, and what is to be mailed, stands in the heartbeat `inspection`.
"""

from __future__ import annotations

import json
import logging
from datetime import date, datetime, timedelta
from typing import Any

from engine.audit.checkpointing import Taken, take
from engine.dispatch.checkpoints import KIND
from engine.dispatch.delivering import deliver
from engine.dispatch.periodic import make
from engine.dispatch.post import Post, Tally
from engine.domain.errors import Conflict, TryAgain
from engine.domain.events import CheckpointTaken
from engine.domain.moments import in_working_hours
from engine.domain.workdays import Calendar, brussels_day
from engine.store import inspections, outbox
from engine.store.inspections import BROKEN, FAILED, FINE
from engine.store.keepers import Made, made
from engine.store.reading import read_events
from engine.store.transaction import PEOPLE, Transaction

log = logging.getLogger("traject.dispatch")

CHANGED, QUIET = "changed", "quiet"
AT_LEAST = timedelta(days=7)  # so often a sign of life, though nothing happened


def inspect(post: Post, tally: Tally, now: datetime) -> None:
    """Check everything and make the mails of it, once a working day; others look up one row.

    What does not verify gets no checkpoint: it is told, and checked again the next day, or once a
    person's `traject verify` found all in order.
    """
    today = brussels_day(now)
    with post.database.reading() as connection:
        state = inspections.last(connection)
    if KIND.is_on(post) and _is_due(post, state, now):
        found = _inspected(post, state, now)
        if found is None:
            return
        state = found
        inspections.note(post.database, now, state)
        tally.broken = state["outcome"] != FINE
    if not KIND.is_on(post) or (state["day"] == f"{today}" and "text" in state):
        make(KIND, post, tally, now)
        if tally.checkpoints and not (tally.waiting or tally.stood_by):
            deliver(post, tally)


def _is_due(post: Post, state: dict[str, Any], now: datetime) -> bool:
    """Tell whether today's inspection is still to come; the row is asked before the calendar."""
    return state["day"] != f"{brussels_day(now)}" and in_working_hours(now, post.calendar)


def _inspected(post: Post, state: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """Return how today's inspection ended; None where others go on writing: it is done later."""
    today = f"{brussels_day(now)}"
    after: dict[str, Any] = {"day": today, "outcome": FINE, "mailed": state["mailed"]}
    try:
        why, waiting = _why_mailed(post, state, now)
        stamp = None if why is None else post.stamp(now)
        taken = take(post.database, post.keepers.owner, now, stamp=stamp)
    except Conflict as error:
        log.warning("no checkpoint yet: %s", error)
        return None
    except TryAgain:
        raise
    except Exception:
        log.exception("the history could not be checked")
        return after | {"outcome": FAILED}
    if taken.checkpoint is None:
        return after | _wrong(taken)
    if why is None:
        return after
    size, root = taken.checkpoint.size, taken.checkpoint.root
    return after | {
        "text": taken.checkpoint.text(),
        "size": size,
        "root": root,
        "quiet": why == QUIET,
        "waiting": waiting,
        "mailed": {"day": today, "size": size},
    }


def _wrong(taken: Taken) -> dict[str, Any]:
    """Return what is written down of a history that does not verify."""
    report = taken.report
    return {
        "outcome": BROKEN,
        "problems": report.count,
        "first": report.first_broken,
    }


def _why_mailed(post: Post, state: dict[str, Any], now: datetime) -> tuple[str | None, int]:
    """Return why a checkpoint is to be mailed, None where it is not; and how many mails wait."""
    with post.database.reading() as connection:
        tx = Transaction(connection, now)
        waiting = len(outbox.still_open(connection))
        mailed = state["mailed"]
        mails = made(connection)
        if mailed is None or _is_new(post, mails, mailed["day"]):
            return CHANGED, waiting
        if _happened(tx, mails, int(mailed["size"])):
            return CHANGED, waiting
    if _is_long_ago(post.calendar, brussels_day(now), date.fromisoformat(mailed["day"])):
        return QUIET, waiting
    return None, waiting


def _is_new(post: Post, mails: list[Made], day: str) -> bool:
    """Tell whether an address has nothing of the last time: it was named since, or it lapsed."""
    last = [one for one in mails if one.key.split("/")[2] == day]
    reached = {one.to for one in last if one.status != "cancelled"}
    return not set(post.keepers.addresses) <= reached


def _happened(tx: Transaction, mails: list[Made], size: int) -> bool:
    """Tell whether the log went on by more than the checkpoints and their own mails."""
    own = {one.mail for one in mails}
    for row in read_events(tx.connection, after=size):
        if row.type == CheckpointTaken.__name__:
            continue
        if row.stream != PEOPLE or json.loads(row.body)["data"].get("mail") not in own:
            return True
    return tx.ledger()[0] < size  # events are gone, which the inspection will tell


def _is_long_ago(calendar: Calendar, today: date, last: date) -> bool:
    """Tell whether the next working day would be more than a week after the last mail."""
    return calendar.next_sending_day(today + timedelta(days=1)) - last > AT_LEAST
