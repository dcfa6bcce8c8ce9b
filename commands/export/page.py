"""The page of a case file: what stands on it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from commands.export import days as export_days
from commands.export import history as export_history
from commands.export import mails as export_mails
from commands.export import people as export_people
from commands.export import targets
from commands.frame.context import Context
from commands.pages import course as course_page
from commands.pages.sheet import sheet_of
from commands.pages.wording import MARKS, STATES, coach, places, status
from engine.domain.words import N_
from engine.municipalities import by_nis

if TYPE_CHECKING:
    from commands.export.days import Standing
    from engine.audit.exporting import Extent
    from engine.audit.telling import Told
    from engine.domain.events import Event
    from engine.domain.sheet import CriterionLine, Sheet
    from engine.store.departures import LeftMail
    from engine.store.dossiers import Dossier

COMMAND = "python3 verify_history.py history.jsonl"
SHORT = 12  # characters of a root in a control number
WORDS = {
    "days": N_("Day by day"),
    "days_note": export_days.NOTE,
    "targets": N_("Target dates"),
    "targets_note": targets.NOTE,
    "course": N_("The course beside the timeline of the workflow"),
    "course_note": course_page.NOTE,
    "course_sign": N_(
        "Difference: + is longer than the workflow plans for the phase, \u2212 is shorter."
    ),
    "criteria": N_("Criteria by phase"),
    "criteria_note": N_(
        "Only how each point stands at the end of this history. What was in order, or did not "
        "apply, and was taken back later is not here: it stands day by day and below what "
        "happened, as in days.csv and history.csv."
    ),
    "people": N_("People and their roles"),
    "history": N_("What happened"),
    "history_note": N_(
        "In the order of the days; the number is that of the event in the log. Numbers jump, as "
        "the rest of the log is not here. Steps by which mails are planned are left out here, not "
        "in history.jsonl. Where a reason was recorded, it stands below as “Reason”."
    ),
}
SIMULATED = N_("The clock of this log was simulated: the days are not real.")
CHECKING = (
    N_(
        "This page is for reading, and no program checks it; the proof is history.jsonl beside it, "
        "and the number beside each event leads there. To check that, with Python:"
    ),
)
COUNTED = N_("{count} in this folder; of the trajectory itself {own}, from {first} to {last}")


@dataclass(frozen=True, slots=True)
class Case:
    """All that the page of one trajectory is made of."""

    what: Extent
    dossier: Dossier
    events: Sequence[Event]
    told: Sequence[Told]
    mails: Sequence[LeftMail]
    days: Sequence[Standing]
    simulated: bool = False  # the clock of the log


def page_of(context: Context, case: Case) -> dict[str, Any]:
    """Return the values for the template: strings, and lists of them."""
    page = sheet_of(case.dossier)
    return {
        "lang": context.words.lang,
        "title": title(context, case.dossier),
        "subtitle": context.in_words(
            N_("Case file, up to event {size} of log {log}"), size=case.what.size, log=case.what.log
        ),
        "warning": context.in_words(SIMULATED) if case.simulated else "",
        "facts": list(_facts(context, case, page)),
        "checking": [context.in_words(one) for one in CHECKING],
        "command": f"{COMMAND} --lang {context.words.lang}",
        "w": {name: context.in_words(text) for name, text in WORDS.items()},
        "day_heads": [context.in_words(head) for head in export_days.HEADS],
        "days": [export_days.cells(context, one) for one in case.days],
        "target_heads": [context.in_words(head) for head in targets.HEADS],
        "targets": list(targets.of(context, case.events, case.dossier)),
        "course_heads": [context.in_words(head) for head in course_page.HEADS],
        "course": [
            {
                "cells": list(course_page.row_of(context, leg, case.dossier, year=True)),
                "notes": course_page.notes_of(context, leg),
            }
            for leg in course_page.legs_of(context, case.events, case.dossier)
        ],
        "phases": list(_phases(context, page)),
        "people_heads": [context.in_words(head) for head in export_people.HEADS],
        "people": list(export_people.of(context, case.dossier, case.events, case.mails)),
        "history_heads": [
            {"name": context.in_words(name), "shape": shape} for name, shape in export_history.HEADS
        ],
        "history": list(export_history.of(context, case.told, case.events, case.dossier)),
        **export_mails.of(context, case.dossier, case.mails),
    }


def title(context: Context, dossier: Dossier) -> str:
    """Return what a trajectory is called on its case file."""
    own = dossier.trajectory
    category = context.words.label(dossier.pinned.workflow.label)
    return f"{own.ref} {places(own.current_municipalities())}, {category}"


def control(what: Extent) -> str:
    """Return the control number as mails carry it."""
    return f"{what.size}-{what.root[:SHORT]}"


def counted(context: Context, what: Extent, events: Sequence[Event]) -> str:
    """Return how many events a part holds, and which of them are the trajectory's own."""
    return context.in_words(
        COUNTED,
        count=len(what.positions or ()),
        own=len(events),
        first=events[0].position,
        last=events[-1].position,
    )


def _facts(context: Context, case: Case, page: Sheet) -> Iterator[dict[str, str]]:
    """Yield what is known of the trajectory as a whole."""
    own, people = case.dossier.trajectory, case.dossier.people
    actor = people.actors.get(own.coach)
    phase = context.words.label(page.phases[own.phase]) if own.phase else ""
    version = case.dossier.pinned.workflow.version
    for name, value in (
        (N_("Municipalities"), places(own.current_municipalities())),
        (N_("Category"), context.words.label(page.label)),
        (N_("Workflow"), context.in_words(N_("version {version}"), version=version)),
        (N_("Status"), status(context, own.status)),
        (N_("Phase"), phase),
        (N_("Coach"), coach(context, actor.name if actor else None, own.coach)),
        (N_("Started"), _day(context, own.started_on)),
        (N_("Closed"), _day(context, own.closed_on)),
        (N_("Events"), counted(context, case.what, case.events)),
        (N_("Control number"), control(case.what)),
    ):
        if value:
            yield {"name": context.in_words(name), "value": value}


def _phases(context: Context, page: Sheet) -> Iterator[dict[str, Any]]:
    """Yield the criteria of each phase."""
    for phase, label in page.phases.items():
        points = [_point(context, line) for line in page.criteria if line.phase == phase]
        yield {"label": context.words.label(label), "points": points}


def _point(context: Context, line: CriterionLine) -> dict[str, str]:
    consents = [f"{by_nis(nis).name}: {_day(context, day)}" for nis, day in line.consents.items()]
    value = [_day(context, line.value)] if line.value else []
    optional = [] if line.required else [context.in_words(N_("Optional")).lower()]
    more = [*optional, *value, *consents, *_because(context, line)]
    return {
        "mark": MARKS[line.state],
        "label": context.words.label(line.label),
        "more": " · ".join(more),
        "state": context.words.text(STATES[line.state]),
        "on": _day(context, line.on),
    }


def _because(context: Context, line: CriterionLine) -> list[str]:
    """Return why a point does not apply, where that is known."""
    return [context.in_words(export_history.REASON, reason=line.reason)] if line.reason else []


def _day(context: Context, day: Any) -> str:
    return context.words.short_day(day) if day else ""
