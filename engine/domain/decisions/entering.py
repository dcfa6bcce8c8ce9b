"""Leaving one phase and entering another: what ends, what is dated, what is planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.domain import deadlines
from engine.domain.decisions.decision import Decision
from engine.domain.definition import COMPLETED
from engine.domain.errors import Refused
from engine.domain.events import Deadline, PhaseEntered, Planned, Settled
from engine.domain.reminders import of_the_year
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.words import N_


def leave(decision: Decision, target: str | None) -> tuple[Settled, ...]:
    """Supersede what hangs on the phase entry; return the deadlines that end with it.

    A deadline whose `met_by` lies in the phase that an advance enters lives on.
    """
    trajectory = decision.trajectory
    state = "ended" if target is None else "met"
    ends = [
        Settled(d.deadline.entry, d.deadline.deadline, state)
        for d in trajectory.open_deadlines()
        if target is None or not _lives_on(decision, d.deadline, target)
    ]
    going = {(s.entry, s.deadline) for s in ends}
    standing = {(d.deadline.entry, d.deadline.deadline) for d in trajectory.open_deadlines()}
    decision.supersede(
        (
            r
            for r in trajectory.planned()
            if _ends(r, target) and (r.entry, r.deadline) not in standing - going
        ),
        "phase_left",
    )
    return tuple(ends)


def _ends(reminder: ReminderState, target: str | None) -> bool:
    """Tell whether a reminder is one of a phase, or of the work where that ends."""
    return reminder.entry is not None or (target == COMPLETED and of_the_year(reminder))


def _lives_on(decision: Decision, deadline: Deadline, target: str) -> bool:
    """Tell whether a deadline survives the advance into `target`."""
    workflow = decision.pinned.workflow
    rule = workflow.phases[deadline.phase].deadlines[deadline.deadline]
    return rule.met_by is not None and workflow.phase_of(rule.met_by) == target


def enter(
    decision: Decision,
    phase: str,
    cause: str,
    *,
    settled: tuple[Settled, ...] = (),
    reopened: tuple[str, ...] = (),
    reason: str | None = None,
    silent: bool = False,
) -> None:
    """Enter a phase: its deadlines, their ladders and the mail it causes.

    At the start the mail that says so stands for what a phase would say of itself at once.
    """
    entry = decision.position
    bare = PhaseEntered(phase, cause, decision.trajectory.phase, reason, reopened, settled=settled)
    dated = _deadlines(decision, decision.preview(bare), entry)
    ladders = decision.ladders(dated, collapse=False)
    mails = tuple(_new(decision, decision.caused("phase_entered", entry=entry)))
    if cause == "start":
        mails = tuple(planned for planned in mails if not planned.immediate)
    decision.add(
        PhaseEntered(
            phase,
            cause,
            bare.came_from,
            reason,
            reopened,
            deadlines=dated,
            settled=settled,
            reminders=ladders.planned + mails,
        )
    )
    decision.skip(ladders.past, "past")
    if silent:
        decision.skip([planned.id for planned in mails if planned.immediate], "withheld")
    else:
        decision.withhold(mails)


def _new(decision: Decision, caused: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the mails of a phase, but what an earlier phase planned to ask this year already.

    What has come due and was not handled yet is asked too; the next is that of a year later.
    """
    before = decision.trajectory.planned()
    asked = {(r.rule, r.role) for r in before if of_the_year(r) and r.at > decision.act.now}
    for planned in caused:
        if not of_the_year(planned) or (planned.rule, planned.role) not in asked:
            yield planned


def _deadlines(decision: Decision, entered: Trajectory, entry: int) -> tuple[Deadline, ...]:
    """Return the deadlines that the entered phase can date now."""
    phase = phase_of(entered)
    made = []
    for rank, name in enumerate(decision.pinned.workflow.phases[phase].deadlines):
        recipe = deadlines.recipe_for(
            decision.pinned,
            entered,
            phase,
            name,
            entered_on=decision.act.on,
            cause=entered.cause or "",
        )
        if recipe is not None:
            made.append(
                deadlines.build(
                    (name, phase, rank), recipe, decision.act.calendar, entry=entry, revision=1
                )
            )
    return tuple(made)


def phase_of(trajectory: Trajectory) -> str:
    """Return the current phase of a trajectory that has one."""
    if trajectory.phase is None:
        raise Refused(N_("{ref} has no phase yet"), ref=trajectory.ref)
    return trajectory.phase
