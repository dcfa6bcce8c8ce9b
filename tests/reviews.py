"""Samples of the yearly review, and their snapshots: `python -m tests.reviews` renews them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from engine.periodic import Review
from notifications.compose import compose
from tests.notices import LEAD
from tests.periodic import Snapshots

SNAPSHOTS = Path(__file__).parent / "snapshots" / "reviews"
WHEN = {"several": "in January, where somebody was kept long enough", "one": "one contact"}


def review(name: str, lang: str) -> Review:
    """Return a sample, worded in a language as the engine words it."""
    return Review(
        to=replace(LEAD, lang=lang),
        lang=lang,
        contacts=1 if name == "one" else 7,
        months=60,
        since=date(2027, 11, 30),
        checkpoint_size=2140,
        checkpoint_root="7f3a0b12c9e1" + "0" * 52,
        key="retention/2/2028-01-01",
        created_at=datetime(2028, 1, 3, 8, tzinfo=UTC),
        organisation="VVSG",
    )


_KEPT = Snapshots(SNAPSHOTS, WHEN, lambda name, lang: compose(review(name, lang)))
path, snapshot = _KEPT.path, _KEPT.text


if __name__ == "__main__":
    _KEPT.renew()
