"""The tables of the projections: the present state, folded from the events."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text, text

from engine.store.tables.columns import Instant, Position, metadata

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
    Column("round_entry", Position),
    Column("paused_on", Date),
    Column("paused_until", Date),
    Column("resumed_on", Date),
    Column("closed_on", Date),
    Column("reason", String(40)),  # code of the pause or the stop
    Column("origin", String(36)),  # the trajectory that this one follows up
    Column("followed_up", Text, nullable=False),  # JSON {category: ref}
    Column("feedback_changed", Position),  # the last time that the invited were told
    Column("bookings", Text, nullable=False),  # JSON: the calendar entries that people hold
    Column("snoozes", Text, nullable=False),  # JSON: reminders that rest, until when
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
    Index(
        "ix_criteria_open",
        "trajectory",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
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
    Column("position", Position, nullable=False),  # of the event that gave it its date
    Index(
        "ix_deadlines_open",
        "due_on",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
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
    Column("ahead", Boolean, nullable=False),  # caused for a day that lies ahead: no hold-back
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
    Index(
        "ix_reminders_unread",
        "trajectory",
        sqlite_where=text("state = 'skipped' AND reason IN ('no_recipient', 'cannot_be_said')"),
        postgresql_where=text("state = 'skipped' AND reason IN ('no_recipient', 'cannot_be_said')"),
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
    Column("away_from", Date),
    Column("away_until", Date),  # the day of return
    Column("substitute", Integer),
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
