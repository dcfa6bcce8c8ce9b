"""Kills a process at a chosen point of an advance and a tick, and looks what it left behind.

The points are counted from below: before and after each statement and each COMMIT at the
driver, before and after each letter at the notifier, before each file operation in the folder
of the mails; where real letters go to a real server it is the server that kills, at each word.
The product has no hook for this.

What makes a kill cheap: this process has everything loaded and forks, and the database keeps its
compiled statements, as it lies at one place and is put back from a copy. The dead are real
processes, really killed.
"""

from __future__ import annotations

import hashlib
import os
import random
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
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from engine.audit import verify
from engine.ports import Letter, Notice, Notifier, Periodic, Receipt, Said, Session, Step
from engine.service import moving
from engine.store import schema, sqlite
from engine.store.database import Database, open_database
from engine.store.outbox import Mail
from notifications.compose import compose, said
from notifications.delivery import FileNotifier, SmtpNotifier
from tests.campaigns.sink import Sink
from tests.drivers import watching
from tests.fakes import SENT
from tests.world import MONDAY, World

NEVER = -1
DAY_OF_RUNG = MONDAY + timedelta(days=15)  # the first rung of every trajectory is due
HALF_AN_HOUR = timedelta(minutes=31)
LATER_ROUNDS = (31, 47, 63)  # minutes: what is uncertain waits a quarter of an hour
FILE_EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir"})
COMMITTED, ACCEPTED = "after COMMIT", "after send"
LETTERS, FILES, SMTP = "letters", "files", "smtp"  # how mail leaves
ANSWERED = ("sent", "written")

Wanted = Counter[tuple[str, str, str]]  # trajectory, notice, reader


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

    def compose(self, notice: Notice | Periodic) -> Letter:
        """Return the real letter of a notice."""
        return compose(notice)

    def said(self, notice: Notice) -> Said:
        """Return the real words of a notice."""
        return said(notice)

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


@dataclass
class Passing:
    """A notifier that tells the reaper of each letter before it leaves and after."""

    inner: Notifier
    reaper: Reaper
    writes_files: bool

    def compose(self, notice: Notice | Periodic) -> Letter:
        """Return the letter."""
        return self.inner.compose(notice)

    def said(self, notice: Notice) -> Said:
        """Return the words."""
        return self.inner.said(notice)

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
    """Where runs take place: the database, what the relay or the folder got, the oath.

    `oath` is the file in which the process writes that its advance was acknowledged; `put_back`
    gives the database the contents it had when it was prepared.
    """

    url: str
    folder: Path
    put_back: Callable[[], None]
    mail: str = LETTERS
    waiting: int = 1  # trajectories whose rung is due, beside the one that advances
    sink: Sink | None = None
    digest: bool = False  # the rounds make the coach's, of a trajectory without people
    advancing: str = ""
    others: list[str] = field(default_factory=list)
    wanted: Wanted = field(default_factory=Counter)

    @cached_property
    def database(self) -> Database:
        """Return the database, opened once: what it compiled is good for every run."""
        return open_database(self.url)

    @property
    def oath(self) -> Path:
        """Return the file of the acknowledgement."""
        return self.folder / "acknowledged"

    @property
    def mails(self) -> Path:
        """Return the folder of the mails that become files."""
        return self.folder / "mails"

    @property
    def memory(self) -> Path:
        """Return the file of what the relay accepted."""
        return self.folder / "relay"

    def notifier(self) -> Notifier:
        """Return the notifier of these runs."""
        if self.mail == SMTP and self.sink is not None:
            return SmtpNotifier(self.sink.url)
        return FileNotifier(self.mails) if self.mail == FILES else Relay(self.memory)

    def accepted(self) -> Counter[str]:
        """Return how often each letter was accepted, by Message-ID and digest."""
        if self.mail == SMTP and self.sink is not None:
            return Counter(self.sink.accepted())
        return Counter(self.memory.read_text().splitlines() if self.memory.exists() else ())

    def world(self) -> World:
        """Return the world on the day that the rungs are due."""
        return World(self.database, self.notifier(), DAY_OF_RUNG, digest=self.digest)

    def prepare(self) -> None:
        """Start the trajectories; one may advance, the first rung of the others is due soon."""
        world = World(self.database, Relay(self.memory), MONDAY)
        self.advancing = world.start()
        self.others = [world.start() for _ in range(self.waiting)]
        if self.digest:
            world.start(involved=())
        world.tick()
        world.tick_at(world.now + HALF_AN_HOUR)
        world.meet(self.advancing)
        self.database.close()

    def reset(self) -> None:
        """Put the database back, and forget what was delivered so far."""
        self.database.close()
        self.put_back()
        self.memory.unlink(missing_ok=True)
        self.oath.unlink(missing_ok=True)
        shutil.rmtree(self.mails, ignore_errors=True)
        if self.sink is not None:
            self.sink.diary.unlink(missing_ok=True)


def sqlite_bench(
    folder: Path,
    *,
    mail: str,
    waiting: int = 1,
    journal: str = "",
    sink: Sink | None = None,
    place: Path | None = None,
    digest: bool = False,
) -> Bench:
    """Return a prepared bench on a SQLite file.

    `journal`: other than the product's own; `place`: where the file lies, if not in the folder.
    """
    folder.mkdir(parents=True)
    if journal:
        mode = (journal, "FULL" if journal == "wal" else "EXTRA")
        sqlite.durability = lambda version: mode
    path, copy = (place or folder) / "traject.db", folder / "copy.db"
    made = open_database(str(path), create=True)
    schema.create(made)
    made.close()

    def put_back() -> None:
        for ending in ("-journal", "-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
        shutil.copyfile(copy, path)

    bench = Bench(str(path), folder, put_back, mail, waiting, sink, digest)
    bench.prepare()
    shutil.copyfile(path, copy)
    return rehearsed(bench)


def rehearsed(bench: Bench) -> Bench:
    """Return the bench, now knowing which mails there are when nothing goes wrong."""
    bench.reset()
    scenario(bench, Reaper())
    bench.wanted = _mails_of(bench, _made(bench.world()))
    assert len(bench.wanted) > bench.waiting
    return bench


def scenario(bench: Bench, reaper: Reaper) -> None:
    """Advance, say so, and do a round half an hour later."""
    with watching(reaper.statement):
        world = bench.world()
        world.notifier = Passing(world.notifier, reaper, bench.mail == FILES)
        reaper.active = True
        moving.advance(world.desk(), bench.advancing)
        bench.oath.write_text("advanced")
        world.tick_at(world.now + HALF_AN_HOUR)
        reaper.active = False
    bench.database.close()


def points(bench: Bench) -> list[str]:
    """Return the labels of all points of the scenario, in order; this plays it."""
    bench.reset()
    reaper = Reaper()
    record = bench.folder / "points"

    def counted() -> None:
        scenario(bench, reaper)
        record.write_text("\n".join(reaper.labels))

    assert _in_child(bench, reaper, counted) == 0
    return record.read_text().splitlines()


def words(bench: Bench) -> list[str]:
    """Return the words that client and server exchange in the scenario; this plays it."""
    assert bench.sink is not None
    bench.reset()
    bench.sink.command()
    assert _in_child(bench, Reaper(), partial(scenario, bench, Reaper())) == 0
    return bench.sink.words.read_text().splitlines()


def killed_at(bench: Bench, point: int) -> None:
    """Play the scenario in a process that dies at a point."""
    bench.reset()
    reaper = Reaper(at=point)
    ended = _in_child(bench, reaper, partial(scenario, bench, reaper))
    assert ended == -signal.SIGKILL, f"the process ended with {ended} before point {point}"


def killed_at_word(bench: Bench, word: int) -> bool:
    """Play the scenario in a process that the mail server kills at a word; tell whether it did.

    At the last words the client may be done before the kill reaches it.
    """
    assert bench.sink is not None
    bench.reset()
    sink = bench.sink

    def play() -> None:
        sink.command(f"{os.getpid()} {word}")
        scenario(bench, Reaper())

    ended = _in_child(bench, Reaper(), play)
    bench.sink.command()
    return ended == -signal.SIGKILL


def killed_after(bench: Bench, seconds: float) -> bool:
    """Play the scenario in a process that is killed after a while; tell whether it still ran."""
    bench.reset()
    ended = _in_child(bench, Reaper(), partial(scenario, bench, Reaper()), seconds)
    return ended == -signal.SIGKILL


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
    unrecorded: int  # letters that the server took before the kill, and of which we kept no word
    duplicates: int


def recover(bench: Bench) -> Aftermath:
    """Reopen, check that nothing is partial or lost, do the later rounds, check the mails."""
    acknowledged = bench.oath.exists()
    world = bench.world()
    report = verify(world.database)
    assert report.ok, report.problems
    advanced = world.trajectory(bench.advancing).phase == "analysis"
    assert advanced or not acknowledged, "an acknowledged advance is gone"
    answered = {_name(mail) for mail in _made(world) if mail.status in ANSWERED}
    unrecorded = set(bench.accepted()) - answered
    if not advanced:
        moving.advance(world.desk(), bench.advancing)
    for minutes in LATER_ROUNDS:
        world.tick_at(DAY_OF_RUNG + timedelta(minutes=minutes))
    assert verify(world.database).ok
    duplicates = _check_mails(bench, world)
    bench.database.close()
    return Aftermath(acknowledged, len(unrecorded), duplicates)


def _made(world: World) -> list[Mail]:
    """Return the mails of the scenario; those of the beginning went out long before."""
    return [mail for mail in world.mails() if mail.notice != "start"]


def _mails_of(bench: Bench, mails: list[Mail]) -> Wanted:
    return Counter((mail.trajectory, mail.notice, mail.person) for mail in mails)


def _name(mail: Mail) -> str:
    return f"{mail.message_id} {mail.sha256}"


def _check_mails(bench: Bench, world: World) -> int:
    """Check that each mail that had to go went, unaltered; return how many went twice."""
    # One whose words were true no longer when it left was withdrawn, and its new edition stands.
    fresh = [mail for mail in _made(world) if mail.status != "cancelled"]
    assert _mails_of(bench, fresh) == bench.wanted
    if bench.mail == FILES:
        assert {mail.status for mail in fresh} == {"written"}
        found = sorted(path.read_bytes() for path in bench.mails.iterdir())
        assert found == sorted(mail.mime or b"" for mail in fresh)
        return 0
    assert {mail.status for mail in fresh} == {"sent"}, [(m.id, m.status) for m in fresh]
    accepted = bench.accepted()
    assert set(accepted) == {_name(mail) for mail in fresh}
    return sum(accepted.values()) - len(accepted)


def may_double(labels: list[str], point: int) -> bool:
    """Tell whether a kill at this point falls between an acceptance and its record."""
    passed = labels[: point + 1]
    last = [n for n, label in enumerate(passed) if label in (ACCEPTED, COMMITTED)]
    return bool(last) and passed[last[-1]] == ACCEPTED


@dataclass
class Losses:
    """The figures of many kills; what would be a loss stops the campaign where it happens."""

    at_points: int = 0
    at_words: int = 0
    at_moments: int = 0
    acknowledged: int = 0
    unrecorded: int = 0
    duplicates: int = 0

    def add(self, found: Aftermath) -> None:
        """Count what was found after one kill; a letter goes twice only where nobody noted it."""
        assert found.duplicates == found.unrecorded, found
        self.acknowledged += found.acknowledged
        self.unrecorded += found.unrecorded
        self.duplicates += found.duplicates

    def join(self, other: Losses) -> None:
        """Add the figures of another process."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def kills(self) -> int:
        """Return how many processes were killed."""
        return self.at_points + self.at_words + self.at_moments


def campaign(bench: Bench, kills: int, *, worker: int = 0, workers: int = 1) -> Losses:
    """Return what so many kills did: at points, at words of the mail server, at random moments.

    Where the kills do not suffice for this worker's share of all points, they are spread.
    """
    found, labels = Losses(), points(bench)
    start = time.monotonic()
    assert points(bench) == labels  # the same each time, else a point would be nothing
    length = time.monotonic() - start
    for point in _spread(range(worker, len(labels), workers), -(-kills * 6 // 10)):
        killed_at(bench, point)
        after = recover(bench)
        found.at_points += 1
        found.add(after)
        expected = bench.mail != FILES and may_double(labels, point)
        assert after.duplicates == expected, (point, labels[point])
    if bench.mail == SMTP:
        said = range(worker, len(words(bench)), workers)
        for word in _spread(said, -(-kills // 5)):
            if killed_at_word(bench, word):
                found.at_words += 1
                found.add(recover(bench))
    chance = random.Random(worker)
    while found.kills < kills:
        if killed_after(bench, chance.uniform(0, length)):
            found.at_moments += 1
            found.add(recover(bench))
    return found


def _spread(share: range, most: int) -> range:
    """Return a share, or so many of it, evenly spread."""
    return share[:: max(1, -(-len(share) // most))]
