"""The chain: each event's bytes, columns and place, its commitments, and who did it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.audit.erasures import Erasures
from engine.audit.report import NOBODY, Findings
from engine.domain.events import ActorAdded
from engine.domain.fields import called
from engine.domain.ledger import Frontier, NotCanonical, commitment, leaf, parse
from engine.domain.people import SYSTEM
from engine.domain.words import N_
from engine.store.reading import DetailRow, StoredRow

TURN = timedelta(seconds=15)  # how long a command may wait to write, generously
COPIES = ("prev", "position", "stream", "seq", "type")
Body = dict[str, Any]


class Chain:
    """Follows the ledger from its first event; `check` takes the next one."""

    def __init__(self, problems: Findings, remarks: Findings, erasures: Erasures) -> None:
        self.erasures = erasures
        self.position = 0
        self.events = 0
        self.frontier = Frontier()
        self.streams: dict[str, tuple[int, bytes]] = {}  # seq and hash of the last event
        self._problems = problems
        self._remarks = remarks
        self._recorded_at = ""
        self._actors = {SYSTEM}  # enrolled so far

    def check(self, row: StoredRow, details: Sequence[DetailRow]) -> Body | None:
        """Return the body of the next event; None where it is not even readable."""
        self._place(row)
        raw = row.body.encode() if isinstance(row.body, str) else b""
        digest = leaf(raw)
        if digest != row.hash:
            self._problem(row, N_("event {position}: its bytes are not those that were hashed"))
        self.frontier = self.frontier.append(digest)
        self.events += 1
        body = self._parsed(row)
        if body is not None:
            self._copies(row, body)
            self._commitments(row, body, details)
            self._clock(row, body)
            self._acting(row, body)
        return body

    def _place(self, row: StoredRow) -> None:
        """Compare position, seq and prev with those of the events before."""
        if row.position != self.position + 1:
            template = N_("events {first} to {last} are missing")
            if row.position == self.position + 2:
                template = N_("event {first} is missing")
            first, last = self.position + 1, row.position - 1
            self._problems.add(first, template, first=first, last=last)
        seq, prev = self.streams.get(row.stream, (0, None))
        if row.seq != seq + 1:
            self._problem(
                row,
                N_("event {position}: number {seq} of its stream follows number {before}"),
                seq=row.seq,
                before=seq,
            )
        if row.prev != prev:
            self._problem(row, N_("event {position}: it does not continue the one before it"))
        self.position = row.position
        self.streams[row.stream] = row.seq if isinstance(row.seq, int) else seq + 1, row.hash

    def _parsed(self, row: StoredRow) -> Body | None:
        """Return the body; one in another form than its canonical one is read nevertheless."""
        try:
            body = parse(row.body)
        except NotCanonical:
            self._problem(row, N_("event {position}: its body is not in canonical form"))
            body = _read_anyhow(row.body)
        except (TypeError, ValueError, RecursionError):
            self._problem(row, N_("event {position}: its body cannot be read"))
            return None
        return body if isinstance(body, dict) else None

    def _copies(self, row: StoredRow, body: Body) -> None:
        """Compare the columns with what the body says."""
        prev = row.prev.hex() if isinstance(row.prev, bytes) else row.prev
        stored = (prev, row.position, row.stream, row.seq, row.type)
        said = tuple([body.get(name) for name in COPIES])
        if stored != said:
            for name, one, other in zip(COPIES, stored, said, strict=True):
                if one != other:
                    self._column(row, name)

    def _column(self, row: StoredRow, name: str) -> None:
        self._problem(
            row, N_("event {position}: column {name} is not what its body says"), name=name
        )

    def _commitments(self, row: StoredRow, body: Body, details: Sequence[DetailRow]) -> None:
        """Compare the details, and whom they are about, with what the body commits to."""
        committed, subjects = dict(_mapping(body.get("commit"))), _mapping(body.get("subjects"))
        for detail in details:
            promised = committed.pop(detail.field, None)
            template = _fault(promised, detail)
            if promised is not None and detail.salt is None and detail.value is None:
                self.erasures.gone(detail)
            elif template is not None:
                self._problem(row, template, name=called(detail.field))
            if detail.subject != subjects.get(detail.field):
                self._problem(
                    row,
                    N_("event {position}: its {name} is kept as that of {stored}, not {expected}"),
                    name=called(detail.field),
                    stored=detail.subject or NOBODY,
                    expected=subjects.get(detail.field) or NOBODY,
                )
        for name in committed:
            self._problem(row, N_("event {position}: its {name} is missing"), name=called(name))

    def _acting(self, row: StoredRow, body: Body) -> None:
        """Compare who did it, and on whose behalf, with the actors that were enrolled before."""
        said = _mapping(body.get("actor"))
        own, other = said.get("id"), said.get("on_behalf_of")
        known = self._is_actor(own)
        if "on_behalf_of" in said:
            known = known and self._is_actor(other) and other not in (SYSTEM, own)
        if not known:
            template = N_("event {position}: who did it, or for whom, is none of the actors")
            self._problem(row, template)
        if row.type == ActorAdded.__name__:
            number = _mapping(body.get("data")).get("number")
            if type(number) is int:
                self._actors.add(number)

    def _is_actor(self, number: object) -> bool:
        return type(number) is int and number in self._actors

    def _clock(self, row: StoredRow, body: Body) -> None:
        """Remark on a clock that went back by more than 15 seconds.

        A command reads its now and then waits for its turn to write, up to 10 seconds, while
        others with a later now write before it. That is no clock that went back.
        """
        at = str(body.get("recorded_at"))
        if _went_back(self._recorded_at, at):
            self._remarks.add(
                row.position,
                N_("event {position} was recorded at {at}, the one before it later, at {before}"),
                at=at,
                before=self._recorded_at,
            )
        self._recorded_at = at

    def _problem(self, row: StoredRow, template: str, **values: object) -> None:
        self._problems.add(row.position, template, **values)


def _went_back(before: str, at: str) -> bool:
    """Tell whether an instant lies too long before the one recorded just before it."""
    if at >= before:  # one form for all of them, so that their texts sort as they do
        return False
    try:
        back = datetime.fromisoformat(before) - datetime.fromisoformat(at)
    except (ValueError, TypeError):
        return True
    return back > TURN


def _read_anyhow(text: str) -> object:
    """Return the value of a text in whatever form, None where there is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _mapping(value: object) -> dict[str, Any]:
    """Return a part of a body that names values; one that is none names nothing."""
    return value if isinstance(value, dict) else {}


def _fault(promised: object, detail: DetailRow) -> str | None:
    """Return what is wrong with a detail beside its commitment, None where it opens it."""
    if promised is None:
        return N_("event {position}: nobody committed to its {name}")
    if (
        isinstance(detail.salt, bytes)
        and isinstance(detail.value, str)
        and commitment(detail.salt, detail.field, detail.value) == promised
    ):
        return None
    return N_("event {position}: its {name} is not the one that was committed to")
