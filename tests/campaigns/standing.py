"""Workers that serve beside each other, as real processes: one sends, the others stand by."""

from __future__ import annotations

import logging
import os
import re
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from engine.audit import verify
from engine.clock import SystemClock
from engine.dispatch.delivering import vacant
from engine.dispatch.tick import tick
from engine.scheduler import Ticker
from engine.service.starting import Involved
from engine.store.database import Database, open_database
from notifications.delivery import SmtpNotifier, Timeouts
from tests.campaigns.sink import Met, Sink
from tests.world import GENT, MONDAY, World

EVERY = 60.0  # seconds between rounds: a take-over must not wait for the next one
SENDING = MONDAY + timedelta(minutes=31)  # the mails of the beginning may leave
PATIENCE = 60.0
IMPATIENT = Timeouts(connect=2, command=2, envelope=2, data=2, dot=2, letter=4, quit=1)


def fill(url: str, mails: int) -> None:
    """Start trajectories until so many mails wait to leave, each to somebody else."""
    world = World(open_database(url))
    for number in range(mails // 2):
        jo = Involved("coordinator", "Jo Maes", f"jo{number}@example.org")
        rita = Involved("mayor", "Rita Claes", f"rita{number}@example.org", GENT)
        world.start(involved=(jo, rita))
    world.tick()
    assert Counter(mail.status for mail in world.mails()) == {"queued": mails}
    world.database.close()


@dataclass
class Crew:
    """Three workers on one database, and the mail server that they send to."""

    url: str
    sink: Sink
    timeouts: Timeouts | None = None
    pids: list[int] = field(default_factory=list)

    def hire(self, count: int = 1) -> None:
        """Start workers."""
        for _ in range(count):
            child = os.fork()
            if child == 0:
                try:
                    self._work()
                    os._exit(0)
                finally:
                    traceback.print_exc()
                    os._exit(1)
            self.pids.append(child)

    def _work(self) -> None:
        """Serve as `traject serve` does, at a moment that stands still."""
        logging.disable(logging.CRITICAL)
        room = self.world(open_database(self.url)).post()
        ticker = Ticker(lambda: tick(room).stood_by, EVERY, SystemClock(), lambda: vacant(room))
        ticker.stop_on_signals()
        ticker.run()

    def world(self, database: Database) -> World:
        """Return the world at the moment of sending."""
        return World(database, SmtpNotifier(self.sink.url, timeouts=self.timeouts), SENDING)

    def dismiss(self) -> None:
        """Kill whoever is left."""
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.pids.clear()

    def kill(self, pid: int) -> float:
        """Kill a worker; return the moment."""
        moment = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.pids.remove(pid)
        return moment

    def sender(self) -> tuple[int, int]:
        """Return the process that began the last letter, and its port."""
        port = self.begun()[-1].port
        inode = _inode(port)
        holder = next((pid for pid in self.pids if inode and inode in _sockets(pid)), 0)
        return holder, port

    def begun(self) -> list[Met]:
        """Return the letters that were begun."""
        return self.sink.met("mail")

    def await_letters(self, count: int) -> None:
        """Wait until so many letters were accepted."""
        until(lambda: len(self.sink.accepted()) >= count, f"{count} letters")

    def await_idle(self) -> None:
        """Wait until nothing waits that may leave now."""
        database = open_database(self.url)
        world = self.world(database)
        until(lambda: not _leaving(world), "an empty queue")
        database.close()

    def drain(self) -> World:
        """Do the rounds of the next hour alone; return the world after them."""
        world = self.world(open_database(self.url))
        for minutes in (16, 32, 48):
            world.tick_at(SENDING + timedelta(minutes=minutes))
        report = verify(world.database)
        assert report.ok, report.problems
        return world


def _leaving(world: World) -> bool:
    """Tell whether a mail is on its way, or may be."""
    return any(
        mail.status == "sending" or (mail.status == "queued" and mail.next_at <= SENDING)
        for mail in world.mails()
    )


def until(reached: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)


def _inode(port: int) -> str:
    """Return the socket of this machine that is bound to a client's port."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        cells = line.split()
        if cells[1] == f"0100007F:{port:04X}" and cells[9] != "0":
            return cells[9]
    return ""


def _sockets(pid: int) -> set[str]:
    """Return the sockets that a process has open."""
    found = set()
    with suppress(OSError):
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if match := re.match(r"socket:\[(\d+)\]", str(handle.readlink())):
                    found.add(match[1])
    return found


def overlaps(met: Iterable[Met]) -> int:
    """Return how often a connection went on sending after another one had begun to."""
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    for one in met:
        if one.what in ("mail", "taken"):
            first.setdefault(one.port, one.at)
            last[one.port] = one.at
    spans = sorted((first[port], last[port]) for port in first)
    return sum(later[0] < before[1] for before, later in pairwise(spans))
