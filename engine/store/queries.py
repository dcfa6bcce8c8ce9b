"""The overview of all trajectories: few statements, plain rows, and nothing heavy imported.

`traject list` is typed all day and must be there at once, so this module imports neither the
workflow models nor the machines, and not the table definitions either: their partial indexes
load the dialects of both databases. Labels come from the published documents as plain JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Connection,
    Date,
    and_,
    bindparam,
    case,
    column,
    func,
    null,
    select,
    table,
)
from sqlalchemy.sql.expression import TableClause

from engine.domain.words import Label, Labelled

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
    late: bool = False  # any date that stands is past, the phase's own or another


@dataclass(frozen=True, slots=True)
class Labels:
    """The names that a workflow version gives to its category and its phases."""

    category: Labelled
    phases: Mapping[str, Labelled]  # in the order of the file


def _named(name: str, *columns: str, **dated: type[Date]) -> TableClause:
    """Return a table by the names that are read of it; `dated` are its days."""
    return table(name, *map(column, columns), *(column(c, of) for c, of in dated.items()))


TRAJECTORIES = _named(
    "trajectories", "id", "ref", "category", "workflow", "status", "phase", "entry", "coach",
    "version",
)  # fmt: skip
DEADLINES = _named("deadlines", "trajectory", "entry", "rank", "state", due_on=Date)
MUNICIPALITIES = _named("municipalities", "trajectory", "nis", "rank", left_on=Date)
ACTORS = _named("actors", "id", "name")
VERSIONS = _named("workflow_versions", "digest", "document")

# The first own deadline of the phase entry that still stands; only a live phase has one.
_DUE = (
    select(DEADLINES.c.due_on)
    .where(
        DEADLINES.c.trajectory == TRAJECTORIES.c.id,
        DEADLINES.c.entry == TRAJECTORIES.c.entry,
        DEADLINES.c.state == "open",
    )
    .order_by(DEADLINES.c.rank)
    .limit(1)
    .scalar_subquery()
)
_FIRST = (
    select(func.min(DEADLINES.c.due_on))
    .where(DEADLINES.c.trajectory == TRAJECTORIES.c.id, DEADLINES.c.state == "open")
    .scalar_subquery()
)
_OVERVIEW = (
    select(
        TRAJECTORIES.c.id,
        TRAJECTORIES.c.ref,
        TRAJECTORIES.c.category,
        TRAJECTORIES.c.workflow,
        TRAJECTORIES.c.status,
        TRAJECTORIES.c.phase,
        case((TRAJECTORIES.c.status.in_(("active", "paused")), _DUE), else_=null()).label("due_on"),
        _FIRST.label("first_on"),
        TRAJECTORIES.c.coach,
        ACTORS.c.name.label("coach_name"),
        TRAJECTORIES.c.version,
    )
    .select_from(TRAJECTORIES.outerjoin(ACTORS, ACTORS.c.id == TRAJECTORIES.c.coach))
    .where(TRAJECTORIES.c.status.in_(bindparam("statuses", expanding=True)))
)
_PRESENT = (
    select(MUNICIPALITIES.c.trajectory, MUNICIPALITIES.c.nis)
    .join(
        TRAJECTORIES,
        and_(
            TRAJECTORIES.c.id == MUNICIPALITIES.c.trajectory,
            TRAJECTORIES.c.status.in_(bindparam("statuses", expanding=True)),
        ),
    )
    .where(MUNICIPALITIES.c.left_on.is_(None))
    .order_by(MUNICIPALITIES.c.trajectory, MUNICIPALITIES.c.rank)
)
_DOCUMENTS = select(VERSIONS.c.digest, VERSIONS.c.document).where(
    VERSIONS.c.digest.in_(bindparam("digests", expanding=True))
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


def alike(
    connection: Connection, today: date, category: str, municipalities: Iterable[str]
) -> tuple[Line, ...]:
    """Return the open trajectories of a category in which one of these (NIS codes) takes part."""
    codes = set(municipalities)
    return tuple(
        line
        for line in overview(connection, today)
        if line.category == category and codes & set(line.municipalities)
    )


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
        late=is_overdue(row.status, row.first_on, today),
    )


def _labels(document: Mapping[str, Any]) -> Labels:
    """Return the labels that a published document holds."""
    phases = {name: Label(phase["label"]) for name, phase in document["phases"].items()}
    return Labels(Label(document["label"]), phases)
