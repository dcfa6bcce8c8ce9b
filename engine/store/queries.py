"""The overview of all trajectories: few statements, plain rows, and nothing heavy imported.

`traject list` is typed all day and must be there at once, so this module imports neither the
workflow models nor the machines; labels come from the published documents as plain JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, null, select

from engine.domain.words import Label, Labelled
from engine.store import tables as t

OPEN = ("requested", "active", "paused")
CLOSED = ("completed", "stopped")
STATUSES = (*OPEN, *CLOSED)


@dataclass(frozen=True, slots=True)
class Line:
    """One trajectory as the overview shows it."""

    id: str
    ref: str
    category: str
    workflow: str  # digest, for the labels
    status: str
    phase: str | None  # None while requested; the last one once closed
    municipalities: tuple[str, ...]  # NIS codes, in order of joining
    due_on: date | None
    overdue: bool
    coach: int
    coach_name: str | None  # None once erased
    version: int


@dataclass(frozen=True, slots=True)
class Labels:
    """The names that a workflow version gives to its category and its phases."""

    category: Labelled
    phases: Mapping[str, Labelled]  # in the order of the file


# The first own deadline of the phase entry that still stands; only a live phase has one.
_DUE = (
    select(t.deadlines.c.due_on)
    .where(
        t.deadlines.c.trajectory == t.trajectories.c.id,
        t.deadlines.c.entry == t.trajectories.c.entry,
        t.deadlines.c.state == "open",
    )
    .order_by(t.deadlines.c.rank)
    .limit(1)
    .scalar_subquery()
)
_OVERVIEW = (
    select(
        t.trajectories.c.id,
        t.trajectories.c.ref,
        t.trajectories.c.category,
        t.trajectories.c.workflow,
        t.trajectories.c.status,
        t.trajectories.c.phase,
        case((t.trajectories.c.status.in_(("active", "paused")), _DUE), else_=null()).label(
            "due_on"
        ),
        t.trajectories.c.coach,
        t.actors.c.name.label("coach_name"),
        t.trajectories.c.version,
    )
    .select_from(t.trajectories.outerjoin(t.actors, t.actors.c.id == t.trajectories.c.coach))
    .where(t.trajectories.c.status.in_(bindparam("statuses", expanding=True)))
)
_PRESENT = (
    select(t.municipalities.c.trajectory, t.municipalities.c.nis)
    .join(
        t.trajectories,
        and_(
            t.trajectories.c.id == t.municipalities.c.trajectory,
            t.trajectories.c.status.in_(bindparam("statuses", expanding=True)),
        ),
    )
    .where(t.municipalities.c.left_on.is_(None))
    .order_by(t.municipalities.c.trajectory, t.municipalities.c.rank)
)
_DOCUMENTS = select(t.workflow_versions.c.digest, t.workflow_versions.c.document).where(
    t.workflow_versions.c.digest.in_(bindparam("digests", expanding=True))
)


def overview(
    connection: Connection, today: date, statuses: Sequence[str] = OPEN
) -> tuple[Line, ...]:
    """Return the trajectories in these statuses by reference, in two statements."""
    chosen = {"statuses": list(statuses)}
    present: dict[str, list[str]] = {}
    for trajectory, nis in connection.execute(_PRESENT, chosen):
        present.setdefault(trajectory, []).append(nis)
    found = [
        _line(row, tuple(present.get(row.id, ())), today)
        for row in connection.execute(_OVERVIEW, chosen)
    ]
    return tuple(sorted(found, key=lambda line: by_number(line.ref)))


def labels(connection: Connection, digests: Iterable[str]) -> dict[str, Labels]:
    """Return the names of categories and phases by digest of the workflow version."""
    wanted = {"digests": sorted(set(digests))}
    return {
        digest: _labels(json.loads(document))
        for digest, document in connection.execute(_DOCUMENTS, wanted)
    }


def by_number(ref: str) -> tuple[str, int, str]:
    """Return what references sort by: 2027-1000 comes after 2027-999."""
    return ref[:4], len(ref), ref


def is_overdue(status: str, due_on: date | None, today: date) -> bool:
    """Tell whether a trajectory is past its date; one that rests or is closed never is."""
    return status == "active" and due_on is not None and due_on < today


def _line(row: Any, present: tuple[str, ...], today: date) -> Line:
    """Return a row as a value."""
    return Line(
        id=row.id,
        ref=row.ref,
        category=row.category,
        workflow=row.workflow,
        status=row.status,
        phase=row.phase,
        municipalities=present,
        due_on=row.due_on,
        overdue=is_overdue(row.status, row.due_on, today),
        coach=row.coach,
        coach_name=row.coach_name,
        version=row.version,
    )


def _labels(document: Mapping[str, Any]) -> Labels:
    """Return the labels that a published document holds."""
    phases = {name: Label(phase["label"]) for name, phase in document["phases"].items()}
    return Labels(Label(document["label"]), phases)
