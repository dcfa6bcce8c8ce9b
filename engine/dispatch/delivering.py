"""The one active sender: claim, deliver without a transaction, settle; a 250 always counts."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass

from engine.dispatch.claiming import NOT_TRIED, Claim, as_claimed, claim, claim_alone
from engine.dispatch.insisting import insist
from engine.dispatch.post import Post, Tally
from engine.dispatch.resting import BATCH, is_resting
from engine.dispatch.settling import ORPHANED, give_back, news, settle
from engine.domain.errors import LedgerBroken, TryAgain
from engine.ports import Letter, Receipt, Session
from engine.store import holds, outbox
from engine.store.outbox import Mail
from engine.store.sender import Tenure
from engine.store.transaction import unit_of_work

log = logging.getLogger("traject.dispatch")

GIVES_WAY = "another process may be sending by now: this one stops"


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
        try:
            counted = Tally()
            with unit_of_work(post.database, now) as tx:
                mail = outbox.mail(tx.connection, number)
                if mail is not None and mail.status == "sending":
                    settle(post, tx, mail, ORPHANED, counted)
            tally.add(counted)
        except (TryAgain, LedgerBroken):
            raise
        except Exception:
            log.exception("mail %d was left by a sender and could not be handled", number)
            tally.failed += 1


def _send_due(post: Post, tenure: Tenure, tally: Tally) -> None:
    """Deliver what is due, oldest first, until nothing is, the queue must rest, or we may not."""
    tried: set[int] = set()
    with post.notifier.session() as session:
        while True:
            with post.database.reading() as connection:
                due = holds.due(connection, post.clock.now(), BATCH + len(tried))
            fresh = deque(number for number in due if number not in tried)
            if not fresh:
                return
            tried.update(fresh)
            while fresh:
                if not tenure.lasts():
                    log.warning(GIVES_WAY)
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
            if not tenure.lasts():  # asked after the claim: a commit may have taken long
                log.warning(GIVES_WAY)
                give_back(post, found.mail)
                return False
            receipt = _sent(session, found.mail)
            rests = receipt.outcome in ("pause", "hold")
            after = fresh[0] if fresh and not rests else None
            answer = Answer(post, found.mail, receipt, tally, after)
            found = insist(f"the answer to mail {number}", answer.keep)
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


@dataclass(slots=True)
class Answer:
    """What the server answered about a mail, to be written down with the claim of the next."""

    post: Post
    mail: Mail
    receipt: Receipt
    tally: Tally
    after: int | None
    _next: Claim = NOT_TRIED  # in a commit that may have been made, though its answer got lost

    def keep(self, again: bool) -> Claim:
        """Record it and return that claim; `again`: it may be recorded already.

        A fault in the next mail undoes both, and this one is recorded alone.
        """
        try:
            return self._record(again)
        except (TryAgain, LedgerBroken):
            raise
        except Exception:
            if self.after is None or again:
                raise
            return self._record(True)

    def _record(self, again: bool) -> Claim:
        post, mail, counted = self.post, self.mail, Tally()
        with unit_of_work(post.database, post.clock.now()) as tx:
            if self._next.mail is None or not as_claimed(post, tx, self._next.mail):
                self._next = NOT_TRIED
            told = news(post, tx, mail, self.receipt, again=again)
            if told is not None:
                settle(post, tx, mail, told, counted)
            else:
                log.warning("mail %d: %s is no news any more", mail.id, self.receipt.outcome)
            if self.after is not None and not again:
                self._next = claim(post, tx, self.after, counted)
        self.tally.add(counted)
        return self._next
