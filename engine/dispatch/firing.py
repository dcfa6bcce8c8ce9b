"""Due reminders become frozen mail, one transaction a trajectory."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from engine.dispatch.choosing import Choice, choose
from engine.dispatch.notices import Case, named_in, notice
from engine.dispatch.post import Post, Tally
from engine.domain.decisions.decision import Draft
from engine.domain.errors import TrajectError
from engine.domain.events import (
    Fact,
    MailCancelled,
    MailQueued,
    ReminderFired,
    ReminderSkipped,
    ReminderSuperseded,
)
from engine.domain.recipients import Recipient
from engine.domain.reminders import leaves_at
from engine.domain.trajectory import ReminderState
from engine.domain.workdays import BRUSSELS, Calendar, brussels_day, nine_o_clock
from engine.ports import Letter
from engine.store import outbox
from engine.store.due import due_trajectories
from engine.store.transaction import Transaction, unit_of_work

EARLIEST, LATEST = time(8), time(17)  # planned mail leaves between these, Brussels time


@dataclass(frozen=True, slots=True)
class Frozen:
    """A mail that is ready for the outbox."""

    person: Recipient
    letter: Letter
    key: str
    named: frozenset[str]


class _Undo(Exception):
    """Leaves a transaction without committing: the dry run's way out."""


def fire(post: Post, tally: Tally, *, only: str | None = None, dry_run: bool = False) -> None:
    """Fire what is due; each trajectory in its own transaction, all of its reminders together.

    `only`: the UUID of one trajectory, for who wants to hold its mails.
    """
    now = post.clock.now()
    with post.database.reading() as connection:
        due = due_trajectories(connection, now)
    for trajectory in due:
        if only in (None, trajectory):
            with suppress(_Undo), unit_of_work(post.database, now) as tx:
                tally.fired += _fire_one(post, tx, trajectory, now)
                if dry_run:
                    raise _Undo


def _fire_one(post: Post, tx: Transaction, id_: str, now: datetime) -> int:
    """Return how many reminders of one trajectory became mail."""
    trajectory = tx.trajectory_by_id(id_)
    pinned = tx.workflow(trajectory.workflow)
    due = [reminder for reminder in trajectory.planned() if reminder.at <= now]
    today = brussels_day(now)
    people = tx.people_of(trajectory)
    case = Case(trajectory, pinned, people, post.calendar, today)
    leaving = outbox.leaving_of(tx.connection, id_, now)
    choice = choose(due, trajectory, pinned, people, today, leaving=leaving)
    facts: list[Fact] = []
    number = outbox.next_id(tx.connection)
    checkpoint = tx.ledger()
    fired = 0
    for reminder, readers in choice.mails:
        try:
            made = [
                _freeze(post, case, reminder, reader, now=now, checkpoint=checkpoint)
                for reader in readers
            ]
        except TrajectError:
            choice.skipped.setdefault("cannot_be_said", []).append(reminder.id)
            continue
        facts.append(ReminderFired(reminder.id, tuple(range(number, number + len(made)))))
        for frozen in made:
            facts.append(_queue(post, tx, case, reminder, frozen, number=number, now=now))
            number += 1
        fired += 1
    facts += _recorded(choice)
    for mail in choice.covered:
        outbox.change(tx.connection, mail, status="cancelled")
        facts.append(MailCancelled(mail, "covered"))
    if facts:
        drafts = [Draft(fact) for fact in facts]
        tx.record(trajectory, id_, drafts, post.stamp(now), workflow=trajectory.workflow)
    return fired


def _freeze(
    post: Post,
    case: Case,
    reminder: ReminderState,
    person: Recipient,
    *,
    now: datetime,
    checkpoint: tuple[int, str],
) -> Frozen:
    """Return the mail to one person, rendered once and for all."""
    key = f"{reminder.id}/{person.key}"
    said = notice(
        case,
        reminder,
        person,
        key=key,
        now=now,
        checkpoint=checkpoint,
        organisation=post.organisation,
        sender=post.sender,
    )
    return Frozen(person, post.notifier.compose(said), key, named_in(said, case))


def _queue(
    post: Post,
    tx: Transaction,
    case: Case,
    reminder: ReminderState,
    frozen: Frozen,
    *,
    number: int,
    now: datetime,
) -> MailQueued:
    """Put a frozen mail in the outbox; return the fact of it."""
    leaves = leaves_at(reminder, post.hold_back)
    if not reminder.immediate:
        leaves = sending_moment(now, post.calendar)
    letter = frozen.letter
    sha256 = hashlib.sha256(letter.mime).hexdigest()
    mail = outbox.Mail(
        id=number,
        key=frozen.key,
        reminder=reminder.id,
        trajectory=case.trajectory.id,
        entry=reminder.entry,
        notice=reminder.notice,
        person=frozen.person.key,
        message_id=letter.message_id,
        sha256=sha256,
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
    return MailQueued(number, letter.message_id, sha256, 0, leaves, reminder.id)


def sending_moment(now: datetime, calendar: Calendar) -> datetime:
    """Return when planned mail may leave: now, in working hours, else their next beginning."""
    local = now.astimezone(BRUSSELS)
    if calendar.is_working_day(local.date()) and EARLIEST <= local.time() < LATEST:
        return now
    ahead = local.date() if local.time() < EARLIEST else local.date() + timedelta(days=1)
    return nine_o_clock(calendar.next_sending_day(ahead))


def _recorded(choice: Choice) -> list[Fact]:
    """Return what is recorded of the reminders that did not become mail."""
    return [
        *(ReminderSuperseded(tuple(ids), why) for why, ids in choice.superseded.items()),
        *(ReminderSkipped(tuple(ids), why) for why, ids in choice.skipped.items()),
    ]
