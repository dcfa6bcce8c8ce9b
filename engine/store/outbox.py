"""The outbox in SQL: mails queued, claimed, settled, and found again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from engine.domain.trajectory import ReminderState
from engine.store import tables as t
from engine.store.prepared import Prepared

WAITING = ("queued", "held", "uncertain")  # not on its way: may still be withdrawn
OPEN = ("queued", "uncertain", "sending")
FREE = ("queued", "uncertain")  # leaves at its moment
ENOUGH = "enough"  # in the place of a phase: its reader had enough mails that day


@dataclass(frozen=True, slots=True)
class Mail:
    """A frozen mail and how far it is; contents are None once erased."""

    id: int
    key: str
    reminder: str
    trajectory: str
    entry: int | None
    notice: str
    person: str
    message_id: str
    sha256: str
    subject: str | None
    recipient: str | None
    envelope_from: str | None
    envelope_to: str | None
    mime: bytes | None
    status: str
    attempts: int
    uncertain: int
    not_before: datetime
    next_at: datetime
    claimed_at: datetime | None = None
    sent_at: datetime | None = None
    last_phase: str | None = None
    last_code: int | None = None
    last_text: str | None = None

    @property
    def of_trajectory(self) -> bool:
        """Tell whether a trajectory's reminder made it; else it is about its reader's day.

        The facts of the others stand in the stream that is named in the trajectory's place.
        """
        return self.reminder != ""


_COLUMNS = tuple(column.name for column in t.mails.c)
_INSERT = insert(t.mails)
_NAMED = insert(t.mail_people)
_NEXT_ID = select(func.coalesce(func.max(t.mails.c.id), 0) + 1)
_BY_ID = Prepared(select(t.mails).where(t.mails.c.id == bindparam("id")))
_CHANGES: dict[tuple[str, ...], Prepared] = {}  # by the columns that they write
_REMINDER = [t.reminders.c[name] for name in ReminderState.__slots__]
_BY_REMINDER = Prepared(select(*_REMINDER).where(t.reminders.c.id == bindparam("id")))
_WAITING_OF = Prepared(
    select(t.mails.c.id, t.mails.c.person, *_REMINDER)
    .join(t.reminders, t.reminders.c.id == t.mails.c.reminder)
    .where(
        t.mails.c.trajectory == bindparam("trajectory"),
        or_(*(t.mails.c.status == status for status in WAITING)),
    )
    .order_by(t.mails.c.id)
)
_LEAVING_OF = Prepared(
    select(t.mails.c.id, t.mails.c.person, *_REMINDER)
    .join(t.reminders, t.reminders.c.id == t.mails.c.reminder)
    .where(
        t.mails.c.trajectory == bindparam("trajectory"),
        t.mails.c.status == "queued",
        t.mails.c.attempts == 0,  # who knows when a mail leaves that was refused for now
        t.mails.c.not_before <= bindparam("until"),
    )
    .order_by(t.mails.c.id)
)
# Written out, so that SQLite finds its partial index: else a round would read all mails ever.
IS_OPEN = t.among(t.mails.c.status, *OPEN)
_DUE = (
    select(t.mails.c.id)
    .where(IS_OPEN, t.mails.c.status != "sending", t.mails.c.next_at <= bindparam("now"))
    .order_by(t.mails.c.next_at, t.mails.c.id)
    .limit(bindparam("count"))
)
_STILL_OPEN = select(t.mails.c.id).where(IS_OPEN)
_LEFT_SINCE = select(func.count()).where(
    t.mails.c.sent_at.is_not(None), t.mails.c.sent_at >= bindparam("since")
)
_MAYBE_SINCE = select(func.count()).where(
    t.among(t.mails.c.status, "dead", "held", "uncertain"),
    t.mails.c.uncertain > 0,
    t.mails.c.claimed_at >= bindparam("since"),
)
_LEFT_TO = _LEFT_SINCE.where(func.lower(t.mails.c.envelope_to) == bindparam("address"))
_ORPHANS = select(t.mails.c.id).where(IS_OPEN, t.mails.c.status == "sending")
_REFS = select(t.trajectories.c.id, t.trajectories.c.ref)
_OF = select(t.mails).order_by(t.mails.c.id)


def add(connection: Connection, mail: Mail, named: Iterable[str]) -> None:
    """Put a frozen mail in the outbox, with the people it names."""
    connection.execute(_INSERT, {name: getattr(mail, name) for name in _COLUMNS})
    people = [{"mail": mail.id, "subject": subject} for subject in sorted(set(named))]
    if people:
        connection.execute(_NAMED, people)


def next_id(connection: Connection) -> int:
    """Return the number of the next mail; safe under the writers' lock."""
    return int(connection.execute(_NEXT_ID).scalar_one())


def change(connection: Connection, mail: int, **values: Any) -> None:
    """Change the state of a mail."""
    columns = tuple(values)
    if columns not in _CHANGES:
        new: dict[str, Any] = {name: bindparam(name) for name in columns}
        _CHANGES[columns] = Prepared(
            update(t.mails).where(t.mails.c.id == bindparam("mail")).values(new)
        )
    _CHANGES[columns].run(connection, {**values, "mail": mail})


def mail(connection: Connection, number: int) -> Mail | None:
    """Return a mail by its number."""
    row = _BY_ID.first(connection, {"id": number})
    return Mail(**dict(zip(_COLUMNS, row, strict=True))) if row else None


def reminder(connection: Connection, id_: str) -> ReminderState:
    """Return the reminder that a mail was made of, whatever became of it."""
    return ReminderState(*_BY_REMINDER.first(connection, {"id": id_}))


def waiting_of(connection: Connection, trajectory: str) -> list[tuple[int, str, ReminderState]]:
    """Return a trajectory's mails that may still be withdrawn, with reader and reminder."""
    found = _WAITING_OF.all(connection, {"trajectory": trajectory})
    return [(row[0], row[1] or "", ReminderState(*row[2:])) for row in found]


def leaving_of(
    connection: Connection, trajectory: str, until: datetime
) -> list[tuple[int, str, ReminderState]]:
    """Return a trajectory's mails that may leave by then and still wait, with their reader."""
    found = _LEAVING_OF.all(connection, {"trajectory": trajectory, "until": until})
    return [(row[0], row[1] or "", ReminderState(*row[2:])) for row in found]


def due(connection: Connection, now: datetime, count: int) -> list[int]:
    """Return the mails whose moment has come, oldest first, at most `count`."""
    return list(connection.execute(_DUE, {"now": now, "count": count}).scalars())


def still_open(connection: Connection) -> set[int]:
    """Return the mails that wait to leave, or are on their way."""
    return set(connection.execute(_STILL_OPEN).scalars())


def left_since(connection: Connection, since: datetime) -> int:
    """Return how many mails left, or may have left, since an instant."""
    counts = (
        connection.execute(query, {"since": since}).scalar_one()
        for query in (_LEFT_SINCE, _MAYBE_SINCE)
    )
    return sum(int(count) for count in counts)


def left_to(connection: Connection, address: str, since: datetime) -> int:
    """Return how many mails left for one address since an instant."""
    values = {"since": since, "address": address.lower()}
    return int(connection.execute(_LEFT_TO, values).scalar_one())


def orphans(connection: Connection) -> list[int]:
    """Return the mails that a sender claimed and never settled; ask under the sender's lock."""
    return sorted(connection.execute(_ORPHANS).scalars())


def mails(
    connection: Connection,
    *,
    trajectory: str | None = None,
    statuses: Iterable[str] | None = None,
) -> list[Mail]:
    """Return mails in the order in which they were made."""
    conditions = []
    if trajectory is not None:
        conditions.append(t.mails.c.trajectory == trajectory)
    if statuses is not None:
        conditions.append(t.mails.c.status.in_(list(statuses)))
    query = _OF.where(and_(*conditions)) if conditions else _OF
    return [Mail(**row) for row in connection.execute(query).mappings()]


def references(connection: Connection) -> dict[str, str]:
    """Return the reference of every trajectory, by UUID."""
    return {row.id: row.ref for row in connection.execute(_REFS)}
