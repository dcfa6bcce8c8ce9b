"""The tables of the outbox: frozen mails, who is named in them, and the heartbeat."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, text

from engine.store.tables.columns import Instant, Position, metadata

mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", String(120), nullable=False, unique=True),  # reminder and person
    Column("reminder", String(36), nullable=False),
    Column("trajectory", String(36), nullable=False),
    Column("entry", Position),  # the phase entry at the moment it was written
    Column("notice", String(40), nullable=False),
    Column("person", String(40), nullable=False),
    Column("message_id", String(120), nullable=False, unique=True),
    Column("sha256", String(64), nullable=False),
    # Once erased, these and last_text are NULL.
    Column("subject", Text),
    Column("recipient", Text),
    Column("envelope_from", Text),
    Column("envelope_to", Text),
    Column("mime", LargeBinary),
    Column("status", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("uncertain", Integer, nullable=False),  # how often the outcome was unknown
    Column("not_before", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("sent_at", Instant),
    Column("last_phase", String(12)),
    Column("last_code", Integer),
    Column("last_text", Text),  # what the server answered; it may name the reader
    Index(
        "ix_mails_open",
        "next_at",
        sqlite_where=text("status IN ('queued', 'uncertain', 'sending')"),
        postgresql_where=text("status IN ('queued', 'uncertain', 'sending')"),
    ),
    Index(
        "ix_mails_troubled",
        "trajectory",
        sqlite_where=text("status IN ('dead', 'held', 'uncertain')"),
        postgresql_where=text("status IN ('dead', 'held', 'uncertain')"),
    ),
    Index("ix_mails_trajectory", "trajectory"),
    Index(
        "ix_mails_sent",
        "sent_at",
        sqlite_where=text("sent_at IS NOT NULL"),
        postgresql_where=text("sent_at IS NOT NULL"),
    ),
)

mail_people = Table(  # who is named in a mail: what an erasure must reach
    "mail_people",
    metadata,
    Column("mail", Integer, primary_key=True, autoincrement=False),
    Column("subject", String(40), primary_key=True),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", String(40), primary_key=True),  # tick | queue | released | digest
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),  # JSON
)
