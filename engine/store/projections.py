"""Values as rows of the projections, rows as values, and the difference between two values.

One description serves the write path, the rebuild and the comparison that verify makes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from engine.domain.events import Deadline
from engine.domain.people import Actor, Contact, People
from engine.domain.trajectory import (
    Assignment,
    CriterionState,
    DeadlineState,
    Membership,
    ReminderState,
    Trajectory,
)
from engine.store import tables as t

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]

CHILDREN = (t.municipalities, t.criteria, t.deadlines, t.reminders, t.assignments)
_OWN = tuple(column.name for column in t.trajectories.c)
_REMINDER = tuple(field.name for field in fields(ReminderState))
_DEADLINE = tuple(field.name for field in fields(Deadline))


def rows(trajectory: Trajectory, table: Table) -> Rows:
    """Return a trajectory's rows of one projection table, by primary key."""
    return {tuple(row[c.name] for c in table.primary_key): row for row in _rows(trajectory, table)}


def people_rows(people: People) -> dict[Table, Rows]:
    """Return the rows of actors and contacts."""
    return {
        t.actors: {(a.id,): _plain(a) for a in people.actors.values()},
        t.contacts: {(c.id,): _plain(c) for c in people.contacts.values()},
    }


def save(connection: Connection, before: Trajectory | None, after: Trajectory) -> None:
    """Write what differs between two values of one trajectory."""
    for table in (t.trajectories, *CHILDREN):
        if before is not None and _same(before, after, table):
            continue
        write_difference(
            connection, table, rows(before, table) if before else {}, rows(after, table)
        )


def write_difference(connection: Connection, table: Table, old: Rows, new: Rows) -> None:
    """Insert, update and delete until the table's rows are the new ones."""
    added = [row for key, row in new.items() if key not in old]
    changed = [_keyed(table, row) for key, row in new.items() if key in old and old[key] != row]
    gone = [_keyed(table, row) for key, row in old.items() if key not in new]
    for statement, parameters in zip(_WRITES[table], (added, changed, gone), strict=True):
        if parameters:
            connection.execute(statement, parameters)


def load(connection: Connection, own: RowMapping) -> Trajectory:
    """Return the value of a trajectory, its closed reminders left out."""
    key = {"id": own["id"]}
    of = {table: connection.execute(_CHILD[table], key).mappings().all() for table in CHILDREN}
    return Trajectory(
        **own,
        municipalities={
            r["nis"]: Membership(r["rank"], r["joined_on"], r["left_on"])
            for r in of[t.municipalities]
        },
        criteria={r["criterion"]: _criterion(r) for r in of[t.criteria]},
        deadlines={(r["entry"], r["deadline"]): _deadline(r) for r in of[t.deadlines]},
        reminders={
            r["id"]: ReminderState(*(r[name] for name in _REMINDER)) for r in of[t.reminders]
        },
        assignments={
            (r["contact"], r["role"], r["nis"]): Assignment(r["from_on"], r["until_on"])
            for r in of[t.assignments]
        },
    )


def stored_rows(connection: Connection, table: Table, trajectory: str) -> Rows:
    """Return the rows that a projection table holds of one trajectory, closed ones included."""
    found = connection.execute(_ALL[table], {"id": trajectory}).mappings()
    return {tuple(row[c.name] for c in table.primary_key): dict(row) for row in found}


def _rows(trajectory: Trajectory, table: Table) -> Iterator[Row]:
    """Yield a trajectory's rows of one table."""
    own = {"trajectory": trajectory.id}
    if table is t.trajectories:
        yield {name: getattr(trajectory, name) for name in _OWN}
    elif table is t.municipalities:
        for nis, m in trajectory.municipalities.items():
            yield {**own, "nis": nis, **_plain(m)}
    elif table is t.criteria:
        for criterion, state in trajectory.criteria.items():
            yield {**own, "criterion": criterion, **_criterion_row(state)}
    elif table is t.deadlines:
        for standing in trajectory.deadlines.values():
            yield {**own, **_deadline_row(standing)}
    elif table is t.reminders:
        for reminder in trajectory.reminders.values():
            yield {**own, **_plain(reminder)}
    elif table is t.assignments:
        for (contact, role, nis), held in trajectory.assignments.items():
            yield {**own, "contact": contact, "role": role, "nis": nis, **_plain(held)}


def _same(before: Trajectory, after: Trajectory, table: Table) -> bool:
    """Tell without comparing rows that a part was not touched: evolve copies what it changes."""
    return table is not t.trajectories and (
        getattr(before, table.name) is getattr(after, table.name)
    )


def _plain(value: Any) -> Row:
    """Return the fields of a value as they are."""
    return {name: getattr(value, name) for name in value.__slots__}


def _keyed(table: Table, row: Row) -> Row:
    """Return the row with its key once more, under the names the WHERE clause uses."""
    return {**row, **{f"key_{c.name}": row[c.name] for c in table.primary_key}}


def _criterion_row(state: CriterionState) -> Row:
    row = _plain(state)
    row["met_on"] = row.pop("on")
    row["consents"] = _days_to_json(state.consents)
    row["asked"] = _days_to_json(state.asked)
    return row


def _criterion(row: RowMapping) -> CriterionState:
    return CriterionState(
        state=row["state"],
        on=row["met_on"],
        value=row["value"],
        value_raw=row["value_raw"],
        planned_on=row["planned_on"],
        planned_time=row["planned_time"],
        consents=_days_from_json(row["consents"]),
        asked=_days_from_json(row["asked"]),
        position=row["position"],
    )


def _deadline_row(standing: DeadlineState) -> Row:
    row = _plain(standing.deadline)
    # Sorted: a step just made and the same one read back from its event are one text.
    row["steps"] = json.dumps(list(standing.deadline.steps), separators=(",", ":"), sort_keys=True)
    return {**row, "state": standing.state}


def _deadline(row: RowMapping) -> DeadlineState:
    values: dict[str, Any] = {name: row[name] for name in _DEADLINE}
    values["steps"] = tuple(json.loads(row["steps"]))
    return DeadlineState(Deadline(**values), row["state"])


def _days_to_json(days: Mapping[str, date]) -> str:
    return json.dumps({nis: day.isoformat() for nis, day in days.items()}, sort_keys=True)


def _days_from_json(text: str) -> dict[str, date]:
    return {nis: date.fromisoformat(day) for nis, day in json.loads(text).items()}


def read_people(connection: Connection) -> People:
    """Return all actors and contacts."""
    return People(
        {r["id"]: Actor(**r) for r in connection.execute(_ACTORS).mappings()},
        {r["id"]: Contact(**r) for r in connection.execute(_CONTACTS).mappings()},
    )


def save_people(connection: Connection, before: People, after: People) -> None:
    """Write what differs between two states of the people."""
    old, new = people_rows(before), people_rows(after)
    for table in (t.actors, t.contacts):
        write_difference(connection, table, old[table], new[table])


def _writes(table: Table) -> tuple[Any, Any, Any]:
    """Return the table's INSERT, UPDATE and DELETE, built once."""
    key = [c == bindparam(f"key_{c.name}") for c in table.primary_key]
    values: dict[str, Any] = {c.name: bindparam(c.name) for c in table.c if not c.primary_key}
    return insert(table), update(table).where(and_(*key)).values(values), delete(table).where(*key)


def _of_trajectory(table: Table) -> Any:
    owner = table.c.id if table is t.trajectories else table.c.trajectory
    return select(table).where(owner == bindparam("id"))


def _planned_only(tables: Iterable[Table]) -> dict[Table, Any]:
    of = {table: _of_trajectory(table) for table in tables}
    return of | {t.reminders: of[t.reminders].where(t.reminders.c.state == "planned")}


_WRITES = {table: _writes(table) for table in t.PROJECTIONS}
_ALL = {table: _of_trajectory(table) for table in (t.trajectories, *CHILDREN)}
_CHILD = _planned_only(CHILDREN)
_ACTORS, _CONTACTS = select(t.actors), select(t.contacts)
