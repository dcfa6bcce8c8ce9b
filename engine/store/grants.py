"""What a PostgreSQL login may do that is not the owner of the tables."""

from __future__ import annotations

from sqlalchemy import Connection, text

from engine.store.tables import PROJECTIONS

GRANTS: dict[str, str] = {
    "alembic_version": "SELECT",
    "events": "SELECT, INSERT",
    "details": "SELECT, INSERT, UPDATE (salt, value)",
    "head": "SELECT, UPDATE",
    "workflow_versions": "SELECT, INSERT",
    "mails": "SELECT, INSERT, UPDATE",
    "mail_people": "SELECT, INSERT, DELETE",
    "heartbeat": "SELECT, INSERT, UPDATE, DELETE",
    **{table.name: "SELECT, INSERT, UPDATE, DELETE" for table in PROJECTIONS},
}


def grant(connection: Connection, login: str) -> None:
    """Give a login what the program needs in the current schema."""
    quote = connection.dialect.identifier_preparer.quote
    schema = quote(str(connection.execute(text("SELECT current_schema()")).scalar()))
    person = quote(login)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {person}")
    for table, rights in GRANTS.items():
        connection.exec_driver_sql(f"GRANT {rights} ON {schema}.{table} TO {person}")
