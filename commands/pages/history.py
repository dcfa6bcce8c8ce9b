"""The history as text, by the day on which things happened, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from commands.frame.context import Context
from commands.pages.columns import columns, wrapped
from engine.domain.words import N_
from engine.language import SHORT_WEEKDAYS

if TYPE_CHECKING:
    from engine.audit import Told


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
        "on_behalf_of": told.on_behalf_of,
        "on_behalf_of_id": told.on_behalf_of_id,
        "text": told.text,
        "amends": told.amends,
        "amendments": [
            {
                "position": one.position,
                "occurred_on": one.on,
                "actor": one.actor,
                "on_behalf_of": one.on_behalf_of,
                "text": one.plain,
            }
            for one in told.corrections
        ],
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of each event is shown."""

    everything: bool = False  # the bookkeeping of planned mails too
    whole: bool = False  # of several trajectories, so each event says of which
    numbers: bool = False  # its position in the ledger


def print_history(context: Context, told: Sequence[Told], shown: Shown) -> None:
    """Print a sentence an event, in the order of the days."""
    lines = [one for one in told if shown.everything or not one.bookkeeping]
    lines.sort(key=lambda one: (one.occurred_on, one.position))
    rows = [_row(context, one, shown) for one in lines]
    last = len(rows[0]) - 1 if rows else 0
    for line in columns(rows, cut=((last,), (last - 1,))):
        context.echo(line)
    left_out = len(told) - len(lines)
    if left_out:
        sentence = context.in_words(
            N_("Steps of planned mails left out: {count}; see them with --all"), count=left_out
        )
        for line in wrapped(sentence):
            context.talk(line)
    if not told:
        context.tell(N_("Nothing of that kind was recorded."))


def _row(context: Context, one: Told, shown: Shown) -> tuple[str, ...]:
    """Return the cells of an event: which, when, of which trajectory, who, what."""
    number = (str(one.position),) if shown.numbers else ()
    ref = (one.ref or "",) if shown.whole else ()
    return *number, _day(context, one), *ref, one.who, _text(context, one)


def _day(context: Context, told: Told) -> str:
    """Return the day in digits, with its weekday: `di 01-12-2026`."""
    weekday = context.words.text(SHORT_WEEKDAYS[told.occurred_on.weekday()])
    return f"{weekday} {told.occurred_on:%d-%m-%Y}"


def _text(context: Context, told: Told) -> str:
    """Return the sentence, how much later it was registered, and how it was corrected."""
    return "  ".join([told.text, *lateness(context, told), *corrections(context, told)])


def lateness(context: Context, told: Told) -> list[str]:
    """Return that an event was registered later than it happened, where it was."""
    days = told.days_late
    template = N_("(registered 1 day later)") if days == 1 else N_("(registered {days} days later)")
    return [context.in_words(template, days=days)] if days > 0 else []


def corrections(context: Context, told: Told) -> list[str]:
    """Return what was put right about an event later, each as a sentence."""
    template = N_("(corrected on {day} by {actor}: {text})")
    return [
        context.in_words(template, day=one.on, actor=one.who, text=one.text)
        for one in told.corrections
    ]
