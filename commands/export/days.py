"""Day by day in a case file: how a trajectory stood, one row each day on which that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from commands.frame.context import Context
from commands.looking_back import AHEAD, LATER
from commands.pages.history import corrections, lateness
from commands.pages.sheet import sheet_of
from commands.pages.wording import status
from engine.domain.events import PhaseEntered
from engine.domain.words import N_
from engine.municipalities import names

if TYPE_CHECKING:
    from commands.export.tables import Row
    from engine.audit.as_of import Evening
    from engine.audit.telling import Told
    from engine.domain.events import Event
    from engine.domain.sheet import CriterionLine
    from engine.store.dossiers import Dossier

NOTE = N_(
    "One row for each day on which something changed: how it stood that evening, and so until the "
    "next row. How it was on 14 April stands in the last row up to that day. Of the required "
    "criteria of the phase it counts those that were in order or did not apply; those that were "
    "still open that evening are named below the changes. Days are those on which things "
    "happened; what was registered later says so, and was not known before. That a target date "
    "passed is no change of its own: see the target dates."
)
HEADS = (
    N_("Day"), N_("Phase"), N_("Status"), N_("Target date"), N_("In order or not applicable"),
    N_("What changed"),
)  # fmt: skip
COLUMNS = (
    N_("Day"), N_("Until"), N_("Phase"), N_("Status"), N_("Paused until"), N_("Target date"),
    N_("Required"), N_("In order or not applicable"), N_("Municipalities"), N_("What changed"),
    N_("Still open"), N_("Does not apply"),
)  # fmt: skip
RESTING = N_("{status} until {day}")
OF_ALL = N_("{settled} of {count}")
OPEN, WAIVED = N_("Still open: {points}"), N_("Does not apply: {points}")
AGAIN = N_("open again: {points}")
OPTIONAL = N_("{point} (optional)")
WAITS = N_("{point} (waits for {places})")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a trajectory stood on an evening, in words; a date is None where there is none."""

    day: date
    last: date | None
    phase: str
    status: str
    until: date | None  # of a pause
    due_on: date | None
    settled: int  # of the required criteria of the phase
    count: int
    places: str
    changes: Sequence[str]
    open: Sequence[str]  # criteria of the phase, in words
    waived: Sequence[str]


def standings(
    context: Context, events: Sequence[Event], dossier: Dossier, told: Sequence[Told]
) -> Iterator[Standing]:
    """Yield how a trajectory stood, day by day; `told` are its events in words."""
    from engine.audit.as_of import evenings

    said = {one.position: one for one in told}
    for evening in evenings(events):
        if evening.found.trajectory is not None:
            yield _standing(context, evening, dossier, said)


def reopened(context: Context, event: Event, dossier: Dossier) -> list[str]:
    """Return which points a step back opened again, as a sentence, where it did."""
    if not isinstance(event.fact, PhaseEntered) or not event.fact.reopened:
        return []
    workflow = dossier.pinned.workflow
    found = (workflow.criterion(name) for name in event.fact.reopened)
    points = "; ".join(context.words.label(one.label) for one in found if one)
    return [context.in_words(AGAIN, points=points)]


def _standing(
    context: Context, evening: Evening, dossier: Dossier, said: dict[int, Told]
) -> Standing:
    from commands.pages.wording import places

    own = evening.found.trajectory
    assert own is not None  # who calls this looked
    page = sheet_of(replace(dossier, trajectory=own, reasons={}))
    needed = [line for line in page.current() if line.required]
    return Standing(
        evening.day,
        evening.last,
        context.words.label(page.phases[own.phase]) if own.phase else "",
        status(context, own.status),
        own.paused_until,
        own.due_on(),
        sum(line.state != "open" for line in needed),
        len(needed),
        places(own.current_municipalities()),
        list(_changes(context, evening, dossier, said)),
        [_point(context, line) for line in page.current() if line.state == "open"],
        [_point(context, line) for line in page.current() if line.state == "waived"],
    )


def _point(context: Context, line: CriterionLine) -> str:
    """Return a criterion in words: whether it may be left out, and who has still to agree."""
    said = context.words.label(line.label)
    if line.consents and line.waiting_for:
        said = context.in_words(WAITS, point=said, places=", ".join(names(line.waiting_for)))
    return said if line.required else context.in_words(OPTIONAL, point=said)


def _changes(
    context: Context, evening: Evening, dossier: Dossier, said: dict[int, Told]
) -> Iterator[str]:
    """Yield what changed that day, and what of it the row cannot say."""
    for event in evening.changes:
        one = said[event.position]
        text = "; ".join([one.text, *reopened(context, event, dossier)])
        yield " ".join([text, *lateness(context, one), *corrections(context, one)])
    if evening.found.early:
        yield context.in_words(LATER, count=evening.found.early)
    if evening.found.ahead:
        yield context.in_words(AHEAD)


def cells(context: Context, one: Standing) -> dict[str, Any]:
    """Return a row of the page."""
    day, state = context.words.short_day, one.status
    order = context.in_words(OF_ALL, settled=one.settled, count=one.count)
    if one.until:
        state = context.in_words(RESTING, status=state, day=day(one.until))
    return {
        "day": day(one.day),
        "phase": one.phase,
        "status": state,
        "due": day(one.due_on) if one.due_on else "",
        "order": order if one.phase else "",
        "changes": one.changes,
        "notes": [
            context.in_words(template, points="; ".join(points))
            for template, points in ((OPEN, one.open), (WAIVED, one.waived))
            if points
        ],
    }


def row(one: Standing) -> Row:
    """Return a row for a spreadsheet."""
    return (
        one.day, one.last or "", one.phase, one.status, one.until or "", one.due_on or "",
        one.count, one.settled, one.places, " · ".join(one.changes),
        "; ".join(one.open), "; ".join(one.waived),
    )  # fmt: skip
