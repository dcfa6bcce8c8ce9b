"""Runs the migration scripts on the connection that `engine.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from engine.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by building it anew
)
with context.begin_transaction():  # the caller's transaction: all migrations or none
    context.run_migrations()
