"""A full disk and a locked database: exit code 75, nothing lost, and it works again afterwards."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from engine.audit import verify
from engine.store.database import open_database
from tests.campaigns import runs, table
from tests.campaigns.filling import TRY_AGAIN, WELL, campaign
from tests.campaigns.sink import Sink, sink
from tests.fakes import RecordingNotifier
from tests.program import Program
from tests.world import MONDAY, World

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and Linux")

HALF_AN_HOUR = timedelta(minutes=31)
LEVELS = 50
PATIENCE = 60.0


def test_a_full_disk_loses_nothing() -> None:
    """The short form: from no room at all to a few pages."""
    found = campaign(4)
    if found is None:
        pytest.skip("may not mount a small disk here")
    assert found.refused
    assert "The disk is full. Nothing was changed" in found.told
    assert "the disk of the database is nearly full" in found.told


@pytest.mark.campaign
def test_a_full_disk_at_every_level_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """50 levels of room, a page apart."""
    found = campaign(runs(LEVELS, LEVELS))
    if found is None:
        pytest.skip("may not mount a small disk here")
    figures = [
        ("levels of free space, 4096 bytes apart", found.levels),
        ("commands refused, all with exit code 75", found.refused),
        ("commands that fitted", found.went),
        ("acknowledged advances", found.acknowledged),
        ("lost or partial, afterwards", 0),
        ("levels at which nothing worked again once there was room", 0),
        ("rounds that stopped after a letter had left", found.halfway),
        ("mails delivered twice, byte-identical", found.doubled),
    ]
    with capsys.disabled():
        print(table("disk full, SQLite", figures))


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Let another writer keep the database for itself."""
    inside, over = threading.Event(), threading.Event()

    def hold() -> None:
        database = open_database(url)
        with database.writing():
            inside.set()
            over.wait(PATIENCE)
        database.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(PATIENCE)
    try:
        yield
    finally:
        over.set()
        thread.join()


def shut_out(url: str, folder: Path, server: Sink) -> Counter[int]:
    """Run commands beside a writer who does not let go; return how they ended."""
    world = World(open_database(url), RecordingNotifier())
    ref = world.start()
    world.tick()
    world.meet(ref)
    program = Program(folder, url)
    program.environment["TRAJECT_SMTP_URL"] = server.url
    later = (MONDAY + HALF_AN_HOUR).isoformat()
    before = program.ledger()
    with locked(url):
        told = [
            program.call("--now", later, *words, expect=None)
            for words in (("advance", ref), ("tick",), ("note", ref, "Agreed on the first goal"))
        ]
        seen = program.call("--now", later, "show", ref)  # whoever reads is not kept out
        said = program.call("--now", later, "doctor", "--offline", expect=None).stdout
    assert ref in seen.stdout
    assert "keeps the database locked" in said
    assert all("kept it locked" in one.stderr for one in told)
    assert program.ledger() == before
    assert not server.accepted()
    assert program.call("--now", later, "tick", "--json").json["sent"] == 2
    program.call("--now", later, "advance", ref)
    assert verify(world.database).ok
    left = [mail.status for mail in world.mails(ref) if mail.notice == "start"]
    assert left.count("sent") == 2  # in the words of the day on which they leave
    world.database.close()
    return Counter(one.code for one in told)


@pytest.mark.campaign
def test_a_database_that_stays_locked_loses_nothing(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command waits ten seconds, gives up with 75, and goes well once the lock is gone."""
    with sink(tmp_path / "sink") as server:
        codes = shut_out(database_url, tmp_path, server)
    assert set(codes) == {TRY_AGAIN}
    figures = [
        ("commands beside a writer who does not let go", codes.total()),
        ("refused with exit code 75 after ten seconds", codes[TRY_AGAIN]),
        ("went through", codes[WELL]),
        ("changed by them", 0),
        ("mails sent meanwhile", 0),
        ("lost, afterwards", 0),
    ]
    with capsys.disabled():
        print(table(f"database locked, {database_url.partition(':')[0]}", figures))
