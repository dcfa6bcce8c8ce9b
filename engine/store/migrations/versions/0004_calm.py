"""Columns for reminders that rest and actors who are away; an index of what left when.

The columns are projections: the rows get placeholders here, and the upgrade derives them afresh.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Date, Integer, Text, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them, without the placeholder as a default for later rows."""
    with op.batch_alter_table("trajectories") as trajectories:
        trajectories.add_column(Column("snoozes", Text, nullable=False, server_default="[]"))
    with op.batch_alter_table("trajectories") as trajectories:
        trajectories.alter_column("snoozes", server_default=None)
    with op.batch_alter_table("actors") as actors:
        actors.add_column(Column("away_from", Date))
        actors.add_column(Column("away_until", Date))
        actors.add_column(Column("substitute", Integer))
    left = text("sent_at IS NOT NULL")
    op.create_index("ix_mails_sent", "mails", ["sent_at"], sqlite_where=left, postgresql_where=left)
