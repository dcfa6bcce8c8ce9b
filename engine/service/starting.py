"""Beginnings: open the log, start or request a trajectory, follow one up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from engine.domain.decisions import people, phases
from engine.domain.decisions.decision import Decision
from engine.domain.errors import Refused
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_
from engine.domain.workdays import brussels_day
from engine.service.desk import (
    PLAIN,
    Desk,
    Outcome,
    Terms,
    act_for,
    change_with,
    decision_for,
    record,
    run,
)
from engine.service.people import contact_for
from engine.store.transaction import Stamp, Transaction


@dataclass(frozen=True, slots=True)
class Published:
    """A workflow version as the loader gives it: its document and digest."""

    document: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Involved:
    """A contact to take part from the start, in a role, for a municipality where it asks one."""

    role: str
    name: str
    email: str
    nis: str | None = None
    organisation: str | None = None


def start(
    desk: Desk,
    workflow: Published,
    municipalities: Sequence[str],
    terms: Terms = PLAIN,
    *,
    involved: Sequence[Involved] = (),
    phase: str | None = None,
    requested: bool = False,
) -> Outcome:
    """Start a trajectory for these municipalities (NIS codes), or only register it."""
    if not municipalities:
        raise Refused(N_("a trajectory is for one municipality at least"))

    def body(tx: Transaction, stamp: Stamp) -> Outcome:
        return _begin(
            desk,
            tx,
            stamp,
            terms,
            workflow=workflow,
            municipalities=tuple(dict.fromkeys(municipalities)),
            involved=tuple(involved),
            phase=phase,
            requested=requested,
            origin=None,
        )

    return run(desk, terms, body)


def follow_up(
    desk: Desk, ref: str, workflow: Published, terms: Terms = PLAIN, *, category: str
) -> Outcome:
    """Start a trajectory of another category where a closed one ended, with its people."""

    def begin(tx: Transaction, stamp: Stamp, origin: Trajectory) -> Outcome:
        people.check_follow_up(decision_for(desk, tx, origin, terms), category)
        return _begin(
            desk,
            tx,
            stamp,
            terms,
            workflow=workflow,
            municipalities=origin.current_municipalities(),
            involved=(),
            phase=None,
            requested=False,
            origin=origin.id,
        )

    def link(decision: Decision, begun: Outcome) -> None:
        new = begun.after
        people.decide_follow_up(decision, category, trajectory=new.id, ref=new.ref)

    return change_with(desk, ref, terms, prepare=begin, decide=link)[0]


def _begin(
    desk: Desk,
    tx: Transaction,
    stamp: Stamp,
    terms: Terms,
    *,
    workflow: Published,
    municipalities: tuple[str, ...],
    involved: tuple[Involved, ...],
    phase: str | None,
    requested: bool,
    origin: str | None,
) -> Outcome:
    """Publish, start or request, and give the people their roles."""
    pinned = tx.publish(workflow.document, workflow.digest, stamp)
    holders = [
        (contact_for(tx, stamp, i.name, i.email, organisation=i.organisation), i.role, i.nis)
        for i in involved
    ]
    if origin is not None:
        before = tx.trajectory_by_id(origin)
        holders += [
            (contact, role, nis or None)
            for (contact, role, nis), held in before.assignments.items()
            if held.until_on is None and role in pinned.workflow.roles
        ]
    ref, coach = tx.next_ref(brussels_day(desk.now).year), desk.responsible.id
    decision = Decision(str(uuid4()), pinned, act_for(desk, tx, terms))
    if requested:
        phases.decide_request(decision, ref, municipalities, coach=coach, origin=origin)
    else:
        phases.decide_start(decision, ref, municipalities, coach=coach, phase=phase, origin=origin)
    for contact, role, nis in holders:
        people.decide_assign(decision, contact, role, municipality=nis, introduce=False)
    return record(desk, tx, stamp, decision, terms)
