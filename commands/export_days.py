"""Day by day in a case file: how a trajectory stood, one row each day on which that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from commands.context import Context
from commands.history_page import corrections, lateness
from commands.looking_back import AHEAD, LATER
from commands.sheet_page import sheet_of
from commands.wording import status
from engine.domain.words import N_

if TYPE_CHECKING:
    from commands.export_tables import Row
    from engine.audit.as_of import Evening
    from engine.audit.telling import Told
    from engine.domain.events import Event
    from engine.store.dossiers import Dossier

NOTE = N_(
    "One row for each day on which something changed: how it stood that evening, and so until the "
    "next row. How it was on 14 April stands in the last row up to that day. “In order” counts the "
    "required criteria of the phase. Days are those on which things happened; what was registered "
    "later says so, and was not known before."
)
HEADS = (
    N_("Day"), N_("Phase"), N_("Status"), N_("Target date"), N_("In order"), N_("What changed"),
)  # fmt: skip
COLUMNS = (
    N_("Day"), N_("Until"), N_("Phase"), N_("Status"), N_("Paused until"), N_("Target date"),
    N_("Required"), N_("In order"), N_("Municipalities"), N_("What changed"),
)  # fmt: skip
RESTING = N_("{status} until {day}")
OF_ALL = N_("{settled} of {count}")


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


def standings(
    context: Context, events: Sequence[Event], dossier: Dossier, told: Sequence[Told]
) -> Iterator[Standing]:
    """Yield how a trajectory stood, day by day; `told` are its events in words."""
    from engine.audit.as_of import evenings

    said = {one.position: one for one in told}
    for evening in evenings(events):
        if evening.found.trajectory is not None:
            yield _standing(context, evening, dossier, said)


def _standing(
    context: Context, evening: Evening, dossier: Dossier, said: dict[int, Told]
) -> Standing:
    from commands.wording import places

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
        list(_changes(context, evening, said)),
    )


def _changes(context: Context, evening: Evening, said: dict[int, Told]) -> Iterator[str]:
    """Yield what changed that day, and what of it the row cannot say."""
    for event in evening.changes:
        one = said[event.position]
        yield " ".join([one.text, *lateness(context, one), *corrections(context, one)])
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
    }


def row(one: Standing) -> Row:
    """Return a row for a spreadsheet."""
    return (
        one.day, one.last or "", one.phase, one.status, one.until or "", one.due_on or "",
        one.count, one.settled, one.places, " · ".join(one.changes),
    )  # fmt: skip
