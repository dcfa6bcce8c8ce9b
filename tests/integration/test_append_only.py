"""Append-only, enforced: every attack by name, on both databases; what roles may, and may not."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from engine.audit import rebuild, restoring, verify
from engine.audit.backing_up import back_up
from engine.audit.relocating import Order as Moving
from engine.audit.relocating import relocate
from engine.dispatch.erasing import erase_actor
from engine.dispatch.post import Keepers
from engine.domain.errors import Refused, TrajectError
from engine.service import actors
from engine.service.desk import Terms
from engine.store import closing, dumps, erasing, inspections, roles, schema
from engine.store.database import Database, open_database
from engine.store.due import beat
from engine.store.erasers import require_eraser
from engine.store.grants import excess
from engine.store.powers import powers
from engine.store.roles import AUDITOR, BACKUP, COACH, ERASER
from tests import attacks, postgres
from tests.conftest import NO_SERVER
from tests.program import Program
from tests.stories import recorded
from tests.world import MONDAY, World, at

PAGE = Path(__file__).parent.parent.parent / "docs" / "append-only.md"
KEPT = ("events", "details", "workflow_versions", "mails", "head", "alembic_version")


# By what an attack must be refused: a mistake in its words is no refusal.
SAID = re.compile(
    "not authorized|append-only|not the next event|only erasing|for good|frozen|mails are kept"
    "|may not be modified"
)
NO_RIGHT, GUARDED = "42501", "23000"  # the server's rights; our triggers


def drivers(error: BaseException) -> Any:
    """Return what the driver raised."""
    found = error if isinstance(error, DBAPIError) else error.__cause__
    assert isinstance(found, DBAPIError)
    return found.orig


def contents(database: Database) -> dict[str, list[Any]]:
    """Return every row that nobody may change."""
    with database.reading() as connection:
        return {
            table: sorted(connection.exec_driver_sql(f"SELECT * FROM {table}").all(), key=repr)
            for table in KEPT
        }


def filled(database: Database) -> World:
    """Let a log have events, details, a workflow, a mail."""
    world = World(database)
    world.start()
    world.tick_at(MONDAY + timedelta(minutes=31))
    assert world.mails()
    return world


def test_the_page_lists_every_attack() -> None:
    """By its name, so that nobody has to believe a number."""
    page = PAGE.read_text(encoding="utf-8")
    sqlite, postgres = page.split("## On PostgreSQL")
    assert [name for name in attacks.SQLITE if f"- {name}\n" not in sqlite] == []
    assert [name for name in attacks.POSTGRES if f"- {name}\n" not in postgres] == []
    assert page.count("\n- ") >= len(attacks.SQLITE) + len(attacks.POSTGRES)


# --- SQLite -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A log on SQLite, opened as the daily commands open it."""
    path = tmp_path_factory.mktemp("guarded") / "traject.db"
    made = open_database(str(path), create=True)
    schema.create(made)
    made.close()
    opened = open_database(str(path), guarded=True)
    filled(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", attacks.SQLITE)
def test_no_attack_on_sqlite_succeeds(guarded: Database, name: str) -> None:
    """Refused, and nothing is otherwise afterwards."""
    before = contents(guarded)
    with pytest.raises((DBAPIError, TrajectError)) as caught, guarded.writing() as connection:
        connection.exec_driver_sql(attacks.SQLITE[name])
    assert SAID.search(str(drivers(caught.value)))
    assert contents(guarded) == before
    with guarded.reading() as connection:
        assert schema.census(connection) == []


def test_a_guarded_connection_does_the_daily_work(guarded: Database) -> None:
    """What the guard refuses is none of it; the schema changes by a way of its own."""
    with guarded.altering() as connection:
        connection.exec_driver_sql("CREATE TABLE other (x)")
        connection.exec_driver_sql("DROP TABLE other")
    with pytest.raises(Refused), guarded.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE other (x)")
    assert verify(guarded).ok


# --- PostgreSQL ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A database of its own, with roles and a login for each kind of work."""

    owner: str
    prefix: str
    url: Any

    def login(self, kind: str) -> str:
        """Return the URL of a login."""
        url = self.url.set(username=f"{self.prefix}_{kind}_login", drivername="postgresql")
        return str(url.render_as_string(hide_password=False))

    @property
    def own(self) -> str:
        """The URL of the owner."""
        return str(self.url.render_as_string(hide_password=False))


@pytest.fixture(scope="module")
def server(postgres_server: str | None) -> Iterator[Server]:
    """A database whose roles were made; some events are in it."""
    if postgres_server is None:
        pytest.skip(NO_SERVER)
    name = f"traject_{uuid.uuid4().hex[:12]}"
    given = make_url(postgres_server).set(drivername="postgresql")
    with postgres.administering(postgres_server) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        made = Server(str(given.username), name, given.set(database=name))
        _laid(made, postgres_server)
        yield made
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        for kind in (COACH, ERASER, AUDITOR, BACKUP):
            connection.exec_driver_sql(f"DROP ROLE {name}_{kind}_login")
        for ending, _ in roles.RIGHTS.values():
            connection.exec_driver_sql(f"DROP ROLE {name}_{ending}")


def _laid(server: Server, named: str) -> None:
    """Make tables, events and roles."""
    database = open_database(server.own, any_schema=True)
    with database.altering() as connection:
        connection.exec_driver_sql(recorded(named).replace("SCHEMA", "public"))
    filled(database)
    joined(database, server)
    database.close()


def joined(database: Database, server: Server) -> None:
    """Make the roles, as `traject roles` does."""
    logins = {kind: (f"{server.prefix}_{kind}_login",) for kind in roles.RIGHTS}
    with database.reading() as connection:
        made = roles.statements(connection, server.prefix, logins, *roles.where(connection))
    roles.apply(server.own, "public", made)


@pytest.fixture
def owner(server: Server) -> Iterator[Database]:
    """The database as its owner opens it, to look."""
    opened = open_database(server.own)
    yield opened
    opened.close()


def opened_as(server: Server, kind: str) -> Database:
    """Return the database as a login opens it."""
    return open_database(server.login(kind))


@pytest.mark.parametrize("name", attacks.POSTGRES)
def test_no_attack_on_postgresql_succeeds(server: Server, owner: Database, name: str) -> None:
    """By a coach's own login: refused, and nothing is otherwise afterwards."""
    before = contents(owner)
    statement = attacks.POSTGRES[name]
    if "{owner}" in statement or "{prefix}" in statement or "{{" in statement:
        statement = statement.format(owner=server.owner, prefix=server.prefix)
    coach = opened_as(server, COACH)
    with pytest.raises((DBAPIError, TrajectError)) as caught, coach.writing() as connection:
        connection.exec_driver_sql(statement)
    assert drivers(caught.value).sqlstate in (NO_RIGHT, GUARDED)
    coach.close()
    assert contents(owner) == before
    with owner.reading() as connection:
        assert schema.census(connection) == []
        assert excess(connection) == []


def test_a_coach_opens_no_log_that_moved(server: Server, owner: Database) -> None:
    """Two living histories would come of it; the other heartbeats are everybody's."""
    coach = opened_as(server, COACH)
    with owner.altering() as connection:
        closing.close(connection, MONDAY, closing.MOVED, "elsewhere")
    for attack in ("DELETE FROM heartbeat", "UPDATE heartbeat SET name = 'open', state = '{}'"):
        with pytest.raises(DBAPIError), coach.altering() as connection:
            connection.exec_driver_sql(f"{attack} WHERE name = 'closed'")
    with coach.altering() as connection:
        beat(connection, "own", MONDAY, {})
        gone = connection.exec_driver_sql("DELETE FROM heartbeat WHERE name = 'own'")
        assert gone.rowcount == 1
        assert closing.closed(connection) is not None
    coach.close()
    with owner.altering() as connection:
        closing.reopen(connection)


def test_a_coach_changes_who_may_act_by_events_alone(server: Server, owner: Database) -> None:
    """Enrolled, a lead, away, back, gone, erased, all rows derived anew: all of it is said."""
    coach = opened_as(server, COACH)
    world = World(coach)
    with owner.altering() as connection:
        connection.exec_driver_sql("DELETE FROM heartbeat")
    bo = actors.add_actor(
        world.desk(), name="Bo", email="bo@example.org", account="db:bo", role="coach"
    )
    day = MONDAY.date()
    actors.change_actor(world.desk(), bo.id, role="lead")
    lead = replace(world.desk(), actor=replace(bo, role="lead"))
    actors.leave(lead, bo.id, world.coach.id, first=day, until=day + timedelta(days=9))
    actors.come_back(lead, bo.id)
    assert rebuild(coach).differing == 0
    actors.change_actor(world.desk(), bo.id, active=False)
    eraser = opened_as(server, ERASER)
    desk = replace(world.desk(), database=eraser)
    erase_actor(desk, World(eraser).post(), bo.id, Terms(), reason="request_of_the_person")
    assert verify(owner).ok
    coach.close()
    eraser.close()


def test_a_move_from_a_server_asks_for_the_owner_of_the_tables(
    server: Server, owner: Database, tmp_path: Path
) -> None:
    """A coach's login cannot close the log; with the owner's URL it moves."""
    coach, place = opened_as(server, COACH), open_database(str(tmp_path / "t.db"), create=True)
    here = f"db:{server.prefix}_{COACH}_login"
    wish = Moving(coach, place, MONDAY, here=here, there="uid:1")
    with pytest.raises(Refused, match="--owner-url"):
        relocate(wish)
    with coach.reading() as connection:
        assert closing.closed(connection) is None
    assert relocate(replace(wish, owner_url=server.own)).size
    assert verify(place).ok
    with owner.altering() as connection:
        assert closing.closed(connection) is not None
        closing.reopen(connection)
    coach.close()
    place.close()


def test_a_login_that_owns_nothing_restores_by_the_owners_url(
    server: Server, tmp_path: Path
) -> None:
    """Into a schema beside it: the tables and the mark are the owner's, the work is the login's."""
    keeper = opened_as(server, BACKUP)
    made = back_up(keeper, tmp_path / "b.dump", MONDAY)
    keeper.close()
    owner, login = open_database(server.own), f"{server.prefix}_{COACH}_login"
    with owner.altering() as connection:
        connection.exec_driver_sql("CREATE SCHEMA beside")
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA beside TO {login}")
    asked = make_url(server.login(COACH)).update_query_dict({"options": "-csearch_path=beside"})
    target = open_database(asked.render_as_string(hide_password=False), any_schema=True)
    order = restoring.Order(made.file, MONDAY + timedelta(days=1), f"db:{login}", actor=1)
    restored = restoring.restore_database(order, target, server.own)
    with target.reading() as connection:
        assert closing.closed(connection) is None
        assert not schema.may_lift_triggers(connection)
    assert restored.found == made.size
    target.close()
    with owner.altering() as connection:
        connection.exec_driver_sql("DROP SCHEMA beside CASCADE")
    owner.close()


def test_each_login_does_its_work(server: Server) -> None:
    """A coach records, an eraser empties, an auditor verifies, the last makes a dump."""
    coach = opened_as(server, COACH)
    world = World(coach, keepers=Keepers(("auditor@example.com",)))
    world.start()
    tally = world.tick_at(at(MONDAY.date(), 16))
    assert (tally.checkpoints, tally.broken) == (1, False), "its rounds check everything too"
    assert verify(coach).ok
    inspections.note(coach, world.now, inspections.NEVER | {"outcome": inspections.BROKEN})
    auditor = opened_as(server, AUDITOR)
    assert verify(auditor).ok
    inspections.clear(auditor, world.now)
    assert inspections.standing(auditor) is not None, "who only reads leaves it"
    inspections.clear(coach, world.now)
    assert inspections.standing(auditor) is None
    coach.close()
    with pytest.raises(Refused), auditor.writing() as connection:
        connection.exec_driver_sql("DELETE FROM contacts")
    auditor.close()
    eraser = opened_as(server, ERASER)
    with eraser.writing() as connection:
        erased = connection.exec_driver_sql(
            "UPDATE details SET salt = NULL, value = NULL WHERE position = 2"
        )
        assert erased.rowcount
    for attack in ("UPDATE details SET value = 'x'", "UPDATE mails SET mime = '\\x00'"):
        with pytest.raises(DBAPIError), eraser.writing() as connection:
            connection.exec_driver_sql(attack)
    eraser.close()


def test_who_may_not_erase_is_told_who_may_and_how(server: Server, owner: Database) -> None:
    """A coach's login hears the role, the logins that have it, and what the owner would run."""
    coach, login = opened_as(server, COACH), f"{server.prefix}_{COACH}_login"
    with pytest.raises(Refused) as refused, coach.writing() as connection:
        erasing.erase(connection, [(2, "name")])
    coach.close()
    said = str(refused.value)
    assert f"takes the role {server.prefix}_erase." in said
    assert f"runs this command as {server.prefix}_{ERASER}_login;" in said
    command = f"traject roles --eraser {login} --prefix {server.prefix} --owner-url URL"
    assert said.endswith(command)
    with owner.reading() as connection:
        require_eraser(connection)  # who owns the tables may


def test_the_login_of_an_auditor_is_refused_by_the_server_too(server: Server) -> None:
    """Whatever role the program knows its account by; nothing is recorded."""
    auditor = opened_as(server, AUDITOR)
    with pytest.raises(Refused, match="does not let this login do that"):
        World(auditor).start()
    auditor.close()


def test_a_login_for_back_ups_only_reads(server: Server, tmp_path: Path) -> None:
    """It can dump every table."""
    keeper = opened_as(server, BACKUP)
    file = tmp_path / "copy.dump"
    file.touch()
    dumps.dump(keeper.url, keeper.schema(), file)
    assert dumps.revision_in(file) is not None
    with pytest.raises(Refused), keeper.writing() as connection:
        connection.exec_driver_sql("DELETE FROM heartbeat")
    keeper.close()


def test_roles_may_be_made_again(server: Server, owner: Database) -> None:
    """Nothing is otherwise, and no login has more than before."""
    joined(owner, server)
    with owner.reading() as connection:
        assert excess(connection) == []


@pytest.mark.parametrize(
    ("right", "undone"),
    [
        ("DELETE ON events", "REVOKE DELETE ON events FROM PUBLIC"),
        ("UPDATE (body) ON events", "REVOKE UPDATE (body) ON events FROM PUBLIC"),
        ("UPDATE ON details", "REVOKE UPDATE ON details FROM PUBLIC"),
    ],
)
def test_a_right_too_many_is_found_and_how_to_take_it_back(
    server: Server, owner: Database, right: str, undone: str
) -> None:
    """By the census of rights, which doctor and every migration ask."""
    with owner.altering() as connection:
        connection.exec_driver_sql(f"GRANT {right} TO PUBLIC")
        assert excess(connection) == [undone]
        connection.exec_driver_sql(undone)
        assert excess(connection) == []


def test_a_migration_ends_with_the_census_of_rights(owner: Database) -> None:
    """What was granted too much is named, and nothing is changed."""
    with owner.altering() as connection:
        connection.exec_driver_sql("GRANT TRUNCATE ON events TO PUBLIC")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
    with pytest.raises(TrajectError, match="nothing was changed"):
        schema.upgrade(owner)
    assert schema.pending(owner)
    with owner.altering() as connection:
        connection.exec_driver_sql("REVOKE TRUNCATE ON events FROM PUBLIC")
    schema.upgrade(owner)
    assert not schema.pending(owner)


def test_the_command_prints_what_it_would_run(tmp_path: Path, server: Server) -> None:
    """Without the owner's URL nothing is changed."""
    program = Program(tmp_path, server.own)
    printed = program.call("roles", "--coach", "an", "--auditor", "jo").stdout
    assert "GRANT traject_app TO an;" in printed
    assert "GRANT traject_audit TO jo;" in printed
    sqlite = Program(tmp_path, str(tmp_path / "own.db"))
    sqlite.init()
    sqlite.call("roles", expect=2)


def test_who_could_lift_the_guards_is_told(server: Server, owner: Database) -> None:
    """A coach in the owner's role, one above all rights, and who may make things in the schema."""
    coach, above = f"{server.prefix}_coach_login", f"{server.prefix}_eraser_login"
    role = owner_role(owner)
    given = {
        f"GRANT {role} TO {coach}": f"REVOKE {role} FROM {coach}",
        f"ALTER ROLE {above} BYPASSRLS": f"ALTER ROLE {above} NOBYPASSRLS",
        f"GRANT CREATE ON SCHEMA public TO {coach}": (
            f"REVOKE CREATE ON SCHEMA public FROM {coach}"
        ),
    }
    with owner.reading() as connection:
        assert powers(connection) == []
    with owner.altering() as connection:
        for statement in given:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"UPDATE actors SET account = 'db:{above}' WHERE id = 1")
    try:
        auditor = opened_as(server, AUDITOR)
        rights = [
            one.sentence.values["rights"]
            for one in verify(auditor).remarks
            if "rights" in one.sentence.values
        ]
        auditor.close()
    finally:
        with owner.altering() as connection:
            for statement in given.values():
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql("UPDATE actors SET account = 'uid:0' WHERE id = 1")
    assert rights == [tuple(given.values())]
    with owner.reading() as connection:
        assert powers(connection) == []


def owner_role(owner: Database) -> str:
    """Return the role that owns the tables, as the SQL writes it."""
    with owner.reading() as connection:
        return str(connection.exec_driver_sql("SELECT current_user").scalar())
