"""Writing commands: what they say, what they record, and what a dry run leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import Program

pytestmark = pytest.mark.above_the_store

START = ("start", "reactiveren", "Gent", "Merelbeke-Melle")
PEOPLE = (
    "--coordinator", "Jo Voorbeeld <jo@example.org>",
    "--mayor", "Gent: Rita Voorbeeld <rita@example.org>",
)  # fmt: skip
ALL = ("--reason", "this was settled before we began")


@pytest.fixture
def program(tmp_path: Path, database_url: str) -> Program:
    """The program with a coach enrolled, on either kind of database."""
    made = Program(tmp_path, database_url)
    made.init()
    return made


def test_start_says_what_happened_and_who_gets_mail_when(program: Program) -> None:
    """Nobody dares to type start when it does not say who is mailed."""
    said = program.call(*START, *PEOPLE).stdout
    for line in (
        "Started: ",
        "Gent + Merelbeke-Melle, Reactivation. Phase 1 of 7,",
        "Target date: ",
        "To keep them from leaving: traject mail hold ",
        "Jo Voorbeeld    LIVC R coordinator  ",
        "Rita Voorbeeld  mayor Gent          ",
        "mayor Merelbeke-Melle: no address known, nothing leaves:\n    traject contact add gent",
    ):
        assert line in said


def test_start_answers_in_json(program: Program) -> None:
    """Scripts read the reference, the version and the mails."""
    answer = program.call(*START, *PEOPLE, "--json").json
    assert answer["ref"].endswith("-001")
    assert (answer["status"], answer["phase"]) == ("active", "intake")
    assert answer["due_on"] > "2026"
    assert [(m["role"], m["name"]) for m in answer["mails"]] == [
        ("coordinator", "Jo Voorbeeld"),
        ("mayor", "Rita Voorbeeld"),
        ("mayor", None),
    ]


def test_start_tells_where_a_merged_municipality_went(program: Program) -> None:
    """An old name leads to its successor, and that is said."""
    told = program.call("start", "reactiveren", "Borsbeek", "De", "Haan")
    assert "Borsbeek is part of Antwerpen since 2025." in told.stderr
    assert "Antwerpen + De Haan" in told.stdout


def test_start_finds_the_place_of_the_only_mayor(program: Program) -> None:
    """With one municipality its name may be left out."""
    answer = program.call(
        "start", "opstarten", "Lier", "--mayor", "Wim <wim@example.org>", "--json"
    ).json
    assert [m["municipality"] for m in answer["mails"] if m["role"] == "mayor"] == ["12021"]


def test_no_mail_withholds_what_the_command_causes(program: Program) -> None:
    """Nothing leaves, and nothing is announced."""
    assert program.call(*START, *PEOPLE, "--no-mail", "--json").json["mails"] == []


def test_a_dry_run_shows_everything_and_changes_nothing(program: Program) -> None:
    """The same words, and the ledger stands still."""
    before = program.ledger()
    said = program.call(*START, *PEOPLE, "--dry-run").stdout
    assert said.startswith("Only tried: nothing was changed and no mail leaves.")
    assert "Rita Voorbeeld" in said
    assert program.ledger() == before


DRY = [
    ("meet", "1", "intake_talk_held"),
    ("meet", "1", "intake_talk_held", "--planned", "tomorrow 10:00"),
    ("waive", "1", "intake_talk_held", *ALL),
    ("waive", "1", "--all", *ALL),
    ("ask", "1", "sponsor_known"),
    ("pause", "1", "--reason", "other", "--until", "tomorrow"),
    ("stop", "1", "--reason", "no_capacity"),
    ("reschedule", "1", "tomorrow", "--reason", "later"),
    ("note", "1", "a note"),
    ("contact", "add", "1", "Lien <lien@example.org>", "--role", "case_manager"),
    ("contact", "change", "1", "--name", "Jos Voorbeeld"),
    ("contact", "assign", "1", "2", "--role", "coordinator"),
    ("contact", "release", "1", "1"),
    ("contact", "replace", "1", "1", "Lien <lien@example.org>"),
    ("actor", "add", "Bo", "--email", "bo@example.org", "--account", "uid:77", "--role", "coach"),
    ("actor", "change", "1", "--email", "an.voorbeeld@example.org"),
    ("scope", "join", "1", "Destelbergen"),
    ("scope", "leave", "1", "Gent"),
    ("recalculate",),
    ("config", "set", "hold_back", "10"),
    ("upgrade",),
]


def test_every_writing_command_can_be_tried(program: Program) -> None:
    """--dry-run answers like the command and leaves no trace."""
    program.call(*START, *PEOPLE)
    before = program.ledger()
    for command in DRY:
        assert program.call(*command, "--dry-run").stdout, command
        assert program.ledger() == before, command
    assert not (program.home / ".config").exists()


def test_the_road_from_intake_to_the_next_phase(program: Program) -> None:
    """Consents, an appointment, a slip corrected, an advance; each step says what is left."""
    program.call(*START, *PEOPLE)
    said = program.call("meet", "1", "sponsor_known", "--for", "gent").stdout
    assert "Agreed: Gent, about mayor supports the trajectory. Waits for: Merelbeke-Melle." in said
    assert "7 required points are still open." in said
    said = program.call("meet", "1", "intake_talk_held", "--planned", "tomorrow 9:30").stdout
    assert " 09:30. It stays open." in said
    program.call("meet", "1", "scope_confirmed", "agreement_noted")
    assert (
        "Open: " in program.call("reopen", "1", "scope_confirmed", "--reason", "wrong line").stdout
    )
    program.call("meet", "1", "last_meeting", "--value", "yesterday")
    said = program.call("waive", "1", "--all", *ALL).stdout
    assert "All is in order: traject advance " in said
    said = program.call("advance", "1").stdout
    assert "is in phase 2 of 7, Analysis: why it" in said
    assert "Target date: " in said
    said = program.call(
        "send-back", "1", "intake", "--reason", "registration_error", "--keep", "sponsor_known"
    ).stdout
    assert "is in phase 1 of 7 again" in said
    assert "exploratory talk held" in said
    assert "mayor supports" not in said


def test_pause_resume_stop_and_follow_up(program: Program) -> None:
    """The lifecycle beside the phases, each with its sentence."""
    program.call(*START, *PEOPLE)
    assert (
        "Paused: "
        in program.call("pause", "1", "--reason", "incident_priority", "--until", "tomorrow").stdout
    )
    assert "Resumed: " in program.call("resume", "1").stdout
    moved = program.call("reschedule", "1", "2027-03-01", "--reason", "the council meets later")
    assert "Target date: Monday 1 March 2027 (was " in moved.stdout
    stopped = program.call("stop", "1", "--reason", "no_capacity", "--json").json
    assert (stopped["status"], stopped["phase"], stopped["due_on"]) == ("stopped", "intake", None)
    followed = program.call("follow-up", "1", "optimaliseren")
    assert "Started: " in followed.stdout
    assert "It goes on where " in followed.stdout


def test_a_request_waits_for_its_acceptance(program: Program) -> None:
    """Registered without a phase; accept starts it, midway where that is asked."""
    asked = program.call(*START, "--requested", "--json").json
    assert (asked["status"], asked["phase"], asked["mails"]) == ("requested", None, [])
    accepted = program.call("accept", "1", "--phase", "analysis", "--json").json
    assert (accepted["status"], accepted["phase"]) == ("active", "analysis")


def test_a_note_can_come_from_stdin_and_is_warned_about(program: Program) -> None:
    """`-` reads standard input; what does not belong in a note is said each time."""
    program.call(*START)
    noted = program.run("note", "1", "-", stdin="talked to the council\nit agrees\n")
    assert "Noted with " in noted.stdout
    assert "no data on persons" in noted.stderr


def test_a_number_means_the_newest_year_that_has_it(program: Program) -> None:
    """2026-001, 001 and 1 are one trajectory; the answer is the same."""
    ref = program.call(*START, "--json").json["ref"]
    for typed in (ref, "001", "1"):
        assert program.call("note", typed, "seen", "--json").json["ref"] == ref


def test_version_rises_and_guards(program: Program) -> None:
    """What one command answers as version, the next can insist on."""
    version = program.call(*START, "--json").json["version"]
    met = program.call("meet", "1", "intake_talk_held", "--if-version", str(version), "--json").json
    assert met["version"] == version + 1


def test_contacts_are_found_by_number_and_address(program: Program) -> None:
    """Add, change, replace, release, list."""
    program.call(*START, *PEOPLE)
    program.call(
        "contact", "add", "1", "Karel <karel@example.org>", "--role", "mayor",
        "--for", "Merelbeke-Melle", "--organisation", "Stad", "--mail-lang", "en",
    )  # fmt: skip
    program.call("contact", "change", "karel@example.org", "--email", "k@example.org")
    program.call("contact", "replace", "1", "jo@example.org", "Lien <lien@example.org>")
    program.call("contact", "release", "1", "2")
    listed = program.call("contact", "list", "1", "--json").json
    assert [(c["name"], c["email"], c["lang"]) for c in listed] == [
        ("Karel", "k@example.org", "en"),
        ("Lien", "lien@example.org", "nl"),
    ]
    assert "Jo Voorbeeld" in program.call("contact", "list").stdout


def test_control_characters_never_reach_the_terminal(program: Program) -> None:
    """What somebody typed is shown, not obeyed."""
    told = program.call("advance", "\x1b[31m1\u202e", expect=3).stderr
    assert "\x1b" not in told
    assert "\\x1b[31m1\\u202e" in told


def test_an_address_known_under_another_name_keeps_it_and_says_so(program: Program) -> None:
    """The same address is the same contact; a new name is not taken over silently."""
    program.call(*START, *PEOPLE)
    told = program.call("start", "optimaliseren", "Lier", "--coordinator", "Jan <jo@example.org>")
    assert "jo@example.org is known as Jo Voorbeeld" in told.stderr
