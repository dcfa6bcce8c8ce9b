"""A small world for tests and benches: a log, its people, trajectories, and a clock to move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TypeVar

from sqlalchemy import select

from commands.frame.identity import account
from engine.clock import FixedClock
from engine.dispatch.post import Keepers, Limits, Post, Tally
from engine.dispatch.tick import tick
from engine.domain.events import (
    Event,
    Fact,
    ReminderFired,
    ReminderSkipped,
    ReminderSuperseded,
)
from engine.domain.people import Actor
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.workdays import BRUSSELS, Calendar
from engine.ports import Notifier
from engine.service import criteria, moving, starting
from engine.service.desk import PLAIN, Desk, Outcome, Terms
from engine.service.installing import SIMULATED, set_up
from engine.store import outbox
from engine.store import tables as t
from engine.store.database import Database
from engine.store.history import events_of
from engine.store.outbox import Mail
from engine.store.projections import read_people
from engine.store.transaction import Transaction
from tests.fakes import RecordingNotifier
from workflows.loader import Loaded, load_category

GENT, MERELBEKE_MELLE = "44021", "44088"
MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)  # no closed period for months
JO = starting.Involved("coordinator", "Jo Maes", "jo@example.org")
RITA = starting.Involved("mayor", "Rita Claes", "rita@example.org", GENT)

F = TypeVar("F", bound=Fact)

category = cache(load_category)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """Return the instant of an hour in Brussels."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BRUSSELS).astimezone(UTC)


def published(name: str) -> starting.Published:
    """Return a shipped workflow as the service takes it."""
    loaded: Loaded = category(name)
    return starting.Published(loaded.document, loaded.digest)


@dataclass
class World:
    """One log with a coach; what is due goes through the notifier when `tick` is called."""

    database: Database
    notifier: Notifier = field(default_factory=RecordingNotifier)
    now: datetime = MONDAY
    hold_back: timedelta = timedelta(minutes=30)
    calendar: Calendar = field(default_factory=Calendar)
    limits: Limits = field(default_factory=Limits)
    digest: bool = False  # the coaches' digests come between all other mails
    weekly_account: bool = False
    retention_months: int = 0
    keepers: Keepers = field(default_factory=Keepers)
    coach: Actor = field(init=False)

    def __post_init__(self) -> None:
        with self.database.reading() as connection:
            known = read_people(connection).actors.get(1)
        self.coach = known or set_up(
            self.database,
            self.now,
            clock=SIMULATED,
            name="An Peeters",
            email="an@example.org",
            account=account(self.database),  # so that real commands know this coach
            lang="nl",
        )

    def desk(self) -> Desk:
        """Return the coach's desk at this moment."""
        return Desk(self.database, self.coach, self.now, self.calendar, self.hold_back)

    def post(self) -> Post:
        """Return the post room at this moment."""
        clock = FixedClock(self.now)
        return Post(
            self.database,
            self.notifier,
            clock,
            self.calendar,
            self.hold_back,
            "VVSG",
            limits=self.limits,
            digest=self.digest,
            weekly_account=self.weekly_account,
            retention_months=self.retention_months,
            keepers=self.keepers,
        )

    def tick(self) -> Tally:
        """Do one round now."""
        return tick(self.post())

    def tick_at(self, moment: datetime) -> Tally:
        """Do one round at a moment, which becomes now."""
        self.now = moment
        return self.tick()

    def tick_daily(self, until: datetime) -> None:
        """Do a round a day at 09:05 in Brussels, up to a moment, which becomes now."""
        while (day := at(self.now.date() + timedelta(days=1), 9, 5)) <= until:
            self.tick_at(day)
        self.now = until

    def start(
        self,
        name: str = "reactiveren",
        places: Sequence[str] = (GENT,),
        involved: Sequence[starting.Involved] = (JO, RITA),
        terms: Terms = PLAIN,
    ) -> str:
        """Start a trajectory; return its reference."""
        outcome = starting.start(self.desk(), published(name), places, terms, involved=involved)
        return outcome.after.ref

    def meet(self, ref: str, *, but: Sequence[str] = ()) -> Trajectory:
        """Meet every criterion of the phase that is open, except those named."""
        trajectory = self.trajectory(ref)
        phase = category(trajectory.category).workflow.phases[trajectory.phase or ""]
        plain: list[str] = []
        dated: list[str] = []
        for name, rule in phase.criteria.items():
            if name not in but and trajectory.criterion(name).state == "open":
                (dated if rule.value and rule.default is None else plain).append(name)
        if plain:
            criteria.meet(self.desk(), ref, plain)
        if dated:
            criteria.meet(self.desk(), ref, dated, value=self.desk().today)
        return self.trajectory(ref)

    def advance(self, ref: str, terms: Terms = PLAIN) -> Outcome:
        """Meet all that is open and advance."""
        self.meet(ref)
        return moving.advance(self.desk(), ref, terms)

    def walk(self, ref: str, phase: str) -> Trajectory:
        """Advance until the trajectory is in a phase."""
        while self.trajectory(ref).phase != phase:
            self.advance(ref)
        return self.trajectory(ref)

    def trajectory(self, ref: str) -> Trajectory:
        """Return a trajectory as it stands."""
        with self.database.reading() as connection:
            return Transaction(connection, self.now).trajectory(ref)

    def mails(self, ref: str | None = None) -> list[Mail]:
        """Return the mails in the outbox."""
        id_ = self.trajectory(ref).id if ref else None
        with self.database.reading() as connection:
            return outbox.mails(connection, trajectory=id_)

    def reminders(self, ref: str) -> list[ReminderState]:
        """Return all reminders of a trajectory, the settled ones too, earliest first."""
        columns = [t.reminders.c[name] for name in ReminderState.__slots__]
        query = select(*columns).where(t.reminders.c.trajectory == self._id(ref))
        with self.database.reading() as connection:
            found = [ReminderState(*row) for row in connection.execute(query)]
        return sorted(found, key=lambda r: (r.at, r.rule, r.role))

    def events(self, ref: str | None = None) -> list[Event]:
        """Return the events of a trajectory, or all of them."""
        stream = self._id(ref) if ref else None
        with self.database.reading() as connection:
            return list(events_of(connection, stream))

    def facts(self, ref: str, kind: type[F]) -> list[F]:
        """Return a trajectory's facts of one kind."""
        return [event.fact for event in self.events(ref) if isinstance(event.fact, kind)]

    def outcomes(self, ref: str) -> Counter[str]:
        """Return how many events say what became of each reminder."""
        counted: Counter[str] = Counter()
        for event in self.events(ref):
            if isinstance(event.fact, ReminderFired):
                counted[event.fact.reminder] += 1
            elif isinstance(event.fact, ReminderSuperseded | ReminderSkipped):
                counted.update(event.fact.reminders)
        return counted

    def _id(self, ref: str) -> str:
        return self.trajectory(ref).id
