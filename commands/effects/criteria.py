"""Tells how far criteria are after a change, and what is left before moving on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from commands.effects import outcomes
from commands.frame.context import Context
from commands.pages import wording
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.trajectory import Trajectory
    from engine.service.desk import Outcome


def tell(context: Context, outcome: Outcome, names: Iterable[str], *more: str) -> None:
    """Print how far criteria are now, under the trajectory they are of."""
    title = N_("{title}:")
    head = context.in_words(title, title=outcomes.title(outcome.after))
    lines = (state(context, outcome.after, name, outcome.before) for name in names)
    outcomes.tell(context, outcome, head, *lines, *more)


def state(
    context: Context, trajectory: Trajectory, name: str, before: Trajectory | None = None
) -> str:
    """Return how far a criterion is now, in one sentence; `before` the change it was so far."""
    state = trajectory.criterion(name)
    values = {"criterion": outcomes.criterion_name(context, trajectory, name), "on": state.on}
    if state.state == "waived":
        return context.in_words(N_("Does not apply: {criterion}."), **values)
    if state.state == "met" and state.value is not None:
        template = N_("In order: {criterion}, {value} (noted for {on}).")
        return context.in_words(template, **values, value=state.value)
    if state.state == "met" and state.consents and len(trajectory.current_municipalities()) > 1:
        template = N_("In order: {criterion}: {places} ({on}).")
        return context.in_words(template, **values, places=wording.places(state.consents))
    if state.state == "met":
        return context.in_words(N_("In order: {criterion} ({on})."), **values)
    if state.consents:
        waiting = [n for n in trajectory.current_municipalities() if n not in state.consents]
        return context.in_words(
            N_("Agreed: {places}, about {criterion}. Waits for: {waiting}."),
            **values,
            places=wording.places(state.consents),
            waiting=wording.places(waiting),
        )
    if state.planned_on is not None:
        return _planned(context, trajectory, name, before)
    return context.in_words(N_("Open: {criterion}."), **values)


def _planned(context: Context, trajectory: Trajectory, name: str, before: Trajectory | None) -> str:
    """Return the appointment, the one it replaces, and whether it lies past the target date."""
    state, was = trajectory.criterion(name), before.criterion(name) if before else None
    assert state.planned_on is not None  # who calls has looked
    hour = f" {state.planned_time}" if state.planned_time else ""
    values = {"day": state.planned_on, "hour": hour, "due": trajectory.due_on()}
    told = N_("Planned: {criterion}, {day}{hour}. It stays open.")
    label = outcomes.criterion_name(context, trajectory, name)
    parts = [context.in_words(told, **values, criterion=label)]
    if was is not None and was.planned_on not in (None, state.planned_on):
        parts.append(context.in_words(N_("(It was {day}.)"), day=was.planned_on))
    due = trajectory.due_on()
    if due is not None and state.planned_on > due:
        parts.append(context.in_words(N_("That is past the target date, {due}."), due=due))
    return " ".join(parts)


def what_is_left(context: Context, outcome: Outcome) -> str:
    """Return how many required criteria are open, or that the way is free."""
    from engine.domain.decisions.phases import missing

    after = outcome.after
    left = len(missing(context.workflow(after.workflow), after))
    if left == 0:
        return context.in_words(
            N_("All is in order: traject advance {ref}"), ref=context.handle(after.ref)
        )
    if left == 1:
        return context.in_words(N_("1 required point is still open."))
    return context.in_words(N_("{count} required points are still open."), count=left)


def not_asked(context: Context, outcome: Outcome, only: str | None) -> Iterator[str]:
    """Yield which municipalities are not asked for want of an address, with what adds one."""
    from engine.domain.events import ConsentAsked

    after = outcome.after
    present = [nis for nis in after.current_municipalities() if only in (None, nis)]
    left_out: dict[str, None] = {}
    for event in outcome.events:
        if isinstance(event.fact, ConsentAsked):
            agreed = after.criterion(event.fact.criterion).consents
            reached = {*agreed, *event.fact.municipalities}
            left_out |= dict.fromkeys(nis for nis in present if nis not in reached)
    if left_out:
        told = N_("Not asked, as no address is known: {places}: traject contact add {ref}")
        places, handle = wording.places(left_out), context.handle(after.ref)
        yield context.in_words(told, places=places, ref=handle)
