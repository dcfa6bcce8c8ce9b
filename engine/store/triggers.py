"""The triggers that make the ledger append-only, their creation and their census.

Events may only be added at the end, as the next of their stream; details may only be
erased; workflow versions never change; a mail's frozen part may only be erased. On PostgreSQL the
mark of a closed log is its owner's.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from engine.store.trigger_texts import (
    POSTGRES_FUNCTIONS,
    POSTGRES_TRIGGERS,
    SQLITE_TRIGGERS,
)

GUARDED = ("events", "details", "workflow_versions", "mails", "heartbeat", "actors")
_SCHEMA = text("SELECT current_schema()")
_SQLITE_FOUND = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
# tgenabled A: also where a session calls itself a replica. The definition tells on which table
# it lies, when it holds and under what condition.
_POSTGRES_FOUND = text(
    """
    SELECT t.tgname, pg_catalog.pg_get_triggerdef(t.oid, true) || p.prosrc
      FROM pg_catalog.pg_trigger t
      JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
     WHERE n.nspname = current_schema() AND p.pronamespace = n.oid
       AND t.tgenabled = 'A'
    """
)


def create_triggers(connection: Connection, *tables: str) -> None:
    """Create the triggers of these tables anew; building a table anew on SQLite loses them."""
    if connection.dialect.name == "sqlite":
        for name, (table, statement) in SQLITE_TRIGGERS.items():
            if table in tables:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
                connection.exec_driver_sql(statement)
        return
    schema = _quoted_schema(connection)
    for name, source in POSTGRES_FUNCTIONS.items():
        connection.exec_driver_sql(_function(schema, name, source))
    for name, (table, moment, function) in POSTGRES_TRIGGERS.items():
        if table not in tables:
            continue
        where = f"{schema}.{table}"
        head = _head(name, moment.format(table=where))
        if "CONSTRAINT" in head:  # the only kind that cannot be replaced
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {where}")
        else:
            head = head.replace("CREATE", "CREATE OR REPLACE", 1)
        connection.exec_driver_sql(f"{head} EXECUTE FUNCTION {schema}.{function}()")
        connection.exec_driver_sql(f"ALTER TABLE {schema}.{table} ENABLE ALWAYS TRIGGER {name}")


def drop_triggers(connection: Connection) -> None:
    """Take the triggers of a SQLite file away that is being made: nobody knows it yet."""
    for name in SQLITE_TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def census(connection: Connection) -> list[str]:
    """Return the names of the triggers that are missing, switched off or altered."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(_SQLITE_FOUND).all()
        wanted = {name: statement for name, (_, statement) in SQLITE_TRIGGERS.items()}
    else:
        schema = _quoted_schema(connection)
        rows = connection.execute(_POSTGRES_FOUND).all()
        wanted = {
            name: (
                f"{_head(name, moment.format(table=table))} "
                f"EXECUTE FUNCTION {function}(){POSTGRES_FUNCTIONS[function].format(schema=schema)}"
            )
            for name, (table, moment, function) in POSTGRES_TRIGGERS.items()
        }
    found = {str(name): str(source) for name, source in rows}
    return [name for name, source in wanted.items() if found.get(name) != source]


def _head(name: str, moment: str) -> str:
    """Return how the statement of a trigger on PostgreSQL begins, as the server tells it too."""
    if moment.startswith("AFTER "):
        return f"CREATE CONSTRAINT TRIGGER {name} {moment}"
    return f"CREATE TRIGGER {name} BEFORE {moment}"


def _function(schema: str, name: str, source: str) -> str:
    # pg_temp last: a temporary table called events must not be taken for ours.
    return (
        f"CREATE OR REPLACE FUNCTION {schema}.{name}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog, pg_temp AS $body${source.format(schema=schema)}$body$"
    )


def _quoted_schema(connection: Connection) -> str:
    schema = str(connection.execute(_SCHEMA).scalar())
    return connection.dialect.identifier_preparer.quote(schema)
