"""`python -m bench [--quick] [NAME…]`: every comparison in one run, with its goal."""

from __future__ import annotations

import argparse
import platform
import sqlite3
from collections.abc import Callable, Mapping
from functools import partial

from bench import (
    advancing,
    delivering,
    growing,
    reading,
    sealing,
    starting,
    telling,
    ticking,
    verifying,
)
from bench.rounds import Comparison
from tests import postgres

ROUNDS, QUICK = 9, 3

COMPARISONS: Mapping[str, Callable[[int], Comparison]] = {
    "advance-sqlite": advancing.on_sqlite,
    "advance-postgres": advancing.on_postgres,
    "help": starting.help_page,
    "list": starting.overview,
    "morning": reading.morning,
    "show": reading.show,
    "next": reading.next_steps,
    "morning-growing": reading.growing,
    "freeze": sealing.frozen,
    "deliver": delivering.at_once,
    "deliver-slow": delivering.after_a_while,
    "tick": ticking.round_of,
    "history": telling.one_among_many,
    "verify": verifying.whole_log,
    "verify-large": growing.from_few_to_many,
}


def main() -> int:
    """Measure what is asked for; return 1 when a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(COMPARISONS))
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} rounds, not {ROUNDS}")
    parser.add_argument("--rounds", type=int, default=0, help="that many rounds")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(COMPARISONS):
        parser.error(f"no such comparison: {', '.join(sorted(unknown))}")
    rounds = chosen.rounds or (QUICK if chosen.quick else ROUNDS)
    say = partial(print, flush=True)
    say(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {rounds} rounds;")
    say("x: the first line's time over the second's, round by round: median, min, max\n")
    missed = False
    for name, measure in COMPARISONS.items():
        if chosen.names and name not in chosen.names:
            continue
        if name == "advance-postgres" and not postgres.available():
            say(f"{name}: skipped, no PostgreSQL server\n")
            continue
        found = measure(rounds)
        missed = missed or found.missed()
        say("\n".join(found.lines()) + "\n")
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
