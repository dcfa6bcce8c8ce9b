"""What became of a mail, written down: sent, to be tried again, uncertain, or given up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.dispatch import retries
from engine.dispatch.claiming import as_claimed
from engine.dispatch.outgoing import record
from engine.dispatch.post import Post, Tally
from engine.dispatch.resting import rest, wake
from engine.domain.decisions.decision import Draft
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
from engine.ports import Receipt
from engine.service.desk import withdraw
from engine.store import outbox
from engine.store.outbox import Mail
from engine.store.transaction import Transaction, unit_of_work

ORPHANED = Receipt("uncertain", "claim")  # its sender died, or lost its place
ACCEPTED = ("sent", "written")


def news(
    post: Post, tx: Transaction, mail: Mail, receipt: Receipt, *, again: bool
) -> Receipt | None:
    """Return what of an answer is yet to be written down; `again`: it may have been just now.

    A mail that was accepted is so whatever was written since. Any other answer concerns only
    the claim that it was given to: who slept with it finds that a successor settled the mail.
    Of a mail whose reader was erased meanwhile the words of the answer, which may name them,
    stay out.
    """
    if receipt.outcome not in ACCEPTED:
        return receipt if as_claimed(post, tx, mail) else None
    present = outbox.mail(tx.connection, mail.id)
    if again and present is not None and present.status in ACCEPTED:
        return None
    erased = present is not None and present.mime is None
    return replace(receipt, text="") if erased else receipt


def settle(post: Post, tx: Transaction, mail: Mail, receipt: Receipt, tally: Tally) -> None:
    """Record what became of a mail; `mail` is its state from before the claim."""
    now = tx.now
    outcome = receipt.outcome
    if outcome in ("pause", "hold"):
        _change(tx, mail, receipt, status=mail.status)  # no attempt is charged
        _reconsider(post, tx, mail)
        rest(tx, receipt, tally)
        return
    if _took_part(receipt):
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


def give_back(post: Post, mail: Mail) -> None:
    """Let go of a mail that was claimed and of which nothing was said; no attempt is charged."""
    with unit_of_work(post.database, post.clock.now()) as tx:
        if as_claimed(post, tx, mail):
            outbox.change(tx.connection, mail.id, status=mail.status)
            _reconsider(post, tx, mail)


def _took_part(receipt: Receipt) -> bool:
    """Tell whether a server had a say: not in what a dead sender left, nor in a bad address."""
    return receipt.phase != ORPHANED.phase and (receipt.outcome != "dead" or receipt.code != 0)


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
