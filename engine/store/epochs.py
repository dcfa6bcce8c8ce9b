"""What the list of erasures still means after a restore: numbers are given out anew by then.

A restore leaves a line in it as well: {"log": id, "restored": epoch, "size": events}. Of the
lines before it only what the back-up held means the same; later positions are of other events.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.store.erasures import Erasure


def still_meant(file: Path, log: str) -> list[Erasure]:
    """Return what was erased of a log, oldest first, as far as positions mean what they did."""
    found: list[Erasure] = []
    for said in _lines(file, log):
        size = said.get("size")
        if isinstance(size, int):
            found = [_up_to(one, size) for one in found]
        elif isinstance(said.get("erased"), list):
            found.append(_erasure(said))
    return found


def mark(file: Path, log: str, epoch: int, size: int) -> None:
    """Write down that a restore made positions past `size` mean other events."""
    if not file.exists():
        return
    handle = os.open(file, os.O_WRONLY | os.O_APPEND)
    with os.fdopen(handle, "a", encoding="ascii") as out:
        said = {"log": log, "restored": epoch, "size": size}
        out.write(json.dumps(said, separators=(",", ":")) + "\n")
        out.flush()
        os.fsync(out.fileno())


def _up_to(one: Erasure, size: int) -> Erasure:
    return one._replace(erased=tuple(pair for pair in one.erased if pair[0] <= size))


def _lines(file: Path, log: str) -> list[dict[str, Any]]:
    """Return the lines about a log; one that was cut off is left out."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text("ascii", "replace").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("log") == log:
            found.append(said)
    return found


def _erasure(said: dict[str, Any]) -> Erasure:
    pairs: Sequence[Sequence[Any]] = said["erased"]
    return Erasure(
        tuple((pair[0], pair[1]) for pair in pairs),
        tuple(said.get("mails", ())),
        str(said.get("subject", "")),
    )
