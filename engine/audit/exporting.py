"""The master form of an export: JSON Lines with the stored bytes, their chain and their proofs.

Every line holds one event exactly as it was hashed, and its details beside it. `docs/ledger.md`
tells how to check them without traject. Events are read a chunk at a time, each in a moment of
its own, so that nobody waits for an export; its extent is fixed before the first one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.domain.errors import Conflict, LedgerBroken
from engine.domain.inclusion import Paths
from engine.domain.ledger import Frontier
from engine.domain.words import N_
from engine.store import extracts
from engine.store.appending import ledger_state
from engine.store.database import Database
from engine.store.history import by_position
from engine.store.log import epoch_of, identity_of
from engine.store.reading import CHUNK, DetailRow, StoredRow, details_at, read_events
from engine.store.references import id_of
from engine.store.referred import positions_of

FORMAT = "traject-history/1"
ERASED = "DetailsErased"
UNSOUND = N_(
    "The events do not add up to the control number of the ledger; nothing was exported. Look "
    "into it with: traject verify"
)


@dataclass(frozen=True, slots=True)
class Extent:
    """What an export holds, fixed at one moment; `positions` is None for the whole ledger."""

    log: str
    epoch: int  # 1, one more after each restore from a back-up
    size: int
    root: str
    positions: tuple[int, ...] | None = None
    trajectory: str | None = None
    sizes: tuple[int, ...] = ()  # of a part: those at which somebody else may hold the root

    def header(self, *, redacted: bool, sizes: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        """Return the first line of the export; `sizes` prove the root at earlier ones."""
        return {
            "format": FORMAT,
            "log": self.log,
            "size": self.size,
            "root": self.root,
            "partial": self.positions is not None,
            **({} if self.positions is None else {"events": len(self.positions), "sizes": sizes}),
            **({"redacted": True} if redacted else {}),
        }


def extent(database: Database, ref: str | None = None) -> Extent:
    """Return what there is to export now: of one trajectory, or all. Raises: NotFound."""
    with database.reading() as connection:
        log, epoch = identity_of(connection) or "", epoch_of(connection)
        size, root = ledger_state(connection)
        if ref is None:
            return Extent(log, epoch, size, root)
        stream = id_of(connection, ref)
        found = positions_of(connection, stream)
        others = extracts.witnessed_sizes(connection, stream) - {*found, 0}
        sizes = tuple(sorted(one for one in others if one <= size))
        return Extent(log, epoch, size, root, found, stream, sizes)


def lines(database: Database, what: Extent, *, redacted: bool = False) -> Iterator[str]:
    """Yield the lines of an export, the header first; redacted ones without any detail.

    Raises: LedgerBroken where the events are not those of the root; Conflict where personal
    data was erased meanwhile.
    """
    paths, sizes = (None, []) if what.positions is None else _paths(database, what)
    yield _line(what.header(redacted=redacted, sizes=sizes))
    frontier = Frontier()
    for chunk, details in _chunks(database, what):
        for row in chunk:
            found = details.get(row.position, [])
            line = as_json(row, _closed(found) if redacted else found)
            if paths is None:
                frontier = frontier.append(row.hash)
            else:
                line["proof"] = [one.hex() for one in paths.of(row.position)]
            yield _line(line)
    if paths is None and frontier.root().hex() != what.root:
        raise LedgerBroken(UNSOUND)
    require_unchanged(database, what)


def as_json(row: StoredRow, details: Sequence[DetailRow]) -> dict[str, Any]:
    """Return an event as a line of the export holds it."""
    return {
        "position": row.position,
        "stream": row.stream,
        "seq": row.seq,
        "hash": row.hash.hex(),
        "prev": None if row.prev is None else row.prev.hex(),
        "body": row.body,
        "details": [
            {
                "field": one.field,
                "subject": one.subject,
                "salt": None if one.salt is None else one.salt.hex(),
                "value": one.value,
            }
            for one in details
        ],
    }


def require_unchanged(database: Database, what: Extent) -> None:
    """Refuse where something was erased since: it may stand in what was written already."""
    with database.reading() as connection:
        if extracts.recorded_since(connection, what.size, ERASED):
            raise Conflict(N_("Somebody's data was erased during the export; do it once more."))


def _chunks(
    database: Database, what: Extent
) -> Iterator[tuple[list[StoredRow], dict[int, list[DetailRow]]]]:
    """Yield the events with their details, a chunk at a time."""
    after, left = 0, what.positions
    while True:
        with database.reading() as connection:
            if left is None:
                count = min(CHUNK, what.size - after)
                rows = list(read_events(connection, after=after, limit=count)) if count else []
            else:
                rows = extracts.rows_at(connection, left)
                left = left[CHUNK:]
            details = by_position(details_at(connection, (row.position for row in rows)))
        if not rows:
            return
        yield rows, details
        after = rows[-1].position


def _paths(database: Database, what: Extent) -> tuple[Paths, list[dict[str, Any]]]:
    """Return the audit paths of a part, and the leaves that prove roots of earlier sizes.

    Raises: LedgerBroken.
    """
    paths, after = Paths((*(what.positions or ()), *what.sizes)), 0
    leaves: dict[int, str] = {}
    while after < what.size:
        with database.reading() as connection:
            chunk = extracts.leaves(connection, after, what.size)
        if not chunk:
            raise LedgerBroken(UNSOUND)
        for one in chunk:
            paths.append(one)
        leaves |= {n: chunk[n - after - 1].hex() for n in what.sizes if 0 < n - after <= len(chunk)}
        after += len(chunk)
    if paths.finish().hex() != what.root:
        raise LedgerBroken(UNSOUND)
    return paths, [
        {"size": n, "leaf": leaves[n], "proof": [one.hex() for one in paths.of(n)]}
        for n in what.sizes
    ]


def _closed(details: Sequence[DetailRow]) -> list[DetailRow]:
    """Return details without what opens their commitments."""
    return [one._replace(salt=None, value=None) for one in details]


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"
