"""What guards the tables, as each version left it, and what no traject put there."""

from __future__ import annotations

from sqlalchemy import Connection, text

from engine.store.revisions import HEAD, REVISIONS
from engine.store.trigger_texts import POSTGRES_TRIGGERS, SQLITE_TRIGGERS
from engine.store.triggers import census

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

_SWITCHED_ON = text(
    """
    SELECT t.tgname
      FROM pg_catalog.pg_trigger t
      JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND t.tgenabled = 'A'
    """
)
# trigger: the revision that made it; all others are of the first
SINCE = {"events_open": "0005", "actors_as_told": "0005", "heartbeat_closed": "0005"}


def missing(connection: Connection, revision: str) -> list[str]:
    """Return the triggers that should guard tables of a revision and do not.

    Of an earlier one only the names are known: an upgrade makes the functions anew.
    """
    if revision == HEAD:
        return census(connection)
    sqlite = connection.dialect.name == "sqlite"
    found = {*connection.execute(_SQLITE_FOUND if sqlite else _SWITCHED_ON).scalars()}
    at = REVISIONS.index(revision)
    return [
        name
        for name in (SQLITE_TRIGGERS if sqlite else POSTGRES_TRIGGERS)
        if name not in found and REVISIONS.index(SINCE.get(name, REVISIONS[0])) <= at
    ]


def strangers(connection: Connection) -> list[str]:
    """Return the triggers and rules that no version of the program made."""
    if connection.dialect.name == "sqlite":
        found, ours = connection.execute(_SQLITE_FOUND), {*SQLITE_TRIGGERS}
    else:
        found, ours = connection.execute(_POSTGRES_FOUND), {*POSTGRES_TRIGGERS}
    return [name for name in map(str, found.scalars()) if name not in ours]
