"""The thanks after the feedback moment and the question of January, from command to mail."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.domain.events import MailQueued
from engine.ports import Notice
from engine.service import criteria, moving, people
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


def later(world: World) -> None:
    """Let a round make what is due, and another one send it after the hold-back."""
    world.tick()
    world.tick_at(world.now + world.hold_back)


def test_a_start_on_the_day_of_the_question_is_not_followed_by_it(
    world: World, relay: RecordingNotifier
) -> None:
    """Who was just told who is involved is not asked an hour later whether that is so."""
    world.now = at(date(2027, 1, 8), 8, 5)
    world.start()
    later(world)
    world.tick_at(at(date(2027, 1, 8), 9, 1))
    assert sorted(relay.to()) == ["jo@example.org", "rita@example.org"]


def test_a_question_that_waits_for_the_morning_outlives_a_change_of_phase(
    world: World, relay: RecordingNotifier
) -> None:
    """Made after hours, and the phase is left before it leaves."""
    world.now = at(date(2027, 6, 1))
    ref = world.start()
    world.tick_at(at(date(2028, 1, 10), 18))
    relay.take()
    world.advance(ref)
    world.tick_at(at(date(2028, 1, 11), 9, 1))
    subjects = [letter.subject for letter in relay.take()]
    assert len([s for s in subjects if s.startswith("Kloppen de contacten nog?")]) == 1


def test_a_round_that_goes_on_at_once_thanks_all_the_same(
    world: World, relay: RecordingNotifier
) -> None:
    """With the day of the moment and no points of the round that began, which is told beside it."""
    ref = world.start("monitoren_evalueren")
    world.walk(ref, "feedback")
    later(world)
    relay.take()
    criteria.meet(world.desk(), ref, ["feedback_held"])
    world.now += timedelta(minutes=5)
    world.meet(ref)
    moving.next_round(world.desk(), ref)
    later(world)
    notices = made(relay, "feedback_report")
    assert {n.to.email for n in notices} == {"jo@example.org", "rita@example.org"}
    assert "jo@example.org" in {n.to.email for n in made(relay, "phase_started")}
    assert all(n.held_on == world.desk().today for n in notices)
    assert all(not (n.points or n.coach_points) for n in notices)


def test_nobody_is_thanked_twice_for_one_day(world: World, relay: RecordingNotifier) -> None:
    """A slip put right after the mail has left; another day is news to both."""
    ref, told = thanked(world)
    later(world)
    later(world)
    relay.take()
    criteria.reopen(world.desk(), ref, ["feedback_held"], reason=WHY)
    again = criteria.meet(world.desk(), ref, ["feedback_held"])
    assert [m for m in again.mailings if m.notice == "feedback_report"] == []
    later(world)
    assert relay.take() == []
    criteria.reopen(world.desk(), ref, ["feedback_held"], reason=WHY)
    world.now += timedelta(days=1)
    other = criteria.meet(world.desk(), ref, ["feedback_held"])
    assert {m.email for m in other.mailings if m.notice == "feedback_report"} == told


def test_who_came_meanwhile_is_thanked_where_the_others_were(
    world: World, relay: RecordingNotifier
) -> None:
    """One mail, to the one who had none."""
    ref, _ = thanked(world)
    later(world)
    later(world)
    relay.take()
    criteria.reopen(world.desk(), ref, ["feedback_held"], reason=WHY)
    els = people.ContactData("Els Aerts", "els@example.org")
    people.add_contact(world.desk(), ref, els, role="coordinator")
    again = criteria.meet(world.desk(), ref, ["feedback_held"])
    told = [m.email for m in again.mailings if m.notice == "feedback_report"]
    assert told == ["els@example.org"]
