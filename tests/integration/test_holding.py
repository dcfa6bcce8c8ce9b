"""A hold keeps its word: nothing of the trajectory leaves up to the end of the next working day."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.audit import rebuild, verify
from engine.dispatch import desk as mail_desk
from engine.domain.errors import TrajectError
from engine.domain.workdays import BRUSSELS
from engine.service import criteria, moving, people, starting
from engine.service.people import ContactData
from engine.store.database import Database
from tests.fakes import RecordingNotifier
from tests.world import JO, RITA, World, at

DAY, TEN = timedelta(days=1), timedelta(minutes=10)
AN_HOUR = timedelta(hours=1)
WHY = "past voor niemand meer"
SAM = starting.Involved("socio_partner", "Sam Wouters", "sam@example.org")
LIEN = ContactData("Lien Baert", "lien@example.org")


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything."""
    return RecordingNotifier()


@pytest.fixture
def world(sqlite_database: Database, relay: RecordingNotifier) -> World:
    """A log with a coach."""
    return World(sqlite_database, relay)


def coached(world: World) -> str:
    """Return a trajectory in coaching, its feedback moment in three weeks and told to all."""
    ref = world.start(involved=(JO, RITA, SAM))
    world.walk(ref, "action_plan")
    world.meet(ref, but=["feedback_date_set"])
    day = world.desk().today + 21 * DAY
    criteria.meet(world.desk(), ref, ["feedback_date_set"], value=day)
    world.walk(ref, "coaching")
    world.tick_at(world.now + AN_HOUR)
    world.tick_daily(at(world.calendar.rung_before(day, 10), 12))
    return ref


def replace_jo(world: World, ref: str) -> None:
    """Put somebody else in the coordinator's place."""
    (jo, _), *_ = world.trajectory(ref).people("coordinator")
    people.replace_contact(world.desk(), ref, jo, LIEN)


def move_feedback(world: World, ref: str, days: int = 28) -> None:
    """Fix another day for the feedback moment."""
    day = world.desk().today + days * DAY
    moving.reschedule(world.desk(), ref, day, reason=WHY, deadline="feedback")


def go_on(world: World, ref: str) -> None:
    """Advance to the feedback phase."""
    world.meet(ref, but=["feedback_held"])
    moving.advance(world.desk(), ref)


def working_day_before(world: World, moment: datetime) -> date:
    """Return the last working day before a moment."""
    day = moment.date() - DAY
    while not world.calendar.is_working_day(day):
        day -= DAY
    return day


def rounds_in_sight(world: World) -> None:
    """Do a round every hour up to the end of the next working day."""
    last = world.calendar.add_working_days(world.desk().today, 1)
    end = datetime.combine(last, time.max, BRUSSELS)
    while world.now + AN_HOUR <= end:
        world.tick_at(world.now + AN_HOUR)


@pytest.mark.parametrize(
    ("act", "deadline", "heavier"),
    [
        (replace_jo, "feedback", "handover"),
        (go_on, "feedback", "phase_started"),
        (move_feedback, "restart", "feedback_changed"),
    ],
)
def test_a_mail_that_is_held_covers_nothing(
    world: World,
    relay: RecordingNotifier,
    act: Callable[[World, str], None],
    deadline: str,
    heavier: str,
) -> None:
    """It would say more than the reminder of tomorrow, and it does not leave: both are held."""
    ref = coached(world)
    soon = next(
        r for r in world.trajectory(ref).planned()
        if (r.deadline, r.notice) == (deadline, "deadline_soon")
    )  # fmt: skip
    world.tick_daily(at(working_day_before(world, soon.at), 16))
    relay.take()
    act(world, ref)
    world.now += TEN
    held = mail_desk.hold(world.desk(), world.post(), ref=ref)
    assert {heavier, "deadline_soon"} <= {mail.notice for mail in held}
    rounds_in_sight(world)
    assert relay.take() == []
    assert verify(world.database).problems == ()
    assert rebuild(world.database).differing == 0


def test_of_mails_of_one_moment_the_weightiest_is_held_and_the_others_never_leave(
    world: World, relay: RecordingNotifier
) -> None:
    """The reminder that a held one covers would find itself alone in the round of its moment."""
    ref = coached(world)
    alike = next(
        r for r in world.trajectory(ref).planned()
        if (r.notice, r.role) == ("lead_escalation", "coach")
    )  # fmt: skip
    world.tick_daily(at(working_day_before(world, alike.at), 16))
    world.tick_at(world.now + AN_HOUR)
    relay.take()
    (held,) = mail_desk.hold(world.desk(), world.post(), ref=ref)
    assert held.notice == "lead_escalation"
    rounds_in_sight(world)
    assert relay.take() == []
    mail_desk.release(world.desk(), ref=ref)
    world.tick_at(at(alike.at.date() + DAY, 10))
    assert relay.to() == ["an@example.org"]


def step(world: World, ref: str, name: str, days: int) -> None:
    """Do one thing that causes, moves or withdraws mail; refused, nothing happens."""
    desk = world.desk()
    acts: dict[str, Callable[[], object]] = {
        "move": lambda: move_feedback(world, ref, days),
        "hour": lambda: criteria.plan(
            desk, ref, ["feedback_held"], day=desk.today + days * DAY, time="14:00"
        ),
        "replace": lambda: replace_jo(world, ref),
        "pause": lambda: moving.pause(desk, ref, reason="merger", until=desk.today + days * DAY),
        "resume": lambda: moving.resume(desk, ref),
        "back": lambda: moving.send_back(desk, ref, "action_plan", reason="context_changed"),
        "advance": lambda: go_on(world, ref),
        "wait": lambda: world.tick_daily(world.now + days * DAY),
    }
    with suppress(TrajectError):
        acts[name]()


STEPS = ("move", "hour", "replace", "pause", "resume", "back", "advance", "wait")


@pytest.mark.parametrize(
    "programs", [4, pytest.param(150, marks=pytest.mark.campaign)], ids=["short", "long"]
)
def test_after_a_hold_nothing_leaves_before_the_day_after_the_next_working_day(
    world: World, relay: RecordingNotifier, programs: int
) -> None:
    """Whatever was done before it, and on whichever day."""

    @settings(
        max_examples=programs,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # an example is short; shrinking takes minutes
    )
    @given(
        st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 30)), min_size=1, max_size=5),
        st.integers(0, 12),
    )
    def live(steps: list[tuple[str, int]], hours: int) -> None:
        ref = coached(world)
        for name, days in steps:
            step(world, ref, name, days)
        world.now += timedelta(hours=hours)
        mail_desk.hold(world.desk(), world.post(), ref=ref)
        relay.take()
        rounds_in_sight(world)
        mine = {mail.message_id for mail in world.mails(ref)}
        assert [m for m in relay.take() if m.message_id in mine] == []

    live()
