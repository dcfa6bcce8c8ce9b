"""Moving deadlines: by a person, or because the calendar has changed."""

from __future__ import annotations

from datetime import date

from engine.domain import deadlines
from engine.domain.decisions.decision import Decision, planned_for, require_active, require_day
from engine.domain.decisions.telling import tell_invited
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.events import Deadline, DeadlineMoved, Detail, Settled
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_


def decide_reschedule(
    decision: Decision, day: date, reason: str, *, deadline: str | None = None
) -> None:
    """Fix another day for one deadline; a person's day is kept, not rolled over."""
    trajectory = decision.trajectory
    require_active(trajectory)
    require_day(decision.act, trajectory.entered_on)
    if day < decision.act.today:
        raise BadInput(N_("{on} is past; a target date is moved to a later day"), on=day)
    old = _chosen(decision, deadline)
    recipe = ({"step": "moved", "on": day.isoformat()},)
    moved = deadlines.rebuilt(old, recipe, decision.act.calendar)
    _move(decision, moved, "person", (Detail("reason", reason),))
    tell_invited(decision)


def decide_recalculate(decision: Decision) -> None:
    """Move the open deadlines that today's calendar dates otherwise; maybe none."""
    if decision.trajectory.status != "active":
        return  # a pause dates everything afresh when it ends
    require_day(decision.act, decision.act.by_today(decision.trajectory.entered_on))
    for standing in decision.trajectory.open_deadlines():
        recipe = deadlines.recipe_of(standing.deadline.steps)
        moved = deadlines.rebuilt(standing.deadline, recipe, decision.act.calendar)
        if moved.due_on != standing.deadline.due_on:
            _move(decision, moved, "calendar", ())
    tell_invited(decision)


def _move(decision: Decision, moved: Deadline, why: str, details: tuple[Detail, ...]) -> None:
    """Record the move: the old ladder superseded, the whole new one planned."""
    old = Settled(moved.entry, moved.deadline, "ended")
    decision.supersede(planned_for(decision.trajectory, (old,)), "moved")
    ladders = decision.ladders((moved,), collapse=True)
    decision.add(
        DeadlineMoved(
            moved.entry, moved.deadline, why, deadlines=(moved,), reminders=ladders.planned
        ),
        *details,
    )
    decision.skip(ladders.past, "merged")
    decision.skip(ladders.dropped, "late")


def _chosen(decision: Decision, name: str | None) -> Deadline:
    """Return the open deadline of that name; without one, the phase's own."""
    standing = [d.deadline for d in decision.trajectory.open_deadlines()]
    if not standing:
        raise Refused(N_("{ref} has no open target date to move"), ref=decision.trajectory.ref)
    if name is None:
        own = [d for d in standing if d.entry == decision.trajectory.entry]
        return (own or standing)[0]
    return standing_named(decision.trajectory, name)


def standing_named(trajectory: Trajectory, name: str) -> Deadline:
    """Return the open deadline of that name. Raises: NotFound with the names there are."""
    standing = [d.deadline for d in trajectory.open_deadlines()]
    for deadline in standing:
        if deadline.deadline == name:
            return deadline
    raise NotFound(
        N_("{ref} has no open target date {name}; it has {possible}"),
        ref=trajectory.ref,
        name=name,
        possible=tuple(d.deadline for d in standing),
    )
