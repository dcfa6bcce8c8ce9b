"""Every day of eleven years, every workflow; and clocks that jump, and machines that sleep."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest

from engine.clock import SystemClock
from engine.scheduler import Ticker
from tests.campaigns import in_full, table
from tests.campaigns.sweeping import Swept, days, sweep, sweep_all

EVERY = 1.0  # seconds between two rounds
JUMPS = {"-1 h": timedelta(hours=-1), "+5 h": timedelta(hours=5)}
SETTLED, WATCHED = 2.5, 5.0  # seconds before the jump, and after it


def test_a_sample_of_days_dates_everything_right() -> None:
    """The short form: every 199th day."""
    found = sweep(days(199))
    assert found.walks == len(days(199)) * 4
    assert found.reminders > 50 * found.walks


@pytest.mark.campaign
def test_every_day_of_eleven_years_dates_everything_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every 7th day; in full every one."""
    begins = days(1 if in_full() else 7)
    found = sweep_all(begins, os.cpu_count() or 1)
    assert found.walks == len(begins) * 4
    with capsys.disabled():
        print(table("every day of 2026-2036, every shipped workflow", figures(len(begins), found)))


def figures(begins: int, found: Swept) -> list[tuple[str, object]]:
    """Return the table of a sweep; what must be 0 was asserted."""
    return [
        ("first days", begins),
        ("trajectories walked from start to end", found.walks),
        ("deadlines dated", found.deadlines),
        ("reminders planned", found.reminders),
        ("… of which past by the time their date was known, and recorded so", found.past),
        ("missing", 0),
        ("doubled", 0),
        ("on another day than counted day by day", 0),
        ("not at 09:00 in Brussels", 0),
    ]


class _AnyDatetime(type):
    """Lets a subclass of datetime pass for it."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class Jumping(datetime, metaclass=_AnyDatetime):
    """The clock of this machine, as a file says that it was set; also for who asks datetime."""

    file: ClassVar[Path]

    @classmethod
    def now(cls, tz: tzinfo | None = UTC) -> Any:
        """Return the time that the clock shows."""
        return datetime.now(tz) + timedelta(seconds=float(cls.file.read_text()))


def ticking(folder: Path, *, jumping: bool) -> int:
    """Start a process that ticks and writes down when; return it."""
    offset, rounds = folder / "offset", folder / "rounds"
    offset.write_text("0")
    child = os.fork()
    if child:
        return child
    try:
        clock: Any = SystemClock()
        if jumping:
            Jumping.file, clock = offset, Jumping
            _deceive()

        def work() -> bool:
            with rounds.open("a") as file:
                file.write(f"{time.monotonic()}\n")
            return False

        ticker = Ticker(work, EVERY, clock)
        ticker.stop_on_signals()
        ticker.run()
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


def _deceive() -> None:
    """Let APScheduler read this clock; it asks for no other and has no place for ours."""
    for name, module in list(sys.modules.items()):
        if name.startswith("apscheduler.") and vars(module).get("datetime") is datetime:
            vars(module)["datetime"] = Jumping


def rounds_of(folder: Path) -> list[float]:
    """Return the monotonic moments of the rounds so far."""
    return [float(line) for line in (folder / "rounds").read_text().split()]


def longest_silence(folder: Path, child: int, since: float) -> float:
    """End a process; return its longest silence in intervals, from a moment on."""
    os.kill(child, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    found = [since, *(at for at in rounds_of(folder) if at > since), time.monotonic()]
    return max(b - a for a, b in pairwise(found)) / EVERY


def jump(folder: Path, by: timedelta) -> float:
    """Let the clock of a ticking process jump; return its longest silence in intervals."""
    folder.mkdir()
    child = ticking(folder, jumping=True)
    time.sleep(SETTLED)
    before = rounds_of(folder)[-1]
    (folder / "offset").write_text(str(by.total_seconds()))
    time.sleep(WATCHED)
    return longest_silence(folder, child, before)


def sleep(folder: Path) -> float:
    """Stop a ticking process for a while; return the silence once it goes on, in intervals."""
    folder.mkdir()
    child = ticking(folder, jumping=False)
    time.sleep(SETTLED)
    os.kill(child, signal.SIGSTOP)
    time.sleep(WATCHED)
    os.kill(child, signal.SIGCONT)
    woken = time.monotonic()
    time.sleep(SETTLED)
    return longest_silence(folder, child, woken)


@pytest.mark.campaign
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGSTOP")
def test_a_clock_that_jumps_is_noticed_within_two_rounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An hour back, five hours on, and a process that was asleep."""
    silences = {name: jump(tmp_path / name.replace(" ", ""), by) for name, by in JUMPS.items()}
    asleep = sleep(tmp_path / "asleep")
    assert max(*silences.values(), asleep) <= 2, (silences, asleep)
    rows = [
        (f"clock {name}: longest silence, in rounds", f"{silence:.1f}")
        for name, silence in silences.items()
    ]
    rows.append(("asleep (SIGSTOP): silence after waking, in rounds", f"{asleep:.1f}"))
    with capsys.disabled():
        print(table("clock jumps and sleep", rows))
