"""The names that a history needs, read in one go: people, labels, planned mails, mails.

Each column by its name: a history is read from an older schema too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from engine.domain.definition import Labels
from engine.domain.narrative.names import Names
from engine.store import tables as t
from engine.store.workflows import read_workflow

_TRAJECTORIES = select(t.trajectories.c.id, t.trajectories.c.ref, t.trajectories.c.workflow)
_REMINDERS = select(t.reminders.c.id, t.reminders.c.notice, t.reminders.c.role)
_MAILS = select(t.mails.c.id, t.mails.c.notice, t.mails.c.person)
_ACTORS = select(t.actors.c.id, t.actors.c.name)
_CONTACTS = select(t.contacts.c.id, t.contacts.c.name)
_DIGESTS = select(t.workflow_versions.c.digest).order_by(t.workflow_versions.c.version)


class Register:
    """Knows the names of one trajectory, or of all, as they are today."""

    def __init__(
        self, connection: Connection, place: Callable[[str], str], trajectory: str | None
    ) -> None:
        """Read what the histories of `trajectory`, or of all, speak of."""
        rows = connection.execute(_TRAJECTORIES).all()
        self.refs: Mapping[str, str] = {row.id: row.ref for row in rows}
        self._digests = {row.id: row.workflow for row in rows}
        digests = connection.execute(_DIGESTS).scalars().all()
        self._workflows = {digest: read_workflow(connection, digest).workflow for digest in digests}
        self._shared = Names(
            place=place,
            actors={row.id: row.name for row in connection.execute(_ACTORS)},
            contacts={row.id: row.name for row in connection.execute(_CONTACTS)},
            categories=self._categories(),
            reminders={
                row.id: (row.notice, row.role)
                for row in connection.execute(_of(_REMINDERS, t.reminders, trajectory))
            },
            mails={
                row.id: (row.notice, row.person)
                for row in connection.execute(_of(_MAILS, t.mails, trajectory))
            },
        )
        self._names: dict[str, Names] = {}

    def names(self, stream: str) -> Names:
        """Return the names for the events of a stream."""
        if stream not in self._names:
            workflow = self._workflows.get(self._digests.get(stream, ""))
            self._names[stream] = replace(self._shared, workflow=workflow)
        return self._names[stream]

    def _categories(self) -> dict[str, Labels]:
        """Return the label of each category, as its newest version has it."""
        return {workflow.category: workflow.label for workflow in self._workflows.values()}


def _of(query: Any, table: Any, trajectory: str | None) -> Any:
    """Return a query of one trajectory's rows, or of all."""
    return query if trajectory is None else query.where(table.c.trajectory == trajectory)
