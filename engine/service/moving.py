"""Moving a trajectory: advance, send back, next round, pause, resume, stop, dates."""

from __future__ import annotations

from datetime import date

from engine.domain import lint
from engine.domain.decisions import dates, pauses, phases, snoozing
from engine.domain.decisions.decision import Decision
from engine.domain.recipients import recipients
from engine.domain.trajectory import Trajectory
from engine.service.desk import PLAIN, Desk, Outcome, Terms, change, change_with
from engine.store import outbox, reached
from engine.store.transaction import Stamp, Transaction

START = "start"


def accept(desk: Desk, ref: str, terms: Terms = PLAIN, *, phase: str | None = None) -> Outcome:
    """Start a trajectory that was requested."""
    return change(desk, ref, terms, lambda decision: phases.decide_accept(decision, phase))


def advance(desk: Desk, ref: str, terms: Terms = PLAIN, *, to: str | None = None) -> Outcome:
    """Move on to the next phase; from the last one, complete."""
    return change(desk, ref, terms, lambda decision: phases.decide_advance(decision, to))


def send_back(
    desk: Desk,
    ref: str,
    to: str,
    terms: Terms = PLAIN,
    *,
    reason: str,
    keep: frozenset[str] = frozenset(),
) -> Outcome:
    """Go back to an earlier phase."""
    return change(
        desk, ref, terms, lambda decision: phases.decide_send_back(decision, to, reason, keep=keep)
    )


def next_round(desk: Desk, ref: str, terms: Terms = PLAIN) -> Outcome:
    """Begin the next round of a category that has rounds."""
    return change(desk, ref, terms, phases.decide_next_round)


def pause(desk: Desk, ref: str, terms: Terms = PLAIN, *, reason: str, until: date) -> Outcome:
    """Let a trajectory rest until a day."""
    return change(desk, ref, terms, lambda decision: pauses.decide_pause(decision, reason, until))


def resume(desk: Desk, ref: str, terms: Terms = PLAIN) -> Outcome:
    """Go on after a pause."""
    return change(desk, ref, terms, pauses.decide_resume)


def stop(
    desk: Desk, ref: str, terms: Terms = PLAIN, *, reason: str, silent: bool = False
) -> Outcome:
    """End a trajectory before its goal; `silent`: nobody is mailed.

    Whose start mail has not left yet, and who had no other, hears nothing of a stop either.
    """

    def told(tx: Transaction, _: Stamp, before: Trajectory) -> tuple[int, frozenset[int]]:
        warned = reached.overdue_notices(tx.connection, before.id, before.entry)
        return warned, _unaware(tx, before)

    def decide(decision: Decision, found: tuple[int, frozenset[int]]) -> None:
        sent, unaware = found
        pauses.decide_stop(decision, reason, silent=silent, overdue_notices=sent, unaware=unaware)

    return change_with(desk, ref, terms, prepare=told, decide=decide)[1]


def _unaware(tx: Transaction, trajectory: Trajectory) -> frozenset[int]:
    """Return the contacts to whom the start mail is on its way, and no mail left before."""
    people = tx.people_of(trajectory)
    coming = {
        person.key
        for reminder in trajectory.planned()
        if reminder.notice == START
        for person in recipients(reminder.role, trajectory, people, nis=reminder.nis)
    }
    coming |= {
        person
        for _, person, reminder in outbox.waiting_of(tx.connection, trajectory.id)
        if reminder.notice == START
    }
    if not coming:
        return frozenset()
    unheard = coming - reached.people(tx.connection, trajectory.id)
    return frozenset(int(key.partition(":")[2]) for key in unheard if key.startswith("contact:"))


def reschedule(
    desk: Desk,
    ref: str,
    day: date,
    terms: Terms = PLAIN,
    *,
    reason: str,
    deadline: str | None = None,
) -> Outcome:
    """Fix another day for one deadline."""
    why = lint.check(reason, minimum=1)

    def decide(decision: Decision) -> None:
        dates.decide_reschedule(decision, day, why, deadline=deadline)

    return change(desk, ref, terms, decide)


def snooze(
    desk: Desk,
    ref: str,
    until: date,
    terms: Terms = PLAIN,
    *,
    reason: str | None = None,
    role: str | None = None,
    deadline: str | None = None,
) -> Outcome:
    """Let reminders rest until a day, with a reason; until today: let them go again."""
    if until > desk.today:
        reason = lint.check(reason or "", minimum=1)

    def decide(decision: Decision) -> None:
        snoozing.decide_snooze(decision, until, reason, role=role, deadline=deadline)

    return change(desk, ref, terms, decide)


def recalculate(desk: Desk, ref: str, terms: Terms = PLAIN) -> Outcome:
    """Move the open deadlines that today's calendar dates otherwise; maybe none."""
    return change(desk, ref, terms, dates.decide_recalculate)
