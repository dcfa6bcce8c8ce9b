"""Whom the mails of a trajectory reached: asked before it stops, and before thanking again."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, or_, select

from engine.store import tables as t

_REACHED = or_(
    t.mails.c.status.in_(("sent", "written", "sending", "uncertain")),
    t.mails.c.uncertain > 0,
)


def people(connection: Connection, trajectory: str) -> frozenset[str]:
    """Return whom a mail of a trajectory reached, or may have reached."""
    found = select(t.mails.c.person).where(t.mails.c.trajectory == trajectory, _REACHED)
    return frozenset(connection.execute(found).scalars())


def thanked(connection: Connection, trajectory: str) -> dict[int, frozenset[date]]:
    """Return the contacts who read that a feedback moment was held, and of which days."""
    query = (
        select(t.mails.c.person, t.reminders.c.day)
        .join(t.reminders, t.reminders.c.id == t.mails.c.reminder)
        .where(t.mails.c.trajectory == trajectory, t.mails.c.notice == "feedback_report", _REACHED)
        .where(t.mails.c.person.like("contact:%"))
    )
    found: dict[int, frozenset[date]] = {}
    for person, day in connection.execute(query):
        contact = int(person.partition(":")[2])
        found[contact] = found.get(contact, frozenset()) | {day}
    return found


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
