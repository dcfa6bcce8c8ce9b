"""The claim of a mail: decided and written down before one byte of it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from engine.dispatch import holding
from engine.dispatch.leaving import may_leave
from engine.dispatch.post import Post, Tally
from engine.store import outbox
from engine.store.outbox import Mail
from engine.store.transaction import Transaction, unit_of_work


class Claim(NamedTuple):
    """A mail that leaves now, if any; whether others may leave after it; whether one was tried."""

    mail: Mail | None
    goes_on: bool = True
    tried: bool = True


NOTHING, NOT_TRIED = Claim(None), Claim(None, tried=False)


def claim_alone(post: Post, number: int, tally: Tally) -> Claim:
    """Return the claim of a mail in a commit of its own: there is no other to record with it."""
    with unit_of_work(post.database, post.clock.now()) as tx:
        return claim(post, tx, number, tally)


def claim(post: Post, tx: Transaction, number: int, tally: Tally) -> Claim:
    """Return the mail as it was before its claim, but for that moment; none when it may not leave.

    A mail that becomes a file needs no claim: writing it twice leaves the same file.
    """
    mail = outbox.mail(tx.connection, number)
    if mail is None or mail.status not in ("queued", "uncertain"):
        return NOTHING
    if not may_leave(post, tx, mail, tally):
        return NOTHING
    if holding.breaks(post, tx, mail, tally):
        return Claim(None, goes_on=False)
    if holding.had_enough(post, tx, mail):
        return NOTHING
    if not post.notifier.writes_files:
        outbox.change(tx.connection, number, status="sending", claimed_at=tx.now)
        mail = replace(mail, claimed_at=tx.now)
    return Claim(mail)


def as_claimed(post: Post, tx: Transaction, mail: Mail) -> bool:
    """Tell whether a mail still is as it was claimed: nobody settled, took over or withdrew it."""
    present = outbox.mail(tx.connection, mail.id)
    status = mail.status if post.notifier.writes_files else "sending"
    return present is not None and _claim_of(present) == (status, *_claim_of(mail)[1:])


def _claim_of(mail: Mail) -> tuple[str, int, datetime | None]:
    return mail.status, mail.attempts, mail.claimed_at
