"""The days on a command line, each looked for where its option expects it."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from commands.typed.dates import Looks, read_appointment, read_day


class DayType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5
    """A day on the command line, looked for in one direction."""

    name = "date"

    def __init__(self, looks: Looks) -> None:
        """Keep where a day without a year lies."""
        self.looks = looks

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> date:
        """Return the day."""
        return value if isinstance(value, date) else read_day(str(value), _today(ctx), self.looks)


class AppointmentType(click.ParamType):  # type: ignore[type-arg]
    """A day ahead and perhaps an hour on the command line."""

    name = "date [hh:mm]"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> tuple[date, str | None]:
        """Return the day, and the hour or None."""
        return value if isinstance(value, tuple) else read_appointment(str(value), _today(ctx))


PAST_DAY = DayType("back")
COMING_DAY = DayType("forward")
NEAREST_DAY = DayType("nearest")
APPOINTMENT = AppointmentType()


def _today(ctx: click.Context | None) -> date:
    assert ctx is not None  # click always hands it over
    today: date = ctx.obj.today()
    return today
