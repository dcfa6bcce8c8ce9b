"""Dates and instants as people type them: `dinsdag`, `17/11`, `17-11-2026`, `2026-11-17`.

The day stands before the month, as in Flanders. Words and dates without a year are looked
for in one direction, which the command knows: what happened lies back, a pause ends ahead.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from typing import Literal

from engine.domain.errors import BadInput
from engine.domain.words import N_, say
from engine.language import MONTHS

Looks = Literal["back", "forward", "nearest"]

ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
EUROPEAN = re.compile(
    r"(?P<day>\d{1,2})(?P<sep>[-/.])(?P<month>\d{1,2})(?:(?P=sep)(?P<year>\d{4}|\d{2}))?", re.ASCII
)
WORDED = re.compile(
    r"(?P<day>\d{1,2})[- ]?(?P<month>[a-z]{3,9})\.?(?:[- ](?P<year>\d{4}))?", re.ASCII
)
HOUR = re.compile(r"(?P<hours>[01]?\d|2[0-3])(?:[:.hu](?P<minutes>[0-5]\d)|[hu])", re.ASCII)
RELATIVE = {
    "vandaag": 0,
    "gisteren": -1,
    "eergisteren": -2,
    "morgen": 1,
    "overmorgen": 2,
    "today": 0,
    "yesterday": -1,
    "tomorrow": 1,
}
# Both languages at once: whoever has English screens still says dinsdag.
WEEKDAYS = (
    ("maandag", "monday"),
    ("dinsdag", "tuesday"),
    ("woensdag", "wednesday"),
    ("donderdag", "thursday"),
    ("vrijdag", "friday"),
    ("zaterdag", "saturday"),
    ("zondag", "sunday"),
)
MONTH_WORDS = (
    ("januari", "january"),
    ("februari", "february"),
    ("maart", "march", "mrt"),
    ("april",),
    ("mei", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("augustus", "august"),
    ("september",),
    ("oktober", "october"),
    ("november",),
    ("december",),
)
# `volgende dinsdag` is not among them: some mean the coming one, some the one after it.
SIDES: dict[str, Looks] = {
    **dict.fromkeys(("komende", "coming"), "forward"),
    **dict.fromkeys(("afgelopen", "voorbije", "last"), "back"),
}
SHORTEST = 2  # letters of a weekday: di, wo
FURTHEST, FURTHEST_IN_SHORT = 100, 20  # years from today; where only two digits were typed


def read_day(text: str, today: date, looks: Looks = "back") -> date:
    """Return the day that a text means, seen from `today`.

    A weekday is the last one, today included, for `back`, and the coming one, today not
    included, for `forward`. A day without a year is likewise the last or the next one.
    Raises: BadInput when it means none.
    """
    plain = " ".join(text.casefold().split())
    if plain in RELATIVE:
        return today + timedelta(days=RELATIVE[plain])
    side, _, rest = plain.partition(" ")
    weekday = _weekday(rest if side in SIDES else plain)
    if weekday is not None:
        return _next_such(weekday, today, SIDES.get(side, looks))
    if rest and (named := _weekday(side.rstrip(","))) is not None:
        return _on_weekday(text, named, read_day(rest, today, looks))
    if found := ISO.fullmatch(plain):
        day = _existing(text, int(found["year"]), int(found["month"]), int(found["day"]))
        return _near(text, day, today)
    if found := EUROPEAN.fullmatch(plain) or WORDED.fullmatch(plain):
        return _european(text, found, today, looks)
    raise _no_date(text, today)


def read_appointment(text: str, today: date, looks: Looks = "forward") -> tuple[date, str | None]:
    """Return the day and the hour (or None) of `DATE [HH:MM]`. Raises: BadInput."""
    plain = " ".join(text.replace(" uur", "u").split())
    day, _, hour = plain.rpartition(" ")
    day = day.removesuffix(" om").removesuffix(" at")
    if day and (found := HOUR.fullmatch(hour.casefold())):
        minutes = found["minutes"] or "00"
        if "." in hour and not day[-1].isdigit() and int(minutes) in range(1, 13):
            raise BadInput(  # Tuesday 9.10 may be the ninth of October
                N_('"{hour}" may be an hour or a day: write 9:10 or 9/10. Nothing was changed.'),
                hour=hour,
            )
        return read_day(day, today, looks), f"{int(found['hours']):02d}:{minutes}"
    if day and re.search(r"\d[:hu]|[:hu]\d", hour):
        raise BadInput(N_('"{hour}" is not an hour: write 14:30. Nothing was changed.'), hour=hour)
    return read_day(plain, today, looks), None


def read_instant(text: str) -> datetime:
    """Return the instant that a text means; without an offset, on the clocks of Brussels.

    Raises: BadInput.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            N_('"{text}" is not an instant: write 2026-11-20T09:00.'), text=text
        ) from None
    if instant.tzinfo is None:
        from engine.domain.workdays import BRUSSELS  # no time zones before they are needed

        instant = instant.replace(tzinfo=BRUSSELS)
    return instant


def _weekday(plain: str) -> int | None:
    """Return the number of the weekday that a word or its beginning names: 0 is Monday."""
    if len(plain) < SHORTEST:
        return None
    fitting = {
        number
        for number, words in enumerate(WEEKDAYS)
        if any(word.startswith(plain) for word in words)
    }
    dutch = {number for number in fitting if WEEKDAYS[number][0].startswith(plain)}
    fitting = dutch or fitting
    return fitting.pop() if len(fitting) == 1 else None


def _on_weekday(text: str, weekday: int, day: date) -> date:
    """Return a day that was given with its weekday; the two must agree."""
    if day.weekday() != weekday:
        raise BadInput(N_('"{text}": that day is {day}. Nothing was changed.'), text=text, day=day)
    return day


def _next_such(weekday: int, today: date, looks: Looks) -> date:
    """Return the day with this weekday that lies in the direction asked for."""
    ahead = (weekday - today.weekday()) % 7
    if looks == "back":
        return today - timedelta(days=(7 - ahead) % 7)
    if looks == "nearest":
        return today + timedelta(days=ahead if ahead <= 3 else ahead - 7)
    return today + timedelta(days=ahead or 7)


def _european(text: str, found: re.Match[str], today: date, looks: Looks) -> date:
    """Return the day of `17/11`, `17 november` or `17-11-2026`."""
    day, month = int(found["day"]), _month(found["month"])
    if month is None:
        raise _no_date(text, today)
    year = found["year"]
    if year is not None:
        if len(year) == 4:
            return _near(text, _existing(text, int(year), month, day), today)
        short = _existing(text, int(year) + 2000, month, day)
        return _near(text, short, today, FURTHEST_IN_SHORT)
    _existing(text, 2000, month, day)  # a leap year: 29/2 may be meant
    return _existing(text, _year(day, month, today, looks), month, day)


def _near(text: str, day: date, today: date, most: int = FURTHEST) -> date:
    """Return a day that lies within a working life; another is a slip of the year."""
    if abs(day.year - today.year) > most:
        raise BadInput(
            N_('"{text}" is {day}: check the year. Nothing was changed.'), text=text, day=day
        )
    return day


def _month(text: str) -> int | None:
    """Return the number of a month, given in digits or by its name or three letters of it."""
    if text.isdecimal():
        return int(text)
    for number, words in enumerate(MONTH_WORDS, start=1):
        if any(word.startswith(text) for word in words):
            return number
    return None


def _year(day: int, month: int, today: date, looks: Looks) -> int:
    """Return the year in which a day and month lie nearest, in the direction asked for."""
    this = (month, day) == (today.month, today.day)
    past = (month, day) < (today.month, today.day)
    if looks == "back":
        return today.year if past or this else today.year - 1
    if looks == "forward":
        return today.year + 1 if past else today.year

    def distance(year: int) -> int:
        longest = calendar.monthrange(year, month)[1]
        return abs((date(year, month, min(day, longest)) - today).days)

    return min((today.year - 1, today.year, today.year + 1), key=distance)


def _no_date(text: str, today: date) -> BadInput:
    return BadInput(
        N_(
            '"{text}" is not a date: write {today}, {short}, tomorrow or Tuesday. '
            "Nothing was changed."
        ),
        text=text,
        today=today.strftime("%d/%m/%Y"),
        short=f"{today.day}/{today.month}",
    )


def _existing(text: str, year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12:
        raise BadInput(
            N_('"{text}" does not exist: there are 12 months. Nothing was changed.'), text=text
        )
    if year < 1:
        raise BadInput(
            N_('"{text}" does not exist: there is no year 0. Nothing was changed.'), text=text
        )
    longest = calendar.monthrange(year, month)[1]
    if 1 <= day <= longest:
        return date(year, month, day)
    name = say(MONTHS[month - 1])
    if day == 29 and month == 2:  # the leap day
        raise BadInput(
            N_('"{text}" does not exist in {year} ({month} has {days} days). Nothing was changed.'),
            text=text,
            year=str(year),
            month=name,
            days=longest,
        )
    raise BadInput(
        N_('"{text}" does not exist: {month} has {days} days. Nothing was changed.'),
        text=text,
        month=name,
        days=longest,
    )
