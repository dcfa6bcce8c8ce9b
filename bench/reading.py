"""The pages that a coach reads all day, with a thousand trajectories against ten."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bench.crowd import ATTENTION, TODAY, Models, models, populate
from bench.rounds import Comparison, compare
from bench.stage import sqlite_log
from bench.starting import TRAJECT, process

FEW, MANY = 10, 1_000
ONE = "2027-003"  # the same in all databases: a date this week, points open
SAME = f"{ATTENTION} of the {FEW} and {ATTENTION} of the {MANY:,} have something to say"
GROWN = MANY * ATTENTION // FEW
GROWING = (
    f"{ATTENTION} of the {FEW} have something to say and {GROWN} of the {MANY:,}: more to print"
)


def morning(rounds: int) -> Comparison:
    """Return what the morning of a thousand costs, those on schedule being the most of them."""
    return _compared("traject, the morning", [], rounds)


def show(rounds: int) -> Comparison:
    """Return what the page of one trajectory costs among a thousand."""
    return _compared("traject show", ["show", ONE], rounds)


def next_steps(rounds: int) -> Comparison:
    """Return what the ways out of one trajectory cost among a thousand."""
    return _compared("traject next", ["next", ONE], rounds)


def growing(rounds: int) -> Comparison:
    """Return what the morning costs when as large a part of the thousand needs attention."""
    return _compared("traject, a morning with much to say", [], rounds, attention=GROWN)


def _compared(
    name: str, command: list[str], rounds: int, *, attention: int = ATTENTION
) -> Comparison:
    """Return how one page of many trajectories compares with that of few, as whole processes."""
    same = attention == ATTENTION
    typed = [TRAJECT, "--now", TODAY.isoformat(), *command]
    with _databases({MANY: attention, FEW: ATTENTION}) as paths:
        return compare(
            name,
            {f"{n:,} trajectories": process(typed, str(path)) for n, path in paths.items()},
            goal=1.3 if same else None,
            ours=f"{MANY:,} trajectories",
            base=f"{FEW:,} trajectories",
            rounds=rounds,
            note=SAME if same else GROWING,
        )


@contextmanager
def _databases(attention: Mapping[int, int]) -> Iterator[dict[int, Path]]:
    """Yield databases by their number of trajectories; so many of those need attention."""
    with tempfile.TemporaryDirectory(prefix="traject-bench-") as folder:
        made = {}
        for number, standing_out in attention.items():
            made[number] = Path(folder) / f"{number}.db"
            populate(
                made[number],
                _models(),
                attention=standing_out,
                on_schedule=number - standing_out,
            )
        yield made


@cache
def _models() -> Models:
    with sqlite_log() as url:
        return models(url)
