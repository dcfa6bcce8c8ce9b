"""Which days are worked in Flanders, and every step of date arithmetic that follows.

Two closed periods hold for due dates: nothing falls due in them, but their working days
count like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.domain.words import N_, Say

BRUSSELS = ZoneInfo("Europe/Brussels")
SENDING_HOUR = time(9, 0)
ONE_DAY = timedelta(days=1)
FLEMISH_DAY = (7, 11)
# (first, last) as (month, day); the second runs over New Year
WINDOWS = {"summer": ((7, 11), (8, 15)), "year_end": ((12, 24), (1, 2))}

Step = dict[str, Any]


@cache
def belgian_holidays(year: int) -> frozenset[date]:
    """Return the legal public holidays of Belgium in a year."""
    from holidays import country_holidays  # loaded on first need, it takes a while

    return frozenset(country_holidays("BE", years=year))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which an office is closed, and how dates move around them.

    `closing_days` is the office's own list; `holidays_of` gives the holidays of a year.
    """

    closing_days: frozenset[date] = frozenset()
    holidays_of: Callable[[int], frozenset[date]] = belgian_holidays

    def why_closed(self, day: date) -> str | None:
        """Return weekend, holiday, flemish_day or closing_day; None for a working day."""
        if day.weekday() >= 5:
            return "weekend"
        if day in self.holidays_of(day.year):
            return "holiday"
        if (day.month, day.day) == FLEMISH_DAY:
            return "flemish_day"
        return "closing_day" if day in self.closing_days else None

    def is_working_day(self, day: date) -> bool:
        """Return whether the office works that day."""
        return self.why_closed(day) is None

    def in_window(self, day: date) -> str | None:
        """Return summer or year_end where nothing falls due that day, else None."""
        return next((name for name in WINDOWS if _within(day, name)), None)

    def next_sending_day(self, day: date) -> date:
        """Return the first working day from `day` on."""
        return next(d for d in _days(day, 1) if self.is_working_day(d))

    def last_working_day(self, day: date) -> date:
        """Return the last working day up to and including `day`."""
        return next(d for d in _days(day, -1) if self.is_working_day(d))

    def roll(self, day: date) -> tuple[date, tuple[Step, ...]]:
        """Return the due date that `day` becomes, and the steps that led there.

        Out of a closed period and off a closed day, to the first working day after.
        """
        steps: list[Step] = []
        while reason := self.in_window(day) or self.why_closed(day):
            day = self._past(day, reason)
            steps.append({"step": reason, "on": day.isoformat()})
        return day, tuple(steps)

    def _past(self, day: date, reason: str) -> date:
        """Return the first day from `day` on that is not closed for this very reason."""
        if reason in WINDOWS:
            return _after(day, reason)
        return next(d for d in _days(day, 1) if self.why_closed(d) != reason or self.in_window(d))

    def add_working_days(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`, before it when negative."""
        step = 1 if count > 0 else -1
        left = abs(count)
        while left:
            day += step * ONE_DAY
            left -= self.is_working_day(day)
        return day

    def add(self, day: date, unit: str, amount: int) -> date:
        """Return `day` plus an amount of working_days, days, weeks or months."""
        if unit == "working_days":
            return self.add_working_days(day, amount)
        if unit == "months":
            # loaded on first need; carries no types
            from dateutil.relativedelta import relativedelta

            moved: date = day + relativedelta(months=amount)
            return moved
        return day + amount * {"days": ONE_DAY, "weeks": 7 * ONE_DAY}[unit]

    def rung_before(self, due: date, count: int) -> date:
        """Return the day of a reminder `count` working days before `due`.

        Out of a closed period it goes back to the last working day before.
        """
        start = due if count else self.last_working_day(due)
        day = self.add_working_days(start, -count)
        while window := self.in_window(day):
            day = self.last_working_day(_before(day, window))
        return day

    def rung_after(self, due: date, count: int) -> date:
        """Return the day of a reminder `count` working days after `due`.

        Out of a closed period it goes on to the first working day after.
        """
        start = due if count else self.next_sending_day(due)
        day = self.add_working_days(start, count)
        while window := self.in_window(day):
            day = self.next_sending_day(_after(day, window))
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days lie after `start` up to `end`; negative backwards."""
        if end < start:
            return -self.working_days_between(end, start)
        span = range(1, (end - start).days + 1)
        return sum(self.is_working_day(start + n * ONE_DAY) for n in span)


def nine_o_clock(day: date) -> datetime:
    """Return the instant at which reminders leave that day: 09:00 in Brussels, in UTC."""
    return datetime.combine(day, SENDING_HOUR, BRUSSELS).astimezone(UTC)


def brussels_day(now: datetime) -> date:
    """Return the civil day that it is in Brussels at an instant."""
    return now.astimezone(BRUSSELS).date()


def _days(day: date, direction: int) -> Iterator[date]:
    while True:
        yield day
        day += direction * ONE_DAY


def _within(day: date, window: str) -> bool:
    first, last = WINDOWS[window]
    at = (day.month, day.day)
    return first <= at <= last if first <= last else at >= first or at <= last


def _after(day: date, window: str) -> date:
    """Return the day after the window that `day` lies in."""
    month, number = WINDOWS[window][1]
    last = date(day.year, month, number)
    return (last if last >= day else last.replace(year=day.year + 1)) + ONE_DAY


def _before(day: date, window: str) -> date:
    """Return the day before the window that `day` lies in."""
    month, number = WINDOWS[window][0]
    first = date(day.year, month, number)
    return (first if first <= day else first.replace(year=day.year - 1)) - ONE_DAY


SENTENCES = {
    "entry": N_("counted from the start of the phase: {on}"),
    "criterion": N_("counted from the day “{criterion}” was reached: {on}"),
    "waiver": N_("counted from the day “{criterion}” was waived: {on}"),
    "value": N_("the date agreed for “{criterion}”: {on}"),
    "default": N_("the usual date was taken for “{criterion}”: {on}"),
    "working_days": N_("{n} working days later: {on}"),
    "days": N_("{n} days later: {on}"),
    "weeks": N_("{n} weeks later: {on}"),
    "months": N_("{n} months later: {on}"),
    "paused": N_("{n} days of pause added: {on}"),
    "moved": N_("moved to another day: {on}"),
    "summer": N_("nothing falls due from 11 July to 15 August: {on}"),
    "year_end": N_("nothing falls due from 24 December to 2 January: {on}"),
    "weekend": N_("not in a weekend: {on}"),
    "holiday": N_("not on a public holiday: {on}"),
    "flemish_day": N_("not on 11 July, the Flemish holiday: {on}"),
    "closing_day": N_("not on a closing day: {on}"),
    "calendar": N_("counted again with another calendar: {on}"),
}
SENTENCES_FOR_ONE = {
    "working_days": N_("1 working day later: {on}"),
    "days": N_("1 day later: {on}"),
    "weeks": N_("1 week later: {on}"),
    "months": N_("1 month later: {on}"),
    "paused": N_("1 day of pause added: {on}"),
}
UNKNOWN_STEP = N_("{step}: {on}")


def explain(step: Mapping[str, Any]) -> Say:
    """Return one step of a date as a sentence; `criterion` may be its label."""
    code = step["step"]
    template = SENTENCES.get(code, UNKNOWN_STEP)
    if step.get("n") == 1:
        template = SENTENCES_FOR_ONE.get(code, template)
    return Say(template, {**step, "on": date.fromisoformat(step["on"])})
