"""Makes the tables and brings them up to date, in one transaction that the census ends.

Nothing here imports Alembic before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from engine.domain.errors import BadInput, NotFound, Refused, TrajectError
from engine.domain.words import N_
from engine.store.database import Database, open_as_owner
from engine.store.grants import excess, grant
from engine.store.parts import refuse_unmarked
from engine.store.revisions import HEAD, refuse_newer, revision
from engine.store.snapshot import Rebuild
from engine.store.tables import metadata
from engine.store.triggers import GUARDED, census, create_triggers, drop_triggers

__all__ = ["census", "create", "create_at", "may_lift_triggers", "pending", "upgrade"]

Refill = Callable[[Rebuild], object]  # derives the projections afresh
Fill = Callable[[Connection], object]  # writes in tables that were just made
TOO_MANY_RIGHTS = N_(
    "Somebody may do more with the tables than traject needs, so nothing was changed. The owner of "
    "the tables takes it back with: {rights}"
)
MIGRATIONS = Path(__file__).parent / "migrations"

_WHERE_AND_WHO = text("SELECT current_schema(), session_user")
_FOREIGN_TABLES = text("SELECT count(*) FROM sqlite_master")
_OWNED = text(
    "SELECT pg_has_role(session_user, relowner, 'USAGE') FROM pg_catalog.pg_class "
    "WHERE oid = to_regclass('events')"
)


def create(database: Database, *, owner_url: str | None = None, fill: Fill | None = None) -> None:
    """Make the tables of an empty database; one that has them is brought up to date.

    `fill` writes in them within the same transaction: both or neither.
    """
    upgrade(database, owner_url=owner_url, fill=fill)


def create_at(database: Database, revision: str, fill: Fill) -> None:
    """Make the tables of an earlier revision, not guarded yet while `fill` writes in them."""
    with database.altering() as connection:
        _run_scripts(connection, revision)
        drop_triggers(connection)
        fill(connection)
        create_triggers(connection, *GUARDED)


def upgrade(
    database: Database,
    *,
    owner_url: str | None = None,
    refill: Refill | None = None,
    fill: Fill | None = None,
) -> None:
    """Run the migrations that are pending: all of them or none.

    `refill` derives the projections afresh in the same transaction, where there were tables
    before: a migration cannot know what a new column holds.
    With `owner_url` the tables of a PostgreSQL database belong to that login, and the
    database's own login gets what the program needs and nothing that lifts a trigger.
    """
    if not database.is_postgres:
        if owner_url is not None:
            raise BadInput(N_("A SQLite database has no owner login; leave out --owner-url."))
        _migrate(database, refill, fill)
        return
    with database.reading() as connection:
        schema, login = connection.execute(_WHERE_AND_WHO).one()
    if schema is None:
        raise NotFound(
            N_("The database {where} has no schema to make tables in."),
            where=database.url_for_people,
        )
    if owner_url is None:
        _migrate(database, refill, fill)
        return
    owner = open_as_owner(owner_url, schema)
    try:
        _migrate(owner, refill, fill, grant_to=login)
    finally:
        owner.close()


@contextmanager
def as_owner(database: Database, owner_url: str | None) -> Iterator[Database]:
    """Yield the database as the owner of its tables logs in to it, where that is another."""
    if owner_url is None:
        yield database
        return
    owner = open_as_owner(owner_url, database.schema())
    try:
        yield owner
    finally:
        owner.close()


def discard(database: Database, *, owner_url: str | None = None) -> None:
    """Drop the tables of a copy that was never finished."""
    with as_owner(database, owner_url) as owner, owner.altering() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")


def pending(database: Database) -> bool:
    """Return whether the schema is behind this program (or is not there yet).

    Raises: LedgerBroken for tables of which nothing says which version made them.
    """
    return _found(database) != HEAD


def may_lift_triggers(connection: Connection) -> bool:
    """Return whether this login could switch the triggers off, as owner or superuser.

    On SQLite whoever can write the file can.
    """
    if connection.dialect.name == "sqlite":
        return True
    return bool(connection.execute(_OWNED).scalar())


def _migrate(
    database: Database, refill: Refill | None, fill: Fill | None, *, grant_to: str | None = None
) -> None:
    before = _refuse_foreign(database)
    with database.altering() as connection:
        if database.is_postgres:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        _run_scripts(connection)
        missing = census(connection)
        if missing:
            raise TrajectError(
                N_("The migration lost triggers ({missing}); nothing was changed."),
                missing=tuple(missing),
            )
        if refill is not None and before not in (None, HEAD):
            refill(Rebuild(connection))
        if fill is not None:
            fill(connection)
        if grant_to is not None:
            grant(connection, grant_to)
        if rights := excess(connection):
            raise TrajectError(TOO_MANY_RIGHTS, rights=tuple(rights))


def _refuse_foreign(database: Database) -> str | None:
    """Return the revision found; refuse a newer one, and a SQLite file of another program."""
    found, where = _found(database), database.url_for_people
    refuse_newer(found, where)
    if found is None and not database.is_postgres:
        with database.reading() as connection:
            if connection.execute(_FOREIGN_TABLES).scalar():
                template = N_("The file {where} is the database of another program.")
                raise Refused(template, where=where)
    return found


def _found(database: Database) -> str | None:
    """Return the revision of the tables, None where there are none. Raises: LedgerBroken."""
    with database.reading() as connection:
        found = revision(connection)
    if found is None:
        with database.reading() as connection:  # the other one may be over
            refuse_unmarked(connection, database.url_for_people)
    return found


def _run_scripts(connection: Connection, revision: str = "head") -> None:
    from alembic import command  # half a second that only a migration pays
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
