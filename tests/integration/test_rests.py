"""Reminders that rest, over both databases: until which day, and which of them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from engine.dispatch.forecast import forecast
from engine.domain import snoozing
from engine.domain.errors import BadInput, Refused
from engine.service import moving
from engine.store.database import Database
from engine.store.dossiers import dossier
from tests.fakes import RecordingNotifier
from tests.world import World, at

pytestmark = pytest.mark.above_the_store

WHY = "the coordinator is ill"


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything."""
    return RecordingNotifier()


@pytest.fixture
def world(database: Database, relay: RecordingNotifier) -> World:
    """A log with a coach, on either database."""
    return World(database, relay)


def coming(world: World, ref: str) -> Counter[tuple[date, str, str]]:
    """Return the mails of a forecast: day, notice, reader."""
    with world.database.reading() as connection:
        found = dossier(connection, ref)
    mails = forecast(found, now=world.now, calendar=world.calendar, hold_back=world.hold_back)
    return Counter((m.at.date(), m.notice, m.email) for m in mails)


def until(world: World, ref: str) -> list[date]:
    """Return the days until which reminders rest, as the screens say them."""
    return [rest.until for rest in snoozing.resting(world.trajectory(ref), world.now)]


def test_a_rest_ends_in_a_closed_period_on_the_day_that_was_said(
    world: World, relay: RecordingNotifier
) -> None:
    """Mail leaves on 12 July as on any working day; what is told, forecast and sent agree."""
    world.now = at(date(2027, 6, 7))
    ref = world.start()
    world.tick()
    world.tick_at(world.now + world.hold_back)
    relay.take()
    day = date(2027, 7, 12)
    moving.snooze(world.desk(), ref, day, reason=WHY)
    assert until(world, ref) == [day]
    expected = {key for key in coming(world, ref) if key[0] <= day}
    assert {key[:2] for key in expected} == {(day, "overdue")}
    world.tick_daily(at(day, 8, 59))
    assert relay.take() == []
    world.tick_at(at(day, 9, 1))
    assert sorted(relay.to()) == sorted(reader for _, _, reader in expected)


def test_a_rest_until_a_free_day_ends_on_the_next_working_day_and_says_so(world: World) -> None:
    """A Saturday becomes a Monday, at the very limit too."""
    ref = world.start()
    moving.snooze(world.desk(), ref, date(2027, 3, 13), reason=WHY)
    assert until(world, ref) == [date(2027, 3, 15)]
    world.now = at(date(2027, 3, 4))  # half a year later is a Saturday
    moving.snooze(world.desk(), ref, date(2027, 9, 6), reason=WHY)
    assert until(world, ref) == [date(2027, 9, 6)]
    with pytest.raises(BadInput):
        moving.snooze(world.desk(), ref, date(2027, 9, 7), reason=WHY)


def test_who_is_ill_is_not_asked_about_contacts_either(
    world: World, relay: RecordingNotifier
) -> None:
    """The question of January rests with the reminders, and the forecast says when it comes."""
    world.now = at(date(2027, 11, 2))
    ref = world.start()
    world.tick()
    world.tick_at(world.now + world.hold_back)
    day = date(2028, 2, 1)
    moving.snooze(world.desk(), ref, day, reason=WHY, role="coordinator")
    assert (day, "contacts_check", "jo@example.org") in coming(world, ref)
    world.tick_daily(at(date(2028, 1, 31), 12))
    relay.take()
    expected = {reader for on, _, reader in coming(world, ref) if on == day}
    world.tick_at(at(day, 9, 1))
    found = relay.take()
    assert len([x for x in found if x.subject.startswith("Kloppen de contacten nog?")]) == 1
    assert {letter.envelope_to for letter in found} == expected


def test_an_offer_after_the_end_rests_until_it_is_woken(
    world: World, relay: RecordingNotifier
) -> None:
    """A completed trajectory says what still rests; nothing new can rest there."""
    ref = world.start()
    world.walk(ref, "feedback")
    day = world.desk().today + timedelta(days=180)
    moving.snooze(world.desk(), ref, day, reason=WHY)
    world.advance(ref)
    assert world.trajectory(ref).status == "completed"
    (rests,) = until(world, ref)
    assert (rests, "followup_offer", "jo@example.org") in coming(world, ref)
    with pytest.raises(Refused):
        moving.snooze(world.desk(), ref, day, reason=WHY)
    moving.snooze(world.desk(), ref, world.desk().today)
    assert until(world, ref) == []
    assert min(on for on, notice, _ in coming(world, ref) if notice == "followup_offer") < rests
