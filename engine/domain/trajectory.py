"""The Trajectory: one frozen value, as its events have made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.domain.events import Deadline


@dataclass(frozen=True, slots=True)
class CriterionState:
    """How far one criterion is; an absent state means open."""

    state: str = "open"  # open | met | waived
    on: date | None = None  # the day it was met or waived; the last consent
    value: date | None = None
    value_raw: date | None = None
    planned_on: date | None = None
    planned_time: str | None = None
    consents: Mapping[str, date] = field(default_factory=dict)  # NIS -> day
    asked: Mapping[str, date] = field(default_factory=dict)  # NIS -> day
    position: int = 0  # of the event that decided it last


OPEN = CriterionState()


@dataclass(frozen=True, slots=True)
class DeadlineState:
    """A deadline and whether it still stands: open, met or ended."""

    deadline: Deadline
    state: str = "open"
    position: int = 0  # of the event that gave it its date


@dataclass(frozen=True, slots=True)
class ReminderState:
    """A planned mail and what became of it."""

    id: str
    entry: int | None
    deadline: str
    revision: int
    rule: str
    occurrence: int
    role: str
    notice: str
    day: date
    at: datetime
    last: bool
    immediate: bool
    ahead: bool
    contact: int | None
    nis: str | None
    about: str | None
    state: str = "planned"  # planned | fired | superseded | skipped
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Snooze:
    """Reminders that rest until a moment: all, or those of one role or one date."""

    until: date
    at: datetime
    role: str | None = None
    entry: int | None = None
    deadline: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A municipality in the trajectory, in order of joining."""

    rank: int
    joined_on: date
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """How long a contact has had a role in the trajectory."""

    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A calendar entry that a mail carries to somebody, until a later one takes its place."""

    mail: int
    person: str  # contact:7
    about: str  # as in CalendarEntry
    method: str  # request | publish | cancel
    day: date
    at: str | None
    since: date  # the day the mail may leave
    state: str = "waiting"  # waiting | left (or it may have) | dead


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One run of a category, for one or more municipalities."""

    id: str
    ref: str
    category: str
    workflow: str  # digest of the version it is pinned to
    coach: int
    status: str = "requested"
    phase: str | None = None
    entry: int | None = None  # position of the PhaseEntered
    entered_on: date | None = None
    cause: str | None = None
    came_from: str | None = None
    requested_on: date | None = None
    started_on: date | None = None
    seq: int = 0
    version: int = 0  # seq of the last decision
    head: bytes = b""  # hash of the last event
    round_on: date | None = None
    round_entry: int | None = None  # position of the last next_round
    paused_on: date | None = None
    paused_until: date | None = None
    resumed_on: date | None = None
    closed_on: date | None = None
    reason: str | None = None
    origin: str | None = None
    followed_up: Mapping[str, str] = field(default_factory=dict)  # category -> ref
    feedback_changed: int | None = None  # position of the last FeedbackChanged
    bookings: tuple[Booking, ...] = ()  # in order of the mails
    snoozes: tuple[Snooze, ...] = ()  # those that are over stay until the next one
    municipalities: Mapping[str, Membership] = field(default_factory=dict)
    criteria: Mapping[str, CriterionState] = field(default_factory=dict)
    deadlines: Mapping[tuple[int, str], DeadlineState] = field(default_factory=dict)
    reminders: Mapping[str, ReminderState] = field(default_factory=dict)
    assignments: Mapping[tuple[int, str, str], Assignment] = field(default_factory=dict)

    def criterion(self, criterion: str) -> CriterionState:
        """Return the state of a criterion, open where nothing happened yet."""
        return self.criteria.get(criterion, OPEN)

    def current_municipalities(self) -> tuple[str, ...]:
        """Return the NIS codes of today's members, in order of joining."""
        present = [(m.rank, nis) for nis, m in self.municipalities.items() if m.left_on is None]
        return tuple(nis for _, nis in sorted(present))

    def open_deadlines(self) -> tuple[DeadlineState, ...]:
        """Return the deadlines that still stand, the phase's own first."""
        standing = [d for d in self.deadlines.values() if d.state == "open"]
        return tuple(sorted(standing, key=lambda d: (-d.deadline.entry, d.deadline.rank)))

    def due_on(self) -> date | None:
        """Return the day of *the* deadline of the current phase, None where there is none."""
        own = [d.deadline for d in self.open_deadlines() if d.deadline.entry == self.entry]
        return own[0].due_on if own and self.status in ("active", "paused") else None

    def planned(self) -> tuple[ReminderState, ...]:
        """Return the reminders that are still to fire, earliest first."""
        waiting = [r for r in self.reminders.values() if r.state == "planned"]
        return tuple(sorted(waiting, key=lambda r: (r.at, r.rule, r.role)))

    def people(self, role: str, nis: str | None = None) -> tuple[tuple[int, str], ...]:
        """Return (contact, NIS or "") of those who have a role now, first assigned first."""
        holders = [
            (assignment.from_on, contact, place)
            for (contact, held, place), assignment in self.assignments.items()
            if held == role and assignment.until_on is None and nis in (None, place)
        ]
        return tuple((contact, place) for _, contact, place in sorted(holders))
