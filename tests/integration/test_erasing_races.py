"""An erasure beside a round: what a sender has in its hands must not come back afterwards."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.audit import verify
from engine.dispatch import standstill
from engine.dispatch.erasing import erase_contact
from engine.dispatch.post import Tally
from engine.dispatch.settling import ORPHANED, settle
from engine.domain.errors import TryAgain
from engine.ports import Letter, Receipt
from engine.service.desk import Terms
from engine.store.database import Database, open_database
from engine.store.transaction import unit_of_work
from notifications.delivery.files import FileNotifier, FileSession, file_name
from tests.fakes import RecordingNotifier
from tests.integration.test_erasing import contact, everything
from tests.program import Program
from tests.world import World

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
PATIENCE = 20.0
ERASE = ("erase", "contact", "jo", "--reason", "request_of_the_person", "--release")


class Hesitant(FileNotifier):
    """Writes files, and stops before each one that is for Jo, with a draft of it on the disk."""

    def __init__(self, folder: Path, there: Any, go: Any) -> None:
        super().__init__(folder)
        self.there, self.go = there, go

    @contextmanager
    def session(self) -> Iterator[FileSession]:
        """Return a session that hesitates."""
        with super().session() as session:
            yield _Hesitating(session, self)


class _Hesitating(FileSession):
    def __init__(self, session: FileSession, owner: Hesitant) -> None:
        super().__init__(owner.folder)
        self._session, self._owner = session, owner

    def send(self, name: str, letter: Letter) -> Receipt:
        """Write one letter, once it may."""
        if letter.envelope_to.startswith("jo@"):
            self._owner.folder.mkdir(mode=0o700, exist_ok=True)
            draft = self._owner.folder / f".{file_name(name, letter)}.part"
            draft.write_bytes(letter.mime)
            self._owner.there.set()
            assert self._owner.go.wait(PATIENCE)
        return self._session.send(name, letter)


class Office:
    """A log of which another process is about to write Jo's first mail to a file."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        shutil.copyfile(template, self.data / "traject.db")
        self.url = f"sqlite:///{self.data / 'traject.db'}"
        self.program = Program(folder, self.url)
        world = self.world()
        world.start()
        world.tick()
        self.now = world.now + timedelta(hours=1)
        world.database.close()

    def world(self) -> World:
        """Return the log, opened in this process."""
        return World(open_database(self.url), FileNotifier(self.data / "mails"))

    @contextmanager
    def sender(self) -> Iterator[tuple[Any, Any]]:
        """Run a round in a second process; yield it, stopped before that file, and its signal."""
        context = multiprocessing.get_context("fork")
        there, go = context.Event(), context.Event()
        process = context.Process(target=self._round, args=(there, go))
        process.start()
        try:
            assert there.wait(PATIENCE)
            yield process, go
        finally:
            if process.is_alive():  # who was killed while waiting cannot be told any more
                go.set()
            process.join(PATIENCE)

    def _round(self, there: Any, go: Any) -> None:
        world = self.world()
        world.notifier = Hesitant(self.data / "mails", there, go)
        world.tick_at(self.now)

    def erase(self) -> None:
        """Erase Jo by the command."""
        self.program.call(*ERASE, "--confirm", "jo maes", "--now", f"{self.now:%Y-%m-%dT%H:%M}")

    def holding(self) -> list[str]:
        """Return the files of the data in which Jo stands."""
        return [
            file.name
            for file in self.data.rglob("*")
            if file.is_file()
            and any(word in file.read_bytes() for word in (b"jo@example.org", b"Jo Maes"))
        ]

    def sound(self) -> bool:
        """Tell whether the log verifies."""
        world = self.world()
        found = verify(world.database).problems
        world.database.close()
        return not found


@pytest.fixture
def office(tmp_path: Path, sqlite_template: Path) -> Office:
    """A log with mails that are due."""
    return Office(tmp_path, sqlite_template)


@forks
def test_an_erasure_waits_for_a_file_that_another_process_writes(office: Office) -> None:
    """Else the file would appear after the erasure has looked for it."""
    with office.sender() as (_, go):
        threading.Timer(0.8, go.set).start()
        office.erase()
        assert go.is_set()
    assert office.holding() == []
    assert office.sound()


@forks
def test_what_a_sender_left_half_written_when_it_was_killed_goes_too(office: Office) -> None:
    """Its place is free by then, and the draft is no mail that anybody finds."""
    with office.sender() as (process, _):
        process.kill()
        process.join(PATIENCE)
        assert len(office.holding()) >= 2
        office.erase()
    assert office.holding() == []
    assert office.sound()


@forks
def test_a_round_that_takes_long_makes_the_erasure_say_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the exit code of who is to try again; nothing was changed."""
    monkeypatch.setattr(standstill, "TURNS", 2)
    before = office.program.ledger()
    with office.sender():
        done = office.program.call(
            *ERASE, "--confirm", "jo maes", "--now", f"{office.now:%Y-%m-%dT%H:%M}",
            expect=TryAgain.exit_code,
        )  # fmt: skip
        assert "A round is writing mails" in done.stderr
        assert office.program.ledger() == before


def test_a_late_answer_does_not_bring_the_reader_back(database: Database) -> None:
    """A mail on the wire cannot be recalled: that it was taken is kept, the server's words not."""
    relay = RecordingNotifier()
    world = World(database, relay)
    ref = world.start()
    world.tick()
    number = contact(world, "Jo Maes")
    refused: list[str] = []

    def meanwhile(letter: Letter) -> None:
        if letter.envelope_to != "jo@example.org":
            return
        try:
            _erase(world, number)
        except TryAgain as error:  # it is on its way: claimed, and nothing was said of it yet
            refused.append(str(error))
        with unit_of_work(world.database, world.now) as tx:  # who takes over from who froze
            mine = next(m for m in world.mails(ref) if m.person == f"contact:{number}")
            settle(world.post(), tx, mine, ORPHANED, Tally())
        _erase(world, number)

    relay.on_send = meanwhile
    relay.answer(Receipt("sent", "dot", 250, "2.0.0 <jo@example.org> taken"))
    world.now += timedelta(hours=1)
    world.tick()
    assert len(refused) == 1
    assert not [value for value in everything(world) if "Jo Maes" in value or "jo@ex" in value]
    (mine,) = [m for m in world.mails(ref) if m.person == f"contact:{number}" and m.sent_at]
    assert (mine.status, mine.mime, mine.last_code) == ("sent", None, 250)
    assert verify(world.database).problems == ()


def _erase(world: World, number: int) -> None:
    desk = replace(world.desk(), now=world.now)
    erase_contact(desk, world.post(), number, Terms(), reason="other", release=True)
