"""The one active sender: claim, deliver without a transaction, settle; a 250 always counts."""

from __future__ import annotations

import logging
from collections import deque
from functools import partial
from typing import Any

from engine.dispatch import retries
from engine.dispatch.claiming import NOT_TRIED, Claim, claim, claim_alone
from engine.dispatch.insisting import insist
from engine.dispatch.outgoing import record
from engine.dispatch.post import Post, Tally
from engine.dispatch.resting import BATCH, is_resting, rest, wake
from engine.domain.decisions.decision import Draft
from engine.domain.errors import LedgerBroken, TryAgain
from engine.domain.events import (
    Detail,
    Fact,
    MailDead,
    MailHeld,
    MailQueued,
    MailSent,
    MailUncertain,
    MailWritten,
)
from engine.ports import Letter, Receipt, Session
from engine.service.desk import withdraw
from engine.store import outbox
from engine.store.outbox import Mail
from engine.store.sender import Tenure
from engine.store.transaction import Transaction, unit_of_work

log = logging.getLogger("traject.dispatch")


def deliver(post: Post, tally: Tally) -> None:
    """Send or write what is due, if this process is elected; else stand by."""
    with post.database.sender_lock() as tenure:
        if tenure is None:
            tally.stood_by = True
            return
        _settle_orphans(post, tally)
        if not is_resting(post, tally):
            _send_due(post, tenure, tally)


def vacant(post: Post) -> bool:
    """Tell whether nobody sends at this moment."""
    with post.database.sender_lock() as tenure:
        return tenure is not None


def _settle_orphans(post: Post, tally: Tally) -> None:
    """Mark as uncertain what an earlier sender claimed and never settled: it died."""
    now = post.clock.now()
    with post.database.reading() as connection:
        found = outbox.orphans(connection)
    for number in found:
        with unit_of_work(post.database, now) as tx:
            mail = outbox.mail(tx.connection, number)
            if mail is not None and mail.status == "sending":
                _settle(post, tx, mail, Receipt("uncertain", "claim"), tally)


def _send_due(post: Post, tenure: Tenure, tally: Tally) -> None:
    """Deliver what is due, oldest first, until nothing is, the queue must rest, or we may not."""
    tried: set[int] = set()
    with post.notifier.session() as session:
        while True:
            with post.database.reading() as connection:
                due = outbox.due(connection, post.clock.now(), BATCH + len(tried))
            fresh = deque(number for number in due if number not in tried)
            if not fresh:
                return
            tried.update(fresh)
            while fresh:
                if not tenure.lasts():
                    log.warning("another process may be sending by now: this one stops")
                    return
                if not _send_alone(post, tenure, session, fresh, tally):
                    return


def _send_alone(
    post: Post, tenure: Tenure, session: Session, fresh: deque[int], tally: Tally
) -> bool:
    """Deliver the first mail and those claimed after it; False when the whole queue must rest.

    A fault in one is logged and counted, and stops no other.
    """
    number = fresh.popleft()
    try:
        found = claim_alone(post, number, tally)
        while found.mail is not None:
            number = found.mail.id
            receipt = _sent(session, found.mail)
            rests = receipt.outcome in ("pause", "hold")
            after = fresh[0] if fresh and not rests and tenure.lasts() else None
            keep = partial(_keep, post, found.mail, receipt, tally, after=after)
            found = insist(f"the answer to mail {number}", keep)
            if rests:
                return False
            if found.tried:
                fresh.popleft()
        return found.goes_on
    except (TryAgain, LedgerBroken):
        raise  # the database as a whole: nothing else would go better
    except Exception:
        log.exception("mail %d could not be handled", number)
        tally.failed += 1
        return True


def _sent(session: Session, mail: Mail) -> Receipt:
    """Return what the server answers to a mail that is claimed."""
    letter = Letter(
        mail.message_id,
        mail.subject or "",
        mail.mime or b"",
        mail.envelope_from or "",
        mail.envelope_to or "",
    )
    return session.send(f"{mail.id:06d}", letter)


def _keep(
    post: Post, mail: Mail, receipt: Receipt, tally: Tally, again: bool, *, after: int | None
) -> Claim:
    """Record what became of a mail, and claim the one after it in the same commit.

    A fault in that one undoes both: it is recorded alone. `again`: it may be recorded already.
    """
    counted, found = Tally(), NOT_TRIED
    try:
        with unit_of_work(post.database, post.clock.now()) as tx:
            if not (again and _is_settled(tx, mail)):
                _settle(post, tx, mail, receipt, counted)
            if after is not None and not again:
                found = claim(post, tx, after, counted)
    except Exception as error:
        if after is None or again or isinstance(error, TryAgain | LedgerBroken):
            raise
        return _keep(post, mail, receipt, tally, again, after=None)
    tally.add(counted)
    return found


def _is_settled(tx: Transaction, mail: Mail) -> bool:
    """Tell whether what became of a mail was recorded since it was claimed."""
    present = outbox.mail(tx.connection, mail.id)
    return present is not None and (
        present.attempts > mail.attempts or present.status in ("sent", "written", "dead")
    )


def _settle(post: Post, tx: Transaction, mail: Mail, receipt: Receipt, tally: Tally) -> None:
    """Record what became of a mail; `mail` is its state from before the claim."""
    now = tx.now
    outcome = receipt.outcome
    if outcome in ("pause", "hold"):
        _hand_back(post, tx, mail, receipt)
        rest(tx, receipt, tally)
        return
    wake(tx)
    if outcome == "sent":
        _change(tx, mail, receipt, status="sent", sent_at=now)
        tally.sent += 1
        _record(post, tx, mail, MailSent(mail.id, receipt.code), receipt)
    elif outcome == "written":
        _change(tx, mail, receipt, status="written", sent_at=now)
        tally.written += 1
        _record(post, tx, mail, MailWritten(mail.id), None)
    elif outcome == "uncertain":
        _unclear(post, tx, mail, receipt, tally)
    elif outcome == "retry" and not retries.given_up(mail.attempts):
        attempts = mail.attempts + 1
        again = retries.next_try(attempts, now, mail.message_id)
        _change(tx, mail, receipt, status="queued", attempts=attempts, next_at=again)
        tally.retried += 1
        fact = MailQueued(
            mail.id, mail.message_id, mail.sha256, attempts, again, mail.reminder, receipt.code
        )
        _record(post, tx, mail, fact, None)
        _reconsider(post, tx, mail)
    else:
        _change(tx, mail, receipt, status="dead")
        tally.dead += 1
        _record(post, tx, mail, MailDead(mail.id, receipt.phase, receipt.code), receipt)


def _hand_back(post: Post, tx: Transaction, mail: Mail, receipt: Receipt) -> None:
    """Give a mail back its state from before the claim; no attempt is charged."""
    present = outbox.mail(tx.connection, mail.id)
    withdrawn = present is not None and present.status == "cancelled"  # a file's has no claim
    status = {} if withdrawn else {"status": mail.status}
    outbox.change(tx.connection, mail.id, **status, **_last(receipt))
    _reconsider(post, tx, mail)


def _reconsider(post: Post, tx: Transaction, mail: Mail) -> None:
    """Cancel a mail that waits again when nobody wants it any more: it was claimed meanwhile."""
    if mail.of_trajectory:
        withdraw(tx, post.stamp(tx.now), tx.trajectory_by_id(mail.trajectory))


def _unclear(post: Post, tx: Transaction, mail: Mail, receipt: Receipt, tally: Tally) -> None:
    """Let the same bytes go again in a while; at the third time a person decides."""
    times = mail.uncertain + 1
    attempts = mail.attempts + 1
    tally.uncertain += 1
    asking = times >= retries.UNCERTAIN_LIMIT
    _change(
        tx,
        mail,
        receipt,
        status="held" if asking else "uncertain",
        uncertain=times,
        attempts=attempts,
        next_at=tx.now + retries.UNCERTAIN_WAIT,
    )
    _record(post, tx, mail, MailUncertain(mail.id, receipt.phase), None)
    if asking:
        tally.held += 1
        _record(post, tx, mail, MailHeld(mail.id, "uncertain"), None)
    _reconsider(post, tx, mail)


def _change(tx: Transaction, mail: Mail, receipt: Receipt, **values: Any) -> None:
    """Write the mail's new state with what the server said."""
    outbox.change(tx.connection, mail.id, **values, **_last(receipt))


def _last(receipt: Receipt) -> dict[str, Any]:
    """Return the columns that keep the last answer."""
    return {
        "last_phase": receipt.phase[:12],
        "last_code": receipt.code,
        "last_text": receipt.text[:500],
    }


def _record(post: Post, tx: Transaction, mail: Mail, fact: Fact, receipt: Receipt | None) -> None:
    """Append the fact to the stream of the mail, the reply beside it."""
    details: tuple[Detail, ...] = ()
    if receipt is not None and receipt.text:
        details = (Detail("reply", receipt.text[:500], mail.person),)
    record(tx, post.stamp(tx.now), mail, Draft(fact, details))
