"""Tells why an advance is not possible yet, who can change that, and with which commands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from commands.pages.columns import alone, beside, wrapped
from commands.pages.points import MAYOR, can_be_asked, of, point_numbers
from engine.domain.errors import Blocked, Missing
from engine.domain.words import N_
from engine.municipalities import by_nis, names
from engine.store.dossiers import Dossier

if TYPE_CHECKING:
    from commands.frame.context import Context


def explain(error: Blocked, context: Context) -> None:
    """Tell every missing criterion, who brings it about, and what would help."""
    ref = str(error.sentence.values["ref"])
    trajectory = context.trajectory(ref)
    dossier = Dossier(trajectory, context.workflow(trajectory.workflow), context.people())
    # the command has ended by now, and columns ask its context how to write
    with click.Context(click.Command("traject"), obj=context):
        for paragraph in (_nothing_done, _points, _help):
            if paragraph is not _nothing_done:
                context.talk()
            for line in paragraph(error, dossier, context):
                context.talk(line)


def _nothing_done(_: Blocked, dossier: Dossier, context: Context) -> list[str]:
    """Return that the trajectory stays where it is."""
    own, order = dossier.trajectory, dossier.pinned.workflow.phase_ids()
    assert own.phase is not None  # an advance is refused by its criteria in a phase only
    sentence = context.in_words(
        N_(
            "Not yet. {places} stays in phase {number}, {phase}. Nothing was changed and no "
            "mail leaves."
        ),
        places=" + ".join(names(own.current_municipalities())),
        number=order.index(own.phase) + 1,
        phase=dossier.pinned.workflow.phases[own.phase].label,
    )
    return wrapped(sentence)


def _points(error: Blocked, dossier: Dossier, context: Context) -> Iterator[str]:
    """Yield what is open, and who brings each point about."""
    yield from wrapped(_how_many(error, dossier, context))
    yield ""
    numbered = point_numbers(dossier)
    for missing in error.missing:
        label = context.words.label(missing.criterion.label)
        yield from wrapped(f"{numbered[missing.id]} {label}", indent=1, hanging=2)
        for sentence in _who(missing, dossier, context):
            yield from wrapped(sentence, indent=5)


def _how_many(error: Blocked, dossier: Dossier, context: Context) -> str:
    """Return how many points are left, and for which phase where there is one only."""
    from commands.pages.wording import points
    from engine.domain.machine import ADVANCE, targets, workflow_machine

    phases = dossier.pinned.workflow.phases
    ways = targets(workflow_machine(dossier.pinned), dossier.trajectory.phase or "", ADVANCE)
    count = points(context, len(error.missing))
    if len(ways) == 1 and ways[0] in phases:
        label = phases[ways[0]].label
        return context.in_words(N_("{points} left before {phase}:"), points=count, phase=label)
    return context.in_words(N_("{points} left:"), points=count)


def _who(missing: Missing, dossier: Dossier, context: Context) -> Iterator[str]:
    """Yield what is known of a criterion, who brings it about, whose consent lacks."""
    from commands.pages.sheet_parts import who
    from commands.pages.wording import short

    own = dossier.trajectory
    state, role = own.criterion(missing.id), dossier.pinned.workflow.roles[missing.criterion.who]
    if state.planned_on is not None:
        yield context.in_words(N_("planned {day}"), day=short(context, state.planned_on))
    parts = [
        context.in_words(
            N_("{place} agreed on {day}."), place=by_nis(nis).name, day=short(context, day)
        )
        for nis, day in state.consents.items()
    ]
    waiting = [_reached(missing, dossier, nis) for nis in missing.municipalities]
    if waiting:
        label = context.words.label(role.label)
        people = tuple(
            f"{label} {by_nis(nis).name}{f' ({name})' if name else ''}"
            for nis, name in zip(missing.municipalities, waiting, strict=True)
        )
        parts.append(context.in_words(N_("Waits for: {people}"), people=people))
    else:
        name = who(context, missing.criterion.who, dossier, named=True)
        parts.append(context.in_words(N_("can be brought about by: {name}"), name=name))
    yield " ".join(parts)
    if not role.actor and not all(waiting or [_reached(missing, dossier, None)]):
        hint = context.hint(f"traject contact add {context.handle(own.ref)}")
        yield context.in_words(N_("(no mail address known: {command})"), command=hint)


def _reached(missing: Missing, dossier: Dossier, nis: str | None) -> str:
    """Return the names of those with an address who bring a point about, "" where nobody does."""
    from engine.domain.recipients import recipients

    found = recipients(missing.criterion.who, dossier.trajectory, dossier.people, nis=nis)
    return ", ".join(person.name for person in found)


def _help(error: Blocked, dossier: Dossier, context: Context) -> Iterator[str]:
    """Yield the commands that would help, with the points by number."""
    from commands.pages.sheet import distance

    own, handle = dossier.trajectory, context.handle(dossier.trajectory.ref)
    numbered = point_numbers(dossier)
    agreeing = [m for m in error.missing if m.criterion.who == MAYOR]
    several = len(own.current_municipalities()) > 1
    agreed = [
        f"traject meet {handle} {numbered[m.id]}{of(m.municipalities[0]) if several else ''}"
        for m in agreeing
    ]
    waived = next((m for m in error.missing if m not in agreeing), error.missing[0])
    asking = " ".join(str(numbered[m.id]) for m in agreeing if can_be_asked(m, dossier))
    due = own.due_on()
    day = distance(context, own, due) if due else ""
    for question, lines in (
        (N_("Happened already, not noted yet?"), _happened(error, dossier, context)),
        (N_("Did a mayor agree?"), agreed),
        (N_("Is a mayor to be asked?"), [f"traject ask {handle} {asking}"] if asking else []),
        (
            N_("Does not apply here? (the reason is for the auditor to see)"),
            [f"traject waive {handle} {numbered[waived.id]}"],
        ),
        (
            N_("More time needed? The target date is {due}."),
            [f"traject reschedule {handle}"] if due else [],
        ),
    ):
        rows = [(context.in_words(question, due=day), context.hint(line)) for line in lines[:1]]
        yield from beside(rows)
        yield from (text for line in lines[1:] for text in alone(context.hint(line), 4))


def _happened(error: Blocked, dossier: Dossier, context: Context) -> list[str]:
    """Return the commands that note what happened; those that carry a date stand alone.

    What a mayor agrees with, and what has an appointment ahead, did not happen yet.
    """
    own, numbered = dossier.trajectory, point_numbers(dossier)
    meet = f"traject meet {context.handle(own.ref)}"
    noted = [m for m in error.missing if m.criterion.who != MAYOR]
    noted = [m for m in noted if (own.criterion(m.id).planned_on or date.min) <= context.today()]
    together = " ".join(str(numbered[m.id]) for m in noted if m.criterion.value is None)
    since = own.entered_on or date.max
    day = f" --on {context.in_words(N_('yesterday'))}" if since < context.today() else ""
    dated = [f"{meet} {numbered[m.id]}" for m in noted if m.criterion.value is not None]
    return [*([f"{meet} {together}{day}"] if together else []), *dated]
