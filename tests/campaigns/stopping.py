"""A PostgreSQL server that is stopped at once, again and again, while clients write and send."""

from __future__ import annotations

import logging
import os
import random
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from engine.audit import verify
from engine.domain.errors import TryAgain
from engine.domain.events import NoteAdded
from engine.service import people
from engine.store import schema
from engine.store.database import open_database
from tests import postgres
from tests.campaigns.crashing import Relay
from tests.world import MONDAY, World

SENDING = timedelta(minutes=31)


@dataclass
class Found:
    """What the campaign counted; a loss stops it."""

    stops: int = 0
    acknowledged: int = 0
    refused: int = 0  # told to try again, exit code 75, and did
    mails: int = 0
    doubled: int = 0


@contextmanager
def cluster() -> Iterator[postgres.Cluster]:
    """Make a private server that waits for the disk as a real one does."""
    bin_folder = postgres.binaries()
    assert bin_folder is not None
    with tempfile.TemporaryDirectory(prefix="traject-stops-") as name:
        yield postgres.Cluster(bin_folder, Path(name), postgres.SETTINGS)


def campaign(folder: Path, stops: int) -> Found:
    """Stop the server at random moments, look each time, and count at the end."""
    found, chance = Found(), random.Random(1)
    with cluster() as server:
        process = server.start()
        database = open_database(server.url, create=True)
        schema.create(database)
        World(database)
        database.close()
        clients = [_client(_writing, server.url, folder), _client(_sending, server.url, folder)]
        try:
            for _ in range(stops):
                time.sleep(chance.uniform(0.15, 0.6))
                server.stop_immediately(process)
                process = server.start()
                found.stops += 1
                _look(server.url, folder)
        finally:
            for client in clients:
                os.kill(client, signal.SIGTERM)
            ended = [os.waitstatus_to_exitcode(os.waitpid(client, 0)[1]) for client in clients]
        assert ended == [0, 0], ended
        found.acknowledged = _look(server.url, folder)
        found.refused = len(_lines(folder / "refused"))
        found.mails, found.doubled = _drain(server.url, folder)
        server.stop_immediately(process)
    return found


def _client(play: Callable[[str, Path], None], url: str, folder: Path) -> int:
    """Play in a process of its own until SIGTERM; return it."""
    child = os.fork()
    if child == 0:
        logging.disable(logging.CRITICAL)
        ending: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: ending.append(number))
        try:
            while not ending:
                try:
                    play(url, folder)
                except TryAgain as error:
                    _tell(folder / "refused", str(error).splitlines()[0])
                    time.sleep(0.05)
            os._exit(0)
        except BaseException:  # noqa: BLE001  whatever it is, it is told and the child ends
            traceback.print_exc()
            os._exit(1)
    return child


def _writing(url: str, folder: Path) -> None:
    """Start a trajectory, advance it and write notes; swear to each once it was acknowledged."""
    oaths = folder / "oaths"
    database = open_database(url)
    try:
        world = World(database, Relay(folder / "relay"))
        ref = world.start()
        _tell(oaths, f"{ref} started")
        for number in range(3):
            people.note(world.desk(), ref, f"Agreed on point {number} with all who were there.")
            _tell(oaths, f"{ref} note {number}")
        world.meet(ref)
        world.advance(ref)
        _tell(oaths, f"{ref} advanced")
    finally:
        database.close()


def _sending(url: str, folder: Path) -> None:
    """Do a round in which all that was ever caused may leave."""
    database = open_database(url)
    try:
        world = World(database, Relay(folder / "relay"))
        world.tick()
        world.tick_at(MONDAY + SENDING)
    finally:
        database.close()


def _look(url: str, folder: Path) -> int:
    """Check that all that was sworn is there and that nothing is partial; return how much."""
    sworn = _lines(folder / "oaths")
    database = open_database(url)
    world = World(database)
    report = verify(database)
    assert report.ok, report.problems
    notes: dict[str, set[str]] = {}
    for event in world.events():
        if isinstance(event.fact, NoteAdded):
            notes.setdefault(event.stream, set()).add(str(event.details["text"]).split()[3])
    for ref in dict.fromkeys(line.split()[0] for line in sworn):
        trajectory = world.trajectory(ref)
        said = [line.split()[1:] for line in sworn if line.startswith(f"{ref} ")]
        kept = notes.get(trajectory.id, set())
        assert all(words[1] in kept for words in said if words[0] == "note"), ref
        assert ["advanced"] not in said or trajectory.phase == "analysis", ref
    database.close()
    return len(sworn)


def _drain(url: str, folder: Path) -> tuple[int, int]:
    """Do the last rounds; check that every mail arrived; return how many, and how many twice."""
    database = open_database(url)
    relay = folder / "relay"
    world = World(database, Relay(relay))
    for minutes in (31, 62, 78, 94, 110):
        world.tick_at(MONDAY + timedelta(minutes=minutes))
    assert verify(database).ok
    mails = [mail for mail in world.mails() if mail.status != "cancelled"]
    database.close()
    assert {mail.status for mail in mails} == {"sent"}, Counter(mail.status for mail in mails)
    accepted = Counter(_lines(relay))
    assert set(accepted) >= {f"{mail.message_id} {mail.sha256}" for mail in mails}
    return len(mails), sum(accepted.values()) - len(accepted)


def _tell(file: Path, line: str) -> None:
    with file.open("a") as handle:
        handle.write(f"{line}\n")


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
