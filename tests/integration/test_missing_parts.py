"""Tables and columns that somebody took away: what verify and the others say of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.audit import Report, verify
from engine.domain.errors import LedgerBroken
from engine.language import words
from engine.store import schema
from engine.store.closing import closed
from engine.store.database import Database, open_database
from engine.store.parts import lacking
from engine.store.projections import read_actors
from engine.store.revisions import HEAD, REVISIONS

MARK = "the mark of the version that made the tables is missing (alembic_version)"
GONE: list[tuple[str, list[str]]] = [
    ("DROP TABLE details", ["the table details is missing"]),
    ("DROP TABLE mails", ["the table mails is missing"]),
    ("DROP TABLE trajectories", ["the table trajectories is missing"]),
    ("DROP TABLE heartbeat", ["the table heartbeat is missing"]),
    (
        "ALTER TABLE contacts RENAME COLUMN name TO naam",
        ["table contacts: the column name is missing"],
    ),
    (
        "ALTER TABLE actors RENAME TO people; CREATE VIEW actors AS SELECT * FROM people",
        ["the table actors is missing"],
    ),
    ("DELETE FROM alembic_version", [MARK]),
    ("DROP TABLE alembic_version", [MARK]),
    (
        "DROP TABLE alembic_version; ALTER TABLE events RENAME COLUMN seq TO number",
        [MARK, "table events: the column seq is missing"],
    ),
]


def change(database: Database, statements: str) -> None:
    """Change the schema behind the program's back."""
    with database.altering() as connection:
        for statement in statements.split("; "):
            connection.exec_driver_sql(statement)


def said(report: Report) -> list[str]:
    """Return the problems in English."""
    english = words("en")
    return [english.say(one.sentence) for one in report.problems]


@pytest.mark.parametrize(("statements", "expected"), GONE)
def test_what_is_gone_is_named_and_nothing_else_is_compared(
    database: Database, statements: str, expected: list[str]
) -> None:
    """Each table and column by its name; the rest cannot be told without them."""
    change(database, statements)
    report = verify(database)
    assert sorted(said(report)) == sorted(expected)
    assert (report.ok, report.compared, report.mendable) == (False, False, False)
    assert report.count == len(expected)


def test_a_column_that_somebody_added_is_no_problem(database: Database) -> None:
    """Nothing is missing; the rows are what they were."""
    change(database, "ALTER TABLE contacts ADD COLUMN nickname TEXT")
    assert said(verify(database)) == []


def test_each_version_lacks_what_came_later_and_nothing_else(sqlite_url: str) -> None:
    """Step by step through the migrations: none of their tables is called incomplete."""
    database = open_database(sqlite_url, create=True)
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    for revision in REVISIONS:
        with database.altering() as connection:
            with Operations.context(MigrationContext.configure(connection)):
                scripts.get_revision(revision).module.upgrade()
            assert lacking(connection, revision) == []
            later = {
                column
                for one in REVISIONS[REVISIONS.index(revision) + 1 :]
                for column in lacking(connection, one)
            }
            assert {*lacking(connection, HEAD)} == later
            assert bool(later) == (revision < "0004")
    database.close()


@pytest.mark.parametrize("statement", ["DELETE FROM alembic_version", "DROP TABLE alembic_version"])
def test_tables_without_the_mark_of_their_version_are_not_called_no_database(
    database: Database, database_url: str, statement: str
) -> None:
    """Neither by who opens them nor by who would make or upgrade them; exit code 8."""
    change(database, statement)
    tries: tuple[Callable[[], object], ...] = (
        lambda: open_database(database_url),
        lambda: open_database(database_url, older=True),
        lambda: schema.create(database),
        lambda: schema.pending(database),
    )
    for one in tries:
        with pytest.raises(LedgerBroken, match="but not the mark of the version") as caught:
            one()
        assert "traject restore --help" in str(caught.value)


def test_a_schema_with_something_of_others_is_not_called_ours(postgres_url: str) -> None:
    """One table may be called as one of ours: that is no database of traject yet."""
    database = open_database(postgres_url, any_schema=True)
    with database.altering() as connection:
        connection.exec_driver_sql("CREATE TABLE events (id integer)")
    assert schema.pending(database)
    database.close()


@pytest.mark.parametrize(
    "statement", ["DROP TABLE actors", "ALTER TABLE actors RENAME COLUMN name TO naam"]
)
def test_who_misses_a_table_or_column_sends_to_verify(database: Database, statement: str) -> None:
    """It is no fault of the program's, which would end with 1."""
    change(database, statement)
    with (
        pytest.raises(LedgerBroken, match="traject verify"),
        database.reading() as connection,
    ):
        read_actors(connection)


def test_a_mark_of_closing_that_cannot_be_read_lets_nobody_write(database: Database) -> None:
    """Renamed, the column that tells whether the log is closed is missed by the first write."""
    change(database, "ALTER TABLE heartbeat RENAME COLUMN state TO other")
    with pytest.raises(LedgerBroken), database.reading() as connection:
        closed(connection)
    with pytest.raises(LedgerBroken), database.writing():
        pass
