"""The tables of the municipalities of Flanders, with every way to name their rows.

Codes and names after the REFNIS list of Statbel, with the mergers of 1 January 2025.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

# the first digit of a NIS code is its province; a merger may have changed it since
PROVINCES = {
    "1": "Antwerpen",
    "2": "Vlaams-Brabant",
    "3": "West-Vlaanderen",
    "4": "Oost-Vlaanderen",
    "7": "Limburg",
}


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
class Register:
    """The two tables, with every way to name their rows."""

    present: dict[str, Municipality]  # by NIS code
    merged: dict[str, Municipality]  # by the NIS code that no longer holds
    matches: dict[str, Match]  # by NIS code, or by name in its matching form
    ways: dict[str, frozenset[str]]  # by NIS code: the forms of all names it goes by
    later: dict[str, tuple[str, ...]]  # by NIS code: the words of its name but the first
    several: frozenset[tuple[str, ...]]  # names of several words, as `form` writes each


def form(name: str, *, abbreviated: bool = True) -> str:
    """Return a name as it is compared: no accents, case, blanks or punctuation.

    `abbreviated`: `st` stands for `sint`.
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\bst\b", "sint", plain) if abbreviated else plain)


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name, each as `form` writes it; a hyphen parts them too."""
    return tuple(map(form, re.split(r"[\s-]+", name.strip())))


@cache
def register() -> Register:
    """Return the tables, read once."""
    present = {row["nis"]: Municipality(**row) for row in _rows("municipalities.csv")}
    merged: dict[str, Municipality] = {}
    matches: dict[str, Match] = {}
    ways: dict[str, set[str]] = {}
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
        matches[nis] = matches[form(name)] = match
        ways.setdefault(nis, set()).update((nis, form(name), form(successor.name)))
        ways.setdefault(successor.nis, set()).update((nis, form(name)))
    for municipality in present.values():  # last: a present name beats an old one
        matches[municipality.nis] = matches[form(municipality.name)] = Match(municipality)
        ways.setdefault(municipality.nis, set()).update((municipality.nis, form(municipality.name)))
    worded = dict(_in_words((*merged.values(), *present.values())))
    return Register(
        present,
        merged,
        matches,
        {nis: frozenset(forms) for nis, forms in ways.items()},
        {one.nis: words[1:] for one, words in worded.items() if one.nis in present},
        frozenset(worded.values()),
    )


def _in_words(known: Iterable[Municipality]) -> Iterator[tuple[Municipality, tuple[str, ...]]]:
    """Yield the municipalities whose name has several words, with the form of each."""
    for municipality in known:
        words = words_of(municipality.name)
        if len(words) > 1:
            yield municipality, words


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (files("engine") / "data" / file).open(encoding="utf-8") as text:
        yield from csv.DictReader(text)
