"""Whether the words of a mail that waits are still true; where they are not, it is written anew."""

from __future__ import annotations

import logging
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from typing import NamedTuple

from engine.dispatch.firing import Writing
from engine.dispatch.notices import Case, notice
from engine.dispatch.post import Post
from engine.domain.agenda import outdated
from engine.domain.decisions.decision import Draft
from engine.domain.errors import TrajectError
from engine.domain.events import MailCancelled, MailQueued
from engine.domain.people import present
from engine.domain.recipients import Recipient, reads_now, recipients
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.workdays import brussels_day
from engine.ports import Said
from engine.store import outbox
from engine.store.history import events_of
from engine.store.outbox import Mail
from engine.store.transaction import Transaction

log = logging.getLogger("traject.dispatch")

# An answer from before the mail itself was offered: nobody can have received anything of it.
UNOFFERED = (
    None, "", "connect", "ehlo", "tls", "token", "auth", "mail", "file", outbox.ENOUGH,
)  # fmt: skip

GONE = ("cancelled", "dead")  # nobody has read it, nor will


class Stale(NamedTuple):
    """Why a mail is to be written anew, and its reader as they are known now; None: nobody is."""

    reason: str
    reader: Recipient | None


def stale(
    post: Post, tx: Transaction, mail: Mail, reminder: ReminderState, trajectory: Trajectory
) -> Stale | None:
    """Return why a mail must be written anew: another reader, address, phase, date or word.

    None while it is true. Of a mail that was offered before, another try says the same words
    to the same address: some part of it may have been taken. That promise is made to who may
    have read it; to another reader, or another address, it is another mail.
    """
    case = _case(post, tx, mail, trajectory)
    found = _filled(case, reminder)
    reader = next((one for one in found if one.key == mail.person), None)
    if reader is None:
        return _passed_on(tx, mail, found)
    # Against the address as it was known then: the envelope has the form of the wire.
    if not (mail.recipient or "").endswith(f"<{reader.email}>"):
        return Stale("readdressed", reader)
    moved_on = reminder.entry is None and mail.entry != trajectory.entry
    moved_on = moved_on or outdated(trajectory, case.pinned, mail.id)
    leaves = max(tx.now, mail.not_before)
    if _untried(mail) and (moved_on or _otherwise(post, case, mail, reminder, reader, at=leaves)):
        return Stale("renewed", reader)
    return None


def renew(post: Post, tx: Transaction, mail: Mail, reminder: ReminderState, found: Stale) -> None:
    """Replace a mail by one that is true now; it leaves in the same round.

    What nobody is to read is only cancelled.
    """
    drafts = [Draft(MailCancelled(mail.id, found.reason))]
    case = _case(post, tx, mail, tx.trajectory_by_id(mail.trajectory))
    if found.reader is not None:
        number = outbox.next_id(tx.connection)
        writing = Writing(post, tx, case, number, tx.ledger())
        drafts.append(Draft(writing.mail(reminder, found.reader, again=number)))
    outbox.change(tx.connection, mail.id, status="cancelled")
    tx.record_on(case.trajectory, drafts, post.stamp(tx.now))


def _filled(case: Case, reminder: ReminderState) -> tuple[Recipient, ...]:
    """Return who fills the role of a mail on the day on which it leaves, or stands in then."""
    return recipients(
        reminder.role, case.trajectory, case.people, nis=reminder.nis, contact=reminder.contact
    )


def _passed_on(tx: Transaction, mail: Mail, found: tuple[Recipient, ...]) -> Stale | None:
    """Return whose a mail is that its reader is not to read any more; None: theirs after all.

    Only what is for a coach or lead goes on to somebody else: who was away and is back, who
    stands in, who has the trajectory by now.
    """
    if not mail.person.startswith("actor:"):
        return None
    if not found:
        return Stale("released", None)
    served = {
        one.person
        for one in outbox.mails(tx.connection, trajectory=mail.trajectory)
        if one.reminder == mail.reminder and one.id != mail.id and one.status not in GONE
    }
    reader = reads_now(found, mail.person, made_for=_made_for(tx, mail), served=served)
    return Stale("substituted" if reader else "merged", reader)


def _made_for(tx: Transaction, mail: Mail) -> str:
    """Return the key of who was away when a mail was made, as its fact says."""
    for event in events_of(tx.connection, mail.trajectory):
        fact = event.fact
        if isinstance(fact, MailQueued) and fact.mail == mail.id and fact.person:
            return fact.instead_of
    return ""


def _untried(mail: Mail) -> bool:
    """Tell whether no server was ever offered this mail."""
    return not (mail.attempts or mail.uncertain) and mail.last_phase in UNOFFERED


def _otherwise(
    post: Post, case: Case, mail: Mail, reminder: ReminderState, reader: Recipient, *, at: datetime
) -> bool:
    """Tell whether a mail would say something else if it were made `at` when it leaves.

    It is said once more with its own check value, so that only words can differ. Nearly always
    none do, which the words alone tell: sealing them costs ten times as much.
    """
    if mail.mime is None:
        return False
    message = message_from_bytes(mail.mime)
    before = _read(mail.subject, message)
    try:
        anew = notice(
            case,
            reminder,
            reader,
            key=mail.key,
            now=at,
            checkpoint=_checkpoint(message),
            organisation=post.organisation,
            sender=post.sender,
        )
        if post.notifier.said(anew) == before:
            return False
        letter = post.notifier.compose(anew)
    except TrajectError:
        log.exception("mail %d leaves as it was made", mail.id)
        return False
    return _read(letter.subject, message_from_bytes(letter.mime)) != before


def _case(post: Post, tx: Transaction, mail: Mail, trajectory: Trajectory) -> Case:
    """Return the trajectory as a mail about it sees it on the day on which it leaves."""
    day = brussels_day(max(tx.now, mail.not_before))
    return Case(
        trajectory,
        tx.workflow(trajectory.workflow),
        present(tx.people_of(trajectory), day),
        post.calendar,
        day,
    )


def _checkpoint(message: Message) -> tuple[int, str]:
    """Return the check value that a mail shows."""
    size, _, root = str(message["Traject-Checkpoint"] or "0").partition(" ")
    return int(size), root.strip()


def _read(subject: str | None, message: Message) -> Said:
    """Return what the bytes of a mail say, the calendar files by their name."""
    parts = [part for part in message.walk() if not part.is_multipart()]
    plain = next((part for part in parts if part.get_content_type() == "text/plain"), None)
    coded = plain.get_payload(decode=True) if plain is not None else b""
    text = coded.decode("utf-8", "replace") if isinstance(coded, bytes) else ""
    files = tuple(filter(None, (part.get_filename() for part in parts)))
    return Said(subject or "", " ".join(text.split()), files)
