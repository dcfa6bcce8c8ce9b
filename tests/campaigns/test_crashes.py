"""kill -9 at every point of an advance and a tick: nothing partial, nothing lost."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.campaigns import runs, table
from tests.campaigns.crashing import (
    Bench,
    killed_after,
    killed_at,
    may_double,
    points,
    recover,
)
from tests.conftest import with_tables

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

STRIDE = 17  # the short form kills at every seventeenth point
SAMPLE = 60  # points of a whole campaign on PostgreSQL


@pytest.fixture(params=["relay", "files"])
def files(request: pytest.FixtureRequest) -> bool:
    """Whether mail becomes files."""
    return bool(request.param == "files")


@pytest.fixture
def sqlite_bench(sqlite_url: str, sqlite_template: Path, tmp_path: Path, files: bool) -> Bench:
    """A prepared log in a SQLite file."""
    bench = Bench(with_tables(sqlite_url, sqlite_template), tmp_path, files)
    bench.prepare()
    return bench


def on_sqlite(
    bench: Bench, labels: list[str], chosen: Iterable[int], folder: Path
) -> Iterator[tuple[int, int, bool]]:
    """Kill at each chosen point of a copy; yield (point, duplicates, acknowledged)."""
    for run, point in enumerate(chosen):
        copy = bench.copy(folder / f"run{run}")
        killed_at(copy, point)
        found = recover(copy)
        expected = 0 if bench.files else int(may_double(labels, point))
        assert found.duplicates == expected, (point, labels[point])
        yield point, found.duplicates, found.acknowledged


@pytest.mark.campaign
def test_a_kill_at_any_sampled_point_loses_nothing(sqlite_bench: Bench, tmp_path: Path) -> None:
    """The short form, on SQLite."""
    labels = points(sqlite_bench.copy(tmp_path / "count"))
    assert len(labels) > 200
    assert labels.count("before send") == 2
    chosen = range(5, len(labels), STRIDE)
    assert len(list(on_sqlite(sqlite_bench, labels, chosen, tmp_path))) == len(chosen)


@pytest.mark.campaign
def test_a_kill_at_every_point_loses_nothing_on_sqlite(
    sqlite_bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All points; further runs are killed at a random moment."""
    labels = points(sqlite_bench.copy(tmp_path / "count"))
    start = time.monotonic()
    points(sqlite_bench.copy(tmp_path / "length"))
    length = time.monotonic() - start
    found = list(on_sqlite(sqlite_bench, labels, range(len(labels)), tmp_path))
    chance = random.Random(1)  # the same moments each time, as far as the machine is
    later = max(0, runs(len(labels)) - len(labels))
    doubled = 0
    for run in range(later):
        copy = sqlite_bench.copy(tmp_path / f"moment{run}")
        killed_after(copy, chance.uniform(0, length))
        doubled += recover(copy).duplicates
    doubled += sum(twice for _, twice, _ in found)
    window = sum(may_double(labels, point) for point in range(len(labels)))
    figures = [
        ("points, each killed once", len(labels)),
        ("killed at a random moment", later),
        ("advances acknowledged before the kill", sum(said for *_, said in found)),
        ("acknowledged advances lost", 0),
        ("partial writes", 0),
        ("mails lost", 0),
        ("points between acceptance and record", window),
        ("mails delivered twice, byte-identical", doubled),
    ]
    with capsys.disabled():
        kind = "files" if sqlite_bench.files else "letters"
        print(table(f"kill -9 on SQLite, mail as {kind}", figures))


def on_postgres(bench: Bench, stride: int) -> tuple[int, int, int]:
    """Kill at each n-th point, in new trajectories of one log; return the figures."""
    bench.prepare()
    labels = points(bench)
    recover(bench)
    chosen = range(stride // 2, len(labels), stride)
    doubled = 0
    for point in chosen:
        bench.prepare()
        killed_at(bench, point)
        found = recover(bench)
        assert found.duplicates == int(may_double(labels, point)), (point, labels[point])
        doubled += found.duplicates
    return len(labels), len(chosen), doubled


@pytest.mark.campaign
def test_a_kill_at_a_few_points_loses_nothing_on_postgres(
    postgres_url: str, sqlite_template: Path, tmp_path: Path
) -> None:
    """The short form, on PostgreSQL."""
    on_postgres(Bench(with_tables(postgres_url, sqlite_template), tmp_path, files=False), 40)


@pytest.mark.campaign
def test_a_kill_at_many_points_loses_nothing_on_postgres(
    postgres_url: str, sqlite_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sample of the points, or all of them with a large TRAJECT_CAMPAIGN_RUNS."""
    bench = Bench(with_tables(postgres_url, sqlite_template), tmp_path, files=False)
    stride = max(1, 300 // runs(SAMPLE))
    total, killed, doubled = on_postgres(bench, stride)
    with capsys.disabled():
        print(
            table(
                "kill -9 on PostgreSQL",
                [
                    ("points", total),
                    ("of which killed at", killed),
                    ("acknowledged advances lost", 0),
                    ("partial writes", 0),
                    ("mails lost", 0),
                    ("mails delivered twice, byte-identical", doubled),
                ],
            )
        )
