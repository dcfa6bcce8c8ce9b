"""Refusals: each ends with its exit code and a way out, and leaves the ledger as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import GENT, Program

pytestmark = pytest.mark.above_the_store

REASON = ("--reason", "this was settled before we began")


@pytest.fixture
def program(tmp_path: Path, database_url: str) -> Program:
    """The program with one trajectory in its first phase, on either kind of database."""
    made = Program(tmp_path, database_url)
    made.init()
    made.call(*GENT, "--coordinator", "Jo Voorbeeld <jo@example.org>")
    return made


TYPED_WRONG = [
    ("meet", "1", "intake_talk_held", "--on", "2026-11-31"),
    ("meet", "1", "intake_talk_held", "--on", "31/11"),
    ("meet", "1", "intake_talk_held", "--on", "2999-01-01"),
    ("meet", "1", "intake_talk_held", "--on", "2001-01-01"),
    ("meet", "1", "intake_talk_held", "--on", "soon"),
    ("meet", "1", "intake_talk_held", "--value", "2026-11-01"),
    ("meet", "1", "last_meeting"),
    ("meet", "1", "intake_talk_held", "--planned", "tomorrow 25:00"),
    ("meet", "1", "intake_talk_held", "--planned", "tomorrow", "--on", "today"),
    ("meet", "1", "last_meeting", "--planned", "tomorrow", "--value", "today"),
    ("meet", "1", "sponsor_known", "--for", "Brugge"),
    ("meet", "1", "sponsor_known", "--for", "Nergensland"),
    ("meet", "1", "intake_talk_held", "--note", "bel 0478 12 34 56"),
    ("meet", "1"),
    ("waive", "1", "intake_talk_held", "--reason", "too short"),
    ("waive", "1", *REASON),
    ("waive", "1", "--all", "intake_talk_held", *REASON),
    ("pause", "1", "--until", "2999-01-01", "--reason", "other"),
    ("pause", "1", "--until", "tomorrow", "--reason", "no_such_code"),
    ("pause", "1", "--until", "tomorrow"),
    ("stop", "1", "--reason", "no_such_code"),
    ("reschedule", "1", "yesterday", "--reason", "earlier"),
    ("note", "1", "geboren op 3 mei 1987"),
    ("note", "1", "x" * 501),
    ("start", "reactiveren", "Nergensland"),
    ("start", "reactiveren", "Gent", "--coordinator", "not an address"),
    ("start", "reactiveren", "Gent", "--coordinator", "Jo =?utf-8?q?x?= <jo@example.org>"),
    ("start", "reactiveren", "Gent", "Lier", "--mayor", "Rita <rita@example.org>"),
    ("start", "reactiveren", "Gent", "--mayor", "Lier: Rita <rita@example.org>"),
    ("start", "reactiveren", "Gent", "--phase", "no_such_phase"),
    ("start", "no_such_category", "Gent"),
    ("contact", "add", "1", "Jo <jo@example.org>", "--role", "no_such_role"),
    ("contact", "change", "1"),
    ("actor", "add", "Bo", "--email", "bo@example.org", "--account", "bo", "--role", "coach"),
    ("advance", "1", "--if-version", "one"),
]
UNKNOWN = [
    ("advance", "99"),
    ("advance", "2019-001"),
    ("advance", "brugge"),
    ("meet", "1", "no_such_criterion"),
    ("contact", "release", "1", "99"),
    ("contact", "change", "nobody@example.org", "--name", "Jo"),
    ("reassign", "1", "99"),
    ("reschedule", "1", "tomorrow", "--deadline", "no_such_date", "--reason", "later"),
]
NOT_NOW = [
    ("advance", "1"),
    ("meet", "1", "causes_ranked"),
    ("reopen", "1", "intake_talk_held", "--reason", "a slip"),
    ("ask", "1", "intake_talk_held"),
    ("send-back", "1", "intake", "--reason", "other"),
    ("next-round", "1"),
    ("resume", "1"),
    ("accept", "1"),
    ("stop", "1", "--reason", "no_response"),
    ("follow-up", "1", "optimaliseren"),
    ("scope", "join", "1", "Gent"),
    ("scope", "leave", "1", "Brugge"),
    ("init", "--name", "Bo", "--email", "bo@example.org"),
    ("whoami", "--now", "2026-01-01T09:00"),
]
OUTRUN = [
    ("meet", "1", "intake_talk_held", "--if-version", "1"),
    ("advance", "1", "--if-version", "99"),
]


@pytest.mark.parametrize(
    ("code", "cases"), [(2, TYPED_WRONG), (3, UNKNOWN), (4, NOT_NOW), (6, OUTRUN)]
)
def test_a_refusal_has_its_code_a_sentence_and_no_effect(
    program: Program, code: int, cases: list[tuple[str, ...]]
) -> None:
    """Nothing on stdout, a sentence on stderr, and the root of the ledger stands still."""
    before = program.ledger()
    for case in cases:
        refused = program.call(*case, expect=code)
        assert refused.stdout == "", case
        assert refused.stderr.strip(), case
        assert "Traceback" not in refused.stderr, case
        assert program.ledger() == before, case


def test_a_blocked_advance_names_what_is_missing_and_what_would_help(program: Program) -> None:
    """Every missing criterion in words, who brings it about, and the lines to type."""
    program.call("meet", "1", "sponsor_known", "--for", "Gent")
    program.call("meet", "1", "scope_confirmed")
    told = program.call("advance", "1", expect=4).stderr
    for line in (
        "Not yet. Gent + Merelbeke-Melle stays in phase 1, Exploratory talk.",
        "6 points left before Analysis: why it stalls:",
        " 1 exploratory talk held\n     can be brought about by: you\n",
        " 2 mayor supports the trajectory\n",
        "Gent agreed on",
        "Waits for: mayor Merelbeke-Melle\n     (no mail address known: traject contact add gent)",
        " 3 coordinator named, with time for it",
        "Jo Voorbeeld (LIVC R coordinator) or you\n",
        "traject meet gent 1 3 4 6\n",
        "traject meet gent 7\n",
        "traject meet gent 2 --for Merelbeke-Melle\n",
        "traject waive gent 1\n",
        "traject reschedule gent\n",
    ):
        assert line in told
    assert "Nothing was changed and no mail leaves." in " ".join(told.split())
    assert "municipalities in scope confirmed" not in told


def test_a_paused_trajectory_says_how_to_go_on(program: Program) -> None:
    """What the status forbids names the command that changes the status."""
    program.call("pause", "1", "--reason", "other", "--until", "tomorrow")
    assert "traject resume" in program.call("advance", "1", expect=4).stderr


def test_a_missing_reason_is_answered_with_the_list(program: Program) -> None:
    """Reasons are picked: without one the codes and their labels are told."""
    told = program.call("stop", "1", expect=2).stderr
    assert "no mandate from the local authority  no_mandate" in told


def test_a_wrong_reason_is_answered_with_the_list_too(program: Program) -> None:
    """Codes alone say little."""
    for kind, more in (("stop", ()), ("pause", ("--until", "tomorrow"))):
        told = program.call(kind, "1", *more, "--reason", "holiday", expect=2).stderr
        assert "there is no reason holiday" in told
        assert "other " in told
        assert "\n" in told.strip()


def test_a_date_that_lacks_is_shown_with_one_that_would_do(program: Program) -> None:
    """A day that was, for what looks back."""
    told = program.call("meet", "1", "last_meeting", expect=2).stderr
    example = told.split("--value ")[1].split()[0]
    program.call("meet", "1", "last_meeting", "--value", example)


def test_no_database_yet_says_how_to_make_one(tmp_path: Path) -> None:
    """Before init every command ends with 3 and names init."""
    program = Program(tmp_path)
    for command in (("whoami",), (*GENT,), ("advance", "1"), ("contact", "list")):
        assert "traject init" in program.call(*command, expect=3).stderr


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_a_real_process_ends_with_the_same_codes(program: Program) -> None:
    """The exit codes reach the shell, whichever the database."""
    program.run("meet", "1", "intake_talk_held", "--on", "2026-11-31", expect=2)
    program.run("advance", "99", expect=3)
    program.run("advance", "1", expect=4)
    program.run("advance", "1", "--if-version", "99", expect=6)
    program.run("whoami")


def test_a_fault_of_the_program_is_one_sentence(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected error shows its traceback with --debug only, and ends with 1."""
    monkeypatch.setattr("engine.service.moving.advance", lambda *_, **__: 1 // 0)
    quiet = program.call("advance", "1", expect=1).stderr
    assert "Traceback" not in quiet
    assert "--debug" in quiet
    assert "Traceback" in program.call("advance", "1", "--debug", expect=1).stderr


def test_an_interruption_ends_with_130(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no fault."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.service.moving.advance", interrupted)
    assert "Traceback" not in program.call("advance", "1", expect=130).stderr


def test_a_broken_workflow_lists_every_problem_with_its_place(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """file:line:column and the sentence, all of them, exit code 5."""
    broken = tmp_path / "reactiveren.yaml"
    broken.write_text("format: 1\ncategory: reactiveren\nversion: -1\nlabel: {nl: a}\n")
    monkeypatch.setattr("workflows.loader.shipped", lambda: (broken,))
    told = program.call("start", "reactiveren", "Lier", expect=5).stderr
    assert told.count(f"{broken}:") > 2
    assert f"{broken}:3:" in told


def test_an_account_that_is_not_enrolled_is_told_how_it_could_be(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading and sending included; what lets an outsider check stays open."""
    program.call(*GENT)
    before = program.ledger()
    monkeypatch.setattr("commands.frame.identity.account", lambda database: "uid:12345")
    for command in (
        "", "list", "show 1", "next 1", "forecast 1", "contact list", "mail list", "actor list",
        "tick", "rebuild --dry-run",
    ):  # fmt: skip
        refused = program.call(*command.split(), expect=4)
        assert "--account uid:12345" in refused.stderr, command
        assert refused.stdout == "", command
        assert program.ledger() == before, command
    for open_to_all in (["history"], ["verify"], ["workflow", "list"]):
        program.call(*open_to_all)
