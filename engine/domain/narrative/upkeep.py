"""Sentences about the ledger itself: what was erased, restored, witnessed or put right."""

from __future__ import annotations

from engine.domain.erasing import IN_WORDS
from engine.domain.events import Amended, CheckpointTaken, DetailsErased, Event, LogRestored
from engine.domain.narrative.names import Names, Teller, quoted
from engine.domain.words import N_, Say, say

SHORT = 12  # characters of a root that people compare by eye


def _erased(fact: DetailsErased, event: Event, names: Names) -> Say:
    happened = _what(fact, names)
    if "reason" not in event.details:
        return happened
    known = IN_WORDS.get(event.details["reason"] or "")
    reason = say(known) if known else quoted(event, "reason")
    return say(N_("{happened}: {text}"), happened=happened, text=reason)


def _what(fact: DetailsErased, names: Names) -> Say:
    """Return what was erased: a person's data, the texts of one event, or of several."""
    if fact.subject:
        return say(N_("data of {person} erased"), person=names.person(fact.subject))
    positions = sorted({one.position for one in fact.erased})
    if len(positions) == 1:
        return say(N_("free text of event {position} erased"), position=positions[0])
    return say(N_("free text of {n} events erased"), n=len(positions))


def _restored(fact: LogRestored, event: Event, names: Names) -> Say:
    if fact.expected_size is None:
        template = N_("restored from a backup of {found} events; what came after it is unknown")
    elif fact.expected_size > fact.found_size:
        template = N_("restored from a backup of {found} events; {lost} that followed are lost")
    else:
        template = N_("restored from a backup of {found} events; none known is lost")
    return say(template, found=fact.found_size, lost=(fact.expected_size or 0) - fact.found_size)


def _checkpoint(fact: CheckpointTaken, event: Event, names: Names) -> Say:
    return say(
        N_("checkpoint taken, everything verified; control number {control}"),
        control=f"{fact.size}-{fact.root[:SHORT]}",
    )


def _amended(fact: Amended, event: Event, names: Names) -> Say:
    return say(
        N_("correction of event {position}: {text}"),
        position=fact.position,
        text=quoted(event, "text"),
    )


TELLERS: dict[type, Teller] = {
    DetailsErased: _erased,
    LogRestored: _restored,
    CheckpointTaken: _checkpoint,
    Amended: _amended,
}
