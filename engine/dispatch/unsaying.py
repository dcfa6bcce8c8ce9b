"""Takes back the mails that wait and name somebody who is erased: written anew, or cancelled."""

from __future__ import annotations

from collections.abc import Iterable

from engine.dispatch.outgoing import record
from engine.dispatch.periodic import unsay
from engine.dispatch.post import Post
from engine.dispatch.renewing import Stale, renew
from engine.domain.decisions.decision import Draft
from engine.domain.errors import TrajectError
from engine.domain.events import MailCancelled, MailHeld
from engine.domain.recipients import Recipient, recipients
from engine.store import outbox
from engine.store.outbox import WAITING, Mail
from engine.store.transaction import Stamp, Transaction


def take_back(
    post: Post, tx: Transaction, stamp: Stamp, numbers: Iterable[int], subject: str
) -> tuple[int, ...]:
    """Cancel those of these mails that wait; return which were written anew, to other readers.

    The person, contact:7 or actor:1, is gone from the projections already.
    """
    found = (outbox.mail(tx.connection, number) for number in numbers)
    waiting = [mail for mail in found if mail is not None and mail.status in WAITING]
    renewed = tuple(mail.id for mail in waiting if _renewed(post, tx, stamp, mail, subject))
    for mail in waiting:
        if mail.id not in renewed:
            outbox.change(tx.connection, mail.id, status="cancelled")
            record(tx, stamp, mail, Draft(MailCancelled(mail.id, "erased")))
    return renewed


def _renewed(post: Post, tx: Transaction, stamp: Stamp, mail: Mail, subject: str) -> bool:
    """Write a mail to somebody else anew; tell whether that was possible.

    One that may have arrived is not said again in other words.
    """
    if mail.person == subject or mail.uncertain:
        return False
    number = outbox.next_id(tx.connection)
    try:
        again = _said_anew(post, tx, mail) if mail.of_trajectory else unsay(post, tx, mail)
    except TrajectError:  # without the person it cannot be said
        return False
    if not again:
        return False
    if mail.status == "held":
        outbox.change(tx.connection, number, status="held")
        record(tx, stamp, mail, Draft(MailHeld(number, "person")))
    return True


def _said_anew(post: Post, tx: Transaction, mail: Mail) -> bool:
    """Write a mail of a trajectory anew; tell whether it has a reader still."""
    reader = _reader(tx, mail)
    if reader is not None:
        reminder = outbox.reminder(tx.connection, mail.reminder)
        renew(post, tx, mail, reminder, Stale("erased", reader))
    return reader is not None


def _reader(tx: Transaction, mail: Mail) -> Recipient | None:
    """Return the reader of a mail as they are known now, None where they have the role no more."""
    reminder = outbox.reminder(tx.connection, mail.reminder)
    trajectory = tx.trajectory_by_id(mail.trajectory)
    found = recipients(
        reminder.role,
        trajectory,
        tx.people_of(trajectory),
        nis=reminder.nis,
        contact=reminder.contact,
    )
    return next((one for one in found if one.key == mail.person), None)
