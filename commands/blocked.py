"""Tells why an advance is not possible yet, who can change that, and with which commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from commands.columns import wrapped
from engine.domain.errors import Blocked, Missing
from engine.domain.words import N_
from engine.municipalities import by_nis, names
from engine.store.dossiers import Dossier

if TYPE_CHECKING:
    from commands.context import Context
    from engine.domain.machine import Pinned
    from engine.domain.people import People
    from engine.domain.trajectory import Trajectory

MAYOR = "mayor"


def explain(error: Blocked, context: Context) -> None:
    """Tell every missing criterion, who brings it about, and what would help."""
    ref = str(error.sentence.values["ref"])
    trajectory, people = context.trajectory(ref), context.people()
    pinned = context.workflow(trajectory.workflow)
    assert trajectory.phase is not None  # an advance is refused by its criteria in a phase only
    where = pinned.workflow.phases[trajectory.phase]
    sentence = context.in_words(
        N_("Not yet. {places} ({ref}) stays in {phase}."),
        places=" + ".join(names(trajectory.current_municipalities())),
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
    dossier = Dossier(trajectory, pinned, people)
    _help(error, dossier, context)
    _addresses(error, dossier, context)


def _who(
    missing: Missing, trajectory: Trajectory, pinned: Pinned, people: People, context: Context
) -> Iterator[str]:
    """Yield what is known of a criterion, who brings it about, whose consent lacks."""
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


def _help(error: Blocked, dossier: Dossier, context: Context) -> None:
    """Tell the commands that would help, with the real reference and criteria."""
    ref, due = dossier.trajectory.ref, dossier.trajectory.due_on()
    agreeing = [m for m in error.missing if m.criterion.who == MAYOR]
    asking = [f"traject ask {ref} {agreeing[0].id}"] if agreeing else []
    later = [f'traject reschedule {ref} … --reason "…"'] if due else []
    for question, lines in (
        (N_("Happened already, not noted yet?"), _happened(error, dossier, context)),
        (N_("Did a mayor agree?"), [_agreed(ref, missing) for missing in agreeing]),
        (N_("Does not apply here? (why, for the auditor)"), [_waiving(ref, error.missing[0].id)]),
        (N_("Is a mayor to be asked?"), asking),
        (N_("More time needed? The target date is {due}."), later),
    ):
        if lines:
            context.tell(question, due=due)
        for line in lines:
            context.talk(f"     {context.hint(line)}")


def _happened(error: Blocked, dossier: Dossier, context: Context) -> list[str]:
    """Return the commands that note what happened; those that carry a date stand alone.

    What a mayor agrees with, and what has an appointment ahead, did not happen yet.
    """
    from commands.outlook_page import USUAL, dating

    own = dossier.trajectory
    noted = [m for m in error.missing if m.criterion.who != MAYOR]
    noted = [m for m in noted if (own.criterion(m.id).planned_on or date.min) <= context.today()]
    plain = " ".join(m.id for m in noted if m.criterion.value is None)
    lines = [f"traject meet {own.ref} {plain} --on …"] if plain else []
    for missing in noted:
        if missing.criterion.value is not None:
            lines.append(f"traject meet {own.ref} {missing.id}{dating(missing)}")
        if missing.criterion.default is not None:
            lines.append(context.in_words(USUAL))
    return lines


def _agreed(ref: str, missing: Missing) -> str:
    """Return the command that notes a consent, the first that lacks where there are several."""
    of = missing.municipalities[0] if len(missing.municipalities) > 1 else None
    place = f" --for {shlex.quote(by_nis(of).name)}" if of else ""
    return f"traject meet {ref} {missing.id}{place}"


def _addresses(error: Blocked, dossier: Dossier, context: Context) -> None:
    """Tell how to add the addresses that the missing criteria ask for and nobody has."""
    from commands.sheet_parts import add_contacts

    wanted = {
        (missing.criterion.who, nis): None
        for missing in error.missing
        for nis in missing.municipalities or (None,)
        if not dossier.pinned.workflow.roles[missing.criterion.who].actor
    }
    found = [line for role, nis in wanted for line in add_contacts(dossier, role, nis)]
    if found:
        context.tell(N_("Is an address missing?"))
    for line in dict.fromkeys(found):
        context.talk(f"     {context.hint(line)}")


def _waiving(ref: str, criterion: str) -> str:
    return f'traject waive {ref} {criterion} --reason "…"'
