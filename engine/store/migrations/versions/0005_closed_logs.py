"""The triggers of the events anew: a log that moved away, or was set aside, takes no event more."""

from __future__ import annotations

from alembic import op

from engine.store.triggers import create_triggers

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make them; the other tables keep theirs."""
    create_triggers(op.get_bind(), "events")
