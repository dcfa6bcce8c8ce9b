"""rebuild(): the projections made anew from the events, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from engine.audit.replay import IMPOSSIBLE
from engine.audit.walk import Walk
from engine.domain.errors import LedgerBroken
from engine.domain.people import People
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_
from engine.store.database import Database
from engine.store.projections import Rows
from engine.store.snapshot import (
    OF_PEOPLE,
    OF_TRAJECTORIES,
    Rebuild,
    Snapshot,
    expected_people,
    expected_rows,
    rebuilding,
    snapshot,
)

UNSOUND = N_("The history does not verify, so nothing was rebuilt from it. See: traject verify")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did, or would do: events replayed, rows made, rows that were otherwise."""

    events: int
    trajectories: int
    rows: int
    differing: int


def rebuild(database: Database, *, dry_run: bool = False) -> Rebuilt:
    """Replace all projections by what the events say; events, details and mails stay as they are.

    Raises: LedgerBroken when the chain does not verify: nothing is made of events that may
    have been changed. NewerEvent when a newer program wrote some of them.
    """
    if dry_run:
        with snapshot(database) as moment:
            return _rebuilt(moment, None)
    with rebuilding(database) as moment:
        return refill(moment)


def refill(moment: Rebuild) -> Rebuilt:
    """Replace all projections within a transaction that is open, as after a migration.

    Raises: as `rebuild`.
    """
    return _rebuilt(moment, moment)


def _rebuilt(moment: Snapshot, target: Rebuild | None) -> Rebuilt:
    """Replay, compare with what stands there, and replace it where there is a target."""
    walk = _replayed(moment)
    trajectories = _folded(walk, moment)
    made = differing = 0
    people = expected_people(_people(moment))
    for table in (*OF_TRAJECTORIES, *OF_PEOPLE):
        rows = people[table] if table in people else expected_rows(table, trajectories.values())
        made += len(rows)
        differing += _differences(rows, moment.all_rows(table))
        if target is not None:
            target.replace(table, list(rows.values()))
    return Rebuilt(walk.chain.events, len(trajectories), made, differing)


def _folded(walk: Walk, moment: Snapshot) -> dict[str, Trajectory]:
    """Return all trajectories as their events make them. Raises: LedgerBroken."""
    found = {stream: walk.replay.fold(moment, stream) for stream in walk.replay.positions}
    _require_sound(walk)
    return {stream: one for stream, one in found.items() if one is not None}


def _people(moment: Snapshot) -> People:
    """Return the people as their events make them. Raises: LedgerBroken where they make none."""
    try:
        return moment.people()
    except IMPOSSIBLE as error:
        raise LedgerBroken(UNSOUND) from error


def _replayed(moment: Snapshot) -> Walk:
    """Return the walk over the whole ledger, refused where it meets a problem."""
    walk = Walk()
    walk.catch_up(moment)
    walk.erasures.compare(moment)
    _require_sound(walk)
    if walk.newer is not None:
        raise walk.newer
    return walk


def _require_sound(walk: Walk) -> None:
    if walk.problems.count:
        raise LedgerBroken(UNSOUND)


def _differences(expected: Rows, stored: Rows) -> int:
    """Return how many rows are missing, superfluous or otherwise."""
    return sum(expected.get(key) != stored.get(key) for key in expected.keys() | stored.keys())
