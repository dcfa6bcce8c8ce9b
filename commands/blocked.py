"""Tells why an advance is not possible yet, who can change that, and with which commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    context.tell(
        N_("Not yet. {places} ({ref}) stays in {phase}. Nothing was changed and no mail leaves."),
        places=" + ".join(municipalities.names(trajectory.current_municipalities())),
        ref=ref,
        phase=where.label,
    )
    context.talk()
    numbers = {name: number for number, name in enumerate(where.criteria, 1)}
    for missing in error.missing:
        context.talk(f" {numbers[missing.id]} {context.words.label(missing.criterion.label)}")
        for line in _who(missing, trajectory, pinned, people, context):
            context.talk(f"     {line}")
    context.talk()
    _help(error, ref, context)


def _who(
    missing: Missing, trajectory: Trajectory, pinned: Pinned, people: People, context: Context
) -> list[str]:
    """Return who brings a criterion about, and whose consent still lacks."""
    from engine import municipalities

    role = pinned.workflow.roles[missing.criterion.who]
    if missing.municipalities:
        return [
            context.in_words(
                N_("waits for: {role} {place}{contact}"),
                role=role.label,
                place=municipalities.by_nis(nis).name,
                contact=_reached(missing.criterion.who, trajectory, people, context, nis=nis),
            )
            for nis in missing.municipalities
        ]
    reached = _reached(missing.criterion.who, trajectory, people, context)
    if role.actor:
        return [context.in_words(N_("in your hands, as {role}"), role=role.label)]
    template = N_("can be brought about by: {role}{contact}, or you")
    return [context.in_words(template, role=role.label, contact=reached)]


def _reached(
    role: str, trajectory: Trajectory, people: People, context: Context, *, nis: str | None = None
) -> str:
    """Return ` (Jo Maes)`, or that nobody with an address has the role."""
    from engine.domain.recipients import recipients

    found = recipients(role, trajectory, people, nis=nis)
    if found:
        return f" ({', '.join(person.name for person in found)})"
    return context.in_words(
        N_(" (no address known: traject contact add {ref} …)"), ref=trajectory.ref
    )


def _help(error: Blocked, ref: str, context: Context) -> None:
    """Tell the commands that would help, with the real reference and criteria."""
    names = " ".join(missing.id for missing in error.missing)
    first = error.missing[0].id
    askable = next((m.id for m in error.missing if m.criterion.who == "mayor"), None)
    lines = [
        (N_("Happened already, not noted yet?"), f"traject meet {ref} {names} --on …"),
        (N_("Does not apply here?"), f'traject waive {ref} {first} --reason "…"'),
    ]
    if askable is not None:
        lines.append((N_("Ask for consent?"), f"traject ask {ref} {askable}"))
    lines.append((N_("More time needed?"), f'traject reschedule {ref} … --reason "…"'))
    texts = [(context.in_words(question), line) for question, line in lines]
    width = max(len(question) for question, _ in texts)
    for question, line in texts:
        context.talk(f"{question:<{width}}   {line}")
