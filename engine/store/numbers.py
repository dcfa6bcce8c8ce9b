"""Finds a trajectory by its reference or its number, as people type it: 2026-014, 014 or 14.

Light, because every name that is typed passes here: it reads no more than the reference.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, bindparam, select

from engine.domain.errors import NotFound
from engine.domain.words import N_
from engine.store.queries import TRAJECTORIES

UNKNOWN = N_("there is no trajectory {ref}; see: traject list")
FULL = re.compile(r"(?P<year>\d{4})-(?P<number>\d{1,6})", re.ASCII)
NUMBER = re.compile(r"\d{1,6}", re.ASCII)

_NUMBERED = (
    select(TRAJECTORIES.c.ref)
    .where(TRAJECTORIES.c.ref.like(bindparam("pattern")))
    .order_by(TRAJECTORIES.c.ref.desc())
    .limit(1)
)
_EXISTS = select(TRAJECTORIES.c.ref).where(TRAJECTORIES.c.ref == bindparam("ref"))


def is_reference(typed: str) -> bool:
    """Tell whether words are a reference or a number, and no name."""
    return bool(FULL.fullmatch(typed) or NUMBER.fullmatch(typed))


def resolve(connection: Connection, typed: str) -> str:
    """Return the reference that was meant; a number alone is that of the newest year with it.

    Raises: NotFound.
    """
    plain = typed.strip()
    found = None
    if full := FULL.fullmatch(plain):
        ref = f"{full['year']}-{int(full['number']):03d}"
        found = connection.execute(_EXISTS, {"ref": ref}).scalar()
    elif NUMBER.fullmatch(plain):
        pattern = f"____-{int(plain):03d}"
        found = connection.execute(_NUMBERED, {"pattern": pattern}).scalar()
    if found is None:
        raise NotFound(UNKNOWN, ref=typed)
    return str(found)
