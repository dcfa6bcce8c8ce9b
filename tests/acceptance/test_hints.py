"""What the pages tell a person to do next: it can be pasted, and says who and when."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands.frame.hints import COMMAND, located
from engine.store.database import open_database
from engine.store.due import beat
from tests import catalogue
from tests.program import COACH, GENT, Program


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """The program with a trajectory of two municipalities in its first phase."""
    made = Program(tmp_path, sqlite_url)
    made.init()
    made.call(*GENT[:-1], "--coordinator", "Jo Voorbeeld <jo@example.org>")
    return made


def rest(program: Program, **state: object) -> None:
    """Let the queue rest, as a round does that finds the server unwell."""
    assert program.database_url is not None
    database = open_database(program.database_url)
    with database.writing() as connection:
        until = {"until": "2099-01-05T10:00:00+00:00", "code": 535}
        beat(connection, "queue", datetime(2026, 11, 20, tzinfo=UTC), {**until, **state})
    database.close()


def test_every_printed_command_names_the_database_that_was_given(tmp_path: Path) -> None:
    """Found by an option, it would not be found again without."""
    program = Program(tmp_path)
    where = str(tmp_path / "my data.db")
    here = ("--database", where)
    program.call("init", *COACH, *here)
    program.call(*GENT, *here)
    said = [
        program.call(*words, *here, expect=None)
        for words in (
            (),
            ("next", "1"),
            ("show", "1"),
            ("advance", "1"),
            ("show", "9"),
            ("doctor",),
        )
    ]
    text = "".join(result.stdout + result.stderr for result in said)
    assert f"traject --database {shlex.quote(where)} meet" in text
    assert f"traject --database {shlex.quote(where)} list" in text
    assert COMMAND.search(text) is None
    assert "--database" not in program.call("next", "1", TRAJECT_DATABASE=where).stdout


def test_a_hint_never_shows_the_password_of_a_database() -> None:
    """It stays on the screen."""
    assert located("traject list", "postgresql://mia:geheim@host/db") == (
        "traject --database 'postgresql://mia:***@host/db' list"
    )


def test_no_sentence_is_taken_for_a_command_in_dutch() -> None:
    """There, `traject` is a word as well: both languages must hold the same commands."""
    odd = [
        message.id
        for message in catalogue.written()
        if isinstance(message.id, str)
        and "{" in message.id
        and len(COMMAND.findall(message.id)) != len(COMMAND.findall(str(message.string)))
    ]
    assert odd == []


def test_next_tells_what_is_on_its_way(program: Program) -> None:
    """An appointment, and that a mayor was asked."""
    program.call("meet", "1", "intake_talk_held", "--planned", "tomorrow 10:00")
    program.call("ask", "1", "sponsor_known", "--for", "Gent", "--no-mail")
    said = program.call("next", "1").stdout
    assert "planned" in said
    assert "Gent, asked" in said
    assert "traject meet gent 7\n" in said  # the date that it carries is asked


def test_what_did_not_happen_yet_is_not_pasted_as_happened(program: Program) -> None:
    """Neither an appointment ahead nor the consent of a mayor."""
    program.call("meet", "1", "intake_talk_held", "--planned", "tomorrow 10:00")
    told = program.call("advance", "1", expect=4).stderr
    (line,) = [one for one in told.splitlines() if "Happened already" in one]
    assert line.endswith("traject meet gent 3 4 5 6")


def test_no_hint_has_a_place_to_fill_in(program: Program) -> None:
    """What a command leaves out is asked at a terminal."""
    program.call("start", "reactiveren", "Lier", "--phase", "action_plan", "--no-mail")
    for command in (("next", "2"), ("next", "1"), ("advance", "1"), ("show", "1"), ()):
        done = program.call(*command, expect=None)
        lines = [one for one in (done.stdout + done.stderr).splitlines() if "traject " in one]
        assert lines
        assert [one for one in lines if "…" in one or "DATE" in one or '"' in one] == []


def test_each_missing_mayor_has_a_line_of_her_own(program: Program) -> None:
    """With the place, as the role is one per municipality; one command fills them."""
    show = program.call("show", "1").stdout
    refused = program.call("advance", "1", expect=4).stderr
    program.call("tick", TRAJECT_HOLD_BACK="0")
    morning = program.call().stdout
    for said in (show, refused, morning):
        assert "traject contact add gent" in said
    for place in ("Gent", "Merelbeke-Melle"):
        assert any(one.split()[:3] == ["(none)", "mayor", place] for one in show.splitlines())
        assert f"mayor {place}" in refused
    nobody = "no address known for mayor Gent + Merelbeke-Melle"
    assert " ".join(morning.split()).count(nobody) == 1


def test_show_names_points_by_number_and_people_by_name(program: Program) -> None:
    """Which is what commands call them; no id stands on the page."""
    said = program.call("show", "1").stdout
    assert " 1 ○ exploratory talk held " in said
    assert "intake_talk_held" not in said
    assert " Jo Voorbeeld  LIVC R coordinator" in said
    program.call("meet", "1", "intake_talk_held")
    assert " 1 ✔ exploratory talk held " in program.call("show", "1").stdout


def test_a_refused_advance_says_you_to_the_coach_alone(program: Program) -> None:
    """To anybody else it names her."""
    bo = ("Bo", "--email", "bo@example.org", "--account", "uid:77", "--role", "coach")
    program.call("actor", "add", *bo)
    told = program.call("advance", "1", expect=4).stderr
    assert "can be brought about by: you\n" in told
    assert "Jo Voorbeeld (LIVC R coordinator) or you\n" in told
    program.call("reassign", "1", "2", "--no-mail")
    told = program.call("advance", "1", expect=4).stderr
    assert "can be brought about by: Bo\n" in told
    assert " you" not in told


def test_who_is_not_the_coach_reads_her_name(program: Program) -> None:
    """`You` would be somebody else; a morning without trajectories points to all of them."""
    bo = ("Bo", "--email", "bo@example.org", "--account", "uid:77", "--role", "coach")
    program.call("actor", "add", *bo)
    assert "or you" in program.call("next", "1").stdout
    assert "traject --all" not in program.call().stdout
    program.call("reassign", "1", "2", "--no-mail")
    for page in ("next", "show"):
        said = program.call(page, "1").stdout
        assert "Jo Voorbeeld or Bo" in said
        assert "you" not in said.replace("Voorbeeld", "")
    assert "traject --all" in program.call().stdout


def test_a_resting_queue_is_told_where_mails_are_looked_at(program: Program) -> None:
    """Paused: the server is silent; held: it refuses, and a person lets go."""
    assert "rest" not in program.call("mail", "list").stdout
    rest(program, state="paused", phase="connect")
    for words in ((), ("mail", "list")):
        said = program.call(*words).stdout
        assert "the mail server does not answer" in " ".join(said.split())
        assert "traject mail test, traject doctor" in said
    rest(program, state="held", phase="auth")
    for words in ((), ("mail", "list")):
        said = program.call(*words).stdout
        assert "the mail server refuses us (auth 535)" in said
        assert "traject mail release --all" in said
    assert program.call("--json").json["queue"] == "held"


def test_mails_that_wait_for_the_server_are_no_silence(program: Program) -> None:
    """A round says how many wait, not that nothing was due."""
    program.environment["TRAJECT_HOLD_BACK"] = "0"
    rest(program, state="paused", phase="connect")
    said = program.call("tick").stdout
    assert "1 mail waits: the mail server does not answer" in said
    assert "Nothing was due" not in program.call("tick").stdout


def test_no_mails_yet_points_to_what_is_due(program: Program) -> None:
    """Reminders become mails in a round."""
    said = program.call("mail", "list", TRAJECT_HOLD_BACK="0").stdout
    assert "traject tick" in said
    assert "traject forecast gent" in said


def test_a_mail_is_shown_as_people_read_it(program: Program) -> None:
    """Four headers, how far it is, the text; --raw is the source."""
    program.call("tick", TRAJECT_HOLD_BACK="0")
    said = program.call("mail", "show", "1").stdout
    heads = [line.partition(":")[0] for line in said.splitlines()[:5]]
    assert heads == ["From", "To", "Subject", "Date", "Status"]
    assert "coördinator" in said
    assert "\\x0d" not in said
    raw = program.call("mail", "show", "1", "--raw").stdout
    assert "Content-Transfer-Encoding" in raw


def test_a_mail_let_go_says_when_it_leaves(program: Program) -> None:
    """Its own moment, which may come later than the next round."""
    program.call("tick")
    (mail,) = program.call("mail", "hold", "1", "--json").json
    said = program.call("mail", "release", "1").stdout
    assert "each leaves at the first round after its moment" in said
    assert "next round" not in said + program.call("mail", "retry", str(mail["id"])).stdout


def test_a_control_number_that_agrees_is_confirmed(program: Program) -> None:
    """In a sentence; without one nothing is claimed."""
    size, root = program.ledger()
    assert "agrees" not in program.call("verify").stdout
    said = program.call("verify", "--control", f"{size}-{root[:12]}").stdout
    assert f"agrees: the first {size} events" in said


@pytest.mark.parametrize("url", ["smtp://mail.example.org", "ftp://mail.example.org"])
def test_a_mail_server_that_no_round_would_take_is_not_kept(program: Program, url: str) -> None:
    """Clear text to another machine, or no mail server at all."""
    program.call("config", "set", "smtp_url", url, expect=2)
    program.call("config", "set", "smtp_url", "smtp://localhost:2525")


def test_a_replaced_contact_is_named(program: Program) -> None:
    """By name and number; an address will do for CONTACT."""
    lien = "Lien Voorbeeld <lien@example.org>"
    said = program.call("contact", "replace", "1", "jo@example.org", lien).stdout
    assert "takes the place of Jo Voorbeeld, contact 1" in " ".join(said.split())
