"""Finds a trajectory by its reference, as people type it: 2026-014, 014 or 14."""

from __future__ import annotations

import re

from sqlalchemy import Connection, bindparam, select

from engine.domain.errors import NotFound
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_
from engine.store import projections
from engine.store.tables import trajectories

UNKNOWN = N_("there is no trajectory {ref}; see: traject list")
FULL = re.compile(r"(?P<year>\d{4})-(?P<number>\d{1,6})", re.ASCII)
NUMBER = re.compile(r"\d{1,6}", re.ASCII)

_BY_REF = select(trajectories).where(trajectories.c.ref == bindparam("ref"))
_NUMBERED = (
    select(trajectories.c.ref)
    .where(trajectories.c.ref.like(bindparam("pattern")))
    .order_by(trajectories.c.ref.desc())
    .limit(1)
)
_EXISTS = select(trajectories.c.ref).where(trajectories.c.ref == bindparam("ref"))


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


def read_trajectory(connection: Connection, ref: str) -> Trajectory:
    """Return the trajectory of a full reference, as it stands. Raises: NotFound."""
    own = connection.execute(_BY_REF, {"ref": ref}).mappings().first()
    if own is None:
        raise NotFound(UNKNOWN, ref=ref)
    return projections.load(connection, own)
