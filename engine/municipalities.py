"""Finds the municipalities of Flanders by NIS code, name or the beginning of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from engine.domain.errors import BadInput
from engine.domain.words import N_
from engine.register import Match, Municipality, form, register, words_of

SEPARATOR = re.compile(r"[,;&+]|\b(?:en|and)\b", re.IGNORECASE)
MOST_LISTED = 8
MOST_WORDS = 5  # of one name, as typed: Kapelle op den Bos has four
SHORTEST_BEGINNING = 3
SHORTEST_BEGINNING_IN_USE = 2  # of a municipality that has a trajectory: they are few
MOST_SUGGESTED = 3


def by_nis(nis: str) -> Municipality:
    """Return the municipality that has or had a NIS code: events keep the code of their day.

    Raises: BadInput for a code that never was one.
    """
    found = register().present.get(nis) or register().merged.get(nis)
    if found is None:
        raise BadInput(N_("{nis} is not the NIS code of a Flemish municipality"), nis=nis)
    return found


def ways_to_name(nis: str) -> frozenset[str]:
    """Return the names that a NIS code goes by, as `form` writes them.

    Its own, that of the municipality it merged into, those of the ones that merged into it.
    """
    return register().ways.get(nis, frozenset())


def codes_named(typed: str) -> tuple[frozenset[str], bool]:
    """Return the NIS codes, old ones included, that go by a name, and whether it is a whole one.

    A whole name is never the beginning of another: `Lier` is not Lierde. Where no name
    begins like this, a later word of one may: `haan` is De Haan.
    """
    wanted = form(typed)
    ways = register().ways
    whole = frozenset(nis for nis, own in ways.items() if wanted in own)
    if typed.rstrip().endswith("-"):  # more is to come: Tielt-Winge
        begun = {nis for nis, way in _ways(ways) if way.startswith(wanted) and way != wanted}
        return frozenset(begun), False
    if whole or len(wanted) < SHORTEST_BEGINNING_IN_USE:
        return whole, True
    beginnings = (wanted, form(typed, abbreviated=False))  # `st` begins Staden and Sint-Niklaas
    begun = {nis for nis, way in _ways(ways) if way.startswith(beginnings)}
    if not begun and len(wanted) >= SHORTEST_BEGINNING:
        begun = {nis for nis, later in register().later.items() if _one_begins(later, wanted)}
    return frozenset(begun), False


def joined(words: Sequence[str]) -> list[str]:
    """Return the words with those that make up one name together as one: De Haan, unquoted."""
    known = register().several
    kept, left = [], list(words)
    while left:
        sizes = range(min(len(left), MOST_WORDS), 1, -1)
        size = next((n for n in sizes if words_of(" ".join(left[:n])) in known), 1)
        kept.append(" ".join(left[:size]))
        left = left[size:]
    return kept


def _ways(ways: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    return ((nis, way) for nis, own in ways.items() for way in own)


def _one_begins(words: Iterable[str], wanted: str) -> bool:
    return any(word.startswith(wanted) for word in words)


def names(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the names that go with NIS codes, in the same order."""
    return tuple(by_nis(nis).name for nis in codes)


def find(name: str) -> Match:
    """Return what a name, the beginning of one, or a NIS code means today.

    Accents, case, blanks and punctuation do not matter; a whole name beats a beginning.
    Raises: BadInput for a name that is unknown or could be several.
    """
    wanted = form(name)
    exact = register().matches.get(wanted)
    if exact is not None:
        return exact
    begun = _beginning_with(wanted)
    if len(begun) == 1:
        return begun[0]
    raise _ambiguous(name, begun) if begun else _unknown(name)


def split_names(words: Sequence[str]) -> list[Match]:
    """Return the municipalities that words mean: `De Haan Gent` are two, quoted or not.

    The longest run of words that is a name counts as one; a comma, or a word such as `en`,
    ends a name; a municipality that is named twice is taken once. Raises: BadInput as `find`.
    """
    found: dict[str, Match] = {}
    for part in SEPARATOR.split(" ".join(words)):
        typed = part.split()
        while typed:
            match, used = _first_match(typed)
            known = found.get(match.municipality.nis)
            if known is None or known.via is None:  # the news of a merger must not get lost
                found[match.municipality.nis] = match
            typed = typed[used:]
    return list(found.values())


def _first_match(typed: Sequence[str]) -> tuple[Match, int]:
    """Return the municipality that the first words mean, and how many words that took.

    Names are compared word by word: `Bever` and another word are never Beveren.
    """
    sizes = range(min(len(typed), MOST_WORDS), 0, -1)
    runs = {size: " ".join(typed[:size]) for size in sizes}
    for size, run in runs.items():
        if (size == 1 or words_of(run) in register().several) and (
            exact := register().matches.get(form(run))
        ):
            return exact, size
    for size, run in runs.items():
        begun = _beginning_with(form(run)) if size == 1 or _begins_several(run) else []
        if len(begun) == 1:
            return begun[0], size
    misspelt = next((run for size, run in runs.items() if size > 1 and _close_to(run)), None)
    return find(misspelt or typed[0]), 1  # finds nothing, and says so


def _begins_several(run: str) -> bool:
    """Tell whether words begin a name of several words, the last of them perhaps in part."""
    *first, last = words_of(run)
    return any(
        name[: len(first)] == tuple(first) and name[len(first)].startswith(last)
        for name in register().several
        if len(name) > len(first)
    )


def _beginning_with(wanted: str) -> list[Match]:
    """Return the municipalities whose name, present or old, begins like this."""
    if len(wanted) < SHORTEST_BEGINNING:
        return []
    found: dict[str, Match] = {}
    for other, match in register().matches.items():
        if other.startswith(wanted) and not other.isdigit():
            known = found.get(match.municipality.nis)
            if known is None or known.via is not None:  # rather the present name
                found[match.municipality.nis] = match
    return list(found.values())


def _close_to(name: str) -> tuple[str, ...]:
    """Return the names, present or old, that look most like a misspelt one."""
    matches = {f: m for f, m in register().matches.items() if not f.isdigit()}
    close = get_close_matches(form(name), matches, n=MOST_SUGGESTED, cutoff=0.75)
    return tuple(matches[one].via or matches[one].municipality.name for one in close)


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
