"""The mails that a change withdraws: cancelled in the outbox, or never made, told by reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.domain.events import Event, MailCancelled
from engine.domain.people import People
from engine.domain.recipients import recipients
from engine.domain.reminders import unwanted
from engine.domain.trajectory import ReminderState, Trajectory
from engine.store import outbox
from engine.store.transaction import Transaction

Reader = tuple[str, str]  # the reminder, and the key of who was to read the mail


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A mail that does not leave any more; `doubtful`: an earlier try may have arrived."""

    notice: str
    name: str
    doubtful: bool = False


def withdrawn(
    tx: Transaction, before: Trajectory | None, after: Trajectory, events: Iterable[Event]
) -> tuple[Withdrawn, ...]:
    """Return what was on its way because of earlier commands and is stopped by these events."""
    cancelled = [event.fact.mail for event in events if isinstance(event.fact, MailCancelled)]
    if before is None or not (cancelled or any(r.immediate for r in before.planned())):
        return ()
    people = tx.people_of(after)
    ours = _under_way(after, people)
    found = [
        Withdrawn(reminder.notice, name)
        for reader, (reminder, name) in _under_way(before, people).items()
        if reader not in ours
    ]
    for number in cancelled:
        mail = outbox.mail(tx.connection, number)
        assert mail is not None  # it was cancelled in this transaction
        found.append(Withdrawn(mail.notice, _name(mail, people), mail.uncertain > 0))
    return tuple(dict.fromkeys(found))


def _under_way(trajectory: Trajectory, people: People) -> dict[Reader, tuple[ReminderState, str]]:
    """Return the mails that commands have caused and that are still to be made, by reader."""
    return {
        (reminder.id, person.key): (reminder, person.name)
        for reminder in trajectory.planned()
        if reminder.immediate and unwanted(reminder, trajectory) is None
        for person in recipients(
            reminder.role, trajectory, people, nis=reminder.nis, contact=reminder.contact
        )
    }


def _name(mail: outbox.Mail, people: People) -> str:
    """Return the name of who was to read a mail, else what the mail itself calls them."""
    kind, _, number = mail.person.partition(":")
    known = (people.contacts if kind == "contact" else people.actors).get(int(number))
    return (known.name if known else None) or mail.recipient or ""
