"""A coach's first hour: from nothing to the second phase, in Dutch, at a terminal and beside it."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from tests.program import Program, Result
from tests.terminal import Session, terminal

START = (
    "start reactiveren Gent Merelbeke-Melle --coordinator 'Jo Maes <jo.maes@example.org>' "
    "--mayor 'Gent: Rita Claes <rita.claes@example.org>'"
)
GREETING = "Dag An. Dinsdag 17 november 2026. "
MAILS_TO_JO_AND_RITA = """\
  Jo Maes     LIVC R-coördinator  start van de begeleiding
  Rita Claes  burgemeester Gent   start van de begeleiding
burgemeester Merelbeke-Melle: geen adres gekend, er vertrekt niets"""


class Hour:
    """Tuesday 17 November 2026, from a quarter past two: what is typed, and what is answered."""

    def __init__(self, folder: Path) -> None:
        self.program = Program(folder, lang="nl")

    def at(self, hour: str, line: str, expect: int = 0) -> Result:
        """Type a line where nothing is asked."""
        return self.program.call(*self._words(hour, line), expect=expect)

    def asked(self, hour: str, line: str) -> Session:
        """Type a line at a terminal."""
        return terminal(self._words(hour, line), home=self.program.home)

    @staticmethod
    def _words(hour: str, line: str) -> list[str]:
        return [*shlex.split(line), "--now", f"2026-11-17T{hour}"]


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was set up by the questions of `init`."""
    folder = tmp_path_factory.mktemp("set-up")
    with Hour(folder).asked("14:15", "init --simulated-clock") as session:
        session.answer("Je naam:", "An Peeters")
        session.answer("Je mailadres:", "an.peeters@example.org")
        session.answer("Waar komt de databank?")
        session.answer("Welke organisatie ondertekent de mails?", "VVSG")
        session.answer("Nu een mailserver instellen?", "nee")
        assert session.ended() == 0, session.screen
        assert "Je bent An Peeters, coach" in session.screen
        assert "traject start        start een traject" in session.screen
    return folder


@pytest.fixture
def hour(set_up: Path, tmp_path: Path) -> Hour:
    """A coach with an empty database."""
    shutil.copytree(set_up, tmp_path, dirs_exist_ok=True)
    return Hour(tmp_path)


@pytest.fixture
def begun(hour: Hour) -> Hour:
    """The same, with a trajectory of Gent and Merelbeke-Melle whose mails still wait."""
    hour.at("14:22", START)
    return hour


def read(text: str) -> str:
    """Return a screen as one line, as it is read."""
    return " ".join(text.split())


def test_a_first_morning_tells_how_to_begin(hour: Hour) -> None:
    """Nothing is there yet, and the line says what makes it."""
    said = read(hour.at("14:18", "").stdout)
    assert said.startswith(GREETING + "Geen trajecten.")
    assert "Een nieuw: traject start." in said


def test_before_the_start_the_very_mail_is_shown(hour: Hour) -> None:
    """Who gets which words and who gets none; nothing is changed, and then it is just so."""
    tried = hour.at("14:20", START + " --dry-run").stdout
    assert tried.startswith("Alleen geprobeerd: niets gewijzigd, er vertrekt geen mail.")
    assert f"Mails die vandaag om 14:50 vertrekken:\n{MAILS_TO_JO_AND_RITA}." in tried
    assert "Van: An Peeters (VVSG) <an.peeters@example.org>" in tried
    assert "Onderwerp: Start begeleiding LIVC R Gent en Merelbeke-Melle" in tried
    assert (
        "Geachte burgemeester, u hoeft nu niets te doen. Uw coördinator Jo Maes en ikzelf leggen "
        "een verkenningsgesprek vast, graag tegen 15 december. U hoort van mij wanneer uw akkoord "
        "nodig is."
    ) in read(tried)
    assert "Reactiveren" not in tried.partition("Aan:")[2]
    assert "Geen trajecten" in hour.at("14:21", "").stdout
    done = hour.at("14:22", START).stdout
    assert done == (
        "Gestart: 2026-001 Gent + Merelbeke-Melle, Reactiveren. Fase 1 van 7,\n"
        "    Verkenningsgesprek.\n"
        "Richtdatum: dinsdag 15 december 2026.\n"
        f"Mails die vandaag om 14:52 vertrekken:\n{MAILS_TO_JO_AND_RITA}:\n"
        "    traject contact add gent\n"
        "Tegenhouden: traject mail hold gent\n"
    )
    said = hour.at("14:23", "").stdout
    assert said.startswith(GREETING + "1 traject: 1 lopend.")
    assert " di 14:52  Rita Claes (Gent + Merelbeke-Melle)  start van de begeleiding\n" in said


def test_the_page_shows_what_is_missing_and_how_to_mend_it(begun: Hour) -> None:
    """The line of phases, the points with their numbers and hands, and the mayor without one."""
    page = begun.at("14:23", "show gent").stdout
    assert page.splitlines()[0] == (
        "2026-001  Gent + Merelbeke-Melle · Reactiveren · lopend · coach An Peeters"
    )
    assert " ● Verkenningsgesprek  ○ Analyse  ○ Droomscenario  ○ Realistische toets\n" in page
    for line in (
        "Fase 1 van 7 Verkenningsgesprek sinds di 17 nov",
        "Richtdatum di 15 dec, nog 20 werkdagen (waarom: --why)",
        "Voorwaarden om verder te gaan: 0 van 7 in orde",
        "2 ○ burgemeester steunt het traject Gent ○ Merelbeke-Melle ○",
        "3 ○ coördinator aangeduid, met tijd ervoor Jo Maes of jij",
        "(geen) burgemeester Merelbeke-Melle traject contact add gent",
        "Volgende mail di 17 nov Jo Maes start van de begeleiding",
        "Wat nu? traject next gent",
    ):
        assert line in read(page)


def test_a_slip_of_the_checklist_is_put_right_and_the_mails_wait(begun: Hour) -> None:
    """Three ticks at once, two of them wrong; a hold gives the time to think."""
    with begun.asked("14:25", "meet gent") as session:
        session.expect("Verkenningsgesprek: wat is in orde?")
        session.expect("1 ○ verkenningsgesprek gehouden")
        session.answer(">", "1 2 6")
        session.answer("Wanneer? [vandaag]", "dinsdag")
        assert session.ended() == 0, session.screen
        assert "In orde: verkenningsgesprek gehouden (dinsdag 17 november 2026)" in session.screen
        assert "Er staan nog 4 verplichte punten open." in session.screen
    undone = begun.at("14:26", "reopen gent 2 6 --reason 'verkeerd nummer'").stdout
    assert undone == (
        "2026-001 Gent + Merelbeke-Melle:\n"
        "Open: burgemeester steunt het traject.\n"
        "Open: afspraken over rol, vertrouwelijkheid en ritme.\n"
    )
    one = begun.at("14:27", "meet gent 2 --for Gent").stdout
    assert "Akkoord: Gent, over burgemeester steunt het traject. Wacht op: Merelbeke-Melle." in one
    held = begun.at("14:29", "mail hold gent").stdout
    assert "Mails tegengehouden tot je ze laat gaan: 2." in held
    assert held.endswith("Toch laten vertrekken: traject mail release gent\n")
    told = begun.at("15:30", "tick").stdout  # what is held stays; the coach is told of it
    assert told == "dagoverzichten gemaakt: 1; bewaard als bestand, niet verstuurd: 1\n"
    page = read(begun.at("15:31", "show gent").stdout)
    assert "tegengehouden: 2 traject mail release gent" in page
    begun.at("15:32", "mail release gent")
    assert "bewaard als bestand, niet verstuurd: 2" in begun.at("15:33", "tick").stdout


def test_the_printed_hint_adds_the_mayor_who_was_missing(begun: Hour) -> None:
    """It asks for all it leaves open, those without anybody first."""
    with begun.asked("14:31", "contact add gent") as session:
        session.answer("Naam:", "Wim Aerts")
        session.answer("Mailadres:", "wim.aerts@example.org")
        session.expect("1  burgemeester (nog niemand)")
        session.answer(">", "1")
        session.expect("1  Merelbeke-Melle")
        session.answer(">", "1")
        assert session.ended() == 0, session.screen
        assert "Wim Aerts, burgemeester Merelbeke-Melle bij 2026-001" in read(session.screen)
        told = "Wim Aerts burgemeester Merelbeke-Melle start van de begeleiding"
        assert told in read(session.screen)
    page = read(begun.at("14:32", "show gent").stdout)
    assert "Wim Aerts burgemeester Merelbeke-Melle wim.aerts@example.org" in page
    assert "(geen)" not in page


def test_from_what_now_to_the_next_phase(begun: Hour) -> None:
    """Refused with the points and the ways; what was pasted settles them; then it goes on."""
    begun.at("14:27", "meet gent 2 --for Gent")
    ways = begun.at("14:35", "next gent").stdout
    assert ways.startswith("Gent + Merelbeke-Melle (001), nu in fase 1 van 7, Verkenningsgesprek\n")
    for line in (
        "NOG NIET: verder naar 2 Analyse: waarom loopt het spaak. 7 punten open:",
        "2 burgemeester steunt het traject wacht op: burgemeester Merelbeke-Melle",
        "adres toevoegen traject contact add gent",
        "al gekregen traject meet gent 2 --for Merelbeke-Melle",
        "pauzeren traject pause gent",
        "di 15 dec richtdatum Verkenningsgesprek",
        "wo 16 dec aan Jo Maes: herinnering na de richtdatum",
        "wo 23 dec aan jou en Jo Maes: herinnering na de richtdatum",
        "do 7 jan aan jou: bellen, pauzeren of stopzetten?",
    ):
        assert line in read(ways)
    before = begun.at("14:36", "verify").stdout
    refused = begun.at("14:36", "advance gent", expect=4)
    assert refused.stdout == ""
    assert refused.stderr.startswith(
        "Nog niet. Gent + Merelbeke-Melle blijft in fase 1, Verkenningsgesprek. Er is\n"
        "niets gewijzigd en er vertrekt geen mail.\n\n"
        "Nog 7 punten voor Analyse: waarom loopt het spaak:\n"
    )
    for line in (
        "Gent ging akkoord op di 17 nov. Wacht op: burgemeester Merelbeke-Melle "
        "(geen mailadres gekend: traject contact add gent)",
        "kan in orde gebracht worden door: Jo Maes (LIVC R-coördinator) of jij",
        "Al gebeurd, maar nog niet genoteerd? traject meet gent 1 3 4 5 6 traject meet gent 7",
        "Ging een burgemeester akkoord? traject meet gent 2 --for Merelbeke-Melle",
        "Speelt het hier niet? (reden, zichtbaar voor de auditor) traject waive gent 1",
        "De richtdatum is di 15 dec, nog 20 werkdagen. traject reschedule gent",
    ):
        assert line in read(refused.stderr)
    assert begun.at("14:36", "verify").stdout == before
    begun.at("14:40", "meet gent 1 3 4 5 6")
    begun.at("14:40", "meet gent 2 --for Merelbeke-Melle")
    with begun.asked("14:42", "meet gent 7") as session:
        session.answer("datum van het laatste overleg: welke dag?", "6/3/2025")
        assert session.ended() == 0, session.screen
        assert "Alles is in orde: traject advance gent" in session.screen
    moved = read(begun.at("14:45", "advance gent").stdout)
    assert "is in fase 2 van 7, Analyse: waarom loopt het spaak. Richtdatum: dinsdag 12 " in moved
    assert "Tegenhouden: traject mail hold gent" in moved


def test_what_left_is_kept_and_the_whole_hour_can_be_checked(begun: Hour) -> None:
    """A round writes the mails as files; they are read, told in the history, and verified."""
    early = begun.at("14:25", "meet gent 1 --on gisteren", expect=2).stderr
    assert "dinsdag 17 november 2026 is de eerste mogelijke dag" in " ".join(early.split())
    begun.at("14:25", "meet gent 1")
    assert begun.at("14:40", "tick").stdout == "herinneringen die een mail werden: 2\n"
    assert begun.at("14:53", "tick").stdout == "bewaard als bestand, niet verstuurd: 2\n"
    listed = begun.at("14:54", "mail list").stdout
    assert (
        "    2  2026-001 Gent + Merelbeke-Melle\n"
        "       bewaard als bestand, niet verstuurd, di 17 nov 14:53\n"
        "       start van de begeleiding: Rita Claes <rita.claes@example.org>\n"
    ) in listed
    mail = begun.at("14:55", "mail show 1").stdout
    assert "Dag Jo," in mail
    assert "wanneer past een verkenningsgesprek" not in mail  # it was held meanwhile
    assert "Je krijgt deze mail als LIVC R-coördinator." in mail
    story = read(begun.at("14:56", "history gent").stdout)
    for sentence in (
        "di 17-11-2026 An Peeters begonnen met Verkenningsgesprek; richtdatum dinsdag 15 december",
        "di 17-11-2026 An Peeters verkenningsgesprek gehouden",
        "di 17-11-2026 systeem mail aan Rita Claes (start van de begeleiding): bewaard als bestand",
    ):
        assert sentence in story
    checked = read(begun.at("14:57", "verify").stdout)
    assert "gebeurtenissen in 1 traject, niets ontbreekt, niets gewijzigd." in checked
    assert "Niet bewezen: dat niemand alles herschreef." in checked
    (file,) = (begun.program.home / ".local").rglob("000002-start-rita.claes.eml")
    assert b"rita.claes@example.org" in file.read_bytes()
