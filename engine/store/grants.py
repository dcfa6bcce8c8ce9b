"""What a PostgreSQL login may do that is not the owner of the tables, and the census of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, text

from engine.store import tables as t
from engine.store.trigger_texts import MAIL_ERASABLE

Rights = Mapping[str, str]

_TEXTS = ", ".join((*MAIL_ERASABLE, "last_text"))  # what an erasure empties
# What becomes of a mail; what it says never changes.
_STATE = (
    "status, attempts, uncertain, not_before, next_at, claimed_at, sent_at, last_phase, "
    "last_code, last_text"
)
_NAMES = ("alembic_version", *t.metadata.tables)

# The daily work: what is recorded stays, and nothing of it changes.
APP: Rights = {
    "alembic_version": "SELECT",
    "events": "SELECT, INSERT",
    "details": "SELECT, INSERT",
    "head": "SELECT, UPDATE",
    "workflow_versions": "SELECT, INSERT",
    "mails": f"SELECT, INSERT, UPDATE ({_STATE})",
    "mail_people": "SELECT, INSERT, DELETE",
    "heartbeat": "SELECT, INSERT, UPDATE, DELETE",
    **{table.name: "SELECT, INSERT, UPDATE, DELETE" for table in t.PROJECTIONS},
}
# Besides that: emptying what an erasure must reach. The triggers let nobody do more with it.
ERASE: Rights = {"details": "UPDATE (salt, value)", "mails": f"UPDATE ({_TEXTS})"}
READ: Rights = dict.fromkeys(_NAMES, "SELECT")
# A login for which no roles were made has both.
GRANTS: Rights = {
    name: f"{rights}, {ERASE[name]}" if name in ERASE else rights for name, rights in APP.items()
}

# Whoever is not the owner, table by table and column by column; 0 stands for everybody.
_FOUND = text(
    """
    SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type, NULL, a.is_grantable
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
      LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.grantee <> c.relowner
    UNION ALL
    SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type, k.attname, a.is_grantable
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute k ON k.attrelid = c.oid
      CROSS JOIN LATERAL pg_catalog.aclexplode(k.attacl) a
      LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = current_schema() AND a.grantee <> c.relowner
     ORDER BY 1, 2, 3, 4
    """
)


def grant(connection: Connection, login: str) -> None:
    """Give a login what the program needs in the current schema, and no more than that."""
    quote = connection.dialect.identifier_preparer.quote
    schema = quote(str(connection.execute(text("SELECT current_schema()")).scalar()))
    connection.exec_driver_sql(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quote(login)}")
    for statement in granting(schema, quote(login), GRANTS):
        connection.exec_driver_sql(statement)


def granting(schema: str, who: str, rights: Rights) -> Iterator[str]:
    """Yield the statements that give somebody rights in a schema; both are quoted already."""
    yield f"GRANT USAGE ON SCHEMA {schema} TO {who}"
    for table, right in rights.items():
        yield f"GRANT {right} ON {schema}.{table} TO {who}"


def excess(connection: Connection) -> list[str]:
    """Return what somebody may do with our tables beyond what traject grants: as REVOKE undoes it.

    Nothing on SQLite, which knows no rights.
    """
    if connection.dialect.name == "sqlite":
        return []
    quote = connection.dialect.identifier_preparer.quote
    found = []
    for table, who, privilege, column, grantable in connection.execute(_FOUND):
        if table in GRANTS and (grantable or not _granted(table, privilege, column)):
            right = privilege if column is None else f"{privilege} ({column})"
            whom = who if who == "PUBLIC" else quote(who)
            found.append(f"REVOKE {right} ON {table} FROM {whom}")
    return found


def _granted(table: str, privilege: str, column: str | None) -> bool:
    """Tell whether a right is among those that traject gives to anybody."""
    for right, columns in re.findall(r"([A-Z]+)(?: \(([^)]*)\))?", GRANTS[table]):
        if right == privilege and (not columns or column in columns.split(", ")):
            return True
    return False
