"""Which mails are one conversation in a reader's mail program."""

from __future__ import annotations

from engine.dispatch.contacts import CHECK
from engine.domain.agenda import moment_of
from engine.domain.trajectory import ReminderState, Trajectory

# one conversation, of its own
ABOUT_THE_MOMENT = ("feedback_invite", "feedback_changed", "feedback_report")


def conversation(trajectory: Trajectory, reminder: ReminderState) -> str:
    """Return what a mail's thread hangs on: a request of its own, a phase entry, or the whole."""
    if reminder.about is not None:
        return f"{trajectory.id}/{reminder.occurrence}/{reminder.about}"
    if reminder.notice == CHECK:
        return f"{trajectory.id}/{CHECK}/{reminder.occurrence}"
    if reminder.notice in ABOUT_THE_MOMENT:
        return f"{trajectory.id}/{moment_of(trajectory)}"
    if reminder.entry is None and not reminder.deadline:
        return f"{trajectory.id}/{reminder.notice}"
    return f"{trajectory.id}/{trajectory.entry or 0}"
