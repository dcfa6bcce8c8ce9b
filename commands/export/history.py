"""What happened, on the page of a case file: each event in words, with the reason for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from commands.export.days import reopened
from commands.frame.context import Context
from commands.pages.history import corrections, lateness
from engine.domain.events import Event, Paused, PhaseEntered, Stopped
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit.telling import Told
    from engine.domain.definition import Labels
    from engine.store.dossiers import Dossier

HEADS = ((N_("Number"), "tight number"), (N_("Day"), "tight"), (N_("By"), "tight"),
         (N_("What happened"), ""))  # fmt: skip
REASON = N_("Reason: {reason}")


def of(
    context: Context, told: Sequence[Told], events: Sequence[Event], dossier: Dossier
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the page, in the order of the days."""
    known = {one.position: one for one in events}
    shown = [one for one in told if not one.bookkeeping]
    for one in sorted(shown, key=lambda one: (one.occurred_on, one.position)):
        event = known[one.position]
        reason = _reason(context, event, dossier)
        yield {
            "number": str(one.position),
            "day": context.words.short_day(one.occurred_on),
            "actor": one.who,
            "text": one.text,
            "notes": [
                *([context.in_words(REASON, reason=reason)] if reason else []),
                *reopened(context, event, dossier),
                *lateness(context, one),
                *corrections(context, one),
            ],
        }


def _reason(context: Context, event: Event, dossier: Dossier) -> str:
    """Return why something was done: one of the workflow's reasons, or in somebody's words."""
    lists = dossier.pinned.workflow.reasons
    of_fact: Mapping[type, Mapping[str, Labels]] = {
        Paused: lists.pause, Stopped: lists.stop, PhaseEntered: lists.send_back,
    }  # fmt: skip
    code = getattr(event.fact, "reason", None)
    known = of_fact.get(type(event.fact), {}).get(code or "")
    return context.words.label(known) if known else event.details.get("reason") or ""
