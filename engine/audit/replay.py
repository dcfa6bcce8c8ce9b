"""The replay: the events of each stream folded again, and compared with the projections."""

from __future__ import annotations

from collections.abc import Container

from engine.audit.posted import Post
from engine.audit.report import Findings
from engine.domain.errors import LedgerBroken, TrajectError
from engine.domain.evolution import evolve_own
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_
from engine.store.differences import Row
from engine.store.history import NewerEvent, to_event
from engine.store.projections import Rows
from engine.store.snapshot import (
    OF_TRAJECTORIES,
    PEOPLE,
    Snapshot,
    expected_people,
    expected_rows,
)

BATCH = 50  # trajectories compared within one transaction
SHARED = frozenset({"log", "people", "workflows"})
IMPOSSIBLE = (KeyError, TypeError, ValueError, AttributeError, AssertionError, TrajectError)


class Replay:
    """Folds the streams of trajectories; `dirty` are those not compared since they last moved.

    A stream is read for it once more, so that no more trajectories than are compared at once
    are in memory.
    """

    def __init__(self, problems: Findings, drift: Findings, post: Post) -> None:
        self.positions: dict[str, int] = {}  # of each trajectory's last event
        self.events = 0  # folded so far
        self.dirty: dict[str, None] = {}  # a set in order of arrival
        self.broken: set[str] = set()
        self.left_out: frozenset[str] = frozenset()  # tables that are not compared
        self._problems = problems
        self._drifted = drift
        self._post = post
        self._refs: dict[str, str] = {}

    def note(self, stream: str, position: int) -> None:
        """Take it that a stream has one more event."""
        if stream not in SHARED and stream not in self.broken:
            self.positions[stream] = position
            self.dirty[stream] = None

    def fold(self, snapshot: Snapshot, stream: str) -> Trajectory | None:
        """Return what the events of a stream make; None where they make no trajectory."""
        trajectory = None
        for row in snapshot.stream(stream):
            self.events += 1
            try:
                event = to_event(row, {})
                self._post.follow(event, trajectory.entry if trajectory else None)
                if stream not in self.broken:
                    trajectory = evolve_own(trajectory, event)
            except NewerEvent:  # written since; the next step of the walk meets it
                break
            except IMPOSSIBLE:
                self.give_up(stream, row.position)
        return None if stream in self.broken else trajectory

    def give_up(self, stream: str, position: int) -> None:
        """Leave a stream alone whose events make no trajectory."""
        if stream in self.broken:
            return
        self.broken.add(stream)
        self.dirty.pop(stream, None)
        self._problems.add(
            position,
            N_("event {position}: it cannot follow from the events before it"),
        )

    def compare_some(self, snapshot: Snapshot, emptied: Container[int]) -> None:
        """Compare a batch of the trajectories that moved, and their mails; they are settled then.

        `emptied`: mails of which an event says that their contents were erased.
        """
        batch = list(self.dirty)[:BATCH]
        found = [self.fold(snapshot, stream) for stream in batch]
        folded = [one for one in found if one is not None]
        for stream in batch:
            self.dirty.pop(stream, None)
        self._refs.update((one.id, one.ref) for one in folded)
        sound = [one.id for one in folded]
        for table in self._compared():
            self._compare(table, expected_rows(table, folded), snapshot.rows_of(table, sound))
        self._post.compare(snapshot, emptied)

    def compare_people(self, snapshot: Snapshot, position: int, emptied: Container[int]) -> None:
        """Compare actors and contacts, erased data included; and the digests to coaches."""
        try:
            people = snapshot.people()
            for row in snapshot.stream(PEOPLE):
                self._post.follow(to_event(row, {}))
        except (LedgerBroken, *IMPOSSIBLE):
            self.give_up(PEOPLE, position)
            return
        for table, expected in expected_people(people).items():
            if table not in self.left_out:
                self._compare(table, expected, snapshot.all_rows(table))
        self._post.compare(snapshot, emptied)

    def compare_owners(self, snapshot: Snapshot) -> None:
        """Look for rows of trajectories that no event speaks of."""
        for table in self._compared():
            strangers = snapshot.owners(table) - self.positions.keys() - self.broken
            for owner in sorted(strangers, key=str):
                self._drifted.add(
                    0, N_("table {table}: no event speaks of {key}"), table=table, key=owner
                )

    def _compared(self) -> list[str]:
        return [table for table in OF_TRAJECTORIES if table not in self.left_out]

    def _compare(self, table: str, expected: Rows, stored: Rows) -> None:
        """Name the differences between two sets of rows."""
        if expected == stored:
            return
        for key, row in expected.items():
            if key not in stored:
                self._drift(row, N_("table {table}: the row {key} is missing"), table, key)
            elif row != stored[key]:
                self._fields(table, key, row, stored[key])
        for key, row in stored.items():
            if key not in expected:
                self._drift(row, N_("table {table}: no event made the row {key}"), table, key)

    def _fields(self, table: str, key: tuple[object, ...], expected: Row, stored: Row) -> None:
        for field, value in expected.items():
            if value != stored[field]:
                self._drift(
                    expected,
                    N_("table {table}, row {key}: {field} is {stored}, its events say {expected}"),
                    table,
                    key,
                    field=field,
                    stored=_shown(stored[field]),
                    expected=_shown(value),
                )

    def _drift(
        self, row: Row, template: str, table: str, key: tuple[object, ...], **values: object
    ) -> None:
        owner = row.get("trajectory") or row.get("id")
        position = self.positions.get(owner, 0) if isinstance(owner, str) else 0
        name = " ".join(self._part(part) for part in key)
        self._drifted.add(position, template, table=table, key=name, **values)

    def _part(self, part: object) -> str:
        """Return a part of a key; a trajectory is known by its reference."""
        return self._refs.get(part, part) if isinstance(part, str) else str(part)


def _shown(value: object) -> str:
    """Return a stored value as an auditor may read it."""
    return value.hex() if isinstance(value, bytes) else str(value)
