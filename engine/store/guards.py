"""What lies around the ledger's tables that we did not put there: triggers, rules, rights."""

from __future__ import annotations

from sqlalchemy import Connection, text

from engine.store.trigger_texts import POSTGRES_TRIGGERS, SQLITE_TRIGGERS

# The most that any login needs that is not the owner; the columns that may be emptied apart.
RIGHTS = {
    "events": frozenset({"SELECT", "INSERT"}),
    "details": frozenset({"SELECT", "INSERT"}),
    "workflow_versions": frozenset({"SELECT", "INSERT"}),
    "mails": frozenset({"SELECT", "INSERT", "UPDATE"}),
    "head": frozenset({"SELECT", "UPDATE", "INSERT"}),
}
_COLUMNS = frozenset({("details", "salt"), ("details", "value")})

_SQLITE_FOUND = text("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
_POSTGRES_FOUND = text(
    """
    SELECT t.tgname
      FROM pg_catalog.pg_trigger t
      JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND NOT t.tgisinternal
     UNION
    SELECT rulename FROM pg_catalog.pg_rules WHERE schemaname = current_schema()
     ORDER BY 1
    """
)
_OF_TABLES = text(
    """
    SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type, c.relname
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
      LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.grantee <> c.relowner
     ORDER BY 3, 1, 2
    """
)
_OF_COLUMNS = text(
    """
    SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type, c.relname, k.attname
      FROM pg_catalog.pg_attribute k
      JOIN pg_catalog.pg_class c ON c.oid = k.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL pg_catalog.aclexplode(k.attacl) a
      LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.grantee <> c.relowner
     ORDER BY 3, 4, 1, 2
    """
)


def strangers(connection: Connection) -> list[str]:
    """Return the triggers and rules that no version of the program made."""
    if connection.dialect.name == "sqlite":
        found, ours = connection.execute(_SQLITE_FOUND), {*SQLITE_TRIGGERS}
    else:
        found, ours = connection.execute(_POSTGRES_FOUND), {*POSTGRES_TRIGGERS}
    return [name for name in map(str, found.scalars()) if name not in ours]


def excessive(connection: Connection) -> list[tuple[str, str, str]]:
    """Return (login, right, table) of who may do more with the ledger than anybody needs.

    SQLite knows no logins; the owner of the tables may do everything, and is not named.
    """
    if connection.dialect.name == "sqlite":
        return []
    found = [
        (str(login), str(right), str(table))
        for login, right, table in connection.execute(_OF_TABLES)
        if table in RIGHTS and right not in RIGHTS[table]
    ]
    return found + [
        (str(login), f"{right} ({column})", str(table))
        for login, right, table, column in connection.execute(_OF_COLUMNS)
        if table in RIGHTS and right not in RIGHTS[table] and (table, column) not in _COLUMNS
    ]
