"""The municipalities of Flanders: their NIS codes, names and provinces, merged ones included.

Codes and names after the REFNIS list of Statbel, with the mergers of 1 January 2025.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from engine.domain.errors import BadInput
from engine.domain.words import N_

# the first digit of a NIS code is its province; a merger may have changed it since
PROVINCES = {
    "1": "Antwerpen",
    "2": "Vlaams-Brabant",
    "3": "West-Vlaanderen",
    "4": "Oost-Vlaanderen",
    "7": "Limburg",
}
MOST_LISTED = 8
MOST_WORDS = 5  # of one name, as typed: Kapelle op den Bos has four
SHORTEST_BEGINNING = 3
MOST_SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality under one NIS code."""

    nis: str
    name: str
    province: str


@dataclass(frozen=True, slots=True)
class Match:
    """What a typed name means today; `via` is the old name of a merged one, else None."""

    municipality: Municipality
    via: str | None = None
    since: date | None = None  # day of the merger, where `via` is given


@dataclass(frozen=True, slots=True)
class _Register:
    """The two tables, with every way to name their rows."""

    present: dict[str, Municipality]  # by NIS code
    merged: dict[str, Municipality]  # by the NIS code that no longer holds
    matches: dict[str, Match]  # by NIS code, or by name in its matching form


def by_nis(nis: str) -> Municipality:
    """Return the municipality that has or had a NIS code: events keep the code of their day.

    Raises: BadInput for a code that never was one.
    """
    found = _register().present.get(nis) or _register().merged.get(nis)
    if found is None:
        raise BadInput(N_("{nis} is not the NIS code of a Flemish municipality"), nis=nis)
    return found


def names(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the names that go with NIS codes, in the same order."""
    return tuple(by_nis(nis).name for nis in codes)


def find(name: str) -> Match:
    """Return what a name, the beginning of one, or a NIS code means today.

    Accents, case, blanks and punctuation do not matter; a whole name beats a beginning.
    Raises: BadInput for a name that is unknown or could be several.
    """
    form = _form(name)
    exact = _register().matches.get(form)
    if exact is not None:
        return exact
    begun = _beginning_with(form)
    if len(begun) == 1:
        return begun[0]
    raise _ambiguous(name, begun) if begun else _unknown(name)


def split_names(words: Sequence[str]) -> list[Match]:
    """Return the municipalities that words mean: `De Haan Gent` are two, quoted or not.

    The longest run of words that is a name counts as one; a municipality that is named
    twice is taken once. Raises: BadInput as `find` does.
    """
    typed = [part for word in words for part in re.split(r"[\s,;]+", word) if part]
    found: dict[str, Match] = {}
    while typed:
        match, used = _first_match(typed)
        known = found.get(match.municipality.nis)
        if known is None or known.via is None:  # the news of a merger must not get lost
            found[match.municipality.nis] = match
        typed = typed[used:]
    return list(found.values())


def _first_match(typed: Sequence[str]) -> tuple[Match, int]:
    """Return the municipality that the first words mean, and how many words that took."""
    sizes = range(min(len(typed), MOST_WORDS), 0, -1)
    runs = {size: " ".join(typed[:size]) for size in sizes}
    for size, run in runs.items():
        if exact := _register().matches.get(_form(run)):
            return exact, size
    for size, run in runs.items():
        if len(begun := _beginning_with(_form(run))) == 1:
            return begun[0], size
    misspelt = next((run for size, run in runs.items() if size > 1 and _close_to(run)), None)
    return find(misspelt or typed[0]), 1  # finds nothing, and says so


def _form(name: str) -> str:
    """Return a name as it is compared: no accents, case, blanks or punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\bst\b", "sint", plain))


def _beginning_with(form: str) -> list[Match]:
    """Return the municipalities whose name, present or old, begins like this."""
    if len(form) < SHORTEST_BEGINNING:
        return []
    found: dict[str, Match] = {}
    for other, match in _register().matches.items():
        if other.startswith(form) and not other.isdigit():
            known = found.get(match.municipality.nis)
            if known is None or known.via is not None:  # rather the present name
                found[match.municipality.nis] = match
    return list(found.values())


def _close_to(name: str) -> tuple[str, ...]:
    """Return the names, present or old, that look most like a misspelt one."""
    matches = {f: m for f, m in _register().matches.items() if not f.isdigit()}
    close = get_close_matches(_form(name), matches, n=MOST_SUGGESTED, cutoff=0.75)
    return tuple(matches[form].via or matches[form].municipality.name for form in close)


def _ambiguous(name: str, begun: Sequence[Match]) -> BadInput:
    candidates = sorted({match.via or match.municipality.name for match in begun})
    more = ("…",) if len(candidates) > MOST_LISTED else ()
    return BadInput(
        N_("{name} may be several municipalities: {candidates}; type more of the name"),
        name=name,
        candidates=(*candidates[:MOST_LISTED], *more),
    )


def _unknown(name: str) -> BadInput:
    suggestions = _close_to(name)
    if suggestions:
        return BadInput(
            N_("{name} is not a municipality of Flanders; did you mean {suggestions}?"),
            name=name,
            suggestions=suggestions,
        )
    return BadInput(
        N_("{name} is not a municipality of Flanders; give its Dutch name or its NIS code"),
        name=name,
    )


@cache
def _register() -> _Register:
    present = {row["nis"]: Municipality(**row) for row in _rows("municipalities.csv")}
    merged: dict[str, Municipality] = {}
    matches: dict[str, Match] = {}
    for row in _rows("mergers.csv"):
        nis, name = row["old_nis"], row["old_name"]
        successor = present[row["new_nis"]]
        renamed = name != successor.name
        match = Match(
            successor,
            name if renamed else None,
            date.fromisoformat(row["valid_from"]) if renamed else None,
        )
        if nis not in present:
            merged[nis] = Municipality(nis, name, PROVINCES[nis[0]])
        matches[nis] = matches[_form(name)] = match
    for municipality in present.values():  # last: a present name beats an old one
        matches[municipality.nis] = matches[_form(municipality.name)] = Match(municipality)
    return _Register(present, merged, matches)


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (files("engine") / "data" / file).open(encoding="utf-8") as text:
        yield from csv.DictReader(text)
