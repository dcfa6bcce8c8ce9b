"""The first schema: ledger, outbox, projections, and the triggers that guard them."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    column,
    insert,
    table,
    text,
)

from engine.store.triggers import create_triggers

revision = "0001"
down_revision = None

POSITION = BigInteger().with_variant(Integer, "sqlite")
INSTANT = DateTime(timezone=True).with_variant(String(27), "sqlite")


def upgrade() -> None:
    """Create everything; the head of the empty ledger stands ready."""
    _ledger()
    _outbox()
    _trajectories()
    _people()
    head = table("head", column("id"), column("size"), column("frontier", LargeBinary))
    op.execute(insert(head).values(id=1, size=0, frontier=b""))
    create_triggers(op.get_bind(), "events", "details", "workflow_versions", "mails")


def _ledger() -> None:
    op.create_table(
        "events",
        Column("position", POSITION, autoincrement=False, nullable=False),
        Column("stream", String(36), nullable=False),
        Column("seq", Integer, nullable=False),
        Column("type", String(40), nullable=False),
        Column("body", Text, nullable=False),
        Column("prev", LargeBinary),
        Column("hash", LargeBinary, nullable=False),
        PrimaryKeyConstraint("position", name="pk_events"),
        UniqueConstraint("stream", "seq", name="uq_events_stream_seq"),
    )
    op.create_table(
        "details",
        Column("position", POSITION, autoincrement=False, nullable=False),
        Column("field", String(40), nullable=False),
        Column("subject", String(40)),
        Column("salt", LargeBinary),
        Column("value", Text),
        PrimaryKeyConstraint("position", "field", name="pk_details"),
    )
    op.create_index("ix_details_subject", "details", ["subject"])
    op.create_table(
        "head",
        Column("id", Integer, autoincrement=False, nullable=False),
        Column("size", POSITION, nullable=False),
        Column("frontier", LargeBinary, nullable=False),
        PrimaryKeyConstraint("id", name="pk_head"),
    )
    op.create_table(
        "workflow_versions",
        Column("digest", String(64), nullable=False),
        Column("category", String(40), nullable=False),
        Column("version", Integer, nullable=False),
        Column("document", Text, nullable=False),
        PrimaryKeyConstraint("digest", name="pk_workflow_versions"),
        UniqueConstraint("category", "version", name="uq_workflow_versions_category_version"),
    )


def _outbox() -> None:
    op.create_table(
        "mails",
        Column("id", Integer, autoincrement=False, nullable=False),
        Column("key", String(120), nullable=False),
        Column("reminder", String(36), nullable=False),
        Column("trajectory", String(36), nullable=False),
        Column("entry", POSITION),
        Column("notice", String(40), nullable=False),
        Column("person", String(40), nullable=False),
        Column("message_id", String(120), nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("subject", Text),
        Column("recipient", Text),
        Column("envelope_from", Text),
        Column("envelope_to", Text),
        Column("mime", LargeBinary),
        Column("status", String(12), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("uncertain", Integer, nullable=False),
        Column("not_before", INSTANT, nullable=False),
        Column("next_at", INSTANT, nullable=False),
        Column("claimed_at", INSTANT),
        Column("sent_at", INSTANT),
        Column("last_phase", String(12)),
        Column("last_code", Integer),
        Column("last_text", Text),
        PrimaryKeyConstraint("id", name="pk_mails"),
        UniqueConstraint("key", name="uq_mails_key"),
        UniqueConstraint("message_id", name="uq_mails_message_id"),
    )
    only = text("status IN ('queued', 'uncertain', 'sending')")
    op.create_index("ix_mails_open", "mails", ["next_at"], sqlite_where=only, postgresql_where=only)
    op.create_index("ix_mails_trajectory", "mails", ["trajectory"])
    op.create_table(
        "mail_people",
        Column("mail", Integer, autoincrement=False, nullable=False),
        Column("subject", String(40), nullable=False),
        PrimaryKeyConstraint("mail", "subject", name="pk_mail_people"),
    )
    op.create_table(
        "heartbeat",
        Column("name", String(40), nullable=False),
        Column("at", INSTANT, nullable=False),
        Column("state", Text, nullable=False),
        PrimaryKeyConstraint("name", name="pk_heartbeat"),
    )


def _trajectories() -> None:
    op.create_table(
        "trajectories",
        Column("id", String(36), nullable=False),
        Column("ref", String(12), nullable=False),
        Column("category", String(40), nullable=False),
        Column("workflow", String(64), nullable=False),
        Column("status", String(12), nullable=False),
        Column("phase", String(40)),
        Column("entry", POSITION),
        Column("entered_on", Date),
        Column("cause", String(12)),
        Column("came_from", String(40)),
        Column("requested_on", Date),
        Column("started_on", Date),
        Column("coach", Integer, nullable=False),
        Column("seq", Integer, nullable=False),
        Column("version", Integer, nullable=False),
        Column("head", LargeBinary, nullable=False),
        Column("round_on", Date),
        Column("round_entry", POSITION),
        Column("paused_on", Date),
        Column("paused_until", Date),
        Column("resumed_on", Date),
        Column("closed_on", Date),
        Column("reason", String(40)),
        Column("origin", String(36)),
        Column("followed_up", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_trajectories"),
        UniqueConstraint("ref", name="uq_trajectories_ref"),
    )
    op.create_index("ix_trajectories_status", "trajectories", ["status"])
    op.create_table(
        "municipalities",
        Column("trajectory", String(36), nullable=False),
        Column("nis", String(5), nullable=False),
        Column("rank", Integer, nullable=False),
        Column("joined_on", Date, nullable=False),
        Column("left_on", Date),
        PrimaryKeyConstraint("trajectory", "nis", name="pk_municipalities"),
    )
    op.create_table(
        "criteria",
        Column("trajectory", String(36), nullable=False),
        Column("criterion", String(40), nullable=False),
        Column("state", String(8), nullable=False),
        Column("met_on", Date),
        Column("value", Date),
        Column("value_raw", Date),
        Column("planned_on", Date),
        Column("planned_time", String(5)),
        Column("consents", Text, nullable=False),
        Column("asked", Text, nullable=False),
        Column("position", POSITION, nullable=False),
        PrimaryKeyConstraint("trajectory", "criterion", name="pk_criteria"),
    )
    op.create_table(
        "deadlines",
        Column("trajectory", String(36), nullable=False),
        Column("entry", POSITION, nullable=False),
        Column("deadline", String(40), nullable=False),
        Column("phase", String(40), nullable=False),
        Column("rank", Integer, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("raw_on", Date, nullable=False),
        Column("due_on", Date, nullable=False),
        Column("given", Boolean, nullable=False),
        Column("state", String(8), nullable=False),
        Column("steps", Text, nullable=False),
        PrimaryKeyConstraint("trajectory", "entry", "deadline", name="pk_deadlines"),
    )
    only = text("state = 'open'")
    op.create_index(
        "ix_deadlines_open", "deadlines", ["due_on"], sqlite_where=only, postgresql_where=only
    )
    op.create_table(
        "reminders",
        Column("id", String(36), nullable=False),
        Column("trajectory", String(36), nullable=False),
        Column("entry", POSITION),
        Column("deadline", String(40), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("rule", String(40), nullable=False),
        Column("occurrence", POSITION, nullable=False),
        Column("role", String(40), nullable=False),
        Column("notice", String(40), nullable=False),
        Column("day", Date, nullable=False),
        Column("at", INSTANT, nullable=False),
        Column("last", Boolean, nullable=False),
        Column("immediate", Boolean, nullable=False),
        Column("ahead", Boolean, nullable=False),
        Column("contact", Integer),
        Column("nis", String(5)),
        Column("about", String(40)),
        Column("state", String(12), nullable=False),
        Column("reason", String(40)),
        PrimaryKeyConstraint("id", name="pk_reminders"),
    )
    only = text("state = 'planned'")
    op.create_index(
        "ix_reminders_planned", "reminders", ["at"], sqlite_where=only, postgresql_where=only
    )
    op.create_index("ix_reminders_trajectory", "reminders", ["trajectory"])


def _people() -> None:
    op.create_table(
        "assignments",
        Column("trajectory", String(36), nullable=False),
        Column("contact", Integer, nullable=False),
        Column("role", String(40), nullable=False),
        Column("nis", String(5), nullable=False),
        Column("from_on", Date, nullable=False),
        Column("until_on", Date),
        PrimaryKeyConstraint("trajectory", "contact", "role", "nis", name="pk_assignments"),
    )
    op.create_table(
        "contacts",
        Column("id", Integer, autoincrement=False, nullable=False),
        Column("name", Text),
        Column("email", Text),
        Column("organisation", Text),
        Column("lang", String(5), nullable=False),
        PrimaryKeyConstraint("id", name="pk_contacts"),
    )
    op.create_table(
        "actors",
        Column("id", Integer, autoincrement=False, nullable=False),
        Column("name", Text),
        Column("email", Text),
        Column("account", Text),
        Column("lang", String(5), nullable=False),
        Column("role", String(12), nullable=False),
        Column("active", Boolean, nullable=False),
        PrimaryKeyConstraint("id", name="pk_actors"),
    )
