"""Whom the mails of a trajectory reached: asked before it stops."""

from __future__ import annotations

from sqlalchemy import Connection, func, or_, select

from engine.store import tables as t


def people(connection: Connection, trajectory: str) -> frozenset[str]:
    """Return whom a mail of a trajectory reached, or may have reached."""
    found = select(t.mails.c.person).where(
        t.mails.c.trajectory == trajectory,
        or_(
            t.mails.c.status.in_(("sent", "written", "sending", "uncertain")),
            t.mails.c.uncertain > 0,
        ),
    )
    return frozenset(connection.execute(found).scalars())


def overdue_notices(connection: Connection, trajectory: str, entry: int | None) -> int:
    """Return how many overdue rungs of a phase entry went out, or were written, to contacts.

    What the coach or a lead was told is no notice to the municipality.
    """
    rungs = (
        select(t.reminders.c.deadline, t.reminders.c.revision, t.reminders.c.rule)
        .join(t.mails, t.mails.c.reminder == t.reminders.c.id)
        .where(t.reminders.c.trajectory == trajectory, t.reminders.c.entry == entry)
        .where(t.reminders.c.notice == "overdue", t.mails.c.status.in_(("sent", "written")))
        .where(t.mails.c.person.like("contact:%"))
        .distinct()
    )
    return int(connection.execute(select(func.count()).select_from(rungs.subquery())).scalar_one())
