"""A second opinion on every date: the calendar's rules once more, by counting days one by one.

It shares nothing with the product: no library of holidays, no date arithmetic of ours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

DAY = timedelta(days=1)
FIXED = ((1, 1), (5, 1), (7, 11), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))
AFTER_EASTER = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday


@cache
def easter(year: int) -> date:
    """Return Easter Sunday, by the anonymous Gregorian algorithm."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)


@cache
def closed(day: date) -> bool:
    """Tell whether nobody works that day in Flanders."""
    if day.weekday() >= 5 or (day.month, day.day) in FIXED:
        return True
    return day in {easter(day.year) + n * DAY for n in AFTER_EASTER}


def quiet(day: date) -> bool:
    """Tell whether nothing falls due that day: summer, and the turn of the year."""
    at = (day.month, day.day)
    return (7, 11) <= at <= (8, 15) or at >= (12, 24) or at <= (1, 2)


def free(day: date) -> bool:
    """Tell whether something may fall due, or a reminder leave."""
    return not closed(day) and not quiet(day)


def rolled(day: date) -> date:
    """Return the first day from this one on at which something may fall due."""
    while not free(day):
        day += DAY
    return day


def counted(day: date, unit: str, amount: int) -> date:
    """Return a day that lies so much later, or earlier."""
    if unit == "months":
        year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
        for number in (day.day, 30, 29, 28):
            try:
                return date(year, month + 1, number)
            except ValueError:
                continue
    if unit != "working_days":
        return day + amount * (7 if unit == "weeks" else 1) * DAY
    step = DAY if amount > 0 else -DAY
    for _ in range(abs(amount)):
        day += step
        while closed(day):
            day += step
    return day


def rung(due: date, unit: str, amount: int, *, before: bool) -> date:
    """Return the day of a reminder so long before a date, or after it."""
    step = -DAY if before else DAY
    day = counted(due, unit, -amount if before else amount)
    while closed(day) or quiet(day):
        day += step
    return day


def nine(day: date) -> datetime:
    """Return 09:00 in Brussels as UTC, by the rule of the European summer time."""
    begin, end = (_last_sunday(day.year, month) for month in (3, 10))
    return datetime.combine(day, time(7 if begin <= day < end else 8), UTC)


def _last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    while day.weekday() != 6:
        day -= DAY
    return day
