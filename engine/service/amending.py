"""Corrections: a new event that says what an earlier one should have said; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain import lint
from engine.domain.decisions.decision import Draft
from engine.domain.errors import NotFound
from engine.domain.events import Amended, Detail, Event
from engine.domain.words import N_
from engine.service.desk import PLAIN, Desk, Terms, run
from engine.service.rights import require_lead
from engine.store.extracts import rows_at
from engine.store.history import to_event
from engine.store.names import SHARED
from engine.store.transaction import Stamp, Transaction


@dataclass(frozen=True, slots=True)
class Amendment:
    """A correction, and the event that it is about."""

    event: Event
    corrected: Event
    ref: str | None  # of the trajectory; None for what concerns no single one


def amend(desk: Desk, position: int, text: str, terms: Terms = PLAIN) -> Amendment:
    """Record what is wrong with an earlier event; a team lead's right, or a coach's without one.

    The correction stands in the same stream, so that it goes wherever that history goes.
    Raises: Refused for others than a lead; NotFound for a position without an event.
    """
    drafts = [Draft(Amended(position), (Detail("text", lint.check(text, minimum=1)),))]

    def body(tx: Transaction, stamp: Stamp) -> Amendment:
        require_lead(desk.actor, tx.people.actors.values())
        rows = rows_at(tx.connection, [position])
        if not rows:
            template = N_("there is no event {position}; see: traject history --numbers")
            raise NotFound(template, position=position)
        corrected = to_event(rows[0], {})
        if corrected.stream in SHARED:
            (event,) = tx.record_in(corrected.stream, drafts, stamp)
            return Amendment(event, corrected, None)
        (event,), after = tx.record_on(tx.trajectory_by_id(corrected.stream), drafts, stamp)
        return Amendment(event, corrected, after.ref)

    return run(desk, terms, body)
