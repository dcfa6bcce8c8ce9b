"""The target dates in a case file: as set, moved, and met or passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from commands.frame.context import Context
from engine.audit.targets import ENDED, MET, Target, targets
from engine.domain.words import N_

if TYPE_CHECKING:
    from commands.export.tables import Row
    from engine.domain.events import Event
    from engine.store.dossiers import Dossier

NOTE = N_(
    "Each target date that was set, also those within a phase. A stay in a phase that begins "
    "again has a target date of its own. During a pause none passes."
)
HEADS = (
    N_("For"), N_("Set on"), N_("Target date"), N_("Moved to"), N_("How it ended"),
)  # fmt: skip
COLUMNS = (
    N_("Phase"), N_("For"), N_("Set on"), N_("Target date"), N_("Moved to"), N_("Met on"),
    N_("Fell away on"), N_("Passed without being met on"),
)  # fmt: skip
OUTCOMES = {  # by how it ended, and whether the date had passed by then
    (MET, False): N_("met on {on}"),
    (MET, True): N_("passed on {due} without being met; met later, on {on}"),
    (ENDED, False): N_("fell away on {on}"),
    (ENDED, True): N_("passed on {due} without being met; fell away on {on}"),
}
PASSED = N_("passed on {due} without being met; still open on {on}")
AHEAD = N_("not met yet; not passed on {on}")


def of(context: Context, events: Sequence[Event], dossier: Dossier) -> Iterator[dict[str, Any]]:
    """Yield the rows of the page."""
    day, today = context.words.short_day, context.today()
    for one in targets(events):
        yield {
            "what": _named(context, dossier, one),
            "set": day(one.set_on),
            "due": day(one.dates[0]),
            "moved": [day(moved) for moved in one.dates[1:]],
            "outcome": _outcome(context, one, today),
            "missed": "yes" if one.missed(today) else "",
        }


def rows(context: Context, events: Sequence[Event], dossier: Dossier) -> Iterator[Row]:
    """Yield the rows of a spreadsheet."""
    phases, today = dossier.pinned.workflow.phases, context.today()
    for one in targets(events):
        ended = one.ended_on or ""
        yield (
            context.words.label(phases[one.phase].label),
            _named(context, dossier, one),
            one.set_on,
            one.dates[0],
            " · ".join(f"{moved:%d/%m/%Y}" for moved in one.dates[1:]),
            ended if one.state == MET else "",
            ended if one.state == ENDED else "",
            one.missed(today) or "",
        )


def _named(context: Context, dossier: Dossier, one: Target) -> str:
    """Return what a date is for: its own name, else that of its phase."""
    phase = dossier.pinned.workflow.phases[one.phase]
    return context.words.label(phase.deadlines[one.deadline].label or phase.label)


def _outcome(context: Context, one: Target, today: date) -> str:
    """Return how a target date ended, or how it stands."""
    missed, day = one.missed(today), context.words.short_day
    template = OUTCOMES.get((one.state, bool(missed)), PASSED if missed else AHEAD)
    due, on = missed or one.dates[-1], one.ended_on or today
    return context.in_words(template, due=day(due), on=day(on))
