"""A trajectory in memory: decisions and evolve without a database, for tests of rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache, partial

from engine.domain.decisions import criteria, people, phases
from engine.domain.decisions.decision import Act, Decision
from engine.domain.events import Fact
from engine.domain.machine import Pinned
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.workdays import Calendar
from workflows.loader import load_category

GENT, MERELBEKE = "44021", "44088"


@cache
def shipped(category: str) -> Pinned:
    """Return a shipped workflow as a trajectory is pinned to it."""
    found = load_category(category)
    return Pinned(found.digest, found.workflow)


class Course:
    """Plays decisions one after the other; `day` is today, `on` where it differs the --on."""

    def __init__(self, category: str = "reactiveren", calendar: Calendar | None = None) -> None:
        self.pinned = shipped(category)
        self.calendar = calendar or Calendar()
        self.value: Trajectory | None = None
        self.facts: list[Fact] = []
        self.days: list[date] = []  # of the facts, one each
        self.position = 1

    @property
    def trajectory(self) -> Trajectory:
        assert self.value is not None
        return self.value

    def do(
        self,
        day: str,
        decide: Callable[[Decision], None],
        *,
        on: str | None = None,
        mail: bool = True,
    ) -> list[Fact]:
        """Decide at ten in the morning (UTC) of a day; return the new facts."""
        today = date.fromisoformat(day)
        act = Act(
            actor=1,
            now=datetime.combine(today, time(10), UTC),
            on=date.fromisoformat(on) if on else today,
            calendar=self.calendar,
            position=self.position,
            mail=mail,
        )
        decision = Decision("5f0c0f5e-0000-4000-8000-000000000001", self.pinned, act, self.value)
        decide(decision)
        self.value = decision.trajectory
        self.position += len(decision.drafts)
        facts = [draft.fact for draft in decision.drafts]
        self.facts += facts
        self.days += [act.on] * len(facts)
        return facts

    def start(
        self, day: str, *places: str, phase: str | None = None, on: str | None = None
    ) -> list[Fact]:
        """Start for some municipalities, Gent where none is named."""
        return self.do(
            day,
            lambda d: phases.decide_start(d, "2026-001", places or (GENT,), coach=1, phase=phase),
            on=on,
        )

    def meet(self, day: str, *names: str, value: str | None = None, on: str | None = None) -> None:
        """Meet criteria."""
        dated = date.fromisoformat(value) if value else None
        for name in names:
            self.do(day, partial(criteria.decide_meet, criterion=name, value=dated), on=on)

    def settle(self, day: str, *, leave: tuple[str, ...] = ()) -> None:
        """Meet all required criteria of the phase, but those to leave open."""
        for missing in phases.missing(self.pinned, self.trajectory):
            if missing.id not in leave:
                looks_back = missing.criterion.looks == "back"
                self.meet(day, missing.id, value="2026-01-05" if looks_back else None)

    def advance(self, day: str) -> list[Fact]:
        """Settle the phase and advance."""
        self.settle(day)
        return self.do(day, phases.decide_advance)

    def walk_to(self, phase: str, day: str) -> None:
        """Advance, settling everything, until a phase is entered."""
        while self.trajectory.phase != phase:
            self.advance(day)

    def assign(self, day: str, role: str, contact: int, place: str | None = None) -> None:
        """Give a contact a role."""
        self.do(day, lambda d: people.decide_assign(d, contact, role, municipality=place))

    def due(self, deadline: str) -> date:
        """Return the day of an open deadline."""
        return next(
            d.deadline.due_on
            for d in self.trajectory.open_deadlines()
            if d.deadline.deadline == deadline
        )

    def steps(self, deadline: str) -> list[str]:
        """Return the names of the steps that led to an open deadline's day."""
        return next(
            [str(step["step"]) for step in d.deadline.steps]
            for d in self.trajectory.open_deadlines()
            if d.deadline.deadline == deadline
        )

    def ladder(self, deadline: str, role: str = "coordinator") -> list[tuple[str, str]]:
        """Return (rule, day) of the planned reminders of a deadline for a role."""
        return [
            (r.rule, r.day.isoformat())
            for r in self.trajectory.planned()
            if r.deadline == deadline and r.role == role
        ]

    def planned(self, notice: str) -> list[ReminderState]:
        """Return the planned reminders that say this."""
        return [r for r in self.trajectory.planned() if r.notice == notice]
