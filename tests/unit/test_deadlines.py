"""The dates that were worked out by hand, and what moves them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.domain.decisions import criteria, dates, pauses, phases
from engine.domain.decisions.decision import Decision
from engine.domain.errors import BadInput, Refused
from engine.domain.events import DeadlineMoved, ReminderSkipped, ReminderSuperseded
from engine.domain.workdays import Calendar, belgian_holidays
from tests.course import Course


def coaching_since(validated: str) -> Course:
    """A reactivation whose plan was validated, and coaching entered, on a day."""
    course = Course()
    begin = (date.fromisoformat(validated) - timedelta(days=60)).isoformat()
    course.start(begin)
    course.walk_to("action_plan", begin)
    course.walk_to("coaching", validated)
    return course


def test_a_phase_of_four_weeks_from_1_december_ends_after_the_year_end_window() -> None:
    """2026-12-29 lies in the window, 3 January is a Sunday: 2027-01-04."""
    course = Course()
    course.start("2026-12-01")

    assert course.due("intake") == date(2027, 1, 4)
    assert course.steps("intake") == ["entry", "weeks", "year_end", "weekend"]


def test_half_a_year_after_a_plan_of_15_january_moves_past_the_summer() -> None:
    """2027-07-15 lies in the summer window, 15 August is a Sunday: Monday 2027-08-16."""
    course = coaching_since("2027-01-15")

    assert course.due("coaching") == date(2027, 8, 16)
    assert course.due("feedback") == date(2027, 8, 16)


def test_half_a_year_after_a_plan_of_20_november_is_a_plain_thursday() -> None:
    """2027-05-20: no shift."""
    course = coaching_since("2026-11-20")

    assert course.due("coaching") == date(2027, 5, 20)
    assert course.steps("coaching") == ["criterion", "months"]


def test_the_rungs_before_a_date_after_the_summer_are_one_mail() -> None:
    """-10 and -3 both land on 9 July: the nearer one stays."""
    course = coaching_since("2027-01-15")

    assert course.ladder("coaching")[-3:] == [
        ("coaching-3wd", "2027-07-09"),
        ("coaching+1wd", "2027-08-17"),
        ("coaching+6wd", "2027-08-24"),
    ]


def test_a_pause_of_28_days_shifts_open_dates_and_then_the_calendar_rule_applies() -> None:
    """Pause 2027-02-01 to 2027-03-01: raw date + 28 days, rolled once at the end."""
    course = Course()
    course.start("2027-01-04")
    assert course.due("intake") == date(2027, 2, 1)

    course.do("2027-02-01", lambda d: pauses.decide_pause(d, "other", date(2027, 3, 1)))
    course.do("2027-03-01", pauses.decide_resume)

    assert course.due("intake") == date(2027, 3, 1)
    assert course.steps("intake") == ["entry", "weeks", "paused"]


def test_the_roll_over_is_never_stored_into_the_raw_date() -> None:
    """Raw 2026-12-29 plus 14 days of pause is 2027-01-12, not 2027-01-04 plus 14 days."""
    course = Course()
    course.start("2026-12-01")

    course.do("2026-12-07", lambda d: pauses.decide_pause(d, "other", date(2026, 12, 21)))
    course.do("2026-12-21", pauses.decide_resume)

    assert course.due("intake") == date(2027, 1, 12)


def test_a_given_date_is_kept_on_a_holiday_until_a_pause_shifts_it() -> None:
    """Ascension day is kept as given; after a pause of 9 days the roll-over applies."""
    course = Course()
    course.start("2027-03-15")

    course.do("2027-03-20", lambda d: dates.decide_reschedule(d, date(2027, 5, 6), "later"))
    assert course.due("intake") == date(2027, 5, 6)

    course.do("2027-03-22", lambda d: pauses.decide_pause(d, "other", date(2027, 4, 22)))
    course.do("2027-03-31", pauses.decide_resume)
    assert course.due("intake") == date(2027, 5, 18)  # 15 May is a Saturday, 17 Whit Monday
    assert course.steps("intake")[:2] == ["moved", "paused"]


def test_only_pauses_after_a_move_are_added_to_it() -> None:
    """The move replaces the raw date; what rested before it is part of it."""
    course = Course()
    course.start("2027-01-04")
    course.do("2027-01-05", lambda d: pauses.decide_pause(d, "other", date(2027, 1, 20)))
    course.do("2027-01-20", pauses.decide_resume)

    course.do("2027-01-21", lambda d: dates.decide_reschedule(d, date(2027, 3, 10), "later"))

    assert course.due("intake") == date(2027, 3, 10)


def test_an_overdue_date_moves_with_a_pause_too() -> None:
    """Not met at the pause: it is shifted like the others."""
    course = Course()
    course.start("2027-01-04")
    course.do("2027-02-10", lambda d: pauses.decide_pause(d, "other", date(2027, 2, 24)))
    course.do("2027-02-24", pauses.decide_resume)

    assert course.due("intake") == date(2027, 2, 15)


def test_a_moved_date_gets_its_whole_new_ladder_and_loses_the_old() -> None:
    """The old rungs are superseded, the revision rises, no rung stands twice."""
    course = Course()
    course.start("2027-01-04")
    before = {r.id for r in course.trajectory.planned() if r.deadline == "intake"}

    facts = course.do(
        "2027-01-05", lambda d: dates.decide_reschedule(d, date(2027, 4, 15), "later")
    )

    superseded = next(f for f in facts if isinstance(f, ReminderSuperseded))
    moved = next(f for f in facts if isinstance(f, DeadlineMoved))
    assert set(superseded.reminders) == before
    assert moved.deadlines[0].revision == 2
    assert [rule for rule, _ in course.ladder("intake")] == [
        "std-10wd",
        "std-3wd",
        "std+1wd",
        "std+6wd",
    ]


def test_rungs_that_a_move_puts_in_the_past_leave_as_one_on_the_next_sending_day() -> None:
    """A nearer date: -10 is past, so it leaves tomorrow at nine; nothing is lost."""
    course = Course()
    course.start("2027-01-04")

    course.do("2027-01-05", lambda d: dates.decide_reschedule(d, date(2027, 1, 13), "sooner"))

    assert course.ladder("intake")[:2] == [("std-10wd", "2027-01-06"), ("std-3wd", "2027-01-08")]


def test_rungs_past_when_registered_are_skipped_with_that_reason() -> None:
    """Work registered late mails nothing about the past."""
    course = Course()

    facts = course.start("2027-02-20", on="2027-01-04")

    skipped = [f for f in facts if isinstance(f, ReminderSkipped)]
    assert [f.reason for f in skipped] == ["past"]
    assert course.ladder("intake") == []


def test_a_feedback_date_that_was_agreed_is_the_deadline() -> None:
    """Wednesday 2 June 2027, as agreed; not plan plus six months."""
    course = Course()
    course.start("2026-10-01")
    course.walk_to("action_plan", "2026-10-01")
    course.settle("2026-11-20", leave=("feedback_date_set",))
    course.meet("2026-11-20", "feedback_date_set", value="2027-06-02")
    course.do("2026-11-20", phases.decide_advance)

    assert course.due("feedback") == date(2027, 6, 2)
    assert course.steps("feedback") == ["value"]


def test_a_feedback_date_needs_to_lie_ahead() -> None:
    """It looks forward."""
    course = Course()
    course.start("2026-10-01")
    course.walk_to("action_plan", "2026-10-01")

    with pytest.raises(BadInput):
        course.meet("2026-11-20", "feedback_date_set", value="2026-11-01")


def test_the_last_meeting_needs_a_date_and_looks_back() -> None:
    """It has no default, so a date is asked; a day ahead is refused."""
    course = Course()
    course.start("2026-10-01")

    with pytest.raises(BadInput):
        course.meet("2026-10-02", "last_meeting")
    with pytest.raises(BadInput):
        course.meet("2026-10-02", "last_meeting", value="2026-12-01")
    course.meet("2026-10-02", "last_meeting", value="2024-12-01")


def test_a_waived_feedback_date_takes_the_workflow_s_default() -> None:
    """Plan validated plus six months, as if nobody had fixed a day."""
    course = Course()
    course.start("2026-10-01")
    course.walk_to("action_plan", "2026-10-01")
    course.settle("2026-11-20", leave=("feedback_date_set",))
    course.do(
        "2026-11-21", lambda d: criteria.decide_waive(d, "feedback_date_set", "niet nodig" * 3)
    )
    course.do("2026-11-23", phases.decide_advance)

    assert course.due("feedback") == date(2027, 5, 20)


def test_the_feedback_scheme_survives_into_the_feedback_phase_and_ends_when_held() -> None:
    """The date goes on to be chased there; meeting feedback_held ends it."""
    course = coaching_since("2027-01-15")
    course.advance("2027-06-01")
    assert course.due("feedback") == date(2027, 8, 16)
    assert course.planned("feedback_invite")

    course.meet("2027-06-02", "feedback_held")

    assert not course.planned("feedback_invite")
    assert [d.deadline.deadline for d in course.trajectory.open_deadlines()] == ["report"]


def test_a_send_back_out_of_the_feedback_phase_ends_the_feedback_scheme() -> None:
    """Nothing is chased for a moment that is off."""
    course = coaching_since("2027-01-15")
    course.advance("2027-06-01")

    course.do("2027-06-02", lambda d: phases.decide_send_back(d, "action_plan", "context_changed"))

    assert not course.planned("feedback_invite")
    assert [d.deadline.deadline for d in course.trajectory.open_deadlines()] == ["action_plan"]


def test_the_restart_date_ends_with_the_restart_meeting_and_comes_back_on_reopen() -> None:
    """met_by settles it; a slip corrected plans it again, one revision later."""
    course = coaching_since("2027-01-15")
    assert course.due("restart") == date(2027, 3, 12)

    course.meet("2027-02-01", "restart_meeting")
    assert course.ladder("restart") == []

    course.do("2027-02-02", lambda d: criteria.decide_reopen(d, "restart_meeting", "slip"))
    assert course.due("restart") == date(2027, 3, 12)
    assert len(course.ladder("restart")) == 4


def test_per_municipality_the_plan_counts_from_the_last_consent() -> None:
    """Two mayors: the later day is the anchor."""
    course = Course()
    course.start("2026-10-01", "44021", "44088")
    course.walk_to("action_plan", "2026-10-01")
    course.settle("2026-11-20", leave=("plan_validated", "feedback_date_set"))

    def consent(place: str) -> object:
        return lambda d: criteria.decide_meet(d, "plan_validated", municipality=place)

    course.do("2026-11-27", consent("44088"), on="2026-11-20")  # type: ignore[arg-type]
    assert course.trajectory.criterion("plan_validated").state == "open"
    course.do("2026-11-27", consent("44021"), on="2026-11-16")  # type: ignore[arg-type]
    course.meet("2026-11-27", "feedback_date_set")
    course.do("2026-11-27", phases.decide_advance)

    assert course.due("coaching") == date(2027, 5, 20)


def test_a_next_round_takes_its_own_feedback_target() -> None:
    """Entry plus six months, rolled over; the agreed date no longer counts."""
    course = Course("monitoren_evalueren")
    course.start("2026-10-01")
    course.walk_to("feedback", "2026-10-01")

    course.do("2026-12-01", phases.decide_next_round)

    assert course.trajectory.phase == "measurement"
    assert course.due("feedback") == date(2027, 6, 1)
    assert course.due("measurement") == date(2027, 6, 1)


def test_a_second_next_round_waits_for_a_year() -> None:
    """Once a year at most."""
    course = Course("monitoren_evalueren")
    course.start("2026-10-01")
    course.walk_to("feedback", "2026-10-01")
    course.do("2026-12-01", phases.decide_next_round)
    course.walk_to("feedback", "2027-06-01")

    with pytest.raises(Refused):
        course.do("2027-11-30", phases.decide_next_round)
    course.do("2027-12-01", phases.decide_next_round)


def test_work_entered_midway_counts_from_its_entry() -> None:
    """The plan was never validated here, so coaching counts from the day it was entered."""
    course = Course()

    course.start("2026-11-20", phase="coaching")

    assert course.due("coaching") == date(2027, 5, 20)
    assert course.due("feedback") == date(2027, 5, 20)


def test_recalculating_moves_only_what_the_calendar_dates_otherwise() -> None:
    """A new closing day on the due date: moved by one day, with the calendar as the reason."""
    course = Course()
    course.start("2026-11-02")
    assert course.due("intake") == date(2026, 11, 30)
    assert course.do("2026-11-03", dates.decide_recalculate) == []

    course.calendar = Calendar(frozenset({date(2026, 11, 30)}))
    facts = course.do("2026-11-03", dates.decide_recalculate)

    assert [f.why for f in facts if isinstance(f, DeadlineMoved)] == ["calendar"]
    assert course.due("intake") == date(2026, 12, 1)


def test_a_replay_never_asks_the_calendar() -> None:
    """Another holiday source changes nothing that was recorded."""
    course = Course()
    course.start("2026-11-02")
    due = course.due("intake")

    course.calendar = Calendar(holidays_of=lambda year: belgian_holidays(year) | {due})
    course.meet("2026-11-03", "intake_talk_held")

    assert course.due("intake") == due


def test_a_future_start_mails_on_its_day() -> None:
    """1 December at nine, Brussels time."""
    course = Course()
    course.start("2026-11-20", on="2026-12-01")

    starts = course.planned("start")

    assert {r.at.isoformat() for r in starts} == {"2026-12-01T08:00:00+00:00"}


def test_a_pause_plans_nothing_but_its_own_scheme() -> None:
    """Ten days before, on the day, five days after; and the mail that says so."""
    course = Course()
    course.start("2027-01-04")

    course.do("2027-01-11", lambda d: pauses.decide_pause(d, "other", date(2027, 3, 1)))

    asked = course.planned("contacts_check")  # a question of the phase, which rests meanwhile
    waiting = [r for r in course.trajectory.planned() if r.entry is not None and r not in asked]
    assert [(r.rule, r.role) for r in waiting if not r.immediate] == [
        ("pause-10wd", "coach"),
        ("pause-0wd", "coach"),
        ("pause+5wd", "coach"),
        ("pause+5wd", "lead"),
    ]
    assert [r.notice for r in waiting if r.immediate] == ["paused"]


def test_a_pause_is_bounded_by_its_reason() -> None:
    """Six months; nine for elections."""
    course = Course()
    course.start("2027-01-04")

    def until(reason: str, day: date) -> object:
        def decide(decision: Decision) -> None:
            pauses.decide_pause(decision, reason, day)

        return decide

    with pytest.raises(BadInput):
        course.do("2027-01-11", until("other", date(2027, 7, 12)))  # type: ignore[arg-type]
    course.do("2027-01-11", until("local_elections", date(2027, 10, 11)))  # type: ignore[arg-type]


def test_the_followup_offer_comes_three_months_after_completion() -> None:
    """On a working day."""
    course = coaching_since("2026-11-20")
    course.walk_to("feedback", "2027-05-20")
    course.advance("2027-06-01")

    assert course.trajectory.status == "completed"
    assert [r.day for r in course.planned("followup_offer")] == [date(2027, 9, 1)]


def in_a_second_round() -> Course:
    """A monitoring whose feedback was agreed for 2 June 2027, in its next round since then."""
    course = Course("monitoren_evalueren")
    course.start("2026-10-01")
    course.walk_to("monitoring_plan", "2026-10-01")
    course.meet("2026-12-01", "feedback_date_set", value="2027-06-02")
    course.walk_to("feedback", "2026-12-01")
    course.do("2026-12-01", phases.decide_next_round)
    return course


def test_a_send_back_into_a_later_round_does_not_bring_the_old_agreed_date_back() -> None:
    """Entry plus six months, whatever led into the phase again."""
    course = in_a_second_round()
    course.walk_to("feedback", "2026-12-15")

    course.do("2027-01-04", lambda d: phases.decide_send_back(d, "measurement", "other"))

    assert (course.due("feedback"), course.steps("feedback")[0]) == (date(2027, 7, 5), "entry")


def test_in_a_later_round_a_kept_date_is_old_and_a_new_one_counts() -> None:
    """Given on the very day of the round already: the order of the facts decides."""
    again = frozenset({"feedback_date_set"})
    for keep, due in ((again, date(2027, 6, 1)), (frozenset[str](), date(2027, 5, 19))):
        course = in_a_second_round()
        course.do(
            "2026-12-01",
            lambda d, keep=keep: phases.decide_send_back(  # type: ignore[misc]
                d, "monitoring_plan", "other", keep=keep
            ),
        )
        if not keep:
            course.meet("2026-12-01", "feedback_date_set", value="2027-05-19")
        course.walk_to("measurement", "2026-12-01")

        assert course.due("feedback") == due


def planned_by(waived: bool) -> Course:
    """A reactivation whose feedback date was settled by default before the plan was validated."""
    course = Course()
    course.start("2026-10-01")
    course.walk_to("action_plan", "2026-10-01")
    if waived:
        course.do(
            "2026-11-02", lambda d: criteria.decide_waive(d, "feedback_date_set", "niet nodig" * 3)
        )
    else:
        course.meet("2026-11-02", "plan_validated", "feedback_date_set")
        course.do("2026-11-03", lambda d: criteria.decide_reopen(d, "plan_validated", "slip"))
    course.meet("2026-11-20", "plan_validated")
    course.walk_to("coaching", "2026-11-24")
    return course


@pytest.mark.parametrize("waived", [True, False])
def test_a_date_by_default_follows_its_anchor_until_it_is_dated(waived: bool) -> None:
    """Waived before the plan was validated, or the plan validated again: plan plus six months."""
    course = planned_by(waived)

    assert course.due("feedback") == date(2027, 5, 20)
    assert course.steps("feedback") == ["criterion", "months", "default"]
    recorded = course.trajectory.criterion("feedback_date_set").value_raw
    assert recorded == (None if waived else date(2027, 5, 2))


def test_a_date_by_default_is_shifted_and_recalculated_like_any_other() -> None:
    """Its steps are its recipe."""
    course = planned_by(waived=True)
    course.do("2026-12-01", lambda d: pauses.decide_pause(d, "other", date(2027, 1, 4)))
    course.do("2026-12-08", pauses.decide_resume)

    assert course.due("feedback") == date(2027, 5, 27)
    assert course.do("2026-12-09", dates.decide_recalculate) == []


def test_overlapping_pauses_cannot_count_twice() -> None:
    """Rested from 11 January to 1 February and from then to 8 February: four weeks."""
    course = Course()
    course.start("2027-01-04")
    course.do("2027-01-11", lambda d: pauses.decide_pause(d, "other", date(2027, 3, 1)))
    course.do("2027-02-01", pauses.decide_resume)
    with pytest.raises(BadInput):
        course.do(
            "2027-02-02",
            lambda d: pauses.decide_pause(d, "other", date(2027, 3, 1)),
            on="2027-01-12",
        )
    course.do(
        "2027-02-02", lambda d: pauses.decide_pause(d, "other", date(2027, 3, 1)), on="2027-02-01"
    )
    course.do("2027-02-08", pauses.decide_resume)

    assert course.due("intake") == date(2027, 3, 1)


def test_a_recalculation_does_not_happen_ahead() -> None:
    """Only a start may."""
    course = Course()
    course.start("2026-11-02")

    with pytest.raises(BadInput):
        course.do("2026-11-03", dates.decide_recalculate, on="2026-11-04")
