"""Checks that what a workflow names as a follow-up is a category somebody can start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.domain.errors import Problem
from engine.domain.faults import MOST_KNOWN, unknown
from engine.domain.words import N_, say
from workflows.prescan import MAX_BYTES

CATEGORY = re.compile(rb"^category:[ \t]*['\"]?([a-z][a-z0-9_]{0,39})", re.MULTILINE)


def follow_up_problems(whole: Any, file: Path, shipped: Sequence[Path]) -> Iterator[Problem]:
    """Yield the follow-ups that are neither shipped nor in the folder of the file."""
    ours = {path.stem for path in shipped} | {whole.get("category")}
    named = whole.get("follow_up")
    strange = [
        (place, name)
        for place, name in enumerate(named if isinstance(named, list) else ())
        if isinstance(name, str) and name not in ours
    ]
    if strange:
        known = {path.stem for path in shipped} | _beside(file)
        for place, name in strange:
            yield from unknown(("follow_up", place), say(N_("category")), name, known=known)


def _beside(file: Path) -> set[str]:
    """Return the categories of the workflow files in the same folder."""
    found: set[bytes] = set()
    for path in sorted(file.parent.glob("*.yaml"))[:MOST_KNOWN]:
        if path.is_file() and path != file:
            with path.open("rb") as opened:
                found.update(CATEGORY.findall(opened.read(MAX_BYTES)))
    return {name.decode("ascii") for name in found}
