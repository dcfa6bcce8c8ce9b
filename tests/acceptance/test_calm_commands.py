"""Snooze, away and the hold as people meet them: asked, told before and after, confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import Program
from tests.terminal import terminal

JO = ("--coordinator", "Jo Maes <jo@example.org>")
MORNING = "2027-03-01T09:30"
PLACES = ("Gent", "Lier", "Aalst", "Genk")


class Clerk:
    """Somebody at a program whose clock stands at an instant."""

    def __init__(self, program: Program) -> None:
        self.program, self.now = program, MORNING

    def do(self, *words: str, expect: int = 0) -> str:
        """Run a command; return what it printed."""
        return self.program.call(*words, "--now", self.now, expect=expect).stdout

    def ask(self, *words: str, answers: tuple[tuple[str, str], ...]) -> str:
        """Run a command at a terminal and answer its questions; return the screen."""
        database = {"TRAJECT_DATABASE": str(self.program.database_url)}
        arguments = [*words, "--now", self.now]
        home = self.program.home
        with terminal(arguments, home=home, lang="en", environment=database) as session:
            for question, answer in answers:
                session.answer(question, answer)
            assert session.ended() == 0, session.screen
            return session.screen


@pytest.fixture
def clerk(tmp_path: Path, sqlite_url: str) -> Clerk:
    """A clerk with a trajectory of Gent, its first mails gone, and a colleague."""
    made = Clerk(Program(tmp_path, sqlite_url))
    made.do("init", "--name", "An Peeters", "--email", "an@example.org", "--simulated-clock")
    bo = ("actor", "add", "Bo Claes", "--email", "bo@example.org", "--account", "uid:77")
    made.do(*bo, "--role", "coach")
    made.do("start", "reactiveren", "Gent", *JO)
    made.now = "2027-03-01T10:30"
    made.do("tick")
    return made


def test_a_snooze_shows_each_reminder_before_and_after(clerk: Clerk) -> None:
    """What comes together is one; the target date is not among what moves."""
    dry = clerk.do("snooze", "gent", "--until", "12/4", "--reason", "Jo is ill", "--dry-run")
    told = clerk.do("snooze", "gent", "--until", "12/4", "--reason", "Jo is ill")
    assert "Reminders rest: 2027-001 Gent, until Monday 12 April 2027." in told
    for row in (
        "Mon 15 Mar → –           Jo Maes     reminder before the target date",
        "Wed 7 Apr → Mon 12 Apr   Jo Maes     reminder after the target date",
    ):
        assert " ".join(row.split()) in " ".join(told.split())
        assert " ".join(row.split()) in " ".join(dry.split())
    assert "Target date" not in told
    assert "Reminders rest until Mon 12 Apr" in clerk.do("show", "gent")
    forecast = clerk.do("forecast", "gent")
    assert "Reminders rest until Mon 12 Apr" in forecast
    assert "15 Mar" not in forecast
    clerk.now = "2027-04-06T08:00"
    assert "Reminders rest until Mon 12 Apr" in clerk.do()
    assert "all reminders rest until Monday 12 April 2027: “Jo is ill”" in " ".join(
        clerk.do("history", "gent").split()
    )
    woken = clerk.do("snooze", "gent", "--until", "today")
    assert "Reminders go again: 2027-001 Gent." in woken
    assert "Reminders rest" not in clerk.do("show", "gent")
    assert (
        "no reminders of 2027-001 rest"
        in clerk.program.call(
            "snooze", "gent", "--until", "today", "--now", clerk.now, expect=4
        ).stderr
    )


def test_a_snooze_asks_for_what_was_left_out(clerk: Clerk) -> None:
    """At a terminal; in a pipe it says what is missing."""
    answers = (("Until when?", "12/4"), ("Why do they rest?", "Jo is ill"))
    assert "Reminders rest" in clerk.ask("snooze", "gent", answers=answers)
    clerk.do("snooze", "gent", expect=2)
    clerk.do("snooze", "gent", "--until", "12/4", expect=2)


def test_a_snooze_of_one_role_names_it(clerk: Clerk) -> None:
    """By a word of its label; an unknown one is refused with the list."""
    why = ("--reason", "Jo is ill")
    clerk.do("snooze", "gent", "--until", "12/4", "--role", "coordinator", *why)
    assert "until Mon 12 Apr: LIVC R coordinator" in clerk.do("show", "gent")
    clerk.do("snooze", "gent", "--until", "12/4", "--role", "cook", *why, expect=2)


def test_a_substitute_is_named_wherever_it_matters(clerk: Clerk) -> None:
    """On the screens of both; and it ends with a word."""
    told = clerk.do("away", "--until", "15/4", "--to", "bo")
    assert "An Peeters: away from Mon 1 Mar, back on Thu 15 Apr; Bo Claes stands in." in told
    assert "Bo Claes stands in" in clerk.do("actor", "list")
    morning = clerk.do()
    assert "You: away from Mon 1 Mar" in morning
    assert "traject away --back" in morning
    assert "Bo Claes" in clerk.do("forecast", "gent")
    assert "is away from" in clerk.do("history")
    assert "An Peeters is there" in clerk.do("away", "an", "--back")
    clerk.do("away", "--back", expect=4)
    clerk.do("away", "--back", "--to", "bo", expect=2)
    clerk.do("away", "bo", "--until", "15/4", "--to", "an", expect=4)


def test_who_stands_in_sees_those_trajectories_in_the_morning(clerk: Clerk) -> None:
    """As if they were their own, and it says so."""
    clerk.do("actor", "change", "bo", "--role", "lead")
    clerk.do("reassign", "gent", "bo")
    assert "Gent" not in clerk.do("--json")
    clerk.program.turn_into("lead")
    clerk.do("away", "bo", "--until", "15/4", "--to", "1")
    clerk.now = "2027-04-06T08:00"
    morning = clerk.do()
    assert "You stand in for Bo Claes until Thu 15 Apr" in " ".join(morning.split())
    assert "Gent" in morning
    assert clerk.program.call("--json", "--now", clerk.now).json["standing_in_for"] == [2]


def test_an_absence_asks_who_and_when(clerk: Clerk) -> None:
    """At a terminal; from today where no first day is given."""
    told = clerk.ask("away", answers=((">", "bo"), ("On which day back?", "15/4")))
    assert "Bo Claes stands in." in told
    clerk.do("away", expect=2)


def test_too_much_at_once_is_held_told_and_let_go_by_a_person(clerk: Clerk) -> None:
    """Everywhere the same count; a no at the terminal leaves it held."""
    for place in PLACES:
        clerk.do("start", "reactiveren", place, "--coordinator", f"J {place} <{place}@example.org>")
    clerk.do("config", "set", "most_at_once", "3")
    clerk.now = "2027-03-01T14:00"
    count = "4 mails to 4 people would leave at once, more than 3"
    dry = clerk.do("tick", "--dry-run", expect=7)
    assert "Mails that a round would make now: 4, to 4 people." in dry
    assert "4 mails" not in clerk.do("mail", "list")
    assert count in " ".join(clerk.do("tick", expect=7).split())
    for words in ((), ("forecast", "lier"), ("mail", "list")):
        assert count in " ".join(clerk.do(*words).split())
    health = clerk.program.call("doctor", "--now", clerk.now, expect=None).stdout
    assert "held: 4 mails to 4 people at once, more than 3" in health
    assert "Nothing was released" in clerk.ask(
        "mail", "release", "--all", answers=(("Let them leave?", "n"),)
    )
    clerk.do("tick", expect=7)
    let_go = clerk.ask("mail", "release", "--all", answers=(("Let them leave?", "y"),))
    assert "Mails that will leave: 4, to 4 people." in let_go
    assert "Made at the next round, and let go: 4." in let_go
    assert "kept as files, not sent: 4" in clerk.do("tick")
    clerk.do("verify")


def test_one_trajectory_is_let_go_of_a_held_queue(clerk: Clerk) -> None:
    """Its mail is told and leaves; the others stay held, and that is told too."""
    for place in PLACES:
        clerk.do("start", "reactiveren", place, "--coordinator", f"J {place} <{place}@example.org>")
    clerk.do("config", "set", "most_at_once", "3")
    clerk.now = "2027-03-01T14:00"
    clerk.do("tick", expect=7)
    told = clerk.do("mail", "release", "lier")
    assert "Mails released: 1" in told
    assert "These leave; the others stay held." in told
    round_ = " ".join(clerk.do("tick", expect=7).split())
    assert "kept as files, not sent: 1" in round_
    assert "3 mails to 3 people" in round_
    assert "kept as files" not in clerk.do("tick", expect=7)
    clerk.do("verify")


def test_limits_are_settings_of_at_least_one(clerk: Clerk) -> None:
    """Nothing means no limit by accident."""
    for name in ("most_an_hour", "most_a_day_each", "most_at_once"):
        clerk.do("config", "set", name, "7")
        clerk.do("config", "set", name, "0", expect=2)
        assert f"{name}" in clerk.do("config", "show")


def test_a_pause_and_its_end_show_every_reminder_that_moves(clerk: Clerk) -> None:
    """Those that fall away, and those that take their place."""
    away = clerk.do("pause", "gent", "--reason", "other", "--until", "1/6")
    assert "Reminders that move or fall away:" in away
    assert "Mon 15 Mar → –" in away
    clerk.now = "2027-03-10T10:30"
    back = clerk.do("resume", "gent")
    assert "– → " in back
