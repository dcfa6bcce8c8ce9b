"""One moment of the whole database, as an audit or a rebuild looks at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select

from engine.domain.errors import LedgerBroken
from engine.domain.people import People
from engine.domain.trajectory import Trajectory
from engine.store import tables as t
from engine.store.appending import ledger_state
from engine.store.database import Database
from engine.store.differences import Row
from engine.store.grants import excess
from engine.store.guards import missing, strangers
from engine.store.history import by_position, people_of_events
from engine.store.parts import Part, absent, lacking
from engine.store.powers import powers
from engine.store.projections import CHILDREN, Rows, people_rows, rows
from engine.store.reading import (
    CHUNK,
    DetailRow,
    StoredRow,
    details_at,
    read_details,
    read_events,
)
from engine.store.revisions import HEAD, revision
from engine.store.unreadable import as_stored, read_rows

PEOPLE = "people"
OF_TRAJECTORIES = {table.name: table for table in (t.trajectories, *CHILDREN)}
OF_PEOPLE = {table.name: table for table in (t.actors, t.contacts)}
_TABLES = OF_TRAJECTORIES | OF_PEOPLE


class MailRow(NamedTuple):
    """What an audit looks at in a mail; envelope, subject and `mime` are None once erased."""

    id: int
    trajectory: str
    reminder: str
    notice: str
    person: str
    message_id: str
    sha256: str
    status: str
    entry: int | None
    attempts: int
    uncertain: int
    not_before: datetime
    next_at: datetime
    sent_at: datetime | None
    last_phase: str | None
    last_code: int | None
    last_text: str | None
    subject: str | None
    recipient: str | None
    envelope_from: str | None
    envelope_to: str | None
    mime: bytes | None


class VersionRow(NamedTuple):
    """A published workflow version."""

    digest: str
    category: str
    version: int
    document: str


def _owner(table: Any) -> Any:
    return table.c.id if table is t.trajectories else table.c.trajectory


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_ALL = {n: as_stored(table) for n, table in _TABLES.items()}
_OF_IDS = {n: _ALL[n].where(_owner(table).in_(_IDS)) for n, table in OF_TRAJECTORIES.items()}
_OWNERS = {n: select(_owner(table)).distinct() for n, table in OF_TRAJECTORIES.items()}
_MAILS = select(*(t.mails.c[name] for name in MailRow._fields)).where(t.mails.c.id.in_(_IDS))
_WITH_CONTENTS = select(t.mails.c.id).where(t.mails.c.id.in_(_IDS), t.mails.c.mime.is_not(None))
_MAIL_IDS = select(t.mails.c.id).union(select(t.mail_people.c.mail))
_NAMED = select(t.mail_people.c.mail, t.mail_people.c.subject).where(t.mail_people.c.mail.in_(_IDS))
_BEATS = select(t.heartbeat.c.at)
_VERSIONS = select(*(t.workflow_versions.c[name] for name in VersionRow._fields))
_LAST = func.max(t.details.c.position)
_LATE_DETAIL = select(_LAST).where(t.details.c.position > bindparam("size"))


class Snapshot:
    """Reads within one transaction, so that all its answers belong together."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def events(self, after: int) -> list[StoredRow]:
        """Return the next chunk of events past a position; [] at the end."""
        return list(read_events(self._connection, after=after, limit=CHUNK))

    def stream(self, stream: str) -> Iterator[StoredRow]:
        """Yield the events of a stream, in order."""
        return read_events(self._connection, stream=stream)

    def details(self, first: int, last: int) -> dict[int, list[DetailRow]]:
        """Return the details of a stretch of events, by position."""
        return by_position(read_details(self._connection, first, last))

    def details_at(self, positions: Collection[int]) -> Iterator[DetailRow]:
        """Yield the details of the events at these positions."""
        return details_at(self._connection, positions)

    def head(self) -> tuple[int, str] | None:
        """Return size and root as they stand beside the ledger; None where that is damaged."""
        try:
            return ledger_state(self._connection)
        except LedgerBroken:
            return None

    def people(self) -> People:
        """Return the people as their events make them, what was erased left out."""
        return people_of_events(self._connection)

    def rows_of(self, table: str, trajectories: Collection[str]) -> Rows:
        """Return the rows that a projection holds of these trajectories."""
        return self._keyed(table, _OF_IDS[table], {"ids": list(trajectories)})

    def all_rows(self, table: str) -> Rows:
        """Return all rows of a projection."""
        return self._keyed(table, _ALL[table], {})

    def owners(self, table: str) -> set[str]:
        """Return the trajectories that a projection has rows of."""
        return set(self._connection.execute(_OWNERS[table]).scalars())

    def absent(self) -> list[Part]:
        """Return the tables and columns that this database should have and has not."""
        return absent(self._connection)

    def behind(self) -> tuple[str, ...]:
        """Return the projections that lack columns, in a database that waits for an upgrade."""
        if revision(self._connection) == HEAD:
            return ()
        incomplete = {table for table, _ in lacking(self._connection, HEAD)}
        return tuple(name for name in _TABLES if name in incomplete)

    def versions(self) -> Iterator[VersionRow]:
        """Yield the published workflow versions."""
        yield from map(VersionRow._make, self._connection.execute(_VERSIONS))

    def mails(self, ids: Collection[int]) -> dict[int, MailRow]:
        """Return the mails with these numbers."""
        found = read_rows(self._connection, _MAILS, {"ids": list(ids)})
        return {row.id: row for row in map(MailRow._make, found)}

    def last_beat(self) -> datetime | None:
        """Return the youngest moment that the heartbeats know of."""
        found = read_rows(self._connection, _BEATS, {})
        moments = (row[0] for row in found if isinstance(row[0], datetime) and row[0].tzinfo)
        return max(moments, default=None)

    def with_contents(self, ids: Collection[int]) -> set[int]:
        """Return which of these mails still have contents."""
        return set(self._connection.execute(_WITH_CONTENTS, {"ids": list(ids)}).scalars())

    def named_in(self, ids: Collection[int]) -> dict[int, set[str]]:
        """Return the keys of the people that these mails are kept as naming."""
        named: defaultdict[int, set[str]] = defaultdict(set)
        for mail, subject in self._connection.execute(_NAMED, {"ids": list(ids)}):
            named[mail].add(subject)
        return named

    def mail_ids(self) -> set[int]:
        """Return the numbers of all mails, and of those that only people are listed of."""
        return set(self._connection.execute(_MAIL_IDS).scalars())

    def missing_triggers(self) -> list[str]:
        """Return the triggers that should guard the ledger and are not there as they were made."""
        return missing(self._connection, revision(self._connection) or HEAD)

    def strange_guards(self) -> list[str]:
        """Return the triggers and rules that no version of the program made."""
        return strangers(self._connection)

    def excessive_rights(self) -> list[str]:
        """Return what somebody may do with the tables beyond need, as a statement undoes it."""
        return excess(self._connection) + powers(self._connection)

    def late_detail(self, size: int) -> int | None:
        """Return a position past the end of the ledger that has details nevertheless."""
        found: int | None = self._connection.execute(_LATE_DETAIL, {"size": size}).scalar()
        return found

    def _keyed(self, table: str, query: Any, parameters: dict[str, Any]) -> Rows:
        found = read_rows(self._connection, query, parameters)
        names = tuple(_TABLES[table].c.keys())
        key = [names.index(column.name) for column in _TABLES[table].primary_key]
        return {tuple([row[i] for i in key]): dict(zip(names, row, strict=True)) for row in found}


class Rebuild(Snapshot):
    """A snapshot under the writers' lock, in which the projections may be replaced."""

    def replace(self, table: str, rows: Sequence[Row]) -> None:
        """Empty a projection and fill it with these rows."""
        self._connection.execute(delete(_TABLES[table]))
        for start in range(0, len(rows), CHUNK):
            self._connection.execute(insert(_TABLES[table]), list(rows[start : start + CHUNK]))


@contextmanager
def snapshot(database: Database) -> Iterator[Snapshot]:
    """Yield what there is to read at this moment."""
    with database.reading() as connection:
        yield Snapshot(connection)


@contextmanager
def rebuilding(database: Database) -> Iterator[Rebuild]:
    """Yield what there is to read and replace; commit at the end, or undo all."""
    with database.writing() as connection:
        yield Rebuild(connection)


def expected_rows(table: str, trajectories: Iterable[Trajectory]) -> Rows:
    """Return the rows that a projection ought to hold of these trajectories."""
    expected: Rows = {}
    for trajectory in trajectories:
        expected |= rows(trajectory, _TABLES[table])
    return expected


def expected_people(people: People) -> dict[str, Rows]:
    """Return the rows that actors and contacts ought to have."""
    return {table.name: found for table, found in people_rows(people).items()}
