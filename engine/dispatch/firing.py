"""Due reminders become frozen mail, one transaction a trajectory."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from engine.dispatch.notices import Case, named_in, notice, signed_for
from engine.dispatch.outgoing import About, Frozen, queue
from engine.dispatch.post import Post, Tally
from engine.domain.choosing import Choice, choose
from engine.domain.decisions.decision import Draft
from engine.domain.errors import LedgerBroken, TrajectError, TryAgain
from engine.domain.events import (
    CalendarEntry,
    Fact,
    MailCancelled,
    MailQueued,
    ReminderFired,
    ReminderSkipped,
    ReminderSuperseded,
)
from engine.domain.moments import at_any_hour, leaves_at, sending_moment
from engine.domain.recipients import Recipient
from engine.domain.snoozing import due_of
from engine.domain.trajectory import ReminderState
from engine.domain.workdays import brussels_day
from engine.ports import Appointment
from engine.store import outbox
from engine.store.due import due_trajectories
from engine.store.transaction import Transaction, unit_of_work

log = logging.getLogger("traject.dispatch")


class _Undo(Exception):
    """Leaves a transaction without committing: the dry run's way out."""


def fire(post: Post, tally: Tally, now: datetime, *, dry_run: bool = False) -> None:
    """Fire what is due; each trajectory in its own transaction, all of its reminders together.

    What goes wrong with one trajectory stays with it: it is counted and logged, its reminders
    stay planned, and the next round tries again.
    """
    with post.database.reading() as connection:
        due = due_trajectories(connection, now)
    for trajectory in due:
        try:
            with suppress(_Undo), unit_of_work(post.database, now) as tx:
                fire_in(post, tx, trajectory, tally)
                if dry_run:
                    raise _Undo
        except (TryAgain, LedgerBroken):
            raise  # the database as a whole: nothing else would go better
        except Exception:
            log.exception("the mails of trajectory %s could not be made", trajectory)
            tally.failed += 1


def fire_in(post: Post, tx: Transaction, id_: str, tally: Tally) -> None:
    """Fire what is due of one trajectory, within a transaction that is open."""
    now = tx.now
    trajectory = tx.trajectory_by_id(id_)
    pinned = tx.workflow(trajectory.workflow)
    due = due_of(trajectory, now)
    people = tx.people_of(trajectory)
    case = Case(trajectory, pinned, people, post.calendar, brussels_day(now))
    leaving = outbox.leaving_of(tx.connection, id_, now + post.hold_back)
    choice = choose(
        due,
        trajectory,
        pinned,
        people,
        now,
        hold_back=post.hold_back,
        calendar=post.calendar,
        leaving=leaving,
    )
    writing = Writing(post, tx, case, outbox.next_id(tx.connection), tx.ledger())
    facts: list[Fact] = []
    for reminder, readers in choice.mails:
        made = writing.mails(reminder, readers)
        tally.fired += bool(made)
        tally.failed += len(readers) - len(made)
        if made and len(made) < len(readers):
            choice.skipped.setdefault("cannot_be_said", []).append(reminder.id)
        facts += made and [fired(reminder, made), *made]
    facts += _recorded(choice)
    for mail in choice.covered:
        outbox.change(tx.connection, mail, status="cancelled")
        facts.append(MailCancelled(mail, "covered"))
    if facts:
        drafts = [Draft(fact) for fact in facts]
        tx.record_on(trajectory, drafts, post.stamp(now))


@dataclass(slots=True)
class Writing:
    """The mails of one trajectory in the making: numbered, frozen, put in the outbox."""

    post: Post
    tx: Transaction
    case: Case
    number: int
    checkpoint: tuple[int, str]

    def mails(self, reminder: ReminderState, readers: Sequence[Recipient]) -> list[MailQueued]:
        """Return the facts of the mails to these readers; one that cannot be said is logged.

        Where none can be said the reminder stays planned, and the next round tries again.
        """
        made = []
        for reader in readers:
            try:
                made.append(self.mail(reminder, reader))
            except TrajectError as error:
                log.error("a mail for %s could not be written: %s", self.case.trajectory.ref, error)
        return made

    def mail(self, reminder: ReminderState, reader: Recipient, *, again: int = 0) -> MailQueued:
        """Return the fact of one mail, frozen once and for all; `again` tells a later edition."""
        key = f"{reminder.id}/{reader.key}" + (f"/{again}" if again else "")
        frozen = freeze(
            self.post,
            self.case,
            reminder,
            reader,
            key=key,
            now=self.tx.now,
            checkpoint=self.checkpoint,
        )
        fact = _queue(self.post, self.tx, self.case, reminder, frozen, number=self.number)
        self.number += 1
        return fact


def fired(reminder: ReminderState, made: Sequence[MailQueued]) -> ReminderFired:
    """Return the fact that a reminder became these mails."""
    return ReminderFired(reminder.id, tuple(fact.mail for fact in made))


def freeze(
    post: Post,
    case: Case,
    reminder: ReminderState,
    person: Recipient,
    *,
    key: str,
    now: datetime,
    checkpoint: tuple[int, str],
) -> Frozen:
    """Return the mail to one person, rendered once and for all."""
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
    away = person.instead_of or signed_for(case)
    return Frozen(
        person,
        post.notifier.compose(said),
        key,
        named_in(said, case, away),
        _entries(said.calendar),
        away,
    )


def _entries(calendar: Sequence[Appointment]) -> tuple[CalendarEntry, ...]:
    """Return what is recorded of the calendar entries that a mail carries: no words."""
    return tuple(
        CalendarEntry(a.about, a.method, a.sequence, a.day, f"{a.at:%H:%M}" if a.at else None)
        for a in calendar
    )


def _queue(
    post: Post,
    tx: Transaction,
    case: Case,
    reminder: ReminderState,
    frozen: Frozen,
    *,
    number: int,
) -> MailQueued:
    """Put a frozen mail in the outbox; return the fact of it."""
    leaves = leaves_at(reminder, post.hold_back)
    if not at_any_hour(reminder) and reminder.at <= tx.now:
        leaves = sending_moment(tx.now, post.calendar)
    own = case.trajectory
    about = About(reminder.notice, own.id, reminder.id, own.entry)
    return queue(tx, frozen, about, number=number, leaves=leaves)


def _recorded(choice: Choice) -> list[Fact]:
    """Return what is recorded of the reminders that did not become mail."""
    return [
        *(ReminderSuperseded(tuple(ids), why) for why, ids in choice.superseded.items()),
        *(ReminderSkipped(tuple(ids), why) for why, ids in choice.skipped.items()),
    ]
