"""Indexes for the morning: open criteria, mails in trouble, reminders that reached nobody."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"

INDEXES = (
    ("ix_criteria_open", "criteria", "state = 'open'"),
    ("ix_mails_troubled", "mails", "status IN ('dead', 'held', 'uncertain')"),
    (
        "ix_reminders_unread",
        "reminders",
        "state = 'skipped' AND reason IN ('no_recipient', 'cannot_be_said')",
    ),
)


def upgrade() -> None:
    """Create them; a mail in trouble was found by reading all mails there ever were."""
    for name, table, condition in INDEXES:
        only = text(condition)
        op.create_index(name, table, ["trajectory"], sqlite_where=only, postgresql_where=only)
