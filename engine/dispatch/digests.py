"""The coach's digest: made once a working day, looked at before it leaves, forgotten after.

It is a mail about no trajectory: its facts stand in the stream `people`. Its key holds the
reader and the day, so that no crash and no second worker makes it twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime

from engine.dispatch.outgoing import About, Frozen, queue, record
from engine.dispatch.post import Post, Tally
from engine.dispatch.summing_up import recipient
from engine.dispatch.telling import digest_of, seen_by
from engine.domain.decisions.decision import Draft
from engine.domain.errors import LedgerBroken, TryAgain
from engine.domain.events import MailCancelled
from engine.domain.moments import in_working_hours, sending_moment
from engine.domain.people import Actor, People, present
from engine.domain.workdays import Calendar, brussels_day
from engine.store import outbox
from engine.store.due import beat, is_made, last_beat
from engine.store.outbox import Mail
from engine.store.projections import read_actors
from engine.store.transaction import PEOPLE, Transaction, unit_of_work

log = logging.getLogger("traject.dispatch")

DIGEST = "digest"  # the heartbeat: for which day they were made, and who has none for a fault
NOTICE = "coach_digest"


def make_digests(post: Post, tally: Tally, now: datetime) -> None:
    """Make the digests of today, once; every later round of the day looks up one row.

    Each coach has a transaction of their own. What goes wrong with one stays with it: it is
    counted and logged, and the next round tries that one again.
    """
    with post.database.reading() as connection:
        tx = Transaction(connection, now)
        left = _left(post, tx)
        past = not post.digest and _last_day(tx) not in ("", f"{brussels_day(now)}")
    if past:  # it was switched off since
        _clear(post, tally, now)
        _note(post, now, day="", left=[])
    if left is None:
        return
    failed = []
    _clear(post, tally, now)
    for number in left:
        try:
            with unit_of_work(post.database, now) as tx:
                tally.digests += _make(post, tx, number, tally)
        except (TryAgain, LedgerBroken):
            raise  # the database as a whole: nothing else would go better
        except Exception:
            log.exception("the digest of actor %d could not be made", number)
            failed.append(number)
    tally.failed += len(failed)
    _note(post, now, day=brussels_day(now).isoformat(), left=failed)


def _note(post: Post, now: datetime, *, day: str, left: list[int]) -> None:
    """Write down for which day the digests were made, and who is still to get one."""
    with post.database.writing() as connection:
        beat(connection, DIGEST, now, {"day": day, "left": left})


def _last_day(tx: Transaction) -> str:
    """Return the last day for which digests were made, "" where none is left to be cleared."""
    last = last_beat(tx.connection, DIGEST)
    return str(last[1]["day"]) if last is not None else ""


def coming(post: Post, tx: Transaction) -> Iterator[str]:
    """Yield the key of each actor who gets a digest in a round at this moment; changes nothing.

    Where a trajectory cannot be read there is one, of the others: it is found out when it is made.
    """
    for number in _left(post, tx) or ():
        if is_made(tx.connection, _key(number, brussels_day(tx.now))):
            continue
        try:
            seen = seen_by(post, tx, number) is not None
        except (TryAgain, LedgerBroken):
            raise
        except Exception:
            log.debug("the digest of actor %d could not be read", number, exc_info=True)
            seen = True
        if seen:
            yield f"actor:{number}"


def may_leave(post: Post, tx: Transaction, mail: Mail) -> bool:
    """Tell whether a digest may leave now: on its own day, to who is there to read it.

    One that does not leave on its day never will, as the next one says it all. Where its
    reader has another address by now it is made anew.
    """
    number, day = _of(mail)
    actor = _readers(tx, day).get(number)
    if is_past(mail, tx.now, post.calendar):
        cancel(post, tx, mail, "late")
    elif actor is None:
        cancel(post, tx, mail, "released")
    elif not (mail.recipient or "").endswith(f"<{actor.email}>"):
        cancel(post, tx, mail, "readdressed")
        _make(post, tx, number, Tally(), again=mail.id)
    else:
        return True
    return False


def is_past(mail: Mail, now: datetime, calendar: Calendar) -> bool:
    """Tell whether no working hour is left of the day that a digest is about."""
    return brussels_day(sending_moment(now, calendar)) > _of(mail)[1]


def _left(post: Post, tx: Transaction) -> list[int] | None:
    """Return who is still to get a digest today, as far as is known; None: nothing is to be done.

    The row is asked first: what days are worked is a question that takes longer.
    """
    if not post.digest:
        return None
    last, today = last_beat(tx.connection, DIGEST), brussels_day(tx.now)
    if last is not None and last[1]["day"] == today.isoformat():
        return last[1]["left"] or None
    return list(_readers(tx, today)) if in_working_hours(tx.now, post.calendar) else None


def _readers(tx: Transaction, day: date) -> dict[int, Actor]:
    """Return the coaches and leads who read a digest on a day: those who are there."""
    people = present(People(read_actors(tx.connection), {}), day)
    return {
        actor.id: actor
        for actor in people.actors.values()
        if actor.may_coach and actor.email and actor.id not in people.standing_in
    }


def _clear(post: Post, tally: Tally, now: datetime) -> None:
    """Cancel the digests of earlier days that never left, those that a person held included.

    One that cannot be cancelled is counted and logged; it never leaves, as its day is over.
    """
    today = brussels_day(now)
    with post.database.reading() as connection:
        waiting = outbox.mails(connection, trajectory=PEOPLE, statuses=outbox.WAITING)
    for old in waiting:
        try:
            with unit_of_work(post.database, now) as tx:
                mail = outbox.mail(tx.connection, old.id)
                if mail is not None and mail.status in outbox.WAITING and _of(mail)[1] < today:
                    cancel(post, tx, mail, "late")
        except (TryAgain, LedgerBroken):
            raise
        except Exception:
            log.exception("mail %d, an old digest, could not be cancelled", old.id)
            tally.failed += 1


def _make(post: Post, tx: Transaction, number: int, tally: Tally, *, again: int = 0) -> bool:
    """Make the digest of an actor for today; tell whether there was one to make."""
    today = brussels_day(tx.now)
    key = _key(number, today) + (f"/{again}" if again else "")
    actor = _readers(tx, today).get(number)
    if actor is None or is_made(tx.connection, key):
        return False
    told = digest_of(post, tx, actor, key, tally=tally)
    if told is None:
        return False
    seen, said = told
    named = frozenset(f"actor:{one.id}" for one in (actor, *seen.away))
    frozen = Frozen(recipient(actor), post.notifier.compose(said), key, named)
    mail = outbox.next_id(tx.connection)
    fact = queue(tx, frozen, About(NOTICE), number=mail, leaves=tx.now)
    tx.record_in(PEOPLE, [Draft(fact)], post.stamp(tx.now))
    return True


def cancel(post: Post, tx: Transaction, mail: Mail, reason: str) -> None:
    """Let a digest not leave any more, with the reason."""
    outbox.change(tx.connection, mail.id, status="cancelled")
    record(tx, post.stamp(tx.now), mail, Draft(MailCancelled(mail.id, reason)))


def _key(number: int, day: date) -> str:
    """Return what makes a digest unique."""
    return f"digest/{number}/{day}"


def _of(mail: Mail) -> tuple[int, date]:
    """Return whose digest a mail is, and of which day."""
    _, number, day, *_ = mail.key.split("/")
    return int(number), date.fromisoformat(day)
