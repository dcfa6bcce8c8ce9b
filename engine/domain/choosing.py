"""Which of a trajectory's due reminders become mail, for whom, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.domain.agenda import needless
from engine.domain.machine import Pinned
from engine.domain.moments import SEND, could_leave, is_late, late_policy, leaves_at, too_late
from engine.domain.people import People, present
from engine.domain.recipients import Recipient, recipients
from engine.domain.reminders import of_an_earlier_round, rests, unwanted
from engine.domain.snoozing import sleeps
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.wanted import pointless, silenced
from engine.domain.workdays import Calendar, brussels_day

# One round sends a person one mail about a trajectory: the one that says most. What a
# person asked for by name (a consent), an offer after closing and a yearly question stand
# beside it: no other mail says or asks that.
ALWAYS = ("validation_request", "followup_offer", "contacts_check")
WEIGHT = (
    "monthly_overview",
    "deadline_soon",
    "overdue",
    "resume_soon",
    "lead_escalation",
    "feedback_invite",
    "feedback_changed",
    "phase_started",
    "paused",
    "handover",
    "start",
    "feedback_report",
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
    now: datetime,
    *,
    hold_back: timedelta,
    calendar: Calendar | None = None,
    leaving: Sequence[Leaving] = (),
) -> Choice:
    """Return what becomes of reminders that are due together, each exactly once.

    What rests during a pause stays planned. `leaving`: mails made before that would go out in
    this same round, so that weeks without a worker or a relay end with one mail a person too.
    One that rests or has nothing to say any more does not go out: it covers nothing, and
    nothing covers it. Each is judged at the moment at which its mail would leave, as it will be
    looked at then; without a `calendar` that is now, at whatever hour.
    """
    choice = Choice()
    here = _Field(trajectory, pinned, now, hold_back, calendar)
    leaving = tuple(one for one in leaving if here.goes_out(one))
    wanted: list[tuple[ReminderState, tuple[Recipient, ...]]] = []
    for reminder in due:
        if (reason := unwanted(reminder, trajectory)) is not None:
            choice.superseded.setdefault(reason, []).append(reminder.id)
            continue
        if rests(reminder, trajectory) or sleeps(reminder, trajectory, now):
            continue
        at = here.moment(reminder)
        today = brussels_day(at)
        found = _people(reminder, trajectory, present(people, today))
        news = tuple(p for p in found if not needless(reminder, trajectory, pinned, p.key, today))
        reason = too_late(reminder, trajectory, pinned, now=at, hold_back=hold_back)
        reason = reason or silenced(reminder, trajectory, pinned, today)
        if reason is not None or not found:
            choice.skipped.setdefault(reason or "no_recipient", []).append(reminder.id)
        elif not news:
            choice.superseded.setdefault("told", []).append(reminder.id)
        else:
            wanted.append((reminder, news))
    _one_each(here, wanted, leaving, choice)
    return choice


@dataclass(frozen=True, slots=True)
class _Field:
    """Where mails that would leave together compete."""

    trajectory: Trajectory
    pinned: Pinned
    now: datetime
    hold_back: timedelta
    calendar: Calendar | None = None

    def moment(self, reminder: ReminderState) -> datetime:
        """Return when the mail of a reminder that is due may leave, by the hours alone."""
        return could_leave(reminder, self.now, self.calendar) if self.calendar else self.now

    def goes_out(self, leaving: Leaving) -> bool:
        """Tell whether a mail that waits leaves when its moment comes."""
        _, person, reminder = leaving
        if rests(reminder, self.trajectory) or sleeps(reminder, self.trajectory, self.now):
            return False
        return not pointless(
            reminder,
            self.trajectory,
            self.pinned,
            person=person,
            at=max(leaves_at(reminder, self.hold_back), self.moment(reminder)),
            hold_back=self.hold_back,
        )

    def leaves(self, reminder: ReminderState) -> datetime:
        """Return when the mail of a reminder would leave."""
        return max(leaves_at(reminder, self.hold_back), self.now)

    def rank(self, reminder: ReminderState) -> tuple[int, datetime, int, str, str]:
        """Return how much a mail says; among equals the later one, then the role named first.

        Of two roles of one person that is the coordinator's: a mayor is only told, not asked.
        """
        weight = WEIGHT.index(reminder.notice) if reminder.notice in WEIGHT else -1
        roles = tuple(self.pinned.workflow.roles)
        place = roles.index(reminder.role) if reminder.role in roles else len(roles)
        return weight, reminder.at, -place, reminder.rule, reminder.id

    def stands_alone(self, reminder: ReminderState) -> bool:
        """Tell whether a mail neither covers another nor is covered.

        Thanks for the round before say nothing of the round that began, nor does that of them.
        """
        if of_an_earlier_round(reminder, self.trajectory):
            return True
        return reminder.notice in ALWAYS or (
            late_policy(reminder, self.pinned.workflow) == SEND
            and is_late(reminder, self.trajectory, self.moment(reminder), self.hold_back)
        )


def _people(
    reminder: ReminderState, trajectory: Trajectory, people: People
) -> tuple[Recipient, ...]:
    """Return who fills the reminder's role now."""
    return recipients(reminder.role, trajectory, people, nis=reminder.nis, contact=reminder.contact)


def _one_each(
    here: _Field,
    wanted: Sequence[tuple[ReminderState, tuple[Recipient, ...]]],
    leaving: Sequence[Leaving],
    choice: Choice,
) -> None:
    """Keep for each person the mail that says most; what it covers is not sent beside it."""
    rivals: dict[str, list[ReminderState]] = {}
    for key, reminder in _all(wanted, leaving):
        rivals.setdefault(key, []).append(reminder)
    asked: set[tuple[str, str, int]] = set()
    for reminder, found in wanted:
        kept = tuple(
            person
            for person in found
            if not _covered(here, reminder, rivals[person.key])
            and not _asked_before(reminder, person, asked)
        )
        if kept:
            choice.mails.append((reminder, kept))
        else:
            choice.superseded.setdefault("covered", []).append(reminder.id)
    choice.covered += [
        mail for mail, key, reminder in leaving if _covered(here, reminder, rivals[key])
    ]


def _all(
    wanted: Sequence[tuple[ReminderState, tuple[Recipient, ...]]], leaving: Sequence[Leaving]
) -> Iterator[tuple[str, ReminderState]]:
    """Yield (reader, reminder) of all that would reach somebody in this round."""
    for _, key, reminder in leaving:
        yield key, reminder
    for reminder, found in wanted:
        for person in found:
            yield person.key, reminder


def _asked_before(
    reminder: ReminderState, person: Recipient, asked: set[tuple[str, str, int]]
) -> bool:
    """Tell whether the person gets this consent or offer already, in another role or place."""
    if reminder.notice not in ALWAYS:
        return False
    once = (person.key, reminder.about or reminder.rule, reminder.occurrence)
    if once in asked:
        return True
    asked.add(once)
    return False


def _covered(here: _Field, reminder: ReminderState, rivals: Iterable[ReminderState]) -> bool:
    """Tell whether another mail to the same person says more and leaves no later.

    A mail that still has its hold-back before it may yet be stopped, so it covers nothing
    that could leave now.
    """
    if here.stands_alone(reminder):
        return False
    return any(
        rival is not reminder
        and not here.stands_alone(rival)
        and here.rank(rival) > here.rank(reminder)
        and here.leaves(rival) <= here.leaves(reminder)
        for rival in rivals
    )
