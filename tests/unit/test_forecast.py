"""The mails to come: worked dates, one line a person, and what keeps a mail from leaving."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from engine.dispatch.forecast import Expected, forecast
from engine.domain.decisions import criteria, pauses
from engine.domain.people import Actor, Contact, People
from engine.domain.workdays import BRUSSELS, Calendar, nine_o_clock
from engine.store.dossiers import Dossier, Waiting
from tests.course import GENT, MERELBEKE, Course

AN = Actor(1, "An Peeters", "an@example.org", "uid:0", "nl", "coach")
LIES = Actor(2, "Lies De Wit", "lies@example.org", "uid:1", "nl", "lead")
JO = Contact(1, "Jo Maes", "jo@example.org", None, "nl")
RITA = Contact(2, "Rita Claes", "rita@example.org", None, "nl")
PEOPLE = People({1: AN}, {1: JO, 2: RITA})
HALF_AN_HOUR = timedelta(minutes=30)


def begun(category: str = "reactiveren", day: str = "2027-01-04") -> Course:
    """Return a trajectory of Gent with a coordinator and a mayor."""
    course = Course(category)
    course.start(day)
    course.assign(day, "coordinator", 1)
    course.assign(day, "mayor", 2, GENT)
    return course


def coming(
    course: Course, day: str, people: People = PEOPLE, waiting: tuple[Waiting, ...] = ()
) -> list[Expected]:
    """Return the forecast at ten in the morning (UTC) of a day."""
    now = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=10)
    dossier = Dossier(course.trajectory, course.pinned, people, waiting)
    return list(forecast(dossier, now=now, calendar=Calendar(), hold_back=HALF_AN_HOUR))


def lines(mails: list[Expected]) -> list[tuple[str, str, str, str]]:
    """Return (day in Brussels, rule, role, name) of each mail."""
    return [
        (f"{mail.at.astimezone(BRUSSELS):%Y-%m-%d}", mail.rule, mail.role, mail.name)
        for mail in mails
    ]


def of_deadline(mails: list[Expected], scheme: str = "std") -> list[tuple[str, str, str, str]]:
    """Return the lines that a scheme makes."""
    return [line for line in lines(mails) if line[1].startswith(scheme)]


def coached(feedback: str | None) -> Course:
    """Return a trajectory in coaching, due on 2027-08-16, with a feedback day or the usual one."""
    course, day = begun("optimaliseren"), "2027-02-15"
    course.walk_to("action_plan", day)
    if feedback is not None:
        course.meet(day, "plan_validated")
        course.meet(day, "feedback_date_set", value=feedback)
    course.walk_to("coaching", day)
    assert course.due("coaching") == date(2027, 8, 16)
    return course


def test_two_rungs_in_the_summer_window_are_one_mail() -> None:
    """Coaching due on 2027-08-16: -10 and -3 leave together on 2027-07-09, at nine."""
    mails = coming(coached("2027-11-15"), "2027-07-01")
    found = of_deadline(mails, "coaching")
    before = [line for line in found if "2027-07-01" < line[0] < "2027-08-16"]
    assert before == [("2027-07-09", "coaching-3wd", "coordinator", "Jo Maes")]
    at = next(mail.at for mail in mails if mail.rule == "coaching-3wd")
    assert at == nine_o_clock(date(2027, 7, 9))


def test_rungs_of_two_dates_on_one_day_are_one_mail_too() -> None:
    """The feedback moment falls on the same day: a person still gets one mail."""
    mails = coming(coached(None), "2027-07-01")
    on_the_day = [line for line in lines(mails) if line[0] == "2027-07-09"]
    assert on_the_day == [
        ("2027-07-09", "feedback-3wd", "coordinator", "Jo Maes"),
        ("2027-07-09", "feedback-10wd", "mayor", "Rita Claes"),
    ]


def test_the_whole_ladder_of_a_first_phase() -> None:
    """Start after the hold-back; then the rungs, the coach and the lead at the end."""
    course = begun()
    mails = coming(course, "2027-01-04", People({1: AN, 2: LIES}, PEOPLE.contacts))
    assert lines(mails) == [
        ("2027-01-04", "on.started.start", "coordinator", "Jo Maes"),
        ("2027-01-04", "on.started.start", "mayor", "Rita Claes"),
        ("2027-01-18", "std-10wd", "coordinator", "Jo Maes"),
        ("2027-01-27", "std-3wd", "coordinator", "Jo Maes"),
        ("2027-02-02", "std+1wd", "coordinator", "Jo Maes"),
        ("2027-02-09", "std+6wd", "coach", "An Peeters"),
        ("2027-02-09", "std+6wd", "coordinator", "Jo Maes"),
        ("2027-02-22", "std+15wd", "coach", "An Peeters"),
        ("2027-02-22", "std+15wd", "lead", "Lies De Wit"),
        ("2028-01-10", "on.phase_entered.contacts_check", "coordinator", "Jo Maes"),
    ]
    assert mails[0].at == datetime(2027, 1, 4, 10, 30, tzinfo=UTC)
    assert mails[0].to == "Jo Maes <jo@example.org>"


def test_a_person_with_two_roles_is_mailed_once() -> None:
    """Without a lead the coach answers for both, in one mail."""
    last = [line for line in lines(coming(begun(), "2027-01-04")) if line[1] == "std+15wd"]
    assert [name for *_, name in last] == ["An Peeters"]


def test_nobody_with_an_address_means_no_line() -> None:
    """A role that nobody fills sends nothing; the coach answers for the lead, as coach."""
    course = Course()
    course.start("2027-01-04", GENT, MERELBEKE)
    assert {line[2] for line in lines(coming(course, "2027-01-04"))} == {"coach"}


def test_an_appointment_silences_the_reminders_before_it() -> None:
    """All that is open is planned for 28 January: the rungs up to that day stay away."""
    course = begun()
    course.settle("2027-01-05", leave=("coordinator_named",))
    course.do(
        "2027-01-05", lambda d: criteria.decide_plan(d, "coordinator_named", date(2027, 1, 28))
    )
    days = [line[0] for line in of_deadline(coming(course, "2027-01-06"))]
    assert days[0] == "2027-02-02"


def test_points_of_the_coach_alone_mail_no_coordinator() -> None:
    """Nothing is open in the coordinator's hands, so only the coach hears of it."""
    course = begun()
    course.settle("2027-01-05", leave=("intake_talk_held",))
    readers = {line[2] for line in of_deadline(coming(course, "2027-01-06"))}
    assert "coordinator" not in readers
    assert "coach" in readers


def test_while_paused_only_the_pause_scheme_leaves() -> None:
    """The start that no round has sent yet waits for the end of the pause."""
    course = begun()
    course.do("2027-01-05", lambda d: pauses.decide_pause(d, "other", date(2027, 3, 1)))
    assert [line[1:3] for line in lines(coming(course, "2027-01-05"))] == [
        ("on.paused.paused", "coordinator"),
        ("pause-10wd", "coach"),
        ("pause-0wd", "coach"),
        ("pause+5wd", "coach"),
    ]


def test_late_reminders_leave_with_the_next_round_one_a_person() -> None:
    """After weeks without a worker each person gets the mail that says most."""
    course = begun(day="2027-01-11")
    mails = coming(course, "2027-02-19")
    due_now = [line for line in lines(mails) if line[0] == "2027-02-19"]
    assert sorted(name for *_, name in due_now) == ["An Peeters", "Jo Maes", "Rita Claes"]
    assert all(mail.at >= datetime(2027, 2, 19, 10, tzinfo=UTC) for mail in mails)


def test_a_mail_in_the_outbox_is_part_of_the_forecast() -> None:
    """It has its number, its moment and the reader's name as it is known now."""
    course = begun()
    rung = course.planned("deadline_soon")[0]
    leaves = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)
    waiting = Waiting(12, leaves, "deadline_soon", "contact:1", "jo@example.org", rung)
    found = [m for m in coming(course, "2027-01-15", waiting=(waiting,)) if m.mail is not None]
    assert [(m.mail, m.at, m.to, m.rule) for m in found] == [
        (12, leaves, "Jo Maes <jo@example.org>", "std-10wd")
    ]


def test_a_closed_trajectory_with_nothing_left_has_no_mails() -> None:
    """A silent stop leaves nothing behind."""
    course = begun()
    course.do(
        "2027-01-05", lambda d: pauses.decide_stop(d, "other", silent=True, overdue_notices=0)
    )
    assert coming(course, "2027-01-06") == []
