"""What a coach reads about words and days that other people have and that are true no longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from engine.domain.workdays import BRUSSELS
from engine.service import moving
from engine.store.database import Database
from tests.program import Program
from tests.world import GENT, JO, MERELBEKE_MELLE, RITA, World

HOUR = timedelta(hours=1)
WHY = ("--reason", "de raad komt later samen")
Do = Callable[..., str]


@pytest.fixture
def world(sqlite_database: Database) -> World:
    """A trajectory of two municipalities; nobody knows the mayor of the second."""
    made = World(sqlite_database)
    made.start(places=(GENT, MERELBEKE_MELLE), involved=(JO, RITA))
    return made


@pytest.fixture
def do(tmp_path: Path, world: World, sqlite_url: str) -> Do:
    """Return what a command says at the moment of the world, as one line."""
    program = Program(tmp_path, sqlite_url, lang="nl")

    def said(*words: str, code: int = 0) -> str:
        now = world.now.astimezone(BRUSSELS).strftime("%Y-%m-%dT%H:%M")
        done = program.call(*words, "--now", now, expect=code)
        return " ".join((done.stdout + done.stderr).split())

    return said


def test_a_mail_shown_says_that_it_is_written_anew(world: World, do: Do) -> None:
    """As soon as what it says is true no longer, and not before."""
    anew = "Deze tekst klopt niet meer: de mail wordt opnieuw geschreven als hij vertrekt."
    do("tick")
    assert anew not in do("mail", "show", "1")
    assert "Alleen hiervoor vertrekt geen mail." in do("reschedule", "gent", "20/4/2027", *WHY)
    assert anew in do("mail", "show", "1")
    assert anew in do("mail", "show", "2")


def test_a_moved_date_names_whose_calendar_shows_the_old_one(world: World, do: Do) -> None:
    """Jo got the day with the start; the first reminder brings the new one."""
    world.tick()
    world.now += HOUR
    world.tick()
    said = do("reschedule", "gent", "20/4/2027", *WHY, "--dry-run")
    told = (
        "Jo Maes heeft dinsdag 30 maart 2027 in de agenda en hoort dit met de volgende mail, "
        "dinsdag 6 april 2027."
    )
    assert told in said
    assert told in do("reschedule", "gent", "20/4/2027", *WHY)
    assert "Rita" not in said


def test_who_cannot_be_reached_is_not_asked(world: World, do: Do) -> None:
    """And is not waited for the next morning; where nobody can be, nothing is asked."""
    said = do("ask", "gent", "2")
    assert "Niet gevraagd, want er is geen adres bekend: Merelbeke-Melle:" in said
    assert "traject contact add gent" in said
    refused = do("ask", "gent", "2", "--for", "Merelbeke-Melle", code=4)
    assert "er wordt niets gevraagd, want er is geen adres bekend" in refused
    assert "traject contact add gent --role mayor" in refused
    world.now += timedelta(days=1)
    assert "burgemeester steunt het traject: Gent, gisteren gevraagd" in do()


def test_the_morning_shows_what_still_leaves_of_a_stopped_trajectory(world: World, do: Do) -> None:
    """Until it has left; of the rest of what is closed nothing is said."""
    world.tick()
    world.now += HOUR
    world.tick()
    moving.stop(world.desk(), "2027-001", reason="no_capacity")
    assert do().count("begeleiding is stopgezet") == 2
    assert "traject mail hold 001" in do()
    world.tick()
    world.now += HOUR
    world.tick()
    assert "stopgezet" not in do()


def test_an_end_hints_at_nothing_that_cannot_be_done_any_more(world: World, do: Do) -> None:
    """Nobody gets a role in what was stopped or completed; who cannot be mailed is still said."""
    world.walk("2027-001", "feedback")
    world.meet("2027-001")
    for said in (do("advance", "gent", "--dry-run"), do("advance", "gent")):
        assert "burgemeester Merelbeke-Melle: geen adres gekend, er vertrekt niets." in said
        assert "contact add" not in said


def test_a_stop_hints_at_nobody_to_be_added(world: World, do: Do) -> None:
    """As that would be refused."""
    for _ in range(2):  # else the start is withdrawn, and there is nothing to tell
        world.tick()
        world.now += HOUR
    said = do("stop", "gent", "--reason", "no_capacity")
    assert "burgemeester Merelbeke-Melle: geen adres gekend, er vertrekt niets." in said
    assert "contact add" not in said
    do("contact", "add", "001", "Els Wouters <els@example.org>", "--role", "mayor",
       "--for", "Merelbeke-Melle", code=4)  # fmt: skip
