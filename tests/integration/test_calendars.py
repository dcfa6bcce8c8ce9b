"""The calendar entries of a trajectory's life: invited, moved, called off, never left behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.audit import rebuild, verify
from engine.dispatch import desk as mail_desk
from engine.domain.agenda import mistaken
from engine.domain.errors import TrajectError
from engine.domain.events import FeedbackChanged, MailQueued, ReminderSuperseded
from engine.domain.machine import Pinned
from engine.domain.untold import untold
from engine.ports import Letter
from engine.service import criteria, moving, people, starting
from engine.service.desk import Outcome, Terms
from engine.store.database import Database
from tests.calendars import Read, entries, shown
from tests.fakes import RecordingNotifier
from tests.world import GENT, JO, MONDAY, RITA, World, at, category

DAY, HOLD_BACK = timedelta(days=1), timedelta(minutes=31)
SAM = starting.Involved("socio_partner", "Sam Wouters", "sam@example.org")
MAYOR, COORDINATOR, PARTNER = "rita@example.org", "jo@example.org", "sam@example.org"
INVITED = {MAYOR, COORDINATOR, PARTNER}
WHY = "past voor niemand meer"


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything."""
    return RecordingNotifier()


@pytest.fixture
def world(sqlite_database: Database, relay: RecordingNotifier) -> World:
    """A log with a coach."""
    return World(sqlite_database, relay)


def feedback_day(world: World, ref: str) -> date:
    """Return the day of the feedback moment as its target date stands."""
    standing = world.trajectory(ref).open_deadlines()
    return next(d.deadline.due_on for d in standing if d.deadline.deadline == "feedback")


def invited(world: World, phase: str = "coaching") -> str:
    """Return a trajectory whose invitations to the feedback moment just left."""
    ref = world.start(involved=(JO, RITA, SAM))
    world.walk(ref, "action_plan")
    world.meet(ref, but=["feedback_date_set"])
    day = world.desk().today + 21 * DAY
    criteria.meet(world.desk(), ref, ["feedback_date_set"], value=day)
    world.walk(ref, phase)
    world.tick_at(world.now + HOLD_BACK)
    world.tick_daily(at(world.calendar.rung_before(day, 10), 12))
    return ref


def moments(letters: list[Letter]) -> dict[str, Read]:
    """Return the invitation or its withdrawal in each mail, by reader."""
    return {letter.envelope_to: read for letter in letters for read in shown(letter)}


def told(world: World, relay: RecordingNotifier) -> dict[str, Read]:
    """Return what readers' calendars learn once the hold-back is over."""
    relay.take()
    world.tick()
    world.tick_at(world.now + HOLD_BACK)
    return moments(relay.take())


def notices(outcome: Outcome) -> set[tuple[str, str]]:
    """Return which mail goes to whom, as the command says."""
    return {(mailing.email, mailing.notice) for mailing in outcome.mailings}


def sound(world: World) -> None:
    """Assert that the history verifies and gives the same projections once more."""
    assert verify(world.database).problems == ()
    assert rebuild(world.database).differing == 0


def test_a_moment_is_one_entry_from_the_invitation_to_the_end(
    world: World, relay: RecordingNotifier
) -> None:
    """Invited, moved, called off by a send-back: the same UID, a higher number, who was asked."""
    ref = invited(world)
    due = feedback_day(world, ref)
    first = moments(relay.take())
    assert first.keys() == INVITED
    assert {(r.method, r.begins, r.status, r.people) for r in first.values()} == {
        ("REQUEST", due, "CONFIRMED", (f"mailto:{to}",)) for to in INVITED
    }
    (uid,) = {read.uid for read in first.values()}

    new = due + 35 * DAY
    outcome = moving.reschedule(world.desk(), ref, new, reason=WHY, deadline="feedback")
    assert notices(outcome) == {(to, "feedback_changed") for to in INVITED}
    second = told(world, relay)
    assert second.keys() == INVITED
    assert {(r.method, r.uid, r.begins) for r in second.values()} == {("REQUEST", uid, new)}
    assert min(r.sequence for r in second.values()) > max(r.sequence for r in first.values())
    sound(world)

    outcome = moving.send_back(world.desk(), ref, "action_plan", reason="context_changed")
    assert notices(outcome) == {
        (MAYOR, "feedback_changed"), (PARTNER, "feedback_changed"), (COORDINATOR, "phase_started"),
    }  # fmt: skip
    third = told(world, relay)
    assert third.keys() == INVITED
    assert {(r.method, r.uid, r.status, r.begins) for r in third.values()} == {
        ("CANCEL", uid, "CANCELLED", new)
    }
    assert min(r.sequence for r in third.values()) > max(r.sequence for r in second.values())
    assert world.trajectory(ref).feedback_changed
    assert not [b for b in world.trajectory(ref).bookings if b.about.startswith("feedback/")]
    sound(world)


def test_who_was_not_invited_hears_nothing(world: World, relay: RecordingNotifier) -> None:
    """A day that moves before anybody knew of it is nobody's news."""
    ref = world.start(involved=(JO, RITA, SAM))
    world.walk(ref, "coaching")
    day = feedback_day(world, ref) + DAY
    outcome = moving.reschedule(world.desk(), ref, day, reason=WHY, deadline="feedback")
    assert notices(outcome) == set()
    assert world.facts(ref, FeedbackChanged) == []


def test_a_slip_that_is_put_right_leaves_calendars_alone(
    world: World, relay: RecordingNotifier
) -> None:
    """Sent back by mistake and advanced again: the same day stands, nobody is mailed about it."""
    ref = invited(world, "feedback")
    due = feedback_day(world, ref)
    outcome = moving.send_back(world.desk(), ref, "action_plan", reason="registration_error")
    assert notices(outcome) == set()
    world.meet(ref, but=["feedback_date_set"])
    criteria.meet(world.desk(), ref, ["feedback_date_set"], value=due)
    moving.advance(world.desk(), ref)
    assert feedback_day(world, ref) == due
    assert told(world, relay) == {}
    assert world.facts(ref, FeedbackChanged) == []
    moving.reschedule(world.desk(), ref, due + 7 * DAY, reason=WHY, deadline="feedback")
    assert told(world, relay).keys() == INVITED
    sound(world)


def test_moved_and_moved_back_within_the_hold_back_tells_nobody(
    world: World, relay: RecordingNotifier
) -> None:
    """The mails of the first move are withdrawn; the second has nothing to say."""
    ref = invited(world)
    due = feedback_day(world, ref)
    moving.reschedule(world.desk(), ref, due + 7 * DAY, reason=WHY, deadline="feedback")
    world.tick()
    outcome = moving.reschedule(world.desk(), ref, due, reason=WHY, deadline="feedback")
    assert notices(outcome) == set()
    assert told(world, relay) == {}
    mails = [m.status for m in world.mails(ref) if m.notice == "feedback_changed"]
    assert mails == ["cancelled"] * 3
    sound(world)


def test_moved_twice_within_the_hold_back_tells_the_last_day_once(
    world: World, relay: RecordingNotifier
) -> None:
    """One mail each, with the day that stands."""
    ref = invited(world)
    due = feedback_day(world, ref)
    moving.reschedule(world.desk(), ref, due + 7 * DAY, reason=WHY, deadline="feedback")
    world.tick()
    moving.reschedule(world.desk(), ref, due + 14 * DAY, reason=WHY, deadline="feedback")
    learnt = told(world, relay)
    assert {read.begins for read in learnt.values()} == {due + 14 * DAY}
    assert learnt.keys() == INVITED
    sound(world)


def test_a_moment_brought_forward_and_told_too_late_leaves_the_old_day_all_the_same(
    world: World, relay: RecordingNotifier
) -> None:
    """Moved to today, mailed tomorrow: the old day is no longer kept free for it."""
    ref = invited(world)
    relay.take()
    today = world.desk().today
    moving.reschedule(world.desk(), ref, today, reason=WHY, deadline="feedback")
    world.tick_daily(world.now + DAY)
    learnt = moments(relay.take())
    assert {(to, read.method, read.begins) for to, read in learnt.items()} == {
        (to, "REQUEST", today) for to in INVITED
    }
    sound(world)


def test_who_was_invited_to_a_day_that_is_past_hears_of_no_other_past_day(
    world: World, relay: RecordingNotifier
) -> None:
    """Moved a day on, and no round until both days are over: there is nothing to put right."""
    ref = invited(world)
    due = feedback_day(world, ref)
    world.now = at(due, 12)
    relay.take()
    moving.reschedule(world.desk(), ref, due + DAY, reason=WHY, deadline="feedback")
    world.tick_at(world.now + 7 * DAY)
    world.tick_at(world.now + HOLD_BACK)
    assert moments(relay.take()) == {}
    assert {m.status for m in world.mails(ref) if m.notice == "feedback_changed"} <= {"cancelled"}
    sound(world)


def test_an_hour_is_an_update_of_the_same_entry(world: World, relay: RecordingNotifier) -> None:
    """Planned for two in the afternoon: the entry is timed, in UTC, for an hour and a half."""
    ref = invited(world, "feedback")
    due = feedback_day(world, ref)
    first = moments(relay.take())
    outcome = criteria.plan(world.desk(), ref, ["feedback_held"], day=due, time="14:00")
    assert notices(outcome) == {(to, "feedback_changed") for to in INVITED}
    learnt = told(world, relay)
    begins = at(due, 14)
    assert {(r.begins, r.ends, r.transparency) for r in learnt.values()} == {
        (begins, begins + timedelta(minutes=90), "OPAQUE")
    }
    assert {r.uid for r in learnt.values()} == {r.uid for r in first.values()}
    moving.reschedule(world.desk(), ref, due + 7 * DAY, reason=WHY, deadline="feedback")
    assert {r.begins for r in told(world, relay).values()} == {due + 7 * DAY}
    sound(world)


def test_a_pause_calls_it_off_and_the_next_invitation_takes_the_same_entry_up(
    world: World, relay: RecordingNotifier
) -> None:
    """The coordinator reads it in the mail about the pause; after it all are invited anew."""
    ref = invited(world)
    (uid,) = {read.uid for read in moments(relay.take()).values()}
    outcome = moving.pause(world.desk(), ref, reason="merger", until=world.desk().today + 60 * DAY)
    assert notices(outcome) == {
        (MAYOR, "feedback_changed"), (PARTNER, "feedback_changed"), (COORDINATOR, "paused"),
    }  # fmt: skip
    assert {(r.method, r.uid) for r in told(world, relay).values()} == {("CANCEL", uid)}
    world.tick_daily(world.now + 5 * DAY)
    relay.take()
    moving.resume(world.desk(), ref)
    world.tick_daily(at(feedback_day(world, ref), 12))
    again = {to: r for to, r in moments(relay.take()).items() if r.method == "REQUEST"}
    assert again.keys() == INVITED
    assert {(r.uid, r.begins) for r in again.values()} == {(uid, feedback_day(world, ref))}
    sound(world)


def test_a_pause_that_ends_at_once_withdraws_what_it_caused(
    world: World, relay: RecordingNotifier
) -> None:
    """Resumed before the hold-back is over, on the same day: the moment stands as it stood."""
    ref = invited(world)
    moving.pause(world.desk(), ref, reason="merger", until=world.desk().today + 60 * DAY)
    world.tick()
    moving.resume(world.desk(), ref)
    assert told(world, relay) == {}
    sound(world)


def test_what_the_mail_about_a_pause_was_to_call_off_is_called_off_without_it(
    world: World, relay: RecordingNotifier
) -> None:
    """Waived, then paused and resumed before any mail left: the coordinator hears as well."""
    ref = invited(world, "feedback")
    relay.take()
    criteria.waive(world.desk(), ref, ["feedback_held"], reason=WHY)
    moving.pause(world.desk(), ref, reason="merger", until=world.desk().today + 60 * DAY)
    world.tick()
    moving.resume(world.desk(), ref)
    learnt = told(world, relay)
    assert learnt.keys() == INVITED
    assert {read.method for read in learnt.values()} == {"CANCEL"}
    sound(world)


def test_a_stop_calls_it_off_in_the_mail_that_says_so(
    world: World, relay: RecordingNotifier
) -> None:
    """Mayor and coordinator hear of the stop, the partner only of the moment; nobody twice."""
    ref = invited(world)
    relay.take()
    outcome = moving.stop(world.desk(), ref, reason="other")
    assert notices(outcome) == {
        (MAYOR, "stopped"), (COORDINATOR, "stopped"), (PARTNER, "feedback_changed"),
    }  # fmt: skip
    learnt = told(world, relay)
    assert learnt.keys() == INVITED
    assert {read.method for read in learnt.values()} == {"CANCEL"}
    sound(world)


@pytest.mark.parametrize("silently", [True, False], ids=["silent", "no-mail"])
def test_who_asks_for_silence_gets_it(
    world: World, relay: RecordingNotifier, silently: bool
) -> None:
    """No mail about the moment beside a stop without mails."""
    ref = invited(world)
    terms = Terms(mail=silently)
    outcome = moving.stop(world.desk(), ref, terms, reason="other", silent=silently)
    assert notices(outcome) == set()
    assert told(world, relay) == {}
    sound(world)


def test_a_waived_moment_is_called_off(world: World, relay: RecordingNotifier) -> None:
    """It does not take place: everybody hears."""
    ref = invited(world, "feedback")
    criteria.waive(world.desk(), ref, ["feedback_held"], reason=WHY)
    learnt = told(world, relay)
    assert learnt.keys() == INVITED
    assert {r.method for r in learnt.values()} == {"CANCEL"}
    sound(world)


def test_a_moment_that_was_held_is_not_called_off(world: World, relay: RecordingNotifier) -> None:
    """Held, early even: nobody hears that it is off; the thanks for it tidy the calendar."""
    ref = invited(world, "feedback")
    criteria.meet(world.desk(), ref, ["feedback_held"])
    learnt = told(world, relay)
    assert world.facts(ref, FeedbackChanged) == []
    assert {(to, read.method) for to, read in learnt.items()} == {
        (MAYOR, "CANCEL"), (COORDINATOR, "CANCEL"),
    }  # fmt: skip
    sound(world)


def test_a_new_day_near_at_hand_brings_no_second_invitation(
    world: World, relay: RecordingNotifier
) -> None:
    """The mail about the move asks already; the ladder's own invitation would only repeat it."""
    ref = invited(world)
    day = world.desk().today + 8 * DAY
    moving.reschedule(world.desk(), ref, day, reason=WHY, deadline="feedback")
    assert told(world, relay).keys() == INVITED
    world.tick_daily(at(day, 8))
    assert [m.notice for m in world.mails(ref)].count("feedback_invite") == 3
    assert "told" in {f.reason for f in world.facts(ref, ReminderSuperseded)}
    sound(world)


def test_a_mail_that_waits_is_written_anew_when_its_date_moves(
    world: World, relay: RecordingNotifier
) -> None:
    """Held overnight, released after the move: the mail brings the day that stands."""
    ref = world.start()
    world.tick()
    mail_desk.hold(world.desk(), world.post(), ref=ref)
    day = world.desk().today + 60 * DAY
    moving.reschedule(world.desk(), ref, day, reason=WHY)
    mail_desk.release(world.desk(), ref=ref)
    world.tick_at(world.now + HOLD_BACK)
    world.tick_at(world.now + HOLD_BACK)
    (coordinator,) = [one for one in relay.take() if one.envelope_to == COORDINATOR]
    assert [read.begins for read in entries(coordinator)] == [day]
    sound(world)


def test_a_date_asked_for_is_given_once_moved_along_and_taken_out(
    world: World, relay: RecordingNotifier
) -> None:
    """Start brings it, the reminders do not repeat it, the next phase takes it out again."""
    ref = world.start()
    due = world.trajectory(ref).due_on()
    assert due is not None
    world.tick_at(world.now + HOLD_BACK)
    letters = {letter.envelope_to: entries(letter) for letter in relay.take()}
    assert letters[MAYOR] == []
    (first,) = letters[COORDINATOR]
    assert (first.method, first.begins, first.transparency, first.people) == (
        "PUBLISH", due, "TRANSPARENT", (),
    )  # fmt: skip

    new = due + 30 * DAY
    world.tick_daily(at(due - 13 * DAY, 12))
    assert [entries(letter) for letter in relay.take()] == [[]]
    moving.reschedule(world.desk(), ref, new, reason=WHY)
    world.tick_daily(world.now + 2 * DAY)
    world.tick_daily(at(new - 3 * DAY, 12))
    reminded = [entries(letter) for letter in relay.take()]
    (moved,) = [read for found in reminded for read in found]
    assert (moved.method, moved.uid, moved.begins) == ("PUBLISH", first.uid, new)
    assert moved.sequence > first.sequence

    world.advance(ref)
    world.tick_at(world.now + HOLD_BACK)
    world.tick_at(world.now + HOLD_BACK)
    (letter,) = relay.take()
    off, on = sorted(entries(letter), key=lambda read: read.method)
    assert (off.method, off.uid, off.status) == ("CANCEL", first.uid, "CANCELLED")
    assert (on.method, on.begins) == ("PUBLISH", world.trajectory(ref).due_on())
    assert on.uid != first.uid
    assert (off.name, on.name) == ("vervallen.ics", "afspraak.ics")
    sound(world)


def test_a_released_mayor_hears_nothing_more(world: World, relay: RecordingNotifier) -> None:
    """Who has no role any more is not mailed, invited or not."""
    ref = invited(world)
    rita = next(number for number, _ in world.trajectory(ref).people("mayor", GENT))
    people.release(world.desk(), ref, rita)
    due = feedback_day(world, ref)
    outcome = moving.reschedule(world.desk(), ref, due + 7 * DAY, reason=WHY, deadline="feedback")
    assert notices(outcome) == {
        (COORDINATOR, "feedback_changed"), (PARTNER, "feedback_changed"),
    }  # fmt: skip
    assert told(world, relay).keys() == {COORDINATOR, PARTNER}


def test_the_history_says_what_a_mail_did_in_a_calendar(
    world: World, relay: RecordingNotifier
) -> None:
    """The event of a mail names the entry, and holds no word of it."""
    ref = world.start()
    world.tick_at(MONDAY + HOLD_BACK)
    due = world.trajectory(ref).due_on()
    facts = [f for f in world.facts(ref, MailQueued) if f.calendar]
    assert [(f.calendar[0].method, f.calendar[0].day) for f in facts] == [("publish", due)]


STEPS = (
    "move",
    "back",
    "hour",
    "pause",
    "resume",
    "send_back",
    "advance",
    "waive",
    "reopen",
    "wait",
)


def step(world: World, ref: str, name: str, days: int) -> None:
    """Do one thing that may change the moment; refused, nothing happens."""
    desk, day = world.desk(), world.desk().today + days * DAY
    acts: dict[str, Callable[[], object]] = {
        "move": lambda: moving.reschedule(desk, ref, day, reason=WHY, deadline="feedback"),
        "back": lambda: moving.reschedule(desk, ref, desk.today, reason=WHY, deadline="feedback"),
        "hour": lambda: criteria.plan(desk, ref, ["feedback_held"], day=day, time="14:00"),
        "pause": lambda: moving.pause(desk, ref, reason="merger", until=desk.today + 90 * DAY),
        "resume": lambda: moving.resume(desk, ref),
        "send_back": lambda: moving.send_back(desk, ref, "action_plan", reason="context_changed"),
        "advance": lambda: world.meet(ref, but=["feedback_held"]) and moving.advance(desk, ref),
        "waive": lambda: criteria.waive(desk, ref, ["feedback_held"], reason=WHY),
        "reopen": lambda: criteria.reopen(desk, ref, ["feedback_held"], reason=WHY),
        "wait": lambda: world.tick_daily(world.now + days * DAY),
    }
    with suppress(TrajectError):
        acts[name]()


@pytest.mark.parametrize(
    "programs", [4, pytest.param(150, marks=pytest.mark.campaign)], ids=["short", "long"]
)
def test_after_the_hold_back_no_calendar_is_wrong(world: World, programs: int) -> None:
    """Whatever changes, in any order, with or without a round in between: all know in the end."""

    @settings(
        max_examples=programs,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # an example is short; shrinking takes minutes
    )
    @given(
        st.sampled_from(("coaching", "feedback")),
        st.lists(
            st.tuples(st.sampled_from(STEPS), st.integers(1, 30), st.sampled_from((0, 1, 31))),
            min_size=1,
            max_size=6,
        ),
    )
    def live(phase: str, steps: list[tuple[str, int, int]]) -> None:
        ref = invited(world, phase)
        for name, days, minutes in steps:
            step(world, ref, name, days)
            if minutes:
                world.tick()
                world.now += timedelta(minutes=minutes)
        world.tick()
        world.tick_at(world.now + HOLD_BACK)
        own, today = world.trajectory(ref), world.desk().today
        pinned = Pinned(own.workflow, category(own.category).workflow)
        wrong = {b.person for b in own.bookings if mistaken(own, pinned, b.person, today)}
        assert wrong == set()
        assert untold(own, pinned, today) == frozenset()

    live()
    sound(world)
