"""What others kept of the ledger as it was: each root must be that of the first events here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.audit.report import DISAGREES, OTHER_LOG, RESTORED, Findings, Witness
from engine.domain.ledger import Frontier
from engine.domain.words import N_

TYPES = frozenset({"LogOpened", "LogRestored", "CheckpointTaken"})


class Witnesses:
    """Hears each witness when the ledger has its size; the rest when the ledger is at its end."""

    def __init__(self, problems: Findings, witnesses: Iterable[Witness]) -> None:
        self._waiting = sorted(witnesses, key=lambda one: one.size, reverse=True)
        self.agreeing: list[Witness] = []
        self._log = ""
        self._restored: list[tuple[int, int]] = []  # each epoch, and the size of its backup
        self._problems = problems
        self.hear(Frontier())

    def follow(self, position: int, body: dict[str, Any], before: Frontier) -> None:
        """Take an event that speaks of the log itself; `before`: the tree without it."""
        data = body.get("data")
        if not isinstance(data, dict):
            return
        kind = body.get("type")
        if kind == "LogOpened" and not self._log:
            self._log = str(data.get("log"))
        elif kind == "LogRestored":
            epoch, found = data.get("epoch"), data.get("found_size")
            if isinstance(epoch, int) and isinstance(found, int):
                self._restored.append((epoch, found))
        elif kind == "CheckpointTaken":
            taken = data.get("size"), data.get("root")
            if taken != (before.size, before.root().hex()):
                template = N_("event {position}: its checkpoint is not that of the events before")
                self._problems.add(position, template)

    def hear(self, frontier: Frontier) -> None:
        """Compare the root at this size with those that were kept of it."""
        while self._waiting and self._waiting[-1].size <= frontier.size:
            witness = self._waiting.pop()
            if self._of_another_log(witness):
                continue
            root = frontier.root().hex() if witness.size == frontier.size else ""
            if root and root.startswith(witness.root.lower()):
                self.agreeing.append(witness)
            else:
                self._disagrees(witness)

    def finish(self, position: int, events: int) -> None:
        """Name the witnesses of more events than there are."""
        for witness in reversed(self._waiting):
            if self._of_another_log(witness):
                continue
            template = N_("the control number given is that of {size} events; there are {count}")
            if witness.source:
                template = N_("{source} was taken at {size} events; there are {count}")
            self._differs(position, template, witness, count=events)
        self._waiting.clear()

    def _disagrees(self, witness: Witness) -> None:
        template = N_("the first {size} events are not those of the control number given")
        if witness.source:
            template = N_("the first {size} events are not those of {source}")
        self._differs(witness.size, template, witness)

    def _differs(self, position: int, template: str, witness: Witness, **values: object) -> None:
        """Say that a witness disagrees, or the restore that explains it."""
        lost = self._lost(witness)
        kind = RESTORED if lost else DISAGREES
        self._add(position, lost or template, witness, kind=kind, **values)

    def _of_another_log(self, witness: Witness) -> bool:
        """Tell whether a checkpoint names another log, and say so."""
        if not witness.log or witness.log == self._log:
            return False
        template = N_("{source} is of log {theirs}; this is log {ours}")
        self._add(1, template, witness, kind=OTHER_LOG, theirs=witness.log, ours=self._log or "?")
        return True

    def _lost(self, witness: Witness) -> str | None:
        """Return what is to be said where a restore may be why a witness disagrees.

        One that says of which epoch it is knows only the restores that came after it.
        """
        if not self._found(witness):
            return None
        if witness.epoch:
            return N_(
                "{source} was taken at {size} events; the log was restored since from a back-up "
                "of {found}, and what came after those is lost"
            )
        return N_(
            "{source} was taken at {size} events, and does not agree. Either that was before the "
            "log was restored from a back-up of {found}, and what came after those is lost; or "
            "the log was changed. A checkpoint tells which: it says how often the log began"
        )

    def _found(self, witness: Witness) -> int:
        """Return the size of the smallest backup that lacked what a witness saw; 0: none did."""
        sizes = (
            found
            for epoch, found in self._restored
            if found < witness.size and (not witness.epoch or witness.epoch < epoch)
        )
        return min(sizes, default=0)

    def _add(
        self, position: int, template: str, witness: Witness, *, kind: str, **values: object
    ) -> None:
        self._problems.add(
            position,
            template,
            kind,
            source=witness.source or f"{witness.size}-{witness.root[:12]}",
            size=witness.size,
            found=self._found(witness),
            **values,
        )
