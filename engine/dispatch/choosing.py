"""Which of a trajectory's due reminders become mail, for whom, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.domain.machine import Pinned
from engine.domain.people import People
from engine.domain.recipients import Recipient, recipients
from engine.domain.reminders import unwanted
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.wanted import silenced

# One round sends a person one mail about a trajectory: the one that says most. What a
# person asked for by name (a consent) and an offer after closing stand beside it.
ALWAYS = ("validation_request", "followup_offer")
WEIGHT = (
    "deadline_soon",
    "overdue",
    "resume_soon",
    "lead_escalation",
    "feedback_invite",
    "phase_started",
    "paused",
    "handover",
    "start",
    "completed",
    "stopped",
)


Leaving = tuple[int, str, ReminderState]  # a waiting mail, its reader, the reminder it is of


@dataclass(slots=True)
class Choice:
    """The outcome for one trajectory: mails to make, and what is recorded of the rest."""

    mails: list[tuple[ReminderState, tuple[Recipient, ...]]] = field(default_factory=list)
    covered: list[int] = field(default_factory=list)  # mails that wait and now say too little
    superseded: dict[str, list[str]] = field(default_factory=dict)  # reason -> ids
    skipped: dict[str, list[str]] = field(default_factory=dict)  # reason -> ids


def choose(
    due: Sequence[ReminderState],
    trajectory: Trajectory,
    pinned: Pinned,
    people: People,
    on: date,
    *,
    leaving: Sequence[Leaving] = (),
) -> Choice:
    """Return what becomes of reminders that are due together, each exactly once.

    `leaving`: mails made before that would go out in this same round, so that weeks without
    a worker or a relay end with one mail a person too.
    """
    choice = Choice()
    wanted: list[tuple[ReminderState, tuple[Recipient, ...]]] = []
    for reminder in due:
        if (reason := unwanted(reminder, trajectory)) is not None:
            choice.superseded.setdefault(reason, []).append(reminder.id)
            continue
        reason = silenced(reminder, trajectory, pinned, on)
        found = _people(reminder, trajectory, people)
        if reason is None and not found:
            reason = "no_recipient"
        if reason is not None:
            choice.skipped.setdefault(reason, []).append(reminder.id)
            continue
        wanted.append((reminder, found))
    _one_each(wanted, leaving, choice)
    return choice


def _people(
    reminder: ReminderState, trajectory: Trajectory, people: People
) -> tuple[Recipient, ...]:
    """Return who fills the reminder's role now."""
    return recipients(reminder.role, trajectory, people, nis=reminder.nis, contact=reminder.contact)


def _one_each(
    wanted: Sequence[tuple[ReminderState, tuple[Recipient, ...]]],
    leaving: Sequence[Leaving],
    choice: Choice,
) -> None:
    """Keep for each person the mail that says most; what it covers is not sent beside it."""
    rivals = [(person.key, reminder) for reminder, found in wanted for person in found]
    best = _weightiest([*((person, reminder) for _, person, reminder in leaving), *rivals])
    asked: set[tuple[str, str, int]] = set()  # one consent, one mail, whatever the roles
    for reminder, found in wanted:
        kept = []
        for person in found:
            once = (person.key, reminder.rule, reminder.occurrence)
            if reminder.notice in ALWAYS and once not in asked:
                asked.add(once)
                kept.append(person)
            elif best.get(person.key) is reminder:
                kept.append(person)
        if kept:
            choice.mails.append((reminder, tuple(kept)))
        else:
            choice.superseded.setdefault("covered", []).append(reminder.id)
    for mail, person_key, reminder in leaving:
        if reminder.notice not in ALWAYS and best[person_key] is not reminder:
            choice.covered.append(mail)


def _weightiest(rivals: Iterable[tuple[str, ReminderState]]) -> dict[str, ReminderState]:
    """Return for each person the reminder that says most, among those that compete."""
    best: dict[str, ReminderState] = {}
    for person, reminder in rivals:
        if reminder.notice not in ALWAYS:
            rival = best.get(person)
            if rival is None or _rank(reminder) > _rank(rival):
                best[person] = reminder
    return best


def _rank(reminder: ReminderState) -> tuple[int, object, str]:
    """Return how much a mail says; among equals the later one."""
    weight = WEIGHT.index(reminder.notice) if reminder.notice in WEIGHT else -1
    return weight, reminder.at, reminder.role
