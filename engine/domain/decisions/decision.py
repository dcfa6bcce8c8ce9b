"""A decision in the making: the facts so far, and the trajectory as they leave it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.domain import causing, reminders
from engine.domain.definition import Cause, Phase
from engine.domain.errors import BadInput, Refused
from engine.domain.events import (
    Deadline,
    Detail,
    Event,
    Fact,
    Planned,
    ReminderSkipped,
    ReminderSuperseded,
    Settled,
)
from engine.domain.evolution import evolve
from engine.domain.machine import Pinned
from engine.domain.snoozing import due_at
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.words import N_
from engine.domain.workdays import Calendar, brussels_day


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, when, and with which calendar; `mail=False` withholds what the act causes."""

    actor: int
    now: datetime
    on: date
    calendar: Calendar
    position: int = 0  # where in the ledger the first fact will stand
    mail: bool = True

    @property
    def today(self) -> date:
        """Return today's date in Brussels."""
        return brussels_day(self.now)

    def by_today(self, since: date | None) -> date | None:
        """Return the day from which something may be said: today, where `since` lies ahead."""
        return None if since is None else min(since, self.today)


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact that is decided and not yet recorded, with its details."""

    fact: Fact
    details: tuple[Detail, ...] = ()


@dataclass(slots=True)
class Decision:
    """Collects facts; each one added is evolved at once, so that the next sees its effect."""

    stream: str
    pinned: Pinned
    act: Act
    before: Trajectory | None = None
    drafts: list[Draft] = field(default_factory=list)
    _after: Trajectory | None = None

    def __post_init__(self) -> None:
        self._after = self.before

    @property
    def trajectory(self) -> Trajectory:
        """Return the trajectory after the facts so far."""
        if self._after is None:
            raise AssertionError("nothing was decided about this trajectory yet")
        return self._after

    @property
    def position(self) -> int:
        """Return the ledger position that the next fact will get."""
        return self.act.position + len(self.drafts)

    @property
    def phase(self) -> Phase:
        """Return the definition of the current phase."""
        assert self.trajectory.phase is not None  # a requested trajectory has none
        return self.pinned.workflow.phases[self.trajectory.phase]

    def preview(self, fact: Fact) -> Trajectory:
        """Return the trajectory as it would be with one more fact."""
        seq = (self._after.seq if self._after else 0) + 1
        event = Event(
            position=self.position,
            stream=self.stream,
            seq=seq,
            fact=fact,
            occurred_on=self.act.on,
            recorded_at=self.act.now,
            actor=self.act.actor,
            hash=b"",
        )
        return evolve(self._after, event)

    def add(self, fact: Fact, *details: Detail) -> None:
        """Add a fact and evolve by it."""
        self._after = self.preview(fact)
        self.drafts.append(Draft(fact, details))

    def supersede(self, wanted: Iterable[ReminderState], reason: str) -> None:
        """Record that these reminders are no longer wanted."""
        ids = tuple(reminder.id for reminder in wanted)
        if ids:
            self.add(ReminderSuperseded(ids, reason))

    def skip(self, ids: Sequence[str], reason: str) -> None:
        """Record that these reminders will not become mail."""
        if ids:
            self.add(ReminderSkipped(tuple(ids), reason))

    def withhold(self, caused: Sequence[Planned]) -> None:
        """Record the caused mails as skipped where the act asked for no mail."""
        if not self.act.mail:
            self.skip([planned.id for planned in caused if planned.immediate], "withheld")

    def caused(
        self,
        cause: Cause,
        *,
        entry: int | None = None,
        contact: int | None = None,
        nis: str | None = None,
        about: str | None = None,
    ) -> tuple[Planned, ...]:
        """Return the mails that the next fact causes."""
        started = self._after.started_on if self._after else None
        return causing.caused(
            self.stream,
            self.pinned,
            cause,
            entry=entry,
            position=self.position,
            now=self.act.now,
            on=self.act.on,
            since=started or self.act.on,
            calendar=self.act.calendar,
            contact=contact,
            nis=nis,
            about=about,
        )

    def ladders(self, deadlines: Iterable[Deadline], *, collapse: bool) -> reminders.Ladder:
        """Return the reminders of these deadlines, by the schemes their rules name.

        Those of a phase that is about to be entered begin on the day of the act.
        """
        planned: tuple[Planned, ...] = ()
        past: tuple[str, ...] = ()
        dropped: tuple[str, ...] = ()
        for deadline in deadlines:
            rule = self.pinned.workflow.phases[deadline.phase].deadlines[deadline.deadline]
            entered = None if deadline.entry == self.position else self.trajectory.entered_on
            if rule.reminders is not None:
                made = reminders.ladder(
                    self.stream,
                    (rule.reminders, self.pinned.workflow.reminders[rule.reminders]),
                    deadline,
                    now=self.act.now,
                    since=entered or self.act.on,
                    calendar=self.act.calendar,
                    collapse=collapse,
                    sent=self._sent(deadline),
                )
                planned, past = planned + made.planned, past + made.past
                dropped += made.dropped
        return reminders.Ladder(planned, past, dropped)

    def _sent(self, deadline: Deadline) -> dict[str, date]:
        """Return the rules of a deadline whose reminders became mail, each with the day."""
        key = deadline.entry, deadline.deadline
        known = self._after.reminders.values() if self._after else ()
        rests = self._after.snoozes if self._after else ()
        return {
            r.rule: brussels_day(due_at(r, rests))
            for r in sorted(known, key=lambda r: r.at)
            if (r.entry, r.deadline) == key and r.state == "fired"
        }


def planned_for(trajectory: Trajectory, settled: Iterable[Settled]) -> tuple[ReminderState, ...]:
    """Return the planned reminders that hang on these deadlines."""
    keys = {(s.entry, s.deadline) for s in settled}
    return tuple(r for r in trajectory.planned() if (r.entry, r.deadline) in keys)


def require_active(trajectory: Trajectory) -> None:
    """Refuse unless the trajectory is under way."""
    if trajectory.status == "paused":
        raise Refused(
            N_("{ref} is paused until {until}; resume it first: traject resume {own}"),
            ref=trajectory.ref,
            own=trajectory.ref,
            until=trajectory.paused_until,
        )
    if trajectory.status == "requested":
        raise Refused(
            N_("{ref} was only requested; accept it first: traject accept {own}"),
            ref=trajectory.ref,
            own=trajectory.ref,
        )
    if trajectory.status != "active":
        raise Refused(N_("{ref} is closed since {on}"), ref=trajectory.ref, on=trajectory.closed_on)


def require_day(act: Act, since: date | None) -> None:
    """Refuse a day that lies ahead, or before what it concerns began."""
    if act.on > act.today:
        raise BadInput(N_("{on} lies ahead; only a start may"), on=act.on)
    if since is not None and act.on < since:
        raise BadInput(
            N_("{on} is too early, {since} is the first day possible; give a later day with --on"),
            on=act.on,
            since=since,
        )


def require_day_of(act: Act, trajectory: Trajectory) -> None:
    """Refuse a day that lies ahead, or before the trajectory began; today is never too early."""
    require_day(act, act.by_today(trajectory.started_on or trajectory.requested_on))
