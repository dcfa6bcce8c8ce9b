"""One pass over the ledger, a chunk at a time: the chain, and what there is to look at after."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.audit.chain import Body, Chain
from engine.audit.erasures import TYPE as ERASED
from engine.audit.erasures import Erasures
from engine.audit.posted import Post
from engine.audit.published import Published
from engine.audit.replay import Replay
from engine.audit.report import Findings, Witness
from engine.audit.witnessing import TYPES as OF_THE_LOG
from engine.audit.witnessing import Witnesses
from engine.domain.errors import LedgerBroken
from engine.domain.fields import called
from engine.domain.ledger import Frontier
from engine.domain.words import N_
from engine.store.history import NewerEvent, event_of, known_type
from engine.store.reading import CHUNK, StoredRow
from engine.store.snapshot import Snapshot

PUBLISHED = "WorkflowPublished"


class Walk:
    """Goes through the ledger from its first event, in as many transactions as one likes."""

    def __init__(self, witnesses: Iterable[Witness] = ()) -> None:
        self.problems, self.remarks = Findings(), Findings()
        self.drift = Findings()  # where only what is derived from the events is otherwise
        self.witnesses = Witnesses(self.problems, witnesses)
        self.erasures = Erasures(self.problems)
        self.chain = Chain(self.problems, self.remarks, self.erasures)
        self.post = Post(self.problems)
        self.replay = Replay(self.problems, self.drift, self.post)
        self.published = Published(self.problems)
        self.newer: NewerEvent | None = None

    def leave_out(self, tables: Collection[str]) -> None:
        """Compare nothing with the rows of these tables, of a schema before an upgrade."""
        self.replay.left_out = frozenset(tables)
        for table in tables:
            self.remarks.add(
                0,
                N_(
                    "table {table}: not compared, an older version made it; it is derived afresh "
                    "by: traject upgrade"
                ),
                table=table,
            )

    def step(self, snapshot: Snapshot) -> bool:
        """Take the next chunk of events; return whether there may be more."""
        rows = snapshot.events(self.chain.position)
        if not rows:
            return False
        details = snapshot.details(self.chain.position + 1, rows[-1].position)
        for row in rows:
            before = self.chain.frontier
            body = self.chain.check(row, details.pop(row.position, ()))
            if body is not None:
                self._note(row, body, before)
            self.witnesses.hear(self.chain.frontier)
            self._follow(row, body)
        for position, (detail, *_) in details.items():
            self.problems.add(
                position,
                N_("event {position}: nobody committed to its {name}"),
                name=called(detail.field),
            )
        return len(rows) == CHUNK

    def catch_up(self, snapshot: Snapshot) -> None:
        """Take what is left of the ledger as this snapshot sees it."""
        while self.step(snapshot):
            pass

    def _note(self, row: StoredRow, body: Body, before: Frontier) -> None:
        """Take what an event says of the ledger itself."""
        if row.type == ERASED:
            self.erasures.follow(row.position, body)
        elif row.type in OF_THE_LOG:
            self.witnesses.follow(row.position, body, before)

    def _follow(self, row: StoredRow, body: Body | None) -> None:
        """Take an event for the replay, which one of a newer program ends; the chain goes on."""
        if self.newer is not None:
            return
        if body is None:
            self.replay.give_up(row.stream, row.position)
            return
        self.published.used(row.position, body)
        try:
            if known_type(row, body) == PUBLISHED:
                self.published.follow(event_of(row, body, {}))
        except NewerEvent as newer:
            self.newer = newer
        except LedgerBroken:
            self.replay.give_up(row.stream, row.position)
        else:
            self.replay.note(row.stream, row.position)
