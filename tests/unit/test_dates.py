"""Dates as people type them."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.dates import read_appointment, read_day, read_instant
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
        ("31/11/2026", "November has 30 days"),
        ("2027-02-29", "February has 28 days"),
        ("29/2/2027", "February has 28 days"),
        ("1/13/2026", "12 months"),
        ("0000-01-01", "no year 0"),
        ("17/11", "17/11/2026"),
        ("soon", "not a date"),
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


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
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
        ("2026-12-01 14u05", None),
        ("2026-12-01 14h05", (date(2026, 12, 1), "14:05")),
        ("2026-12-01 24:00", None),
        ("2026-12-01 9", None),
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
