"""Fixtures over both databases: every test that asks for one runs on SQLite and PostgreSQL.

Modules marked `above_the_store` do so in the campaigns, and by default on SQLite alone: what they
test asks nothing of the database that the tests of the store do not ask of both.
"""

from __future__ import annotations

import gc
import shutil
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url

from engine.store import schema
from engine.store.database import Database, open_database
from tests import postgres
from tests.drivers import watching

CHANGES = ("CREATE", "ALTER", "INSERT", "UPDATE")
SKIPPED = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the list of tests that had no PostgreSQL."""
    config.stash[SKIPPED] = []
    config.addinivalue_line("markers", "above_the_store: on PostgreSQL with -m campaign only")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the campaigns what a second database does not make another test."""
    for item in items:
        given = getattr(item, "callspec", None)
        on_postgres = given is not None and given.params.get("empty_url") == "postgres"
        if on_postgres and item.get_closest_marker("above_the_store"):
            item.add_marker(pytest.mark.campaign)


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over what stays to the end: half a second each time."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say in one line what was not tested."""
    skipped = len(config.stash[SKIPPED])
    if skipped:
        terminalreporter.write_line(
            f"PostgreSQL: {skipped} tests skipped, no server here "
            f"(install one, or name one in {postgres.VARIABLE})",
            yellow=True,
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str | None]:
    """The URL of a PostgreSQL server, or None where there is none."""
    if not postgres.available():
        yield None
        return
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, postgres_server: str | None) -> Iterator[str]:
    """The URL of a fresh PostgreSQL schema without tables."""
    if postgres_server is None:
        request.config.stash[SKIPPED].append(request.node.nodeid)
        pytest.skip("no PostgreSQL server")
    name = f"traject_{uuid.uuid4().hex[:16]}"
    server = make_url(postgres_server).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT", use_native_hstore=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        yield in_schema(postgres_server, name)
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    admin.dispose()


def in_schema(server: str, name: str) -> str:
    """Return the URL of a schema of a server."""
    url = make_url(server).set(drivername="postgresql")
    url = url.update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'data' / 'traject.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database without tables, on either kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with tables, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "traject.db"
    database = open_database(str(path), create=True)
    schema.create(database)
    database.close()
    return path


@cache
def recorded(server: str) -> str:
    """Return what the migrations do to a PostgreSQL schema called SCHEMA.

    Said again in one go it makes the same tables in a fifth of the time; the tests of the
    migrations compare them with what the program expects.
    """
    import psycopg

    with psycopg.connect(server, autocommit=True) as admin:
        name = f"traject_{uuid.uuid4().hex[:16]}"
        admin.execute(f"CREATE SCHEMA {name}")
        statements: list[str] = []

        def watch(when: str, sql: str, parameters: Any, many: bool) -> None:
            if when == "before" and sql.lstrip().startswith(CHANGES):
                statements.append(psycopg.ClientCursor(admin).mogrify(sql, parameters))

        with watching(watch):
            made = open_database(in_schema(server, name), create=True)
            schema.create(made)
            made.close()
        admin.execute(f"DROP SCHEMA {name} CASCADE")
    return ";".join(statements).replace(name, "SCHEMA")


def with_tables(url: str, template: Path) -> str:
    """Return the URL of an empty database after giving it its tables."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        import psycopg

        name = str(address.query["options"]).partition("=")[2]
        server = address.difference_update_query(["options"])
        statements = recorded(server.render_as_string(hide_password=False))
        with psycopg.connect(url) as connection:
            connection.execute(statements.replace("SCHEMA", name).encode())
    else:
        made = open_database(url, create=True)
        assert made.path is not None
        shutil.copyfile(template, made.path)
        made.close()
    return url


@pytest.fixture
def database_url(empty_url: str, sqlite_template: Path) -> str:
    """The URL of a fresh database with tables, on either kind."""
    return with_tables(empty_url, sqlite_template)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh open database, on either kind."""
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(sqlite_url: str, sqlite_template: Path) -> Iterator[Database]:
    """A fresh open database, for what only SQLite has."""
    opened = open_database(with_tables(sqlite_url, sqlite_template))
    yield opened
    opened.close()


@pytest.fixture
def postgres_database(postgres_url: str, sqlite_template: Path) -> Iterator[Database]:
    """A fresh open database, for what only PostgreSQL has."""
    opened = open_database(with_tables(postgres_url, sqlite_template))
    yield opened
    opened.close()
