"""Holds back what is too much until a person has a look: many at once, or many in an hour.

The hold stands in the heartbeat `queue`, written in the same commit as the events of the mails
that it concerns. A round that dies before that commit has let nothing go, and the next one
counts again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from engine.dispatch.outgoing import record
from engine.dispatch.post import Post, Tally
from engine.dispatch.volume import Volume, volume
from engine.domain.decisions.decision import Draft
from engine.domain.events import MailDeferred, MailHeld
from engine.domain.moments import at_any_hour
from engine.domain.workdays import BRUSSELS, brussels_day, nine_o_clock
from engine.store import outbox
from engine.store.due import beat, last_beat
from engine.store.holds import NEVER, QUEUE, RELEASED, open_again, passing, released, standing
from engine.store.outbox import Mail
from engine.store.readers import due_readers, held_readers
from engine.store.transaction import Transaction, unit_of_work

AT_ONCE, AN_HOUR = "at_once", "an_hour"
HOUR = timedelta(hours=1)


class Look(NamedTuple):
    """Whether a round makes nothing, and how many more than the limit a person let it make."""

    held: bool
    allowed: int = 0


def too_much(post: Post, tally: Tally, now: datetime, *, dry_run: bool = False) -> Look:
    """Tell whether this round may make nothing: it is too much, or was and is still held.

    A dry run counts what would be made, and changes nothing.
    """
    limit = post.limits.at_once
    with post.database.reading() as connection:
        held, free = standing(connection), released(connection)
    if held is None and limit is None and not dry_run:
        return Look(False, free["allowed"])
    found = volume(post, now)
    over = limit is not None and found.mails > limit + free["allowed"]
    if held is not None or over or dry_run:
        tally.coming, tally.people = found.mails, len(found.readers)
    if held is None and not over:
        return Look(False, free["allowed"])
    tally.held += found.mails
    if not dry_run and (held is None or held["why"] == AT_ONCE):
        return Look(_hold(post, found, limit=limit or 0, now=now))
    return Look(True)


def used_up(post: Post, now: datetime) -> None:
    """Write down that what a person let go was made: the next round is counted afresh.

    What was let go since this round began, at `now`, was not for this one.
    """
    with post.database.writing() as connection:
        free = released(connection)
        if free["allowed"] and datetime.fromisoformat(free["at"]) <= now:
            beat(connection, RELEASED, now, free | {"allowed": 0})


def breaks(post: Post, tx: Transaction, mail: Mail, tally: Tally) -> bool:
    """Tell whether the queue is held, or is from now on: too many mails left within the hour.

    A mail that a person let go alone passes a hold that stands.
    """
    if standing(tx.connection) is not None:
        return mail.id not in passing(tx.connection)
    limit = post.limits.an_hour
    if limit is None:
        return False
    at = released(tx.connection)["at"]
    since = max(tx.now - HOUR, datetime.fromisoformat(at)) if at else tx.now - HOUR
    if outbox.left_since(tx.connection, since) < limit:
        return False
    waiting = due_readers(tx.connection, tx.now)
    tally.held += len(waiting)
    _write(tx, AN_HOUR, limit, mails=len(waiting), people=len(set(waiting)))
    return True


def had_enough(post: Post, tx: Transaction, mail: Mail) -> bool:
    """Tell whether the reader got so many mails today that this one waits for a working day.

    What a command caused counts, and is not held back by it; neither is a digest, which tells
    of all the others.
    """
    limit = post.limits.a_day_each
    if limit is None or not mail.of_trajectory or _caused(tx, mail):
        return False
    today = brussels_day(tx.now)
    midnight = datetime.combine(today, time(), BRUSSELS)
    if outbox.left_to(tx.connection, mail.envelope_to or "", midnight) < limit:
        return False
    again = nine_o_clock(post.calendar.next_sending_day(today + timedelta(days=1)))
    outbox.change(tx.connection, mail.id, next_at=again, last_phase=outbox.ENOUGH)
    record(tx, post.stamp(tx.now), mail, Draft(MailDeferred(mail.id, again)))
    return True


def _caused(tx: Transaction, mail: Mail) -> bool:
    """Tell whether a person's command caused a mail, which may leave at any hour."""
    return mail.of_trajectory and at_any_hour(outbox.reminder(tx.connection, mail.reminder))


def _hold(post: Post, found: Volume, *, limit: int, now: datetime) -> bool:
    """Hold what would leave, and record it of the mails that there are already.

    Tell whether the hold stands: once a person let all of it go one by one, nothing is held.
    """
    with unit_of_work(post.database, now) as tx:
        before = set((standing(tx.connection) or {"before": ()})["before"])
        for left in found.behind:
            mail = outbox.mail(tx.connection, left.mail)
            if mail is not None and mail.status in outbox.FREE:
                outbox.change(tx.connection, mail.id, status="held")
                record(tx, post.stamp(now), mail, Draft(MailHeld(mail.id, "many")))
                before.add(mail.id)
        held = {n: one for n, one in held_readers(tx.connection).items() if n in before}
        if not found.made and not held:
            open_again(tx.connection, now)
            return False
        mails, people = found.made + len(held), len(found.readers | {*held.values()})
        _write(tx, AT_ONCE, limit, mails=mails, people=people, before=sorted(held))
    return True


def _write(
    tx: Transaction, why: str, limit: int, *, mails: int, people: int, before: Sequence[int] = ()
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
        "before": [*before],
    }
    last = last_beat(tx.connection, QUEUE)
    if last is None or last[1] != state:
        beat(tx.connection, QUEUE, tx.now, state)
