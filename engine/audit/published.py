"""The workflow versions: each is what its digest says, was published, and was before its use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.audit.report import Findings
from engine.domain.definition import digest
from engine.domain.events import Event, WorkflowPublished
from engine.domain.words import N_
from engine.store.snapshot import Snapshot


class Published:
    """Follows which workflow versions the events publish and use."""

    def __init__(self, problems: Findings) -> None:
        self._published: dict[str, tuple[int, WorkflowPublished]] = {}
        self._unknown: set[str] = set()
        self._problems = problems

    def used(self, position: int, body: Mapping[str, Any]) -> None:
        """Check that the version an event names was published before it."""
        name = body.get("workflow")
        if name is None or name in self._published or name in self._unknown:
            return
        self._unknown.add(name)
        self._problems.add(
            position,
            N_("event {position}: workflow version {digest} was not published before"),
            digest=name[:12],
        )

    def follow(self, event: Event) -> None:
        """Take one more event, where it publishes a version."""
        if isinstance(event.fact, WorkflowPublished):
            self._published[event.fact.digest] = event.position, event.fact

    def compare(self, snapshot: Snapshot) -> None:
        """Compare the stored documents with their digests and their publication."""
        stored = {row.digest: row for row in snapshot.versions()}
        for name, (position, fact) in self._published.items():
            row = stored.pop(name, None)
            if row is None:
                self._add(position, N_("workflow version {digest}: its document is missing"), name)
            elif (row.category, row.version) != (fact.category, fact.version):
                self._add(position, N_("workflow version {digest}: it has another number"), name)
            elif not isinstance(row.document, str) or digest(row.document.encode()) != name:
                self._add(position, N_("workflow version {digest}: its document was changed"), name)
        for name in stored:
            self._add(0, N_("workflow version {digest}: no event published it"), name)

    def _add(self, position: int, template: str, name: str) -> None:
        self._problems.add(position, template, digest=name[:12])
