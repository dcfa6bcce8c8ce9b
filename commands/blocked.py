"""Tells why an advance is not possible yet, who can change that, and with which commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from commands.columns import wrapped
from engine.domain.errors import Blocked, Missing
from engine.domain.words import N_

if TYPE_CHECKING:
    from commands.context import Context
    from engine.domain.machine import Pinned
    from engine.domain.people import People
    from engine.domain.trajectory import Trajectory


def explain(error: Blocked, context: Context) -> None:
    """Tell every missing criterion, who brings it about, and what would help."""
    from engine import municipalities

    ref = str(error.sentence.values["ref"])
    trajectory, people = context.trajectory(ref), context.people()
    pinned = context.workflow(trajectory.workflow)
    assert trajectory.phase is not None  # an advance is refused by its criteria in a phase only
    where = pinned.workflow.phases[trajectory.phase]
    sentence = context.in_words(
        N_("Not yet. {places} ({ref}) stays in {phase}."),
        places=" + ".join(municipalities.names(trajectory.current_municipalities())),
        ref=ref,
        phase=where.label,
    )
    for line in wrapped(sentence):
        context.talk(line)
    context.tell(N_("Nothing was changed and no mail leaves."))
    context.talk()
    numbers = {name: number for number, name in enumerate(where.criteria, 1)}
    for missing in error.missing:
        label = context.words.label(missing.criterion.label)
        for line in wrapped(f"{numbers[missing.id]} {label}", indent=1):
            context.talk(line)
        for line in _who(missing, trajectory, pinned, people, context):
            for part in wrapped(line, indent=5):
                context.talk(part)
    context.talk()
    _help(error, trajectory, context)
    _addresses(error, trajectory, pinned, people, context)


def _who(
    missing: Missing, trajectory: Trajectory, pinned: Pinned, people: People, context: Context
) -> Iterator[str]:
    """Yield what is known of a criterion, who brings it about, whose consent lacks."""
    from engine.municipalities import by_nis

    state = trajectory.criterion(missing.id)
    if state.planned_on is not None:
        yield context.in_words(N_("planned on {day}"), day=state.planned_on)
    for nis, day in state.consents.items():
        yield context.in_words(N_("{place} agreed on {day}"), place=by_nis(nis).name, day=day)
    role = pinned.workflow.roles[missing.criterion.who]
    for nis in missing.municipalities:
        contact = _reached(missing.criterion.who, trajectory, people, context, nis=nis)
        template = N_("waits for: {role} {place}{contact}")
        place = by_nis(nis).name
        yield context.in_words(template, role=role.label, place=place, contact=contact)
    if role.actor:
        yield context.in_words(N_("in your hands, as {role}"), role=role.label)
    elif not missing.municipalities:
        contact = _reached(missing.criterion.who, trajectory, people, context)
        template = N_("can be brought about by: {role}{contact}, or you")
        yield context.in_words(template, role=role.label, contact=contact)


def _reached(
    role: str, trajectory: Trajectory, people: People, context: Context, *, nis: str | None = None
) -> str:
    """Return ` (Jo Maes)`, or that nobody with an address has the role."""
    from engine.domain.recipients import recipients

    found = recipients(role, trajectory, people, nis=nis)
    if found:
        return f" ({', '.join(person.name for person in found)})"
    return context.in_words(N_(" (no address known)"))


def _help(error: Blocked, trajectory: Trajectory, context: Context) -> None:
    """Tell the commands that would help, with the real reference and criteria."""
    ref, due = trajectory.ref, trajectory.due_on()
    names = " ".join(missing.id for missing in error.missing)
    first = error.missing[0].id
    askable = next((m.id for m in error.missing if m.criterion.who == "mayor"), None)
    asking = f"traject ask {ref} {askable}" if askable else ""
    later = f'traject reschedule {ref} … --reason "…"' if due else ""
    for question, line in (
        (N_("Happened already, not noted yet?"), f"traject meet {ref} {names} --on …"),
        (N_("Does not apply here? (why, for the auditor)"), _waiving(ref, first)),
        (N_("Is a mayor to be asked?"), asking),
        (N_("More time needed? The target date is {due}."), later),
    ):
        if line:
            context.tell(question, due=due)
            context.talk(f"     {line}")


def _addresses(
    error: Blocked, trajectory: Trajectory, pinned: Pinned, people: People, context: Context
) -> None:
    """Tell how to add the addresses that the missing criteria ask for and nobody has."""
    from commands.sheet_parts import add_contact
    from engine.domain.recipients import recipients

    wanted = {
        (missing.criterion.who, nis): None
        for missing in error.missing
        for nis in missing.municipalities or (None,)
        if not pinned.workflow.roles[missing.criterion.who].actor
    }
    lines = [
        add_contact(trajectory.ref, role, nis)
        for role, nis in wanted
        if not recipients(role, trajectory, people, nis=nis)
    ]
    if lines:
        context.tell(N_("Is an address missing?"))
    for line in lines:
        context.talk(f"     {line}")


def _waiving(ref: str, criterion: str) -> str:
    return f'traject waive {ref} {criterion} --reason "…"'
