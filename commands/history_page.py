"""The history as text, by the day on which things happened, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from commands.columns import GAP, WIDTH, clipped, wrapped
from commands.context import Context
from engine.domain.words import N_
from engine.language import SHORT_WEEKDAYS

if TYPE_CHECKING:
    from engine.audit import Told

LONGEST_NAME = 20


def as_json(told: Told) -> dict[str, Any]:
    """Return one event as scripts read it."""
    return {
        "position": told.position,
        "ref": told.ref,
        "seq": told.seq,
        "type": told.type,
        "occurred_on": told.occurred_on,
        "recorded_at": told.recorded_at,
        "actor": told.actor,
        "actor_id": told.actor_id,
        "text": told.text,
    }


def print_history(context: Context, told: Sequence[Told], *, everything: bool, whole: bool) -> None:
    """Print a sentence an event; `whole`: of several trajectories, so each says which."""
    lines = [one for one in told if everything or not one.bookkeeping]
    lines.sort(key=lambda one: (one.occurred_on, one.position))
    names = min(max((len(one.actor) for one in lines), default=0), LONGEST_NAME)
    refs = max((len(one.ref or "") for one in lines), default=0) if whole else 0
    for one in lines:
        cells = [_day(context, one), clipped(one.actor, names).ljust(names)]
        if refs:
            cells.insert(1, (one.ref or "").ljust(refs))
        _print(context, GAP.join(cells), _text(context, one))
    left_out = len(told) - len(lines)
    if left_out:
        context.tell(
            N_("Steps of planned mails left out: {count}; see them with --all"), count=left_out
        )


def _print(context: Context, lead: str, text: str) -> None:
    """Print a line whose text goes on below itself where it is long."""
    indent = len(lead) + len(GAP)
    first, *others = wrapped(text, indent) if indent < WIDTH // 2 else [" " * indent + text]
    context.echo(lead + first[len(lead) :])
    for line in others:
        context.echo(line)


def _day(context: Context, told: Told) -> str:
    """Return the day in digits, with its weekday: `di 01-12-2026`."""
    weekday = context.words.text(SHORT_WEEKDAYS[told.occurred_on.weekday()])
    return f"{weekday} {told.occurred_on:%d-%m-%Y}"


def _text(context: Context, told: Told) -> str:
    """Return the sentence, and how much later than it happened it was registered."""
    late = told.days_late
    if late <= 0:
        return told.text
    template = N_("(registered 1 day later)") if late == 1 else N_("(registered {days} days later)")
    return f"{told.text}  {context.in_words(template, days=late)}"
