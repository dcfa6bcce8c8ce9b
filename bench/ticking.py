"""A round with a hundred reminders due, among ten thousand pending ones and a million."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert

from bench.rounds import Comparison, Variant, compare
from bench.stage import sqlite_log
from engine.dispatch.post import Limits
from engine.domain.workdays import nine_o_clock
from engine.store import tables as t
from engine.store.database import Database, open_database
from engine.store.projections import rows
from tests.world import MONDAY, World

DUE = 100
FEW, MANY = 10_000, 1_000_000
PER_TRAJECTORY = 10  # reminders that a trajectory keeps pending, about
TOGETHER = 1_000  # trajectories added in one go
FAR = date(2031, 3, 3)
ENOUGH = Limits(at_once=10 * DUE)  # counted before anything is made, and not held


def round_of(rounds: int) -> Comparison:
    """Return what a round costs among many pending reminders, relative to few.

    The hundred that are due belong to real trajectories: their mails are counted, composed,
    claimed, accepted and recorded. The others are rows of the projections, with trajectories,
    contacts and roles in proportion. Each measurement starts from a copy of the file.
    """
    with sqlite_log() as url:
        _due(url)
        few, many = Path(f"{url}.few"), Path(f"{url}.many")
        shutil.copyfile(url, few)
        shutil.copyfile(url, many)
        _crowd(few, FEW - DUE)
        _crowd(many, MANY - DUE)
        names = {f"100 due among {n:,} pending": path for n, path in ((FEW, few), (MANY, many))}
        return compare(
            "tick, 100 due",
            {name: _tick(path, ENOUGH) for name, path in names.items()}
            | {f"100 due among {FEW:,}, no limit: not counted": _tick(few, Limits())},
            goal=1.2,
            ours=f"100 due among {MANY:,} pending",
            base=f"100 due among {FEW:,} pending",
            rounds=rounds,
        )


def _due(url: str) -> None:
    """Start a hundred trajectories, and let their first mails go."""
    world = World(open_database(url))
    for _ in range(DUE):
        world.start()
    world.tick()
    world.tick_at(world.now + timedelta(minutes=31))
    world.database.close()


def _tick(template: Path, limits: Limits) -> Variant:
    """Return a variant that does the round of the day on which the first rung is due."""
    copy = template.with_suffix(".copy")

    def run() -> float:
        shutil.copyfile(template, copy)
        os.sync()  # else the first commit of the round would wait for the copy
        world = World(open_database(str(copy)), limits=limits)
        world.tick()  # connections open, templates compiled, nothing due yet
        world.now = MONDAY + timedelta(days=15)
        start = time.perf_counter()
        tally = world.tick()
        spent = time.perf_counter() - start
        assert (tally.fired, tally.sent) == (DUE, DUE), tally
        world.database.close()
        return spent

    return run


def _crowd(path: Path, reminders: int) -> None:
    """Add rows of trajectories whose reminders are due years from now."""
    database: Database = open_database(str(path))
    model = World(database).trajectory("2027-001")
    (own,) = rows(model, t.trajectories).values()
    rung = {name: getattr(model.planned()[0], name) for name in model.planned()[0].__slots__}
    made = (_copy(own, rung, n) for n in range(1, reminders // PER_TRAJECTORY + 1))
    with database.writing() as connection:
        while together := list(islice(made, TOGETHER)):
            for table in together[0]:
                connection.execute(insert(table), [row for one in together for row in one[table]])
    database.close()


def _copy(
    own: dict[str, Any], rung: dict[str, Any], number: int
) -> dict[Table, list[dict[str, Any]]]:
    """Return the rows of one trajectory more, by table."""
    id_, contact = str(uuid.uuid4()), 1000 + number
    role = {"trajectory": id_, "contact": contact, "role": "coordinator", "nis": ""}
    person = {"id": contact, "name": f"N {contact}", "email": f"n{contact}@example.org"}
    return {
        t.trajectories: [{**own, "id": id_, "ref": f"2028-{number:03d}"}],
        t.reminders: list(_planned(rung, id_)),
        t.contacts: [{**person, "organisation": None, "lang": "nl"}],
        t.assignments: [{**role, "from_on": MONDAY.date(), "until_on": None}],
    }


def _planned(rung: dict[str, Any], id_: str) -> Iterator[dict[str, Any]]:
    for day in (FAR + timedelta(days=n % 300) for n in range(PER_TRAJECTORY)):
        yield {**rung, "id": str(uuid.uuid4()), "trajectory": id_, "at": nine_o_clock(day)}
