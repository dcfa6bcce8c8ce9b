"""APScheduler as a ticker: one job that runs a round, a watchdog, a clean end.

Due times live in our tables, never here: the job store is memory, the ids are fixed, a
missed run is made up for by the next one.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, timedelta
from types import FrameType
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from engine.domain.errors import LogClosed, TryAgain
from engine.ports import Clock

log = logging.getLogger("traject.serve")

ROUND = "round"
PATIENCE = 1.5  # intervals of silence after which the clock is not to be trusted
STAND_BY = 0.25  # seconds between two looks whether the place of the sender is free


class Ticker:
    """Runs `work` every `seconds`, until told to stop.

    `work` tells whether it stood by because another process was sending. While it did, we ask
    several times a second whether the place is `vacant`: the holder may be dead. Then the next
    round comes at once.

    APScheduler sleeps until a wall-clock time; when that clock jumps it may sleep on. The
    watchdog counts on the monotonic clock and brings the next run forward, so that the silence
    is never longer than two intervals.
    """

    def __init__(
        self,
        work: Callable[[], bool],
        seconds: float,
        clock: Clock,
        vacant: Callable[[], bool] = lambda: False,
    ) -> None:
        self._work = work
        self._vacant = vacant
        self._standing_by = False
        self._seconds = seconds
        self._clock = clock
        self._last = time.monotonic()
        self._stopping = False
        self._closed: LogClosed | None = None
        self._nudge = threading.Event()  # ends the sleep of the watchdog
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    def run(self) -> None:
        """Tick until `stop`; a round that has begun is finished first.

        Raises: LogClosed, as no round after that could do anything.
        """
        self._scheduler.add_job(
            self._round,
            "interval",
            seconds=self._seconds,
            id=ROUND,
            replace_existing=True,
            next_run_time=self._clock.now(),
        )
        self._scheduler.start()
        try:
            while not self._stopping:
                self._nudge.wait(STAND_BY if self._standing_by else min(self._seconds / 4, 1))
                self._nudge.clear()
                self._stand_by()
                self._watch()
        finally:
            self._scheduler.shutdown(wait=True)
        if self._closed is not None:
            raise self._closed

    def stop(self) -> None:
        """Ask the ticker to end; from a signal, so that no lock may be taken here."""
        self._stopping = True

    def stop_on_signals(self) -> None:
        """End cleanly on SIGTERM and SIGINT (on Windows: on Ctrl+C and Ctrl+Break)."""
        names = ("SIGTERM", "SIGINT", "SIGBREAK")

        def ended(number: int, frame: FrameType | None) -> None:
            self.stop()

        for name in names:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), ended)

    def _round(self) -> None:
        """Run one round; a failure is logged and the next round tries again."""
        self._last = time.monotonic()
        try:
            self._standing_by = self._work()
            self._nudge.set()
        except TryAgain as error:
            log.warning("the round stopped halfway, the next one goes on: %s", error)
        except LogClosed as error:
            self._closed = error
            self.stop()
            self._nudge.set()
        except Exception:
            log.exception("the round failed; the next one tries again")
        self._last = time.monotonic()

    def _watch(self) -> None:
        """Bring the next round forward when none has run for an interval and a half."""
        silence = time.monotonic() - self._last
        if silence > PATIENCE * self._seconds:
            job: Any = self._scheduler.get_job(ROUND)
            soon = self._clock.now() + timedelta(seconds=min(self._seconds / 4, 1))
            if job is not None and job.next_run_time > soon:
                log.warning("no round for %.0f seconds: the clock jumped or slept", silence)
                job.modify(next_run_time=self._clock.now())

    def _stand_by(self) -> None:
        """Take over when who was sending has gone."""
        try:
            if not (self._standing_by and self._vacant()):
                return
        except Exception:
            log.exception("cannot tell whether another process sends; asking again")
            return
        self._standing_by = False
        job: Any = self._scheduler.get_job(ROUND)
        if job is not None:
            job.modify(next_run_time=self._clock.now())
