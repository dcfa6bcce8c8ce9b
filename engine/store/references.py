"""Finds a trajectory by its reference, as people type it: 2026-014, 014 or 14."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.domain.errors import NotFound
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_
from engine.store import projections
from engine.store.prepared import Prepared
from engine.store.tables import trajectories

UNKNOWN = N_("there is no trajectory {ref}; see: traject list")
FULL = re.compile(r"(?P<year>\d{4})-(?P<number>\d{1,6})", re.ASCII)
NUMBER = re.compile(r"\d{1,6}", re.ASCII)

_BY_REF = Prepared(select(trajectories).where(trajectories.c.ref == bindparam("ref")))
_BY_ID = Prepared(select(trajectories).where(trajectories.c.id == bindparam("id")))
_NUMBERED = (
    select(trajectories.c.ref)
    .where(trajectories.c.ref.like(bindparam("pattern")))
    .order_by(trajectories.c.ref.desc())
    .limit(1)
)
_EXISTS = select(trajectories.c.ref).where(trajectories.c.ref == bindparam("ref"))


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


def read_trajectory(connection: Connection, ref: str) -> Trajectory:
    """Return the trajectory of a full reference, as it stands. Raises: NotFound."""
    return projections.load(connection, own_row(connection, ref))


def read_by_id(connection: Connection, id_: str) -> Trajectory:
    """Return the trajectory of a UUID that a row or an event names, as it stands."""
    own = _BY_ID.first(connection, {"id": id_})
    assert own is not None  # who names it has read it
    return projections.load(connection, dict(zip(projections.OWN, own, strict=True)))


def own_row(connection: Connection, ref: str) -> dict[str, Any]:
    """Return the own row of the trajectory of a full reference. Raises: NotFound."""
    own = _BY_REF.first(connection, {"ref": ref})
    if own is None:
        raise NotFound(UNKNOWN, ref=ref)
    return dict(zip(projections.OWN, own, strict=True))
