"""Where a back-up goes: a folder that is there, or a name that can only be that of a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import Program

DIES_IN_A_RESTORE = """
import os, sys
import cli
from engine.audit import restoring
restoring.into_database = lambda *_, **__: os._exit(9)
os.umask(0o022)
cli.main(sys.argv[1:])
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A program whose log holds nothing but who works in it."""
    program = Program(tmp_path, f"sqlite:///{tmp_path}/data/traject.db")
    program.init()
    return program


def told(program: Program, *words: str | Path, expect: int = 0) -> str:
    """Return all that a command prints, on one line."""
    result = program.call(*map(str, words), expect=expect)
    return " ".join((result.stdout + result.stderr).split())


def names(folder: Path) -> list[str]:
    """Return what lies in a folder and those under it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_dry_run_makes_no_folder(program: Program, tmp_path: Path) -> None:
    """It names the file that would lie in it, as the back-up does that follows."""
    before = names(tmp_path)
    assert f"{tmp_path}/data/backups/traject-2" in told(program, "backup", "--dry-run")
    assert names(tmp_path) == before
    assert f"{tmp_path}/data/backups/traject-2" in told(program, "backup")


@pytest.mark.parametrize("place", ["mounted", "mounted/", "mounted.db/", "mounted/kept.db"])
@pytest.mark.parametrize("way", [(), ("--dry-run",)])
def test_a_folder_that_is_not_there_is_never_made_a_file(
    program: Program, tmp_path: Path, place: str, way: tuple[str, ...]
) -> None:
    """A disk that is not mounted, a typing error: the refusal says how to make the folder."""
    before = names(tmp_path)
    said = told(program, "backup", f"{tmp_path}/{place}", *way, expect=4)
    folder = tmp_path / place.removesuffix("kept.db")
    assert f"{folder} is not there" in said
    assert f"mkdir -p {folder}" in said
    assert names(tmp_path) == before
    folder.mkdir()
    assert f"{folder}/" in told(program, "backup", f"{tmp_path}/{place}", *way)


def test_what_has_the_ending_of_a_back_up_is_a_file(program: Program, tmp_path: Path) -> None:
    """Of either kind; of others it is said which ending makes it one."""
    for name in ("kept.db", "kept.DUMP"):
        told(program, "backup", tmp_path / name)
        assert (tmp_path / name).is_file()
    assert "ends in .db" in told(program, "backup", tmp_path / "kept.copy", expect=4)


def test_a_file_is_no_folder_to_put_back_ups_in(program: Program, tmp_path: Path) -> None:
    """Who asks for a folder by a slash hears what is wrong with it; without, that it is taken."""
    (tmp_path / "kept").touch()
    assert "that is no folder" in told(program, "backup", f"{tmp_path}/kept/", expect=4)
    assert "not written over" in told(program, "backup", tmp_path / "kept", expect=4)


@pytest.mark.skipif(sys.platform == "win32", reason="there nobody can ask whether one is alive")
def test_a_back_up_takes_away_all_that_doctor_names(program: Program, tmp_path: Path) -> None:
    """Beside the database, where copies of killed restores lie, though it goes elsewhere itself."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / "kept").mkdir()
    beside = tmp_path / "data" / f".traject.db.unfinished-{gone.pid}-abc"
    beside.touch()
    told(program, "backup", tmp_path / "kept", "--dry-run")
    assert beside.name in program.call("doctor", expect=None).stdout.replace("\n", "")
    told(program, "backup", tmp_path / "kept")
    assert not beside.exists()
    assert ".unfinished-" not in program.call("doctor", expect=None).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there nobody can ask whether one is alive")
def test_what_a_killed_restore_to_a_server_left_is_private_and_taken_away(
    program: Program, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All names lie in it: for this account alone at every moment, and gone with a back-up."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    told(program, "backup", tmp_path / "b.db")
    died = subprocess.run(
        [sys.executable, "-P", "-c", DIES_IN_A_RESTORE, "restore", str(tmp_path / "b.db"),
         "--actor", "1"],
        env={**program.environment, "PYTHONPATH": str(Path.cwd()), "TMPDIR": str(scratch),
             "TRAJECT_DATABASE": postgres_url},
        check=False,
    )  # fmt: skip
    assert died.returncode == 9
    left = [path for path in scratch.rglob("*") if path.is_file()]
    assert left
    assert [oct(path.stat().st_mode & 0o777) for path in left] == ["0o600"] * len(left)
    assert "unfinished" in program.call("doctor", expect=None).stdout
    told(program, "backup", tmp_path / "c.db")
    assert list(scratch.iterdir()) == []


def test_of_a_log_that_was_set_aside_no_account_is_blamed(program: Program, tmp_path: Path) -> None:
    """Nobody writes there any more, which is said once."""
    told(program, "backup", tmp_path / "b.db")
    aside = program.call("restore", str(tmp_path / "b.db"), "--set-aside", "--json").json["aside"]
    said = told(program, "--database", f"sqlite:///{aside}", "backup", tmp_path / "old.db")
    assert "was set aside" in said
    assert "may not note" not in said
    assert "doctor" not in said
