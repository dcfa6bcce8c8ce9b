"""Who could lift the guards of the tables without owning them: a census of logins, on PostgreSQL.

Rights on tables are in `engine.store.grants`. These are others: to be the owner, to be above all
rights, to make things beside the tables.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

# Whoever owns the tables is left out: of a database with one login for all, all of this is so.
_OWNER = "(SELECT relowner FROM pg_catalog.pg_class WHERE oid = to_regclass('events'))"
_MEMBERS = text(
    f"""
    SELECT r.rolname, o.rolname
      FROM pg_catalog.pg_roles r JOIN pg_catalog.pg_roles o ON o.oid = {_OWNER}
     WHERE r.oid <> o.oid AND r.rolcanlogin AND NOT r.rolsuper
       AND pg_catalog.pg_has_role(r.oid, o.oid, 'MEMBER')
     ORDER BY 1
    """  # noqa: S608 (a question of ours)
)
# Administrators of the server do not work in it: who is enrolled does.
_ABOVE = text(
    f"""
    SELECT r.rolname, r.rolsuper, r.rolbypassrls
      FROM pg_catalog.pg_roles r
     WHERE (r.rolsuper OR r.rolbypassrls) AND r.oid <> {_OWNER}
       AND EXISTS (SELECT FROM actors a WHERE a.active AND a.account = 'db:' || r.rolname)
     ORDER BY 1
    """  # noqa: S608 (a question of ours)
)
_MAKERS = text(
    f"""
    SELECT n.nspname, coalesce(r.rolname, 'PUBLIC')
      FROM pg_catalog.pg_namespace n
      CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a
      LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = current_schema() AND a.privilege_type = 'CREATE'
       AND a.grantee NOT IN (n.nspowner, {_OWNER})
     ORDER BY 2
    """  # noqa: S608 (a question of ours)
)


def powers(connection: Connection) -> list[str]:
    """Return what logins could do past all triggers, as the statement that takes it away.

    Nothing on SQLite, which knows no logins.
    """
    if connection.dialect.name == "sqlite":
        return []
    quote = connection.dialect.identifier_preparer.quote
    found = [
        f"REVOKE {quote(owner)} FROM {quote(login)}"
        for login, owner in connection.execute(_MEMBERS)
    ]
    for login, above, bypasses in connection.execute(_ABOVE):
        less = [*(["NOSUPERUSER"] if above else []), *(["NOBYPASSRLS"] if bypasses else [])]
        found.append(f"ALTER ROLE {quote(login)} {' '.join(less)}")
    for schema, who in connection.execute(_MAKERS):
        whom = who if who == "PUBLIC" else quote(who)
        found.append(f"REVOKE CREATE ON SCHEMA {quote(schema)} FROM {whom}")
    return found
