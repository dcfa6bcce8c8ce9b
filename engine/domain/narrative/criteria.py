"""Sentences about criteria: planned, met, waived, reopened, and consents asked for."""

from __future__ import annotations

from datetime import time

from engine.domain.events import (
    ConsentAsked,
    CriterionMet,
    CriterionPlanned,
    CriterionReopened,
    CriterionWaived,
    Event,
)
from engine.domain.narrative.names import Names, Teller, quoted
from engine.domain.words import N_, Say, say


def _planned(fact: CriterionPlanned, event: Event, names: Names) -> Say:
    template = N_("planned on {day}: {criterion}")
    if fact.planned_time:
        template = N_("planned on {day} at {time}: {criterion}")
    return say(
        template,
        day=fact.planned_on,
        time=time.fromisoformat(fact.planned_time) if fact.planned_time else "",
        criterion=names.criterion(fact.criterion),
    )


def _met(fact: CriterionMet, event: Event, names: Names) -> Say:
    met = say(
        _met_template(fact),
        criterion=names.criterion(fact.criterion),
        places=names.places(fact.municipalities),
        day=fact.value,
    )
    if "note" not in event.details:
        return met
    return say(N_("{happened}: {text}"), happened=met, text=quoted(event, "note"))


def _met_template(fact: CriterionMet) -> str:
    """Return the sentence that fits: with a date, per municipality, or the point alone."""
    if fact.value is not None:
        return N_("{criterion}: {day}")
    if not fact.municipalities:
        return N_("{criterion}")
    if fact.complete:
        return N_("{criterion}: {places}")
    return N_("{criterion}: {places}; others still to follow")


def _waived(fact: CriterionWaived, event: Event, names: Names) -> Say:
    return say(
        N_("does not apply here: {criterion}: {reason}"),
        criterion=names.criterion(fact.criterion),
        reason=quoted(event, "reason"),
    )


def _reopened(fact: CriterionReopened, event: Event, names: Names) -> Say:
    return say(
        N_("open again: {criterion}: {reason}"),
        criterion=names.criterion(fact.criterion),
        reason=quoted(event, "reason"),
    )


def _asked(fact: ConsentAsked, event: Event, names: Names) -> Say:
    return say(
        N_("consent asked of {places}: {criterion}"),
        places=names.places(fact.municipalities),
        criterion=names.criterion(fact.criterion),
    )


TELLERS: dict[type, Teller] = {
    CriterionPlanned: _planned,
    CriterionMet: _met,
    CriterionWaived: _waived,
    CriterionReopened: _reopened,
    ConsentAsked: _asked,
}
