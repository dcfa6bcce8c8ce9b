"""Values as rows of the projections, rows as values, and the difference between two values.

One description serves the write path, the rebuild and the comparison that verify makes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select

from engine.domain.codec import encode, read_instant
from engine.domain.events import Deadline
from engine.domain.people import Actor, Contact, People
from engine.domain.trajectory import (
    Assignment,
    Booking,
    CriterionState,
    DeadlineState,
    Membership,
    ReminderState,
    Snooze,
    Trajectory,
)
from engine.store import tables as t
from engine.store.differences import KEYS, Row, write_difference
from engine.store.prepared import Prepared

Rows = dict[tuple[Any, ...], Row]

OWN = tuple(column.name for column in t.trajectories.c)  # a trajectory's own fields
_own_of = attrgetter(*OWN)
_values_of = cache(lambda kind: attrgetter(*kind.__slots__))


def _membership(nis: str, member: Membership) -> Row:
    return {"nis": nis, **_plain(member)}


def _criterion(criterion: str, state: CriterionState) -> Row:
    row = {"criterion": criterion, **_plain(state)}
    row["met_on"] = row.pop("on")
    row["consents"] = _days_to_json(state.consents)
    row["asked"] = _days_to_json(state.asked)
    return row


def _deadline(_key: tuple[int, str], standing: DeadlineState) -> Row:
    row = _plain(standing.deadline)
    row["steps"] = json.dumps(list(standing.deadline.steps), separators=(",", ":"), sort_keys=True)
    return {**row, "state": standing.state, "position": standing.position}


def _assignment(key: tuple[int, str, str], held: Assignment) -> Row:
    contact, role, nis = key
    return {"contact": contact, "role": role, "nis": nis, **_plain(held)}


# The parts of a trajectory: each is a mapping of that name, and a table of that name.
PARTS: dict[Table, Callable[[Any, Any], Row]] = {
    t.municipalities: _membership,
    t.criteria: _criterion,
    t.deadlines: _deadline,
    t.reminders: lambda _id, reminder: _plain(reminder),
    t.assignments: _assignment,
}
CHILDREN = tuple(PARTS)


def rows(trajectory: Trajectory, table: Table) -> Rows:
    """Return a trajectory's rows of one projection table, by primary key."""
    key = KEYS[table]
    return {tuple([row[name] for name in key]): row for row in _rows(trajectory, table)}


def people_rows(people: People) -> dict[Table, Rows]:
    """Return the rows of actors and contacts."""
    return {
        t.actors: {(a.id,): _plain(a) for a in people.actors.values()},
        t.contacts: {(c.id,): _plain(c) for c in people.contacts.values()},
    }


def save(connection: Connection, before: Trajectory | None, after: Trajectory) -> None:
    """Write what differs between two values of one trajectory.

    Parts are compared by identity: evolve keeps what it does not touch.
    """
    own = [_own(one) for one in (before, after) if one]
    write_difference(
        connection, t.trajectories, [own[-1]] if before is None else [], [(own[0], own[-1])]
    )
    for table, row in PARTS.items():
        old = getattr(before, table.name) if before else {}
        new = getattr(after, table.name)
        if old is not new:
            owned = {"trajectory": after.id}
            added = [{**owned, **row(key, new[key])} for key in new if key not in old]
            changed = [
                ({**owned, **row(key, old[key])}, {**owned, **row(key, new[key])})
                for key in new
                if key in old and old[key] is not new[key]
            ]
            gone = [{**owned, **row(key, old[key])} for key in old if key not in new]
            write_difference(connection, table, added, changed, gone)


def load(connection: Connection, own: Mapping[Any, Any]) -> Trajectory:
    """Return the value of a trajectory, its closed reminders left out."""
    key = {"id": own["id"]}
    of = {table: _READ[table].all(connection, key) for table in CHILDREN}
    return Trajectory(
        **{
            **own,
            "followed_up": json.loads(own["followed_up"]),
            "bookings": _read_bookings(own["bookings"]),
            "snoozes": _read_snoozes(own["snoozes"]),
        },
        municipalities={nis: Membership(*rest) for nis, *rest in of[t.municipalities]},
        criteria={name: _read_criterion(*rest) for name, *rest in of[t.criteria]},
        deadlines={(row[0], row[1]): _read_deadline(*row) for row in of[t.deadlines]},
        reminders={row[0]: ReminderState(*row) for row in of[t.reminders]},
        assignments={(row[0], row[1], row[2]): Assignment(*row[3:]) for row in of[t.assignments]},
    )


def read_people(connection: Connection) -> People:
    """Return all actors and contacts."""
    return People(
        read_actors(connection),
        {row[0]: Contact(*row) for row in _CONTACTS.all(connection)},
    )


def read_actors(connection: Connection) -> dict[int, Actor]:
    """Return all actors by number."""
    return {row[0]: Actor(*row) for row in _ACTORS.all(connection)}


def read_people_of(connection: Connection, trajectory: str) -> People:
    """Return all actors, and the contacts that have or had a role in one trajectory."""
    return People(
        read_actors(connection),
        {row[0]: Contact(*row) for row in _CONTACTS_OF.all(connection, {"id": trajectory})},
    )


def save_people(connection: Connection, before: People, after: People) -> None:
    """Write what differs between two states of the people."""
    old, new = people_rows(before), people_rows(after)
    for table in (t.actors, t.contacts):
        was, now = old[table], new[table]
        added = [row for key, row in now.items() if key not in was]
        changed = [(was[key], row) for key, row in now.items() if key in was]
        write_difference(connection, table, added, changed)


def _rows(trajectory: Trajectory, table: Table) -> Iterator[Row]:
    """Yield a trajectory's rows of one table."""
    if table is t.trajectories:
        yield _own(trajectory)
        return
    for key, value in getattr(trajectory, table.name).items():
        yield {"trajectory": trajectory.id, **PARTS[table](key, value)}


def _own(trajectory: Trajectory) -> Row:
    """Return the row of a trajectory itself."""
    return dict(zip(OWN, _own_of(trajectory), strict=True)) | {
        "followed_up": json.dumps(dict(trajectory.followed_up), sort_keys=True),
        "bookings": _bookings_to_json(trajectory.bookings),
        "snoozes": json.dumps([encode(one) for one in trajectory.snoozes]),
    }


def _plain(value: Any) -> Row:
    """Return the fields of a value as they are."""
    return dict(zip(value.__slots__, _values_of(value.__class__)(value), strict=True))


def _read_criterion(*row: Any) -> CriterionState:
    *plain, consents, asked, position = row
    return CriterionState(*(*plain, _days_from_json(consents), _days_from_json(asked), position))


def _read_deadline(*row: Any) -> DeadlineState:
    *plain, steps, state, position = row
    return DeadlineState(Deadline(*(*plain, tuple(json.loads(steps)))), state, position)


def _bookings_to_json(bookings: tuple[Booking, ...]) -> str:
    return json.dumps([encode(booking) for booking in bookings]) if bookings else "[]"


def _read_bookings(text: str) -> tuple[Booking, ...]:
    return tuple(_booking(**row) for row in json.loads(text)) if text != "[]" else ()


def _booking(day: str, since: str, **plain: Any) -> Booking:
    return Booking(day=date.fromisoformat(day), since=date.fromisoformat(since), **plain)


def _read_snoozes(text: str) -> tuple[Snooze, ...]:
    return tuple(_snooze(**row) for row in json.loads(text)) if text != "[]" else ()


def _snooze(until: str, at: str, **of: Any) -> Snooze:
    return Snooze(date.fromisoformat(until), read_instant(at), **of)


def _days_to_json(days: Mapping[str, date]) -> str:
    return json.dumps({n: d.isoformat() for n, d in days.items()}, sort_keys=True) if days else "{}"


def _days_from_json(text: str) -> dict[str, date]:
    written = json.loads(text) if text != "{}" else {}
    return {nis: date.fromisoformat(day) for nis, day in written.items()}


def _part(table: Table, *names: str) -> Any:
    """Return the query of one part of a trajectory, its columns in the order of its value."""
    return select(*(table.c[name] for name in names)).where(table.c.trajectory == bindparam("id"))


_CRITERION = [column.name for column in t.criteria.c if column.name != "trajectory"]
_READ = {
    t.municipalities: Prepared(_part(t.municipalities, "nis", *Membership.__slots__)),
    t.criteria: Prepared(_part(t.criteria, *_CRITERION)),
    t.deadlines: Prepared(_part(t.deadlines, *Deadline.__slots__, "state", "position")),
    t.reminders: Prepared(
        _part(t.reminders, *ReminderState.__slots__).where(t.reminders.c.state == "planned")
    ),
    t.assignments: Prepared(_part(t.assignments, "contact", "role", "nis", *Assignment.__slots__)),
}
_ACTORS = Prepared(select(*(t.actors.c[name] for name in Actor.__slots__)))
_CONTACT = select(*(t.contacts.c[name] for name in Contact.__slots__))
_CONTACTS = Prepared(_CONTACT)
_CONTACTS_OF = Prepared(
    _CONTACT.where(
        t.contacts.c.id.in_(
            select(t.assignments.c.contact).where(t.assignments.c.trajectory == bindparam("id"))
        )
    )
)
