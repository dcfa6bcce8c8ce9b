"""Reads what an export takes along: rows by position, leaf hashes, documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, bindparam, func, select

from engine.store import tables as t
from engine.store.reading import CHUNK, StoredRow
from engine.store.unreadable import read_rows

LEAVES = 10_000  # hashes in one chunk
HEAD = 8192  # bytes in which the headers of a mail end
_SIZE = re.compile(rb"^Traject-Checkpoint:\s+(\d{1,15})\s", re.MULTILINE)

_ROWS_AT = (
    select(*(t.events.c[name] for name in StoredRow._fields))
    .where(t.events.c.position.in_(bindparam("positions", expanding=True)))
    .order_by(t.events.c.position)
)
_LEAVES = (
    select(t.events.c.hash)
    .where(t.events.c.position > bindparam("after"), t.events.c.position <= bindparam("size"))
    .order_by(t.events.c.position)
    .limit(LEAVES)
)
_OF_TYPE_SINCE = select(func.count()).where(
    t.events.c.position > bindparam("size"), t.events.c.type == bindparam("type")
)
_HEADS = select(func.substr(t.mails.c.mime, 1, HEAD)).where(
    t.mails.c.trajectory == bindparam("trajectory"),
    t.mails.c.mime.is_not(None),
)
_CHECKPOINTS = select(t.events.c.body).where(t.events.c.type == "CheckpointTaken")
_DOCUMENTS = select(t.workflow_versions.c.digest, t.workflow_versions.c.document).order_by(
    t.workflow_versions.c.category, t.workflow_versions.c.version
)


def rows_at(connection: Connection, positions: Sequence[int]) -> list[StoredRow]:
    """Return the events at these positions, in order."""
    found = read_rows(connection, _ROWS_AT, {"positions": list(positions[:CHUNK])})
    return list(map(StoredRow._make, found))


def leaves(connection: Connection, after: int, size: int) -> list[bytes]:
    """Return the next leaf hashes past a position; [] at the end."""
    return list(connection.execute(_LEAVES, {"after": after, "size": size}).scalars())


def recorded_since(connection: Connection, size: int, kind: str) -> bool:
    """Tell whether events of a type stand past a position."""
    return bool(connection.execute(_OF_TYPE_SINCE, {"size": size, "type": kind}).scalar())


def witnessed_sizes(connection: Connection, trajectory: str) -> set[int]:
    """Return the sizes in its mails and in checkpoints: others may hold the roots."""
    heads = connection.execute(_HEADS, {"trajectory": trajectory}).scalars()
    said = (_SIZE.search(bytes(head)) for head in heads)
    taken = map(json.loads, connection.execute(_CHECKPOINTS).scalars())
    return {int(one[1]) for one in said if one} | {one["data"]["size"] for one in taken}


def documents(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield (digest, document) of the published workflow versions."""
    yield from map(tuple, connection.execute(_DOCUMENTS))
