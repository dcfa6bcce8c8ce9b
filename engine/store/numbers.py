"""Finds a trajectory by its reference or its number, as people type it: 2026-014, 014 or 14.

Light, because every name that is typed passes here: it reads no more than the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from engine.domain.errors import NotFound
from engine.domain.words import N_
from engine.store.queries import OPEN, TRAJECTORIES

UNKNOWN = N_("there is no trajectory {ref}; see: traject list")
FULL = re.compile(r"(?P<year>\d{4})-(?P<number>\d{1,6})", re.ASCII)
NUMBER = re.compile(r"\d{1,6}", re.ASCII)

_NUMBERED = select(TRAJECTORIES.c.ref, TRAJECTORIES.c.status).where(
    TRAJECTORIES.c.ref.like(bindparam("pattern"))
)
_EXISTS = select(TRAJECTORIES.c.ref, TRAJECTORIES.c.status).where(
    TRAJECTORIES.c.ref == bindparam("ref")
)
_ALL = select(TRAJECTORIES.c.ref, TRAJECTORIES.c.status)


def is_reference(typed: str) -> bool:
    """Tell whether words are a reference or a number, and no name."""
    return bool(FULL.fullmatch(typed) or NUMBER.fullmatch(typed))


def numbered(connection: Connection, typed: str) -> tuple[str, ...]:
    """Return the references that a reference or a number means, the newest year first.

    A number is that of the open trajectories which have it, of the closed ones where none is
    open; several years may share it. Raises: NotFound.
    """
    plain = typed.strip()
    found: list[tuple[str, str]] = []
    if full := FULL.fullmatch(plain):
        values = {"ref": f"{full['year']}-{int(full['number']):03d}"}
        found = [(str(ref), status) for ref, status in connection.execute(_EXISTS, values)]
    elif NUMBER.fullmatch(plain):
        values = {"pattern": f"____-{int(plain):03d}"}
        found = [(str(ref), status) for ref, status in connection.execute(_NUMBERED, values)]
    if not found:
        raise NotFound(UNKNOWN, ref=typed)
    return _meant(found)


def short(connection: Connection, refs: Iterable[str]) -> dict[str, str]:
    """Return by reference the number that means it and no other, else the reference itself."""
    by_number: dict[str, list[tuple[str, str]]] = {}
    for ref, status in connection.execute(_ALL):
        by_number.setdefault(_number(ref), []).append((ref, status))
    return {
        ref: _number(ref) if _meant(by_number.get(_number(ref), [])) == (ref,) else ref
        for ref in refs
    }


def _meant(found: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the open ones of (reference, status), else all; the newest first."""
    known = sorted(found, reverse=True)
    return tuple(ref for ref, status in known if status in OPEN) or tuple(ref for ref, _ in known)


def _number(ref: str) -> str:
    return ref.partition("-")[2]
