"""Every mail that will go out if nobody acts: dispatch asked about the days to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, groupby
from operator import itemgetter

from engine.domain.choosing import choose
from engine.domain.moments import at_any_hour, leaves_at, sending_moment
from engine.domain.people import People
from engine.domain.recipients import Recipient
from engine.domain.reminders import rests
from engine.domain.snoozing import due_at
from engine.domain.trajectory import ReminderState, Trajectory
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
    deadline: str = ""  # the date that it is about, "" for what a fact caused

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
        _waits(own, mail, dossier.people, now=now, calendar=calendar)
        for mail in dossier.waiting
        if mail.reminder is None or not rests(mail.reminder, own)
    ]
    planned = sorted(
        ((max(due_at(r, own.snoozes), now), r) for r in own.planned()), key=itemgetter(0)
    )
    for moment, due in groupby(planned, itemgetter(0)):
        leaving = [
            (p.number, p.person, p.reminder)
            for p in pending
            if p.reminder is not None and p.since <= moment + hold_back and p.mail.at >= moment
        ]
        choice = choose(
            [reminder for _, reminder in due],
            own,
            dossier.pinned,
            dossier.people,
            moment,
            hold_back=hold_back,
            leaving=leaving,
        )
        pending = [p for p in pending if p.number not in choice.covered]
        for reminder, readers in choice.mails:
            at = _leaves(reminder, moment, now=now, calendar=calendar, hold_back=hold_back)
            pending += [_will_wait(next(numbers), reminder, reader, at) for reader in readers]
    mails = (p.mail for p in pending)
    return tuple(sorted(mails, key=lambda m: (m.at, m.notice, m.role, m.email)))


def _leaves(
    reminder: ReminderState,
    moment: datetime,
    *,
    now: datetime,
    calendar: Calendar,
    hold_back: timedelta,
) -> datetime:
    """Return when the mail of a reminder leaves; a late one in the next working hours."""
    if at_any_hour(reminder):
        return max(leaves_at(reminder, hold_back), now)
    return moment if reminder.at >= now else sending_moment(moment, calendar)


def _will_wait(number: int, reminder: ReminderState, to: Recipient, at: datetime) -> _Pending:
    """Return a mail that a reminder will become."""
    about = reminder.deadline
    mail = Expected(at, reminder.notice, to.name, to.email, to.role, reminder.rule, deadline=about)
    return _Pending(number, to.key, reminder, mail, at)


def _waits(
    own: Trajectory, waiting: Waiting, people: People, *, now: datetime, calendar: Calendar
) -> _Pending:
    """Return a frozen mail that waits, with the name as it is known now."""
    at, reminder = max(waiting.leaves_at, now), waiting.reminder
    if reminder is not None and not at_any_hour(reminder):
        at = sending_moment(max(at, due_at(reminder, own.snoozes)), calendar)
    address = waiting.address or ""
    kind, _, number = (waiting.person or "").partition(":")
    known = (people.contacts if kind == "contact" else people.actors).get(int(number or 0))
    mail = Expected(
        at,
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
