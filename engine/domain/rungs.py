"""Where the rungs of a ladder stand around their date, and what each is called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from engine.domain.definition import Rung
from engine.domain.workdays import Calendar

MOST_TIMES = 36  # that a rung stands before one date, however far that lies
DAYS = {"working_days": 1.4, "days": 1.0, "weeks": 7.0, "months": 30.0}  # about
SHORT = {"working_days": "wd", "days": "d", "weeks": "w", "months": "m"}


def stands(
    rung: Rung, due: date, since: date, calendar: Calendar, *, sent: date | None = None
) -> Iterator[tuple[Rung, date, int]]:
    """Yield a rung with its day and how many times its length that is, the first day first.

    One that stands `every` so long does so on days after `since` only, and about half its
    length at least from the next one and from the one that was `sent` last: a closed period
    may pull two together, a date that moves may bring one close to the last.
    """
    if not rung.every:
        yield rung, _day(rung, due, calendar), 1
        return
    apart = timedelta(days=about_days(rung) / 2)
    found: list[tuple[Rung, date, int]] = []
    for times in range(1, MOST_TIMES + 1):
        day = _day(rung, due, calendar, times)
        if day <= since or (sent is not None and day - sent < apart):
            break
        if not found or found[-1][1] - day >= apart:
            found.append((rung, day, times))
    yield from reversed(found)


def about_days(rung: Rung) -> float:
    """Return how many days a rung lies from its date, about."""
    unit, amount = rung.length().unit_and_amount()
    return DAYS[unit] * amount


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
