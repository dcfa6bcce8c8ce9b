"""The last look at a mail before it leaves: is it wanted, by this reader, at this hour."""

from __future__ import annotations

import logging

from engine.dispatch import periodic
from engine.dispatch.outgoing import record
from engine.dispatch.post import Post, Tally
from engine.dispatch.renewing import renew, stale
from engine.domain.decisions.decision import Draft
from engine.domain.errors import TrajectError
from engine.domain.events import MailCancelled
from engine.domain.moments import could_leave
from engine.domain.recipients import is_released
from engine.domain.reminders import rests, unwanted
from engine.domain.snoozing import sleeps
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.wanted import pointless
from engine.store import outbox
from engine.store.outbox import Mail
from engine.store.transaction import Transaction

log = logging.getLogger("traject.dispatch")


def may_leave(post: Post, tx: Transaction, mail: Mail, tally: Tally) -> bool:
    """Tell whether a mail may leave now; one that never will is cancelled, with the reason.

    Between rendering and leaving lie the hold-back, the hours of a working day, and maybe days
    of an unwell relay: a point may be settled, a pause begun, an address corrected meanwhile.
    Whether it still has something to say is asked once it can leave, not while it rests or in
    the night before.
    """
    if not mail.of_trajectory:
        return periodic.may_leave(post, tx, mail)
    trajectory = tx.trajectory_by_id(mail.trajectory)
    reminder = outbox.reminder(tx.connection, mail.reminder)
    reason = _unwanted(mail, reminder, trajectory)
    if reason is not None:
        return _cancelled(post, tx, mail, reason)
    if rests(reminder, trajectory) or sleeps(reminder, trajectory, tx.now):
        return False
    moment = could_leave(reminder, tx.now, post.calendar)
    if moment > tx.now:
        outbox.change(tx.connection, mail.id, next_at=moment)
        return False
    reason = _silent(post, tx, mail, reminder, trajectory)
    if reason is not None:
        return _cancelled(post, tx, mail, reason)
    found = stale(post, tx, mail, reminder, trajectory)
    if found is not None:
        try:
            renew(post, tx, mail, reminder, found)
        except TrajectError:
            log.exception("mail %d could not be written anew", mail.id)
            tally.failed += 1
        return False
    return True


def out_of_date(post: Post, tx: Transaction, mail: Mail) -> bool:
    """Tell whether a mail that waits will be written anew when it leaves; changes nothing."""
    if mail.status not in ("queued", "held") or not mail.of_trajectory:
        return False
    trajectory = tx.trajectory_by_id(mail.trajectory)
    reminder = outbox.reminder(tx.connection, mail.reminder)
    if _unwanted(mail, reminder, trajectory) or _silent(post, tx, mail, reminder, trajectory):
        return False
    found = stale(post, tx, mail, reminder, trajectory)
    return found is not None and found.reader is not None


def _cancelled(post: Post, tx: Transaction, mail: Mail, reason: str) -> bool:
    """Cancel a mail with the reason; return that it may not leave."""
    outbox.change(tx.connection, mail.id, status="cancelled")
    record(tx, post.stamp(tx.now), mail, Draft(MailCancelled(mail.id, reason)))
    return False


def _unwanted(mail: Mail, reminder: ReminderState, trajectory: Trajectory) -> str | None:
    """Return why nobody wants a mail any more, or not its reader; None while they do."""
    reason = unwanted(reminder, trajectory)
    if reason is None and is_released(mail.person, reminder.role, trajectory):
        return "released"
    return reason


def _silent(
    post: Post, tx: Transaction, mail: Mail, reminder: ReminderState, trajectory: Trajectory
) -> str | None:
    """Return why a mail has nothing to say when it leaves, None while it has."""
    return pointless(
        reminder,
        trajectory,
        tx.workflow(trajectory.workflow),
        person=mail.person,
        at=max(could_leave(reminder, tx.now, post.calendar), mail.not_before),
        hold_back=post.hold_back,
    )
