"""Finds the trajectories that words may mean, and the shortest words that mean only one.

A trajectory goes by its reference (2026-014), by its number (14), and by the names of its
municipalities, merged ones included. A whole name beats the beginning of one, an open
trajectory beats a closed one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from engine.domain.errors import NotFound
from engine.domain.words import N_
from engine.municipalities import codes_named, names, ways_to_name
from engine.register import form
from engine.store.numbers import UNKNOWN, is_reference, numbered
from engine.store.queries import MUNICIPALITIES, OPEN, TRAJECTORIES

_HERE = MUNICIPALITIES.c.left_on.is_(None)
_PLACED = select(
    TRAJECTORIES.c.ref,
    TRAJECTORIES.c.status,
    TRAJECTORIES.c.workflow,
    TRAJECTORIES.c.phase,
    MUNICIPALITIES.c.nis,
).join(MUNICIPALITIES, MUNICIPALITIES.c.trajectory == TRAJECTORIES.c.id)
_WITH = (
    select(MUNICIPALITIES.c.trajectory)
    .where(_HERE, MUNICIPALITIES.c.nis.in_(bindparam("codes", expanding=True)))
    .scalar_subquery()
)
_NAMED = _PLACED.where(_HERE, TRAJECTORIES.c.id.in_(_WITH)).order_by(
    TRAJECTORIES.c.ref, MUNICIPALITIES.c.rank
)
_OF_REFS = _PLACED.where(_HERE, TRAJECTORIES.c.ref.in_(bindparam("refs", expanding=True))).order_by(
    TRAJECTORIES.c.ref, MUNICIPALITIES.c.rank
)
_OPEN_PLACES = (
    select(TRAJECTORIES.c.ref, MUNICIPALITIES.c.nis)
    .join(MUNICIPALITIES, MUNICIPALITIES.c.trajectory == TRAJECTORIES.c.id)
    .where(_HERE, TRAJECTORIES.c.status.in_(OPEN))
    .order_by(MUNICIPALITIES.c.rank)
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trajectory that somebody may mean, with what tells it from another."""

    ref: str
    status: str
    workflow: str  # digest, for the labels
    phase: str | None
    municipalities: tuple[str, ...]  # NIS codes, in order of joining


def meant(connection: Connection, typed: str) -> tuple[Candidate, ...]:
    """Return the trajectories that words may mean: one where they are clear.

    A reference is that one; a number may be that of several years.
    Raises: NotFound when they mean none.
    """
    plain = typed.strip()
    if is_reference(plain):
        refs = numbered(connection, plain)
        if len(refs) > 1:
            return tuple(_placed(connection, _OF_REFS, {"refs": list(refs)}))
        return (Candidate(refs[0], "", "", None, ()),)
    codes, whole = codes_named(plain)
    found = _placed(connection, _NAMED, {"codes": sorted(codes)}) if codes else []
    if not found:
        raise _unknown(connection, typed, known=whole and bool(codes))
    return tuple(one for one in found if one.status in OPEN) or tuple(found)


def handles(connection: Connection) -> dict[str, str]:
    """Return by reference the name that means an open trajectory and no other: `de-haan`.

    A trajectory that shares all its municipalities with another is not among them.
    """
    places: dict[str, list[str]] = {}
    by_way: dict[str, set[str]] = {}
    for ref, nis in connection.execute(_OPEN_PLACES):
        places.setdefault(ref, []).append(nis)
        for way in ways_to_name(nis):
            by_way.setdefault(way, set()).add(ref)
    return {
        ref: own[0]
        for ref, codes in places.items()
        if (own := [_as_typed(nis) for nis in codes if by_way[_as_compared(nis)] == {ref}])
    }


def by_number(connection: Connection, ref: str) -> str:
    """Return the number of a trajectory where that means it and no other, else the reference.

    For those without a name of their own: see `handles`.
    """
    number = ref.partition("-")[2]
    try:
        return number if numbered(connection, number) == (ref,) else ref
    except NotFound:  # a reference that is only tried
        return ref


def _placed(connection: Connection, query: Select[Any], values: dict[str, Any]) -> list[Candidate]:
    """Return trajectories with the municipalities that take part now."""
    found: dict[str, Candidate] = {}
    for ref, status, workflow, phase, nis in connection.execute(query, values):
        before = found[ref].municipalities if ref in found else ()
        found[ref] = Candidate(ref, status, workflow, phase, (*before, nis))
    return list(found.values())


def _unknown(connection: Connection, typed: str, *, known: bool) -> NotFound:
    """Return the refusal of words that mean no trajectory, with those that look like them."""
    from difflib import get_close_matches

    in_use = set(handles(connection).values())
    wanted = form(typed)
    close = get_close_matches(typed.strip().casefold(), sorted(in_use), n=3, cutoff=0.7)
    longer = sorted(name for name in in_use if form(name).startswith(wanted) and wanted)[:3]
    if suggestions := tuple(dict.fromkeys((*longer, *close))):
        template = N_("there is no trajectory {ref}; did you mean {suggestions}?")
        return NotFound(template, ref=typed, suggestions=suggestions)
    if known:
        return NotFound(N_("{place} has no trajectory; see: traject list"), place=typed)
    return NotFound(UNKNOWN, ref=typed)


@cache
def _as_typed(nis: str) -> str:
    """Return the name of a municipality in one word, as it can be typed without quotes."""
    return names([nis])[0].casefold().replace(" ", "-").replace("'", "")


@cache
def _as_compared(nis: str) -> str:
    return form(names([nis])[0])
