"""The last look at a mail before it leaves: is it wanted, by this reader, at this hour."""

from __future__ import annotations

import logging

from engine.dispatch.firing import Writing
from engine.dispatch.notices import Case
from engine.dispatch.post import Post, Tally
from engine.domain.agenda import mistaken, outdated
from engine.domain.decisions.decision import Draft
from engine.domain.errors import TrajectError
from engine.domain.events import MailCancelled
from engine.domain.moments import at_any_hour, sending_moment, too_late
from engine.domain.recipients import Recipient, is_released, recipients
from engine.domain.reminders import CHANGED, rests, unwanted
from engine.domain.snoozing import sleeps
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.wanted import silenced
from engine.domain.workdays import brussels_day
from engine.store import outbox
from engine.store.outbox import Mail
from engine.store.transaction import Stamp, Transaction

log = logging.getLogger("traject.dispatch")


def may_leave(post: Post, tx: Transaction, mail: Mail, tally: Tally) -> bool:
    """Tell whether a mail may leave now; one that never will is cancelled, with the reason.

    Between rendering and leaving lie the hold-back, the hours of a working day, and maybe days
    of an unwell relay: a point may be settled, a pause begun, an address corrected meanwhile.
    """
    trajectory = tx.trajectory_by_id(mail.trajectory)
    reminder = outbox.reminder(tx.connection, mail.reminder)
    reason = _pointless(post, tx, mail, reminder, trajectory=trajectory)
    if reason is not None:
        outbox.change(tx.connection, mail.id, status="cancelled")
        record(tx, post.stamp(tx.now), mail, Draft(MailCancelled(mail.id, reason)))
        return False
    if rests(reminder, trajectory) or sleeps(reminder, trajectory, tx.now):
        return False
    reader = _reader(tx, mail, reminder, trajectory)
    stale = reader and _stale(tx, mail, reminder, reader, trajectory)
    if reader is not None and stale:
        try:
            _renew(post, tx, mail, reminder, reader, reason=stale)
        except TrajectError:
            log.exception("mail %d could not be written anew", mail.id)
            tally.failed += 1
        return False
    if not at_any_hour(reminder):
        moment = sending_moment(tx.now, post.calendar)
        if moment > tx.now:
            outbox.change(tx.connection, mail.id, next_at=moment)
            return False
    return True


def record(tx: Transaction, stamp: Stamp, mail: Mail, draft: Draft) -> None:
    """Append a fact about a mail to the stream of its trajectory."""
    tx.record_on(tx.trajectory_by_id(mail.trajectory), [draft], stamp)


def _pointless(
    post: Post, tx: Transaction, mail: Mail, reminder: ReminderState, *, trajectory: Trajectory
) -> str | None:
    """Return why a mail has nothing to say any more, None while it has."""
    reason = unwanted(reminder, trajectory)
    if reason is None and is_released(mail.person, reminder.role, trajectory):
        reason = "released"
    if reason is None:
        pinned, today = tx.workflow(trajectory.workflow), brussels_day(tx.now)
        reason = too_late(
            reminder, trajectory, pinned, now=tx.now, hold_back=post.hold_back
        ) or silenced(reminder, trajectory, pinned, today)
        if reason is None and reminder.notice == CHANGED:
            known = not mistaken(trajectory, pinned, mail.person, today)
            reason = "told" if known else None
    return reason


def _reader(
    tx: Transaction, mail: Mail, reminder: ReminderState, trajectory: Trajectory
) -> Recipient | None:
    """Return the reader as they are known now, or who stands in."""
    people = tx.people_of(trajectory)
    found = recipients(
        reminder.role, trajectory, people, nis=reminder.nis, contact=reminder.contact
    )
    own = next((person for person in found if person.key == mail.person), None)
    return own or next((person for person in found if person.instead_of == mail.person), None)


def _stale(
    tx: Transaction,
    mail: Mail,
    reminder: ReminderState,
    reader: Recipient,
    trajectory: Trajectory,
) -> str | None:
    """Return why a mail must be written anew: another reader, address, phase or date by now."""
    if reader.key != mail.person:
        return "substituted"
    # Against the address as it was known then: the envelope has the form of the wire.
    if not (mail.recipient or "").endswith(f"<{reader.email}>"):
        return "readdressed"
    moved_on = reminder.entry is None and mail.entry != trajectory.entry
    moved_on = moved_on or outdated(trajectory, tx.workflow(trajectory.workflow), mail.id)
    return "renewed" if moved_on else None


def _renew(
    post: Post,
    tx: Transaction,
    mail: Mail,
    reminder: ReminderState,
    reader: Recipient,
    *,
    reason: str,
) -> None:
    """Replace a mail by one that is true now; it leaves in the same round."""
    trajectory = tx.trajectory_by_id(mail.trajectory)
    case = Case(
        trajectory,
        tx.workflow(trajectory.workflow),
        tx.people_of(trajectory),
        post.calendar,
        brussels_day(tx.now),
    )
    number = outbox.next_id(tx.connection)
    fact = Writing(post, tx, case, number, tx.ledger()).mail(reminder, reader, again=number)
    outbox.change(tx.connection, mail.id, status="cancelled")
    drafts = [Draft(MailCancelled(mail.id, reason)), Draft(fact)]
    tx.record_on(trajectory, drafts, post.stamp(tx.now))
