"""The tables: the ledger and what hangs on it, the outbox, and the projections.

Events are the truth. Projections are rebuilt from them at any time; events, details,
workflow_versions, mails, mail_people and heartbeat are never touched by a rebuild.
"""

from __future__ import annotations

from engine.store.tables.columns import INSTANT_FORMAT, Instant, Position, among, metadata
from engine.store.tables.ledger import details, events, head, workflow_versions
from engine.store.tables.outbox import heartbeat, mail_people, mails
from engine.store.tables.projections import (
    PROJECTIONS,
    actors,
    assignments,
    contacts,
    criteria,
    deadlines,
    municipalities,
    reminders,
    trajectories,
)

__all__ = [
    "INSTANT_FORMAT",
    "PROJECTIONS",
    "Instant",
    "Position",
    "actors",
    "among",
    "assignments",
    "contacts",
    "criteria",
    "deadlines",
    "details",
    "events",
    "head",
    "heartbeat",
    "mail_people",
    "mails",
    "metadata",
    "municipalities",
    "reminders",
    "trajectories",
    "workflow_versions",
]
