"""Fills the disk under a database, level by level, and looks what commands say and leave behind.

It runs in a mount namespace of its own, with a small disk in memory: see `campaign`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.dispatch import insisting
from tests.campaigns.crashing import (
    DAY_OF_RUNG,
    HALF_AN_HOUR,
    SMTP,
    Bench,
    recover,
    sqlite_bench,
)
from tests.campaigns.sink import sink
from tests.program import Program

DISK = "4m"
STEP = 4096  # bytes: a page
WELL, TRY_AGAIN = 0, 75


@dataclass
class Found:
    """What was met at all levels; a loss stops the campaign."""

    levels: int = 0
    refused: int = 0
    went: int = 0
    halfway: int = 0  # rounds that stopped after they had sent something
    acknowledged: int = 0
    doubled: int = 0
    told: str = ""  # what the commands say, for the eye


def campaign(levels: int) -> Found | None:
    """Run in a namespace in which we may mount a small disk; None where that is not allowed."""
    apart = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-r", "-m"]
    command = [*apart, sys.executable, "-m", "tests.campaigns.filling", str(levels)]
    try:
        may = subprocess.run([*apart, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return None
    if not may:
        return None
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Found(**json.loads(done.stdout.splitlines()[-1]))


def fill(levels: int) -> Found:
    """Play at each level of free space, from none at all."""
    insisting.PAUSES = (0.01,)  # the disk stays full
    found = Found()
    with tempfile.TemporaryDirectory(prefix="traject-full-") as name:
        folder = Path(name)
        disk = folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", disk], check=True)
        try:
            with sink(folder / "sink") as server:
                bench = sqlite_bench(
                    folder / "bench", mail=SMTP, waiting=3, sink=server, place=disk
                )
                program = Program(folder, bench.url)
                program.environment["TRAJECT_SMTP_URL"] = server.url
                for level in range(levels):
                    _at(level, bench, program, disk, found)
                bench.database.close()
        finally:
            subprocess.run(["umount", "-l", disk], check=True)
    return found


def _at(level: int, bench: Bench, program: Program, disk: Path, found: Found) -> None:
    """Advance and do a round with so many pages of room; make room, and see that all goes on."""
    bench.reset()
    before = program.ledger()
    filler = _fill(disk, level * STEP)
    codes = [_run(program, DAY_OF_RUNG, "advance", bench.advancing)]
    assert codes[0][0] == WELL or program.ledger() == before, "refused, and yet changed"
    if codes[0][0] == WELL:
        bench.oath.write_text("advanced")
    codes.append(_run(program, DAY_OF_RUNG + HALF_AN_HOUR, "tick"))
    met = Counter(code for code, _ in codes)
    assert set(met) <= {WELL, TRY_AGAIN}, codes
    found.refused += met[TRY_AGAIN]
    found.went += met[WELL]
    found.halfway += codes[1][0] == TRY_AGAIN and bool(bench.accepted())
    if level == 0:
        said = program.call("doctor", "--offline", expect=None).stdout
        found.told = "\n".join([*(text for _, text in codes), said])
    filler.unlink()
    after = recover(bench)
    assert after.duplicates == after.unrecorded
    found.acknowledged += after.acknowledged
    found.doubled += after.duplicates
    found.levels += 1


def _fill(disk: Path, room: int) -> Path:
    """Fill the disk but for so much room."""
    filler = disk / "filler"
    status = os.statvfs(disk)
    with filler.open("wb") as file:
        file.write(bytes(max(0, status.f_bavail * status.f_frsize - room)))
    return filler


def _run(program: Program, now: datetime, *arguments: str) -> tuple[int, Any]:
    """Run a command; return how it ended and what it said."""
    done = program.call("--now", now.isoformat(), *arguments, expect=None)
    return done.code, f"$ traject {' '.join(arguments)}\n{done.stdout}{done.stderr}"


if __name__ == "__main__":
    print(json.dumps(asdict(fill(int(sys.argv[1])))))
