"""How long each phase took beside what the workflow gives it, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from commands.authoring import UNITS
from commands.frame.context import Context
from commands.pages.columns import columns, wrapped
from commands.pages.wording import short
from engine.audit.course import Leg, course
from engine.domain.events import Event
from engine.domain.words import N_
from engine.store.dossiers import Dossier

HEADS = (
    N_("Phase"), N_("Planned"), N_("Target date"), N_("Took"), N_("Paused"), N_("Difference"),
)  # fmt: skip
ENDS = {
    "send_back": N_("sent back"),
    "next_round": N_("next round"),
    "stopped": N_("stopped"),
    None: N_("so far"),
}
NOTE = N_(
    "Days are calendar days; pauses are not counted in what a phase took. The target date is the "
    "one that was set first, before it was moved; the difference counts from that date."
)
ROLLED = N_(
    "planned for {counted}, and put on {due}: no date falls in a weekend, on a holiday or in a "
    "closed period"
)
MOVES = {
    "person": N_("target date moved by a person to {due}, on {on}"),
    "pause": N_("target date moved by a pause to {due}, on {on}"),
    "calendar": N_("target date counted again with another calendar: {due}, on {on}"),
    "fact": N_("target date counted from another day: {due}, on {on}"),
}
OF_A_PHASE = N_("{phase}: {note}.")


def legs_of(context: Context, events: Sequence[Event], dossier: Dossier) -> tuple[Leg, ...]:
    """Return the stays in phases up to the day that is looked at."""
    closed = dossier.trajectory.closed_on
    return course(events, dossier.pinned.workflow, closed or context.today())


def as_json(context: Context, events: Sequence[Event], dossier: Dossier) -> list[dict[str, Any]]:
    """Return the course in the fixed shape, one object a stay in a phase."""
    phases = dossier.pinned.workflow.phases
    return [
        {
            "phase": leg.phase,
            "label": context.words.label(phases[leg.phase].label),
            "cause": leg.cause,
            "entered_on": leg.entered_on,
            "left_on": leg.left_on,
            "left_by": leg.left_by,
            "planned": dict([leg.planned]) if leg.planned else None,
            "planned_days": leg.planned_days,
            "target_on": leg.target_on,
            "days": leg.days,
            "paused_days": leg.paused,
            "difference_days": leg.difference,
        }
        for leg in legs_of(context, events, dossier)
    ]


def print_course(context: Context, events: Sequence[Event], dossier: Dossier) -> None:
    """Print the course as a table."""
    heads = tuple(context.in_words(head) for head in HEADS)
    legs = legs_of(context, events, dossier)
    rows = [row_of(context, leg, dossier) for leg in legs]
    context.echo()
    for line in columns(rows, heads=heads, cut=((0,), (2, 3, 5))):
        context.echo(line)
    context.echo()
    for line in wrapped(context.in_words(NOTE)):
        context.echo(line)
    for leg, cells in zip(legs, rows, strict=True):
        for note in notes_of(context, leg):
            said = context.in_words(OF_A_PHASE, phase=cells[0], note=note)
            for line in wrapped(said, hanging=2):
                context.echo(line)


def row_of(context: Context, leg: Leg, dossier: Dossier, *, year: bool = False) -> tuple[str, ...]:
    """Return the cells of a stay in a phase, in words; `year`: in each date, for later readers."""
    label = context.words.label(dossier.pinned.workflow.phases[leg.phase].label)
    planned = context.in_words(UNITS[leg.planned[0]], n=leg.planned[1]) if leg.planned else ""
    day = context.words.short_day if year else partial(short, context)
    target = day(leg.target_on) if leg.target_on else ""
    paused = _days(context, leg.paused) if leg.paused else ""
    return (
        label.partition(":")[0],
        planned,
        target,
        _took(context, leg),
        paused,
        _more(context, leg),
    )


def notes_of(context: Context, leg: Leg) -> list[str]:
    """Return why the target date of a phase is not the planned length after its beginning."""
    day = context.words.short_day
    notes = []
    if leg.target_on and leg.counted_on and leg.counted_on != leg.target_on:
        due, counted = day(leg.target_on), day(leg.counted_on)
        notes.append(context.in_words(ROLLED, counted=counted, due=due))
    notes += [
        context.in_words(MOVES[move.by], due=day(move.due_on), on=day(move.on))
        for move in leg.moves
    ]
    return notes


def _took(context: Context, leg: Leg) -> str:
    """Return how many days a phase took, and how it ended where that was no step forward."""
    if leg.days is None:
        return ""
    took = _days(context, leg.days)
    ended = ENDS.get(leg.left_by)
    return f"{took} ({context.in_words(ended)})" if ended else took


def _more(context: Context, leg: Leg) -> str:
    """Return how many days more or fewer than planned."""
    if leg.difference is None:
        return ""
    if leg.difference == 0:
        return context.in_words(N_("as planned"))
    sign = "+" if leg.difference > 0 else "\u2212"
    return f"{sign}{_days(context, abs(leg.difference))}"


def _days(context: Context, count: int) -> str:
    return context.in_words(N_("1 day") if count == 1 else N_("{n} days"), n=count)
