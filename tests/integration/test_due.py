"""What is due over both databases: in an order that says something."""

from __future__ import annotations

from datetime import timedelta

from engine.store.database import Database
from engine.store.due import due_trajectories
from tests.world import World


def test_trajectories_that_wait_equally_long_come_by_reference(database: Database) -> None:
    """Whichever UUIDs they drew, and on either database; who waits longer comes first."""
    world = World(database)
    world.now += timedelta(hours=1)
    refs = [world.start() for _ in range(8)]
    world.now -= timedelta(hours=1)
    refs.insert(0, world.start())
    with database.reading() as connection:
        due = due_trajectories(connection, world.now + timedelta(hours=2))
    assert due == [world.trajectory(ref).id for ref in refs]
