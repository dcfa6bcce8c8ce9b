"""How the reading commands put codes, names and moments into words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from commands.frame.context import Context
from engine.domain.words import N_
from engine.municipalities import names

STATUSES = {
    "requested": N_("requested"),
    "active": N_("active"),
    "paused": N_("paused"),
    "completed": N_("completed"),
    "stopped": N_("stopped"),
}
MAILS = {
    "dead": N_("not delivered"),
    "held": N_("held back"),
    "uncertain": N_("may have arrived"),
}
HOLD = N_("To keep them from leaving: traject mail hold {ref}")
ERASED = {"contact": N_("contact #{number} (erased)"), "actor": N_("actor #{number} (erased)")}
MARKS = {"open": "○", "met": "✔", "waived": "–"}
STATES = {"open": N_("open"), "met": N_("in order"), "waived": N_("does not apply")}
HALF_A_YEAR = 183  # days; a date without a year that is nearer than that can be one only


def status(context: Context, code: str) -> str:
    """Return a status in words."""
    return context.words.text(STATUSES.get(code, code))


def notice(context: Context, code: str) -> str:
    """Return what a mail is about, in a few words, those of the history."""
    from engine.domain.narrative.labels import NOTICES  # loads every event and definition

    return context.words.text(NOTICES.get(code, code))


def places(codes: Iterable[str]) -> str:
    """Return the municipalities of a trajectory as its name: Gent + Merelbeke-Melle."""
    return " + ".join(names(codes))


def person(context: Context, name: str | None, number: int, kind: str = "contact") -> str:
    """Return a name, or the number of somebody whose data was erased."""
    if name:
        return name
    return context.in_words(ERASED[kind], number=number)


def coach(context: Context, name: str | None, number: int) -> str:
    """Return the name of a coach, or her number once her data was erased."""
    return person(context, name, number, "actor")


def short(context: Context, day: date) -> str:
    """Return a date in short, with its weekday; its year unless the day is near."""
    near = abs((day - context.today()).days) < HALF_A_YEAR
    return context.words.short_day(day, year=not near)


def mark(context: Context, state: str) -> str:
    """Return the mark of a criterion's state; the word for it, to be read out."""
    return context.words.text(STATES[state]) if context.plain else MARKS[state]


def mailbox(header: str) -> str:
    """Return a sender or reader as `Name <address>`, without the quotes of a mail's head."""
    from email.utils import parseaddr

    name, address = parseaddr(header)
    return f"{name} <{address}>" if name and address else header


def moment(context: Context, at: datetime) -> str:
    """Return an instant on the clocks of Brussels, in short."""
    from engine.domain.workdays import BRUSSELS

    local = at.astimezone(BRUSSELS)
    return f"{short(context, local.date())} {local:%H:%M}"


def working_days(context: Context, count: int) -> str:
    """Return a number of working days in words."""
    return context.in_words(N_("1 working day") if count == 1 else N_("{n} working days"), n=count)


def open_points(context: Context, count: int) -> str:
    """Return a number of open points in words."""
    return context.in_words(N_("1 point open") if count == 1 else N_("{n} points open"), n=count)


def points(context: Context, count: int) -> str:
    """Return a number of points in words."""
    return context.in_words(N_("1 point") if count == 1 else N_("{n} points"), n=count)


def mails(context: Context, count: int) -> str:
    """Return a number of mails in words."""
    return context.in_words(N_("1 mail") if count == 1 else N_("{n} mails"), n=count)


def people(context: Context, count: int) -> str:
    """Return a number of people in words."""
    return context.in_words(N_("1 person") if count == 1 else N_("{n} people"), n=count)


def months(context: Context, count: int) -> str:
    """Return a number of months in words."""
    return context.in_words(N_("1 month") if count == 1 else N_("{n} months"), n=count)


def recent(context: Context, at: datetime) -> str:
    """Return an instant in short, `today 08:15` where it was today or yesterday."""
    from engine.domain.workdays import BRUSSELS

    local = at.astimezone(BRUSSELS)
    ago = (context.today() - local.date()).days
    if ago not in (0, 1):
        return moment(context, at)
    return f"{context.in_words(N_('yesterday') if ago else N_('today'))} {local:%H:%M}"
