"""Who gets what mail, and when it leaves, because of a change: told before anything goes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.domain.choosing import choose
from engine.domain.events import Event, Planned, PlanningFact, ReminderSkipped
from engine.domain.moments import leaves_at
from engine.domain.people import People
from engine.domain.recipients import Recipient, recipients
from engine.domain.reminders import rests
from engine.domain.trajectory import ReminderState, Trajectory
from engine.store import outbox
from engine.store.transaction import Transaction

Survivors = dict[str, list[ReminderState]]  # a reader's key -> what really reaches them


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mail that a change causes: to whom, and when it leaves; no `name`: nobody there."""

    notice: str
    role: str
    name: str
    email: str
    nis: str
    leaves_at: datetime
    reminder: str = ""  # what becomes this mail, or became it


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as it would leave: read back from the bytes that would be kept."""

    notice: str
    role: str
    sender: str
    to: str
    subject: str
    text: str
    attachments: tuple[str, ...] = ()


def mailings(
    tx: Transaction,
    trajectory: Trajectory,
    events: Iterable[Event],
    *,
    hold_back: timedelta,
    before: Trajectory | None = None,
) -> tuple[Mailing, ...]:
    """Return the mails that these events cause, one a person and notice.

    Where another mail to the same person, still waiting, will say it all, that one is told.
    Where a mail of an earlier command reaches somebody only since these events, that is told
    too: who came into a role, or for whom a pause ended.
    """
    caused = _caused(tuple(events))
    if not (caused or _unsettled(before, trajectory)):
        return ()
    people = tx.people_of(trajectory)
    reached = _reached(tx, trajectory, people, hold_back)
    found: dict[tuple[str, str], Mailing] = {}

    def tell(said: Planned | ReminderState, role: str, person: Recipient) -> None:
        leaves = max(leaves_at(said, hold_back), tx.now)
        found[said.notice, person.key] = Mailing(
            said.notice, role, person.name, person.email, person.nis, leaves, said.id
        )

    for reminder, person in _also(
        tx, before, trajectory, people=people, reached=reached, hold_back=hold_back
    ):
        tell(reminder, reminder.role, person)
    for planned in caused:
        for person in _readers(planned, trajectory, people):
            for said in _said(planned, person, reached):
                tell(said, planned.role, person)
        for nis in _unmanned(tx, planned, trajectory, people):
            found[planned.notice, f"{planned.role}:{nis}"] = Mailing(
                planned.notice, planned.role, "", "", nis, leaves_at(planned, hold_back)
            )
    return tuple(found.values())


def _caused(events: tuple[Event, ...]) -> list[Planned]:
    """Return the mails that these events cause at once, but those withheld."""
    skipped = {
        id_
        for event in events
        if isinstance(event.fact, ReminderSkipped)
        for id_ in event.fact.reminders
    }
    return [
        planned
        for event in events
        if isinstance(event.fact, PlanningFact)
        for planned in event.fact.reminders
        if planned.immediate and planned.id not in skipped
    ]


def _unsettled(before: Trajectory | None, after: Trajectory) -> bool:
    """Tell whether mails of earlier commands may reach others than before."""
    if before is None:
        return False
    resumed = before.status == "paused" and after.status != "paused"
    return resumed or any(r.immediate for r in before.planned())


def _also(
    tx: Transaction,
    before: Trajectory | None,
    after: Trajectory,
    *,
    people: People,
    reached: Survivors,
    hold_back: timedelta,
) -> Iterator[tuple[ReminderState, Recipient]]:
    """Yield the mails of earlier commands that reach somebody only now, with who that is."""
    if before is None or not _unsettled(before, after):
        return
    known = {r.id for r in before.reminders.values()}
    earlier = _reached(tx, before, people, hold_back)
    for key, found in reached.items():
        already = {reminder.id for reminder in earlier.get(key, ())}
        for reminder in found:
            readers = _readers(reminder, after, people)
            reader = next((person for person in readers if person.key == key), None)
            old = reminder.id in known or reminder.state == "fired"
            if reader is not None and old and reminder.id not in already:
                yield reminder, reader


def _reached(
    tx: Transaction, trajectory: Trajectory, people: People, hold_back: timedelta
) -> Survivors:
    """Return what reaches each reader of all that a command has caused and that still waits."""
    due = [r for r in trajectory.planned() if r.immediate and r.at <= tx.now]
    waiting = [
        mail
        for mail in outbox.leaving_of(tx.connection, trajectory.id, tx.now + hold_back)
        if not rests(mail[2], trajectory)
    ]
    pinned = tx.workflow(trajectory.workflow)
    choice = choose(due, trajectory, pinned, people, tx.now, hold_back=hold_back, leaving=waiting)
    reached: Survivors = {}
    for reminder, readers in choice.mails:
        for reader in readers:
            reached.setdefault(reader.key, []).append(reminder)
    for mail, key, reminder in waiting:
        if mail not in choice.covered:
            reached.setdefault(key, []).append(reminder)
    for reminder in (r for r in trajectory.planned() if r.ahead and r.at > tx.now):
        if not rests(reminder, trajectory):
            for person in _readers(reminder, trajectory, people):
                reached.setdefault(person.key, []).append(reminder)
    return reached


def _said(
    planned: Planned, person: Recipient, reached: Survivors
) -> Iterator[Planned | ReminderState]:
    """Yield the mail that tells this person what was planned: itself, or what covers it."""
    survivors = reached.get(person.key, [])
    if planned.ahead or any(reminder.id == planned.id for reminder in survivors):
        yield planned
    else:
        yield from [reminder for reminder in survivors if not reminder.ahead][:1]


def _readers(
    planned: Planned | ReminderState, trajectory: Trajectory, people: People
) -> tuple[Recipient, ...]:
    """Return who fills the role that a mail is for."""
    return recipients(planned.role, trajectory, people, nis=planned.nis, contact=planned.contact)


def _unmanned(
    tx: Transaction, planned: Planned, trajectory: Trajectory, people: People
) -> Iterator[str]:
    """Yield the municipalities (or "") for which nobody in the role can be mailed."""
    roles = tx.workflow(trajectory.workflow).workflow.roles
    places = trajectory.current_municipalities() if roles[planned.role].per else ("",)
    for nis in places:
        wanted = planned.nis in (None, nis)
        if wanted and not recipients(planned.role, trajectory, people, nis=nis or None):
            yield nis
