"""Tests of the schema: migrations, the census of triggers, the rights of a login."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from engine.audit import verify
from engine.audit.rebuilding import refill
from engine.domain.errors import BadInput, LedgerBroken, NotFound, Refused, TrajectError
from engine.domain.events import Detail
from engine.service import moving
from engine.store import schema
from engine.store.appending import ledger_state
from engine.store.database import Database, open_database
from engine.store.grants import GRANTS
from engine.store.reading import read_events
from engine.store.revisions import HEAD, REVISIONS
from engine.store.roles import RIGHTS
from engine.store.tables import metadata
from engine.store.trigger_texts import POSTGRES_TRIGGERS, SQLITE_TRIGGERS
from engine.store.triggers import GUARDED, create_triggers
from tests.integration.test_appending import add, note
from tests.program import GENT, Program
from tests.world import World


def test_the_known_revisions_are_those_of_the_scripts() -> None:
    """The program asks for its revision without importing Alembic."""
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    in_order = [script.revision for script in scripts.walk_revisions()][::-1]
    assert tuple(in_order) == REVISIONS
    assert scripts.get_heads() == [HEAD]


def test_the_migrated_schema_is_the_one_of_the_tables(database: Database) -> None:
    """Scripts and metadata say the same, down to types, indexes and their conditions."""
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": metadata}
        )
        assert compare_metadata(context, metadata) == []


def test_partial_indexes_have_the_condition_of_the_tables(database: Database) -> None:
    """The comparison above looks at columns only."""
    question = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
        if database.is_postgres
        else "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    )
    with database.reading() as connection:
        made = {str(name): str(sql) for name, sql in connection.exec_driver_sql(question)}
    for table in metadata.tables.values():
        for index in table.indexes:
            where = index.dialect_options["sqlite"]["where"]
            assert (" WHERE " in made[str(index.name)]) is (where is not None)
            for word in re.findall(r"'\w+'", str(where)):
                assert word in made[str(index.name)]


def test_creating_and_upgrading_again_change_nothing(database: Database) -> None:
    """Every command that makes a schema may be repeated."""
    add(database, note(), note("people"))
    with database.reading() as connection:
        before = (ledger_state(connection), list(read_events(connection)))
    schema.create(database)
    schema.upgrade(database)
    with database.reading() as connection:
        assert (ledger_state(connection), list(read_events(connection))) == before
        assert schema.census(connection) == []
    assert schema.pending(database) is False


def test_an_empty_database_is_pending(empty_url: str) -> None:
    """Until it is made, and no longer afterwards."""
    made = open_database(empty_url, create=True)
    assert schema.pending(made) is True
    schema.create(made)
    assert schema.pending(made) is False
    made.close()


def test_a_newer_schema_is_not_touched(database: Database) -> None:
    """Upgrading with an old program is refused in words, not with Alembic's error."""
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(TrajectError, match="newer"):
        schema.upgrade(database)


def test_the_file_of_another_program_is_not_touched(sqlite_url: str) -> None:
    """A path typed wrongly must not put our tables into somebody's data."""
    other = open_database(sqlite_url, create=True)
    with other.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(Refused, match="another program"):
        schema.create(other)
    with other.reading() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert tables == ["recipes"]
    other.close()


# --- the census ---------------------------------------------------------------------------


def every_trigger(database: Database) -> list[str]:
    """Return the names of all triggers of this kind of database."""
    return list(POSTGRES_TRIGGERS if database.is_postgres else SQLITE_TRIGGERS)


def drop(connection: Connection, name: str) -> None:
    """Drop one trigger."""
    on = f" ON {POSTGRES_TRIGGERS[name][0]}" if connection.dialect.name == "postgresql" else ""
    connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")


def test_the_census_misses_each_trigger_that_is_gone(database: Database) -> None:
    """One by one, until none is left."""
    names = every_trigger(database)
    for gone, name in enumerate(names, start=1):
        with database.writing() as connection:
            drop(connection, name)
        with database.reading() as connection:
            assert sorted(schema.census(connection)) == sorted(names[:gone])
    with database.writing() as connection:
        create_triggers(connection, *GUARDED)
        assert schema.census(connection) == []


def test_the_census_sees_an_altered_trigger(sqlite_database: Database) -> None:
    """A trigger of the same name that does nothing is no trigger."""
    with sqlite_database.writing() as connection:
        drop(connection, "events_no_delete")
        connection.exec_driver_sql(
            "CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT 1; END"
        )
        assert schema.census(connection) == ["events_no_delete"]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE events DISABLE TRIGGER events_no_change",
        "ALTER TABLE events ENABLE TRIGGER events_no_change",  # a replica walks past it
        (
            "CREATE OR REPLACE TRIGGER events_no_change BEFORE UPDATE ON events FOR EACH ROW "
            "WHEN (false) EXECUTE FUNCTION traject_refuse()"
        ),
    ],
)
def test_the_census_sees_a_trigger_that_is_switched_off(
    postgres_database: Database, change: str
) -> None:
    """Present is not enough: it must fire, always and for every row."""
    with postgres_database.writing() as connection:
        connection.exec_driver_sql(change)
        assert schema.census(connection) == ["events_no_change"]


def test_the_census_sees_a_function_that_was_replaced(postgres_database: Database) -> None:
    """The trigger stands, what it calls lets everything through."""
    with postgres_database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION traject_erase_only() RETURNS trigger LANGUAGE plpgsql "
            "AS $$BEGIN RETURN NEW; END$$"
        )
        assert schema.census(connection) == ["details_erase_only"]


def test_building_a_table_anew_loses_its_triggers(sqlite_database: Database) -> None:
    """Why there is a census: Alembic's batch mode says nothing about it."""
    with sqlite_database.writing() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("details", recreate="always") as batch:
            batch.alter_column("field", nullable=False)
        assert sorted(schema.census(connection)) == [
            "details_erase_only",
            "details_no_delete",
            "details_no_replace",
        ]
        create_triggers(connection, "details")
        assert schema.census(connection) == []


CARELESS = f"""
from alembic import op
import sqlalchemy as sa

revision = "careless"
down_revision = "{HEAD}"

def upgrade():
    op.add_column("events", sa.Column("extra", sa.Text()))
    on = " ON events" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute("DROP TRIGGER events_next" + on)
"""


def test_a_migration_that_loses_a_trigger_is_undone(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The census stands inside the transaction of the migration."""
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for source in [schema.MIGRATIONS / "env.py", *schema.MIGRATIONS.glob("versions/*.py")]:
        (scripts / source.relative_to(schema.MIGRATIONS)).write_text(source.read_text())
    (scripts / "versions" / "9999_careless.py").write_text(CARELESS)
    monkeypatch.setattr(schema, "MIGRATIONS", scripts)
    with pytest.raises(TrajectError, match="nothing was changed") as caught:
        schema.upgrade(database)
    assert caught.value.sentence.values["missing"] == ("events_next",)
    with database.reading() as connection:
        assert schema.census(connection) == []
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert version == HEAD
    add(database, note())


# --- owner and login ----------------------------------------------------------------------


@pytest.fixture
def login(postgres_url: str) -> Iterator[str]:
    """The URL of a PostgreSQL login without rights of its own."""
    name = f"coach_{uuid.uuid4().hex[:12]}"
    url = make_url(postgres_url).set(username=name, password="kat")
    with open_database(postgres_url, any_schema=True).writing() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD 'kat'")
    yield url.render_as_string(hide_password=False)
    with open_database(postgres_url, any_schema=True).writing() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {name}")
        connection.exec_driver_sql(f"DROP ROLE {name}")


@pytest.fixture
def as_login(login: str, postgres_url: str) -> Iterator[Database]:
    """A database whose tables belong to somebody else than the login that uses it."""
    owner = open_database(postgres_url, any_schema=True)
    with owner.writing() as connection:
        name = connection.dialect.identifier_preparer.quote(make_url(login).username or "")
        where = connection.exec_driver_sql("SELECT current_schema()").scalar()
        # current_schema() is NULL to a login that may not look into the schema
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {where} TO {name}")
    opened = open_database(login, create=True)
    schema.create(opened, owner_url=postgres_url)
    owner.close()
    yield opened
    opened.close()


@pytest.mark.parametrize("usage", [False, True])
def test_a_login_without_rights_is_told_who_gives_them(
    login: str, postgres_url: str, usage: bool
) -> None:
    """Not that there is no database: then somebody would make a second one."""
    owner = open_database(postgres_url, create=True)
    schema.create(owner)
    name = make_url(login).username
    if usage:
        where = owner.schema()
        with owner.writing() as connection:
            connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {where} TO {name}")
    owner.close()
    with pytest.raises(Refused) as refused:
        open_database(login)
    assert refused.value.sentence.values["login"] == name
    for kind in RIGHTS:
        assert f"--{kind} {name}" in str(refused.value)


def test_a_login_for_back_ups_is_told_no_more_than_it_needs(
    tmp_path: Path, login: str, postgres_url: str
) -> None:
    """Pasted, the line lets it make back-ups and write nothing; others hear what there is."""
    program = Program(tmp_path, postgres_url, lang="nl")
    program.init()
    told = program.call("backup", str(tmp_path), expect=4, TRAJECT_DATABASE=login).stderr
    line = told[told.index("traject roles") :].split()
    name = make_url(login).username
    assert line == ["traject", "roles", "--backup", name]
    for command in ("verify", "list"):
        told = program.call(command, "--database", login, expect=4).stderr
        assert f"traject roles: --coach {name}" in " ".join(told.split())
    unique = f"t{uuid.uuid4().hex[:12]}"
    program.call(*line[1:], "--prefix", unique, "--owner-url", postgres_url)
    try:
        program.call("backup", str(tmp_path), TRAJECT_DATABASE=login)
        program.call("note", "1", "niet", expect=4, TRAJECT_DATABASE=login)
    finally:
        with open_database(postgres_url, any_schema=True).writing() as connection:
            for end, _ in RIGHTS.values():
                connection.exec_driver_sql(f"DROP OWNED BY {unique}_{end}")
                connection.exec_driver_sql(f"DROP ROLE {unique}_{end}")


@pytest.mark.parametrize("usage", [False, True])
def test_the_doctor_tells_once_that_a_login_has_no_rights(
    tmp_path: Path, login: str, postgres_url: str, usage: bool
) -> None:
    """All other looks at the database would find the same; those beside it go on."""
    program = Program(tmp_path, postgres_url)
    program.init()
    if usage:
        owner = open_database(postgres_url)
        where, name = owner.schema(), make_url(login).username
        with owner.writing() as connection:
            connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {where} TO {name}")
        owner.close()
    doctor = ("doctor", "--offline", "--json", "--database", login)
    findings = program.call(*doctor, expect=1).json["findings"]
    (wrong,) = [one for one in findings if one["state"] == "wrong"]
    assert (wrong["check"], wrong["remedy"]) == ("database", [])
    assert "has no rights on the tables" in wrong["text"]
    assert "mail" in {one["check"] for one in findings}


def test_a_login_that_owns_nothing_can_do_the_daily_work(as_login: Database) -> None:
    """Append, read, erase, and write every projection."""
    add(as_login, note())
    with as_login.writing() as connection:
        connection.execute(text("UPDATE details SET salt = NULL, value = NULL"))
        connection.execute(text("DELETE FROM trajectories"))
        connection.execute(text("UPDATE mails SET status = 'held'"))
        assert schema.may_lift_triggers(connection) is False
        assert schema.census(connection) == []
    assert schema.pending(as_login) is False


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE events SET body = ''",
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE details SET value = 'anders'",
        "UPDATE details SET field = 'anders'",
        "DELETE FROM mails",
        "DROP TABLE events",
        "DROP TRIGGER events_no_change ON events",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "ALTER TABLE events ADD COLUMN x TEXT",
        "SET session_replication_role = replica",
        (
            "CREATE OR REPLACE FUNCTION traject_refuse() RETURNS trigger LANGUAGE plpgsql "
            "AS $$BEGIN RETURN NULL; END$$"
        ),
        "UPDATE alembic_version SET version_num = '0'",
        "CREATE TABLE mine (x int)",
    ],
)
def test_a_login_that_owns_nothing_cannot_lift_the_guards(as_login: Database, attack: str) -> None:
    """The triggers stop what its rights allow, and its rights stop it at the triggers."""
    add(as_login, note("log", 1, Detail("text", "tekst")))
    with pytest.raises((Refused, DBAPIError)), as_login.writing() as connection:
        connection.exec_driver_sql(attack)
    with as_login.reading() as connection:
        assert [row.seq for row in read_events(connection)] == [1]
        assert schema.census(connection) == []


def test_a_login_may_not_make_tables_and_is_told_so(login: str, postgres_url: str) -> None:
    """Without the owner's URL the server refuses, and its words are passed on."""
    with open_database(postgres_url, any_schema=True).writing() as connection:
        where = connection.exec_driver_sql("SELECT current_schema()").scalar()
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {where} TO {make_url(login).username}")
    opened = open_database(login, create=True)
    with pytest.raises(Refused, match="permission denied"):
        schema.create(opened)
    opened.close()


def test_the_owner_is_known_to_be_able_to_lift_triggers(database: Database) -> None:
    """What doctor warns about."""
    with database.reading() as connection:
        assert schema.may_lift_triggers(connection) is True


def test_a_schema_that_is_not_there_is_said(postgres_url: str) -> None:
    """PostgreSQL would make the tables nowhere."""
    url = make_url(postgres_url).update_query_dict({"options": "-csearch_path=not_there"})
    opened = open_database(url.render_as_string(hide_password=False), create=True)
    with pytest.raises(NotFound, match="schema"):
        schema.create(opened)
    opened.close()


def test_sqlite_has_no_owner(sqlite_database: Database) -> None:
    """An option that would do nothing is refused."""
    with pytest.raises(BadInput, match="owner"):
        schema.upgrade(sqlite_database, owner_url="postgresql://x/y")


def test_every_table_has_its_grants() -> None:
    """A new table is not forgotten."""
    assert set(GRANTS) == {*metadata.tables, "alembic_version"}


# --- from what was there before -----------------------------------------------------------


def indexes(database: Database) -> dict[str, str]:
    """Return the indexes as the database keeps them."""
    question = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
        if database.is_postgres
        else "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    )
    with database.reading() as connection:
        return {str(name): str(sql) for name, sql in connection.exec_driver_sql(question)}


def put_back(database: Database) -> None:
    """Give a database the schema of the first revision, its events as they are."""
    with database.writing() as connection:
        for index in (
            "ix_criteria_open",
            "ix_mails_troubled",
            "ix_reminders_unread",
            "ix_mails_sent",
        ):
            connection.exec_driver_sql(f"DROP INDEX {index}")
        for table, gone in (
            ("trajectories", "feedback_changed"),
            ("trajectories", "bookings"),
            ("deadlines", "position"),
            ("trajectories", "snoozes"),
            ("actors", "away_from"),
            ("actors", "away_until"),
            ("actors", "substitute"),
        ):
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {gone}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")


def test_an_upgrade_from_the_first_schema_keeps_the_ledger_and_derives_the_rest(
    database: Database,
) -> None:
    """Tables and indexes are those of a fresh schema, the root is the same, all verifies."""
    world = World(database)
    ref = world.start()
    moving.reschedule(world.desk(), ref, world.desk().today + timedelta(days=60), reason="later")
    fresh = indexes(database)
    with database.reading() as connection:
        before = ledger_state(connection)
    put_back(database)
    assert schema.pending(database) is True

    schema.upgrade(database, refill=refill)

    with database.reading() as connection:
        assert ledger_state(connection) == before
        assert schema.census(connection) == []
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "target_metadata": metadata,
            },
        )
        assert compare_metadata(context, metadata) == []
    assert indexes(database) == fresh
    assert verify(database).ok


def change_a_body(database: Database) -> None:
    """Change the third event behind the program's back."""
    with database.writing() as connection:
        for name in every_trigger(database):
            drop(connection, name)
        connection.exec_driver_sql("UPDATE events SET body = '{}' WHERE position = 3")
        create_triggers(connection, *GUARDED)


def test_an_upgrade_whose_history_does_not_verify_changes_nothing(database: Database) -> None:
    """Nothing is derived from events that may have been changed; the old program still runs."""
    world = World(database)
    world.start()
    put_back(database)
    change_a_body(database)
    with pytest.raises(LedgerBroken):
        schema.upgrade(database, refill=refill)
    assert schema.pending(database) is True


def program_at(folder: Path, database: Database, url: str) -> Program:
    """Return the program at a database of the first schema with one trajectory."""
    program = Program(folder, url)
    program.init()
    program.call(*GENT)
    put_back(database)
    return program


LEFT_OUT = {"actors", "trajectories", "deadlines"}


def test_what_an_older_schema_recorded_can_be_read_and_checked(
    tmp_path: Path, empty_url: str
) -> None:
    """By the program that waits for its upgrade; what has no column yet is left out, and said."""
    program = program_at(tmp_path, open_database(empty_url, create=True), empty_url)
    report = program.call("verify", "--json", expect=1).json  # it cannot tell
    assert (report["ok"], {*report["left_out"]}) == (True, LEFT_OUT)
    assert {one["text"].split()[1].rstrip(":") for one in report["remarks"]} == LEFT_OUT
    assert all("traject upgrade" in one["text"] for one in report["remarks"])
    told = program.call("history", "gent").stdout
    assert told in program.call("history", "1").stdout
    assert len(program.call("history", "--json").json) == report["events"]
    program.call("upgrade")
    assert program.call("verify", "--json").json["remarks"] == []
    assert program.call("history", "gent").stdout == told


def test_why_an_upgrade_is_refused_can_be_found_out(tmp_path: Path, empty_url: str) -> None:
    """The command that the refusal names says which event it is; nothing was changed."""
    database = open_database(empty_url, create=True)
    program = program_at(tmp_path, database, empty_url)
    change_a_body(database)
    assert "traject verify" in program.call("upgrade", expect=8).stderr
    report = program.call("verify", "--json", expect=8).json
    assert 3 in {one["position"] for one in report["problems"]}
    assert "Event 3" in program.call("history", expect=8).stderr
    assert "traject upgrade" in program.call("show", "gent", expect=1).stderr
    assert program.call("verify", "--json", expect=8).json == report
    database.close()


def test_an_empty_or_a_newer_database_is_not_read(tmp_path: Path, sqlite_url: str) -> None:
    """There is nothing to read, or nobody here knows how."""
    program = Program(tmp_path, sqlite_url)
    program.call("verify", expect=3)
    open_database(sqlite_url, create=True).close()
    program.call("history", expect=3)
    program.init()
    with open_database(sqlite_url).writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer" in program.call("verify", expect=1).stderr
