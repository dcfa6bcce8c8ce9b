"""Every mail that will go out if nobody acts: what waits, and what the reminders will make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Protocol

from engine.domain.machine import Pinned
from engine.domain.people import People
from engine.domain.recipients import Recipient
from engine.domain.reminders import leaves_at
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.workdays import brussels_day

Chosen = Sequence[tuple[ReminderState, tuple[Recipient, ...]]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A frozen mail that has not left yet."""

    mail: int
    leaves_at: datetime
    notice: str
    person: str | None  # contact:7 | actor:1
    address: str | None  # None once erased
    role: str
    rule: str


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


class Choose(Protocol):
    """What becomes of reminders that are due together: dispatch's own choice."""

    def __call__(
        self,
        due: Sequence[ReminderState],
        trajectory: Trajectory,
        pinned: Pinned,
        people: People,
        on: date,
    ) -> Choice:
        """Return the choice; it holds each reminder that becomes mail, with its readers."""


class Choice(Protocol):
    """The part of dispatch's choice that a forecast looks at."""

    @property
    def mails(self) -> Chosen:
        """Return the reminders that become mail."""


def forecast(
    trajectory: Trajectory,
    pinned: Pinned,
    people: People,
    *,
    now: datetime,
    hold_back: timedelta,
    choose: Choose,
    waiting: Sequence[Waiting] = (),
) -> tuple[Expected, ...]:
    """Return the mails that leave from now on if nobody acts, the first to leave first.

    What should have left already leaves with the next round, that is now.
    """
    found = [_queued(mail, people, now) for mail in waiting]
    for moment, due in groupby(trajectory.planned(), lambda r: max(r.at, now)):
        choice = choose(tuple(due), trajectory, pinned, people, brussels_day(moment))
        found += _made(choice.mails, now, hold_back)
    return tuple(sorted(found, key=lambda mail: (mail.at, mail.notice, mail.role, mail.email)))


def _made(chosen: Chosen, now: datetime, hold_back: timedelta) -> Iterator[Expected]:
    """Yield the mails that reminders will make."""
    for reminder, readers in chosen:
        at = max(leaves_at(reminder, hold_back), now)
        for person in readers:
            yield Expected(
                at, reminder.notice, person.name, person.email, person.role, reminder.rule
            )


def _queued(mail: Waiting, people: People, now: datetime) -> Expected:
    """Return a mail that waits, addressed to the person as they are known now."""
    address = mail.address or ""
    kind, _, number = (mail.person or "").partition(":")
    known = (people.contacts if kind == "contact" else people.actors).get(int(number or 0))
    name = (known.name if known else None) or address
    at = max(mail.leaves_at, now)
    return Expected(at, mail.notice, name, address, mail.role, mail.rule, mail.mail)
