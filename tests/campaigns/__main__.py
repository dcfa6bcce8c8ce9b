"""`python -m tests.campaigns [--full] [WORD…]`: runs the campaigns, keeps docs/reliability.md.

A WORD chooses the campaigns with it in their name, as `pytest -k` does. With `--full` the
figures replace those of the same title on the page; without, they are only printed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import postgres
from tests.campaigns import FIGURES, FORM, FULL

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

Tables = dict[str, list[tuple[str, ...]]]


def main() -> int:
    """Run what is asked for; return what pytest returned."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--full", action="store_true", help="all runs, and renew the page")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="traject-campaigns-") as folder:
        kept = Path(folder) / "figures"
        environment = {**os.environ, FIGURES: str(kept)}
        if chosen.full:
            environment[FORM] = FULL
        start = time.monotonic()
        code = subprocess.run(_pytest(chosen.words), env=environment, check=False).returncode
        minutes = (time.monotonic() - start) / 60
        if chosen.full and kept.exists():  # a campaign that fails prints no table
            _renew(_read(kept), minutes)
    return code


def _pytest(words: list[str]) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-m", "campaign", str(HERE)]
    return [*command, "-k", " or ".join(words)] if words else command


def _read(kept: Path) -> Tables:
    lines = kept.read_text(encoding="utf-8").splitlines()
    return {title: [tuple(row) for row in rows] for title, rows in map(json.loads, lines)}


def _renew(found: Tables, minutes: float) -> None:
    """Put the figures on the page, in place of those with the same titles."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    present, _, after = rest.partition(END)
    sections = dict(re.findall(r"^### (.+?)\n\n(.*?)(?=^### |\Z)", present, re.DOTALL | re.M))
    made = f"{time.strftime('%Y-%m-%d')}, {machine()}."
    for title, rows in found.items():
        sections[title] = "\n".join([*_lines(rows), "", made, "", ""])
    body = "".join(f"### {title}\n\n{sections[title].strip()}\n\n" for title in sorted(sections))
    PAGE.write_text(f"{before}{BEGIN}\n\n{body}{END}{after}", encoding="utf-8")
    sys.stdout.write(f"\n{PAGE}: {len(found)} tables renewed, in {minutes:.0f} minutes\n")


def _lines(rows: list[tuple[str, ...]]) -> list[str]:
    """Return a table in Markdown; one of several values has its heads in its first row."""
    heads, *others = rows if len(rows[0]) > 2 else [("", ""), *rows]
    rule = "|---" + "|---:" * (len(heads) - 1) + "|"
    return [_line(heads), rule, *map(_line, others)]


def _line(row: tuple[str, ...]) -> str:
    return "|" + "".join(f" {one} |" if one else " |" for one in row)


def machine() -> str:
    """Return in a few words on what the figures were made."""
    parts = [
        f"{os.cpu_count()} cores {platform.machine()}",
        platform.system(),
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    if (folder := postgres.binaries()) is not None:
        said = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False
        )
        parts += [f"PostgreSQL {word}" for word in re.findall(r"\d+\.\d+", said.stdout)[:1]]
    return ", ".join(parts)


if __name__ == "__main__":
    raise SystemExit(main())
