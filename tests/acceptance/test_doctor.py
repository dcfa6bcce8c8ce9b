"""traject doctor on what is not as it should be: each look by itself."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from commands.health.finding import WELL, WRONG, Finding, looked
from engine.domain.errors import NotFound
from engine.domain.words import N_, say
from tests.program import Program

NOTED = ("tick", "queue", "backup", "inspection")


@pytest.mark.parametrize("state", ["{}", "garbage", "[]"])
def test_a_damaged_heartbeat_hides_no_other_finding(tmp_path: Path, state: str) -> None:
    """What cannot be looked at is a finding of its own."""
    file = tmp_path / "log.db"
    program = Program(tmp_path, f"sqlite:///{file}")
    program.call("init", "--name", "An Peeters", "--email", "an@example.org")
    whole = json.loads(program.call("doctor", "--offline", "--json", expect=None).stdout)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("DELETE FROM heartbeat")
        now = "2099-01-01T00:00:00.000000Z"
        db.executemany(
            "INSERT INTO heartbeat VALUES (?, ?, ?)", [(name, now, state) for name in NOTED]
        )
    told = program.call("doctor", "--offline", "--json", expect=1)
    damaged = json.loads(told.stdout)
    before, after = ({one["check"] for one in found["findings"]} for found in (whole, damaged))
    assert before - after <= {"rounds", "checkpoints"}
    (queue,) = (one for one in damaged["findings"] if one["check"] == "queue")
    assert (queue["state"], queue["remedy"]) == (WRONG, ["traject verify"])
    assert "could not be looked at" in queue["text"]


def test_a_look_that_fails_is_a_finding() -> None:
    """With its own sentence where it has one; what it found before stays."""
    fine = Finding("one", WELL, say(N_("In order")))

    def broken(error: Exception) -> object:
        yield fine
        raise error

    first, second = looked("one", broken, KeyError("size"))  # type: ignore[arg-type]
    assert (first, second.check, second.state) == (fine, "one", WRONG)
    first, second = looked("one", broken, NotFound(N_("it is gone")))  # type: ignore[arg-type]
    assert (first, second.sentence.template) == (fine, "it is gone")
