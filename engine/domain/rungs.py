"""Where the rungs of a ladder stand around their date, and what each is called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import takewhile

from engine.domain.definition import Rung
from engine.domain.workdays import Calendar

MOST_TIMES = 36  # that a rung stands before one date, however far that lies
SHORT = {"working_days": "wd", "days": "d", "weeks": "w", "months": "m"}


def stands(
    rung: Rung, due: date, since: date, calendar: Calendar
) -> Iterator[tuple[Rung, date, int]]:
    """Yield a rung with its day and how many times its length that is, the first day first.

    One that stands `every` so long does so on days after `since` only.
    """
    if not rung.every:
        yield rung, _day(rung, due, calendar), 1
        return
    days = ((_day(rung, due, calendar, n), n) for n in range(1, MOST_TIMES + 1))
    after = list(takewhile(lambda one: one[0] > since, days))
    yield from ((rung, day, times) for day, times in reversed(after))


def _day(rung: Rung, due: date, calendar: Calendar, times: int = 1) -> date:
    """Return the day of a rung, windows and closed days respected."""
    unit, amount = rung.length().unit_and_amount()
    amount *= times
    if unit == "working_days":
        find = calendar.rung_after if rung.before is None else calendar.rung_before
        return find(due, amount)
    if rung.before is None:
        return calendar.rung_after(calendar.add(due, unit, amount), 0)
    return calendar.rung_before(calendar.add(due, unit, -amount), 0)


def offset(rung: Rung, times: int = 1) -> str:
    """Return the rung's place as text: `-10wd`, `+6wd`; `times` its length, where it stands so."""
    unit, amount = rung.length().unit_and_amount()
    return f"{'-' if rung.before is not None else '+'}{amount * times}{SHORT[unit]}"


def is_named(rule: str, scheme: str, rung: Rung) -> bool:
    """Tell whether a reminder's rule says that it is this rung of a scheme, at any multiple."""
    most = MOST_TIMES if rung.every else 1
    return any(rule == f"{scheme}{offset(rung, n)}" for n in range(1, most + 1))
