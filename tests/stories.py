"""Databases that were filled once and are copied: tables, and stories played in a world.

SQLite copies a file; PostgreSQL is told again, in one go, what changed it, which takes a fifth of
the time. The tests of the migrations compare such tables with what the program expects.
"""

from __future__ import annotations

import copy
import shutil
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from engine.store import schema
from engine.store.database import Database, open_database
from tests.drivers import watching
from tests.fakes import RecordingNotifier
from tests.world import World

CHANGES = ("CREATE", "ALTER", "INSERT", "UPDATE", "DELETE")

Story = Callable[[World], World]  # it changes the world and returns it

_AFTERWARDS: dict[tuple[Story, str], World] = {}  # by the story and what its statements stand in


def in_schema(server: str, name: str) -> str:
    """Return the URL of a schema of a server."""
    url = make_url(server).set(drivername="postgresql")
    url = url.update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)


def with_tables(url: str, template: Path) -> str:
    """Return the URL of an empty database after giving it its tables."""
    if make_url(url).get_backend_name() == "postgresql":
        _repeat(url, recorded(_server_of(url)))
    else:
        _copy(template, url)
    return url


def retold(story: Story, url: str, template: Path) -> World:
    """Return the world after a story, in the empty database of a URL."""
    if make_url(url).get_backend_name() == "postgresql":
        place = _server_of(url)
        _repeat(url, recorded(place, story))
    else:
        place = str(template)
        _copy(_played(story, template), url)
    return _again(_AFTERWARDS[story, place], open_database(url))


def _again(world: World, database: Database) -> World:
    """Return a copy of a world as it was left, in another database."""
    made = copy.copy(world)
    made.database = database
    made.notifier = copy.deepcopy(world.notifier)
    return made


def _play(story: Story, database: Database, place: str) -> None:
    _AFTERWARDS[story, place] = story(World(database, RecordingNotifier()))


@cache
def _played(story: Story, template: Path) -> Path:
    """Return a SQLite file in which a story was played."""
    path = template.with_name(f"{uuid.uuid4().hex}.db")
    shutil.copyfile(template, path)
    database = open_database(str(path))
    _play(story, database, str(template))
    database.close()
    return path


def _copy(template: Path, url: str) -> None:
    made = open_database(url, create=True)
    assert made.path is not None
    shutil.copyfile(template, made.path)
    made.close()


@cache
def recorded(server: str, story: Story | None = None) -> str:
    """Return what the migrations, and a story, do to a PostgreSQL schema called SCHEMA."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as admin:
        name = f"traject_{uuid.uuid4().hex[:16]}"
        admin.execute(f"CREATE SCHEMA {name}")
        statements: list[str] = []

        def watch(when: str, sql: str, parameters: Any, many: bool) -> None:
            if when == "before" and sql.lstrip().startswith(CHANGES):
                cursor = psycopg.ClientCursor(admin)
                every = parameters if many else [parameters]
                statements.extend(cursor.mogrify(sql, one) for one in every)

        with watching(watch):
            made = open_database(in_schema(server, name), create=True)
            schema.create(made)
            if story is not None:
                _play(story, made, server)
            made.close()
        admin.execute(f"DROP SCHEMA {name} CASCADE")
    return ";".join(statements).replace(name, "SCHEMA")


def _repeat(url: str, statements: str) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute(statements.replace("SCHEMA", _schema_of(url)).encode())


def _schema_of(url: str) -> str:
    return str(make_url(url).query["options"]).partition("=")[2]


def _server_of(url: str) -> str:
    return make_url(url).difference_update_query(["options"]).render_as_string(hide_password=False)
