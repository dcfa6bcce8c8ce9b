"""The list of trajectories, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from commands.columns import clipped, columns
from commands.context import Context
from commands.wording import coach, places, short, status
from engine.domain.words import N_
from engine.municipalities import names
from engine.store.queries import Labels, Line

LATE = "!"
LONGEST_CATEGORY = 13


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


def print_lines(context: Context, lines: Sequence[Line], labels: Mapping[str, Labels]) -> None:
    """Print one line a trajectory."""
    rows = [_row(context, line, labels[line.workflow]) for line in lines]
    for text in columns(rows, cut=((3,), (1,))):
        context.echo(text)
    if any(line.late for line in lines):
        context.tell(N_("{mark} past a target date"), mark=LATE)


def _row(context: Context, line: Line, labels: Labels) -> tuple[str, ...]:
    """Return the cells of a trajectory: what, where it stands, its date."""
    phase = labels.phases.get(line.phase or "")
    numbers = {name: number for number, name in enumerate(labels.phases, start=1)}
    where = (
        f"{numbers[line.phase or '']}/{len(numbers)} {context.words.label(phase)}" if phase else ""
    )
    if line.status != "active":
        when = status(context, line.status)
    else:
        when = short(context, line.due_on) if line.due_on else ""
    late = LATE if line.late else " "
    category = clipped(context.words.label(labels.category), LONGEST_CATEGORY)
    return line.ref, places(line.municipalities), category, where, f"{late} {when}".rstrip()
