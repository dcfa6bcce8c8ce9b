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
from engine.domain.events import MailCancelled
from engine.domain.people import present
from engine.domain.recipients import Recipient, recipients
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.workdays import brussels_day
from engine.ports import Said
from engine.store import outbox
from engine.store.outbox import Mail
from engine.store.transaction import Transaction

log = logging.getLogger("traject.dispatch")

# An answer from before the mail itself was offered: nobody can have received anything of it.
UNOFFERED = (None, "", "connect", "ehlo", "tls", "auth")


class Stale(NamedTuple):
    """Why a mail is to be written anew, and its reader as they are known now."""

    reason: str
    reader: Recipient


def stale(
    post: Post, tx: Transaction, mail: Mail, reminder: ReminderState, trajectory: Trajectory
) -> Stale | None:
    """Return why a mail must be written anew: another reader, address, phase, date or word.

    None while it is true, and where nobody has its role. Of a mail that was offered before,
    another try says the same words: some part of it may have been taken.
    """
    case = _case(post, tx, mail, trajectory)
    reader = _reader(case, mail, reminder)
    if reader is None:
        return None
    if reader.key != mail.person:
        return Stale("substituted", reader)
    # Against the address as it was known then: the envelope has the form of the wire.
    if not (mail.recipient or "").endswith(f"<{reader.email}>"):
        return Stale("readdressed", reader)
    moved_on = reminder.entry is None and mail.entry != trajectory.entry
    moved_on = moved_on or outdated(trajectory, case.pinned, mail.id)
    leaves = max(tx.now, mail.not_before)
    if moved_on or (_untried(mail) and _otherwise(post, case, mail, reminder, reader, at=leaves)):
        return Stale("renewed", reader)
    return None


def renew(post: Post, tx: Transaction, mail: Mail, reminder: ReminderState, found: Stale) -> None:
    """Replace a mail by one that is true now; it leaves in the same round."""
    case = _case(post, tx, mail, tx.trajectory_by_id(mail.trajectory))
    number = outbox.next_id(tx.connection)
    writing = Writing(post, tx, case, number, tx.ledger())
    fact = writing.mail(reminder, found.reader, again=number)
    outbox.change(tx.connection, mail.id, status="cancelled")
    drafts = [Draft(MailCancelled(mail.id, found.reason)), Draft(fact)]
    tx.record_on(case.trajectory, drafts, post.stamp(tx.now))


def _reader(case: Case, mail: Mail, reminder: ReminderState) -> Recipient | None:
    """Return the reader as they are known on the day on which it leaves, or who stands in then.

    Who was to read it for somebody that is back gives it back.
    """
    found = recipients(
        reminder.role, case.trajectory, case.people, nis=reminder.nis, contact=reminder.contact
    )
    own = next((person for person in found if person.key == mail.person), None)
    return own or next((person for person in found if person.instead_of == mail.person), None)


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
