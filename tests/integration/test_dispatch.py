"""Firing and delivering over both databases: each reminder handled once, each mail kept."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from engine.dispatch import desk as mail_desk
from engine.dispatch.retries import STEPS
from engine.domain.errors import Refused
from engine.domain.events import (
    MailCancelled,
    MailDead,
    MailHeld,
    MailQueued,
    MailReleased,
    MailSent,
    MailUncertain,
    MailWritten,
    ReminderSkipped,
    ReminderSuperseded,
)
from engine.domain.people import Contact
from engine.domain.trajectory import ReminderState
from engine.ports import Letter
from engine.service import actors, criteria, moving, people, starting
from engine.service.desk import Terms
from engine.store.database import Database
from engine.store.projections import read_people
from tests import fakes
from tests.fakes import RecordingNotifier
from tests.world import GENT, JO, MERELBEKE_MELLE, MONDAY, RITA, World, at

pytestmark = pytest.mark.above_the_store

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
THREE_WEEKS = timedelta(weeks=3)


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything until told otherwise."""
    return RecordingNotifier()


@pytest.fixture
def world(database: Database, relay: RecordingNotifier) -> World:
    """A log with a coach, on either database."""
    return World(database, relay)


def relay_of(world: World) -> RecordingNotifier:
    """Return the relay that a world's mail goes to."""
    assert isinstance(world.notifier, RecordingNotifier)
    return world.notifier


def started(world: World, involved: Sequence[starting.Involved] = (JO, RITA)) -> str:
    """Start a trajectory and let its first mails go, so that tests see only theirs."""
    ref = world.start(involved=involved)
    world.tick()
    world.tick_at(world.now + 31 * MINUTE)
    relay_of(world).take()
    return ref


def stopped_worker(world: World, ref: str) -> Counter[str]:
    """Leave the worker off for three weeks, do one round; return the mails per person."""
    relay_of(world).take()
    day = world.calendar.next_sending_day((world.now + THREE_WEEKS).date())
    world.tick_at(at(day, 10))
    return Counter(letter.envelope_to for letter in relay_of(world).take())


def due(world: World, ref: str) -> list[ReminderState]:
    """Return the reminders whose moment has come."""
    return [reminder for reminder in world.reminders(ref) if reminder.at <= world.now]


def reasons(world: World, ref: str) -> dict[str, str | None]:
    """Return why reminders did not become mail, by rule and role; the last ones win."""
    return {
        f"{r.rule} {r.role}": r.reason
        for r in world.reminders(ref)
        if r.state in ("superseded", "skipped")
    }


# --- three weeks off --------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["intake", "coaching", "feedback"])
@pytest.mark.parametrize("before", [25, 12, 2])
def test_three_weeks_off_handle_every_due_reminder_once(
    world: World, phase: str, before: int
) -> None:
    """No reminder is skipped in silence, nobody gets a burst, and a second round is quiet."""
    ref = world.start(involved=[JO, RITA])
    trajectory = world.walk(ref, phase)
    world.tick_at(world.now + 31 * MINUTE)
    day = trajectory.due_on()
    assert day is not None
    world.tick_daily(max(world.now, at(day - before * DAY)))
    mails = stopped_worker(world, ref)
    handled = due(world, ref)
    assert handled
    assert {r.state for r in handled} <= {"fired", "superseded", "skipped"}
    assert Counter(world.outcomes(ref)[r.id] for r in handled) == {1: len(handled)}
    assert mails
    assert set(mails.values()) == {1}
    world.tick()
    assert relay_of(world).letters == []


def test_mail_from_before_a_long_stop_is_not_doubled_by_what_fell_due_meanwhile(
    world: World, relay: RecordingNotifier
) -> None:
    """A mail that still waits and a rung that falls due: the person gets the weightier one."""
    ref = world.start()
    world.tick()  # the start mail waits for the hold-back
    world.now = at(date(2027, 3, 31))
    world.tick()
    assert Counter(relay.to()) == {"jo@example.org": 1, "rita@example.org": 1}
    assert not [r for r in due(world, ref) if r.state == "planned"]


def test_the_longest_stop_sends_each_person_the_weightiest_mail(
    world: World, relay: RecordingNotifier
) -> None:
    """What an overdue notice covers is recorded as such, or as late."""
    ref = started(world)
    world.tick_at(at(date(2027, 5, 31)))
    assert {letter.envelope_to for letter in relay.take()} == {"jo@example.org", "an@example.org"}
    fired = [(r.rule, r.role) for r in world.reminders(ref) if r.state == "fired"]
    assert fired[2:] == [("std+6wd", "coordinator"), ("std+15wd", "coach")]
    assert reasons(world, ref) == {
        "std-10wd coordinator": "late",
        "std-3wd coordinator": "late",
        "std+1wd coordinator": "covered",
        "std+6wd coach": "covered",
        "std+15wd lead": "covered",
    }


# --- moved deadlines ----------------------------------------------------------------------------


def test_a_moved_deadline_gets_its_whole_new_ladder_once(
    world: World, relay: RecordingNotifier
) -> None:
    """The old rungs are superseded, the new ones all fire, each exactly once."""
    ref = started(world)
    world.tick_daily(at(date(2027, 3, 24)))
    assert relay.to() == ["jo@example.org"]  # std-10wd of the old date
    relay.take()
    moving.reschedule(world.desk(), ref, date(2027, 5, 20), reason="agreed with the town")
    world.tick_daily(at(date(2027, 6, 20)))
    fired = [
        (r.rule, r.role) for r in world.reminders(ref) if r.state == "fired" and r.revision == 2
    ]
    assert fired == [
        ("std-10wd", "coordinator"),
        ("std-3wd", "coordinator"),
        ("std+1wd", "coordinator"),
        ("std+6wd", "coach"),
        ("std+6wd", "coordinator"),
        ("std+15wd", "coach"),
    ]
    assert Counter(relay.to()) == {"jo@example.org": 4, "an@example.org": 2}
    old = [r for r in world.reminders(ref) if r.deadline and r.revision == 1 and r.state != "fired"]
    assert {r.reason for r in old} == {"moved"}
    assert set(world.outcomes(ref).values()) == {1}


def test_a_deadline_moved_close_sends_one_mail_for_the_rungs_that_are_past(
    world: World, relay: RecordingNotifier
) -> None:
    """Rungs already past collapse into one, on the next sending day; the others keep theirs."""
    ref = started(world)
    moving.reschedule(world.desk(), ref, date(2027, 3, 4), reason="the mayor asked for it")
    past = [r for r in world.reminders(ref) if r.revision == 2 and r.notice == "deadline_soon"]
    assert {r.rule: (r.day, r.reason) for r in past} == {
        "std-10wd": (date(2027, 2, 18), "merged"),
        "std-3wd": (date(2027, 3, 2), None),
    }
    world.tick_daily(at(date(2027, 3, 4), 12))
    assert relay.to() == ["jo@example.org"]


# --- at once ------------------------------------------------------------------------------------


def test_a_round_within_a_round_doubles_nothing(world: World, relay: RecordingNotifier) -> None:
    """Whoever finds the sender's place taken stands by; what was fired is not fired again."""
    world.start()
    world.now += 31 * MINUTE
    tallies = []
    relay.on_send = lambda letter: tallies.append(world.tick())
    first = world.tick()
    assert (first.fired, first.sent) == (2, 2)
    assert [(tally.fired, tally.sent) for tally in tallies] == [(0, 0), (0, 0)]
    assert sorted(relay.to()) == ["jo@example.org", "rita@example.org"]


def test_a_second_round_at_once_finds_nothing_to_do(world: World) -> None:
    """tick() is idempotent."""
    world.start()
    world.now += 31 * MINUTE
    world.tick()
    events = len(world.events())
    assert not any(dataclasses.astuple(world.tick()))
    assert len(world.events()) == events


# --- who and when -------------------------------------------------------------------------------


def test_mail_that_a_command_causes_waits_for_the_hold_back(
    world: World, relay: RecordingNotifier
) -> None:
    """It is frozen at once and leaves half an hour later."""
    world.start()
    assert world.tick().fired == 2
    world.tick_at(MONDAY + 29 * MINUTE)
    assert relay.to() == []
    world.tick_at(MONDAY + 30 * MINUTE)
    assert sorted(relay.to()) == ["jo@example.org", "rita@example.org"]


def test_planned_mail_found_late_waits_for_sending_hours(
    world: World, relay: RecordingNotifier
) -> None:
    """A worker that wakes up on a Saturday night freezes the mail for Monday at nine."""
    ref = started(world)
    world.tick_at(at(date(2027, 3, 20), 22))
    assert [r.rule for r in due(world, ref) if r.state == "fired"][2:] == ["std-10wd"]
    assert world.mails(ref)[-1].not_before == at(date(2027, 3, 22))
    assert relay.to() == []
    world.tick_at(at(date(2027, 3, 22)))
    assert relay.to() == ["jo@example.org"]


def test_a_person_with_two_roles_gets_one_mail(world: World, relay: RecordingNotifier) -> None:
    """The roles' reminders fire or are covered, and the person reads once."""
    both = dataclasses.replace(RITA, name=JO.name, email=JO.email)
    ref = world.start(involved=[JO, both])
    world.tick_at(MONDAY + 31 * MINUTE)
    assert relay.to() == ["jo@example.org"]
    states = {r.role: (r.state, r.reason) for r in due(world, ref)}
    assert sorted(states.values(), key=str) == [("fired", None), ("superseded", "covered")]


def test_two_mayors_each_get_their_mail(world: World, relay: RecordingNotifier) -> None:
    """One recipient a mail, and no address of the one in the mail of the other."""
    other = starting.Involved("mayor", "Filip Thienpont", "filip@example.org", MERELBEKE_MELLE)
    world.start(places=[GENT, MERELBEKE_MELLE], involved=[RITA, other])
    world.tick_at(MONDAY + 31 * MINUTE)
    letters = {letter.envelope_to: letter.mime for letter in relay.take()}
    assert sorted(letters) == ["filip@example.org", "rita@example.org"]
    assert b"filip@example.org" not in letters["rita@example.org"]


def test_a_role_that_nobody_fills_is_recorded(world: World, relay: RecordingNotifier) -> None:
    """no_recipient is an event, not a silence."""
    ref = world.start(involved=[RITA])
    world.tick_at(MONDAY + 31 * MINUTE)
    assert relay.to() == ["rita@example.org"]
    assert [fact.reason for fact in world.facts(ref, ReminderSkipped)] == ["no_recipient"]
    assert reasons(world, ref) == {"on.started.start coordinator": "no_recipient"}


def test_a_coordinator_who_came_since_gets_the_mail(world: World, relay: RecordingNotifier) -> None:
    """Roles become people when a reminder fires."""
    ref = started(world, involved=[])
    new = people.ContactData(name="Els Baert", email="els@example.org")
    people.add_contact(world.desk(), ref, new, Terms(mail=False), role="coordinator")
    world.tick_daily(at(date(2027, 3, 17), 12))
    assert relay.to() == ["els@example.org"]


def test_the_lead_is_told_and_the_coach_answers_for_a_lead_who_is_not_there(
    world: World, relay: RecordingNotifier
) -> None:
    """Without a lead the coach gets one mail for both roles; with one, each gets theirs."""
    started(world)
    world.tick_daily(at(date(2027, 4, 21), 12))
    assert relay.to().count("an@example.org") == 2
    actors.add_actor(
        world.desk(), name="Lies De Wit", email="lies@example.org", account="uid:7", role="lead"
    )
    ref = started(world)
    world.tick_daily(at(date(2027, 6, 30), 12))
    assert "lies@example.org" in relay.to()
    assert reasons(world, ref).get("std+15wd coach") is None


# --- why not ------------------------------------------------------------------------------------


def test_a_reminder_says_nothing_when_all_in_the_readers_hands_is_done(
    world: World, relay: RecordingNotifier
) -> None:
    """nothing_open: what is left is the coach's own."""
    ref = started(world)
    world.meet(ref, but=["intake_talk_held"])
    world.tick_daily(at(date(2027, 3, 17), 12))
    assert relay.to() == []
    assert reasons(world, ref) == {"std-10wd coordinator": "nothing_open"}


def test_an_appointment_silences_reminders_until_that_day(
    world: World, relay: RecordingNotifier
) -> None:
    """planned: everything open has a day, until that day has passed."""
    ref = started(world)
    world.meet(ref, but=["coordinator_named"])
    criteria.plan(world.desk(), ref, ["coordinator_named"], day=date(2027, 3, 26))
    world.tick_daily(at(date(2027, 3, 26), 12))
    assert relay.to() == []
    assert reasons(world, ref) == {
        "std-10wd coordinator": "planned",
        "std-3wd coordinator": "planned",
    }
    world.tick_daily(at(date(2027, 4, 1), 12))
    assert relay.to() == ["jo@example.org"]


def test_mail_withheld_by_the_command_is_recorded_and_the_ladder_stays(
    world: World, relay: RecordingNotifier
) -> None:
    """--no-mail withholds what the command causes, nothing that is planned."""
    ref = world.start(terms=Terms(mail=False))
    world.tick_daily(at(date(2027, 3, 17), 12))
    assert relay.to() == ["jo@example.org"]
    assert [r.rule for r in world.reminders(ref) if r.state == "fired"] == ["std-10wd"]
    assert {r.reason for r in world.reminders(ref) if r.immediate} == {"withheld"}


# --- pause, leaving, stop -------------------------------------------------------------------------


def test_only_the_pause_scheme_fires_during_a_pause(world: World, relay: RecordingNotifier) -> None:
    """The ladder rests; the coordinator hears of the pause, the coach of its end."""
    ref = started(world)
    moving.pause(world.desk(), ref, reason="other", until=date(2027, 5, 3))
    world.tick_daily(at(date(2027, 5, 12), 12))
    assert Counter(relay.to()) == {"jo@example.org": 1, "an@example.org": 3}
    fired = [r.notice for r in world.reminders(ref) if r.state == "fired"][2:]
    assert fired == ["paused", "resume_soon", "resume_soon", "lead_escalation"]
    assert {r.reason for r in world.reminders(ref) if r.rule.startswith("std")} == {"paused"}


def test_a_resume_plans_the_ladder_afresh_and_ends_the_pause_scheme(
    world: World, relay: RecordingNotifier
) -> None:
    """Each rung of the later date fires once; nothing of the pause does."""
    ref = started(world)
    moving.pause(world.desk(), ref, reason="other", until=date(2027, 6, 1))
    world.tick_daily(at(date(2027, 3, 11), 12))
    relay.take()
    moving.resume(world.desk(), ref)
    assert world.trajectory(ref).due_on() == date(2027, 4, 8)
    world.tick_daily(at(date(2027, 5, 3), 12))
    fired = [r.rule for r in world.reminders(ref) if r.state == "fired" and r.revision == 2]
    assert fired == ["std-10wd", "std-3wd", "std+1wd", "std+6wd", "std+6wd", "std+15wd"]
    assert {r.reason for r in world.reminders(ref) if r.deadline == "resume"} == {"resumed"}
    assert set(world.outcomes(ref).values()) == {1}


def test_leaving_a_phase_supersedes_its_reminders_and_cancels_its_waiting_mail(
    world: World, relay: RecordingNotifier
) -> None:
    """In the same commit; what belongs to the trajectory still goes."""
    ref = world.start(involved=[RITA])
    world.tick()
    jo = people.ContactData(JO.name, JO.email)
    people.add_contact(world.desk(), ref, jo, Terms(mail=False), role=JO.role)
    world.advance(ref)
    world.tick()
    outcome = world.advance(ref)
    cancelled = [e.fact for e in outcome.events if isinstance(e.fact, MailCancelled)]
    assert [fact.reason for fact in cancelled] == ["phase_left"]
    assert {m.notice: m.status for m in world.mails(ref)} == {
        "start": "queued",
        "phase_started": "cancelled",
    }
    left = [r for r in world.reminders(ref) if r.entry is not None and r.reason]
    assert {r.reason for r in left} == {"phase_left"}
    world.tick_at(world.now + 31 * MINUTE)
    assert Counter(relay.to()) == {"jo@example.org": 1, "rita@example.org": 1}


def test_a_mail_the_relay_put_off_is_cancelled_when_the_phase_was_left_meanwhile(
    world: World, relay: RecordingNotifier
) -> None:
    """Claimed mail cannot be withdrawn; handed back, it is not wanted any more."""
    ref = started(world)
    world.advance(ref)
    relay.on_send = lambda letter: None if len(relay.letters) > 1 else _leave(world, ref)
    relay.answer(fakes.LATER)
    world.tick()
    world.tick_at(world.now + 31 * MINUTE)
    first, *_ = [m for m in world.mails(ref) if m.notice == "phase_started"]
    assert first.status == "cancelled"
    world.tick_daily(world.now + 3 * DAY)
    assert [letter.message_id for letter in relay.take()].count(first.message_id) == 1


def _leave(world: World, ref: str) -> None:
    """Advance while the relay is busy."""
    world.advance(ref)


def test_the_feedback_scheme_survives_the_step_into_feedback(
    world: World, relay: RecordingNotifier
) -> None:
    """Planned on entering the coaching, it goes on in the feedback phase until it was held."""
    ref = world.start()
    world.walk(ref, "coaching")
    planned = {r.id for r in world.reminders(ref) if r.rule.startswith("feedback")}
    assert planned
    world.walk(ref, "feedback")
    alive = {r.id for r in world.trajectory(ref).planned() if r.rule.startswith("feedback")}
    assert alive == planned
    day = next(d.deadline.due_on for d in world.trajectory(ref).open_deadlines()
               if d.deadline.deadline == "feedback")  # fmt: skip
    relay.take()
    world.tick_daily(at(day, 12))
    invited = [m for m in world.mails(ref) if m.notice == "feedback_invite"]
    assert {m.status for m in invited} == {"sent"}
    criteria.meet(world.desk(), ref, ["feedback_held"])
    rest = [r for r in world.reminders(ref) if r.rule.startswith("feedback+")]
    assert rest
    assert {(r.state, r.reason) for r in rest} == {("superseded", "settled")}


def test_a_send_back_out_of_feedback_ends_the_feedback_scheme(world: World) -> None:
    """The agreed day no longer stands."""
    ref = world.start()
    world.walk(ref, "feedback")
    moving.send_back(world.desk(), ref, "reality_check", reason="context_changed")
    scheme = [r for r in world.reminders(ref) if r.rule.startswith("feedback")]
    assert {(r.state, r.reason) for r in scheme} == {("superseded", "phase_left")}


def test_a_silent_stop_mails_nobody_and_withdraws_what_waits(
    world: World, relay: RecordingNotifier
) -> None:
    """Neither the stop nor the mails of before reach anyone."""
    ref = world.start()
    world.tick()
    moving.stop(world.desk(), ref, reason="other", silent=True)
    world.tick_daily(MONDAY + 60 * DAY)
    assert relay.to() == []
    assert {m.status for m in world.mails(ref)} == {"cancelled"}
    assert {fact.reason for fact in world.facts(ref, MailCancelled)} == {"stopped"}


def test_a_stop_tells_those_involved_and_nothing_follows(
    world: World, relay: RecordingNotifier
) -> None:
    """One mail each, then silence."""
    ref = started(world)
    moving.stop(world.desk(), ref, reason="other")
    world.tick_daily(MONDAY + 90 * DAY)
    assert Counter(relay.to()) == {"jo@example.org": 1, "rita@example.org": 1}
    assert {r.reason for r in world.reminders(ref) if r.rule.startswith("std")} == {"stopped"}


def test_a_registration_error_withdraws_mail_and_causes_none(
    world: World, relay: RecordingNotifier
) -> None:
    """A phase entered by mistake leaves no trace in anybody's mailbox."""
    ref = started(world)
    world.advance(ref)
    world.tick()
    moving.send_back(world.desk(), ref, "intake", reason="registration_error")
    world.tick_daily(world.now + 2 * DAY)
    assert relay.to() == []
    assert [m.status for m in world.mails(ref) if m.notice == "phase_started"] == ["cancelled"]


def test_completing_mails_once_and_offers_a_follow_up_three_months_later(
    world: World, relay: RecordingNotifier
) -> None:
    """The offer belongs to the trajectory: closing does not end it."""
    ref = world.start()
    world.walk(ref, "feedback")
    world.advance(ref)
    relay.take()
    world.tick_daily(world.now + 120 * DAY)
    notices = Counter(m.notice for m in world.mails(ref) if m.status == "sent")
    assert notices == {"completed": 2, "followup_offer": 1}


# --- what a person decides ------------------------------------------------------------------------


def test_held_mail_waits_for_its_release(world: World, relay: RecordingNotifier) -> None:
    """hold renders what a command has just caused, so that it is held too."""
    ref = world.start()
    held = mail_desk.hold(world.desk(), world.post(), ref=ref)
    assert [m.status for m in held] == ["held", "held"]
    world.tick_at(MONDAY + 2 * DAY)
    assert relay.to() == []
    released = mail_desk.release(world.desk(), ref=ref)
    assert [m.status for m in released] == ["queued", "queued"]
    world.tick()
    assert sorted(relay.to()) == ["jo@example.org", "rita@example.org"]
    assert len(world.facts(ref, MailHeld)) == len(world.facts(ref, MailReleased)) == 2


def test_a_hold_reaches_the_mails_of_the_next_working_day(
    world: World, relay: RecordingNotifier
) -> None:
    """The morning tells of them: one made early says what it would say on its day."""
    ref = started(world)
    relay.take()
    first = min(r.at for r in world.reminders(ref) if r.notice == "deadline_soon")
    world.now = first - DAY
    (held,) = mail_desk.hold(world.desk(), world.post(), ref=ref)
    assert (held.status, held.not_before) == ("held", first)
    world.tick_at(first + MINUTE)
    assert relay.to() == []
    mail_desk.release(world.desk(), ref=ref)
    world.tick()
    assert relay.to() == ["jo@example.org"]
    assert world.outcomes(ref)[held.reminder] == 1


def test_a_hold_settles_nothing_of_a_later_day(world: World) -> None:
    """What would not be mailed is decided when its moment comes; a week ahead is out of sight."""
    ref = started(world)
    (first, *_) = [r for r in world.reminders(ref) if r.notice == "deadline_soon"]
    world.now = first.at - 7 * DAY
    assert mail_desk.hold(world.desk(), world.post(), ref=ref) == []
    world.meet(ref)
    world.now = first.at - MINUTE
    before = len(world.events())
    assert mail_desk.hold(world.desk(), world.post(), ref=ref) == []
    assert len(world.events()) == before
    world.tick_at(first.at)
    assert world.outcomes(ref)[first.id] == 1


def test_a_mail_that_left_can_be_neither_held_nor_retried(world: World) -> None:
    """What is sent is sent."""
    started(world)
    with pytest.raises(Refused):
        mail_desk.hold(world.desk(), world.post(), number=1)
    with pytest.raises(Refused):
        mail_desk.retry(world.desk(), 1)


def test_a_dead_mail_tried_again_goes_with_the_same_bytes(
    world: World, relay: RecordingNotifier
) -> None:
    """The reply is kept beside the event; a retry sends what was frozen."""
    ref = world.start(involved=[JO])
    relay.answer(fakes.REFUSED)
    tally = world.tick_at(MONDAY + 31 * MINUTE)
    assert tally.dead == 1
    dead = world.facts(ref, MailDead)
    assert [(fact.phase, fact.code) for fact in dead] == [("rcpt", 550)]
    mail_desk.retry(world.desk(), 1)
    world.tick()
    assert len({letter.mime for letter in relay.take()}) == 1
    assert world.mails(ref)[0].status == "sent"


# --- what the relay answers -----------------------------------------------------------------------


def test_a_refusal_for_now_is_tried_again_later_and_later(
    world: World, relay: RecordingNotifier
) -> None:
    """Each attempt waits longer, within a tenth of the step, with the same bytes."""
    ref = world.start(involved=[JO])
    relay.answer(*[fakes.LATER] * len(STEPS))
    world.tick_at(MONDAY + 30 * MINUTE)
    for attempt, minutes in enumerate(STEPS, 1):
        mail = world.mails(ref)[0]
        assert (mail.status, mail.attempts) == ("queued", attempt)
        wait = (mail.next_at - world.now) / MINUTE
        assert 0.9 * minutes <= wait <= 1.1 * minutes
        world.tick_at(mail.next_at - MINUTE)
        assert len(relay.letters) == attempt
        world.tick_at(mail.next_at)
    assert world.mails(ref)[0].status == "sent"
    assert len({letter.mime for letter in relay.take()}) == 1
    queued = [fact.attempts for fact in world.facts(ref, MailQueued)]
    assert queued == list(range(len(STEPS) + 1))


def test_a_mail_refused_for_five_days_is_given_up(world: World, relay: RecordingNotifier) -> None:
    """Then it is dead, and says so."""
    ref = world.start(involved=[JO])
    relay.answer(*[fakes.LATER] * 60)
    world.tick()
    while (mail := world.mails(ref)[0]).status == "queued":
        world.tick_at(mail.next_at)
    assert mail.status == "dead"
    waited = world.now - mail.not_before  # each wait deviates by a tenth at most
    assert timedelta(days=4.5) < waited < timedelta(days=5.5)


def test_an_unclear_outcome_repeats_the_bytes_and_at_the_third_time_asks_a_person(
    world: World, relay: RecordingNotifier
) -> None:
    """uncertain, uncertain, held; a release sends it."""
    ref = world.start(involved=[JO])
    relay.answer(*[fakes.UNCLEAR] * 3)
    world.tick_at(MONDAY + 30 * MINUTE)
    states = []
    for _ in range(3):
        states.append(world.mails(ref)[0].status)
        world.tick_at(world.now + 16 * MINUTE)
    assert states == ["uncertain", "uncertain", "held"]
    assert len(world.facts(ref, MailUncertain)) == 3
    assert [fact.reason for fact in world.facts(ref, MailHeld)] == ["uncertain"]
    mail_desk.release(world.desk(), ref=ref)
    world.tick()
    assert len(relay.letters) == 4
    assert len({letter.mime for _, letter in relay.letters}) == 1
    assert world.mails(ref)[0].status == "sent"


def test_an_unwell_relay_rests_the_whole_queue_and_charges_no_attempt(
    world: World, relay: RecordingNotifier
) -> None:
    """One question, then rest: 1, 2, 5, 15 minutes."""
    ref = world.start()
    relay.answer(*[fakes.UNWELL] * 4)
    world.tick_at(MONDAY + 30 * MINUTE)
    for pauses, minutes in enumerate((1, 2, 5, 15), 1):
        assert len(relay.letters) == pauses
        world.tick_at(world.now + minutes * MINUTE - timedelta(seconds=1))
        assert len(relay.letters) == pauses
        world.now += timedelta(seconds=1)
        world.tick()
    assert {(m.status, m.attempts) for m in world.mails(ref)} == {("sent", 0)}
    assert len(relay.letters) == 4 + 2


def test_a_refused_configuration_holds_the_queue_until_it_is_mended(
    world: World, relay: RecordingNotifier
) -> None:
    """One try a quarter of an hour; what waits is counted as held; waking tries at once."""
    world.start()
    relay.answer(fakes.MISCONFIGURED, fakes.MISCONFIGURED)
    tally = world.tick_at(MONDAY + 30 * MINUTE)
    assert (tally.held, tally.sent) == (2, 0)
    assert world.tick_at(world.now + 14 * MINUTE).held == 2
    assert len(relay.letters) == 1
    assert world.tick_at(world.now + MINUTE).held == 2
    assert len(relay.letters) == 2
    assert mail_desk.wake_queue(world.desk())
    assert world.tick().sent == 2
    assert not mail_desk.wake_queue(world.desk())


def test_a_mail_whose_sender_died_is_uncertain_and_goes_again(
    world: World, relay: RecordingNotifier
) -> None:
    """Claimed and never settled: it may have been accepted, so the same bytes go once more."""
    ref = world.start(involved=[JO])

    def dies(letter: Letter) -> None:
        raise KeyboardInterrupt

    relay.on_send = dies
    with pytest.raises(KeyboardInterrupt):
        world.tick_at(MONDAY + 31 * MINUTE)
    assert world.mails(ref)[0].status == "sending"
    relay.on_send = None
    assert world.tick().uncertain == 1
    assert world.tick_at(world.now + 16 * MINUTE).sent == 1
    assert len({letter.mime for letter in relay.take()}) == 1


def test_without_a_server_mail_is_written_never_sent(world: World) -> None:
    """And not sent after all once there is one."""
    ref = world.start(involved=[JO])
    world.notifier = RecordingNotifier(writes_files=True)
    tally = world.tick_at(MONDAY + 31 * MINUTE)
    assert (tally.written, tally.sent) == (1, 0)
    world.notifier = RecordingNotifier()
    world.tick_at(world.now + DAY)
    assert relay_of(world).to() == []
    assert world.mails(ref)[0].status == "written"
    assert len(world.facts(ref, MailWritten)) == 1
    assert world.facts(ref, MailSent) == []


def test_what_became_of_a_mail_never_raises_the_version(
    world: World, relay: RecordingNotifier
) -> None:
    """A coach who looked before the tick may still write after it."""
    ref = world.start()
    version = world.trajectory(ref).version
    relay.answer(fakes.LATER, fakes.UNCLEAR)
    world.tick_at(MONDAY + 31 * MINUTE)
    world.tick_daily(MONDAY + 20 * DAY)
    trajectory = world.trajectory(ref)
    assert trajectory.version == version
    assert trajectory.seq > version
    assert world.facts(ref, ReminderSuperseded) == []


def test_a_mail_that_waits_for_somebody_who_was_replaced_is_cancelled(world: World) -> None:
    """The new coordinator is introduced; the old one is left alone."""
    ref = world.start()
    world.tick()
    jo = next(c.id for c in people_of(world) if c.email == JO.email)

    data = people.ContactData("Lien Voorbeeld", "lien@example.org")
    people.replace_contact(world.desk(), ref, jo, data)

    states = {mail.recipient: mail.status for mail in world.mails(ref)}
    assert states[f"{JO.name} <{JO.email}>"] == "cancelled"
    world.tick_at(world.now + timedelta(hours=1))
    reached = set(relay_of(world).to())
    assert reached == {"lien@example.org", RITA.email}


def people_of(world: World) -> list[Contact]:
    """Return all contacts."""
    with world.database.reading() as connection:
        return list(read_people(connection).contacts.values())
