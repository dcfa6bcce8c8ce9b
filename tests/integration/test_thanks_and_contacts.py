"""The thanks after the feedback moment and the question of January, from command to mail."""

from __future__ import annotations

from datetime import date

import pytest

from engine.domain.events import MailQueued
from engine.ports import Notice
from engine.service import criteria
from engine.service.desk import Terms
from engine.store.database import Database
from tests.fakes import RecordingNotifier
from tests.world import World, at

WHY = "it was agreed on with everybody around the table"


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything."""
    return RecordingNotifier()


@pytest.fixture
def world(sqlite_database: Database, relay: RecordingNotifier) -> World:
    """A log with a coach."""
    return World(sqlite_database, relay)


def made(relay: RecordingNotifier, notice: str) -> list[Notice]:
    """Return what was said in the mails of a kind."""
    return [n for n in relay.noticed if isinstance(n, Notice) and n.id == notice]


def thanked(world: World, terms: Terms | None = None) -> tuple[str, set[str]]:
    """Return a trajectory whose feedback was just held, and who is told to be thanked."""
    ref = world.start()
    world.walk(ref, "feedback")
    world.tick()
    outcome = criteria.meet(world.desk(), ref, ["feedback_held"], terms or Terms())
    return ref, {m.email for m in outcome.mailings if m.notice == "feedback_report"}


def test_a_command_tells_whom_it_thanks_and_the_mail_leaves(
    world: World, relay: RecordingNotifier
) -> None:
    """After the hold-back, with the day and what is still open."""
    ref, told = thanked(world)
    assert told == {"jo@example.org", "rita@example.org"}
    world.tick()
    world.tick_at(world.now + world.hold_back)
    assert {letter.envelope_to for letter in relay.take()} >= told
    notices = made(relay, "feedback_report")
    assert {n.to.email for n in notices} == told
    assert {n.held_on for n in notices} == {world.desk().today}
    assert all(len(n.coach_points) == 1 and n.points for n in notices)
    assert world.trajectory(ref).status == "active"


def test_a_slip_withdraws_the_thanks_that_wait(world: World, relay: RecordingNotifier) -> None:
    """Made already and not left: cancelled; nobody reads that a moment was held."""
    ref, told = thanked(world)
    world.tick()
    outcome = criteria.reopen(world.desk(), ref, ["feedback_held"], reason=WHY)
    assert {w.notice for w in outcome.withdrawn} == {"feedback_report"}
    assert len(outcome.withdrawn) == len(told)
    relay.take()
    world.tick_at(world.now + world.hold_back)
    assert relay.take() == []


def test_without_mail_nobody_is_thanked(world: World) -> None:
    """--no-mail withholds it."""
    _, told = thanked(world, Terms(mail=False))
    assert told == set()


def test_in_january_the_coordinator_reads_whom_we_know(
    world: World, relay: RecordingNotifier
) -> None:
    """All whom the mail names are found again when one of them is to be erased."""
    world.now = at(date(2027, 12, 6))
    ref = world.start()
    world.tick_daily(at(date(2028, 1, 10), 12))
    (notice,) = made(relay, "contacts_check")
    assert notice.to.email == "jo@example.org"
    assert [point.label.partition(":")[0] for point in notice.roles][:2] == [
        "LIVC R-coördinator",
        "burgemeester van Gent",
    ]
    assert "@" not in " ".join(point.label for point in notice.roles)
    (queued,) = [m for m in world.facts(ref, MailQueued) if m.notice == "contacts_check"]
    held = {f"contact:{number}" for number, _, _ in world.trajectory(ref).assignments}
    assert held <= set(queued.named)
