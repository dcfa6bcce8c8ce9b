"""Reads a trajectory as it stands, by its full reference or its UUID."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.domain.errors import NotFound
from engine.domain.trajectory import Trajectory
from engine.store import projections
from engine.store.numbers import UNKNOWN
from engine.store.prepared import Prepared
from engine.store.tables import trajectories

_BY_REF = Prepared(select(trajectories).where(trajectories.c.ref == bindparam("ref")))
_ID_OF = Prepared(select(trajectories.c.id).where(trajectories.c.ref == bindparam("ref")))
_BY_ID = Prepared(select(trajectories).where(trajectories.c.id == bindparam("id")))


def read_trajectory(connection: Connection, ref: str) -> Trajectory:
    """Return the trajectory of a full reference, as it stands. Raises: NotFound."""
    return projections.load(connection, own_row(connection, ref))


def id_of(connection: Connection, ref: str) -> str:
    """Return the UUID of a full reference, read without what an older schema lacks.

    Raises: NotFound.
    """
    own = _ID_OF.first(connection, {"ref": ref})
    if own is None:
        raise NotFound(UNKNOWN, ref=ref)
    return str(own[0])


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
