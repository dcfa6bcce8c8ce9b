"""Calm, over both databases: rests, absences, limits, holds and late policies; nothing vanishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from random import Random

import pytest

from engine.audit import rebuild, verify
from engine.dispatch import desk as mail_desk
from engine.dispatch.forecast import forecast
from engine.dispatch.post import Limits
from engine.domain.errors import BadInput, Refused, TrajectError
from engine.domain.events import (
    MailCancelled,
    MailDeferred,
    MailHeld,
    MailQueued,
    MailReleased,
    ReminderSkipped,
    ReminderSnoozed,
    ReminderSuperseded,
)
from engine.domain.people import Actor
from engine.domain.trajectory import Snooze
from engine.language import words
from engine.ports import Letter, Receipt
from engine.service import actors, criteria, moving, people
from engine.service.desk import Desk, Terms
from engine.store.database import Database
from engine.store.dossiers import dossier
from engine.store.due import beat, last_beat
from engine.store.holds import QUEUE
from tests import fakes
from tests.fakes import RecordingNotifier
from tests.world import MONDAY, World, at, category

pytestmark = pytest.mark.above_the_store

WHY = "the coordinator is ill"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
OVERVIEW = "monthly_overview"


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything until told otherwise."""
    return RecordingNotifier()


@pytest.fixture
def world(database: Database, relay: RecordingNotifier) -> World:
    """A log with a coach, on either database."""
    return World(database, relay)


@pytest.fixture
def bo(world: World) -> Actor:
    """A colleague who may stand in."""
    return actors.add_actor(
        world.desk(), name="Bo Claes", email="bo@example.org", account="uid:77", role="coach"
    )


def quiet(world: World) -> str:
    """Start a trajectory and let its first mails go."""
    ref = world.start()
    world.tick()
    world.tick_at(world.now + 31 * MINUTE)
    relay_of(world).take()
    return ref


def relay_of(world: World) -> RecordingNotifier:
    """Return the relay of a world."""
    assert isinstance(world.notifier, RecordingNotifier)
    return world.notifier


def sound(world: World) -> None:
    """Require that everything verifies and that a rebuild finds nothing to mend."""
    report = verify(world.database)
    assert [words("en").say(found.sentence) for found in report.problems] == []
    assert rebuild(world.database).differing == 0


def ladder(world: World, ref: str, role: str = "coordinator") -> list[date]:
    """Return the days of the reminders of a role that are planned."""
    return [r.day for r in world.trajectory(ref).planned() if r.deadline and r.role == role]


def queue(world: World) -> dict[str, object]:
    """Return the heartbeat of the queue."""
    with world.database.reading() as connection:
        found = last_beat(connection, QUEUE)
    return found[1] if found else {"state": "open"}


def coming(world: World, ref: str) -> Counter[tuple[str, str, str]]:
    """Return the mails of a forecast: day and hour, notice, reader."""
    with world.database.reading() as connection:
        found = dossier(connection, ref)
    mails = forecast(found, now=world.now, calendar=world.calendar, hold_back=world.hold_back)
    return Counter((f"{m.at:%Y-%m-%d %H:%M}", m.notice, m.email) for m in mails)


# --- snooze -----------------------------------------------------------------------------------


def test_reminders_rest_and_then_each_reader_gets_one(world: World) -> None:
    """Two reminders within the rest become one on its last day; the target date stands."""
    ref = quiet(world)
    first, second = ladder(world, ref)[:2]
    due = world.trajectory(ref).due_on()
    until = world.calendar.next_sending_day(second + DAY)
    world.tick_at(at(first - DAY, 10))
    moving.snooze(world.desk(), ref, until, reason=WHY)
    expected = coming(world, ref)
    assert world.trajectory(ref).due_on() == due
    world.tick_daily(at(until - DAY, 20))
    assert relay_of(world).take() == []
    world.tick_at(at(until, 9, 1))
    assert [letter.envelope_to for letter in relay_of(world).take()] == ["jo@example.org"]
    assert (f"{at(until):%Y-%m-%d %H:%M}", "deadline_soon", "jo@example.org") in expected
    covered = [f for f in world.facts(ref, ReminderSuperseded) if f.reason == "covered"]
    assert len(covered) == 1
    assert all(count == 1 for count in world.outcomes(ref).values())
    sound(world)


def test_a_rest_of_one_role_leaves_the_others_alone(world: World) -> None:
    """The coach is still told of what is late."""
    ref = quiet(world)
    late = ladder(world, ref, "coach")[0]
    until = world.calendar.next_sending_day(late + 5 * DAY)
    world.tick_at(at(late - 5 * DAY, 10))
    relay_of(world).take()
    moving.snooze(world.desk(), ref, until, reason=WHY, role="coordinator")
    world.tick_daily(at(late, 12))
    assert {letter.envelope_to for letter in relay_of(world).take()} == {"an@example.org"}


def test_a_rest_can_end_earlier(world: World) -> None:
    """What was due meanwhile leaves at the next round, once; the rest keeps its own days."""
    ref = quiet(world)
    days = ladder(world, ref)
    world.tick_at(at(days[0] - DAY, 10))
    moving.snooze(world.desk(), ref, days[1] + 20 * DAY, reason=WHY)
    world.tick_daily(at(days[0], 12))
    assert relay_of(world).take() == []
    moving.snooze(world.desk(), ref, world.desk().today)
    assert world.trajectory(ref).snoozes == ()
    world.tick()
    assert len(relay_of(world).take()) == 1
    world.tick_daily(at(days[1], 12))
    assert len(relay_of(world).take()) == 1
    sound(world)


def test_a_mail_that_waits_already_rests_as_well(world: World, relay: RecordingNotifier) -> None:
    """It was made, and the relay was unwell: it leaves when the rest is over, if at all."""
    ref = quiet(world)
    first = ladder(world, ref)[0]
    relay.answer(fakes.UNWELL)
    world.tick_at(at(first, 9, 1))
    relay.take()
    moving.snooze(world.desk(), ref, first + 3 * DAY, reason=WHY)
    world.tick_at(at(first, 15))
    assert relay.take() == []
    woken = world.trajectory(ref).snoozes[0].at
    world.tick_at(woken + MINUTE)
    assert len(relay.take()) == 1


def test_a_rest_needs_a_reason_and_an_end_in_reach(world: World) -> None:
    """And a trajectory that is under way, with something that rests where it is to end."""
    ref = quiet(world)
    today = world.desk().today
    refused: list[tuple[type[TrajectError], Callable[[], object]]] = [
        (BadInput, lambda: moving.snooze(world.desk(), ref, today + DAY)),
        (BadInput, lambda: moving.snooze(world.desk(), ref, today + 400 * DAY, reason=WHY)),
        (BadInput, lambda: moving.snooze(world.desk(), ref, today - DAY)),
        (BadInput, lambda: moving.snooze(world.desk(), ref, today + DAY, reason=WHY, role="cook")),
        (Refused, lambda: moving.snooze(world.desk(), ref, today)),
    ]
    for kind, act in refused:
        with pytest.raises(kind):
            act()
    moving.pause(world.desk(), ref, reason="merger", until=today + 30 * DAY)
    with pytest.raises(Refused, match="paused"):
        moving.snooze(world.desk(), ref, today + DAY, reason=WHY)


def test_a_rest_holds_for_a_ladder_that_is_planned_meanwhile(world: World) -> None:
    """A date that moves has new reminders, and those rest too."""
    ref = quiet(world)
    today = world.desk().today
    moving.snooze(world.desk(), ref, today + 40 * DAY, reason=WHY)
    moving.reschedule(world.desk(), ref, today + 20 * DAY, reason="sooner")
    woken = world.trajectory(ref).snoozes[0].at
    world.tick_daily(woken - timedelta(hours=1))
    assert relay_of(world).take() == []
    world.tick_at(woken + MINUTE)
    assert Counter(letter.envelope_to for letter in relay_of(world).take()) == {
        "jo@example.org": 1, "an@example.org": 1,
    }  # fmt: skip


def test_a_replay_asks_no_calendar_when_a_rest_ends(world: World) -> None:
    """The moment is part of the fact."""
    ref = quiet(world)
    saturday = date(2027, 3, 13)
    moving.snooze(world.desk(), ref, saturday, reason=WHY)
    assert world.facts(ref, ReminderSnoozed)[0].at == at(date(2027, 3, 15))
    monday = date(2027, 3, 15)
    assert world.trajectory(ref).snoozes == (Snooze(monday, at(monday)),)


# --- away -------------------------------------------------------------------------------------


def test_a_substitute_reads_and_signs_until_the_day_of_return(world: World, bo: Actor) -> None:
    """Mails for the coach go to the substitute; both stand in the trail, and it ends by itself."""
    ref = quiet(world)
    late = ladder(world, ref, "coach")[0]
    actors.leave(world.desk(), world.coach.id, bo.id, first=late - DAY, until=late + DAY)
    expected = coming(world, ref)
    world.tick_daily(at(late, 12))
    letters = {letter.envelope_to: letter for letter in relay_of(world).take()}
    assert "an@example.org" not in letters
    assert (f"{at(late):%Y-%m-%d %H:%M}", "overdue", "bo@example.org") in expected
    mine = letters["bo@example.org"].mime
    assert b'From: "Bo Claes (VVSG)"' in mine and b"Reply-To: Bo Claes <bo@example.org>" in mine
    assert b"in plaats van An Peeters" in mine
    queued = [f for f in world.facts(ref, MailQueued) if f.person == "actor:2"]
    assert [(f.instead_of, {"actor:1", "actor:2"} <= {*f.named}) for f in queued] == [
        ("actor:1", True)
    ]
    jo = [f for f in world.facts(ref, MailQueued) if f.notice == "overdue" and f.person[0] == "c"]
    assert jo[-1].instead_of == "actor:1"
    world.tick_daily(at(world.calendar.add_working_days(late, 12), 12))
    later = [letter.envelope_to for letter in relay_of(world).take()]
    assert "an@example.org" in later and "bo@example.org" not in later
    sound(world)


def test_a_municipality_reads_in_whose_place_a_mail_is_signed(world: World, bo: Actor) -> None:
    """Its answers go to who is there."""
    ref = quiet(world)
    first = ladder(world, ref)[0]
    actors.leave(world.desk(), world.coach.id, bo.id, first=world.desk().today, until=first + DAY)
    world.tick_daily(at(first, 12))
    (letter,) = relay_of(world).take()
    assert letter.envelope_to == "jo@example.org"
    assert b"Bo Claes, in plaats van An Peeters, VVSG" in letter.mime
    assert b"Reply-To: Bo Claes" in letter.mime


def test_who_is_away_may_come_back_earlier(world: World, bo: Actor) -> None:
    """The next mail goes to the coach again."""
    ref = quiet(world)
    late = ladder(world, ref, "coach")[0]
    actors.leave(
        world.desk(), world.coach.id, bo.id, first=world.desk().today, until=late + 9 * DAY
    )
    back = actors.come_back(world.desk(), world.coach.id)
    assert (back.away_from, back.away_until, back.substitute) == (None, None, None)
    world.tick_daily(at(late, 12))
    assert "an@example.org" in {letter.envelope_to for letter in relay_of(world).take()}
    with pytest.raises(Refused):
        actors.come_back(world.desk(), world.coach.id)


def test_absences_are_said_by_who_is_away_or_a_lead(world: World, bo: Actor) -> None:
    """Nobody stands in for themselves, nor for longer than a year."""
    today = world.desk().today
    theirs = Desk(world.database, bo, world.now, world.calendar)
    with pytest.raises(Refused, match="said by"):
        actors.leave(theirs, world.coach.id, bo.id, first=today, until=today + DAY)
    with pytest.raises(Refused, match="stand in"):
        actors.leave(world.desk(), world.coach.id, world.coach.id, first=today, until=today + DAY)
    for until in (today, today + 500 * DAY):
        with pytest.raises(BadInput):
            actors.leave(world.desk(), world.coach.id, bo.id, first=today, until=until)
    lead = actors.change_actor(world.desk(), bo.id, role="lead")
    theirs = Desk(world.database, lead, world.now, world.calendar)
    away = actors.leave(theirs, world.coach.id, bo.id, first=today, until=today + DAY)
    assert away.substitute == bo.id


def test_where_everybody_is_away_the_coach_is_mailed_nevertheless(world: World, bo: Actor) -> None:
    """A ring of substitutes loses no mail."""
    ref = quiet(world)
    late = ladder(world, ref, "coach")[0]
    theirs = Desk(world.database, bo, world.now, world.calendar)
    today, until = world.desk().today, late + DAY
    actors.leave(world.desk(), world.coach.id, bo.id, first=today, until=until)
    actors.leave(theirs, bo.id, world.coach.id, first=today, until=until)
    world.tick_daily(at(late, 12))
    assert "an@example.org" in {letter.envelope_to for letter in relay_of(world).take()}


def waiting_for(world: World, relay: RecordingNotifier, bo: Actor | None = None) -> str:
    """Return a trajectory whose coach is late and whose mail about it waits for the server.

    It was made for who stands in for the coach, where somebody does.
    """
    ref = quiet(world)
    late = ladder(world, ref, "coach")[0]
    world.now = at(late - DAY, 10)
    if bo is not None:
        until = late + 20 * DAY
        actors.leave(world.desk(), world.coach.id, bo.id, first=late - DAY, until=until)
    relay.answer(fakes.UNWELL)
    world.tick_at(at(late, 9, 1))
    relay.take()
    world.now = at(late, 9, 2)
    return ref


def left_to(world: World, relay: RecordingNotifier, ref: str) -> set[str]:
    """Return who gets the mails that wait, once the server is well; the forecast said so."""
    foretold = {to for day, _, to in coming(world, ref) if day[:10] == f"{world.desk().today}"}
    world.tick_at(world.now + 31 * MINUTE)
    assert foretold == set(relay.to())
    sound(world)
    return set(relay.to())


def test_who_is_back_gets_what_waited_for_the_substitute(
    world: World, relay: RecordingNotifier, bo: Actor
) -> None:
    """It is written anew, to the coach; the substitute gets nothing more."""
    ref = waiting_for(world, relay, bo)
    actors.come_back(world.desk(), world.coach.id)
    assert left_to(world, relay, ref) == {"jo@example.org", "an@example.org"}
    assert {f.reason for f in world.facts(ref, MailCancelled)} == {"substituted", "renewed"}


def test_where_the_substitute_leaves_too_the_next_one_reads(
    world: World, relay: RecordingNotifier, bo: Actor
) -> None:
    """No mail goes to somebody who is away."""
    third = actors.add_actor(
        world.desk(), name="Ci Baert", email="ci@example.org", account="uid:78", role="coach"
    )
    ref, today = waiting_for(world, relay, bo), world.desk().today
    theirs = Desk(world.database, bo, world.now, world.calendar)
    actors.leave(theirs, bo.id, third.id, first=today, until=today + 5 * DAY)
    assert left_to(world, relay, ref) == {"jo@example.org", "ci@example.org"}


def test_a_new_coach_gets_what_waited_for_the_former_one(
    world: World, relay: RecordingNotifier, bo: Actor
) -> None:
    """Who has the trajectory no longer reads nothing about it."""
    ref = waiting_for(world, relay)
    people.reassign(world.desk(), ref, bo.id)
    assert "an@example.org" not in left_to(world, relay, ref)
    assert "bo@example.org" in relay.to()


def test_what_nobody_is_to_read_is_cancelled(
    world: World, relay: RecordingNotifier, bo: Actor
) -> None:
    """The coach works here no longer, and there is no lead."""
    ref = waiting_for(world, relay)
    actors.change_actor(replace(world.desk(), actor=bo), world.coach.id, active=False)
    assert left_to(world, relay, ref) == {"jo@example.org"}
    assert [f.reason for f in world.facts(ref, MailCancelled)] == ["released"]


def test_a_mail_that_may_have_arrived_goes_on_to_who_reads_now(
    world: World, relay: RecordingNotifier, bo: Actor
) -> None:
    """The same bytes are promised to the same reader; to another it is another mail."""
    waiting_for(world, relay, bo)
    relay.answer(fakes.UNCLEAR, fakes.UNCLEAR)
    world.tick_at(world.now + 31 * MINUTE)
    first = {letter.envelope_to: letter.mime for letter in relay.take()}
    assert first.keys() == {"jo@example.org", "bo@example.org"}
    actors.come_back(world.desk(), world.coach.id)
    world.tick_at(world.now + 20 * MINUTE)
    again = {letter.envelope_to: letter.mime for letter in relay.take()}
    assert again.keys() == {"jo@example.org", "an@example.org"}
    assert again["jo@example.org"] == first["jo@example.org"]
    sound(world)


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["enough", "token", "mail"])
def test_words_are_compared_after_whatever_offered_nothing(
    world: World, relay: RecordingNotifier, why: str
) -> None:
    """Deferred, without a token, turned away at MAIL: what was settled meanwhile is not asked."""
    ref = quiet(world)
    first = ladder(world, ref)[0]
    if why == "enough":
        world.limits = Limits(a_day_each=0)
    else:
        relay.answer(Receipt("hold" if why == "token" else "pause", why))
    world.tick_at(at(first, 9, 1))
    world.limits = Limits()
    relay.take()
    criteria.meet(world.desk(), ref, ["coordinator_named"])
    world.tick_at(at(world.calendar.next_sending_day(first + DAY), 9, 1))
    (letter,) = relay.take()
    assert "coördinator aangeduid" not in words_of(letter)


def words_of(letter: Letter) -> str:
    """Return the text of a letter."""
    body = message_from_bytes(letter.mime, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_start_that_may_have_arrived_is_said_again_in_the_same_words(
    world: World, relay: RecordingNotifier
) -> None:
    """Though the trajectory moved on: the bytes are those of the first time."""
    ref = world.start()
    world.tick()
    relay.answer(fakes.UNCLEAR, fakes.UNCLEAR)
    world.tick_at(world.now + 31 * MINUTE)
    world.advance(ref)
    first = {letter.mime for letter in relay.take()}
    world.tick_at(world.now + 20 * MINUTE)
    assert {letter.mime for letter in relay.take()} == first


def test_an_overview_whose_day_is_over_when_it_could_leave_is_not_made(world: World) -> None:
    """The worker slept until the evening: the forecast does not promise it, and no mail is made."""
    ref = world.start()
    phases = category("reactiveren").workflow.phases.items()
    world.walk(ref, next(name for name, phase in phases if phase.kind == "execute"))
    world.tick()
    world.tick_at(world.now + 31 * MINUTE)
    first, second = [r.day for r in world.trajectory(ref).planned() if r.notice == OVERVIEW][:2]
    world.now = at(first, 18)
    foretold = [day[:10] for day, notice, _ in coming(world, ref) if notice == OVERVIEW]
    assert min(foretold) == f"{second}"
    before = len(world.mails(ref))
    world.tick()
    assert len(world.mails(ref)) == before
    assert "late" in {fact.reason for fact in world.facts(ref, ReminderSkipped)}


# --- limits and holds ---------------------------------------------------------------------------


def many(world: World, count: int) -> list[str]:
    """Start some trajectories and let their first mails go."""
    refs = [world.start() for _ in range(count)]
    world.tick()
    world.tick_at(world.now + 31 * MINUTE)
    relay_of(world).take()
    return refs


def test_more_than_may_leave_at_once_is_held_until_a_person_lets_it_go(world: World) -> None:
    """Nothing of it is made, whatever happens in between; then all of it leaves, once."""
    refs = many(world, 4)
    world.limits = Limits(at_once=3)
    world.now = at(ladder(world, refs[0])[0], 10)
    before = len(world.mails())
    for _ in range(3):
        tally = world.tick()
        assert (tally.held, tally.coming, tally.people) == (4, 4, 1)
        world.now += MINUTE
    assert len(world.mails()) == before
    told = {"state": "held", "why": "at_once", "mails": 4, "people": 1}
    assert queue(world) | told == queue(world)
    mail_desk.wake_queue(world.desk(), allowed=4)
    assert world.tick().sent == 4
    assert len(relay_of(world).take()) == 4
    world.now += DAY
    assert world.tick().held == 0
    sound(world)


def test_a_dry_run_counts_and_holds_nothing(world: World) -> None:
    """It says what would happen."""
    refs = many(world, 4)
    world.limits = Limits(at_once=3)
    world.now = at(ladder(world, refs[0])[0], 10)
    from engine.dispatch.tick import tick

    tally = tick(world.post(), dry_run=True)
    assert (tally.coming, tally.people, tally.held) == (4, 1, 4)
    assert queue(world)["state"] == "open"


def test_mails_that_were_left_behind_are_held_one_by_one(
    world: World, relay: RecordingNotifier
) -> None:
    """Weeks of an unwell relay end with a look, not with a flood; a second look is not needed."""
    refs = many(world, 4)
    first = ladder(world, refs[0])[0]
    relay.answer(fakes.UNWELL)
    world.tick_at(at(first, 9, 1))
    relay.take()
    world.limits = Limits(at_once=3)
    world.now = at(world.calendar.next_sending_day(first + 2 * DAY), 10)
    assert world.tick().held == 4
    assert relay.take() == []
    assert all(fact.reason == "many" for ref in refs for fact in world.facts(ref, MailHeld))
    assert queue(world)["mails"] == 4
    assert len(mail_desk.release(world.desk())) == 4
    mail_desk.wake_queue(world.desk())
    world.now += MINUTE
    assert world.tick().sent == 4
    assert [len(world.facts(ref, MailReleased)) for ref in refs] == [1, 1, 1, 1]
    sound(world)


def test_the_hourly_limit_breaks_until_a_person_mends_it(world: World) -> None:
    """The rest waits, with an alarm; it is neither lost nor sent by itself."""
    refs = many(world, 4)
    world.limits = Limits(an_hour=3)
    world.now = at(ladder(world, refs[0])[0], 10)
    tally = world.tick()
    assert (tally.sent, tally.held) == (3, 1)
    assert queue(world)["why"] == "an_hour"
    world.now += timedelta(hours=3)
    assert world.tick().sent == 0
    mail_desk.wake_queue(world.desk())
    world.now += MINUTE
    assert world.tick().sent == 1
    assert len(relay_of(world).take()) == 4
    sound(world)


def test_a_reader_gets_so_many_a_day_and_the_rest_on_the_next_working_day(world: World) -> None:
    """What a command caused counts, and leaves all the same."""
    refs = many(world, 4)
    world.limits = Limits(a_day_each=2)
    day = ladder(world, refs[0])[0]
    world.now = at(day, 10)
    assert world.tick().sent == 2
    moving.pause(world.desk(), refs[0], reason="merger", until=day + 30 * DAY)
    world.tick()
    world.now += 31 * MINUTE
    assert world.tick().sent == 1
    relay_of(world).take()
    deferred = [fact for ref in refs for fact in world.facts(ref, MailDeferred)]
    following = world.calendar.next_sending_day(day + DAY)
    assert {fact.until for fact in deferred} == {at(following)}
    world.tick_at(at(following, 9, 1))
    assert len(relay_of(world).take()) == len(deferred) - sum(
        f.until == at(following) for f in world.facts(refs[0], MailDeferred)
    )
    sound(world)


def test_a_server_does_not_end_a_hold(world: World) -> None:
    """Only a person does."""
    many(world, 1)
    held = {"state": "held", "until": "9999-12-31T00:00:00+00:00", "why": "an_hour",
            "mails": 1, "people": 1, "limit": 1, "pauses": 0}  # fmt: skip
    with world.database.writing() as connection:
        beat(connection, QUEUE, world.now, held)
    world.now += timedelta(days=30)
    world.tick()
    assert queue(world) == held


# --- hours --------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["release", "retry", "uncertain"])
def test_reminders_wait_for_working_hours_on_every_road(
    world: World, relay: RecordingNotifier, act: str
) -> None:
    """Released, retried or doubtful: a reminder leaves between eight and five."""
    ref = quiet(world)
    first = ladder(world, ref)[0]
    relay.answer(fakes.UNCLEAR if act == "uncertain" else fakes.LATER)
    world.tick_at(at(first, 16, 50))
    relay.take()
    number = world.mails(ref)[-1].id
    world.now = at(first, 19)
    if act == "release":
        mail_desk.hold(world.desk(), world.post(), number=number)
        mail_desk.release(world.desk(), number=number)
    elif act == "retry":
        mail_desk.retry(world.desk(), number)
    world.tick()
    assert relay.take() == []
    world.tick_at(at(world.calendar.next_sending_day(first + DAY), 9, 1))
    assert len(relay.take()) == 1


def test_a_mail_for_a_coming_day_waits_for_working_hours_too(world: World) -> None:
    """The start was said for a Wednesday; the worker slept until that night."""
    wednesday = MONDAY.date() + 2 * DAY
    world.start(terms=Terms(on=wednesday))
    world.tick_at(at(wednesday, 22))
    assert relay_of(world).take() == []
    world.tick_at(at(wednesday + DAY, 9, 1))
    assert relay_of(world).take() != []


# --- the forecast is what leaves ----------------------------------------------------------------


def beginning(world: World, chance: Random) -> str:
    """Return a trajectory in its first phase or in the coaching one, in spring or before winter."""
    world.now = chance.choice([MONDAY, at(date(2027, 11, 29), 10)])
    ref = quiet(world)
    if chance.random() < 0.6:
        phases = category("reactiveren").workflow.phases.items()
        world.walk(ref, next(name for name, phase in phases if phase.kind == "execute"))
        world.tick()
        world.tick_at(world.now + 31 * MINUTE)
    return ref


def disturbed(world: World, ref: str, bo: Actor, chance: Random) -> None:
    """Let reminders rest, people be away, a server be unwell, and the worker sleep."""
    for _ in range(chance.randint(0, 2)):
        until = world.desk().today + chance.randint(10, 60) * DAY
        role = chance.choice((None, "coordinator", "coach"))
        moving.snooze(world.desk(), ref, until, reason=WHY, role=role)
    if chance.random() < 0.7:
        first = world.desk().today + chance.randint(0, 40) * DAY
        actors.leave(world.desk(), world.coach.id, bo.id, first=first, until=first + 20 * DAY)
    moments = sorted({r.day for r in world.trajectory(ref).planned()})
    day = chance.choice(moments[:6])
    world.tick_daily(at(day - DAY, 12))
    if chance.random() < 0.5:
        relay_of(world).answer(fakes.UNWELL)
        world.tick_at(at(day, 9, 5))
    asleep = chance.choice([0, 0, 1, 2, 3, 6])
    world.now = at(day + asleep * DAY, chance.choice([10, 12, 16, 18, 22]))
    relay_of(world).take()


@pytest.mark.parametrize(
    ("seed", "days"),
    [(117, 40), *(pytest.param(n, 130, marks=pytest.mark.campaign) for n in range(100, 150))],
)
def test_the_forecast_is_what_leaves(world: World, bo: Actor, seed: int, days: int) -> None:
    """Mail for mail and day for day when nobody acts, at whatever moment it is asked."""
    chance = Random(seed)
    ref = beginning(world, chance)
    disturbed(world, ref, bo, chance)
    asked = world.now
    last = f"{asked.date() + days * DAY}"
    expected = Counter(
        (day[:10], to) for day, _, to in coming(world, ref).elements() if day[:10] <= last
    )
    sent: Counter[tuple[str, str]] = Counter()

    def round_at(moment: datetime) -> None:
        world.tick_at(moment)
        letters = relay_of(world).take()
        sent.update((f"{world.desk().today}", letter.envelope_to) for letter in letters)

    for minutes in (0, 31):
        round_at(asked + minutes * MINUTE)
    for day in range(1, days + 1):
        round_at(at(asked.date() + day * DAY, 9, 5))
    assert sent == expected
    sound(world)
