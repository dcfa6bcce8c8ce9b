"""The one way of a mail into the outbox, and of every fact about it into its stream."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from engine.domain.decisions.decision import Draft
from engine.domain.events import CalendarEntry, MailQueued
from engine.domain.recipients import Recipient
from engine.ports import Letter
from engine.store import outbox
from engine.store.outbox import Mail
from engine.store.transaction import PEOPLE, Stamp, Transaction


@dataclass(frozen=True, slots=True)
class Frozen:
    """A mail that is ready for the outbox."""

    person: Recipient
    letter: Letter
    key: str
    named: frozenset[str]
    calendar: tuple[CalendarEntry, ...] = ()
    instead_of: str = ""  # the key of who is away


@dataclass(frozen=True, slots=True)
class About:
    """What a mail is about, as the outbox keeps it; without a reminder about no trajectory."""

    notice: str
    stream: str = PEOPLE
    reminder: str = ""
    entry: int | None = None


def queue(
    tx: Transaction, frozen: Frozen, about: About, *, number: int, leaves: datetime
) -> MailQueued:
    """Put a frozen mail in the outbox; return the fact of it, which is yet to be recorded."""
    letter = frozen.letter
    mail = Mail(
        id=number,
        key=frozen.key,
        reminder=about.reminder,
        trajectory=about.stream,
        entry=about.entry,
        notice=about.notice,
        person=frozen.person.key,
        message_id=letter.message_id,
        sha256=hashlib.sha256(letter.mime).hexdigest(),
        subject=letter.subject,
        recipient=f"{frozen.person.name} <{frozen.person.email}>",
        envelope_from=letter.envelope_from,
        envelope_to=letter.envelope_to,
        mime=letter.mime,
        status="queued",
        attempts=0,
        uncertain=0,
        not_before=leaves,
        next_at=leaves,
    )
    outbox.add(tx.connection, mail, frozen.named)
    return MailQueued(
        number,
        letter.message_id,
        mail.sha256,
        0,
        leaves,
        about.reminder,
        person=mail.person,
        notice=mail.notice,
        named=tuple(sorted(frozen.named)),
        calendar=frozen.calendar,
        instead_of=frozen.instead_of,
    )


def record(tx: Transaction, stamp: Stamp, mail: Mail, draft: Draft) -> None:
    """Append a fact about a mail to its stream: that of its trajectory, or the one of people."""
    if mail.of_trajectory:
        tx.record_on(tx.trajectory_by_id(mail.trajectory), [draft], stamp)
    else:
        tx.record_in(mail.trajectory, [draft], stamp)
