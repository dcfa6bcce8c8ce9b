"""The triggers for logs that are closed, of events and heartbeat; no samples of personal data.

A log that moved away, or was set aside, takes no event more. PostgreSQL's planner would keep
samples of what a column held, which an erasure cannot reach.
"""

from __future__ import annotations

from alembic import op

from engine.store.triggers import create_triggers

revision = "0005"
down_revision = "0004"

UNSAMPLED = {
    "details": ("salt", "value"),
    "mails": ("subject", "recipient", "envelope_from", "envelope_to", "mime", "last_text"),
    "contacts": ("name", "email", "organisation"),
    "actors": ("name", "email", "account"),
    "heartbeat": ("state",),
}


def upgrade() -> None:
    """Make them, the other tables keep theirs; let the planner not sample names and texts."""
    create_triggers(op.get_bind(), "actors", "events", "heartbeat")
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in UNSAMPLED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
