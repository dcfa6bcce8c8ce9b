"""How every use case runs: one transaction, one decision, what it records and withdraws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from engine.domain.decisions.decision import Act, Decision, Draft
from engine.domain.errors import Conflict
from engine.domain.events import Event, MailCancelled
from engine.domain.people import Actor
from engine.domain.recipients import is_released
from engine.domain.reminders import unwanted
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.words import N_
from engine.domain.workdays import Calendar, brussels_day
from engine.service.mailing import Mailing, Preview, mailings
from engine.service.rights import require_represented, require_writer
from engine.service.withdrawing import Withdrawn, withdrawn
from engine.store import outbox
from engine.store.database import Database
from engine.store.transaction import Stamp, Transaction, unit_of_work

T = TypeVar("T")

# Shows the mails that a change causes, from within its transaction, which is undone afterwards.
Look = Callable[[Transaction, Trajectory, Sequence[Mailing]], tuple[Preview, ...]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a person's command is handled: the database, who acts, now, and the calendar."""

    database: Database
    actor: Actor
    now: datetime
    calendar: Calendar
    hold_back: timedelta = timedelta(minutes=30)
    via: Mapping[str, Any] = field(default_factory=dict)
    on_behalf_of: Actor | None = None  # for whom; the role that counts is still the actor's

    @property
    def responsible(self) -> Actor:
        """Return whose doing it is: of the one for whom it is done, where that is another."""
        return self.on_behalf_of or self.actor

    @property
    def today(self) -> date:
        """Return today's date in Brussels."""
        return brussels_day(self.now)


@dataclass(frozen=True, slots=True)
class Terms:
    """What every change of a trajectory may be told: day, version, no mail, only pretend."""

    on: date | None = None  # today where None
    if_version: int | None = None
    mail: bool = True
    dry_run: bool = False
    look: Look | None = None  # only a dry run looks: what it writes is undone


PLAIN = Terms()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change did: its events, the trajectory before and after, the mails it causes."""

    events: tuple[Event, ...]
    after: Trajectory
    before: Trajectory | None = None
    mailings: tuple[Mailing, ...] = ()
    dry_run: bool = False
    contacts: Mapping[str, int] = field(default_factory=dict)  # e-mail -> contact, where made
    withdrawn: tuple[Withdrawn, ...] = ()  # mails of earlier commands that leave no more
    previews: tuple[Preview, ...] = ()  # of a dry run: the mails themselves


class _Undo(Exception):
    """Leaves a transaction without committing: the dry run's way out."""


def run(desk: Desk, terms: Terms, body: Callable[[Transaction, Stamp], T]) -> T:
    """Return what `body` did in one transaction; a dry run is undone.

    Raises: Refused when the actor's role only reads, or nobody can act for whom it is for.
    """
    require_writer(desk.actor)
    other = desk.on_behalf_of
    if other is not None:
        require_represented(desk.actor, other)
    stamp = Stamp(
        desk.actor.id, terms.on or desk.today, desk.via, None if other is None else other.id
    )
    try:
        with unit_of_work(desk.database, desk.now) as tx:
            outcome = body(tx, stamp)
            if terms.dry_run:
                raise _Undo
    except _Undo:
        pass
    return outcome


def change(desk: Desk, ref: str, terms: Terms, decide: Callable[[Decision], None]) -> Outcome:
    """Load a trajectory, decide, record: the unit of work of every command on one trajectory.

    Raises: NotFound; Conflict when the trajectory is not at `terms.if_version`; what
    `decide` refuses.
    """
    return change_with(
        desk, ref, terms, prepare=lambda *_: None, decide=lambda decision, _: decide(decision)
    )[1]


def change_with(
    desk: Desk,
    ref: str,
    terms: Terms,
    *,
    prepare: Callable[[Transaction, Stamp, Trajectory], T],
    decide: Callable[[Decision, T], None],
) -> tuple[T, Outcome]:
    """Change a trajectory with something looked up or made before, in the same transaction.

    Returns what `prepare` gave, and the outcome. `prepare` comes first because a decision
    knows at which place in the ledger its first fact will stand.

    Raises: as `change`.
    """

    def body(tx: Transaction, stamp: Stamp) -> tuple[T, Outcome]:
        before = tx.trajectory(ref)
        require_version(before, terms.if_version)
        prepared = prepare(tx, stamp, before)
        decision = decision_for(desk, tx, before, terms)
        decide(decision, prepared)
        return prepared, record(desk, tx, stamp, decision, terms)

    return run(desk, terms, body)


def decision_for(desk: Desk, tx: Transaction, before: Trajectory, terms: Terms) -> Decision:
    """Return an empty decision about a trajectory."""
    pinned = tx.workflow(before.workflow)
    return Decision(before.id, pinned, act_for(desk, tx, terms), before)


def act_for(desk: Desk, tx: Transaction, terms: Terms) -> Act:
    """Return who acts, when, at which place in the ledger."""
    return Act(
        actor=desk.actor.id,
        now=desk.now,
        on=terms.on or desk.today,
        calendar=desk.calendar,
        position=tx.position,
        mail=terms.mail,
    )


def record(desk: Desk, tx: Transaction, stamp: Stamp, decision: Decision, terms: Terms) -> Outcome:
    """Record a decision, cancel the mails it makes pointless, say what leaves when."""
    if not decision.drafts:
        return Outcome((), decision.trajectory, decision.before, dry_run=terms.dry_run)
    events, after = tx.record(
        decision.before,
        decision.stream,
        decision.drafts,
        stamp,
        workflow=decision.pinned.digest,
    )
    cancelled, after = withdraw(tx, stamp, after)
    caused = mailings(tx, after, events, hold_back=desk.hold_back, before=decision.before)
    stopped = withdrawn(tx, decision.before, after, cancelled)
    seen = terms.look(tx, after, caused) if terms.dry_run and terms.look and caused else ()
    return Outcome(
        (*events, *cancelled),
        after,
        decision.before,
        caused,
        terms.dry_run,
        withdrawn=stopped,
        previews=seen,
    )


def withdraw(
    tx: Transaction, stamp: Stamp, trajectory: Trajectory
) -> tuple[tuple[Event, ...], Trajectory]:
    """Cancel the mails that wait and are no longer wanted, by whom or in these words."""
    drafts = []
    for mail, person, reminder in outbox.waiting_of(tx.connection, trajectory.id):
        reason = unwanted(reminder, trajectory)
        if reason is None and is_released(person, reminder.role, trajectory):
            reason = "released"
        if reason is None and _asked_again(reminder, trajectory):
            reason = "asked_again"
        if reason is not None:
            outbox.change(tx.connection, mail, status="cancelled")
            drafts.append(Draft(MailCancelled(mail, reason)))
    if not drafts:
        return (), trajectory
    return tx.record_on(trajectory, drafts, stamp)


def _asked_again(reminder: ReminderState, trajectory: Trajectory) -> bool:
    """Tell whether a later request for the same consent is about to be mailed."""
    return reminder.about is not None and any(
        later.about == reminder.about
        and later.nis == reminder.nis
        and later.occurrence > reminder.occurrence
        for later in trajectory.planned()
    )


def require_version(trajectory: Trajectory, version: int | None) -> None:
    """Refuse when somebody else changed the trajectory since it was read."""
    if version is not None and trajectory.version != version:
        raise Conflict(
            N_(
                "somebody was just ahead of you: {ref} is at version {now}, not {version}; "
                "look first: traject show {own}"
            ),
            ref=trajectory.ref,
            own=trajectory.ref,
            now=trajectory.version,
            version=version,
        )
