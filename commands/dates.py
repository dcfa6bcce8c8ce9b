"""Dates and instants as people type them."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from typing import Any

import click

from engine.domain.errors import BadInput
from engine.domain.words import N_, say
from engine.language import MONTHS

ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
EUROPEAN = re.compile(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>\d{4})", re.ASCII)
NO_YEAR = re.compile(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})", re.ASCII)
HOUR = re.compile(r"(?:[01]?\d|2[0-3])[:.h][0-5]\d", re.ASCII)
RELATIVE = {"vandaag": 0, "today": 0, "gisteren": -1, "yesterday": -1, "morgen": 1, "tomorrow": 1}


def read_day(text: str, today: date) -> date:
    """Return the day that a text means, seen from `today`.

    Raises: BadInput when it means none.
    """
    plain = text.strip().casefold()
    if plain in RELATIVE:
        return today + timedelta(days=RELATIVE[plain])
    found = ISO.fullmatch(plain) or EUROPEAN.fullmatch(plain)
    if found is not None:
        return _existing(text, int(found["year"]), int(found["month"]), int(found["day"]))
    if short := NO_YEAR.fullmatch(plain):
        _existing(text, 2000, int(short["month"]), int(short["day"]))
        raise BadInput(
            N_('"{text}" has no year: write {text}/{year}. Nothing was changed.'),
            text=text,
            year=str(today.year),
        )
    raise BadInput(
        N_('"{text}" is not a date: write 2026-11-20, 20/11/2026 or today. Nothing was changed.'),
        text=text,
    )


def read_appointment(text: str, today: date) -> tuple[date, str | None]:
    """Return the day and the hour (or None) of `DATE [HH:MM]`. Raises: BadInput."""
    day, _, hour = text.strip().partition(" ")
    hour = hour.strip()
    if not hour:
        return read_day(day, today), None
    if not HOUR.fullmatch(hour):
        raise BadInput(N_('"{hour}" is not an hour: write 14:30. Nothing was changed.'), hour=hour)
    hours, minutes = re.split("[:.h]", hour)
    return read_day(day, today), f"{int(hours):02d}:{minutes}"


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
    if not 1 <= day <= longest:
        raise BadInput(
            N_('"{text}" does not exist: {month} has {days} days. Nothing was changed.'),
            text=text,
            month=say(MONTHS[month - 1]),
            days=longest,
        )
    return date(year, month, day)


class DayType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5
    """A day on the command line."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> date:
        """Return the day."""
        return value if isinstance(value, date) else read_day(str(value), _today(ctx))


class AppointmentType(click.ParamType):  # type: ignore[type-arg]
    """A day and perhaps an hour on the command line."""

    name = "date [hh:mm]"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> tuple[date, str | None]:
        """Return the day, and the hour or None."""
        return value if isinstance(value, tuple) else read_appointment(str(value), _today(ctx))


DAY = DayType()
APPOINTMENT = AppointmentType()


def _today(ctx: click.Context | None) -> date:
    assert ctx is not None  # click always hands it over
    today: date = ctx.obj.today()
    return today
