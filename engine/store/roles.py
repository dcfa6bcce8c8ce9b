"""The roles of PostgreSQL: one for each kind of work, a login of their own for each person.

The owner of the tables is the login that runs this, and nobody's daily one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, text

from engine.store.database import open_as_owner
from engine.store.grants import APP, ERASE, READ, granting
from engine.store.trigger_texts import POSTGRES_FUNCTIONS

COACH, ERASER, AUDITOR, BACKUP = "coach", "eraser", "auditor", "backup"
# kind of login -> the end of its role's name, and what that may
RIGHTS = {
    COACH: ("app", APP),
    ERASER: ("erase", ERASE),
    AUDITOR: ("audit", READ),
    BACKUP: ("backup", READ),
}
Logins = Mapping[str, Sequence[str]]  # kind -> names

_WHERE = text("SELECT current_schema(), current_database()")


def where(connection: Connection) -> tuple[str, str]:
    """Return the schema and the database that the roles are for."""
    schema, database = connection.execute(_WHERE).one()
    return str(schema), str(database)


def statements(
    connection: Connection, prefix: str, logins: Logins, schema: str, database: str
) -> list[str]:
    """Return the SQL that makes the roles and puts logins in them; it may be run again."""
    quote = connection.dialect.identifier_preparer.quote
    roles = {kind: quote(f"{prefix}_{ending}") for kind, (ending, _) in RIGHTS.items()}
    quoted = quote(schema)
    return [
        *_owning(quoted),
        f"REVOKE ALL ON SCHEMA {quoted} FROM PUBLIC",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {quoted} FROM PUBLIC",
        f"REVOKE TEMPORARY ON DATABASE {quote(database)} FROM PUBLIC",
        *(_made(f"{prefix}_{RIGHTS[kind][0]}", role, "NOLOGIN") for kind, role in roles.items()),
        *_giving(quoted, roles),
        *_joining(quoted, roles, logins, quote),
    ]


def apply(owner_url: str, schema: str, made: Sequence[str]) -> None:
    """Run the statements as the owner: all of them or none."""
    owner = open_as_owner(owner_url, schema)
    try:
        with owner.altering() as connection:
            for statement in made:
                connection.exec_driver_sql(statement)
    finally:
        owner.close()


def _owning(schema: str) -> Iterator[str]:
    """Yield what makes whoever runs this the owner, where a daily login was it so far."""
    for table in READ:
        yield f"ALTER TABLE {schema}.{table} OWNER TO CURRENT_USER"
    for function in POSTGRES_FUNCTIONS:
        yield f"ALTER FUNCTION {schema}.{function}() OWNER TO CURRENT_USER"


def _made(name: str, quoted: str, kind: str) -> str:
    """Return the statement that makes a role where it is not there yet."""
    known = name.replace("'", "''")
    return (
        f"DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{known}') "
        f"THEN CREATE ROLE {quoted} {kind}; END IF; END$$"
    )


def _giving(schema: str, roles: Mapping[str, str]) -> Iterator[str]:
    for kind, (_, rights) in RIGHTS.items():
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {roles[kind]}"
        yield from granting(schema, roles[kind], rights)
    yield f"GRANT {roles[COACH]} TO {roles[ERASER]}"  # who erases records it as well


def _joining(
    schema: str, roles: Mapping[str, str], logins: Logins, quote: Callable[[str], str]
) -> Iterator[str]:
    """Yield what puts each login in its role, and takes from it what it had by itself."""
    names = sorted({name for given in logins.values() for name in given})
    for name in names:
        login = quote(name)
        yield _made(name, login, "LOGIN")
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {login}"
        for kind, role in roles.items():
            within = name in logins.get(kind, ())
            yield f"{'GRANT' if within else 'REVOKE'} {role} {'TO' if within else 'FROM'} {login}"
