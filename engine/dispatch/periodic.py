"""The carrier of mails about no trajectory: made once a period, looked at before they leave.

A kind is a module with a `KIND` (see kind.py), as digests.py is: who is to read it, what it says,
of which period. To add one:

1. write that module, put its KIND in KINDS below, and a field for its number in post.py's Tally;
2. add what it says, a `Periodic` of engine/ports.py, to engine/periodic.py, and how a template
   sees it to notifications/ (the table ABOUT_NO_TRAJECTORY in compose.py), with templates;
3. add its label to NOTICES in engine/domain/narrative/labels.py.

All else is here: its facts stand in the stream `people`; its key holds kind, reader and the first
day of the period, so that no crash and no second worker makes it twice. A reader is known to the
ledger by a key without a name: `actor:1`, or `witness:1` for the first address of the settings
that belongs to nobody enrolled; the address itself stands in the outbox alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from engine.dispatch import accounts, checkpoints, digests, reviews
from engine.dispatch.kind import Copy, Kind
from engine.dispatch.outgoing import About, Frozen, queue, record
from engine.dispatch.periods import before, due_of, note, state_of
from engine.dispatch.post import Post, Tally
from engine.domain.decisions.decision import Draft
from engine.domain.errors import LedgerBroken, TryAgain
from engine.domain.events import MailCancelled
from engine.domain.moments import sending_moment
from engine.domain.workdays import Calendar, brussels_day
from engine.store import outbox
from engine.store.due import is_made
from engine.store.outbox import Mail
from engine.store.transaction import PEOPLE, Transaction, unit_of_work

log = logging.getLogger("traject.dispatch")

KINDS: tuple[Kind, ...] = (digests.KIND, accounts.KIND, reviews.KIND, checkpoints.KIND)
EVERY_ROUND = tuple(kind for kind in KINDS if not kind.after_delivery)


def make_all(post: Post, tally: Tally, now: datetime) -> None:
    """Make the mails of each kind for this period, once; later rounds look up one row a kind."""
    for kind in EVERY_ROUND:
        make(kind, post, tally, now)


def make(kind: Kind, post: Post, tally: Tally, now: datetime) -> None:
    """Make the mails of a kind for this period, once; later rounds look up one row.

    Each mail has a transaction of its own. What goes wrong with one reader stays with them: it is
    counted and logged, and the next round tries that one again.
    """
    period = kind.period(brussels_day(now))
    with post.database.reading() as connection:
        tx = Transaction(connection, now)
        due, last_day = due_of(kind, post, tx), state_of(kind, tx)["day"]
    if not kind.is_on(post) and last_day not in ("", f"{period}"):  # it was switched off since
        _clear(kind, post, tally, now)
        note(kind, post, now, {"day": "", "left": []})
    if due is None:
        return
    failed = []
    _clear(kind, post, tally, now)
    for number in due.readers:
        try:
            for told in due.periods:
                with unit_of_work(post.database, now) as tx:
                    _make(kind, post, tx, (number, told), tally=tally)
        except (TryAgain, LedgerBroken):
            raise  # the database as a whole: nothing else would go better
        except Exception:
            log.exception("the %s of reader %d could not be made", kind.name, number)
            failed.append(number)
    tally.failed += len(failed)
    state: dict[str, Any] = {"day": period.isoformat(), "left": failed}
    if not kind.replaced:
        state["since"] = f"{before(kind, due.periods[0]) if failed else period}"
    note(kind, post, now, state)


def coming(post: Post, tx: Transaction) -> Iterator[str]:
    """Yield the reader of each mail that a round at this moment would make; changes nothing.

    Where it cannot be read whether there is one, there is: it is found out when it is made.
    """
    for kind in EVERY_ROUND:
        due = due_of(kind, post, tx)
        for period in due.periods if due is not None else ():
            readers = kind.readers(post, tx, period)
            for number in due.readers if due is not None else ():
                if number in readers and _is_coming(kind, post, tx, (number, period)):
                    yield readers[number].key


def may_leave(post: Post, tx: Transaction, mail: Mail) -> bool:
    """Tell whether a mail may leave now: in its period, in working hours, to who is to read it.

    One that is past never will. Where its reader has another address by now it is made anew.
    """
    kind = _kind_of(mail)
    if kind is None:
        log.error("mail %d is of a kind that this program does not know", mail.id)
        return False
    number, period = _of(mail)
    reader = kind.readers(post, tx, period).get(number)
    moment = sending_moment(tx.now, post.calendar)
    if is_past(mail, tx.now, post.calendar):
        cancel(post, tx, mail, "late")
    elif reader is None:
        cancel(post, tx, mail, "released")
    elif not (mail.recipient or "").endswith(f"<{reader.email}>"):
        cancel(post, tx, mail, "readdressed")
        _make(kind, post, tx, (number, period), tally=Tally(), again=mail.id)
    elif moment > tx.now:
        outbox.change(tx.connection, mail.id, next_at=moment)
    else:
        return True
    return False


def is_past(mail: Mail, now: datetime, calendar: Calendar) -> bool:
    """Tell whether no working hour is left of a mail's period, and the next one says it all."""
    kind = _kind_of(mail)
    if kind is None or not kind.replaced:
        return False
    return kind.period(brussels_day(sending_moment(now, calendar))) > _of(mail)[1]


def over(mail: Mail) -> str:
    """Return the sentence that tells why a mail that is past does not leave any more."""
    kind = _kind_of(mail)
    assert kind is not None  # of another one none is past
    return kind.over


def cancel(post: Post, tx: Transaction, mail: Mail, reason: str) -> None:
    """Let a mail not leave any more, with the reason."""
    outbox.change(tx.connection, mail.id, status="cancelled")
    record(tx, post.stamp(tx.now), mail, Draft(MailCancelled(mail.id, reason)))


def unsay(post: Post, tx: Transaction, mail: Mail) -> bool:
    """Make a mail anew that names somebody whose data is erased; tell whether it was needed.

    One of which the next says it all is not: it is only cancelled, by the caller.
    """
    kind = _kind_of(mail)
    if kind is None or kind.replaced:
        return False
    if not _make(kind, post, tx, _of(mail), tally=Tally(), again=mail.id):
        return False
    cancel(post, tx, mail, "erased")
    return True


def _is_coming(kind: Kind, post: Post, tx: Transaction, about: tuple[int, date]) -> bool:
    """Tell whether a reader would get a mail about a period; yes where it cannot be read."""
    copy = _copy(kind, post, tx, about)
    if copy is None or is_made(tx.connection, copy.key):
        return False
    try:
        return kind.would_say(post, tx, copy)
    except (TryAgain, LedgerBroken):
        raise
    except Exception:
        log.debug("the %s could not be read", copy.key, exc_info=True)
        return True


def _clear(kind: Kind, post: Post, tally: Tally, now: datetime) -> None:
    """Cancel the mails of earlier periods that never left, those that a person held included.

    One that cannot be cancelled is counted and logged; it never leaves, as its day is over.
    """
    if not kind.replaced:
        return
    period = kind.period(brussels_day(now))
    with post.database.reading() as connection:
        waiting = outbox.mails(connection, trajectory=PEOPLE, statuses=outbox.WAITING)
    for old in waiting:
        if _kind_of(old) is not kind or _of(old)[1] >= period:
            continue
        try:
            with unit_of_work(post.database, now) as tx:
                mail = outbox.mail(tx.connection, old.id)
                if mail is not None and mail.status in outbox.WAITING:
                    cancel(post, tx, mail, "late")
        except (TryAgain, LedgerBroken):
            raise
        except Exception:
            log.exception("mail %d, which is past, could not be cancelled", old.id)
            tally.failed += 1


def _copy(
    kind: Kind, post: Post, tx: Transaction, about: tuple[int, date], *, again: int = 0
) -> Copy | None:
    """Return the mail of a reader about a period; None where it is nobody's to read."""
    number, period = about
    reader = kind.readers(post, tx, period).get(number)
    key = f"{kind.name}/{number}/{period}" + (f"/{again}" if again else "")
    return Copy(number, reader, period, key) if reader is not None else None


def _make(
    kind: Kind,
    post: Post,
    tx: Transaction,
    about: tuple[int, date],
    *,
    tally: Tally,
    again: int = 0,
) -> bool:
    """Make the mail of a reader about a period; tell whether there was one to make."""
    copy = _copy(kind, post, tx, about, again=again)
    if copy is None or is_made(tx.connection, copy.key):
        return False
    worded = kind.says(post, tx, copy, tally)
    if worded is None:
        return False
    frozen = Frozen(copy.reader, post.notifier.compose(worded.said), copy.key, worded.named)
    mail = outbox.next_id(tx.connection)
    fact = queue(tx, frozen, About(kind.notice), number=mail, leaves=tx.now)
    tx.record_in(PEOPLE, [Draft(fact)], post.stamp(tx.now))
    setattr(tally, kind.counted_as, getattr(tally, kind.counted_as) + 1)
    return True


def _kind_of(mail: Mail) -> Kind | None:
    """Return the kind of a mail, None where this program does not know it."""
    name = mail.key.partition("/")[0]
    return next((kind for kind in KINDS if kind.name == name), None)


def _of(mail: Mail) -> tuple[int, date]:
    """Return whose mail it is, and about which period."""
    _, number, day, *_ = mail.key.split("/")
    return int(number), date.fromisoformat(day)
