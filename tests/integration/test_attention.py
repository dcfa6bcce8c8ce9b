"""The morning made of preselected trajectories is the one made of all, whatever was done."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, select

import cli
from commands.pages.morning import Page, as_json, read
from commands.settings.layers import Given
from engine.domain.errors import TrajectError
from engine.service import actors, criteria, moving, people, starting
from engine.service.desk import Terms
from engine.store import outbox
from engine.store import tables as t
from engine.store.attention import Preselect, Reach, counted, standing_out
from engine.store.database import open_database
from engine.store.dossiers import dossiers, troubled, unread
from engine.store.due import due_trajectories, next_wake
from engine.store.queries import by_number
from tests.drivers import watching
from tests.fakes import LATER, MISCONFIGURED, REFUSED, SENT, UNCLEAR, RecordingNotifier
from tests.stories import with_tables
from tests.world import GENT, JO, MERELBEKE_MELLE, RITA, World, category, published

pytestmark = pytest.mark.above_the_store

CATEGORIES = ("opstarten", "reactiveren", "optimaliseren", "monitoren_evalueren")
ANSWERS = (*[SENT] * 12, LATER, UNCLEAR, REFUSED)
WEEKS = 6


def everything(connection: Connection, reach: Reach) -> list[dict[str, Any]]:
    """Return the rows of all trajectories of a coach, the closed ones too, by reference."""
    query = select(t.trajectories)
    if reach.coach is not None:
        query = query.where(t.trajectories.c.coach == reach.coach)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return sorted(rows, key=lambda own: by_number(own["ref"]))


class Chance:
    """Coaches at work for some weeks, by chance; what is refused is let be."""

    def __init__(self, world: World, random: Random) -> None:
        self.world, self.random = world, random
        self.refs: list[str] = []
        self.colleague = actors.add_actor(
            world.desk(), name="Bo Claes", email="bo@example.org", account="uid:2", role="coach"
        )

    def work(self) -> None:
        """Start, and do something with a few trajectories a week; rounds come now and then."""
        for week in range(WEEKS):
            for day in (0, 3):
                self.world.now += timedelta(days=3 + day // 3, minutes=self.random.randrange(300))
                for _ in range(2):
                    self.start()
                for ref in self.random.sample(self.refs, min(5, len(self.refs))):
                    with suppress(TrajectError, LookupError):  # refused, or nothing to do it to
                        self.random.choice(self.steps())(ref)
                if week + 1 < WEEKS or day == 0:  # the last ones wait for a round
                    self.round()

    def start(self) -> None:
        """Begin a trajectory; some know nobody, some are only requested."""
        places = self.random.choice([[GENT], [MERELBEKE_MELLE], [GENT, MERELBEKE_MELLE]])
        known = [[JO, RITA], [JO], []] if GENT in places else [[JO], []]
        outcome = starting.start(
            self.world.desk(),
            published(self.random.choice(CATEGORIES)),
            places,
            involved=self.random.choice(known),
            requested=self.random.random() < 0.15,
        )
        self.refs.append(outcome.after.ref)

    def round(self) -> None:
        """Let mails be made and sent; not every server takes every mail."""
        relay = self.world.notifier
        assert isinstance(relay, RecordingNotifier)
        relay.answer(*self.random.choices(ANSWERS, k=20))
        if self.random.random() < 0.1:
            relay.answer(MISCONFIGURED)
        self.world.tick()
        if self.random.random() < 0.6:
            self.world.tick_at(self.world.now + timedelta(minutes=40))

    def steps(self) -> list[Callable[[str], object]]:
        """Return what may be done with a trajectory, the commonest more than once."""
        return [
            *[self.world.advance] * 3, *[self.meet] * 2, *[self.plan] * 2, *[self.ask] * 2,
            self.pause, self.resume, self.stop, self.accept, self.reschedule, self.hand_over,
            self.let_go,
        ]  # fmt: skip

    def ahead(self, most: int = 30) -> date:
        """Return a day to come."""
        return self.world.desk().today + timedelta(days=self.random.randint(1, most))

    def a_criterion(self, ref: str) -> str:
        """Return one of the phase."""
        own = self.world.trajectory(ref)
        return self.random.choice(
            list(category(own.category).workflow.phases[own.phase or "intake"].criteria)
        )

    def meet(self, ref: str) -> object:
        """Meet a criterion."""
        return criteria.meet(self.world.desk(), ref, [self.a_criterion(ref)])

    def plan(self, ref: str) -> object:
        """Make an appointment."""
        return criteria.plan(
            self.world.desk(), ref, [self.a_criterion(ref)], day=self.ahead(), time="10:00"
        )

    def ask(self, ref: str) -> object:
        """Ask the mayors for consent."""
        own = self.world.trajectory(ref)
        phase = category(own.category).workflow.phases[own.phase or "intake"]
        asked = [name for name, one in phase.criteria.items() if one.per is not None]
        return criteria.ask(self.world.desk(), ref, asked)

    def pause(self, ref: str) -> object:
        """Let it rest."""
        return moving.pause(self.world.desk(), ref, reason="other", until=self.ahead(50))

    def resume(self, ref: str) -> object:
        """Go on."""
        return moving.resume(self.world.desk(), ref)

    def stop(self, ref: str) -> object:
        """End it early."""
        return moving.stop(self.world.desk(), ref, Terms(mail=False), reason="other")

    def accept(self, ref: str) -> object:
        """Accept a request."""
        return moving.accept(self.world.desk(), ref)

    def reschedule(self, ref: str) -> object:
        """Move its date."""
        return moving.reschedule(
            self.world.desk(), ref, self.ahead(60), reason="afgesproken met de gemeente"
        )

    def hand_over(self, ref: str) -> object:
        """Give it to a colleague."""
        return people.reassign(self.world.desk(), ref, self.colleague.id)

    def let_go(self, ref: str) -> object:
        """Let somebody out of all roles."""
        contact, _, _ = self.random.choice(list(self.world.trajectory(ref).assignments))
        return people.release(self.world.desk(), ref, contact)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A log with a coach and a notifier that does as it is told."""
    opened = open_database(database_url)
    yield World(opened, RecordingNotifier())
    opened.close()


def page(url: str, now: datetime, *, everybody: bool, preselected: Preselect) -> tuple[Page, str]:
    """Return the morning of a moment, and what a script reads of it."""
    with cli.build("en") as context:
        context.given = Given(database=url, now=now.isoformat())
        found = read(context, everybody=everybody, preselected=preselected)
        return found, json.dumps(as_json(context, found), default=str)


def sections(found: Page) -> Iterator[str]:
    """Yield the parts of a page that have lines."""
    today = found.morning
    for name in ("overdue", "today", "soon", "pauses", "waiting", "requests", "on_schedule"):
        if getattr(today, name):
            yield name
    for name in ("mails", "lost", "unread"):
        if getattr(found, name):
            yield name


@pytest.mark.parametrize(
    "seed", [2, *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(3, 9))]
)
def test_the_page_of_the_preselected_is_the_page_of_all(
    world: World, database_url: str, seed: int
) -> None:
    """On any day from now on, for one coach and for all, in text's values and in JSON."""
    Chance(world, Random(seed)).work()
    seen: Counter[str] = Counter()
    for days in (0, 5, 16):
        world.now += timedelta(days=days, hours=1)
        for rounds in range(3):  # before the day's mails are made, before they leave, and after
            for everybody in (False, True):
                some = page(database_url, world.now, everybody=everybody, preselected=standing_out)
                every = page(database_url, world.now, everybody=everybody, preselected=everything)
                assert some == every
                seen.update(sections(some[0]))
            if rounds < 2:
                world.tick_at(world.now + rounds * timedelta(minutes=40))
    assert len(seen) >= 8, seen  # all parts of the page, or all but two


def made_to_fail(world: World, ref: str) -> None:
    """Let the mails of a trajectory be refused."""
    assert isinstance(world.notifier, RecordingNotifier)
    world.notifier.answer(REFUSED, REFUSED)
    world.tick()
    world.tick_at(world.now + world.hold_back)


ALONE: dict[str, Callable[[World, str], object]] = {
    "a pause that ends": lambda world, ref: moving.pause(
        world.desk(), ref, reason="other", until=world.desk().today + timedelta(days=5)
    ),
    "an appointment": lambda world, ref: criteria.plan(
        world.desk(), ref, ["intake_talk_held"], day=world.desk().today
    ),
    "a consent asked": lambda world, ref: criteria.ask(world.desk(), ref, ["sponsor_known"]),
    "a date": lambda world, ref: moving.reschedule(
        world.desk(), ref, world.desk().today + timedelta(days=6), reason="op vraag van de gemeente"
    ),
    "a mail that failed": made_to_fail,
}


@pytest.mark.parametrize("reason", ALONE)
def test_each_reason_is_enough_by_itself(world: World, reason: str) -> None:
    """Where no mail is looked for that would find the trajectory as well."""
    ref = world.start()
    nothing_sent = Reach(1, world.desk().today + timedelta(days=7), world.now - timedelta(days=1))
    with world.database.reading() as connection:
        assert standing_out(connection, nothing_sent) == []
    ALONE[reason](world, ref)
    with world.database.reading() as connection:
        assert [own["ref"] for own in standing_out(connection, nothing_sent)] == [ref]


def test_a_reminder_and_a_mail_are_each_enough(world: World) -> None:
    """A reminder until it is a mail, and the mail from then on."""
    ref = world.start()

    def found(before: datetime) -> list[str]:
        reach = Reach(1, world.desk().today, before)
        with world.database.reading() as connection:
            return [own["ref"] for own in standing_out(connection, reach)]

    soon = world.now + timedelta(hours=1)
    assert (found(world.now), found(soon)) == ([], [ref])
    world.tick()
    assert (found(world.now), found(soon)) == ([], [ref])
    world.tick_at(world.now + world.hold_back)
    assert found(soon) == []


def test_those_on_schedule_are_counted_and_not_read(world: World) -> None:
    """Far from its date, with nothing under way, a trajectory is a number."""
    world.start(terms=Terms(mail=False))
    late = world.start(terms=Terms(mail=False))
    criteria.plan(world.desk(), late, ["intake_talk_held"], day=world.desk().today)
    reach = Reach(1, world.desk().today + timedelta(days=7), world.now + timedelta(days=1))
    with world.database.reading() as connection:
        assert [own["ref"] for own in standing_out(connection, reach)] == [late]
        assert counted(connection, 1) == {"requested": 0, "active": 2, "paused": 0}
        assert counted(connection, 2) == {"requested": 0, "active": 0, "paused": 0}


def _read(connection: Connection, what: str) -> list[Any]:
    """Return what is found by all that the morning or a round reads."""
    at = datetime(2027, 3, 3, tzinfo=UTC)
    if what == "a round":
        waiting = [due_trajectories(connection, at), outbox.due(connection, at, 10)]
        return [*waiting, next_wake(connection), outbox.orphans(connection)]
    rows = standing_out(connection, Reach(1, date(2027, 3, 8), at))
    return [rows, dossiers(connection, rows), troubled(connection), unread(connection)]


@pytest.mark.parametrize("what", ["the morning", "a round"])
def test_no_table_that_grows_is_read_whole(
    sqlite_url: str, sqlite_template: Path, what: str
) -> None:
    """SQLite answers from indexes; a mail passed over would be read with its contents."""
    asked: list[tuple[str, Any]] = []

    def watch(when: str, sql: str, parameters: Any, many: bool) -> None:
        if when == "before" and sql.startswith("SELECT"):
            asked.append((sql, parameters))

    with watching(watch):
        database = open_database(with_tables(sqlite_url, sqlite_template))
        with database.reading() as connection:
            asked.clear()
            assert not any(_read(connection, what))
            plans = [
                (sql, str(row[3]))
                for sql, parameters in list(asked)
                for row in connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {sql}", tuple(parameters)
                )
            ]
        database.close()
    assert plans
    assert not [plan for plan in plans if plan[1].startswith("SCAN") and "INDEX" not in plan[1]]
