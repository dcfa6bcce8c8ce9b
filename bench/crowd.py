"""Few or many trajectories of one coach, made of the same real ones; equally many need attention.

Three months of work are done by the services: trajectories of all categories started week after
week, moved on in time, their mails sent. Eight then have something to say in the morning, the
others run on schedule. A database of any size is made of copies of these, row by row, each with
a municipality, people and mails of its own. A copy has no events: the pages that are measured
read projections and mails.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, Table, insert, select

from engine.domain.morning import AHEAD
from engine.service import criteria, moving, starting
from engine.store import schema
from engine.store import tables as t
from engine.store.database import open_database
from engine.store.due import beat
from tests.world import GENT, JO, MONDAY, RITA, World, at, published

CATEGORIES = ("reactiveren", "optimaliseren", "opstarten", "monitoren_evalueren")
WEEKS = 14
TODAY = at(MONDAY.date() + timedelta(weeks=WEEKS), 8, 30)
IN_TIME = timedelta(days=16)  # before a date, a phase is finished
ATTENTION = 8  # trajectories that a morning is about
# By weeks ago and day of the week. An exploratory talk is due four weeks after the start: two
# trajectories are late, two have their date this week; three are led further below.
LEFT_ALONE = {
    (7, 0): ["opstarten"],
    (6, 2): ["reactiveren"],
    (4, 2): ["optimaliseren", "monitoren_evalueren"],
    (2, 0): ["reactiveren", "optimaliseren", "opstarten"],
}

Row = dict[str, Any]
PARTS = (t.municipalities, t.criteria, t.deadlines, t.reminders, t.assignments, t.mails)


@dataclass(frozen=True)
class Model:
    """The rows of one trajectory that was led by the services."""

    own: Row
    parts: dict[Table, list[Row]]
    contacts: list[Row]


@dataclass(frozen=True)
class Models:
    """What databases are made of: those that need attention, those on schedule, workflows."""

    attention: tuple[Model, ...]
    on_schedule: tuple[Model, ...]
    workflows: list[Row]


def models(url: str) -> Models:
    """Return the trajectories of three months of work, done in an empty log."""
    world = World(open_database(url))
    kept, left_alone = _quarter(world)
    standing_out = _attention(world, left_alone)
    with world.database.reading() as connection:
        found = Models(
            tuple(_model(connection, ref) for ref in standing_out),
            tuple(_model(connection, ref) for ref in kept if _is_calm(world, ref)),
            _rows(connection, t.workflow_versions),
        )
    world.database.close()
    assert len(found.attention) == ATTENTION
    return found


def populate(path: Path, made_of: Models, *, attention: int, on_schedule: int) -> None:
    """Make a database with so many trajectories of either kind."""
    database = open_database(str(path), create=True)
    schema.create(database)
    World(database)  # which enrols the coach
    copying = _Copying(count(1), count(1), count(1))
    chosen = [*_cycle(made_of.attention, attention), *_cycle(made_of.on_schedule, on_schedule)]
    with database.writing() as connection:
        connection.execute(insert(t.workflow_versions), made_of.workflows)
        beat(connection, "tick", TODAY - timedelta(minutes=15), {})
        for model in chosen:
            copying.add(connection, model)
    database.close()


def _cycle(of: Sequence[Model], number: int) -> Iterator[Model]:
    """Yield models in turn, so many."""
    return (of[place % len(of)] for place in range(number))


# --- real work --------------------------------------------------------------------------------


def _quarter(world: World) -> tuple[list[str], list[str]]:
    """Start two trajectories a week and finish their phases in time; some are left alone."""
    kept: list[str] = []
    alone: list[str] = []
    for week in range(WEEKS):
        for day, name in ((0, CATEGORIES[week % 4]), (2, CATEGORIES[(week + 2) % 4])):
            world.now = at(MONDAY.date() + timedelta(weeks=week, days=day))
            kept.append(world.start(name))
            alone += [world.start(other) for other in LEFT_ALONE.get((WEEKS - week, day), ())]
            for ref in kept:
                _finish_in_time(world, ref)
            world.tick_at(world.now + timedelta(minutes=35))
    return kept, alone


def _finish_in_time(world: World, ref: str) -> None:
    """Advance a trajectory that has a date to meet soon, its points settled."""
    own = world.trajectory(ref)
    dates = [standing.deadline.due_on for standing in own.open_deadlines()]
    if own.status == "active" and min(dates) < world.now.date() + IN_TIME:
        world.advance(ref)


def _attention(world: World, left_alone: Sequence[str]) -> list[str]:
    """Lead eight trajectories to what a morning is about; return their references."""
    today = TODAY.date()
    world.tick_at(TODAY - timedelta(hours=12))
    world.now = TODAY
    *_, planned, asked, resting = left_alone
    criteria.plan(world.desk(), planned, ["intake_talk_held"], day=today, time="14:00")
    criteria.ask(world.desk(), asked, ["sponsor_known"])
    moving.pause(world.desk(), resting, reason="other", until=today + AHEAD - timedelta(days=2))
    request = starting.start(
        world.desk(), published("reactiveren"), [GENT], involved=[JO, RITA], requested=True
    )
    return [*left_alone, request.after.ref]


def _is_calm(world: World, ref: str) -> bool:
    """Tell whether a trajectory is on schedule, with no mail before the day after tomorrow."""
    own = world.trajectory(ref)
    soon = TODAY + timedelta(days=2)
    return (
        own.status == "active"
        and all(s.deadline.due_on > TODAY.date() + AHEAD for s in own.open_deadlines())
        and all(reminder.at > soon for reminder in own.planned())
        and all(mail.status == "sent" for mail in world.mails(ref))
    )


# --- rows -------------------------------------------------------------------------------------


def _model(connection: Connection, ref: str) -> Model:
    """Return the rows of a trajectory."""
    (own,) = _rows(connection, t.trajectories, t.trajectories.c.ref == ref)
    parts = {table: _rows(connection, table, table.c.trajectory == own["id"]) for table in PARTS}
    numbers = [row["contact"] for row in parts[t.assignments]]
    return Model(own, parts, _rows(connection, t.contacts, t.contacts.c.id.in_(numbers)))


def _rows(connection: Connection, table: Table, *where: Any) -> list[Row]:
    found = connection.execute(select(table).where(*where)).mappings()
    return [dict(row) for row in found]


@dataclass(slots=True)
class _Copying:
    """Numbers that no other copy has."""

    trajectories: Iterator[int]
    contacts: Iterator[int]
    mails: Iterator[int]

    def add(self, connection: Connection, model: Model) -> None:
        """Write a copy of a trajectory."""
        number = next(self.trajectories)
        id_ = _uuid(f"{number}")
        own = {**model.own, "id": id_, "ref": f"2027-{number:03d}"}
        contacts = {row["id"]: next(self.contacts) for row in model.contacts}
        here = _places()[number % len(_places())]
        connection.execute(insert(t.trajectories), own)
        connection.execute(
            insert(t.contacts), [{**row, "id": contacts[row["id"]]} for row in model.contacts]
        )
        for table, rows in model.parts.items():
            copies = [self._copy(table, {**row, "trajectory": id_}, contacts, here) for row in rows]
            if copies:
                connection.execute(insert(table), copies)

    def _copy(self, table: Table, row: Row, contacts: dict[int, int], here: str) -> Row:
        """Return a row of a trajectory as the copy has it."""
        row = {name: _moved(value, here) for name, value in row.items()}
        if table is t.reminders:
            row["id"] = _uuid(row["trajectory"] + row["id"])
        if row.get("contact") is not None:
            row["contact"] = contacts[row["contact"]]
        if table is t.mails:
            number, reminder = next(self.mails), _uuid(row["trajectory"] + row["reminder"])
            kind, _, person = row["person"].partition(":")
            who = f"{kind}:{contacts[int(person)]}" if kind == "contact" else row["person"]
            row |= {"id": number, "reminder": reminder, "person": who}
            row |= {"key": f"{reminder}/{who}/{number}", "message_id": f"<{number}@example.org>"}
        return row


def _moved(value: Any, here: str) -> Any:
    """Return a value that names Gent by its code as one of another municipality."""
    return value.replace(GENT, here) if isinstance(value, str) and GENT in value else value


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))


@cache
def _places() -> list[str]:
    """Return the NIS codes of all municipalities."""
    text = (files("engine") / "data" / "municipalities.csv").read_text(encoding="utf-8")
    return [row["nis"] for row in csv.DictReader(text.splitlines())]
