"""What a person lets go while the queue is held, over both databases: that, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.audit import rebuild, verify
from engine.dispatch import desk as mail_desk
from engine.dispatch.holding import used_up
from engine.dispatch.post import Limits
from engine.dispatch.tick import tick
from engine.domain.events import MailHeld, MailReleased
from engine.language import words
from engine.service import moving
from engine.store.database import Database
from engine.store.due import last_beat
from engine.store.holds import QUEUE, passing, released
from tests.fakes import LATER, RecordingNotifier
from tests.world import World, at

pytestmark = pytest.mark.above_the_store

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
COUNT, LIMIT = 4, 2


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything until told otherwise."""
    return RecordingNotifier()


@pytest.fixture
def world(database: Database, relay: RecordingNotifier) -> World:
    """A log with a coach, on either database."""
    return World(database, relay)


@pytest.fixture
def behind(world: World) -> list[str]:
    """Some trajectories of which the first mails were left behind, and are held for it."""
    refs = [world.start() for _ in range(COUNT)]
    world.tick()
    world.limits = Limits(at_once=LIMIT)
    world.tick_at(world.now + 2 * DAY)
    assert set(statuses(world)) == {"held"}
    return refs


@pytest.fixture
def due(world: World, relay: RecordingNotifier) -> list[str]:
    """Some trajectories of which the first reminders are due, and are held before they are made."""
    refs = [world.start() for _ in range(COUNT)]
    world.tick()
    world.tick_at(world.now + 31 * MINUTE)
    relay.take()
    world.limits = Limits(at_once=LIMIT)
    world.tick_at(at(first_day(world, refs[0]).date(), 10))
    assert queue(world)["mails"] == COUNT
    return refs


def first_day(world: World, ref: str) -> datetime:
    """Return the moment of the first reminder of a date that goes to the coordinator."""
    planned = world.trajectory(ref).planned()
    return next(r.at for r in planned if r.deadline and r.role == "coordinator")


def statuses(world: World, ref: str | None = None) -> list[str]:
    """Return how far the mails are."""
    return [mail.status for mail in world.mails(ref)]


def queue(world: World) -> dict[str, object]:
    """Return the heartbeat of the queue."""
    with world.database.reading() as connection:
        found = last_beat(connection, QUEUE)
    return found[1] if found else {"state": "open"}


def sound(world: World) -> None:
    """Require that everything verifies and that a rebuild finds nothing to mend."""
    report = verify(world.database)
    assert [words("en").say(found.sentence) for found in report.problems] == []
    assert rebuild(world.database).differing == 0


def test_what_is_let_go_of_one_trajectory_leaves_and_the_others_stay_held(
    world: World, relay: RecordingNotifier, behind: list[str]
) -> None:
    """However many rounds follow, none holds it again."""
    count = int(str(queue(world)["mails"]))
    gone = mail_desk.release(world.desk(), world.post(), ref=behind[0])
    for _ in range(3):
        world.tick_at(world.now + 31 * MINUTE)
    assert set(statuses(world, behind[0])) == {"sent"}
    assert len(relay.take()) == len(gone)
    assert {one for ref in behind[1:] for one in statuses(world, ref)} == {"held"}
    assert len(world.facts(behind[0], MailHeld)) == len(gone)
    assert len(world.facts(behind[0], MailReleased)) == len(gone)
    assert queue(world)["mails"] == count - len(gone)
    with world.database.reading() as connection:
        assert passing(connection) <= {mail.id for mail in gone}
    sound(world)


def test_one_mail_that_is_let_go_leaves_alone(
    world: World, relay: RecordingNotifier, behind: list[str]
) -> None:
    """Also after the server asked to come back later."""
    relay.answer(LATER)
    number = world.mails(behind[0])[0].id
    mail_desk.release(world.desk(), number=number)
    world.tick_at(world.now + 31 * MINUTE)
    world.tick_at(world.now + 31 * MINUTE)
    assert [mail.id for mail in world.mails() if mail.status == "sent"] == [number]
    assert len(relay.take()) == 2


def test_what_is_not_made_yet_is_made_of_one_trajectory(
    world: World, relay: RecordingNotifier, due: list[str]
) -> None:
    """And told before it leaves; a dry run makes nothing."""
    before = len(world.mails())
    dry = mail_desk.release(world.desk(), world.post(), ref=due[0], dry_run=True)
    assert (len(dry), len(world.mails())) == (1, before)
    (made,) = mail_desk.release(world.desk(), world.post(), ref=due[0])
    world.now += MINUTE
    tally = world.tick()
    assert (tally.sent, tally.coming) == (1, COUNT - 1)
    assert [mail.id for mail in world.mails()[before:]] == [made.id]
    assert queue(world)["mails"] == COUNT - 1
    assert world.tick().sent == 0
    sound(world)


def test_a_queue_of_which_all_was_let_go_one_by_one_is_open(world: World, due: list[str]) -> None:
    """Nobody has to let nothing go."""
    for ref in due:
        mail_desk.release(world.desk(), world.post(), ref=ref)
    world.now += MINUTE
    assert world.tick().sent == COUNT
    assert queue(world)["state"] == "open"


def test_what_is_let_go_passes_the_hourly_limit_as_well(
    world: World, relay: RecordingNotifier, due: list[str]
) -> None:
    """A person had a look at it; the others wait."""
    mail_desk.wake_queue(world.desk(), allowed=COUNT)
    world.limits = Limits(an_hour=1)
    world.tick()
    assert (queue(world)["why"], len(relay.take())) == ("an_hour", 1)
    waiting = [ref for ref in due if "queued" in statuses(world, ref)]
    (gone,) = mail_desk.release(world.desk(), world.post(), ref=waiting[1])
    world.now += MINUTE
    world.tick()
    world.tick()
    assert statuses(world, waiting[1])[-1] == "sent"
    assert [to for to, _ in relay.letters] == [f"{gone.id:06d}"]
    assert queue(world)["why"] == "an_hour"


def test_mails_that_rest_were_not_left_behind(world: World) -> None:
    """Of a trajectory that is paused: they wait for its end."""
    refs = [world.start() for _ in range(COUNT)]
    world.tick()
    for ref in refs:
        until = world.now.date() + 30 * DAY
        moving.pause(world.desk(), ref, reason="other", until=until)
    world.tick_at(world.now + 31 * MINUTE)
    world.limits = Limits(at_once=LIMIT)
    world.tick_at(world.now + 3 * DAY)
    assert queue(world)["state"] == "open"
    assert "held" not in statuses(world)


class Passing:
    """A clock on which a moment passes between two looks."""

    def __init__(self, *moments: datetime) -> None:
        self.moments = list(moments)

    def now(self) -> datetime:
        """Return the next of its moments; the last one stays."""
        return self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]


def test_a_round_makes_what_it_counted(world: World, relay: RecordingNotifier) -> None:
    """Also where nine o'clock strikes between the count and the making."""
    refs = [world.start() for _ in range(COUNT)]
    world.tick()
    world.tick_at(world.now + 31 * MINUTE)
    relay.take()
    nine, tick_of = first_day(world, refs[0]), timedelta(milliseconds=50)
    world.limits = Limits(at_once=LIMIT)
    tick(replace(world.post(), clock=Passing(nine - tick_of, nine + tick_of)))
    assert relay.take() == []
    world.tick_at(nine + MINUTE)
    assert queue(world)["mails"] == COUNT


def test_what_is_let_go_during_a_round_is_for_the_next_one(world: World, due: list[str]) -> None:
    """A round that began earlier does not use it up."""
    mail_desk.wake_queue(world.desk(), allowed=COUNT)
    used_up(world.post(), world.now - MINUTE)
    with world.database.reading() as connection:
        assert released(connection)["allowed"] == COUNT
    assert world.tick().sent == COUNT
    with world.database.reading() as connection:
        assert released(connection)["allowed"] == 0
