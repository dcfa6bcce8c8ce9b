"""The unit of work: load, decide elsewhere, record; all in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from engine.domain import codec
from engine.domain.decisions.decision import Draft
from engine.domain.events import Event, Fact, WorkflowPublished
from engine.domain.evolution import evolve
from engine.domain.machine import Pinned
from engine.domain.people import ABOUT_PEOPLE, People, evolve_people, present, without
from engine.domain.trajectory import Trajectory
from engine.domain.workdays import brussels_day
from engine.store import appending, projections, references, workflows
from engine.store import tables as t
from engine.store.appending import Appender
from engine.store.database import Database
from engine.store.reading import last_event

PEOPLE, WORKFLOWS, LOG = "people", "workflows", "log"

_LAST_REF = (
    select(t.trajectories.c.ref)
    .where(t.trajectories.c.ref.like(bindparam("pattern")))
    .order_by(func.length(t.trajectories.c.ref).desc(), t.trajectories.c.ref.desc())
    .limit(1)
)


@dataclass(slots=True)
class Stamp:
    """What every event of one command carries: who, when it happened, on whose machine."""

    actor: int
    on: date
    via: Mapping[str, Any] = field(default_factory=dict)  # such as the uid behind a sudo
    on_behalf_of: int | None = None  # the actor for whom it is done

    def body(self) -> dict[str, Any]:
        """Return the actor as the event's body has it."""
        behalf = {} if self.on_behalf_of is None else {"on_behalf_of": self.on_behalf_of}
        return {"id": self.actor, **behalf, **self.via}


class Transaction:
    """One writing transaction; loaded values are frozen, `record` is the only way to change."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self._appender = Appender(connection, now)
        self._people: People | None = None
        self._heads: dict[str, tuple[int, bytes | None]] = {}

    @property
    def position(self) -> int:
        """Return the position that the next event gets."""
        return self._appender.next_position

    def trajectory(self, ref: str) -> Trajectory:
        """Return the trajectory of a reference such as 2027-014.

        Raises: NotFound.
        """
        return references.read_trajectory(self.connection, ref)

    def trajectory_by_id(self, id_: str) -> Trajectory:
        """Return the trajectory of a UUID that a row or an event names."""
        return references.read_by_id(self.connection, id_)

    def workflow(self, digest: str) -> Pinned:
        """Return a published workflow version."""
        return workflows.read_workflow(self.connection, digest)

    @property
    def people(self) -> People:
        """Return the actors and contacts."""
        if self._people is None:
            self._people = projections.read_people(self.connection)
        return self._people

    def people_of(self, trajectory: Trajectory) -> People:
        """Return the actors, and the contacts with a role in one trajectory, as they are today."""
        known = self._people or projections.read_people_of(self.connection, trajectory.id)
        return present(known, brussels_day(self.now))

    def next_ref(self, year: int) -> str:
        """Return the year's next reference; safe under the writers' lock."""
        last = self.connection.execute(_LAST_REF, {"pattern": f"{year}-%"}).scalar()
        return f"{year}-{int(last.split('-')[1]) + 1 if last else 1:03d}"

    def publish(self, document: bytes, digest: str, stamp: Stamp) -> Pinned:
        """Return the workflow version, made known at its first use.

        Raises: Conflict when the same number was published with other contents.
        """
        pinned = workflows.unpublished(self.connection, document, digest)
        if pinned is None:
            return self.workflow(digest)
        workflow = pinned.workflow
        fact = WorkflowPublished(workflow.category, workflow.version, digest)
        self.record_in(WORKFLOWS, [Draft(fact)], stamp)
        return pinned

    def record(
        self,
        before: Trajectory | None,
        stream: str,
        drafts: Sequence[Draft],
        stamp: Stamp,
        *,
        workflow: str,
    ) -> tuple[tuple[Event, ...], Trajectory]:
        """Append facts to a trajectory's stream and project them."""
        events, after = [], before
        for draft in drafts:
            seq = after.seq + 1 if after else 1
            prev = after.head if after else None
            event = self._append(stream, draft, stamp, seq=seq, prev=prev, workflow=workflow)
            after = evolve(after, event)
            events.append(event)
        assert after is not None  # nobody records nothing about nothing
        projections.save(self.connection, before, after)
        return tuple(events), after

    def record_on(
        self, trajectory: Trajectory, drafts: Sequence[Draft], stamp: Stamp
    ) -> tuple[tuple[Event, ...], Trajectory]:
        """Append facts to the stream of a trajectory that exists, and project them."""
        return self.record(trajectory, trajectory.id, drafts, stamp, workflow=trajectory.workflow)

    def record_in(self, stream: str, drafts: Sequence[Draft], stamp: Stamp) -> tuple[Event, ...]:
        """Append facts to one of the shared streams: log, people, workflows."""
        events = []
        seq, prev = self._head_of(stream)
        for draft in drafts:
            seq += 1
            event = self._append(stream, draft, stamp, seq=seq, prev=prev, workflow=None)
            prev = event.hash
            events.append(event)
        self._heads[stream] = seq, prev
        if any(isinstance(event.fact, ABOUT_PEOPLE) for event in events):
            self._project_people(events)
        return tuple(events)

    def forget(self, subject: str) -> None:
        """Take the data of a person, contact:7 or actor:1, out of the projections."""
        after = without(self.people, subject)
        projections.save_people(self.connection, self.people, after)
        self._people = after

    def finish(self) -> None:
        """Write what was appended; the commit follows."""
        self._appender.flush()

    def ledger(self) -> tuple[int, str]:
        """Return size and root of the ledger as it stands, what was appended included."""
        self._appender.flush()
        return appending.ledger_state(self.connection)

    def _append(
        self,
        stream: str,
        draft: Draft,
        stamp: Stamp,
        *,
        seq: int,
        prev: bytes | None,
        workflow: str | None,
    ) -> Event:
        stored = self._appender.append(
            appending.Draft(
                stream=stream,
                type=type(draft.fact).__name__,
                data=codec.encode(draft.fact),
                details=draft.details,
                occurred_on=stamp.on,
                actor=stamp.body(),
                workflow=workflow,
            ),
            seq=seq,
            prev=prev,
        )
        return _event(stored, draft.fact, stamp, self.now)

    def _head_of(self, stream: str) -> tuple[int, bytes | None]:
        if stream not in self._heads:
            last = last_event(self.connection, stream)
            self._heads[stream] = (last.seq, last.hash) if last else (0, None)
        return self._heads[stream]

    def _project_people(self, events: Sequence[Event]) -> None:
        before = after = self.people
        for event in events:
            after = evolve_people(after, event)
        projections.save_people(self.connection, before, after)
        self._people = after


def _event(stored: appending.Stored, fact: Fact, stamp: Stamp, now: datetime) -> Event:
    """Return the event that was appended, as it would be read back."""
    return Event(
        position=stored.position,
        stream=stored.stream,
        seq=stored.seq,
        fact=fact,
        occurred_on=stamp.on,
        recorded_at=now,
        actor=stamp.actor,
        hash=stored.hash,
        details={detail.field: detail.value for detail in stored.details},
        on_behalf_of=stamp.on_behalf_of,
    )


@contextmanager
def unit_of_work(database: Database, now: datetime) -> Iterator[Transaction]:
    """Yield a transaction under the writers' lock; commit at the end, or undo all."""
    with database.writing() as connection:
        transaction = Transaction(connection, now)
        yield transaction
        transaction.finish()
