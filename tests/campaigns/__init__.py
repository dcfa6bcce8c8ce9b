"""Campaigns: what traject promises under faults, counted; `python -m tests.campaigns` runs them.

The default test run has a short form of most; `-m campaign` runs each in a middle one, and with
`TRAJECT_CAMPAIGN=full` in full. `TRAJECT_CAMPAIGN_RUNS` sets a number of runs by hand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

VARIABLE = "TRAJECT_CAMPAIGN_RUNS"
FORM, FULL = "TRAJECT_CAMPAIGN", "full"
FIGURES = "TRAJECT_CAMPAIGN_FIGURES"  # a file that gets every table, a line of JSON each


def in_full() -> bool:
    """Return whether the campaigns run in full."""
    return os.environ.get(FORM) == FULL


def runs(default: int, full: int | None = None) -> int:
    """Return how many runs a campaign makes: by hand, in full, or its middle form."""
    by_hand = os.environ.get(VARIABLE)
    if by_hand:
        return int(by_hand)
    return full if full is not None and in_full() else default


def table(title: str, figures: Iterable[tuple[object, ...]]) -> str:
    """Return the figures of a campaign as a few lines to print, and keep them for the page.

    A row is a name and its value; where rows have more values, the first one is their heads.
    """
    rows = [tuple(map(str, row)) for row in figures]
    if kept := os.environ.get(FIGURES):
        with Path(kept).open("a", encoding="utf-8") as file:
            file.write(json.dumps([title, rows]) + "\n")
    lines = [f"  {name:<58} {' '.join(f'{one:>10}' for one in values)}" for name, *values in rows]
    return "\n".join(["", title, *lines])
