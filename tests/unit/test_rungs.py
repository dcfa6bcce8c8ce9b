"""The overview of every month, the question of every January, the thanks after the feedback."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.dispatch import contacts
from engine.domain.choosing import choose
from engine.domain.decisions import criteria, dates, pauses, phases
from engine.domain.definition import Duration, Rung
from engine.domain.events import CriterionMet, ReminderFired, ReminderSkipped
from engine.domain.moments import late_policy
from engine.domain.people import Actor, Contact, People
from engine.domain.reminders import rests, unwanted
from engine.domain.rungs import MOST_TIMES, is_named, offset, stands
from engine.domain.trajectory import ReminderState
from engine.domain.workdays import Calendar, nine_o_clock
from engine.language import words
from tests.course import GENT, MERELBEKE, Course, shipped

WHY = "it was agreed on with everybody around the table"
NONE = (None, None, None)  # name, address, organisation of who was erased
MONTHLY = Rung(before=Duration(months=1), every=True, to=("coordinator",), notice="overdue")
PEOPLE = People(
    {1: Actor(1, "An", "an@example.org", "uid:1", "nl", "coach")},
    {7: Contact(7, "Jo Maes", "jo@example.org", "stad Gent", "nl")},
)


def coaching(day: str = "2027-02-15") -> Course:
    """Return a trajectory whose coaching begins on a day and is due half a year later."""
    course = Course("optimaliseren")
    course.start(day)
    course.assign(day, "coordinator", 7)
    course.walk_to("coaching", day)
    return course


def overviews(course: Course) -> list[tuple[str, str]]:
    """Return (rule, day) of the overviews to come."""
    return [(r.rule, r.day.isoformat()) for r in course.planned("monthly_overview")]


def test_an_overview_stands_at_every_month_before_the_date_back_to_the_entry() -> None:
    """Coaching from 15 February to 16 August: six months, the last before the summer."""
    course = coaching()
    assert course.due("coaching") == date(2027, 8, 16)
    assert overviews(course) == [
        ("coaching-6m", "2027-02-16"),
        ("coaching-5m", "2027-03-16"),
        ("coaching-4m", "2027-04-16"),
        ("coaching-3m", "2027-05-14"),
        ("coaching-2m", "2027-06-16"),
    ]  # -1m falls on 9 July, with the reminders of the last days


def test_an_overview_says_nothing_about_a_day_before_the_phase() -> None:
    """On the day of entry itself none stands either."""
    own, day = coaching("2027-03-16"), date(2027, 3, 16)
    assert min(r.day for r in own.planned("monthly_overview")) > day


@given(
    due=st.dates(date(2027, 1, 1), date(2036, 12, 31)),
    back=st.integers(0, 2000),
    unit=st.sampled_from(("months", "weeks", "days", "working_days")),
    amount=st.integers(1, 60),
)
def test_a_repeated_rung_stands_between_entry_and_date_and_is_known_by_its_name(
    due: date, back: int, unit: str, amount: int
) -> None:
    """In order, well apart, at most 36 times, each with a name of its own that tells the rung."""
    rung = MONTHLY.model_copy(update={"before": Duration(**{unit: amount})})
    since = due - timedelta(days=back)
    found = list(stands(rung, due, since, Calendar()))
    assert len(found) <= MOST_TIMES
    assert [times for *_, times in found] == sorted({times for *_, times in found}, reverse=True)
    days = [day for _, day, _ in found]
    apart = amount * {"months": 15, "weeks": 3.5, "days": 0.5, "working_days": 0.7}[unit]
    assert all((later - day).days >= apart for day, later in pairwise(days))
    assert all(since < day <= due for day in days)
    once = rung.model_copy(update={"every": False})
    for _, _, times in found:
        assert is_named(f"x{offset(rung, times)}", "x", rung)
        assert is_named(f"x{offset(rung, times)}", "x", once) is (times == 1)


def test_a_late_overview_is_not_sent_whichever_month_it_is_of() -> None:
    """The rule of the file is found by the name of each multiple."""
    course = coaching()
    workflow = course.pinned.workflow
    assert {late_policy(r, workflow) for r in course.planned("monthly_overview")} == {"skip"}
    assert {late_policy(r, workflow) for r in course.planned("lead_escalation")} == {"collapse"}


def test_a_date_that_moves_takes_its_overviews_along() -> None:
    """Those of the past stay unsent; the others stand before the new date."""
    course = coaching()
    move = partial(dates.decide_reschedule, day=date(2027, 6, 30), reason=WHY)
    facts = course.do("2027-04-20", move)
    assert overviews(course) == [("coaching-2m", "2027-04-30"), ("coaching-1m", "2027-05-28")]
    dropped = [f for f in facts if isinstance(f, ReminderSkipped) and f.reason == "late"]
    assert [len(fact.reminders) for fact in dropped] == [2]


def test_two_months_that_a_closed_period_pulls_together_are_one_overview() -> None:
    """Due on 1 September: 1 August becomes 9 July, a week after the one of 1 July."""
    days = [day for _, day, _ in stands(MONTHLY, date(2027, 9, 1), date(2027, 4, 15), Calendar())]
    assert days == [date(2027, 4, 30), date(2027, 6, 1), date(2027, 7, 9)]


def test_no_overview_comes_soon_after_the_one_that_was_sent() -> None:
    """A date that moves by a week makes no month of five days."""
    course = coaching()
    sent = course.planned("monthly_overview")[2]
    course.do("2027-04-16", lambda d: d.add(ReminderFired(sent.id, (1,))))
    move = partial(dates.decide_reschedule, day=date(2027, 8, 20), reason=WHY)
    course.do("2027-04-17", move)
    assert overviews(course)[0] == ("coaching-3m", "2027-05-20")
    back = partial(dates.decide_reschedule, day=date(2027, 10, 29), reason=WHY)
    course.do("2027-04-18", back)
    assert overviews(course)[0] == ("coaching-5m", "2027-05-28")


def test_a_pause_stops_the_overviews_and_the_end_of_it_brings_them_back() -> None:
    """They stand before the date that the pause has shifted."""
    course = coaching()
    course.do("2027-03-01", lambda d: pauses.decide_pause(d, "other", date(2027, 5, 3)))
    assert overviews(course) == []
    course.do("2027-05-03", pauses.decide_resume)
    due = course.due("coaching")
    days = [day for _, day in overviews(course)]
    assert due == date(2027, 10, 18)
    assert days == ["2027-05-18", "2027-06-18", "2027-07-09", "2027-08-18", "2027-09-17"]


def test_an_overview_gives_way_to_any_other_mail_of_its_day() -> None:
    """A person gets one mail in a round; the yearly question stands beside it."""
    course = coaching()
    overview = course.planned("monthly_overview")[0]
    check = course.planned("contacts_check")[0]
    soon = course.planned("deadline_soon")[0]
    now = datetime.combine(date(2027, 7, 9), time(10), UTC)
    half_an_hour = timedelta(minutes=30)

    def chosen(*due: ReminderState) -> set[str]:
        own, pinned = course.trajectory, course.pinned
        choice = choose(due, own, pinned, PEOPLE, now, hold_back=half_an_hour)
        return {reminder.notice for reminder, _ in choice.mails}

    today = replace(overview, at=nine_o_clock(date(2027, 7, 9)), day=date(2027, 7, 9))
    assert chosen(today) == {"monthly_overview"}
    assert chosen(today, soon) == {"deadline_soon"}
    assert chosen(today, check) == {"monthly_overview", "contacts_check"}


def test_the_contacts_are_asked_about_in_the_january_to_come() -> None:
    """On the first working day from the 8th on, four weeks after the start at the earliest."""
    for begin, asked in (
        ("2026-12-01", "2027-01-08"),
        ("2026-12-11", "2027-01-08"),
        ("2026-12-12", "2028-01-10"),  # the 8th of 2028 is a Saturday
        ("2027-01-07", "2028-01-10"),
        ("2027-01-08", "2028-01-10"),
        ("2027-12-13", "2028-01-10"),
    ):
        course = Course()
        course.start(begin)
        (check,) = course.planned("contacts_check")
        assert check.day.isoformat() == asked
        assert check.at == nine_o_clock(check.day)
        assert not (check.immediate or check.ahead)
        assert course.planned("phase_started") == []


def test_a_start_that_lies_ahead_asks_about_the_contacts_after_it() -> None:
    """Nobody is asked about work that has not begun."""
    course = Course()
    course.start("2026-12-01", on="2027-02-01")
    assert [r.day.isoformat() for r in course.planned("contacts_check")] == ["2028-01-10"]


def test_the_question_outlives_the_phase_and_one_that_is_over_asks_nothing() -> None:
    """A phase plans none beside it; it rests while the work does, and falls away at the end."""
    course = Course()
    course.start("2026-06-01")
    (check,) = course.planned("contacts_check")
    course.advance("2026-12-15")
    assert course.planned("contacts_check") == [check]
    assert unwanted(check, course.trajectory) is None
    course.do("2026-12-16", lambda d: pauses.decide_pause(d, "other", date(2027, 2, 1)))
    assert rests(check, course.trajectory)
    course.do(
        "2026-12-17",
        lambda d: pauses.decide_stop(d, "other", silent=True, overdue_notices=0),
    )
    assert course.planned("contacts_check") == []
    assert unwanted(check, course.trajectory) == "stopped"


def test_a_question_that_has_come_due_outlives_an_advance_before_the_round() -> None:
    """The phase that is entered plans the one of the year after beside it."""
    course = Course()
    course.start("2026-06-01")
    course.advance("2027-01-08")  # ten o'clock, and nobody made the mails of nine
    due, next_one = course.planned("contacts_check")
    assert [due.day, next_one.day] == [date(2027, 1, 8), date(2028, 1, 10)]
    assert unwanted(due, course.trajectory) is None
    course.advance("2027-01-08")
    assert course.planned("contacts_check") == [due, next_one]


def test_the_end_of_a_trajectory_withdraws_the_question() -> None:
    """Planned, or made into a mail that waits."""
    course = Course()
    course.start("2026-06-01")
    course.walk_to("feedback", "2026-06-02")
    (check,) = course.planned("contacts_check")
    course.advance("2026-12-01")
    assert course.trajectory.status == "completed"
    assert course.planned("contacts_check") == []
    assert unwanted(check, course.trajectory) == "phase_left"


def test_a_slip_that_is_put_right_in_silence_keeps_the_question_of_january() -> None:
    """What leaves at once is withheld, what comes later is not."""
    course = Course()
    course.start("2026-12-01")
    course.advance("2026-12-02")
    back = partial(phases.decide_send_back, to="intake", reason="registration_error")
    course.do("2026-12-03", back)
    assert len(course.planned("contacts_check")) == 1
    assert course.planned("phase_started") == []


def held(*, mail: bool = True) -> Course:
    """Return a trajectory whose feedback moment was just held."""
    course = Course("optimaliseren")
    course.start("2027-02-15")
    course.walk_to("feedback", "2027-02-15")
    course.do("2027-03-01", lambda d: criteria.decide_meet(d, "feedback_held"), mail=mail)
    return course


def test_who_was_there_is_thanked_once_the_feedback_moment_was_held() -> None:
    """Mayor and coordinator, at once; the fact carries it, and no other point does."""
    course = held()
    told = course.planned("feedback_report")
    assert {r.role for r in told} == {"mayor", "coordinator"}
    assert all(r.immediate and unwanted(r, course.trajectory) is None for r in told)
    telling = [
        fact.criterion
        for fact in course.facts
        if isinstance(fact, CriterionMet)
        if any(planned.notice == "feedback_report" for planned in fact.reminders)
    ]
    assert telling == ["feedback_held"]


def test_opening_the_point_again_takes_the_thanks_back_and_meeting_it_says_them_anew() -> None:
    """A mail that was made of the first is unwanted too."""
    course = held()
    first = course.planned("feedback_report")
    reopen = partial(criteria.decide_reopen, criterion="feedback_held", reason=WHY)
    course.do("2027-03-01", reopen)
    assert course.planned("feedback_report") == []
    assert {unwanted(r, course.trajectory) for r in first} == {"reopened"}
    course.meet("2027-03-02", "feedback_held")
    assert {unwanted(r, course.trajectory) for r in first} == {"reopened"}
    assert len(course.planned("feedback_report")) == 2


def test_without_mail_and_without_a_moment_nobody_is_thanked() -> None:
    """--no-mail withholds it; a point that does not apply says nothing."""
    assert held(mail=False).planned("feedback_report") == []
    course = Course("optimaliseren")
    course.start("2027-02-15")
    course.walk_to("feedback", "2027-02-15")
    waive = partial(criteria.decide_waive, criterion="feedback_held", reason=WHY)
    course.do("2027-03-01", waive)
    assert course.planned("feedback_report") == []


def test_the_contacts_are_named_by_role_and_empty_roles_are_said() -> None:
    """One line a role, for a mayor one a municipality; erased people are nobody."""
    course = Course()
    course.start("2027-01-04", GENT, MERELBEKE)
    course.assign("2027-01-04", "coordinator", 7)
    course.assign("2027-01-04", "mayor", 8, MERELBEKE)
    course.assign("2027-01-04", "case_manager", 9)
    others = (Contact(8, "Rita Claes", "r@example.org", None, "nl"), Contact(9, *NONE, "nl"))
    people = People({}, {**PEOPLE.contacts, **{one.id: one for one in others}})
    workflow = shipped("reactiveren").workflow
    found = contacts.roles(course.trajectory, workflow, people, words("en"))
    assert [point.label for point in found] == [
        "LIVC R coordinator: Jo Maes (stad Gent)",
        "mayor of Gent: nobody known yet",
        "mayor of Merelbeke-Melle: Rita Claes",
        "case manager: nobody known yet",
        "information officer (local police): nobody known yet",
        "socio-preventive partner: nobody known yet",
    ]
    assert contacts.keys(course.trajectory) == {"contact:7", "contact:8", "contact:9"}
