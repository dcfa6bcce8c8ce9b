"""Who may act: never nobody, never by their own hand, one active actor an account."""

from __future__ import annotations

from datetime import date

import pytest

from engine.domain.errors import Refused
from engine.domain.people import Actor
from engine.service import actors, moving
from engine.service.desk import Desk
from engine.store import reached
from engine.store.database import Database
from engine.store.projections import read_people
from tests.world import JO, RITA, World, at

pytestmark = pytest.mark.above_the_store


@pytest.fixture
def world(database: Database) -> World:
    """A log with a coach, on either database."""
    return World(database)


def enrolled(world: World, name: str, role: str = "coach", account: str = "uid:77") -> Actor:
    """Enrol somebody beside the coach."""
    email = f"{name.lower()}@example.org"
    return actors.add_actor(world.desk(), name=name, email=email, account=account, role=role)


def desk_of(world: World, actor: Actor) -> Desk:
    """Return the desk of somebody else."""
    return Desk(world.database, actor, world.now, world.calendar, world.hold_back)


def known(world: World, number: int) -> Actor:
    """Return an actor as they stand."""
    with world.database.reading() as connection:
        return read_people(connection).actors[number]


def due_on(world: World, ref: str) -> date:
    """Return the target date of a trajectory's phase."""
    day = world.trajectory(ref).due_on()
    assert day is not None
    return day


@pytest.mark.parametrize("change", [{"role": "auditor"}, {"role": "lead"}, {"active": False}])
def test_nobody_changes_their_own_role_or_activity(world: World, change: dict[str, object]) -> None:
    """Not even where others could still act; an address of one's own is another matter."""
    enrolled(world, "Bo")
    before = known(world, 1)
    with pytest.raises(Refused):
        actors.change_actor(world.desk(), 1, **change)  # type: ignore[arg-type]
    assert known(world, 1) == before
    actors.change_actor(world.desk(), 1, email="nieuw@example.org")
    assert known(world, 1).email == "nieuw@example.org"


@pytest.mark.parametrize("change", [{"role": "auditor"}, {"active": False}])
def test_somebody_who_may_coach_is_always_left(world: World, change: dict[str, object]) -> None:
    """Two who show each other the door at the same time: the second one is refused."""
    bo = enrolled(world, "Bo")
    stale = desk_of(world, bo)
    actors.change_actor(world.desk(), bo.id, active=False)
    with pytest.raises(Refused):
        actors.change_actor(stale, 1, **change)  # type: ignore[arg-type]
    assert known(world, 1).may_coach


def test_an_account_that_another_took_meanwhile_bars_the_way_back(world: World) -> None:
    """Two active actors with one account would be one person with two names."""
    bo = enrolled(world, "Bo")
    actors.change_actor(world.desk(), bo.id, active=False)
    mo = enrolled(world, "Mo")
    with pytest.raises(Refused):
        actors.change_actor(world.desk(), bo.id, active=True)
    actors.change_actor(world.desk(), mo.id, active=False)
    actors.change_actor(world.desk(), bo.id, active=True)
    assert known(world, bo.id).active


def test_a_coach_who_left_gets_no_mail(world: World) -> None:
    """The leads get it instead; where there is none, nobody does, and that is recorded."""
    ref = world.start(involved=[JO])
    lead = enrolled(world, "Lies", role="lead")
    actors.change_actor(desk_of(world, lead), 1, active=False)
    world.coach = lead
    world.tick_daily(at(due_on(world, ref), 23))
    assert {m.person for m in world.mails(ref) if "an@" in (m.envelope_to or "")} == set()
    world.tick_at(at(world.calendar.add_working_days(world.desk().today, 16), 10))
    told = {m.person for m in world.mails(ref)}
    assert (f"actor:{lead.id}" in told, "actor:1" in told) == (True, False)


def test_a_stop_counts_only_the_notices_that_reached_a_contact(world: World) -> None:
    """What the coach was told twice is no warning to the municipality."""
    ref = world.start(involved=())
    world.tick_daily(at(world.calendar.add_working_days(due_on(world, ref), 20), 10))
    overdue = [m for m in world.mails(ref) if m.notice == "overdue" and m.status == "sent"]
    assert overdue
    assert {m.person for m in overdue} == {"actor:1"}
    with world.database.reading() as connection:
        own = world.trajectory(ref)
        assert reached.overdue_notices(connection, own.id, own.entry) == 0
    with pytest.raises(Refused):
        moving.stop(world.desk(), ref, reason="no_response")


def test_a_stop_counts_each_rung_that_went_out_once(world: World) -> None:
    """However many people it reached."""
    ref = world.start(involved=[JO, RITA])
    world.tick_daily(at(world.calendar.add_working_days(due_on(world, ref), 7), 10))
    own = world.trajectory(ref)
    with world.database.reading() as connection:
        assert reached.overdue_notices(connection, own.id, own.entry) == 2
