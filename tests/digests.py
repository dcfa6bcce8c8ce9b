"""Samples of the coach's digest, and their snapshots: `python -m tests.digests` renews them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from engine.domain.narrative.labels import NOTICES
from engine.language import words
from engine.ports import Digest, Line, Part
from notifications.compose import compose
from tests.notices import COACH, LEAD
from tests.periodic import Snapshots

SNAPSHOTS = Path(__file__).parent / "snapshots" / "digests"
WHEN = {
    "full": "on a working day on which there is something to tell",
    "short": "one trajectory, whose date is today",
    "standing-in": "who stands in for a colleague",
    "long": "more than fits",
}
GENT, MOL, LIER = ("Gent", "Merelbeke-Melle"), ("Mol",), ("Lier",)
LABELS: dict[str, dict[str, str]] = {
    "nl": {
        "analysis": "Analyse: waarom loopt het spaak",
        "dream": "Droomscenario",
        "talk": "Verkenningsgesprek gehouden",
        "moment": "Terugkoppelingsmoment gehouden",
        "statement": "Probleemstelling gevalideerd",
        "support": "Reactiveren",
        "mayor": "burgemeester",
    },
    "en": {
        "analysis": "Analysis: why it stalls",
        "dream": "Dream scenario",
        "talk": "Exploratory talk held",
        "moment": "Feedback moment held",
        "statement": "Problem statement agreed",
        "support": "Reactivation",
        "mayor": "mayor",
    },
}


def digest(name: str, lang: str) -> Digest:
    """Return a sample, worded in a language as the engine words it."""
    made = Digest(
        to=replace(LEAD if name == "standing-in" else COACH, lang=lang),
        lang=lang,
        parts=_parts(name, lang),
        active=12,
        paused=2,
        requested=1,
        on_schedule=7,
        checkpoint_size=214,
        checkpoint_root="7f3a0b12c9e1" + "0" * 52,
        key="digest/1/2027-03-01",
        created_at=datetime(2027, 3, 1, 7, tzinfo=UTC),
        organisation="VVSG",
    )
    values: dict[str, dict[str, Any]] = {
        "short": {"active": 1, "paused": 0, "requested": 0, "on_schedule": 0},
        "standing-in": {"standing_in": ("An Peeters",), "sender": "livc@example.org"},
        "long": {"active": 40},
    }
    return replace(made, **values.get(name, {}))


_KEPT = Snapshots(SNAPSHOTS, WHEN, lambda name, lang: compose(digest(name, lang)))
path, snapshot = _KEPT.path, _KEPT.text


def _parts(name: str, lang: str) -> tuple[Part, ...]:
    said, speak = LABELS[lang], words(lang)
    late = Line(GENT, said["analysis"], date(2027, 2, 4), days=17, points=2, kind="silent")
    near = Line(MOL, said["dream"], date(2027, 3, 4), points=1)
    if name == "short":
        return (Part("soon", (replace(near, on=date(2027, 3, 1), points=0),)),)
    if name == "standing-in":
        return Part("overdue", (replace(late, days=1, points=0),)), Part("soon", (near,))
    if name == "long":
        return (Part("overdue", (late,) * 15, 8), Part("soon", (near,) * 15, 2))
    soon, asked = speak.text(NOTICES["deadline_soon"]), speak.text(NOTICES["validation_request"])
    return (
        Part("overdue", (late, replace(near, on=date(2027, 2, 26), days=1))),
        Part(
            "today",
            (
                Line(LIER, said["talk"], date(2027, 2, 26), time(14), kind="past"),
                Line(MOL, said["moment"], date(2027, 3, 1), time(9, 30)),
            ),
        ),
        Part("soon", (near,)),
        Part(
            "pauses",
            (
                Line(LIER, "", date(2027, 3, 5)),
                Line(("Aalst", "Geel", "Mol", "Lier", "Gent"), "", date(2027, 2, 24), kind="past"),
            ),
        ),
        Part("waiting", (Line(GENT, said["statement"], days=9, who=("Merelbeke-Melle",)),)),
        Part("requests", (Line(("Aalter",), said["support"], date(2027, 2, 26)),)),
        Part(
            "undelivered",
            (
                Line(GENT, soon, kind="dead"),
                Line(MOL, asked, who=(said["mayor"],), kind="no_recipient"),
                Line(LIER, asked, who=(said["mayor"],), kind="cannot_be_said"),
            ),
        ),
    )


if __name__ == "__main__":
    _KEPT.renew()
