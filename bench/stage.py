"""Databases to measure on: logs made by the product itself, on SQLite and PostgreSQL."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, make_url

from engine.store import schema
from engine.store.database import Database, open_database
from tests import postgres
from tests.world import World


@contextlib.contextmanager
def sqlite_log() -> Iterator[str]:
    """Yield the path of a database with tables, on the disk that /tmp is on."""
    with tempfile.TemporaryDirectory(prefix="traject-bench-") as folder:
        url = str(Path(folder) / "traject.db")
        _make_tables(url)
        yield url


@contextlib.contextmanager
def postgres_log() -> Iterator[str]:
    """Yield the URL of a schema with tables, on a server that is durable as a real one."""
    with postgres.server(durable=True) as server:
        name = f"traject_{uuid.uuid4().hex[:16]}"
        admin = create_engine(
            make_url(server).set(drivername="postgresql+psycopg"), use_native_hstore=False
        )
        with admin.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        admin.dispose()
        parsed = make_url(server).set(drivername="postgresql")
        url = parsed.update_query_dict({"options": f"-csearch_path={name}"})
        text = url.render_as_string(hide_password=False)
        _make_tables(text)
        yield text


def ready(url: str, count: int) -> list[str]:
    """Return the references of new trajectories that may advance: all is met."""
    database = open_database(url)
    world = World(database)
    refs = [world.start() for _ in range(count)]
    for ref in refs:
        world.meet(ref)
    database.close()
    return refs


def _make_tables(url: str) -> None:
    made: Database = open_database(url, create=True)
    schema.create(made)
    made.close()
