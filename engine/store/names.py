"""The names that a history needs, read as it is told: people, labels, planned mails, mails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.domain.definition import Labels
from engine.domain.events import Event, ReminderFired, ReminderSkipped, ReminderSuperseded
from engine.domain.narrative.names import Names
from engine.domain.people import People
from engine.store import tables as t
from engine.store.history import people_of_events
from engine.store.projections import read_people, read_people_of
from engine.store.revisions import HEAD, revision
from engine.store.workflows import read_workflow

AT_ONCE = 500  # numbers in one question
SHARED = ("log", "people", "workflows")  # streams that are no trajectory

_TRAJECTORIES = select(t.trajectories.c.id, t.trajectories.c.ref, t.trajectories.c.workflow).where(
    t.trajectories.c.id.in_(bindparam("keys", expanding=True))
)
_REMINDERS = select(t.reminders.c.id, t.reminders.c.notice, t.reminders.c.role).where(
    t.reminders.c.id.in_(bindparam("keys", expanding=True))
)
_MAILS = select(t.mails.c.id, t.mails.c.notice, t.mails.c.person).where(
    t.mails.c.id.in_(bindparam("keys", expanding=True))
)
_DOCUMENTS = select(t.workflow_versions.c.document).order_by(t.workflow_versions.c.version)


class Register:
    """Knows the names of one trajectory, or of all, as they are today.

    What only some events speak of is read for a stretch of them at a time: a history of any
    length needs no more of it, and that of one trajectory does not grow with the others.
    """

    def __init__(
        self,
        connection: Connection,
        place: Callable[[str], str],
        trajectory: str | None,
        people: Callable[[People], People] = lambda known: known,
    ) -> None:
        """Read who may be named; `people` says what they are called."""
        known = _people(connection, trajectory)
        self.refs: dict[str, str] = {}
        self._digests: dict[str, str] = {}
        self._shared = Names(place=place, people=people(known), categories=_categories(connection))
        self._names: dict[str, Names] = {}

    def learn(self, connection: Connection, events: Iterable[Event]) -> None:
        """Read what these events, and no others, speak of."""
        chunk = list(events)
        strange = {one.stream for one in chunk} - self._digests.keys() - {*SHARED}
        for row in _found(connection, _TRAJECTORIES, strange):
            self.refs[row.id], self._digests[row.id] = row.ref, row.workflow
            read_workflow(connection, row.workflow)
        workflows = {
            digest: read_workflow(connection, digest).workflow
            for digest in {*self._digests.values()}
        }
        reminders = {name for one in chunk for name in _reminders(one.fact)}
        mails = {number for one in chunk for number in _mails(one.fact)}
        self._shared = replace(
            self._shared,
            reminders={
                row.id: (row.notice, row.role) for row in _found(connection, _REMINDERS, reminders)
            },
            mails={row.id: (row.notice, row.person) for row in _found(connection, _MAILS, mails)},
        )
        self._names = {
            stream: replace(self._shared, workflow=workflows.get(self._digests.get(stream, "")))
            for stream in {one.stream for one in chunk}
        }

    def names(self, stream: str) -> Names:
        """Return the names for the events of a stream that were learnt last."""
        return self._names[stream]


def _people(connection: Connection, trajectory: str | None) -> People:
    """Return the people; in a database that waits for an upgrade as their events make them."""
    if revision(connection) != HEAD:
        return people_of_events(connection)
    return read_people_of(connection, trajectory) if trajectory else read_people(connection)


def _categories(connection: Connection) -> dict[str, Labels]:
    """Return the label of each category, as its newest version has it."""
    documents = map(json.loads, connection.execute(_DOCUMENTS).scalars())
    return {one["category"]: Labels.model_validate(one["label"]) for one in documents}


def _found(connection: Connection, query: Any, keys: Iterable[Any]) -> Iterator[Any]:
    """Yield the rows with these keys, asked for in as many questions as it takes."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), AT_ONCE):
        yield from connection.execute(query, {"keys": wanted[start : start + AT_ONCE]})


def _reminders(fact: Any) -> tuple[str, ...]:
    """Return the reminders that a fact speaks of."""
    if isinstance(fact, ReminderFired):
        return (fact.reminder,)
    if isinstance(fact, (ReminderSkipped, ReminderSuperseded)):
        return fact.reminders
    return ()


def _mails(fact: Any) -> tuple[int, ...]:
    """Return the mails that a fact speaks of."""
    return (fact.mail,) if isinstance(getattr(fact, "mail", None), int) else ()
