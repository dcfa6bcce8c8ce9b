"""The morning: what is late, near, planned, waited for, resting, asked; and what is on schedule."""

from __future__ import annotations

from datetime import date, timedelta

from engine.domain.decisions import asking, criteria, pauses, phases
from engine.domain.morning import Morning, morning
from engine.domain.workdays import Calendar
from tests.course import GENT, MERELBEKE, Course

START = "2027-03-01"  # the exploratory talk is due four weeks later, on Tuesday 30 March


def page(course: Course, day: str) -> Morning:
    """Return the morning of one trajectory."""
    return morning([(course.trajectory, course.pinned)], date.fromisoformat(day), Calendar())


def started(*places: str) -> Course:
    """Return a trajectory in its first phase."""
    course = Course()
    course.start(START, *places)
    return course


def test_far_from_its_date_a_trajectory_is_on_schedule() -> None:
    """Nothing of it stands out."""
    today = page(started(), "2027-03-02")
    assert (today.overdue, today.soon, today.on_schedule) == ((), (), 1)
    assert today.counts == {"active": 1, "paused": 0, "requested": 0}


def test_the_week_before_its_date_it_stands_among_what_is_near() -> None:
    """From seven days before up to the day itself."""
    course = started()
    due = course.due("intake")
    for day, near in ((due - timedelta(days=8), 0), (due - timedelta(days=7), 1), (due, 1)):
        assert len(page(course, day.isoformat()).soon) == near


def test_past_its_date_it_is_late_by_working_days() -> None:
    """With the points that are open, in file order."""
    course = started()
    course.settle(START, leave=("sponsor_known", "scope_confirmed"))
    due = course.due("intake")
    late = page(course, (due + timedelta(days=7)).isoformat()).overdue
    assert [(one.due_on, one.working_days) for one in late] == [(due, 5)]
    assert [name for name, _ in late[0].points] == ["sponsor_known", "scope_confirmed"]


def test_a_late_trajectory_says_when_no_reminder_is_left() -> None:
    """Reminders to the coach and the lead alone do not count."""
    course = started()
    due = course.due("intake")
    day = (due + timedelta(days=20)).isoformat()
    assert page(course, day).overdue[0].silent is False
    left = [r for r in course.trajectory.planned() if r.role == "coordinator" and r.deadline]
    course.do(day, lambda d: d.skip([r.id for r in left], "past"))
    assert page(course, day).overdue[0].silent is True


def test_every_date_that_stands_may_be_late_not_the_first_alone() -> None:
    """The restart meeting falls due before its phase, and is named with its own point."""
    course = started()
    course.walk_to("coaching", START)
    restart, phase = course.due("restart"), course.due("coaching")
    assert restart < phase
    today = page(course, (restart + timedelta(days=1)).isoformat())
    (late,) = today.overdue
    assert (late.deadline, late.due_on) == ("restart", restart)
    assert late.label.en == "restart meeting"
    assert [name for name, _ in late.points] == ["restart_meeting"]
    assert today.on_schedule == 0


def test_an_appointment_stands_there_from_its_day_until_it_is_noted() -> None:
    """The next morning asks whether it took place."""
    course = started()
    when = date(2027, 3, 10)
    course.do(START, lambda d: criteria.decide_plan(d, "intake_talk_held", when, "10:00"))
    assert page(course, "2027-03-09").today == ()
    assert [(a.name, a.time) for a in page(course, "2027-03-10").today] == [
        ("intake_talk_held", "10:00")
    ]
    assert len(page(course, "2027-03-11").today) == 1
    course.meet("2027-03-11", "intake_talk_held")
    assert page(course, "2027-03-11").today == ()


def test_a_consent_is_waited_for_once_asked() -> None:
    """By municipality, with the days since; a merely open criterion waits for nobody."""
    course = started(GENT, MERELBEKE)
    assert page(course, "2027-03-02").waiting == ()
    course.do("2027-03-02", lambda d: asking.decide_ask(d, "sponsor_known"))
    course.do("2027-03-03", lambda d: criteria.decide_meet(d, "sponsor_known", municipality=GENT))
    waiting = page(course, "2027-03-16").waiting
    assert [(one.name, one.municipalities, one.days) for one in waiting] == [
        ("sponsor_known", (MERELBEKE,), 14)
    ]


def test_a_pause_stands_there_in_its_last_week_and_after() -> None:
    """And is neither late nor on schedule."""
    course = started()
    course.do("2027-03-02", lambda d: pauses.decide_pause(d, "other", date(2027, 6, 1)))
    assert page(course, "2027-05-24").pauses == ()
    for day in ("2027-05-25", "2027-06-08"):
        today = page(course, day)
        assert len(today.pauses) == 1
        assert (today.overdue, today.on_schedule) == ((), 0)


def test_a_request_waits_for_an_answer() -> None:
    """It has no phase and no date."""
    course = Course()
    course.do(START, lambda d: phases.decide_request(d, "2027-001", (GENT,), coach=1))
    assert len(page(course, START).requests) == 1
