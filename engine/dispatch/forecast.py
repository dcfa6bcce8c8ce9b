"""Every mail that will go out if nobody acts: dispatch asked about the days to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, groupby
from operator import itemgetter

from engine.domain.choosing import choose
from engine.domain.moments import at_any_hour, could_leave, leaves_at
from engine.domain.people import People, present
from engine.domain.recipients import Recipient, reads_now, recipients
from engine.domain.reminders import rests
from engine.domain.snoozing import due_at
from engine.domain.trajectory import ReminderState
from engine.domain.wanted import pointless
from engine.domain.workdays import Calendar, brussels_day
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
    waits = (
        _waits(dossier, mail, now=now, calendar=calendar, hold_back=hold_back)
        for mail in dossier.waiting
    )
    pending = [mail for mail in waits if mail is not None]
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
            calendar=calendar,
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
    """Return when the mail of a reminder leaves: in working hours, a command's at any."""
    if at_any_hour(reminder):
        return max(leaves_at(reminder, hold_back), now)
    return could_leave(reminder, moment, calendar)


def _will_wait(number: int, reminder: ReminderState, to: Recipient, at: datetime) -> _Pending:
    """Return a mail that a reminder will become."""
    about = reminder.deadline
    mail = Expected(at, reminder.notice, to.name, to.email, to.role, reminder.rule, deadline=about)
    return _Pending(number, to.key, reminder, mail, at)


def _waits(
    dossier: Dossier, waiting: Waiting, *, now: datetime, calendar: Calendar, hold_back: timedelta
) -> _Pending | None:
    """Return a frozen mail that waits, to who reads it on its day; None: it will not leave."""
    own, reminder = dossier.trajectory, waiting.reminder
    person, at = waiting.person or "", max(waiting.leaves_at, now)
    since = waiting.not_before or waiting.leaves_at
    name, email, role, rule = _known(dossier.people, person), waiting.address or "", "", ""
    if reminder is not None:
        if rests(reminder, own):
            return None
        if not at_any_hour(reminder):
            at = could_leave(reminder, max(at, due_at(reminder, own.snoozes)), calendar)
        if pointless(reminder, own, dossier.pinned, person=person, at=at, hold_back=hold_back):
            return None
        role, rule = reminder.role, reminder.rule
        reader = _reader(dossier, waiting, reminder, at)
        if reader is not None:
            person, name, email = reader.key, reader.name, reader.email
        elif person.startswith("actor:"):
            return None
    mail = Expected(at, waiting.notice, name or email, email, role, rule, waiting.mail)
    rival = reminder if waiting.status == "queued" and not waiting.attempts else None
    return _Pending(waiting.mail, person, rival, mail, since)


def _reader(
    dossier: Dossier, waiting: Waiting, reminder: ReminderState, at: datetime
) -> Recipient | None:
    """Return who reads a mail that waits on the day on which it leaves."""
    people = present(dossier.people, brussels_day(at))
    found = recipients(
        reminder.role, dossier.trajectory, people, nis=reminder.nis, contact=reminder.contact
    )
    served = {
        one.person or ""
        for one in dossier.waiting
        if one.reminder is not None and one.reminder.id == reminder.id and one is not waiting
    }
    return reads_now(found, waiting.person or "", served=served)


def _known(people: People, key: str) -> str | None:
    """Return the name of a person as it is known now."""
    kind, _, number = key.partition(":")
    known = (people.contacts if kind == "contact" else people.actors).get(int(number or 0))
    return known.name if known is not None else None
