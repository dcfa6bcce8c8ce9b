"""The tables of the ledger: events, their erasable details, the head, workflow versions."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from engine.store.tables.columns import Position, metadata

events = Table(
    "events",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=False),  # gapless from 1
    Column("stream", String(36), nullable=False),  # trajectory UUID | log | people | workflows
    Column("seq", Integer, nullable=False),  # gapless from 1 in its stream
    Column("type", String(40), nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON, exactly the hashed bytes
    Column("prev", LargeBinary),  # hash of the previous event of the stream
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("stream", "seq"),
)

details = Table(
    "details",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=False),
    Column("field", String(40), primary_key=True),
    Column("subject", String(40)),  # contact:7 | actor:1 | NULL for free text
    Column("salt", LargeBinary),  # 32 random bytes; NULL once erased
    Column("value", Text),  # NULL once erased
    Index("ix_details_subject", "subject"),
)

head = Table(  # one row: the size of the ledger and its Merkle frontier
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", Position, nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # 32 bytes a complete subtree
)

workflow_versions = Table(
    "workflow_versions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("category", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("category", "version"),
)
