"""The list of trajectories, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from commands.frame.context import Context
from commands.pages.columns import columns
from commands.pages.wording import coach, places, short, status
from engine.domain.words import N_
from engine.municipalities import names
from engine.store.queries import Labels, Line, is_overdue

if TYPE_CHECKING:
    from engine.store.dossiers import Dossier

LATE = "!"
PAST = N_("past a target date")


def summary(context: Context, line: Line, labels: Labels) -> dict[str, Any]:
    """Return the keys that list and show share."""
    phase = labels.phases.get(line.phase or "")
    return {
        "ref": line.ref,
        "category": line.category,
        "category_label": context.words.label(labels.category),
        "status": line.status,
        "status_label": status(context, line.status),
        "phase": line.phase,
        "phase_label": context.words.label(phase) if phase else None,
        "municipalities": list(names(line.municipalities)),
        "nis": list(line.municipalities),
        "due_on": line.due_on,
        "overdue": line.overdue,
        "coach": coach(context, line.coach_name, line.coach),
        "coach_id": line.coach,
        "version": line.version,
    }


def line_of(dossier: Dossier, today: date) -> Line:
    """Return a trajectory as the overview shows it."""
    own = dossier.trajectory
    actor = dossier.people.actors.get(own.coach)
    return Line(
        id=own.id,
        ref=own.ref,
        category=own.category,
        workflow=own.workflow,
        status=own.status,
        phase=own.phase,
        municipalities=own.current_municipalities(),
        due_on=own.due_on(),
        overdue=is_overdue(own.status, own.due_on(), today),
        coach=own.coach,
        coach_name=actor.name if actor else None,
        version=own.version,
    )


def print_lines(context: Context, lines: Sequence[Line], labels: Mapping[str, Labels]) -> None:
    """Print one line a trajectory."""
    short_refs = context.short_refs(line.ref for line in lines)
    rows = [(short_refs[line.ref], *_row(context, line, labels[line.workflow])) for line in lines]
    late = context.in_words(PAST) if context.plain else LATE
    for text in columns(rows, cut=((1, 2), (3,))):
        context.echo(text, late=late)
    if any(line.late for line in lines) and not context.plain:
        context.tell(N_("{mark} past a target date"), mark=LATE)


def _row(context: Context, line: Line, labels: Labels) -> tuple[str, ...]:
    """Return the cells of a trajectory: what, where it stands, its date."""
    phase = labels.phases.get(line.phase or "")
    order = {name: number for number, name in enumerate(labels.phases, start=1)}
    where = f"{order[line.phase or '']}/{len(order)} {context.words.label(phase)}" if phase else ""
    if line.status != "active":
        when = status(context, line.status)
    else:
        when = short(context, line.due_on) if line.due_on else ""
    category = context.words.label(labels.category)
    return places(line.municipalities), category, where, _marked(context, when, late=line.late)


def _marked(context: Context, when: str, *, late: bool) -> str:
    """Return a date, marked where one of the trajectory is past."""
    if context.plain:
        return f"{when}, {context.in_words(PAST)}" if late else when
    return f"{LATE if late else ' '} {when}".rstrip()
