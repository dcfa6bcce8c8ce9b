"""kill -9 at every point of an advance, a tick and a delivery: nothing partial, nothing lost."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url

from engine.store import schema
from engine.store.database import open_database
from tests import postgres
from tests.campaigns import runs, table
from tests.campaigns.crashing import (
    FILES,
    LETTERS,
    SMTP,
    Bench,
    Losses,
    campaign,
    points,
    rehearsed,
    sqlite_bench,
)
from tests.campaigns.sink import sink

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

SHORT = 12  # kills of the short form, a bench
MIDDLE, FULL = 240, 10_000
MIDDLE_POSTGRES, FULL_POSTGRES = 40, 500
# How mail leaves, in which journal mode, how many reminders are due beside the advance's mail.
BENCHES = [*product((LETTERS, FILES, SMTP), ("delete", "wal"), (1, 4))]


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: a kill, unlike a power cut, asks no disk."""
    shared = Path("/dev/shm")
    place = shared if shared.is_dir() and os.access(shared, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="traject-kills-", dir=place))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("mail", [LETTERS, FILES])
def test_a_kill_at_any_sampled_point_loses_nothing(memory: Path, mail: str) -> None:
    """The short form, on SQLite, in the journal mode of this machine."""
    bench = sqlite_bench(memory / "bench", mail=mail)
    labels = points(bench)
    assert len(labels) > 200
    assert labels.count("before send") == 2
    found = campaign(bench, SHORT)
    assert found.at_points
    assert found.at_moments


def test_a_kill_by_the_mail_server_at_any_word_loses_nothing(memory: Path) -> None:
    """A short form with real letters to a real server, which kills at every other word."""
    with sink(memory / "sink") as server:
        bench = sqlite_bench(memory / "bench", mail=SMTP, sink=server)
        found = campaign(bench, SHORT)
    assert found.at_words


def share(folder: Path, worker: int, workers: int, kills: int) -> Losses:
    """Return the figures of one worker's share of the kills, over all benches."""
    found = Losses()
    for number, (mail, journal, waiting) in enumerate(BENCHES):
        here = folder / f"{worker}-{number}"
        count = sum(1 for one in range(kills) if one % len(BENCHES) == number)
        mine = sum(1 for one in range(count) if one % workers == worker)
        with sink(here / "sink") as server:
            bench = sqlite_bench(
                here / "bench", mail=mail, journal=journal, waiting=waiting, sink=server
            )
            if mine:
                found.join(campaign(bench, mine, worker=worker, workers=workers))
        shutil.rmtree(here)
    return found


def _report(writer: Any, *arguments: Any) -> None:
    writer.send(share(*arguments))


def shared_out(folder: Path, kills: int, workers: int) -> Losses:
    """Return the figures of all workers, each a process of its own."""
    context = multiprocessing.get_context("fork")
    found, pipes, processes = Losses(), [], []
    for worker in range(workers):
        reader, writer = context.Pipe(duplex=False)
        process = context.Process(target=_report, args=(writer, folder, worker, workers, kills))
        process.start()
        writer.close()
        pipes.append(reader)
        processes.append(process)
    for reader in pipes:
        found.join(reader.recv())
    for process in processes:
        process.join()
    return found


def figures(found: Losses, seconds: float) -> list[tuple[str, object]]:
    """Return the table of a campaign; what must be 0 was asserted after every kill."""
    return [
        ("processes killed", found.kills),
        ("… at a statement, COMMIT, file operation or letter", found.at_points),
        ("… by the mail server, at a word of the conversation", found.at_words),
        ("… at a random moment", found.at_moments),
        ("advances acknowledged before the kill", found.acknowledged),
        ("acknowledged advances lost", 0),
        ("partial writes", 0),
        ("mails lost", 0),
        ("kills between the final dot and its record", found.unrecorded),
        ("mails delivered twice, byte-identical", found.duplicates),
        ("seconds", round(seconds)),
    ]


@pytest.mark.campaign
def test_a_kill_at_every_point_loses_nothing_on_sqlite(
    memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All points of all benches, then random moments; every kill is looked into."""
    start = time.monotonic()
    kills = runs(MIDDLE, FULL)
    found = shared_out(memory, kills, os.cpu_count() or 1)
    assert found.kills == kills
    with capsys.disabled():
        print(table("kill -9 on SQLite", figures(found, time.monotonic() - start)))


@pytest.mark.campaign
@pytest.mark.parametrize("mail", [LETTERS, FILES])
def test_a_kill_at_any_point_loses_and_doubles_no_digest(memory: Path, mail: str) -> None:
    """It is made after the reminders' mails, and leaves with them."""
    bench = sqlite_bench(memory / "bench", mail=mail, digest=True)
    assert bench.wanted["people", "coach_digest", "actor:1"] == 1
    assert campaign(bench, MIDDLE).at_points


def postgres_bench(server: str, folder: Path, mail: str, waiting: int) -> Iterator[Bench]:
    """Yield a prepared bench in a database of its own, put back from a template."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT", use_native_hstore=False)

    def ask(*texts: str) -> None:
        with admin.connect() as connection:
            for text in texts:
                connection.exec_driver_sql(text)

    def put_back() -> None:
        ask("DROP DATABASE IF EXISTS kills WITH (FORCE)", "CREATE DATABASE kills TEMPLATE kept")

    ask("CREATE DATABASE kills")
    own = url.set(drivername="postgresql", database="kills")
    bench = Bench(own.render_as_string(hide_password=False), folder, put_back, mail, waiting)
    database = open_database(bench.url, create=True)
    schema.create(database)
    database.close()
    bench.prepare()
    ask("CREATE DATABASE kept TEMPLATE kills")
    try:
        yield rehearsed(bench)
    finally:
        bench.database.close()
        ask("DROP DATABASE kills WITH (FORCE)", "DROP DATABASE kept WITH (FORCE)")
        admin.dispose()


def on_postgres(folder: Path, kills: int, benches: Sequence[tuple[str, int]]) -> Losses:
    """Kill clients of a private server at points spread over all, then at random moments."""
    if postgres.binaries() is None:
        pytest.skip("no PostgreSQL server here")
    found = Losses()
    with postgres.private_server() as server:
        for number, (mail, waiting) in enumerate(benches):
            mine = sum(1 for one in range(kills) if one % len(benches) == number)
            for bench in postgres_bench(server, folder, mail, waiting):
                found.join(campaign(bench, mine))
    return found


@pytest.mark.campaign
@pytest.mark.postgres
def test_a_kill_at_a_few_points_loses_nothing_on_postgres(memory: Path) -> None:
    """The short form, on PostgreSQL."""
    assert on_postgres(memory, 3, [(LETTERS, 1)]).kills == 3


@pytest.mark.campaign
@pytest.mark.postgres
def test_a_kill_at_many_points_loses_nothing_on_postgres(
    memory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Points spread over all of them, and random moments."""
    start = time.monotonic()
    benches = [*product((LETTERS, FILES), (1, 4))]
    found = on_postgres(memory, runs(MIDDLE_POSTGRES, FULL_POSTGRES), benches)
    with capsys.disabled():
        print(table("kill -9 on PostgreSQL", figures(found, time.monotonic() - start)))
