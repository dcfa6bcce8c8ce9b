"""The people on the page of a case file: who guided it, who took part, and how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.pages.wording import coach, person
from engine.domain.events import CoachChanged, TrajectoryRequested, TrajectoryStarted
from engine.domain.people import COACH, LEAD, SYSTEM
from engine.domain.words import N_
from engine.municipalities import by_nis

if TYPE_CHECKING:
    from engine.domain.events import Event
    from engine.store.departures import LeftMail
    from engine.store.dossiers import Dossier

HEADS = (N_("Name"), N_("Role"), N_("Municipality"), N_("Organisation"), N_("Period"))
SINCE = N_("since {day}")
ROLES = {COACH: N_("coach"), LEAD: N_("team lead")}
GUIDED = (TrajectoryRequested, TrajectoryStarted, CoachChanged)


def of(
    context: Context, dossier: Dossier, events: Sequence[Event], mails: Sequence[LeftMail]
) -> Iterator[dict[str, str]]:
    """Yield who had which role, and how long: the coaches, who else acted, the contacts."""
    guided = list(_coaches(events, dossier.trajectory.closed_on))
    for number, first, last in guided:
        yield _actor(context, dossier, number, COACH, _period(context, first, last))
    for number in sorted(_others(events, mails) - {one for one, _, _ in guided}):
        known = dossier.people.actors.get(number)
        yield _actor(context, dossier, number, known.role if known else "", "")
    roles = dossier.pinned.workflow.roles
    for (number, role, nis), held in dossier.trajectory.assignments.items():
        contact = dossier.people.contacts.get(number)
        yield {
            "name": person(context, contact.name if contact else None, number),
            "role": context.words.label(roles[role].label),
            "place": by_nis(nis).name if nis else "",
            "organisation": (contact and contact.organisation) or "",
            "period": _period(context, held.from_on, held.until_on),
        }


def _coaches(
    events: Sequence[Event], closed: date | None
) -> Iterator[tuple[int, date, date | None]]:
    """Yield who guided a trajectory, each with the first and the last day of it."""
    found = [(one.fact.coach, one.occurred_on) for one in events if isinstance(one.fact, GUIDED)]
    stays = [one for at, one in enumerate(found) if at == 0 or found[at - 1][0] != one[0]]
    ends = [*(day for _, day in stays[1:]), closed]
    for (number, first), last in zip(stays, ends, strict=True):
        yield number, first, last


def _others(events: Sequence[Event], mails: Sequence[LeftMail]) -> set[int]:
    """Return the numbers of those who acted in the tool, or whom it mailed as such."""
    acted = {one.actor for one in events} | {one.on_behalf_of or SYSTEM for one in events}
    keys = (one.person.partition(":") for one in mails)
    return (acted | {int(number) for kind, _, number in keys if kind == "actor"}) - {SYSTEM}


def _actor(
    context: Context, dossier: Dossier, number: int, role: str, period: str
) -> dict[str, str]:
    """Return the row of somebody who works in the tool."""
    known = dossier.people.actors.get(number)
    rule = dossier.pinned.workflow.roles.get(role)
    named = context.in_words(ROLES[role]) if role in ROLES else ""
    return {
        "name": coach(context, known.name if known else None, number),
        "role": context.words.label(rule.label) if rule else named,
        "place": "",
        "organisation": "",
        "period": period,
    }


def _period(context: Context, first: date, last: date | None) -> str:
    """Return from when to when, or since when."""
    day = context.words.short_day
    return f"{day(first)} – {day(last)}" if last else context.in_words(SINCE, day=day(first))
