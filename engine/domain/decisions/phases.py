"""Starting, advancing, sending back, the next round, completing: every change of phase."""

from __future__ import annotations

from datetime import date

from engine.domain.decisions.decision import Decision, require_active, require_day
from engine.domain.decisions.entering import enter, leave, phase_of
from engine.domain.decisions.telling import tell_invited
from engine.domain.definition import COMPLETED, Workflow
from engine.domain.errors import BadInput, Blocked, Missing, Refused
from engine.domain.events import (
    Completed,
    TrajectoryRequested,
    TrajectoryStarted,
)
from engine.domain.guards import Facts
from engine.domain.machine import (
    ADVANCE,
    NEXT_ROUND,
    SEND_BACK,
    GuardRefused,
    NoSuchEdge,
    Pinned,
    fire,
    live,
    workflow_machine,
)
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_

NOWHERE = {  # trigger -> why it leads nowhere from a phase
    SEND_BACK: N_("from {phase} there is no earlier phase to go back to"),
    NEXT_ROUND: N_("from {phase} there is no next round"),
}


def decide_request(
    decision: Decision,
    ref: str,
    municipalities: tuple[str, ...],
    *,
    coach: int,
    origin: str | None = None,
) -> None:
    """Register an application that `accept` may start."""
    workflow = decision.pinned.workflow
    decision.add(
        TrajectoryRequested(
            ref, workflow.category, decision.pinned.digest, municipalities, coach, origin
        )
    )


def decide_start(
    decision: Decision,
    ref: str,
    municipalities: tuple[str, ...],
    *,
    coach: int,
    phase: str | None = None,
    origin: str | None = None,
) -> None:
    """Start a trajectory, active in its first phase, or midway in `phase`."""
    workflow = decision.pinned.workflow
    if phase is not None:
        _known_phase(workflow, phase)
    started = decision.caused("started")
    decision.add(
        TrajectoryStarted(
            ref,
            workflow.category,
            decision.pinned.digest,
            municipalities,
            coach,
            origin,
            reminders=started,
        )
    )
    decision.withhold(started)
    enter(decision, phase or workflow.first_phase(), "start")


def decide_accept(decision: Decision, phase: str | None = None) -> None:
    """Start a trajectory that was requested."""
    trajectory = decision.trajectory
    live(trajectory.status, "accept")
    require_day(decision.act, trajectory.requested_on)
    decide_start(
        decision,
        trajectory.ref,
        trajectory.current_municipalities(),
        coach=trajectory.coach,
        phase=phase,
        origin=trajectory.origin,
    )


def decide_advance(decision: Decision, to: str | None = None) -> None:
    """Move on to the next phase; from the last one, complete.

    Raises: Blocked with every required criterion that is open; BadInput when `to` is no
    phase, or is left out where several targets are possible; Refused when the phase does
    not lead there, and by status.
    """
    trajectory = decision.trajectory
    require_active(trajectory)
    require_day(decision.act, trajectory.entered_on)
    if to is not None and to != COMPLETED:
        _known_phase(decision.pinned.workflow, to)
    facts = Facts(decision.act.on, to, missing(decision.pinned, trajectory))
    try:
        target = fire(workflow_machine(decision.pinned), phase_of(trajectory), ADVANCE, facts)
    except GuardRefused as refused:
        if facts.missing:
            raise Blocked(
                N_("Not yet: {ref} stays in {phase}; {count} required criteria are open"),
                facts.missing,
                ref=trajectory.ref,
                phase=decision.phase.label,
                count=len(facts.missing),
            ) from refused
        raise
    if target == COMPLETED:
        _complete(decision)
    else:
        enter(decision, target, ADVANCE, settled=leave(decision, target))
    tell_invited(decision)


def decide_send_back(
    decision: Decision, to: str, reason: str, *, keep: frozenset[str] = frozenset()
) -> None:
    """Go back to an earlier phase; its criteria and later ones open, but those in `keep`.

    Raises: BadInput for an unknown phase, reason or criterion to keep; Refused when the
    phase does not lead back there, and by status.
    """
    trajectory = decision.trajectory
    require_active(trajectory)
    require_day(decision.act, trajectory.entered_on)
    _known_phase(decision.pinned.workflow, to)
    known = decision.pinned.workflow.reasons.send_back
    if reason not in known:
        raise BadInput(
            N_("unknown reason {reason}; choose one of {possible}"),
            reason=reason,
            possible=tuple(known),
        )
    target = _leads_to(decision, SEND_BACK, Facts(decision.act.on, to))
    reopened = _reopened(decision, target)
    if strangers := keep - set(reopened):
        raise BadInput(
            N_("nothing to keep: {criteria} would not be reopened by this"),
            criteria=tuple(sorted(strangers)),
        )
    enter(
        decision,
        target,
        SEND_BACK,
        settled=leave(decision, None),
        reopened=tuple(c for c in reopened if c not in keep),
        reason=reason,
        silent=known[reason].silent,
    )
    tell_invited(decision, silent=known[reason].silent)


def decide_next_round(decision: Decision) -> None:
    """Begin the next round of a category that has rounds."""
    trajectory = decision.trajectory
    require_active(trajectory)
    require_day(decision.act, trajectory.entered_on)
    facts = Facts(decision.act.on, round_allowed_on=round_allowed_on(decision, trajectory))
    target = _leads_to(decision, NEXT_ROUND, facts)
    enter(
        decision,
        target,
        NEXT_ROUND,
        settled=leave(decision, None),
        reopened=_reopened(decision, target),
    )
    tell_invited(decision)


def _leads_to(decision: Decision, trigger: str, facts: Facts) -> str:
    """Return where a trigger leads from here. Raises: Refused, with the phase by its label."""
    here = phase_of(decision.trajectory)
    try:
        return fire(workflow_machine(decision.pinned), here, trigger, facts)
    except NoSuchEdge as refused:
        if refused.sentence.values.get("possible"):
            raise
        raise Refused(NOWHERE[trigger], phase=decision.phase.label) from None


def missing(pinned: Pinned, trajectory: Trajectory) -> tuple[Missing, ...]:
    """Return the required criteria of the current phase that are open, in file order."""
    phase = pinned.workflow.phases[phase_of(trajectory)]
    found = []
    for name, criterion in phase.criteria.items():
        state = trajectory.criterion(name)
        if criterion.required and state.state == "open":
            waiting = tuple(
                nis for nis in trajectory.current_municipalities() if nis not in state.consents
            )
            found.append(Missing(name, criterion, waiting if criterion.per else ()))
    return tuple(found)


def round_allowed_on(decision: Decision, trajectory: Trajectory) -> date | None:
    """Return the first day of a next round, None where any day will do."""
    edge = decision.phase.next_round
    if edge is None or edge.interval is None or trajectory.round_on is None:
        return None
    unit, amount = edge.interval.unit_and_amount()
    return decision.act.calendar.add(trajectory.round_on, unit, amount)


def _known_phase(workflow: Workflow, phase: str) -> None:
    """Refuse a word that is no phase of the workflow."""
    if phase not in workflow.phases:
        raise BadInput(
            N_("there is no phase {phase} in {category}; choose one of {possible}"),
            phase=phase,
            category=workflow.label,
            possible=workflow.phase_ids(),
        )


def _reopened(decision: Decision, target: str) -> tuple[str, ...]:
    """Return the criteria with a state in `target` and every phase after it."""
    workflow = decision.pinned.workflow
    return tuple(
        criterion
        for phase in workflow.from_phase_on(target)
        for criterion in workflow.phases[phase].criteria
        if criterion in decision.trajectory.criteria
    )


def _complete(decision: Decision) -> None:
    """Close a trajectory that reached its end."""
    live(decision.trajectory.status, "complete")
    settled = leave(decision, COMPLETED)
    mails = decision.caused("completed")
    decision.add(Completed(settled=settled, reminders=mails))
    decision.withhold(mails)
