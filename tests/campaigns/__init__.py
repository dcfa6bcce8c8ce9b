"""Campaigns: kill -9 and races in numbers; `-m campaign` runs them whole.

The default run has a short form of each. `TRAJECT_CAMPAIGN_RUNS` sets how many runs a whole
campaign makes; without it each makes a few hundred.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

VARIABLE = "TRAJECT_CAMPAIGN_RUNS"


def runs(default: int) -> int:
    """Return how many runs a whole campaign makes."""
    return int(os.environ.get(VARIABLE) or default)


def table(title: str, figures: Iterable[tuple[str, object]]) -> str:
    """Return the figures of a campaign as a few lines to print."""
    lines = [f"  {name:<46} {value:>8}" for name, value in figures]
    return "\n".join(["", title, *lines])
