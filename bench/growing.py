"""`verify` of 100,000 and of 1,000,000 events, against reading and hashing the same rows.

Each measurement is a process of its own, which tells its seconds and its largest memory.
"""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from hashlib import sha256

from bench.copies import grow, worked
from bench.rounds import Comparison, Spread, Variant, compare
from bench.stage import sqlite_log
from engine.audit import verify
from engine.store.database import open_database

FEW, MANY = 100_000, 1_000_000
GOAL, MEMORY = 8, 200  # times the bare read; megabytes
BESIDE = (
    "trajectories", "municipalities", "criteria", "deadlines", "reminders", "assignments",
    "contacts", "actors", "mail_people", "workflow_versions",
)  # fmt: skip


def from_few_to_many(rounds: int) -> Comparison:
    """Return how a full verify of a large log compares with the floor of any audit.

    The floor reads all that verify reads: it parses and hashes each event, hashes each detail
    and each mail, and fetches the rows of the state. The read of the events alone is shown too.
    """
    with sqlite_log() as url:
        model = worked(url)
        few = grow(url, model, FEW)
        large = f"{url}.many"
        shutil.copyfile(url, large)
        many = grow(large, model, MANY)
        peaks: dict[str, list[int]] = {}
        variants = {
            f"{what}, {size:,}": _process(what, path, peaks.setdefault(f"{what} {size:,}", []))
            for size, path in ((many, large), (few, url))
            for what in RUNS
        }
        found = compare(
            f"verify, {many:,} events",
            variants,
            goal=GOAL,
            ours=f"verify, {many:,}",
            base=f"read and hash all, {many:,}",
            rounds=rounds,
        )
    return _told(found, peaks, few, many)


def _process(what: str, path: str, peaks: list[int]) -> Variant:
    """Return a variant that does one of RUNS in a process of its own."""

    def run() -> float:
        command = [sys.executable, "-m", "bench.growing", what, path]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        seconds, kilobytes = json.loads(done.stdout)
        peaks.append(kilobytes // 1024)
        return float(seconds)

    return run


def _told(found: Comparison, peaks: dict[str, list[int]], few: int, many: int) -> Comparison:
    """Return the comparison with what else was found: the ratio at first, growth, memory."""
    seconds = found.seconds

    def ratio(ours: str, base: str) -> float:
        pairs = zip(seconds[ours], seconds[base], strict=True)
        return Spread.of([one / other for one, other in pairs]).middle

    each = ratio(f"verify, {many:,}", f"verify, {few:,}") * few / many
    alone = ratio(f"verify, {many:,}", f"read and hash the events, {many:,}")
    small = ratio(f"verify, {few:,}", f"read and hash all, {few:,}")
    largest = {size: max(peaks[f"verify {size:,}"]) for size in (few, many)}
    note = (
        f"x {alone:.2f} of the events alone; among {few:,}: x {small:.2f} of all; an event of many "
        f"takes x {each:.2f} of one of few; at most {largest[many]} MB, {largest[few]} MB among few"
        f" (goal <= {MEMORY} MB)"
    )
    return replace(found, note=note, failed=largest[many] > MEMORY)


def _verify(path: str) -> None:
    database = open_database(path)
    report = verify(database)
    assert report.ok, report.problems
    database.close()


def _all(path: str) -> None:
    """Read what verify reads: events, details, mails, and the rows of the state."""
    _events(path)
    with closing(sqlite3.connect(path)) as own:
        query = "SELECT salt, field, value FROM details ORDER BY position"
        for salt, field, value in own.execute(query):
            sha256(salt + field.encode() + b"\x00" + value.encode()).hexdigest()
        for mime, stored in own.execute("SELECT mime, sha256 FROM mails ORDER BY id"):
            assert sha256(mime).hexdigest() == stored
        for table in BESIDE:
            for _row in own.execute(f"SELECT * FROM {table}"):
                pass


def _events(path: str) -> None:
    with closing(sqlite3.connect(path)) as own:
        for body, stored in own.execute("SELECT body, hash FROM events ORDER BY position"):
            json.loads(body)
            assert sha256(b"\x00" + body.encode()).digest() == stored


RUNS: dict[str, Callable[[str], None]] = {
    "verify": _verify,
    "read and hash all": _all,
    "read and hash the events": _events,
}


def main() -> None:
    """Do one of RUNS, and print its seconds and the largest memory of this process in kB."""
    what, path = sys.argv[1:]
    start = time.perf_counter()
    RUNS[what](path)
    spent = time.perf_counter() - start
    print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))


if __name__ == "__main__":
    main()
