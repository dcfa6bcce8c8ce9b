"""A round with a hundred reminders due, among a thousand pending ones and a hundred thousand."""

from __future__ import annotations

import shutil
import time
import uuid
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import insert

from bench.rounds import Comparison, Variant, compare
from bench.stage import sqlite_log
from engine.domain.workdays import nine_o_clock
from engine.store import tables as t
from engine.store.database import Database, open_database
from engine.store.projections import rows
from tests.world import MONDAY, World

DUE = 100
FEW, MANY = 1_000, 100_000
PER_TRAJECTORY = 10  # reminders that a trajectory keeps pending, about
FAR = date(2031, 3, 3)


def round_of(rounds: int) -> Comparison:
    """Return what a round costs among many pending reminders, relative to few.

    The hundred that are due belong to real trajectories: their mails are composed, claimed,
    accepted and recorded. The others are rows of the projections, with trajectories,
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
            {name: _tick(path) for name, path in names.items()},
            goal=1.3,
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


def _tick(template: Path) -> Variant:
    """Return a variant that does the round of the day on which the first rung is due."""
    copy = template.with_suffix(".copy")

    def run() -> float:
        shutil.copyfile(template, copy)
        world = World(open_database(str(copy)))
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
    like = World(database)
    model = like.trajectory("2027-001")
    (own,) = rows(model, t.trajectories).values()
    rung = {name: getattr(model.planned()[0], name) for name in model.planned()[0].__slots__}
    with database.writing() as connection:
        for number in range(1, reminders // PER_TRAJECTORY + 1):
            id_, contact = str(uuid.uuid4()), 1000 + number
            planned = [
                {**rung, "id": str(uuid.uuid4()), "trajectory": id_, "at": nine_o_clock(day)}
                for day in (FAR + timedelta(days=n % 300) for n in range(PER_TRAJECTORY))
            ]
            person = {"id": contact, "name": f"N {contact}", "email": f"n{contact}@example.org"}
            connection.execute(
                insert(t.trajectories), {**own, "id": id_, "ref": f"2028-{number:03d}"}
            )
            connection.execute(insert(t.reminders), planned)
            connection.execute(insert(t.contacts), {**person, "organisation": None, "lang": "nl"})
            role = {"trajectory": id_, "contact": contact, "role": "coordinator", "nis": ""}
            connection.execute(
                insert(t.assignments), {**role, "from_on": MONDAY.date(), "until_on": None}
            )
    database.close()
