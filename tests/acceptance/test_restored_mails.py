"""After a restore: mails that left since the back-up are seen, and kept from leaving twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import Program

START = (
    "start", "reactiveren", "Gent", "--coordinator", "Jo Maes <jo@example.org>",
    "--mayor", "Gent: Ria Bo <ria@example.org>",
)  # fmt: skip
MONDAY, LATER = ("--now", "2026-11-30T09:00"), ("--now", "2026-11-30T11:00")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A log that was put back, of which both mails left after the back-up was made."""
    program = Program(tmp_path)
    program.init("--simulated-clock", *MONDAY)
    program.call(*MONDAY, *START)
    program.call(*MONDAY, "backup", str(tmp_path / "b.db"))
    program.call(*LATER, "tick")
    told = program.call(*LATER, "restore", str(tmp_path / "b.db"), "--set-aside").stdout
    assert "A round makes 2 mails more, to 2 people" in " ".join(told.split())
    return program


def letters(program: Program) -> dict[str, bytes]:
    """Return the letters to the municipality in the mail folder."""
    return {file.name: file.read_bytes() for file in program.home.rglob("*-start-*.eml")}


def test_mails_that_left_since_the_backup_are_told_before_they_leave_again(
    program: Program,
) -> None:
    """The morning and the list of mails tell how many; the dry run which trajectory's."""
    for words in ((), ("mail", "list")):
        told = " ".join(program.call(*LATER, *words).stdout.split())
        assert "A round makes 2 mails more, to 2 people; which: traject tick --dry-run" in told
    listed = program.call(*LATER, "tick", "--dry-run", expect=7).stdout
    assert "gent  2 mails  traject mail hold gent" in listed


def test_mails_that_left_since_the_backup_are_kept_by_the_written_steps(program: Program) -> None:
    """What left is held, and stays so; one that did not leave is let go alone."""
    before = letters(program)
    assert len(before) == 2
    program.call(*LATER, "mail", "release", "--all")
    program.call(*LATER, "mail", "hold", "gent")
    program.call(*LATER, "tick")
    assert letters(program) == before
    listed = program.call(*LATER, "mail", "list", "gent", "--json").json
    assert [mail["status"] for mail in listed] == ["held", "held"]
    program.call(*LATER, "mail", "release", "--mail", str(listed[1]["id"]))
    program.call(*LATER, "tick")
    assert len(letters(program)) == 3


def test_a_mail_that_leaves_again_after_a_restore_writes_over_no_earlier_one(
    program: Program,
) -> None:
    """Its number was used before; the earlier file may be somebody's witness."""
    before = letters(program)
    program.call(*LATER, "mail", "release", "--all")
    program.call(*LATER, "tick")
    program.call("--now", "2026-11-30T12:00", "tick")
    after = letters(program)
    assert {name: after[name] for name in before} == before
    assert len(after) == 4


def test_a_mail_that_waits_is_not_told_to_leave_at_an_hour_while_the_queue_is_held(
    tmp_path: Path,
) -> None:
    """The list and the morning say that it waits; let go alone, it is said to leave."""
    program = Program(tmp_path)
    program.init("--simulated-clock", *MONDAY)
    program.call(*MONDAY, *START)
    program.call("--now", "2026-11-30T09:01", "tick")
    program.call(*MONDAY, "backup", str(tmp_path / "b.db"))
    program.call(*MONDAY, "restore", str(tmp_path / "b.db"), "--set-aside")
    listed = " ".join(program.call(*MONDAY, "mail", "list").stdout.split())
    assert listed.count("ready to leave, once mails may leave again") == 2
    assert "MAILS OF TODAY AND TOMORROW, HELD BACK" in program.call(*MONDAY).stdout
    program.call(*MONDAY, "mail", "hold", "--mail", "1")
    program.call(*MONDAY, "mail", "release", "--mail", "1")
    shown = [program.call(*MONDAY, "mail", "show", number).stdout for number in ("1", "2")]
    assert ["once mails may leave again" in page for page in shown] == [False, True]
    program.call(*MONDAY, "mail", "release", "--all")
    assert "once mails may" not in program.call(*MONDAY, "mail", "list").stdout
    assert "MAILS THAT LEAVE TODAY AND TOMORROW" in program.call(*MONDAY).stdout
