"""Why something is erased, which texts speak of a person, and who has been kept long enough."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from engine.domain.lint import clean
from engine.domain.words import N_

REASONS = {
    "request_of_the_person": N_("the person asked for it"),
    "retention_over": N_("it was kept long enough"),
    "typed_by_mistake": N_("it was typed by mistake"),
    "other": N_("another reason"),
}
RESTORED = "restored"  # the reason of the program itself: it was erased before a restore
IN_WORDS = {**REASONS, RESTORED: N_("it was erased before the log was restored")}
SHORTEST = 2  # letters of a part of a name that is looked for in texts: Jo, An, Bo
# Parts of names that are words of any text as well; they hint at nobody.
PARTICLES = frozenset({
    "da", "de", "del", "den", "der", "di", "du", "el", "in", "la", "le", "op", "te", "ten", "ter",
    "van", "von",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class LastRole:
    """When a contact last had a role: `on` is None while they have one.

    `ever` is False for who never had any; then `on` is the day on which they were added.
    """

    contact: int
    on: date | None
    ever: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """A contact who was kept for longer than the settings say, and since when that is so."""

    contact: int
    last_role: date
    since: date
    ever: bool  # whether there was a role at all; else `last_role` is the day they were added


def names(text: str, *wholes: str | None) -> bool:
    """Tell whether a text holds one of these, a whole name or address, in any case of letters."""
    searched = _plain(text)
    return any(_plain(whole) in searched for whole in wholes if whole)


def hints_at(text: str, name: str | None) -> bool:
    """Tell whether a part of a name stands in a text as a word of its own."""
    words = set(_words(text)) - PARTICLES
    return any(part in words for part in _words(name or "") if len(part) >= SHORTEST)


def due(known: Iterable[LastRole], months: int, today: date) -> tuple[Due, ...]:
    """Return who has had no role for so many months, longest ago first; nobody for 0 months."""
    if not months:
        return ()
    found = (
        Due(one.contact, one.on, months_later(one.on, months), one.ever)
        for one in known
        if one.on is not None
    )
    return tuple(
        sorted((one for one in found if one.since <= today), key=lambda d: (d.since, d.contact))
    )


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def same(typed: str, wanted: str) -> bool:
    """Tell whether a person typed what is asked: letters count, their case and blanks do not."""
    return _plain(clean(typed)) == _plain(clean(wanted))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
