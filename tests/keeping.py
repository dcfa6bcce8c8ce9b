"""Renews the text files that snapshots are kept in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def renew(folder: Path, wanted: Mapping[Path, str]) -> None:
    """Write these files, and remove every other snapshot in the folder."""
    for stale in set(folder.rglob("*.txt")) - set(wanted):
        stale.unlink()
    for file, text in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
