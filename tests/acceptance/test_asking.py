"""What is left out is asked at a terminal, and told in a pipe; nothing is changed before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import GENT, Program
from tests.terminal import CTRL_C, Session, terminal


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """The program in Dutch, with a trajectory of Gent and Merelbeke-Melle in its first phase."""
    made = Program(tmp_path, sqlite_url, lang="nl")
    made.init()
    made.call(*GENT, "--coordinator", "Jo Voorbeeld <jo@example.org>")
    return made


def at_terminal(program: Program, *words: str) -> Session:
    """Return the program at a terminal, on the same database."""
    database = str(program.database_url)
    return terminal(words, home=program.home, environment={"TRAJECT_DATABASE": database})


def states(program: Program, ref: str = "gent") -> dict[str, str]:
    """Return the state of every criterion of the current phase."""
    page = program.call("show", ref, "--json").json
    return {one["id"]: one["state"] for one in page["criteria"] if one["phase"] == page["phase"]}


def test_meet_without_criteria_shows_a_checklist(program: Program) -> None:
    """Numbers and a day; the rest stays open."""
    with at_terminal(program, "meet", "gent") as session:
        session.expect("Verkenningsgesprek: wat is in orde?")
        session.expect("1 ○ verkenningsgesprek gehouden")
        session.answer(">", "1 9")
        session.expect("9 is geen van deze nummers")
        session.answer(">", "1, 4")
        session.answer("Wanneer? [vandaag]", "31/11")
        session.expect("november heeft 30 dagen")
        session.answer("Wanneer? [vandaag]", "")
        assert session.ended() == 0, session.screen
    assert [name for name, state in states(program).items() if state == "met"] == [
        "intake_talk_held",
        "category_confirmed",
    ]


def test_enter_and_ctrl_c_leave_all_as_it_is(program: Program) -> None:
    """Neither is an error to be ashamed of."""
    before = program.ledger()
    with at_terminal(program, "meet", "gent") as session:
        session.answer(">", "")
        session.expect("Er is niets gewijzigd.")
        assert session.ended() == 0
    with at_terminal(program, "pause", "gent") as session:
        session.expect("Waarom?")
        session.press(CTRL_C)
        assert session.ended() == 130
    assert program.ledger() == before


def test_a_pause_asks_why_and_until_when(program: Program) -> None:
    """By number or a word; the day is looked for ahead."""
    with at_terminal(program, "pause", "gent") as session:
        session.expect("1  lokale verkiezingen")
        session.answer(">", "andere")
        session.answer("Tot wanneer?", "gisteren")
        assert session.ended() == 2, session.screen
    with at_terminal(program, "pause", "gent") as session:
        session.answer(">", "nieuwe")
        session.answer("Tot wanneer?", "morgen")
        assert session.ended() == 0, session.screen
    page = program.call("show", "gent", "--json").json
    assert (page["status"], page["reason"]) == ("paused", "nieuwe burgemeester")


def test_a_waiver_asks_why_until_an_auditor_can_follow(program: Program) -> None:
    """Too short a reason is told how much is missing."""
    with at_terminal(program, "waive", "gent", "rol") as session:
        session.answer("Waarom speelt dit hier niet?", "Gebeurde al.")
        session.expect("Nog 8 tekens: schrijf waarom dit hier niet speelt.")
        session.answer("Waarom speelt dit hier niet?", "Vorig jaar al vastgelegd in een nota.")
        assert session.ended() == 0, session.screen
    assert states(program)["agreement_noted"] == "waived"


def test_of_several_trajectories_a_person_chooses_one(program: Program) -> None:
    """By the number in the list or its own."""
    program.call("start", "optimaliseren", "Gent", "--no-mail")
    with at_terminal(program, "show", "gent") as session:
        session.expect("gent kan op meer dan één traject slaan. Welk bedoel je?")
        session.expect("Optimaliseren")
        session.answer(">", "3")
        session.expect("typ een van deze: 001, 002")
        session.answer(">", "2")
        session.expect("Optimaliseren")
        assert session.ended() == 0, session.screen
    refused = program.call("show", "gent", expect=2)
    assert "Merelbeke-Melle" in refused.stderr
    assert "Optimaliseren" in refused.stderr


def test_a_criterion_that_may_be_several_is_asked_or_listed(program: Program) -> None:
    """The numbers stay those of the phase."""
    with at_terminal(program, "meet", "gent", "verk", "gemeenten", "b") as session:
        assert session.ended() == 3
        assert "heeft geen voorwaarde b" in session.screen
    with at_terminal(program, "meet", "gent", "be") as session:
        session.expect("5")
        session.answer(">", "betrokken")
        assert session.ended() == 0, session.screen
    assert states(program)["scope_confirmed"] == "met"


def test_a_date_that_a_criterion_carries_is_asked_for(program: Program) -> None:
    """In the direction that the criterion looks."""
    with at_terminal(program, "meet", "gent", "laatste") as session:
        session.answer("datum van het laatste overleg: welke dag?", "6 maart 2025")
        session.expect("donderdag 6 maart 2025")
        assert session.ended() == 0, session.screen


def test_reschedule_asks_for_day_and_reason(program: Program) -> None:
    """Before and after are shown in full."""
    with at_terminal(program, "reschedule", "gent") as session:
        session.answer("Naar welke dag?", "overmorgen")
        session.answer("Waarom verschuift de datum?", "De raad komt later samen.")
        session.expect("Richtdatum")
        assert session.ended() == 0, session.screen


def test_start_asks_for_category_and_municipalities(program: Program) -> None:
    """A bare `start` is enough at a terminal."""
    with at_terminal(program, "start") as session:
        session.expect("Welke categorie?")
        session.answer(">", "opst")
        session.answer("Welke gemeenten?", "Lierd")
        session.answer("Coördinator", "Jo")
        session.answer("Coördinator", "Jo Voorbeeld <jo@example.org>")
        session.answer("Burgemeester van Lierde", "")
        session.expect("Alleen geprobeerd")
        session.answer("Zo starten?", "j")
        session.expect("Gestart: 2026-002 Lierde")
        assert session.ended() == 0, session.screen


@pytest.mark.parametrize(
    ("typed", "listed"),
    [
        (("meet", "gent"), "1  verkenningsgesprek gehouden"),
        (("waive", "gent"), "intake_talk_held"),
        (("pause", "gent"), "coordinator_vacant"),
        (("pause", "gent", "--reason", "coach_absent"), "--until"),
        (("stop", "gent"), "no_capacity"),
        (("reschedule", "gent"), "DATE"),
        (("reschedule", "gent", "1/3/2027"), "--reason"),
        (("waive", "gent", "1"), "--reason"),
        (("start",), "Reactiveren"),
        (("start", "opstarten"), "gemeenten"),
        (("note", "gent"), "aanhalingstekens"),
    ],
)
def test_in_a_pipe_what_is_missing_is_told_with_what_may_stand_there(
    program: Program, typed: tuple[str, ...], listed: str
) -> None:
    """Exit 2, and nothing waits for an answer that cannot come."""
    before = program.ledger()
    refused = program.call(*typed, expect=2)
    assert listed in refused.stderr
    assert program.ledger() == before


def test_json_never_asks(program: Program) -> None:
    """A script at a terminal is still a script."""
    with at_terminal(program, "meet", "gent", "--json") as session:
        assert session.ended() == 2, session.screen


def test_a_date_that_moves_shows_which_reminders_move_along(program: Program) -> None:
    """Before and after, by reader; a person with two roles stands there once."""
    page = program.call("reschedule", "gent", "1/3/2027", "--reason", "De raad komt later.").stdout
    rows = [line for line in page.splitlines() if "→" in line]
    assert "Herinneringen die mee verschuiven:" in page
    assert any("Jo Voorbeeld" in row and "ma 15 feb" in row for row in rows)
    assert len(rows) == len(set(rows)) == 6


def test_what_somebody_changed_while_the_question_stood_is_a_conflict(program: Program) -> None:
    """The reason was meant for the phase that was on the screen."""
    with at_terminal(program, "waive", "gent", "--all") as session:
        session.expect("Waarom speelt dit hier niet?")
        program.call("meet", "gent", "1")
        session.type("Dat staat al lang in een nota van het bestuur.")
        assert session.ended() == 6, session.screen
    assert set(states(program).values()) == {"open", "met"}


@pytest.mark.parametrize(
    "typed",
    [("waive", "gent", "1"), ("pause", "gent"), ("reschedule", "gent"), ("stop", "gent")],
)
def test_nothing_is_asked_for_what_is_not_possible_anyway(
    program: Program, typed: tuple[str, ...]
) -> None:
    """The refusal comes before the work of answering."""
    program.call("stop", "gent", "--reason", "other", "--silent")
    with at_terminal(program, *typed) as session:
        assert session.ended() == 4, session.screen
        assert "?" not in session.screen.replace("traject", "")


def test_a_stop_is_asked_about_once_more(program: Program) -> None:
    """It cannot be undone, and the beginning of a name was enough to name it."""
    before = program.ledger()
    with at_terminal(program, "stop", "ge", "--reason", "no_capacity") as session:
        session.answer("2026-001 Gent + Merelbeke-Melle stopzetten?", "")
        session.expect("Er is niets gewijzigd.")
        assert session.ended() == 0
    assert program.ledger() == before
    with at_terminal(program, "stop", "ge", "--reason", "no_capacity") as session:
        session.answer("stopzetten?", "ja")
        session.expect("Stopgezet")
        assert session.ended() == 0, session.screen


def test_a_whole_name_beats_the_beginning_of_somebody_who_takes_part(program: Program) -> None:
    """Jan Peeters elsewhere is not Jan Peetersen here."""
    program.call("start", "optimaliseren", "Lier", "--no-mail")
    for place, name, email in (
        ("gent", "Jan Peetersen", "jp1@example.org"),
        ("lier", "Jan Peeters", "jp2@example.org"),
    ):
        person = f"{name} <{email}>"
        program.call("contact", "add", place, person, "--role", "coordinator", "--no-mail")
    refused = program.call("contact", "release", "gent", "Jan Peeters", "--dry-run", expect=None)
    assert refused.code in (3, 4)
    assert "Peetersen" not in refused.stdout
    assert program.call("contact", "release", "gent", "jan peet", "--dry-run").code == 0


def test_a_start_that_was_asked_for_can_be_left_at_the_end(program: Program) -> None:
    """Everything is shown first, the mails too."""
    before = program.ledger()
    with at_terminal(program, "start", "opstarten") as session:
        session.answer("Welke gemeenten?", "Lierde")
        session.answer("Coördinator", "")
        session.answer("Burgemeester van Lierde", "Ria Voorbeeld <ria@example.org>")
        session.expect("Geachte burgemeester")
        session.answer("Zo starten?", "n")
        session.expect("Er is niets gewijzigd.")
        assert session.ended() == 0, session.screen
    assert program.ledger() == before


def test_going_back_tells_what_opens_again_and_asks(program: Program) -> None:
    """What was met is lost otherwise; No is the default."""
    program.call("meet", "gent", "1,2,3,4,5,6")
    program.call("meet", "gent", "7", "--value", "6/3/2025")
    program.call("advance", "gent", "--no-mail")
    before = program.ledger()
    with at_terminal(program, "send-back", "gent", "1", "--reason", "verkeerd") as session:
        session.expect("Opnieuw open")
        session.answer("Teruggaan?", "")
        session.expect("Er is niets gewijzigd.")
        assert session.ended() == 0, session.screen
    assert program.ledger() == before
    with at_terminal(program, "send-back", "gent", "1", "--reason", "verkeerd") as session:
        session.answer("Teruggaan?", "j")
        assert session.ended() == 0, session.screen


def test_an_appointment_that_fell_through_is_taken_away(program: Program) -> None:
    """By the command that corrects a slip; another day replaces it and tells so."""
    program.call("meet", "gent", "1", "--planned", "morgen 10u")
    told = program.call("meet", "gent", "1", "--planned", "overmorgen 10u").stdout
    assert "(Het was" in told
    program.call("reopen", "gent", "1", "--reason", "ging niet door")
    page = program.call("show", "gent", "--json").json
    assert next(c["planned"] for c in page["criteria"] if c["id"] == "intake_talk_held") is None
