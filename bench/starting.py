"""The command line as a whole process, against the least that could do the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.rounds import Comparison, Variant, compare
from bench.stage import ready, sqlite_log

TRAJECT = str(Path(sys.executable).with_name("traject"))  # beside this interpreter
LIST = str(Path(__file__).with_name("bare_list.py"))
EACH = 3  # starts a variant, a round


def help_page(rounds: int) -> Comparison:
    """Return how `traject --help` compares with an interpreter that imports click."""
    return compare(
        "traject --help",
        {
            "traject --help": process([TRAJECT, "--help"]),
            'python -c "import click"': process([sys.executable, "-c", "import click"]),
        },
        goal=2.0,
        ours="traject --help",
        base='python -c "import click"',
        rounds=rounds,
    )


def overview(rounds: int) -> Comparison:
    """Return how `traject list` compares with click and SQLAlchemy Core and nothing else.

    The bare program (`bench/bare_list.py`) asks the same query of the same database and
    prints the same columns of the forty trajectories.
    """
    with sqlite_log() as url:
        ready(url, 40)
        return compare(
            "traject list, 40 trajectories",
            {
                "traject list": process([TRAJECT, "list"], url),
                "bare click + Core": process([sys.executable, LIST, url], url),
            },
            goal=1.3,
            ours="traject list",
            base="bare click + Core",
            rounds=rounds,
        )


def process(command: Sequence[str], database: str = "") -> Variant:
    """Return a variant that starts a process a few times and waits for its end."""
    environment = {**os.environ, "TRAJECT_DATABASE": database, "TRAJECT_LANG": "en"}

    def run() -> float:
        start = time.perf_counter()
        for _ in range(EACH):
            subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        return (time.perf_counter() - start) / EACH

    return run
