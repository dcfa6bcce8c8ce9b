"""The yearly review of what is kept: once in January, to the leads, in numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.audit import verify
from engine.service import actors, moving
from engine.store.database import Database
from engine.store.outbox import Mail
from tests.fakes import RecordingNotifier
from tests.world import World, at

pytestmark = pytest.mark.above_the_store
TERM = 12
FIRST = date(2029, 1, 2)  # the first working day of the year


@pytest.fixture
def world(database: Database) -> World:
    """A coach whose two contacts have had no role since 2027, and a term of a year."""
    world = World(database, RecordingNotifier(), retention_months=TERM)
    ref = world.start()
    world.now += timedelta(hours=1)
    moving.stop(world.desk(), ref, reason="other")
    return world


def made(world: World) -> list[Mail]:
    """Return the reviews."""
    return [mail for mail in world.mails() if mail.notice == "retention_review"]


def test_in_january_the_coach_hears_once_how_many_are_due_where_there_is_no_lead(
    world: World,
) -> None:
    """From the first working hour of the year on, however many rounds; no name stands in it."""
    assert world.tick_at(at(FIRST - timedelta(days=1), 9)).reviews == 0
    assert [world.tick_at(at(FIRST, hour)).reviews for hour in (7, 8, 9, 10)] == [0, 1, 0, 0]
    assert world.tick_at(at(FIRST + timedelta(days=20), 9)).reviews == 0
    (mail,) = made(world)
    assert (mail.person, mail.status, mail.key) == ("actor:1", "sent", "retention/1/2029-01-01")
    assert mail.subject == "Lang genoeg bewaard: 2 contactpersonen"
    assert b"Maes" not in (mail.mime or b"")
    assert b"traject erase --due" in (mail.mime or b"")
    assert verify(world.database).problems == ()
    world.tick_at(at(date(2030, 1, 2), 9))
    assert [one.key for one in made(world)][1:] == ["retention/1/2030-01-01"]


def test_leads_hear_it_instead_of_coaches(world: World) -> None:
    """Each who is active."""
    for name in ("Els", "Lies"):
        actors.add_actor(
            world.desk(), name=f"{name} Wit", email=f"{name}@example.org",
            account=f"uid:{name}", role="lead",
        )  # fmt: skip
    world.tick_at(at(FIRST, 9))
    assert [mail.person for mail in made(world)] == ["actor:2", "actor:3"]


@pytest.mark.parametrize(
    ("day", "months"), [(FIRST, 0), (FIRST, 60), (date(2029, 2, 5), TERM), (date(2029, 6, 4), TERM)]
)
def test_nobody_hears_it_without_a_term_before_it_is_over_or_past_january(
    world: World, day: date, months: int
) -> None:
    """A log that is opened in June waits for the next January."""
    world.retention_months = months
    assert world.tick_at(at(day, 9)).reviews == 0
    assert made(world) == []


def test_a_term_that_is_set_later_in_january_is_heard_then(world: World) -> None:
    """The year has had no review yet."""
    world.retention_months = 0
    assert world.tick_at(at(FIRST, 9)).reviews == 0
    world.retention_months = TERM
    assert world.tick_at(at(date(2029, 1, 24), 9)).reviews == 1
