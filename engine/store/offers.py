"""What can be offered while somebody types: few columns, and nothing heavy imported.

It is asked at every press of a key, so it names its tables itself and reads the published
documents as plain JSON, for the reasons that `engine.store.queries` gives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, Select, bindparam, column, select, table

AUDITOR = "auditor"  # engine.domain.people has it too, and is heavier than a key press may be
TRAJECTORIES = table(
    "trajectories", *map(column, ("id", "ref", "workflow", "status", "phase", "category"))
)
VERSIONS = table("workflow_versions", *map(column, ("digest", "category", "version", "document")))
CRITERIA = table("criteria", *map(column, ("trajectory", "criterion", "state")))
DEADLINES = table(
    "deadlines",
    *map(column, ("trajectory", "entry", "deadline", "phase", "rank", "state")),
    column("due_on", Date),
)
MUNICIPALITIES = table("municipalities", *map(column, ("trajectory", "nis", "rank", "left_on")))
CONTACTS = table("contacts", *map(column, ("id", "name", "email")))
ACTORS = table("actors", *map(column, ("id", "name", "email", "account", "role", "active")))
ASSIGNMENTS = table("assignments", *map(column, ("trajectory", "contact", "until_on")))

_OWN = (
    select(TRAJECTORIES, VERSIONS.c.document)
    .join(VERSIONS, VERSIONS.c.digest == TRAJECTORIES.c.workflow)
    .where(TRAJECTORIES.c.ref == bindparam("ref"))
)
_STATES = select(CRITERIA.c.criterion, CRITERIA.c.state).where(
    CRITERIA.c.trajectory == bindparam("trajectory")
)
_DATES = (
    select(DEADLINES.c.deadline, DEADLINES.c.phase, DEADLINES.c.due_on)
    .where(DEADLINES.c.trajectory == bindparam("trajectory"), DEADLINES.c.state == "open")
    .order_by(DEADLINES.c.entry.desc(), DEADLINES.c.rank)
)
_PLACES = (
    select(MUNICIPALITIES.c.nis)
    .where(MUNICIPALITIES.c.trajectory == bindparam("trajectory"))
    .where(MUNICIPALITIES.c.left_on.is_(None))
    .order_by(MUNICIPALITIES.c.rank)
)
_NEWEST = (
    select(VERSIONS.c.document)
    .where(VERSIONS.c.category == bindparam("category"))
    .order_by(VERSIONS.c.version.desc())
    .limit(1)
)
_CONTACTS = select(CONTACTS).order_by(CONTACTS.c.id)
_COLLEAGUES = (
    select(ACTORS.c.id, ACTORS.c.name, ACTORS.c.email)
    .where(ACTORS.c.active == bindparam("active"), ACTORS.c.role != bindparam("reads"))
    .where(ACTORS.c.account.is_distinct_from(bindparam("own")))
    .order_by(ACTORS.c.id)
)
_INVOLVED = (
    select(ASSIGNMENTS.c.contact)
    .join(TRAJECTORIES, TRAJECTORIES.c.id == ASSIGNMENTS.c.trajectory)
    .where(TRAJECTORIES.c.ref == bindparam("ref"), ASSIGNMENTS.c.until_on.is_(None))
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a trajectory stands, as far as words can be offered for it."""

    phase: str | None
    document: Mapping[str, Any]  # the workflow version it is pinned to
    states: Mapping[str, str]  # criterion -> state; the others are open
    dates: tuple[tuple[str, str, date], ...]  # (deadline, phase, day) of those that stand
    places: tuple[str, ...]  # NIS codes of today's members


@dataclass(frozen=True, slots=True)
class Person:
    """A contact or an actor by number; name and address are None once erased."""

    id: int
    name: str | None
    email: str | None


def standing(connection: Connection, ref: str) -> Standing | None:
    """Return where the trajectory of a full reference stands; None where there is none."""
    own = connection.execute(_OWN, {"ref": ref}).first()
    if own is None:
        return None

    def rows(query: Select[Any]) -> list[Any]:
        return list(connection.execute(query, {"trajectory": own.id}))

    return Standing(
        phase=own.phase,
        document=json.loads(own.document),
        states={row.criterion: row.state for row in rows(_STATES)},
        dates=tuple((row.deadline, row.phase, row.due_on) for row in rows(_DATES)),
        places=tuple(row.nis for row in rows(_PLACES)),
    )


def newest(connection: Connection, category: str) -> Mapping[str, Any] | None:
    """Return the newest published document of a category; None where none was used yet."""
    text = connection.execute(_NEWEST, {"category": category}).scalar()
    return None if text is None else dict(json.loads(text))


def contacts(connection: Connection, ref: str | None = None) -> tuple[Person, ...]:
    """Return the contacts, all or those who have a role in one trajectory now."""
    query = _CONTACTS
    if ref is not None:
        query = query.where(CONTACTS.c.id.in_(_INVOLVED.scalar_subquery()))
    found = connection.execute(query, {} if ref is None else {"ref": ref})
    return tuple(Person(row.id, row.name, row.email) for row in found)


def colleagues(connection: Connection, own: str) -> tuple[Person, ...]:
    """Return the actors who may write, but for the one with an account of one's own."""
    wanted = {"active": True, "reads": AUDITOR, "own": own}
    found = connection.execute(_COLLEAGUES, wanted)
    return tuple(Person(row.id, row.name, row.email) for row in found)
