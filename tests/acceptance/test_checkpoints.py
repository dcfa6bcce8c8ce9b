"""Checkpoints that go outside, as whoever runs traject and whoever keeps them meet it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.mail_server import post_office
from tests.program import Program
from tests.terminal import terminal

START, MORNING, NEXT = "2027-03-08T07:30", "2027-03-08T08:00", "2027-03-09T08:00"
INIT = ("init", "--name", "An Peeters", "--email", "an@example.org", "--simulated-clock")
KEEPER = "auditor@example.com"


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """A log of a coach, with an auditor's address."""
    made = Program(tmp_path, sqlite_url)
    made.call(*INIT, "--now", START)
    made.call("config", "set", "sender", "livc@example.org")
    made.call("config", "set", "checkpoint_to", KEEPER)
    return made


def words(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def file_of(program: Program) -> Path:
    """Return the database file of a program."""
    return Path((program.database_url or "").removeprefix("sqlite:///"))


def rewritten(program: Program, *, back: bool = False) -> None:
    """Let somebody who owns the file change what was recorded, or put it back, and nothing else."""
    old, new = ('"lead"', '"coach"') if back else ('"coach"', '"lead"')
    with sqlite3.connect(file_of(program)) as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
        triggers = connection.execute(query).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        change = "UPDATE events SET body = replace(body, ?, ?) WHERE position = 2"
        connection.execute(change, (old, new))
        for _, sql in triggers:
            connection.execute(sql)
    connection.close()


def test_the_mail_that_arrived_is_what_verify_takes(program: Program, tmp_path: Path) -> None:
    """Over a real conversation; what was rewritten since does not agree with it."""
    with post_office() as (office, url):
        program.call("config", "set", "smtp_url", url)
        told = program.call("tick", "--now", MORNING).stdout
    assert "checkpoints made for auditors: 1; sent: 1" in told
    (envelope,) = office.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("livc@example.org", [KEEPER])
    saved = tmp_path / "mail.eml"
    assert isinstance(envelope.content, bytes)
    saved.write_bytes(envelope.content)
    verify = ("verify", "--checkpoint", str(saved), "--now", NEXT)
    agrees = words(program.call(*verify).stdout)
    assert "agrees: the first 2 events are as they were then" in agrees
    assert b"\r\nexample.org/traject/" in envelope.content
    listed = program.call("mail", "list", "--now", MORNING).stdout
    assert "the whole history  sent" in listed
    assert KEEPER in listed
    history = words(program.call("history", "--now", MORNING).stdout)
    assert "mail to auditor 1 (checkpoint): sent" in history
    assert KEEPER not in history
    rewritten(program)
    broken = words(program.call(*verify, expect=8).stdout)
    assert f"the first 2 events are not those of {saved}" in broken


def test_what_does_not_verify_is_said_wherever_somebody_looks(program: Program) -> None:
    """By each round, in the morning and by doctor, until it is in order again."""
    rewritten(program)
    wrong = "The history does NOT verify, as was found"
    for now in (MORNING, "2027-03-08T08:01"):
        told = program.call("tick", "--now", now, expect=8).stdout
        assert wrong in words(told)
        assert "traject verify" in told
    assert program.call("tick", "--now", MORNING, "--json", expect=8).json["broken"] is True
    assert program.call("mail", "list", "--now", MORNING, "--json").json == []
    morning = program.call("--now", MORNING).stdout
    assert wrong in words(morning)
    assert program.call("--now", MORNING, "--json").json["history_broken"] is True
    found = {
        one["check"]: one
        for one in program.call("doctor", "--now", MORNING, "--json", expect=1).json["findings"]
    }
    assert found["history"]["state"] == "wrong"
    assert found["history"]["remedy"] == ["traject verify"]
    program.call("verify", "--now", MORNING, expect=8)
    assert "NOT" in program.call("tick", "--now", MORNING, expect=8).stdout
    rewritten(program, back=True)
    program.call("verify", "--now", MORNING)
    told = program.call("tick", "--now", "2027-03-08T09:00").stdout
    assert "checkpoints made for auditors: 1" in told, "the same day"
    assert program.call("--now", MORNING, "--json").json["history_broken"] is False


def finding(program: Program, now: str) -> tuple[str, str, list[str]]:
    """Return what doctor finds of the checkpoints: state, sentence, what helps."""
    told = program.call("doctor", "--offline", "--json", "--now", now, expect=None).json
    (one,) = (one for one in told["findings"] if one["check"] == "checkpoints")
    return one["state"], one["text"], one["remedy"]


def test_doctor_tells_when_the_last_one_left(program: Program) -> None:
    """None yet; just now; too long ago."""
    state, text, remedy = finding(program, MORNING)
    assert (state, remedy) == ("remark", ["traject config mail"])
    assert text == "no checkpoint has left for the auditors yet"
    with post_office() as (_, url):
        program.call("config", "set", "smtp_url", url)
        program.call("tick", "--now", MORNING)
    state, text, remedy = finding(program, "2027-03-16T07:00")
    assert (state, text, remedy) == ("ok", "last checkpoint for the auditors: Mon 8 Mar 08:00", [])
    state, text, remedy = finding(program, "2027-03-16T09:00")
    assert (state, remedy) == ("remark", ["traject tick", "traject mail list"])
    assert "more than 8 days ago" in text


def test_doctor_remarks_that_nobody_outside_keeps_one(tmp_path: Path, sqlite_url: str) -> None:
    """On a real clock; the remedy asks at a terminal, and says in a pipe what it needs."""
    program = Program(tmp_path, sqlite_url)
    program.init()
    told = program.call("doctor", "--offline", "--json", expect=None).json
    (one,) = (one for one in told["findings"] if one["check"] == "checkpoints")
    assert (one["state"], one["remedy"]) == ("remark", ["traject config set checkpoint_to"])
    refused = program.call("config", "set", "checkpoint_to", expect=2).stderr
    assert 'checkpoint_to needs a value: ["auditor@example.org"]' in refused
    environment = {"TRAJECT_DATABASE": sqlite_url, "TRAJECT_LANG": "en"}
    asking = ("config", "set", "checkpoint_to")
    with terminal(asking, home=program.home, environment=environment) as session:
        session.answer("):", "nobody")
        session.answer("):", "auditor@example.com, board@example.net")
        assert session.ended() == 0, session.screen
    shown = program.call("config", "show", "--json").json["settings"]["checkpoint_to"]["value"]
    assert shown == ["auditor@example.com", "board@example.net"]


def test_the_addresses_are_checked_one_by_one(program: Program) -> None:
    """Each is kept once; an empty value takes all away."""
    for wrong in ("nobody", "An <an@example.org>", "an@example.org,", "a@b\nBcc: c@example.org"):
        told = program.call("config", "set", "checkpoint_to", wrong, expect=2).stderr
        assert "checkpoint_to cannot be" in told
    told = program.call("config", "set", "checkpoint_to", "a@Example.org, a@example.org").stdout
    assert "checkpoint_to = a@example.org\n" in told
    program.call("config", "set", "checkpoint_to", "")
    shown = program.call("config", "show", "--json").json["settings"]["checkpoint_to"]
    assert shown["value"] == []
