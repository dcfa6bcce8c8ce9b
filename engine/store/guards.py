"""What lies on the tables that no traject put there: triggers and rules of somebody else."""

from __future__ import annotations

from sqlalchemy import Connection, text

from engine.store.trigger_texts import POSTGRES_TRIGGERS, SQLITE_TRIGGERS

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


def strangers(connection: Connection) -> list[str]:
    """Return the triggers and rules that no version of the program made."""
    if connection.dialect.name == "sqlite":
        found, ours = connection.execute(_SQLITE_FOUND), {*SQLITE_TRIGGERS}
    else:
        found, ours = connection.execute(_POSTGRES_FOUND), {*POSTGRES_TRIGGERS}
    return [name for name in map(str, found.scalars()) if name not in ours]
