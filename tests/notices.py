"""Sample people and notices for the tests of mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from engine.ports import Notice, Person, Point

COACH = Person("actor:1", "An Peeters", "an.peeters@example.org", "nl", "coach")
LEAD = Person("actor:2", "Lies De Wit", "lies.dewit@example.org", "nl", "lead")
COORDINATOR = Person("contact:7", "Jo Maes", "jo.maes@example.org", "nl", "coordinator")
MAYOR = Person(
    "contact:8", "Rita Claes", "rita.claes@example.org", "nl", "mayor",
    formal=True, outside=True, municipalities=("Gent",),
)  # fmt: skip
PARTNER = Person(
    "contact:9", "Sam Wouters", "sam.wouters@example.org", "nl", "socio_partner", outside=True
)
READERS = (COACH, LEAD, COORDINATOR, MAYOR, PARTNER)

INSIDE = {
    "nl": {"category": "Reactiveren", "phase": "Analyse: waarom loopt het spaak"},
    "en": {"category": "Reactivation", "phase": "Analysis: why it stalls"},
}
POINTS = {
    "nl": (
        Point("probleemstelling op papier", waiting_for=("Merelbeke-Melle",)),
        Point("oorzaken gerangschikt", planned="maandag 1 februari om 10:00"),
    ),
    "en": (
        Point("problem statement written", waiting_for=("Merelbeke-Melle",)),
        Point("causes ranked", planned="Monday 1 February at 10:00"),
    ),
}
COACH_POINTS = {
    "nl": (Point("drie opvolgcontacten gehad"),),
    "en": (Point("three check-ins held"),),
}
OUTSIDE = {
    "nl": {"category": "begeleiding LIVC R", "phase": "Analyse van de werking"},
    "en": {"category": "LIVC R support", "phase": "Analysis of how it works"},
}


def notice(name: str, to: Person = COORDINATOR, lang: str = "nl", **values: Any) -> Notice:
    """Return a notice with every value filled in, as the engine would hand it over."""
    labels = (OUTSIDE if to.outside else INSIDE)[lang]
    made = Notice(
        id=name,
        to=to,
        coach=COACH,
        lang=lang,
        ref="2026-001",
        trajectory="9b2e4c1e-3f55-4a0a-8a55-0c8f3a3c7b11",
        municipalities=("Gent", "Merelbeke-Melle"),
        category=labels["category"],
        phase=labels["phase"],
        phase_number=2,
        phase_count=7,
        phase_goal="Droomscenario" if lang == "nl" else "Dream scenario",
        entry=14,
        conversation="14",
        due_on=date(2027, 2, 4),
        points=POINTS[lang],
        coach_points=COACH_POINTS[lang],
        criterion="de probleemstelling" if lang == "nl" else "the problem statement",
        coordinator="Jo Maes",
        feedback_on=date(2028, 3, 1),
        feedback_at=time(14),
        reason="lokale verkiezingen" if lang == "nl" else "local elections",
        cause="advance",
        checkpoint_size=214,
        checkpoint_root="7f3a0b12c9e1" + "0" * 52,
        key=f"214/{name}/{to.key}",
        created_at=datetime(2027, 1, 21, 8, 0, tzinfo=UTC),
        organisation="VVSG",
    )
    return replace(made, **values)


def bare(name: str, to: Person = COORDINATOR, lang: str = "nl") -> Notice:
    """Return a notice with nothing but what every notice has."""
    return Notice(
        id=name,
        to=to,
        coach=COACH,
        lang=lang,
        ref="2026-001",
        trajectory="9b2e4c1e-3f55-4a0a-8a55-0c8f3a3c7b11",
        municipalities=("Lier",),
        category="",
        phase="",
        phase_number=0,
        phase_count=0,
        key="bare",
        created_at=datetime(2027, 1, 21, 8, 0, tzinfo=UTC),
    )
