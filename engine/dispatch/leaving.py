"""The last look at a mail before it leaves: is it wanted, by this reader, at this hour."""

from __future__ import annotations

import logging

from engine.dispatch import digests
from engine.dispatch.outgoing import record
from engine.dispatch.post import Post, Tally
from engine.dispatch.renewing import renew, stale
from engine.domain.agenda import mistaken
from engine.domain.decisions.decision import Draft
from engine.domain.errors import TrajectError
from engine.domain.events import MailCancelled
from engine.domain.moments import at_any_hour, sending_moment, too_late
from engine.domain.recipients import is_released
from engine.domain.reminders import CHANGED, rests, unwanted
from engine.domain.snoozing import sleeps
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.wanted import silenced
from engine.domain.workdays import brussels_day
from engine.store import outbox
from engine.store.outbox import Mail
from engine.store.transaction import Transaction

log = logging.getLogger("traject.dispatch")


def may_leave(post: Post, tx: Transaction, mail: Mail, tally: Tally) -> bool:
    """Tell whether a mail may leave now; one that never will is cancelled, with the reason.

    Between rendering and leaving lie the hold-back, the hours of a working day, and maybe days
    of an unwell relay: a point may be settled, a pause begun, an address corrected meanwhile.
    """
    if not mail.of_trajectory:
        return digests.may_leave(post, tx, mail)
    trajectory = tx.trajectory_by_id(mail.trajectory)
    reminder = outbox.reminder(tx.connection, mail.reminder)
    reason = _pointless(post, tx, mail, reminder, trajectory=trajectory)
    if reason is not None:
        outbox.change(tx.connection, mail.id, status="cancelled")
        record(tx, post.stamp(tx.now), mail, Draft(MailCancelled(mail.id, reason)))
        return False
    if rests(reminder, trajectory) or sleeps(reminder, trajectory, tx.now):
        return False
    if not at_any_hour(reminder):
        moment = sending_moment(tx.now, post.calendar)
        if moment > tx.now:
            outbox.change(tx.connection, mail.id, next_at=moment)
            return False
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
    if _pointless(post, tx, mail, reminder, trajectory=trajectory) is not None:
        return False
    return stale(post, tx, mail, reminder, trajectory) is not None


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
