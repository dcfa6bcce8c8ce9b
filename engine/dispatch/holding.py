"""Holds back what is too much until a person has a look: many at once, or many in an hour.

The hold stands in the heartbeat `queue`, written in the same commit as the events of the mails
that it concerns. A round that dies before that commit has let nothing go, and the next one
counts again.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from engine.dispatch.leaving import record
from engine.dispatch.post import Post, Tally
from engine.dispatch.volume import Volume, volume
from engine.domain.decisions.decision import Draft
from engine.domain.events import MailDeferred, MailHeld
from engine.domain.moments import at_any_hour
from engine.domain.workdays import BRUSSELS, brussels_day, nine_o_clock
from engine.store import outbox
from engine.store.due import beat, last_beat
from engine.store.holds import NEVER, QUEUE, RELEASED, released, standing
from engine.store.outbox import Mail
from engine.store.transaction import Transaction, unit_of_work

AT_ONCE, AN_HOUR = "at_once", "an_hour"
HOUR = timedelta(hours=1)


def too_much(post: Post, tally: Tally, *, dry_run: bool = False) -> bool:
    """Tell whether this round may make nothing: it is too much, or was and is still held.

    A dry run counts what would be made, and changes nothing.
    """
    now, limit = post.clock.now(), post.limits.at_once
    with post.database.reading() as connection:
        held, free = standing(connection), released(connection)
    if held is None and limit is None and not dry_run:
        return False
    found = volume(post, now, free["mail"])
    over = limit is not None and found.mails > limit + free["allowed"]
    if held is not None or over or dry_run:
        tally.coming, tally.people = found.mails, len(found.readers)
    if held is None and not over:
        return False
    tally.held += found.mails
    if not dry_run and (held is None or held["why"] == AT_ONCE):
        _hold(post, found, limit=limit or 0, now=now)
    return True


def used_up(post: Post) -> None:
    """Write down that what a person let go was made: the next round is counted afresh."""
    with post.database.reading() as connection:
        free = released(connection)
    if free["allowed"]:
        with post.database.writing() as connection:
            beat(connection, RELEASED, post.clock.now(), {**released(connection), "allowed": 0})


def breaks(post: Post, tx: Transaction, tally: Tally) -> bool:
    """Tell whether the queue is held, or is from now on: too many mails left within the hour."""
    if standing(tx.connection) is not None:
        return True
    limit = post.limits.an_hour
    if limit is None:
        return False
    at = released(tx.connection)["at"]
    since = max(tx.now - HOUR, datetime.fromisoformat(at)) if at else tx.now - HOUR
    if outbox.left_since(tx.connection, since) < limit:
        return False
    waiting = outbox.due_readers(tx.connection, tx.now)
    tally.held += len(waiting)
    _write(tx, AN_HOUR, limit, mails=len(waiting), people=len(set(waiting)))
    return True


def had_enough(post: Post, tx: Transaction, mail: Mail) -> bool:
    """Tell whether the reader got so many mails today that this one waits for a working day.

    What a command caused counts, and is not held back by it.
    """
    limit = post.limits.a_day_each
    if limit is None or at_any_hour(outbox.reminder(tx.connection, mail.reminder)):
        return False
    today = brussels_day(tx.now)
    midnight = datetime.combine(today, time(), BRUSSELS)
    if outbox.left_to(tx.connection, mail.envelope_to or "", midnight) < limit:
        return False
    again = nine_o_clock(post.calendar.next_sending_day(today + timedelta(days=1)))
    outbox.change(tx.connection, mail.id, next_at=again, last_phase=outbox.ENOUGH)
    record(tx, post.stamp(tx.now), mail, Draft(MailDeferred(mail.id, again)))
    return True


def _hold(post: Post, found: Volume, *, limit: int, now: datetime) -> None:
    """Hold what would leave, and record it of the mails that there are already."""
    with unit_of_work(post.database, now) as tx:
        count = 0
        for left in found.behind:
            mail = outbox.mail(tx.connection, left.mail)
            if mail is not None and mail.status in outbox.FREE:
                outbox.change(tx.connection, mail.id, status="held")
                record(tx, post.stamp(now), mail, Draft(MailHeld(mail.id, "many")))
                count += 1
        held = standing(tx.connection) or {"before": 0, "people": 0}
        before = held["before"] + count
        people = max(len(found.readers), held["people"] if before else 0)
        _write(tx, AT_ONCE, limit, mails=found.made + before, people=people, before=before)


def _write(
    tx: Transaction, why: str, limit: int, *, mails: int, people: int, before: int = 0
) -> None:
    """Write the hold down; `before`: mails among them that were made and are held one by one."""
    state = {
        "state": "held",
        "until": NEVER,
        "pauses": 0,
        "why": why,
        "limit": limit,
        "mails": mails,
        "people": people,
        "before": before,
    }
    last = last_beat(tx.connection, QUEUE)
    if last is None or last[1] != state:
        beat(tx.connection, QUEUE, tx.now, state)
