"""Kills a process at a chosen point of an advance and a tick, and looks what it left behind.

The points are counted from below: before and after each statement and each COMMIT at the
driver, before and after each letter at the notifier, and before each file operation in the
folder of the mails. The product has no hook for this.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from engine.audit import verify
from engine.ports import Letter, Notice, Notifier, Receipt, Session, Step
from engine.service import moving
from engine.service.desk import Terms
from engine.store.database import open_database
from notifications.compose import compose
from notifications.delivery import FileNotifier
from tests.drivers import watching
from tests.fakes import SENT
from tests.world import MONDAY, World

NEVER = -1
DAY_OF_RUNG = MONDAY + timedelta(days=15)  # the first rung of both trajectories is due
HALF_AN_HOUR = timedelta(minutes=31)
FILE_EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir"})
COMMITTED, ACCEPTED = "after COMMIT", "after send"


@dataclass
class Reaper:
    """Counts the points that a process passes and kills it at one of them."""

    at: int = NEVER
    labels: list[str] = field(default_factory=list)
    active: bool = False

    def point(self, label: str) -> None:
        """Pass a point, or die there."""
        if not self.active:
            return
        self.labels.append(label)
        if len(self.labels) - 1 == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, when: str, sql: str, _parameters: Any, _many: bool) -> None:
        """Pass the point beside a statement."""
        self.point(f"{when} {sql.split(maxsplit=1)[0]}")

    def file(self, folder: Path, event: str, arguments: tuple[Any, ...]) -> None:
        """Pass the point before a file operation in a folder; an audit hook of Python's."""
        if self.active and event in FILE_EVENTS and str(arguments[0]).startswith(str(folder)):
            self.point(f"before {event}")


@dataclass
class Relay:
    """A relay whose memory outlives everybody: a line a letter that it accepted."""

    memory: Path
    writes_files: bool = False

    def compose(self, notice: Notice) -> Letter:
        """Return the real letter of a notice."""
        return compose(notice)

    @contextmanager
    def session(self) -> Iterator[Relay]:
        """Return itself."""
        yield self

    def send(self, name: str, letter: Letter) -> Receipt:
        """Accept a letter."""
        digest = hashlib.sha256(letter.mime).hexdigest()
        with self.memory.open("a") as memory:
            memory.write(f"{letter.message_id} {digest}\n")
        return SENT

    def probe(self) -> tuple[Step, ...]:
        """Return nothing; nobody asks."""
        return ()

    def accepted(self) -> Counter[str]:
        """Return how often each letter was accepted, by Message-ID and digest."""
        return Counter(self.memory.read_text().splitlines() if self.memory.exists() else ())


@dataclass
class Passing:
    """A notifier that tells the reaper of each letter before it leaves and after."""

    inner: Notifier
    reaper: Reaper
    writes_files: bool

    def compose(self, notice: Notice) -> Letter:
        """Return the letter."""
        return self.inner.compose(notice)

    def probe(self) -> tuple[Step, ...]:
        """Return nothing; nobody asks."""
        return ()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open the session behind."""
        with self.inner.session() as session:
            yield _PassingSession(session, self.reaper)


@dataclass
class _PassingSession:
    inner: Session
    reaper: Reaper

    def send(self, name: str, letter: Letter) -> Receipt:
        self.reaper.point("before send")
        receipt = self.inner.send(name, letter)
        self.reaper.point(ACCEPTED)
        return receipt


@dataclass
class Bench:
    """Where one run takes place: the database, what the relay or the folder got, the oath.

    `oath` is the file in which the process writes that its advance was acknowledged.
    """

    url: str
    folder: Path
    files: bool
    advancing: str = ""
    waiting: str = ""

    @property
    def oath(self) -> Path:
        """Return the file of the acknowledgement."""
        return self.folder / "acknowledged"

    @property
    def relay(self) -> Relay:
        """Return the relay that remembers."""
        return Relay(self.folder / "relay")

    @property
    def mails(self) -> Path:
        """Return the folder of the mails that become files."""
        return self.folder / "mails"

    def notifier(self) -> Notifier:
        """Return the notifier of this run."""
        return FileNotifier(self.mails) if self.files else self.relay

    @contextmanager
    def world(self) -> Iterator[World]:
        """Open the log, and close it again."""
        database = open_database(self.url)
        try:
            yield World(database, self.notifier(), DAY_OF_RUNG)
        finally:
            database.close()

    def prepare(self) -> None:
        """Start two trajectories; one may advance, the first rung of the other is due soon."""
        with self.world() as world:
            world.now = MONDAY
            self.advancing, self.waiting = world.start(), world.start()
            world.tick()
            world.tick_at(world.now + HALF_AN_HOUR)
            world.meet(self.advancing)
        self.forget()

    def forget(self) -> None:
        """Forget what was delivered so far."""
        self.relay.memory.unlink(missing_ok=True)
        self.oath.unlink(missing_ok=True)
        shutil.rmtree(self.mails, ignore_errors=True)

    def copy(self, folder: Path) -> Bench:
        """Return the same bench on a copy of a SQLite file."""
        folder.mkdir()
        url = str(folder / "traject.db")
        shutil.copyfile(self.url.removeprefix("sqlite:///"), url)
        return Bench(url, folder, self.files, self.advancing, self.waiting)


def scenario(bench: Bench, reaper: Reaper) -> None:
    """Advance, say so, and do a round half an hour later."""
    with watching(reaper.statement), bench.world() as world:
        world.notifier = Passing(world.notifier, reaper, bench.files)
        reaper.active = True
        moving.advance(world.desk(), bench.advancing)
        bench.oath.write_text("advanced")
        world.tick_at(world.now + HALF_AN_HOUR)
        reaper.active = False


def points(bench: Bench) -> list[str]:
    """Return the labels of all points of the scenario, in order; this plays it."""
    reaper = Reaper()
    record = bench.folder / "points"

    def counted() -> None:
        scenario(bench, reaper)
        record.write_text("\n".join(reaper.labels))

    assert _in_child(bench, reaper, counted) == 0
    return record.read_text().splitlines()


def killed_at(bench: Bench, point: int) -> None:
    """Play the scenario in a process that dies at a point."""
    reaper = Reaper(at=point)
    ended = _in_child(bench, reaper, partial(scenario, bench, reaper))
    assert ended == -signal.SIGKILL, f"the process ended with {ended} before point {point}"


def killed_after(bench: Bench, seconds: float) -> None:
    """Play the scenario in a process that is killed after a while, wherever it is."""
    _in_child(bench, Reaper(), partial(scenario, bench, Reaper()), seconds)


def _in_child(
    bench: Bench, reaper: Reaper, play: Callable[[], None], seconds: float | None = None
) -> int:
    """Run in a fork of this process, which has everything loaded; return how it ended."""
    child = os.fork()
    if child == 0:
        try:
            sys.addaudithook(partial(_hear, reaper, bench.mails))
            play()
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(70)
    if seconds is not None:
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _hear(reaper: Reaper, folder: Path, event: str, arguments: tuple[Any, ...]) -> None:
    reaper.file(folder, event, arguments)


@dataclass
class Aftermath:
    """What was found after a kill and the rounds that followed."""

    acknowledged: bool
    duplicates: int


def recover(bench: Bench) -> Aftermath:
    """Reopen, check that nothing is partial or lost, do the later rounds, check the mails."""
    acknowledged = bench.oath.exists()
    with bench.world() as world:
        report = verify(world.database)
        assert report.ok, report.problems
        advanced = world.trajectory(bench.advancing).phase == "analysis"
        assert advanced or not acknowledged, "an acknowledged advance is gone"
        if not advanced:
            moving.advance(world.desk(), bench.advancing)
        for minutes in range(31, 31 + 5 * 16, 16):
            world.tick_at(DAY_OF_RUNG + timedelta(minutes=minutes))
        assert verify(world.database).ok
        duplicates = _check_mails(bench, world)
        for ref in (bench.advancing, bench.waiting):
            moving.stop(world.desk(), ref, Terms(mail=False), reason="other", silent=True)
    return Aftermath(acknowledged, duplicates)


def _check_mails(bench: Bench, world: World) -> int:
    """Check that each mail that had to go went, unaltered; return how many went twice."""
    mails = [*world.mails(bench.advancing), *world.mails(bench.waiting)]
    fresh = [mail for mail in mails if mail.notice != "start"]
    made = sorted((mail.notice, mail.person) for mail in fresh)
    assert made == [("deadline_soon", "contact:1"), ("phase_started", "contact:1")], made
    if bench.files:
        assert {mail.status for mail in fresh} == {"written"}
        found = sorted(path.read_bytes() for path in bench.mails.iterdir())
        assert found == sorted(mail.mime or b"" for mail in fresh)
        return 0
    assert {mail.status for mail in fresh} == {"sent"}
    accepted = bench.relay.accepted()
    assert set(accepted) == {f"{mail.message_id} {mail.sha256}" for mail in fresh}
    return sum(accepted.values()) - len(accepted)


def may_double(labels: list[str], point: int) -> bool:
    """Tell whether a kill at this point falls between an acceptance and its record."""
    passed = labels[: point + 1]
    last = [n for n, label in enumerate(passed) if label in (ACCEPTED, COMMITTED)]
    return bool(last) and passed[last[-1]] == ACCEPTED
