"""What is written on a disk that is full: nothing is half there, and the place is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program import Program

START = ("start", "reactiveren", "Gent", "--coordinator", "Jo Maes <jo@example.org>")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk without room, for a moment."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if (
        sys.platform != "linux"
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the right to mount a small disk")
    (folder / "full").write_bytes(bytes(16_384))
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_named_and_gets_no_half_file(small: Path, tmp_path: Path) -> None:
    """An export, a case file, a checkpoint, a back-up: 75; and nothing is recorded."""
    program = Program(tmp_path, f"sqlite:///{tmp_path}/traject.db")
    program.init()
    program.call(*START)
    before = program.ledger()
    for words in (
        ("export", "gent", "--case-file", str(small / "gent")),
        ("export", "--format", "csv", "-o", str(small / "a.csv")),
        ("checkpoint", "--out", str(small / "c.txt")),
        ("backup", str(small / "b.db")),
    ):
        told = " ".join(program.call(*words, expect=75).stderr.split())
        assert f"The disk of {small} is full; nothing was written." in told
    assert sorted(path.name for path in small.iterdir()) == ["full"]
    assert program.ledger() == before


def test_a_torn_backup_is_called_torn(tmp_path: Path) -> None:
    """Not a file beside it that nobody knows, and which could not be opened."""
    program = Program(tmp_path, f"sqlite:///{tmp_path}/traject.db")
    program.init()
    program.call("backup", str(tmp_path / "b.db"))
    torn = tmp_path / "torn.db"
    torn.write_bytes((tmp_path / "b.db").read_bytes()[:20_000])
    told = program.call("restore", str(torn), "--set-aside", expect=None)
    assert told.code in (1, 8)
    assert f"{torn} " in told.stderr.replace("\n", " ")
    assert "damaged" in told.stderr
