"""Three workers: one sends, and when it dies or is stopped nothing is lost and nobody is nagged."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from engine.store.database import open_database
from engine.store.postgres import SENDER
from tests.campaigns import runs, table
from tests.campaigns.sink import sink
from tests.campaigns.standing import IMPATIENT, Crew, fill, overlaps, until
from tests.stories import with_tables

pytestmark = pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="needs fork, signals and /proc"
)

MAILS, KILLS = 300, 20
TAKE_OVER = 1.0  # seconds


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one."""
    shared = Path("/dev/shm")
    place = shared if shared.is_dir() and os.access(shared, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="traject-standby-", dir=place))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, memory: Path, sqlite_template: Path) -> str:
    """A fresh database of either kind; SQLite's in memory."""
    if request.param == "sqlite":
        return with_tables(f"sqlite:///{memory / 'data' / 'traject.db'}", sqlite_template)
    return with_tables(str(request.getfixturevalue("postgres_url")), sqlite_template)


def kind(url: str) -> str:
    """Return what the table calls a database."""
    return "PostgreSQL" if url.startswith("postgresql") else "SQLite"


def twice(crew: Crew, mails: int) -> int:
    """Check that every mail arrived, unaltered; return how many came once more."""
    world = crew.drain()
    sent = world.mails()
    world.database.close()
    assert {mail.status for mail in sent} == {"sent"}
    accepted = crew.sink.accepted()
    assert set(accepted) == {f"{mail.message_id} {mail.sha256}" for mail in sent}
    assert len(sent) == mails
    return len(accepted) - mails


def side_by_side(url: str, folder: Path, mails: int) -> None:
    """Let three workers send; each mail arrives once, and they never send at the same time."""
    fill(url, mails)
    with sink(folder / "sink", seconds=0.002) as server:
        crew = Crew(url, server)
        try:
            crew.hire(3)
            crew.await_letters(mails)
            crew.await_idle()
        finally:
            crew.dismiss()
        assert twice(crew, mails) == 0
        assert overlaps(server.met()) == 0


def killed(url: str, folder: Path, mails: int, kills: int) -> tuple[list[float], int]:
    """Kill the one that sends, again and again; return the take-overs and the second copies."""
    fill(url, mails)
    waits: list[float] = []
    with sink(folder / "sink", seconds=0.02) as server:
        crew = Crew(url, server)
        try:
            crew.hire(3)
            for kill in range(kills):
                crew.await_letters((kill + 1) * mails // (kills + 2))
                until(lambda: crew.sender()[0] > 0, "a sender")
                pid, port = crew.sender()
                moment = crew.kill(pid)
                until(partial(_followed, crew, port), "a take-over")
                waits.append(crew.begun()[-1].at - moment)
                crew.hire()
            crew.await_idle()
        finally:
            crew.dismiss()
        assert overlaps(server.met()) == 0
        doubled = twice(crew, mails)
    assert max(waits) <= TAKE_OVER
    assert doubled <= kills  # each kill may fall between the final dot and its record
    return waits, doubled


def _followed(crew: Crew, port: int) -> bool:
    return crew.begun()[-1].port != port


def stopped(url: str, folder: Path, mails: int, seconds: float, *, ended: bool) -> tuple[int, int]:
    """Stop the sender in mid-letter, beyond its timeouts; return copies and letters meanwhile.

    `ended`: the database server ends the session of the one that is stopped.
    """
    fill(url, mails)
    with sink(folder / "sink", seconds=0.15) as server:
        crew = Crew(url, server, IMPATIENT)
        try:
            crew.hire(3)
            crew.await_letters(3)
            until(lambda: len(crew.begun()) > len(server.accepted()), "a letter on its way")
            pid, _ = crew.sender()
            os.kill(pid, signal.SIGSTOP)
            if ended:
                _end_session(url)
            time.sleep(0.3)
            before = len(server.accepted())
            time.sleep(seconds)
            meanwhile = len(server.accepted()) - before
            os.kill(pid, signal.SIGCONT)
            crew.await_idle()
        finally:
            crew.dismiss()
        doubled = twice(crew, mails)
    assert doubled <= 1
    assert bool(meanwhile) == ended  # the place is taken as long as its holder has it
    return doubled, meanwhile


def _end_session(url: str) -> None:
    """End the session that holds the sender's place."""
    database = open_database(url)
    with database.writing() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            f" WHERE locktype = 'advisory' AND granted AND classid = {SENDER}"
        )
    database.close()


def test_three_workers_deliver_each_mail_once(url: str, memory: Path) -> None:
    """The short form."""
    side_by_side(url, memory, 20)


def test_who_stands_by_takes_over_within_a_second(url: str, memory: Path) -> None:
    """The short form: two kills, though the next round is a minute away."""
    killed(url, memory, 24, 2)


@pytest.mark.campaign
def test_a_stopped_sender_keeps_its_place_and_doubles_at_most_one(url: str, memory: Path) -> None:
    """The short form."""
    stopped(url, memory, 8, 0.5, ended=False)


@pytest.mark.campaign
def test_a_sender_whose_session_was_ended_doubles_at_most_one(
    postgres_url: str, memory: Path, sqlite_template: Path
) -> None:
    """Somebody else sends by then; it wakes up, records its answer, and goes to stand by."""
    stopped(with_tables(postgres_url, sqlite_template), memory, 8, 1.0, ended=True)


@pytest.mark.campaign
def test_three_workers_lose_and_double_nothing(
    url: str, memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """300 mails."""
    mails = runs(60, MAILS)
    side_by_side(url, memory, mails)
    figures = [
        ("mails", mails),
        ("delivered once", mails),
        ("delivered twice", 0),
        ("moments with two senders", 0),
    ]
    with capsys.disabled():
        print(table(f"three workers, {kind(url)}", figures))


@pytest.mark.campaign
def test_the_sender_killed_again_and_again_is_followed_within_a_second(
    url: str, memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """300 mails, 20 kills."""
    mails, kills = runs(60, MAILS), runs(4, KILLS)
    waits, doubled = killed(url, memory, mails, kills)
    figures = [
        ("mails, each delivered", mails),
        ("the sender killed", kills),
        ("moments with two senders", 0),
        ("take-over, median in ms", round(1000 * sorted(waits)[len(waits) // 2])),
        ("take-over, longest in ms", round(1000 * max(waits))),
        ("delivered twice, byte-identical", doubled),
    ]
    with capsys.disabled():
        print(table(f"three workers, the sender killed, {kind(url)}", figures))


@pytest.mark.campaign
def test_a_sender_stopped_for_long_doubles_at_most_one(
    url: str, memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SIGSTOP until every timeout of its own has passed; the timeouts are shortened."""
    mails, seconds = runs(20, 60), 6.0
    doubled, _ = stopped(url, memory, mails, seconds, ended=False)
    figures = [
        ("mails, each delivered", mails),
        ("seconds stopped; the longest timeout is 4", round(seconds)),
        ("delivered twice, byte-identical", doubled),
    ]
    with capsys.disabled():
        print(table(f"three workers, the sender stopped, {kind(url)}", figures))


@pytest.mark.campaign
def test_a_sender_stopped_whose_session_ends_doubles_at_most_one(
    postgres_url: str,
    memory: Path,
    sqlite_template: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same, while the database server gives its place to another."""
    mails, seconds = runs(60, 120), 6.0
    url = with_tables(postgres_url, sqlite_template)
    doubled, meanwhile = stopped(url, memory, mails, seconds, ended=True)
    figures = [
        ("mails, each delivered", mails),
        ("sent by another while it was stopped", meanwhile),
        ("delivered twice, byte-identical", doubled),
    ]
    with capsys.disabled():
        print(table("three workers, the sender stopped and its session ended", figures))
