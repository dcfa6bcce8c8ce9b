"""A coach's Monday with 14 trajectories: the screen of the morning, and the work it asks for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import monday
from tests.mail_server import PostOffice
from tests.program import Program
from tests.terminal import Session, terminal

SCREEN = """\
Dag An. Maandag 8 maart 2027. 14 trajecten: 12 lopend, 2 gepauzeerd.

VOORBIJ DE RICHTDATUM
 019  Ronse                   Analyse: waarom loopt het  vr 19 feb  11 werkdagen
                              spaak
     4 punten open
     geen herinneringen meer: bel, of  traject pause ronse
 007  Geel                    Plan van aanpak            wo 3 mrt   3 werkdagen
     1 punt, bij jou: datum van de terugkoppeling vastgelegd

VANDAAG
 012  De Haan                 10:00 gepland: verkenningsgesprek gehouden
     traject meet de-haan 1

DEZE WEEK
 003  Lier                    Realistische toets  vr 12 mrt  2 punten open
 022  Tielt + Pittem          hervatten vr 12 mrt? gepauzeerd sinds ma 11 jan
     traject resume tielt

WACHT OP DE GEMEENTE
 001  Gent + Merelbeke-Melle  probleemstelling op papier, akkoord burgemeester:
                              Merelbeke-Melle, 14 dagen geleden gevraagd

MAILS DIE VANDAAG EN MORGEN VERTREKKEN
 ma 09:00  Jo Maes (Gent + Merelbeke-Melle)  nog 2 punten tegen ma 22 mrt
 di 09:00  Lien Baert (Lier)                 nog 2 punten tegen vr 12 mrt
     klopt er een niet meer?  traject meet gent  ·  traject mail hold gent
     traject meet lier  ·  traject mail hold lier

NIET BEZORGD
 009  Bree                    Els Wouters, herinnering vóór de richtdatum: adres
                              bestaat niet
     traject contact change bree
 007  Geel                    geen adres gekend voor LIVC R-coördinator
     traject contact add geel

Op schema: 6 andere (traject list). Laatste mailronde: vandaag 08:15.
"""
DONE = """\
Dag An. Maandag 8 maart 2027. 14 trajecten: 12 lopend, 2 gepauzeerd.

Op schema: alle 12 (traject list). Laatste mailronde: vandaag 09:15.
"""
PRINTED = re.compile(r"traject [a-z][a-z0-9 -]*[a-z0-9]")


@pytest.fixture
def program(copied: Callable[[Path], Program], tmp_path: Path) -> Program:
    """The program at the start of this Monday."""
    return copied(tmp_path)


class Morning:
    """Monday from twenty past eight: every line is typed with the hour of that moment."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.open = set(PRINTED.findall(self.at("08:20", "")))

    def at(self, hour: str, line: str) -> str:
        """Type what follows `traject`; return what it says."""
        return self.program.call(*self._words(hour, line)).stdout

    def paste(self, hour: str, line: str) -> str:
        """Type a command that the morning printed."""
        self.open.remove(line)
        return read(self.at(hour, line.removeprefix("traject ")))

    def asked(self, hour: str, line: str) -> Session:
        """Type a command that the morning printed at a terminal, where it asks."""
        self.open.remove(line)
        names = ("TRAJECT_DATABASE", "TRAJECT_SMTP_URL")
        environment = {name: self.program.environment[name] for name in names}
        words = self._words(hour, line.removeprefix("traject "))
        return terminal(words, home=self.program.home, environment=environment)

    @staticmethod
    def _words(hour: str, line: str) -> list[str]:
        return [*shlex.split(line), "--now", f"2027-03-08T{hour}"]


def read(text: str) -> str:
    """Return a screen as one line, as it is read."""
    return " ".join(text.split())


def test_the_morning_is_the_screen_that_was_drawn(program: Program) -> None:
    """All its parts, line by line; the dates are those of the calendar."""
    assert program.call("--now", monday.MORNING).stdout == SCREEN
    mails = program.call("mail", "list", "bree", "--now", monday.MORNING).stdout
    assert mails.splitlines()[0].endswith("  2026-009 Bree  niet bezorgd")


def test_the_morning_is_worked_through_until_it_is_short(
    program: Program, office: tuple[PostOffice, str]
) -> None:
    """Each command that it prints is pasted, asks what it leaves open, and does what it says."""
    day = Morning(program)
    office[0].taken.clear()
    _before_the_mails_leave(day)
    _who_is_late(day)
    _who_is_not_reached(day)
    said = day.at("09:15", "tick")
    readers = sorted(to for letter in office[0].taken for to in letter.rcpt_tos)
    assert readers == [
        "els.wouters@example.org",
        "hilde.claes@example.org",
        "jo.maes@example.org",
        "lien.baert@example.org",
        "tom.wils@example.org",
    ]
    assert "verstuurd: 5" in said
    assert "In orde: verkenningsgesprek" in day.paste("11:30", "traject meet de-haan 1")
    assert "Dilbeek" in day.paste("11:31", "traject list")
    assert day.open == set()
    assert day.at("11:32", "") == DONE
    assert "niets ontbreekt, niets gewijzigd" in day.at("11:33", "verify")


def _before_the_mails_leave(day: Morning) -> None:
    """Gent and Lier answered over the weekend: no reminder must go there."""
    for hour, name, reader in (("08:21", "gent", "Jo Maes"), ("08:22", "lier", "Lien Baert")):
        held = day.paste(hour, f"traject mail hold {name}")
        assert "Mails tegengehouden tot je ze laat gaan: 1." in held
        assert f"herinnering vóór de richtdatum: {reader}" in held
    with day.asked("08:23", "traject meet gent") as session:
        session.expect("3 ○ probleemstelling op papier")
        session.answer(">", "3 5")
        session.answer("Wanneer? [vandaag]", "vrijdag")
        assert session.ended() == 0, session.screen
        assert "Alles is in orde: traject advance gent" in session.screen
    moved = read(day.at("08:24", "advance gent"))
    assert "is in fase 3 van 7, Droomscenario. Richtdatum: maandag 19 april 2027." in moved
    assert "Ingetrokken: herinnering vóór de richtdatum aan Jo Maes." in moved
    with day.asked("08:25", "traject meet lier") as session:
        session.answer(">", "2 4")
        session.answer("Wanneer? [vandaag]")
        assert session.ended() == 0, session.screen
    assert "aan Lien Baert." in read(day.at("08:26", "advance lier"))


def _who_is_late(day: Morning) -> None:
    """Ronse rests, Geel goes on, Tielt begins again."""
    with day.asked("08:30", "traject pause ronse") as session:
        session.expect("wachten op een beslissing")
        session.answer(">", "wachten")
        session.answer("Tot wanneer?", "1/5")
        assert session.ended() == 0, session.screen
        assert "tot zaterdag 1 mei 2027" in read(session.screen)
        assert "Tegenhouden: traject mail hold ronse" in session.screen
    open_ = read(day.at("08:31", "next geel"))
    assert "5 datum van de terugkoppeling vastgelegd" in open_
    assert "gebeurd traject meet geel 5" in open_
    assert "woensdag 15 september 2027" in read(day.at("08:32", "meet geel 5 --value 15/9"))
    assert "Coaching en uitvoering" in day.at("08:33", "advance geel")
    again = day.paste("08:34", "traject resume tielt")
    assert "Richtdatum: dinsdag 30 maart 2027 (was maandag 1 februari 2027)." in again


def _who_is_not_reached(day: Morning) -> None:
    """A wrong address is put right and the mail sent again; a coordinator is added."""
    with day.asked("08:40", "traject contact change bree") as session:
        session.answer("Wie?", "els")
        session.answer("Naam:")
        session.answer("Mailadres: [els.wouter@example.org]", "els.wouters@example.org")
        assert session.ended() == 0, session.screen
        (retry,) = re.findall(r"traject (mail retry \d+)", session.screen)
    assert f"traject {retry}" in day.at("08:41", "")
    assert "opnieuw geprobeerd" in day.at("08:41", retry)
    with day.asked("08:42", "traject contact add geel") as session:
        session.answer("Naam:", "Hilde Claes")
        session.answer("Mailadres:", "hilde.claes@example.org")
        session.expect("LIVC R-coördinator (nog niemand)")
        session.answer(">", "coörd")
        assert session.ended() == 0, session.screen
        assert "kennismaking: waar we staan" in session.screen
