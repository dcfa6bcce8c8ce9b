"""Which texts speak of a person, and who has been kept long enough."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.erasing import Due, LastRole, due, hints_at, months_later, names, same

TODAY = date(2027, 3, 1)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gebeld met Jo Maes.", True),
        ("JO  MAES belde", True),
        ("schrijf naar jo@example.org", True),
        ("Jo komt ook", False),
        ("Maes komt ook", False),
    ],
)
def test_a_text_names_a_person_by_the_whole_name_or_address(text: str, expected: bool) -> None:
    """In any case of letters, whatever the blanks."""
    assert names(text, "Jo Maes", "jo@example.org", None) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Maes komt", True),
        ("maes, dus", True),
        ("Maesen komt", False),
        ("Jo komt", True),
        ("Jos komt", False),
        ("de zaal van de raad", False),
    ],
)
def test_a_part_of_a_name_counts_as_a_word_of_its_own(text: str, expected: bool) -> None:
    """Also one of two letters, but for what stands in every text."""
    assert hints_at(text, "Jo de Maes") is expected


def test_nobody_hints_at_who_has_no_name() -> None:
    """A contact may be erased already."""
    assert not hints_at("Maes komt", None)


@pytest.mark.parametrize("typed", ["Jo Maes", "jo maes", " JO  MAES "])
def test_a_name_is_confirmed_whatever_its_capitals(typed: str) -> None:
    """What is typed is to show that the right person is meant, no more."""
    assert same(typed, "Jo Maes")
    assert not same(typed, "Jo Mas")


def test_who_is_due_had_no_role_for_so_long() -> None:
    """Longest ago first; who has a role is never due, and without a term nobody is."""
    known = [
        LastRole(1, date(2026, 2, 28)),
        LastRole(2, None),
        LastRole(3, date(2026, 3, 2)),
        LastRole(4, date(2020, 1, 31), ever=False),
    ]
    assert due(known, 12, TODAY) == (
        Due(4, date(2020, 1, 31), date(2021, 1, 31), ever=False),
        Due(1, date(2026, 2, 28), date(2027, 2, 28), ever=True),
    )
    assert due(known, 0, TODAY) == ()


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 12, 1), 1, date(2028, 1, 1)),
        (date(2027, 3, 1), 0, date(2027, 3, 1)),
    ],
)
def test_months_later_is_the_same_day_or_the_last(day: date, months: int, expected: date) -> None:
    """Where there is no 31st, the month's last day."""
    assert months_later(day, months) == expected


@given(DAYS, st.integers(0, 600))
def test_so_many_months_later_is_in_that_month(day: date, months: int) -> None:
    """And never after the same day of it."""
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1
