"""Fixtures over both databases: every test that asks for one runs on SQLite and PostgreSQL.

Modules marked `above_the_store` do so in the campaigns, and by default on SQLite alone: what they
test asks nothing of the database that the tests of the store do not ask of both. So do the short
forms of campaigns, which run there in full.

The whole suite runs in as many processes as there are cores, a part of it and the campaigns in one.
"""

from __future__ import annotations

import gc
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.store import schema
from engine.store.database import Database, open_database
from tests import postgres
from tests.stories import Story, in_schema, retold, with_tables
from tests.world import World

NO_SERVER = "no PostgreSQL server"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark that this file gives its meaning."""
    config.addinivalue_line("markers", "above_the_store: on PostgreSQL with -m campaign only")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Keep in one process what is too little to share, and what measures or races by itself."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    chosen = config.option.keyword or "not campaign" not in config.option.markexpr
    return None if whole and not chosen else 0


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was not tested."""
    reports = terminalreporter.stats.get("skipped", [])
    skipped = sum(NO_SERVER in report.longreprtext for report in reports)
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
def postgres_url(postgres_server: str | None) -> Iterator[str]:
    """The URL of a fresh PostgreSQL schema without tables."""
    if postgres_server is None:
        pytest.skip(NO_SERVER)
    name = f"traject_{uuid.uuid4().hex[:16]}"
    with postgres.administering(postgres_server) as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        yield in_schema(postgres_server, name)
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")


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
def after(empty_url: str, sqlite_template: Path) -> Iterator[Callable[[Story], World]]:
    """What gives the world after a story, on either kind; the story itself is played once."""
    opened: list[Database] = []

    def of(story: Story) -> World:
        world = retold(story, empty_url, sqlite_template)
        opened.append(world.database)
        return world

    yield of
    for database in opened:
        database.close()


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
