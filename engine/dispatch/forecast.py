"""Every mail that will go out if nobody acts: dispatch asked about the days to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, groupby

from engine.dispatch.firing import sending_moment
from engine.domain.choosing import choose
from engine.domain.people import People
from engine.domain.recipients import Recipient
from engine.domain.reminders import leaves_at, rests
from engine.domain.trajectory import ReminderState
from engine.domain.workdays import Calendar
from engine.store.dossiers import Dossier, Waiting


@dataclass(frozen=True, slots=True)
class Expected:
    """A mail to come: when it leaves, what it says, to whom, and which rule made it."""

    at: datetime
    notice: str
    name: str
    email: str
    role: str
    rule: str
    mail: int | None = None  # its number, where it waits in the outbox already

    @property
    def to(self) -> str:
        """Return the addressee as a mail program writes it."""
        return f"{self.name} <{self.email}>" if self.name != self.email else self.email


@dataclass(frozen=True, slots=True)
class _Pending:
    """A mail that waits, or will; those yet to be made have numbers below zero."""

    number: int
    person: str
    reminder: ReminderState | None  # None: nothing competes with it
    mail: Expected
    since: datetime  # when it may leave, whatever a mail server made of it


def forecast(
    dossier: Dossier, *, now: datetime, calendar: Calendar, hold_back: timedelta
) -> tuple[Expected, ...]:
    """Return the mails that leave from now on if nobody acts, the first to leave first.

    Round after round is played: each takes all that is due, late reminders the first one.
    What rests during a pause is not among them: it waits for somebody to resume.
    """
    own, numbers = dossier.trajectory, count(-1, -1)
    pending = [
        _waits(mail, dossier.people, now)
        for mail in dossier.waiting
        if mail.reminder is None or not rests(mail.reminder, own)
    ]
    for moment, due in groupby(own.planned(), lambda reminder: max(reminder.at, now)):
        leaving = [
            (p.number, p.person, p.reminder)
            for p in pending
            if p.reminder is not None and p.since <= moment + hold_back and p.mail.at >= moment
        ]
        choice = choose(
            tuple(due),
            own,
            dossier.pinned,
            dossier.people,
            moment,
            hold_back=hold_back,
            leaving=leaving,
        )
        pending = [p for p in pending if p.number not in choice.covered]
        for reminder, readers in choice.mails:
            at = _leaves(reminder, now, calendar, hold_back)
            pending += [_will_wait(next(numbers), reminder, reader, at) for reader in readers]
    mails = (p.mail for p in pending)
    return tuple(sorted(mails, key=lambda m: (m.at, m.notice, m.role, m.email)))


def _leaves(
    reminder: ReminderState, now: datetime, calendar: Calendar, hold_back: timedelta
) -> datetime:
    """Return when the mail of a reminder leaves; a late one in the next working hours."""
    if reminder.at >= now:
        return leaves_at(reminder, hold_back)
    if reminder.immediate:
        return max(leaves_at(reminder, hold_back), now)
    return sending_moment(now, calendar)


def _will_wait(number: int, reminder: ReminderState, to: Recipient, at: datetime) -> _Pending:
    """Return a mail that a reminder will become."""
    mail = Expected(at, reminder.notice, to.name, to.email, to.role, reminder.rule)
    return _Pending(number, to.key, reminder, mail, at)


def _waits(waiting: Waiting, people: People, now: datetime) -> _Pending:
    """Return a frozen mail that waits, with the name as it is known now."""
    address = waiting.address or ""
    kind, _, number = (waiting.person or "").partition(":")
    known = (people.contacts if kind == "contact" else people.actors).get(int(number or 0))
    mail = Expected(
        max(waiting.leaves_at, now),
        waiting.notice,
        (known.name if known is not None else None) or address,
        address,
        waiting.reminder.role if waiting.reminder else "",
        waiting.reminder.rule if waiting.reminder else "",
        waiting.mail,
    )
    rival = waiting.reminder if waiting.status == "queued" else None
    since = waiting.not_before or waiting.leaves_at
    return _Pending(waiting.mail, waiting.person or "", rival, mail, since)
