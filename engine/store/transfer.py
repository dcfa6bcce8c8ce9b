"""Copies every row of one database into another, and compares the two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from engine.store import tables as t

__all__ = ["Connection", "Progress", "copy_rows", "differing"]  # who copies names no SQL

Progress = Callable[[int], None]

CHUNK = 1000
# The ledger first, in its order: the guards of the copy let nothing else in. The mark of a
# closed log is a heartbeat, and comes after the events that it would keep out.
ALL = (
    *(t.events, t.details, t.workflow_versions, t.mails, t.mail_people, t.heartbeat),
    *t.PROJECTIONS,
)


def copy_rows(source: Connection, target: Connection, progress: Progress | None = None) -> None:
    """Put all rows into tables that are empty; the head of the ledger comes last."""
    count = 0
    for table in ALL:
        for chunk in _chunks(source, table):
            target.execute(insert(table), chunk)
            count += len(chunk) if table is t.events else 0
            if progress is not None:
                progress(count)
    (head,) = source.execute(select(t.head)).mappings().all()
    target.execute(update(t.head).values(size=head["size"], frontier=head["frontier"]))


def differing(one: Connection, other: Connection, *, but: str = "") -> tuple[str, ...]:
    """Return the names of the tables whose rows are not the same, except `but`."""
    return tuple(
        table.name
        for table in (*ALL, t.head)
        if table.name != but and _differ(_chunks(one, table), _chunks(other, table))
    )


def _chunks(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a table in the order of its key."""
    query = select(table).order_by(*table.primary_key)
    found = connection.execute(query, execution_options={"yield_per": CHUNK})
    for rows in found.mappings().partitions(CHUNK):
        yield [dict(row) for row in rows]


def _differ(one: Iterator[Any], other: Iterator[Any]) -> bool:
    return any(mine != theirs for mine, theirs in zip_longest(one, other))
