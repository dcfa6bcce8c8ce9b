"""Criteria: meet, plan, waive, reopen, ask; several in one go or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.domain import lint
from engine.domain.decisions import asking, criteria
from engine.domain.decisions.decision import Decision
from engine.domain.recipients import recipients
from engine.domain.trajectory import Trajectory
from engine.service.desk import PLAIN, Desk, Outcome, Terms, change, change_with
from engine.store import reached
from engine.store.transaction import Stamp, Transaction

SHORTEST_WAIVER = 20  # characters of a reason that an auditor can follow


def meet(
    desk: Desk,
    ref: str,
    names: Sequence[str],
    terms: Terms = PLAIN,
    *,
    value: date | None = None,
    municipality: str | None = None,
    note: str | None = None,
) -> Outcome:
    """Record criteria as met, for all municipalities or for one."""
    kept = lint.check(note, minimum=1) if note is not None else None

    def prepare(tx: Transaction, _: Stamp, before: Trajectory) -> dict[int, frozenset[date]]:
        return reached.thanked(tx.connection, before.id)

    def decide(decision: Decision, thanked: dict[int, frozenset[date]]) -> None:
        for name in names:
            criteria.decide_meet(
                decision,
                name,
                value=value,
                municipality=municipality,
                note=kept,
                thanked=thanked,
            )

    return change_with(desk, ref, terms, prepare=prepare, decide=decide)[1]


def plan(
    desk: Desk,
    ref: str,
    names: Sequence[str],
    terms: Terms = PLAIN,
    *,
    day: date,
    time: str | None = None,
) -> Outcome:
    """Put an appointment on open criteria; they stay open."""

    def decide(decision: Decision) -> None:
        for name in names:
            criteria.decide_plan(decision, name, day, time)

    return change(desk, ref, terms, decide)


def waive(
    desk: Desk, ref: str, names: Sequence[str], terms: Terms = PLAIN, *, reason: str
) -> Outcome:
    """Record that criteria do not apply here; without names, all that is open in the phase."""
    why = lint.check(reason, minimum=SHORTEST_WAIVER)

    def decide(decision: Decision) -> None:
        if not names:
            criteria.decide_waive_all(decision, why)
        for name in names:
            criteria.decide_waive(decision, name, why)

    return change(desk, ref, terms, decide)


def reopen(
    desk: Desk, ref: str, names: Sequence[str], terms: Terms = PLAIN, *, reason: str
) -> Outcome:
    """Correct slips: criteria are open again."""
    why = lint.check(reason, minimum=1)

    def decide(decision: Decision) -> None:
        for name in names:
            criteria.decide_reopen(decision, name, why)

    return change(desk, ref, terms, decide)


def ask(
    desk: Desk,
    ref: str,
    names: Sequence[str],
    terms: Terms = PLAIN,
    *,
    municipality: str | None = None,
) -> Outcome:
    """Ask the mayors for their consent; who is asked again gets one mail, the later one.

    A municipality where nobody can be mailed is not asked.
    """

    def vacant(tx: Transaction, _: Stamp, before: Trajectory) -> frozenset[str]:
        rules = tx.workflow(before.workflow).workflow.on.get("asked", ())
        people, roles = tx.people_of(before), {role for rule in rules for role in rule.to}
        return frozenset(
            nis
            for nis in before.current_municipalities()
            if roles and not any(recipients(role, before, people, nis=nis) for role in roles)
        )

    def decide(decision: Decision, unreachable: frozenset[str]) -> None:
        for name in names:
            unsent = (
                reminder
                for reminder in decision.trajectory.planned()
                if reminder.about == name and municipality in (None, reminder.nis)
            )
            decision.supersede(unsent if terms.mail else (), "asked_again")
            asking.decide_ask(decision, name, municipality, unreachable=unreachable)

    return change_with(desk, ref, terms, prepare=vacant, decide=decide)[1]
