"""Dates as people type them."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.typed.dates import (
    MONTH_WORDS,
    WEEKDAYS,
    read_appointment,
    read_day,
    read_instant,
)
from engine.domain.errors import BadInput
from engine.language import words

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("20-11-2026", date(2026, 11, 20)),
        ("20/11/2026", date(2026, 11, 20)),
        ("1.2.2027", date(2027, 2, 1)),
        (" vandaag ", TODAY),
        ("Gisteren", date(2026, 11, 19)),
        ("today", TODAY),
        ("yesterday", date(2026, 11, 19)),
        ("29-02-2028", date(2028, 2, 29)),
    ],
)
def test_a_day_is_read_in_every_usual_form(typed: str, day: date) -> None:
    """ISO, with slashes, dashes or dots, or by a word."""
    assert read_day(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("31/11", "November has 30 days"),
        ("29/2", "in 2026 (February has 28 days)"),
        ("31/11/2026", "November has 30 days"),
        ("2027-02-29", "February has 28 days"),
        ("29/2/2027", "February has 28 days"),
        ("1/13/2026", "12 months"),
        ("0000-01-01", "no year 0"),
        ("soon", "not a date"),
        ("m", "not a date"),
        ("17 nob", "not a date"),
        ("1/12 10", "not a date"),
        ("1/1/99", "check the year"),
        ("9999-12-31", "check the year"),
        ("0026-11-20", "check the year"),
        ("", "not a date"),
        ("20261120", "not a date"),
        ("२०/११/२०२६", "not a date"),
    ],
)
def test_what_is_no_day_is_told_why(typed: str, told: str) -> None:
    """The reason, and that nothing was changed."""
    with pytest.raises(BadInput) as refused:
        read_day(typed, TODAY)
    sentence = words("en").say(refused.value.sentence)
    assert told in sentence
    assert "Nothing was changed." in sentence


# seen from Friday 20 November 2026
@pytest.mark.parametrize(
    ("typed", "back", "forward", "nearest"),
    [
        ("dinsdag", "2026-11-17", "2026-11-24", "2026-11-17"),
        ("Tuesday", "2026-11-17", "2026-11-24", "2026-11-17"),
        ("di", "2026-11-17", "2026-11-24", "2026-11-17"),
        ("tue", "2026-11-17", "2026-11-24", "2026-11-17"),
        ("vrijdag", "2026-11-20", "2026-11-27", "2026-11-20"),
        ("ma", "2026-11-16", "2026-11-23", "2026-11-23"),
        ("17/11", "2026-11-17", "2027-11-17", "2026-11-17"),
        ("20/11", "2026-11-20", "2026-11-20", "2026-11-20"),
        ("1/3", "2026-03-01", "2027-03-01", "2027-03-01"),
        ("3/1", "2026-01-03", "2027-01-03", "2027-01-03"),
        ("17 nov", "2026-11-17", "2027-11-17", "2026-11-17"),
        ("1 mrt.", "2026-03-01", "2027-03-01", "2027-03-01"),
        ("17/11/26", "2026-11-17", "2026-11-17", "2026-11-17"),
        ("eergisteren", "2026-11-18", "2026-11-18", "2026-11-18"),
        ("overmorgen", "2026-11-22", "2026-11-22", "2026-11-22"),
    ],
)
def test_a_day_without_a_year_lies_where_the_command_looks(
    typed: str, back: str, forward: str, nearest: str
) -> None:
    """What happened lies back, what is planned ahead; the day stands before the month."""
    assert read_day(typed, TODAY, "back").isoformat() == back
    assert read_day(typed, TODAY, "forward").isoformat() == forward
    assert read_day(typed, TODAY, "nearest").isoformat() == nearest


def test_every_day_of_the_next_ten_years_is_read_in_every_form() -> None:
    """With its year it is that day, whatever the command looks for."""
    months = [sorted(own, key=len)[-1] for own in MONTH_WORDS]
    for number in range(3653):
        day = TODAY + timedelta(days=number)
        forms = (
            day.isoformat(),
            f"{day.day}/{day.month}/{day.year}",
            f"{day:%d-%m-%Y}",
            f"{day.day}.{day.month}.{day.year}",
            f"{day:%d/%m/%y}",
            f"{day.day} {months[day.month - 1]} {day.year}",
            f"{day.day} {months[day.month - 1][:3]} {day.year}",
        )
        for typed in forms:
            assert read_day(typed, TODAY, "back") == day, typed


@given(st.dates(date(2026, 1, 1), date(2036, 12, 31)), st.dates(date(2026, 1, 1)))
def test_a_day_and_month_are_the_last_or_the_next_of_that_name(today: date, other: date) -> None:
    """Never one further away, and never another day."""
    typed = f"{other.day}/{other.month}"
    with contextlib.suppress(BadInput):  # 29 February, in a year without one
        back = read_day(typed, today, "back")
        assert (back.day, back.month) == (other.day, other.month)
        assert timedelta(0) <= today - back <= timedelta(days=366)
    with contextlib.suppress(BadInput):
        ahead = read_day(typed, today, "forward")
        assert (ahead.day, ahead.month) == (other.day, other.month)
        assert timedelta(0) <= ahead - today <= timedelta(days=366)


@given(st.dates(date(2026, 1, 1), date(2036, 12, 31)), st.integers(0, 6), st.integers(2, 9))
def test_a_weekday_is_the_last_or_the_coming_one(today: date, weekday: int, letters: int) -> None:
    """Today counts as the last one, and never as the coming one."""
    for word in WEEKDAYS[weekday]:
        back = read_day(word[:letters], today, "back")
        ahead = read_day(word[:letters], today, "forward")
        near = read_day(word[:letters], today, "nearest")
        assert {back.weekday(), ahead.weekday(), near.weekday()} == {weekday}
        assert timedelta(0) <= today - back < timedelta(days=7)
        assert timedelta(0) < ahead - today <= timedelta(days=7)
        assert abs(near - today) <= timedelta(days=3)


@given(st.dates(date(1990, 1, 1), date(2066, 12, 31)))
def test_every_day_is_read_back(day: date) -> None:
    """No day of the calendar is misread, whichever way it is written."""
    assert read_day(day.isoformat(), TODAY) == day
    assert read_day(f"{day.day}/{day.month}/{day.year:04d}", TODAY) == day


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    """Nothing that is typed breaks the reader."""
    with contextlib.suppress(BadInput):
        read_day(text, TODAY)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-12-01", (date(2026, 12, 1), None)),
        ("1/12/2026 9:30", (date(2026, 12, 1), "09:30")),
        ("2026-12-01 14u05", (date(2026, 12, 1), "14:05")),
        ("1/12 10:00", (date(2026, 12, 1), "10:00")),
        ("1 december 10u", (date(2026, 12, 1), "10:00")),
        ("dinsdag 9.30", (date(2026, 11, 24), "09:30")),
        ("1/3", (date(2027, 3, 1), None)),
        ("1 maart 2027", (date(2027, 3, 1), None)),
        ("2026-12-01 14h05", (date(2026, 12, 1), "14:05")),
        ("2026-12-01 24:00", None),
        ("2026-12-01 9", None),
        ("dinsdag 9.10", None),
        ("1/12 9.10", (date(2026, 12, 1), "09:10")),
    ],
)
def test_an_appointment_may_have_an_hour(
    typed: str, expected: tuple[date, str | None] | None
) -> None:
    """HH:MM behind the date, or nothing."""
    if expected is None:
        with pytest.raises(BadInput):
            read_appointment(typed, TODAY)
    else:
        assert read_appointment(typed, TODAY) == expected


def test_an_instant_without_offset_is_on_the_clocks_of_brussels() -> None:
    """Summer and winter."""
    assert read_instant("2026-07-01T09:00") == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert read_instant("2026-12-01T09:00") == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert read_instant("2026-12-01T09:00Z") == datetime(2026, 12, 1, 9, tzinfo=UTC)
    with pytest.raises(BadInput):
        read_instant("nine o'clock")
