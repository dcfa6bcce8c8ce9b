"""Working days, roll-over and rungs, on the worked dates and on every day of ten years."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.workdays import (
    SENTENCES,
    SENTENCES_FOR_ONE,
    Calendar,
    belgian_holidays,
    brussels_day,
    explain,
    nine_o_clock,
)
from engine.language import words

CAL = Calendar()
CLOSED = Calendar(closing_days=frozenset({date(2027, 5, 7), date(2027, 11, 12)}))
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(4018)]
days = st.sampled_from(DAYS)
counts = st.integers(0, 60)
calendars = st.builds(Calendar, st.frozensets(days, max_size=12))


def test_the_days_run_from_2026_to_2036() -> None:
    """The property tests below see every day of eleven years."""
    assert DAYS[-1] == date(2036, 12, 31)


@pytest.mark.parametrize(
    ("start", "unit", "amount", "raw", "due"),
    [
        (date(2027, 1, 15), "months", 6, date(2027, 7, 15), date(2027, 8, 16)),
        (date(2026, 11, 20), "months", 6, date(2027, 5, 20), date(2027, 5, 20)),
        (date(2026, 12, 1), "weeks", 4, date(2026, 12, 29), date(2027, 1, 4)),
        (date(2027, 1, 31), "months", 1, date(2027, 2, 28), date(2027, 3, 1)),
        (date(2027, 3, 19), "days", 10, date(2027, 3, 29), date(2027, 3, 30)),
        (date(2027, 3, 26), "working_days", 1, date(2027, 3, 30), date(2027, 3, 30)),
    ],
)
def test_the_worked_dates_come_out(
    start: date, unit: str, amount: int, raw: date, due: date
) -> None:
    """Anchor plus duration, then the roll-over once at the end."""
    assert CAL.add(start, unit, amount) == raw
    assert CAL.roll(raw)[0] == due


def test_a_pause_of_28_days_is_added_before_the_roll_over() -> None:
    """Paused on 1 February, resumed on 1 March: the raw date moves by 28 days."""
    paused = (date(2027, 3, 1) - date(2027, 2, 1)).days
    assert paused == 28
    assert CAL.roll(CAL.add(date(2027, 3, 1), "days", paused))[0] == date(2027, 3, 30)


def test_rungs_that_land_in_the_summer_fall_together_before_it() -> None:
    """Due on 16 August, both -10 and -3 are said on 9 July."""
    due = date(2027, 8, 16)
    assert CAL.rung_before(due, 10) == CAL.rung_before(due, 3) == date(2027, 7, 9)


def test_rungs_count_through_the_closed_periods() -> None:
    """-30 from 16 August is 30 working days back, summer included."""
    assert CAL.rung_before(date(2027, 8, 16), 30) == date(2027, 7, 2)
    assert CAL.rung_before(date(2027, 1, 4), 10) == date(2026, 12, 17)
    assert CAL.rung_after(date(2026, 12, 22), 1) == date(2026, 12, 23)
    assert CAL.rung_after(date(2026, 12, 22), 6) == date(2027, 1, 4)


def test_a_rung_of_zero_days_is_the_day_itself_or_the_working_day_beside_it() -> None:
    """On a Sunday: the Friday before, or the Monday after."""
    assert CAL.rung_before(date(2027, 2, 4), 0) == date(2027, 2, 4)
    assert CAL.rung_before(date(2027, 2, 7), 0) == date(2027, 2, 5)
    assert CAL.rung_after(date(2027, 2, 7), 0) == date(2027, 2, 8)


def test_a_roll_over_tells_each_step() -> None:
    """Out of the year-end period, then off the Sunday after it."""
    assert CAL.roll(date(2026, 12, 29)) == (
        date(2027, 1, 4),
        ({"step": "year_end", "on": "2027-01-03"}, {"step": "weekend", "on": "2027-01-04"}),
    )
    assert CAL.roll(date(2027, 3, 27))[1] == (
        {"step": "weekend", "on": "2027-03-29"},
        {"step": "holiday", "on": "2027-03-30"},
    )
    assert CAL.roll(date(2027, 2, 4)) == (date(2027, 2, 4), ())


def test_every_reason_to_be_closed_has_its_name() -> None:
    """A weekend comes first, the office's own list last."""
    assert CLOSED.why_closed(date(2027, 7, 10)) == "weekend"
    assert CLOSED.why_closed(date(2027, 5, 6)) == "holiday"
    assert CLOSED.why_closed(date(2028, 7, 11)) == "flemish_day"
    assert CLOSED.why_closed(date(2027, 5, 7)) == "closing_day"
    assert CLOSED.why_closed(date(2027, 2, 4)) is None
    assert CAL.add_working_days(date(2028, 7, 10), 1) == date(2028, 7, 12)


def test_a_closing_day_pushes_a_due_date_on() -> None:
    """Ascension, the bridge day after it, the weekend: Monday."""
    assert CLOSED.roll(date(2027, 5, 6)) == (
        date(2027, 5, 10),
        (
            {"step": "holiday", "on": "2027-05-07"},
            {"step": "closing_day", "on": "2027-05-08"},
            {"step": "weekend", "on": "2027-05-10"},
        ),
    )


@pytest.mark.parametrize("year", range(2026, 2037))
def test_both_windows_have_their_exact_edges(year: int) -> None:
    """11 July to 15 August and 24 December to 2 January, both included."""
    assert CAL.in_window(date(year, 7, 10)) is None
    assert CAL.in_window(date(year, 7, 11)) == CAL.in_window(date(year, 8, 15)) == "summer"
    assert CAL.in_window(date(year, 8, 16)) is None
    assert CAL.in_window(date(year, 12, 23)) is None
    assert CAL.in_window(date(year, 12, 24)) == CAL.in_window(date(year, 1, 2)) == "year_end"
    assert CAL.in_window(date(year, 1, 3)) is None


def test_every_day_rolls_to_an_open_day_and_stays_there() -> None:
    """Rolled dates are working days outside the windows, in order, rolled once for all."""
    rolled = [CLOSED.roll(day)[0] for day in DAYS]
    assert all(CLOSED.is_working_day(day) and not CLOSED.in_window(day) for day in rolled)
    assert all(CLOSED.roll(day) == (day, ()) for day in rolled)
    assert rolled == sorted(rolled)
    assert all(day <= due for day, due in zip(DAYS, rolled, strict=True))


@given(calendars, days, counts)
def test_rungs_fall_on_working_days_outside_the_windows(
    calendar: Calendar, due: date, count: int
) -> None:
    """Whatever the office's closing days: no reminder on a closed day or in a window."""
    before, after = calendar.rung_before(due, count), calendar.rung_after(due, count)
    assert before <= due <= after
    for day in (before, after):
        assert calendar.is_working_day(day)
        assert calendar.in_window(day) is None


@given(calendars, days, counts, st.integers(0, 30))
def test_rungs_are_monotone(calendar: Calendar, due: date, count: int, more: int) -> None:
    """A larger distance is never nearer, a later date never earlier."""
    later = due + timedelta(days=more)
    assert calendar.rung_before(due, count + more) <= calendar.rung_before(due, count)
    assert calendar.rung_after(due, count) <= calendar.rung_after(due, count + more)
    assert calendar.rung_before(due, count) <= calendar.rung_before(later, count)
    assert calendar.rung_after(due, count) <= calendar.rung_after(later, count)


@given(calendars, days, st.integers(-60, 60))
def test_counting_working_days_undoes_adding_them(
    calendar: Calendar, start: date, count: int
) -> None:
    """Adding n working days lies n working days away, in either direction."""
    end = calendar.add_working_days(start, count)
    assert calendar.is_working_day(end) or count == 0
    if count >= 0 or calendar.is_working_day(start):
        assert calendar.working_days_between(start, end) == count
    assert calendar.working_days_between(end, start) == -calendar.working_days_between(start, end)


@given(calendars, days, days)
def test_roll_keeps_the_order_of_dates(calendar: Calendar, one: date, other: date) -> None:
    """Of two dates the earlier one never becomes the later one."""
    first, second = sorted((one, other))
    assert calendar.roll(first)[0] <= calendar.roll(second)[0]


@given(days)
def test_the_last_step_of_a_roll_over_is_its_result(day: date) -> None:
    """Steps carry the day that they lead to, as text."""
    due, steps = CAL.roll(day)
    assert (steps[-1]["on"] if steps else day.isoformat()) == due.isoformat()
    assert [step["on"] for step in steps] == sorted({step["on"] for step in steps})


def test_next_sending_day_and_last_working_day_stand_beside_a_closed_day() -> None:
    """Good for reminders: the day itself when it is worked."""
    assert CAL.next_sending_day(date(2027, 5, 6)) == date(2027, 5, 7)
    assert CAL.last_working_day(date(2027, 5, 6)) == date(2027, 5, 5)
    assert CAL.next_sending_day(date(2027, 5, 5)) == date(2027, 5, 5)


def test_nine_o_clock_follows_summer_time() -> None:
    """08:00 UTC in winter, 07:00 UTC in summer."""
    assert nine_o_clock(date(2027, 2, 4)) == datetime(2027, 2, 4, 8, 0, tzinfo=UTC)
    assert nine_o_clock(date(2027, 7, 1)) == datetime(2027, 7, 1, 7, 0, tzinfo=UTC)
    assert brussels_day(datetime(2027, 2, 4, 23, 30, tzinfo=UTC)) == date(2027, 2, 5)
    assert all(brussels_day(nine_o_clock(day)) == day for day in DAYS)


def test_another_source_of_holidays_changes_the_answer() -> None:
    """The library can be replaced by any function of a year."""
    working_new_year = Calendar(holidays_of=lambda _: frozenset())
    assert working_new_year.is_working_day(date(2027, 1, 1))
    assert not CAL.is_working_day(date(2027, 1, 1))


def test_belgium_has_its_ten_legal_holidays_every_year() -> None:
    """Easter Monday, Ascension and Whit Monday move, seven others do not."""
    for year in range(2026, 2037):
        fixed = {(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)}
        found = {day for day in belgian_holidays(year) if day.weekday() != 6}
        assert {(day.month, day.day) for day in belgian_holidays(year)} >= fixed
        assert {day.weekday() for day in found if (day.month, day.day) not in fixed} == {0, 3}


@pytest.mark.parametrize("code", SENTENCES)
def test_every_step_has_a_sentence_with_its_date(code: str) -> None:
    """In English and in Dutch, one and many."""
    for amount in (1, 6):
        step = {"step": code, "on": "2027-01-04", "n": amount, "criterion": "plan_validated"}
        assert words("en").say(explain(step)).endswith("Monday 4 January 2027")
    assert set(SENTENCES_FOR_ONE) < set(SENTENCES)


def test_a_date_that_was_left_to_the_workflow_is_called_the_usual_one() -> None:
    """It may have been chosen so: nobody can tell that no date was agreed."""
    step = {"step": "default", "on": "2027-01-04", "criterion": "the feedback date"}
    assert words("en").say(explain(step)) == (
        "the usual date was taken for “the feedback date”: Monday 4 January 2027"
    )


def test_a_step_of_a_later_traject_is_still_said() -> None:
    """An unknown code stands for itself."""
    assert words("en").say(explain({"step": "new_rule", "on": "2027-01-04"})) == (
        "new_rule: Monday 4 January 2027"
    )


def test_the_calendar_loads_no_library_before_it_needs_one() -> None:
    """`traject --help` must not pay for holidays."""
    code = (
        "import sys, engine.domain.workdays as w; w.Calendar();"
        "sys.exit('holidays' in sys.modules or 'dateutil' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
