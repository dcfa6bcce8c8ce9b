"""Columns for calendar entries: which ones people hold, and which event gave a date its day.

They are projections: the rows get placeholders here, and the upgrade derives them afresh.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text

revision = "0003"
down_revision = "0002"

POSITION = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Add them, without the placeholder as a default for later rows."""
    with op.batch_alter_table("trajectories") as trajectories:
        trajectories.add_column(Column("feedback_changed", POSITION))
        trajectories.add_column(Column("bookings", Text, nullable=False, server_default="{}"))
    with op.batch_alter_table("trajectories") as trajectories:
        trajectories.alter_column("bookings", server_default=None)
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.add_column(Column("position", POSITION, nullable=False, server_default="0"))
    with op.batch_alter_table("deadlines") as deadlines:
        deadlines.alter_column("position", server_default=None)
