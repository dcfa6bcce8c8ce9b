"""Back-ups and restores that are killed, or done elsewhere: what is left, and the way out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.dispatch.erasing import erase_contact
from engine.service.desk import PLAIN
from engine.store.database import open_database
from tests.acceptance.test_erasing import ERASE, SURE, Office
from tests.program import ENTRY, Program
from tests.world import World

HOLDS_A_DRAFT = """
import sys
from pathlib import Path
from engine.store import files
with files.draft(Path(sys.argv[1])) as made:
    files.copy(Path(sys.argv[2]), made, in_use=True)
    print(made, flush=True)
    sys.stdin.read()
"""
CLOSES = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from engine.audit import placing
with placing._closed(Path(sys.argv[1]), datetime.now(UTC)):
    print("closed", flush=True)
    sys.stdin.read()
"""

DIES_AS_IT_OPENS = """
import os, sys
import cli
from engine.audit import restoring
real = restoring.open_up
restoring.open_up = lambda target, *more: os._exit(9) if target.is_postgres else real(target)
cli.main(sys.argv[1:])
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A coach with one trajectory."""
    return Office(tmp_path)


def killed(program: str, *arguments: object) -> str:
    """Run a program until it prints a line, kill it, and return the line."""
    words = [sys.executable, "-c", program, *map(str, arguments)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        process.kill()
    return line


@pytest.mark.skipif(sys.platform == "win32", reason="there nobody can ask whether one is alive")
def test_what_a_killed_backup_left_is_named_and_taken_away(office: Office) -> None:
    """A whole copy with all names: doctor knows of it, the next back-up takes it away."""
    place = office.folder / "backups" / "b.db"
    place.parent.mkdir()
    left = killed(HOLDS_A_DRAFT, place, office.folder / "traject.db")
    assert Path(left).exists()
    assert Path(left).name in office.program.call("doctor", expect=None).stdout.replace("\n", "")
    office.do("backup")
    assert not Path(left).exists()
    assert ".unfinished-" not in office.program.call("doctor", expect=None).stdout


def test_a_log_that_was_closed_for_nothing_goes_on_by_its_own_restore(office: Office) -> None:
    """Killed between the closing and the change of names: the refusal says how."""
    place = office.folder / "traject.db"
    assert killed(CLOSES, place) == "closed"
    refused = office.do("note", "gent", "verder", expect=4).replace("\n", " ")
    assert "go on with this log by traject restore" in " ".join(refused.split())
    office.do("restore", str(place), "--set-aside")
    office.do("note", "gent", "verder")
    office.do("verify")


def test_the_database_at_work_is_no_backup_of_itself(office: Office) -> None:
    """Somebody gave the wrong name; nothing was wrong with it."""
    before = office.program.ledger()
    place = str(office.folder / "traject.db")
    told = office.do("restore", place, "--set-aside", expect=4)
    assert "is the database that is at work now" in " ".join(told.split())
    assert office.program.ledger() == before


def test_a_restore_tells_that_another_log_was_in_the_place(office: Office, tmp_path: Path) -> None:
    """It may be what was meant; the other one lies beside it and comes back the same way."""
    (tmp_path / "elsewhere").mkdir()
    other = Office(tmp_path / "elsewhere")
    backup = str(tmp_path / "other.db")
    other.do("backup", backup)
    for way in ("--dry-run", "--set-aside"):
        told = " ".join(office.do("restore", backup, way).split())
        assert "what is in the place now is another log" in told
    office.do("backup", str(tmp_path / "again.db"))
    told = office.do("restore", str(tmp_path / "again.db"), "--set-aside")
    assert "another log" not in told


def test_an_erasure_that_was_broken_off_is_finished(office: Office) -> None:
    """Between the commit and the rest: letters lie there, and no list names what is gone."""
    database = open_database(str(office.program.database_url))
    world = World(database)
    erase_contact(world.desk(), world.post(), 1, PLAIN, reason="other", release=True)
    database.close()
    assert office.holding("jo@example.org") == ["000001-start-jo.eml"]
    assert "traject erase --finish" in office.program.call("doctor", expect=None).stdout
    assert "--finish" in office.do(*ERASE[:2], "1", *SURE, "1", expect=4)
    told = office.do("erase", "--finish")
    assert "Files that were deleted: 2." in told
    assert office.holding("jo@example.org", "Jo Maes") == []
    assert "contact:1" in (office.folder / "erasures.jsonl").read_text()
    assert "traject erase --finish" not in office.program.call("doctor", expect=None).stdout
    assert "Files that were deleted: 0." in office.do("erase", "--finish")


def test_who_was_erased_stays_erased_though_the_list_was_lost(office: Office) -> None:
    """The log that is in the place knows them still."""
    office.do("backup", str(office.folder / "b.db"))
    office.do(*ERASE, *SURE, "Jo Maes")
    (office.folder / "erasures.jsonl").unlink()
    told = office.do("restore", str(office.folder / "b.db"), "--set-aside")
    assert "Erased again, as it was since: 1." in told
    assert "Jo Maes" not in office.do("contact", "list")


def test_a_restore_by_the_book_leaves_no_erasure_to_be_finished(office: Office) -> None:
    """The back-up is older than one of the details; the list that it was erased by names them."""
    office.do("backup", str(office.folder / "b.db"))
    office.do("contact", "change", "jo", "--email", "jo@example.net")
    office.do(*ERASE, *SURE, "Jo Maes")
    listed = office.folder / "erasures.jsonl"
    before = listed.read_text()
    told = office.do("restore", str(office.folder / "b.db"), "--set-aside")
    assert "Erased again, as it was since: 1." in told
    assert "erase --finish" not in office.program.call("doctor", expect=None).stdout
    office.do("erase", "--finish")
    assert listed.read_text() == before
    listed.unlink()
    assert "erase --finish" in office.program.call("doctor", expect=None).stdout


def test_a_restore_elsewhere_asks_for_the_list(office: Office, tmp_path: Path) -> None:
    """Without it, it is said that they are in it again; with it they are not."""
    backup, listed = tmp_path / "b.db", tmp_path / "kept.jsonl"
    office.do("backup", str(backup))
    office.do(*ERASE, *SURE, "Jo Maes")
    shutil.copy(office.folder / "erasures.jsonl", listed)
    office.program.environment["TRAJECT_DATABASE"] = f"sqlite:///{tmp_path}/new/traject.db"
    told = " ".join(office.do("restore", str(backup), "--dry-run").split())
    assert "no list of what was erased" in told
    assert "is not there" in office.do(
        "restore", str(backup), "--erasures", str(tmp_path / "no"), expect=3
    )
    told = " ".join(office.do("restore", str(backup), "--erasures", str(listed)).split())
    assert "Epoch 2 may have been begun before" in told
    assert "Erased again, as it was since: 1." in told
    assert "no list" not in told
    assert "Jo Maes" not in office.do("contact", "list")
    assert (tmp_path / "new" / "erasures.jsonl").read_text() == listed.read_text()
    assert "erase --finish" not in office.program.call("doctor", expect=None).stdout


def test_the_list_of_the_erased_goes_along_with_a_move(
    office: Office, postgres_url: str, tmp_path: Path
) -> None:
    """A back-up from before the move, put back afterwards, brings nobody back."""
    backup = tmp_path / "b.db"
    office.do("backup", str(backup))
    office.do(*ERASE, *SURE, "Jo Maes")
    beside = office.folder / "erasures.jsonl"
    with beside.open("a") as out:  # of an event that only older back-ups hold
        out.write(beside.read_text().replace("contact:1", "contact:9"))
    office.do("move", postgres_url)
    (listed,) = office.program.home.rglob("erasures.jsonl")
    assert listed.read_text() == beside.read_text()
    listed.replace(tmp_path / "kept.jsonl")
    elsewhere = f"sqlite:///{tmp_path}/new/traject.db"
    kept = ("--erasures", str(tmp_path / "kept.jsonl"))
    office.do("--database", elsewhere, "restore", str(backup), *kept)
    assert "Jo Maes" not in office.do("--database", elsewhere, "contact", "list")


def test_on_a_server_the_list_is_written_by_who_erases_and_by_who_makes_back_ups(
    postgres_url: str, tmp_path: Path
) -> None:
    """Though nobody made that folder before; another computer has it after a back-up."""
    program = Program(tmp_path, postgres_url)
    program.init("--simulated-clock", "--now", "2027-03-01T09:30")
    now = ("--now", "2027-03-01T10:00")
    program.call("start", "reactiveren", "Gent", "--coordinator", "Jo Maes <jo@example.org>", *now)
    told = program.call(*ERASE, *SURE, "Jo Maes", *now)
    assert "could not be written" not in told.stderr
    (listed,) = program.home.rglob("erasures.jsonl")
    assert "contact:1" in listed.read_text()
    assert listed.parent.stat().st_mode & 0o077 == 0
    before = listed.read_text()
    listed.unlink()
    program.call("backup", str(tmp_path / "b.dump"), *now)
    assert listed.read_text() == before
    listed.unlink()
    listed.mkdir()  # it cannot be written: the back-up is made for all that
    told = program.call("backup", str(tmp_path / "c.dump"), *now)
    assert "could not be written" in told.stderr
    assert (tmp_path / "c.dump").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("restore", "b.db", "--set-aside"),
        pytest.param(("move", "URL"), marks=pytest.mark.campaign),
    ],
)
def test_serve_ends_when_another_log_took_the_place_of_its_own(
    tmp_path: Path, postgres_url: str, arguments: tuple[str, ...]
) -> None:
    """With the sentence and its exit code, so that whoever supervises it starts it again."""
    program = Program(tmp_path, f"sqlite:///{tmp_path}/data/traject.db")
    program.init()
    program.call("backup", str(program.home / "b.db"))
    with subprocess.Popen(
        [sys.executable, "-P", "-c", ENTRY, "serve", "--every", "1"],
        env={**program.environment, "PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        where = {"URL": postgres_url, "b.db": str(program.home / "b.db")}
        try:
            assert "Serving" in serving.stdout.readline()
            told = program.run(*(where.get(one, one) for one in arguments))
            assert "start it again" in told.stdout
            said, _ = serving.communicate(timeout=20)
        finally:
            serving.kill()
    assert serving.returncode == 4
    assert "Traceback" not in said
    assert "was set aside" in said if arguments[0] == "restore" else "its log moved" in said


def test_a_restore_into_a_server_that_was_killed_is_done_again(
    office: Office, postgres_url: str, tmp_path: Path
) -> None:
    """What it left takes no writes, names the command, and gives way to the next one; no move."""
    backup = tmp_path / "b.db"
    office.do("backup", str(backup))
    here, program = str(office.program.database_url), office.program
    restore = ("restore", str(backup), "--actor", "1", "--now", office.now)
    program.environment["TRAJECT_DATABASE"] = postgres_url
    died = subprocess.run(
        [sys.executable, "-P", "-c", DIES_AS_IT_OPENS, *restore],
        env={**program.environment, "PYTHONPATH": str(Path.cwd())},
        check=False,
    )
    assert died.returncode == 9
    assert "the same traject restore again" in " ".join(
        office.do("note", "gent", "nog niet", expect=4).split()
    )
    assert "traject restore again" in " ".join(program.call("doctor", expect=None).stdout.split())
    office.do("--database", here, "move", postgres_url, expect=4)
    program.call(*restore, "--dry-run")
    office.do("note", "gent", "nog niet", expect=4)
    program.call(*restore)
    office.do("note", "gent", "verder")
    office.do("verify")
    assert "holds a log already" in program.call(*restore, expect=4).stderr


def test_a_log_that_moved_says_so_to_whoever_reads_it(
    office: Office, postgres_url: str, tmp_path: Path
) -> None:
    """Also in the morning; data stays data. A back-up of it tells where its log went."""
    old, kept = str(office.program.database_url), str(tmp_path / "old.db")
    office.do("move", postgres_url)
    for command in ([], ["list"], ["show", "gent"], ["verify"], ["backup", kept]):
        told = office.program.call("--database", old, *command, "--now", office.now)
        assert "its log moved to" in told.stderr
        assert "its log moved to" not in told.stdout
    quiet = office.program.call("--database", old, "list", "--json", "--now", office.now)
    assert quiet.stderr == ""
    refused = office.program.call("--database", old, "note", "gent", "x", expect=4)
    assert refused.stderr.count("its log moved to") == 1
    new = f"sqlite:///{tmp_path}/new/traject.db"
    restored = office.do("--database", new, "restore", kept)
    assert "of a log that had moved to" in " ".join(restored.split())
    assert "its log moved" not in office.do("--database", new, "list")
