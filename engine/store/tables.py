"""The tables: the ledger and what hangs on it, the outbox, and the projections.

Events are the truth. Projections are rebuilt from them at any time; events, details,
workflow_versions, mails, mail_people and heartbeat are never touched by a rebuild.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Instant(TypeDecorator[datetime]):
    """An aware instant: timestamptz on PostgreSQL, sortable UTC text on SQLite."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the database at hand."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what the driver takes; a naive instant is a fault in the program."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.strftime(INSTANT_FORMAT)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.strptime(value, INSTANT_FORMAT).replace(tzinfo=UTC)


# SQLite only counts up by itself on INTEGER, and reads the same 64 bits from it.
Position = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- the ledger -------------------------------------------------------------------------

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

# --- the outbox ---------------------------------------------------------------------------

mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", String(120), nullable=False, unique=True),  # reminder and person
    Column("reminder", String(36)),
    Column("trajectory", String(36)),
    Column("entry", Position),  # the phase entry it belongs to; NULL: to the trajectory
    Column("notice", String(40), nullable=False),
    Column("person", String(40)),
    Column("message_id", String(120), nullable=False, unique=True),
    Column("sha256", String(64), nullable=False),
    Column("subject", Text),  # this, recipient, envelope and mime are NULL once erased
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
    Column("last_text", Text),
    Index(
        "ix_mails_open",
        "next_at",
        sqlite_where=text("status IN ('queued', 'uncertain', 'sending')"),
        postgresql_where=text("status IN ('queued', 'uncertain', 'sending')"),
    ),
    Index("ix_mails_trajectory", "trajectory"),
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
    Column("name", String(40), primary_key=True),  # tick | queue
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),  # JSON
)

# --- projections --------------------------------------------------------------------------

trajectories = Table(
    "trajectories",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("ref", String(12), nullable=False, unique=True),
    Column("category", String(40), nullable=False),
    Column("workflow", String(64), nullable=False),
    Column("status", String(12), nullable=False),
    Column("phase", String(40)),
    Column("entry", Position),
    Column("entered_on", Date),
    Column("cause", String(12)),  # how the phase was entered
    Column("came_from", String(40)),  # the phase it was entered from
    Column("requested_on", Date),
    Column("started_on", Date),
    Column("coach", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # seq of the last decision
    Column("head", LargeBinary, nullable=False),  # hash of the stream's last event
    Column("round_on", Date),  # the last next_round
    Column("paused_on", Date),
    Column("paused_until", Date),
    Column("closed_on", Date),
    Column("reason", String(40)),  # code of the pause or the stop
    Column("origin", String(36)),  # the trajectory that this one follows up
    Index("ix_trajectories_status", "status"),
)

municipalities = Table(
    "municipalities",
    metadata,
    Column("trajectory", String(36), primary_key=True),
    Column("nis", String(5), primary_key=True),
    Column("rank", Integer, nullable=False),  # order of joining
    Column("joined_on", Date, nullable=False),
    Column("left_on", Date),
)

criteria = Table(
    "criteria",
    metadata,
    Column("trajectory", String(36), primary_key=True),
    Column("criterion", String(40), primary_key=True),
    Column("state", String(8), nullable=False),  # open | met | waived
    Column("met_on", Date),
    Column("value", Date),  # the date the criterion carries
    Column("value_raw", Date),  # the default it was rolled over from, where nobody gave one
    Column("planned_on", Date),
    Column("planned_time", String(5)),
    Column("consents", Text, nullable=False),  # JSON {nis: day}
    Column("asked", Text, nullable=False),  # JSON {nis: day}
    Column("position", Position, nullable=False),  # of the event that decided it last
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("trajectory", String(36), primary_key=True),
    Column("entry", Position, primary_key=True),
    Column("deadline", String(40), primary_key=True),
    Column("phase", String(40), nullable=False),
    Column("rank", Integer, nullable=False),  # order in the file; the first is the deadline
    Column("revision", Integer, nullable=False),
    Column("raw_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("given", Boolean, nullable=False),  # fixed by a person: not rolled over
    Column("state", String(8), nullable=False),  # open | met | ended
    Column("steps", Text, nullable=False),  # JSON: how the date came about
    Index("ix_deadlines_open", "due_on", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("trajectory", String(36), nullable=False),
    Column("entry", Position),  # NULL: belongs to the trajectory, not to a phase entry
    Column("deadline", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("rule", String(40), nullable=False),
    Column("occurrence", Position, nullable=False),
    Column("role", String(40), nullable=False),
    Column("notice", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("last", Boolean, nullable=False),
    Column("immediate", Boolean, nullable=False),  # caused by a command, not planned
    Column("contact", Integer),  # only this person of the role
    Column("nis", String(5)),  # only this municipality's
    Column("about", String(40)),  # the criterion asked about
    Column("state", String(12), nullable=False),  # planned | fired | superseded | skipped
    Column("reason", String(40)),
    Index("ix_reminders_trajectory", "trajectory"),
    Index(
        "ix_reminders_planned",
        "at",
        sqlite_where=text("state = 'planned'"),
        postgresql_where=text("state = 'planned'"),
    ),
)

assignments = Table(  # a contact's role in one trajectory
    "assignments",
    metadata,
    Column("trajectory", String(36), primary_key=True),
    Column("contact", Integer, primary_key=True),
    Column("role", String(40), primary_key=True),
    Column("nis", String(5), primary_key=True),  # '' where the role is not per municipality
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text),  # name, email and organisation are NULL once erased
    Column("email", Text),
    Column("organisation", Text),
    Column("lang", String(5), nullable=False),
)

actors = Table(
    "actors",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text),
    Column("email", Text),
    Column("account", Text),  # uid:1000 | sid:S-1-… | db:name; NULL once erased
    Column("lang", String(5), nullable=False),
    Column("role", String(12), nullable=False),  # coach | lead | auditor
    Column("active", Boolean, nullable=False),
)

PROJECTIONS = (
    trajectories,
    municipalities,
    criteria,
    deadlines,
    reminders,
    assignments,
    contacts,
    actors,
)
