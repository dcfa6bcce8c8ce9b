"""The one writer of events: it numbers, chains, commits and hashes them, and grows the tree."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.domain.errors import LedgerBroken
from engine.domain.events import Detail
from engine.domain.ledger import Frontier, canonical, commitment, leaf
from engine.domain.words import N_
from engine.store.prepared import Prepared
from engine.store.tables import INSTANT_FORMAT, details, events, head

BODY_VERSION = 1
SALT_BYTES = 32

_READ_HEAD = Prepared(select(head.c.size, head.c.frontier).where(head.c.id == 1))
_ADD_EVENTS = Prepared(insert(events))
_ADD_DETAILS = Prepared(insert(details))
_MOVE_HEAD = Prepared(
    update(head)
    .where(head.c.id == 1, head.c.size == bindparam("old_size"))
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"))
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that is decided but not yet in the ledger."""

    stream: str
    type: str
    data: Mapping[str, Any]
    details: tuple[Detail, ...] = ()
    occurred_on: date | None = None
    actor: Mapping[str, Any] | None = None
    workflow: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An event as it went into the ledger; `raw` is the text that was hashed."""

    position: int
    stream: str
    seq: int
    type: str
    body: dict[str, Any]
    raw: str
    hash: bytes
    details: tuple[Detail, ...]


class Appender:
    """Appends to the ledger within one writing transaction; `flush` before it commits."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        """Read where the ledger stands."""
        self._connection = connection
        self._recorded_at = now.astimezone(UTC).strftime(INSTANT_FORMAT)
        self._frontier = _read_frontier(connection)
        self._flushed = self._frontier.size
        self._events: list[dict[str, Any]] = []
        self._details: list[dict[str, Any]] = []

    @property
    def next_position(self) -> int:
        """Return the position that the next event gets."""
        return self._frontier.size + 1

    def append(self, draft: Draft, *, seq: int, prev: bytes | None) -> Stored:
        """Return the event as it will stand; `seq` and `prev` continue its stream."""
        position = self.next_position
        body = self._body(draft, position, seq, prev)
        raw = canonical(body)
        digest = leaf(raw)
        self._frontier = self._frontier.append(digest)
        stored = Stored(
            position, draft.stream, seq, draft.type, body, raw.decode(), digest, draft.details
        )
        self._events.append(_row(stored, prev))
        return stored

    def flush(self) -> None:
        """Write the rows, and move the head along with them."""
        if not self._events:
            return
        _ADD_EVENTS.run_all(self._connection, self._events)
        _ADD_DETAILS.run_all(self._connection, self._details)
        grown = {
            "old_size": self._flushed,
            "new_size": self._frontier.size,
            "new_frontier": self._frontier.to_bytes(),
        }
        if _MOVE_HEAD.run(self._connection, grown) != 1:
            raise LedgerBroken(
                N_("The ledger grew beside the writers' lock. Look into it with: traject verify")
            )
        self._flushed = self._frontier.size
        self._events, self._details = [], []

    def _body(self, draft: Draft, position: int, seq: int, prev: bytes | None) -> dict[str, Any]:
        subjects = {one.field: one.subject for one in draft.details if one.subject is not None}
        return {
            "v": BODY_VERSION,
            "position": position,
            "stream": draft.stream,
            "seq": seq,
            "prev": None if prev is None else prev.hex(),
            "type": draft.type,
            "occurred_on": None if draft.occurred_on is None else draft.occurred_on.isoformat(),
            "recorded_at": self._recorded_at,
            "actor": None if draft.actor is None else dict(draft.actor),
            "workflow": draft.workflow,
            "commit": {one.field: self._commit(position, one) for one in draft.details},
            **({"subjects": subjects} if subjects else {}),  # whom an erasure must reach
            "data": dict(draft.data),
        }

    def _commit(self, position: int, detail: Detail) -> str:
        """Return the salted commitment to a detail, and keep the row that opens it."""
        salt = secrets.token_bytes(SALT_BYTES)
        self._details.append(
            {
                "position": position,
                "field": detail.field,
                "subject": detail.subject,
                "salt": salt,
                "value": detail.value,
            }
        )
        return commitment(salt, detail.field, detail.value)


def ledger_state(connection: Connection) -> tuple[int, str]:
    """Return the size of the ledger and its Merkle root in hex."""
    frontier = _read_frontier(connection)
    return frontier.size, frontier.root().hex()


def _read_frontier(connection: Connection) -> Frontier:
    try:
        found = _READ_HEAD.first(connection)
        if found is not None:
            return Frontier.from_bytes(*found)
    except (TypeError, ValueError):  # no bytes, or a frontier that cannot belong to that size
        pass
    raise LedgerBroken(N_("The ledger has lost its head. Look into it with: traject verify"))


def _row(stored: Stored, prev: bytes | None) -> dict[str, Any]:
    return {
        "position": stored.position,
        "stream": stored.stream,
        "seq": stored.seq,
        "type": stored.type,
        "body": stored.raw,
        "prev": prev,
        "hash": stored.hash,
    }
