"""The digest as a coach and a person at the mail desk meet it, on a clock that is played."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program

START, LATE, NEXT = "2027-03-01T09:30", "2027-04-28T08:05", "2027-04-29T08:05"
INIT = ("init", "--name", "An Peeters", "--email", "an@example.org", "--simulated-clock")


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """A coach with a trajectory that is past its date, and all its reminders are out."""
    made = Program(tmp_path, sqlite_url)
    made.call(*INIT, "--now", START)
    made.call("start", "reactiveren", "Gent", "--now", START, expect=None)
    made.call("tick", "--now", "2027-04-27T16:59")
    return made


def data(program: Program, *words: str, now: str = LATE) -> Any:
    """Return what a command prints as JSON."""
    return json.loads(program.call(*words, "--json", "--now", now, expect=None).stdout)


def newest(program: Program) -> Any:
    """Return the last mail that was made, which is the digest."""
    *_, before, mail = data(program, "mail", "list")
    assert (before["notice"], mail["notice"]) == ("coach_digest", "coach_digest"), "the day before"
    return mail


def test_a_round_of_the_morning_makes_it_once(program: Program) -> None:
    """Every command that reads mail knows one that is about no trajectory."""
    assert "digests made: 1" in program.call("tick", "--now", LATE).stdout
    assert data(program, "tick")["digests"] == 0
    mail = newest(program)
    assert (mail["trajectory"], mail["status"]) == (None, "written")
    listed = program.call("mail", "list", "--now", LATE).stdout
    assert "all trajectories" in listed
    assert "digest of the day: An Peeters <an@example.org>" in listed
    shown = program.call("mail", "show", str(mail["id"]), "--now", LATE).stdout
    assert "Past the target date" in shown
    told = " ".join(program.call("history", "--now", LATE).stdout.split())
    assert "mail to An Peeters (digest of the day): kept as a file, not sent" in told
    assert data(program, "verify")["problems"] == []
    program.call("rebuild", "--dry-run", "--now", LATE)
    program.call("doctor", "--now", LATE, expect=None)


def test_one_that_a_person_held_stands_in_the_morning_of_that_day(program: Program) -> None:
    """Another day it says nothing any more: the next one says it all."""
    program.call("config", "set", "smtp_url", "smtp://localhost:1")
    program.call("tick", "--now", LATE, expect=None)  # nobody listens there
    mail = newest(program)
    number = str(mail["id"])
    held = program.call("mail", "hold", "--mail", number, "--now", LATE).stdout
    assert "all trajectories" in held
    morning = program.call("--now", LATE).stdout
    assert "digest of the day for An Peeters <an@example.org>: held back" in " ".join(
        morning.split()
    )
    expected = [{"mail": mail["id"], "status": "held", "to": "An Peeters <an@example.org>"}]
    assert data(program)["digests_undelivered"] == expected
    assert data(program, now=NEXT)["digests_undelivered"] == []
    program.call("mail", "release", "--mail", number, "--now", LATE)
    program.call("mail", "retry", number, "--now", LATE)


def test_it_can_be_switched_off(program: Program) -> None:
    """By a setting that says so."""
    program.call("config", "set", "digest", "perhaps", expect=2)
    program.call("config", "set", "digest", "false")
    assert data(program, "tick")["digests"] == 0
    assert data(program, "config", "show")["settings"]["digest"]["value"] is False


def test_the_account_of_the_week_names_what_was_done_and_can_be_switched_off(
    program: Program,
) -> None:
    """On the first working day of the next week; the history calls it by its name."""
    monday = "2027-05-03T08:05"
    program.call("note", "gent", "bel Zeno", "--now", LATE, expect=None)
    program.call("config", "set", "digest", "false")
    program.call("config", "set", "weekly_account", "perhaps", expect=2)
    program.call("config", "set", "weekly_account", "false")
    assert data(program, "tick", now="2027-04-29T09:00")["accounts"] == 0
    program.call("config", "set", "weekly_account", "true")
    told = program.call("tick", "--now", monday, expect=None).stdout
    assert "accounts of the week made: 1" in told
    mail = data(program, "mail", "list", now=monday)[-1]
    assert (mail["notice"], mail["trajectory"]) == ("weekly_account", None)
    shown = program.call("mail", "show", str(mail["id"]), "--now", monday).stdout
    assert "Gent (2027-001)" in shown
    assert "noted" in shown
    assert "Zeno" not in shown
    listed = " ".join(program.call("history", "--now", monday).stdout.split())
    assert "mail to An Peeters (account of the week)" in listed
    assert data(program, "verify", now=monday)["problems"] == []
