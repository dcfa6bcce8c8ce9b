"""What belongs in calendars, who holds what, and who is told when the feedback moment changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dispatch.appointments import uid
from engine.domain.agenda import is_moment, moment, moment_of, standing
from engine.domain.bookings import CANCEL, PUBLISH, REQUEST, held
from engine.domain.decisions import criteria, dates, pauses, phases
from engine.domain.events import (
    CalendarEntry,
    Event,
    Fact,
    FeedbackChanged,
    MailCancelled,
    MailDead,
    MailQueued,
    MailReleased,
    MailSent,
    MailUncertain,
    MailWritten,
    ReminderSuperseded,
)
from engine.domain.evolution import evolve
from engine.domain.trajectory import Booking, Trajectory
from tests.course import GENT, Course

MAYOR, COORDINATOR = 8, 7
DUE = date(2027, 6, 1)
NOON = datetime(2027, 1, 21, 12, tzinfo=UTC)


def coached(phase: str = "coaching") -> Course:
    """Return a trajectory with a feedback moment on a Tuesday in June."""
    course = Course()
    course.start("2027-01-04")
    course.assign("2027-01-04", "coordinator", COORDINATOR)
    course.assign("2027-01-04", "mayor", MAYOR, GENT)
    course.walk_to("action_plan", "2027-01-04")
    course.settle("2027-01-05", leave=("feedback_date_set",))
    course.meet("2027-01-05", "feedback_date_set", value=DUE.isoformat())
    course.walk_to(phase, "2027-01-05")
    return course


def hand(course: Course, *contacts: int, method: str = REQUEST) -> None:
    """Let contacts hold the moment as it stands."""
    day, at = moment(course.trajectory, course.pinned) or (DUE, None)
    about = moment_of(course.trajectory)
    course.value = replace(
        course.trajectory,
        bookings=tuple(
            Booking(10 + who, f"contact:{who}", about, method, day, at, DUE, "left")
            for who in contacts
        ),
    )


def changed(facts: Sequence[Fact]) -> list[tuple[date | None, str | None, set[int | None]]]:
    """Return day, hour and readers of each change that was told."""
    return [
        (fact.day, fact.at, {planned.contact for planned in fact.reminders})
        for fact in facts
        if isinstance(fact, FeedbackChanged)
    ]


def test_what_an_entry_is_about_stays_when_its_date_moves() -> None:
    """The moment of a round, and a deadline of an entry, keep their UID."""
    course = coached()
    before = standing(course.trajectory, course.pinned)
    course.do("2027-02-01", lambda d: dates.decide_reschedule(d, date(2027, 7, 1), "zo beter",
                                                              deadline="feedback"))  # fmt: skip
    course.do("2027-02-01", lambda d: dates.decide_reschedule(d, date(2027, 7, 2), "zo beter"))
    after = standing(course.trajectory, course.pinned)
    assert before.keys() == after.keys()
    assert after[moment_of(course.trajectory)] == (date(2027, 7, 1), None)
    ids = {uid(course.trajectory.id, about) for about in after}
    assert len(ids) == len(after)
    assert all(name.endswith("@traject.invalid") for name in ids)


def test_the_later_word_of_appointment_and_target_date_holds() -> None:
    """Planned on another day it is on that day; moved after that, it moves."""
    course = coached("feedback")
    assert moment(course.trajectory, course.pinned) == (DUE, None)
    course.do("2027-02-01", lambda d: criteria.decide_plan(d, "feedback_held",
                                                           date(2027, 5, 3), "14:00"))  # fmt: skip
    assert moment(course.trajectory, course.pinned) == (date(2027, 5, 3), "14:00")
    course.do("2027-02-02", lambda d: dates.decide_reschedule(d, date(2027, 6, 8), "zo beter",
                                                              deadline="feedback"))  # fmt: skip
    assert moment(course.trajectory, course.pinned) == (date(2027, 6, 8), None)


def test_an_hour_on_the_day_itself_holds_whichever_came_first() -> None:
    """An appointment on the target date gives it its hour."""
    course = coached("feedback")
    course.do("2027-02-01", lambda d: criteria.decide_plan(d, "feedback_held", DUE, "14:00"))
    course.do("2027-02-02", lambda d: dates.decide_reschedule(d, DUE, "toch die dag",
                                                              deadline="feedback"))  # fmt: skip
    assert moment(course.trajectory, course.pinned) == (DUE, "14:00")


def test_nothing_stands_while_the_work_rests() -> None:
    """A pause dates everything afresh when it ends."""
    course = coached()
    course.do("2027-02-01", lambda d: pauses.decide_pause(d, "merger", date(2027, 3, 1)))
    assert standing(course.trajectory, course.pinned) == {}


def test_who_was_invited_is_told_and_nobody_else() -> None:
    """Not who only read a date, and nobody where nobody was invited."""
    course = coached()
    hand(course, MAYOR)
    facts = course.do("2027-02-01", lambda d: dates.decide_reschedule(
        d, date(2027, 7, 1), "zo beter", deadline="feedback"))  # fmt: skip
    assert changed(facts) == [(date(2027, 7, 1), None, {MAYOR})]
    other = coached()
    hand(other, COORDINATOR, method=PUBLISH)
    facts = other.do("2027-02-01", lambda d: dates.decide_reschedule(
        d, date(2027, 7, 1), "zo beter", deadline="feedback"))  # fmt: skip
    assert changed(facts) == []


def test_a_change_of_another_date_tells_nobody() -> None:
    """The moment stands as it stood."""
    course = coached()
    hand(course, MAYOR, COORDINATOR)
    facts = course.do("2027-02-01", lambda d: dates.decide_reschedule(d, DUE, "zo beter"))
    facts += course.do("2027-02-01", lambda d: criteria.decide_meet(d, "restart_meeting"))
    assert changed(facts) == []


def test_the_next_change_overtakes_the_one_before() -> None:
    """One mail each, of the last day; back on the first day there is none."""
    course = coached()
    hand(course, MAYOR)
    for day, readers in ((date(2027, 7, 1), {MAYOR}), (date(2027, 7, 2), {MAYOR}), (DUE, set())):
        facts = course.do("2027-02-01", lambda d, day=day: dates.decide_reschedule(  # type: ignore[misc]
            d, day, "zo beter", deadline="feedback"))  # fmt: skip
        assert changed(facts) == [(day, None, readers)]
        waiting = course.planned("feedback_changed")
        assert {r.contact for r in waiting} == readers
        assert {r.occurrence for r in waiting} <= {course.trajectory.feedback_changed}
    overtaken = [f for f in course.facts if isinstance(f, ReminderSuperseded)]
    assert [f.reason for f in overtaken].count("moved") >= 2


def test_a_day_that_is_past_needs_no_calling_off_but_a_new_one_is_told() -> None:
    """Who looks back need not hear that nothing will be; who should come again must."""
    course = coached()
    hand(course, MAYOR)
    facts = course.do("2027-06-07", lambda d: phases.decide_send_back(
        d, "action_plan", "context_changed"))  # fmt: skip
    assert changed(facts) == []
    course = coached()
    hand(course, MAYOR)
    facts = course.do("2027-06-07", lambda d: dates.decide_reschedule(
        d, date(2027, 7, 1), "zo beter", deadline="feedback"))  # fmt: skip
    assert changed(facts) == [(date(2027, 7, 1), None, {MAYOR})]


def test_the_moment_of_another_round_is_another_entry() -> None:
    """A new round calls off what was agreed in the old one, and begins an entry of its own."""
    course = Course("monitoren_evalueren")
    course.start("2027-01-04")
    before = moment_of(course.trajectory)
    course.value = replace(course.trajectory, round_entry=99)
    assert is_moment(before)
    assert moment_of(course.trajectory) != before


def test_many_readers_of_one_role_have_a_reminder_each() -> None:
    """However large their numbers: ids differ, and a rule's name fits its column."""
    course = coached()
    crowd = [12_345_670 + n for n in range(5)]
    for contact in crowd:
        course.assign("2027-01-05", "socio_partner", contact)
    hand(course, *crowd)
    course.do("2027-02-01", lambda d: dates.decide_reschedule(
        d, date(2027, 7, 1), "zo beter", deadline="feedback"))  # fmt: skip
    planned = course.planned("feedback_changed")
    assert {r.contact for r in planned} == set(crowd)
    assert len({r.id for r in planned}) == len({r.rule for r in planned}) == 5
    assert max(len(r.rule) for r in planned) <= 40


# --- who holds what -----------------------------------------------------------------------------

ENTRY = CalendarEntry("feedback/0", REQUEST, 3, DUE)


@cache
def untold() -> Trajectory:
    """Return a trajectory that no mail was made of yet."""
    return coached().trajectory


def after(*facts: Fact) -> Trajectory:
    """Return a trajectory after some facts about its mails."""
    trajectory = untold()
    for fact in facts:
        event = Event(9, trajectory.id, trajectory.seq + 1, fact, DUE, NOON, 0, b"")
        trajectory = evolve(trajectory, event)
    return trajectory


def queued(mail: int, entry: CalendarEntry = ENTRY) -> MailQueued:
    """Return the fact of a mail to the mayor that carries an entry."""
    return MailQueued(mail, f"<{mail}@x>", "0" * 64, 0, NOON, "r", person="contact:8",
                      notice="feedback_invite", calendar=(entry,))  # fmt: skip


@pytest.mark.parametrize(
    "left",
    [MailSent(1, 250), MailWritten(1), MailUncertain(1, "dot")],
    ids=lambda f: type(f).__name__,
)
def test_what_left_or_may_have_arrived_is_held(left: Fact) -> None:
    """And what is withdrawn after it may have arrived is held all the same."""
    assert held(after(queued(1)), "contact:8") == {}
    assert held(after(queued(1), left), "contact:8")["feedback/0"].day == DUE
    assert held(after(queued(1), left, MailCancelled(1, "x")), "contact:8")


def test_a_mail_that_never_leaves_changes_no_calendar() -> None:
    """Cancelled or dead: what was held before is held still."""
    moved = replace(ENTRY, day=date(2027, 7, 1))
    for end in (MailCancelled(2, "moved"), MailDead(2, "rcpt", 550)):
        trajectory = after(queued(1), MailSent(1, 250), queued(2, moved), end)
        assert held(trajectory, "contact:8")["feedback/0"].day == DUE


def test_a_dead_mail_that_is_tried_again_counts_when_it_leaves() -> None:
    """The same bytes, later."""
    died = after(queued(1), MailDead(1, "rcpt", 550))
    assert held(died, "contact:8", waiting=True) == {}
    tried = after(queued(1), MailDead(1, "rcpt", 550), MailReleased(1))
    assert held(tried, "contact:8", waiting=True)
    assert held(after(queued(1), MailDead(1, "rcpt", 550), MailReleased(1), MailSent(1, 250)),
                "contact:8")  # fmt: skip


METHODS = (REQUEST, PUBLISH, CANCEL)


@given(st.lists(st.tuples(st.sampled_from(METHODS), st.booleans()), max_size=8))
def test_the_last_word_that_left_is_what_somebody_holds(mails: list[tuple[str, bool]]) -> None:
    """Whatever was cancelled in between; a calling-off leaves nothing, and nothing piles up."""
    facts: list[Fact] = []
    expected: str | None = None
    for number, (method, left) in enumerate(mails, start=1):
        facts += [queued(number, replace(ENTRY, method=method))]
        facts += [MailSent(number, 250) if left else MailCancelled(number, "moved")]
        expected = method if left else expected
    trajectory = after(*facts)
    holds = {b.method for b in held(trajectory, "contact:8").values()}
    assert holds == ({expected} if expected in (REQUEST, PUBLISH) else set())
    assert len(trajectory.bookings) <= 1
