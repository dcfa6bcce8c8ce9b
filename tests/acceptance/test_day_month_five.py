"""A coach's month five of one trajectory, in Dutch: screens, slips, people who change, five mails.

Played once, from the exploratory talk of 17 November 2026 to the feedback moment of March 2028;
each test looks at a part of it.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.program import Program
from tests.terminal import terminal

AN = ("--name", "An Peeters", "--email", "an.peeters@example.org")
PEOPLE = (
    "--coordinator", "Gent: Jo Maes <jo.maes@example.org>",
    "--mayor", "Gent: Rita Claes <rita.claes@example.org>",
)  # fmt: skip
MONDAY = "2027-01-25T10:00"  # eight working days before the target date
ONE_CAUSE = "de groep koos er samen maar één uit"
SHOW = """\
2026-001  Gent + Merelbeke-Melle · Reactiveren · lopend · coach An Peeters

 ✔ Verkenningsgesprek  ● Analyse  ○ Droomscenario  ○ Realistische toets
 ○ Plan van aanpak  ○ Coaching en uitvoering  ○ Terugkoppelingsmoment

Fase 2 van 7  Analyse: waarom loopt het spaak  sinds do 10 dec
Richtdatum    do 4 feb, nog 8 werkdagen        (waarom: --why)

Voorwaarden om verder te gaan: 2 van 4 in orde
 1 ✔ gemeente, politie en minstens één sociale partner gehoord  di 12 jan
 2 ✔ actoren in kaart (organisaties, geen personen uit casussen)  wo 20 jan
 3 ○ probleemstelling op papier, akkoord burgemeester  Gent ✔  Merelbeke-Melle ○
 5 ○ oorzaken gerangschikt                          Jo Maes of jij
Mag, moet niet
 4 ○ vaststellingen per thema (7 EMMASCAN-thema's)  Jo Maes of jij

Mensen
 Jo Maes     LIVC R-coördinator  Gent             jo.maes@example.org
 Rita Claes  burgemeester        Gent             rita.claes@example.org
 (geen)      burgemeester        Merelbeke-Melle  traject contact add gent

Laatste mail   do 21 jan  Jo Maes  herinnering vóór de richtdatum
Volgende mail  ma 1 feb   Jo Maes  herinnering vóór de richtdatum
Alle mails die nog komen  traject forecast gent
Wat nu?                   traject next gent
"""
NEXT = """\
Gent + Merelbeke-Melle (001), nu in fase 2 van 7, Analyse: waarom loopt het
spaak

NOG NIET: verder naar 3 Droomscenario. 2 punten open:
 3 probleemstelling op papier, akkoord burgemeester
   wacht op: burgemeester Merelbeke-Melle
     adres toevoegen   traject contact add gent
     al gekregen       traject meet gent 3 --for Merelbeke-Melle
     speelt hier niet  traject waive gent 3
 5 oorzaken gerangschikt  wie: Jo Maes of jij
     gebeurd           traject meet gent 5
     speelt hier niet  traject waive gent 5

KAN NU
 terug naar 1 Verkenningsgesprek  traject send-back gent 1
 pauzeren                         traject pause gent
 stopzetten                       traject stop gent
 richtdatum verzetten             traject reschedule gent

ALS JE NIETS DOET
 ma 1 feb   aan Jo Maes: herinnering vóór de richtdatum
 do 4 feb   richtdatum Analyse: waarom loopt het spaak
 vr 5 feb   aan Jo Maes: herinnering na de richtdatum
 vr 12 feb  aan jou en Jo Maes: herinnering na de richtdatum
 do 25 feb  aan jou en Mia Smets: bellen, pauzeren of stopzetten?
"""
BLOCKED = """\
Nog niet. Gent + Merelbeke-Melle blijft in fase 2, Analyse: waarom loopt het
spaak. Er is niets gewijzigd en er vertrekt geen mail.

Nog 2 punten voor Droomscenario:

 3 probleemstelling op papier, akkoord burgemeester
     Gent ging akkoord op vr 22 jan. Wacht op: burgemeester Merelbeke-Melle
     (geen mailadres gekend: traject contact add gent)
 5 oorzaken gerangschikt
     kan in orde gebracht worden door: Jo Maes (LIVC R-coördinator) of jij

Al gebeurd, maar nog niet genoteerd?  traject meet gent 5 --on gisteren
Ging een burgemeester akkoord?  traject meet gent 3 --for Merelbeke-Melle
Speelt het hier niet? (reden, zichtbaar voor de auditor)  traject waive gent 5
Meer tijd nodig? De richtdatum is do 4 feb, nog 8 werkdagen.
    traject reschedule gent
"""


@dataclass
class Story:
    """A coach at the program, what she saw of it, and the mails that came of it."""

    program: Program
    seen: dict[str, str] = field(default_factory=dict)

    def do(self, now: str, *typed: str, keep: str = "", expect: int = 0) -> str:
        """Type a command at an hour in Brussels; return the answer, kept under a name."""
        done = self.program.call(*typed, "--now", now, expect=expect)
        text = done.stderr if expect else done.stdout
        self.seen[keep or " ".join(typed)] = text
        return text

    def mails(self, notice: str, to: str = "") -> list[EmailMessage]:
        """Return the mails of a notice that were kept as files, in order."""
        assert self.program.database_url is not None
        folder = Path(self.program.database_url.removeprefix("sqlite:///")).parent / "mails"
        files = sorted(folder.glob(f"*-{notice}-{to}*.eml"))
        read = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
        return [mail for mail in read if isinstance(mail, EmailMessage)]

    def read(self, name: str) -> str:
        """Return a kept answer as one line, as it is read."""
        return " ".join(self.seen[name].split())


def said(mail: EmailMessage) -> str:
    """Return the text of a mail as one line."""
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def entry(mail: EmailMessage) -> dict[str, str]:
    """Return the one calendar entry of a mail: name of the line (without options) -> value."""
    (part,) = [p for p in mail.iter_attachments() if p.get_content_type() == "text/calendar"] or [
        p for p in mail.iter_attachments() if str(p.get_filename()).endswith(".ics")
    ]
    content = part.get_content()
    text = content if isinstance(content, str) else content.decode()
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    pairs = [line.partition(":") for line in lines if ":" in line]
    return {name.partition(";")[0]: value for name, _, value in pairs}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """From the first call up to Monday 25 January 2027, in phase 2."""
    folder = tmp_path_factory.mktemp("month-five")
    story = Story(Program(folder, f"sqlite:///{folder / 'traject.db'}", lang="nl"))
    do = story.do
    do("2026-11-17T14:00", "init", *AN, "--simulated-clock")
    do("2026-11-17T14:01", "config", "set", "organisation", "VVSG")
    do("2026-11-17T14:05", "medewerker", "toevoegen", "Mia Smets", "--role", "lead",
       "--email", "mia.smets@example.org", "--account", "uid:4711")  # fmt: skip
    do("2026-11-17T14:22", "start", "reactiveren", "Gent", "Merelbeke-Melle", *PEOPLE, keep="start")
    do("2026-11-17T15:00", "mailronde")
    do("2026-11-20T10:00", "vink", "gent", "1", "--planned", "1/12 10:00", keep="planned")
    do("2026-12-02T09:05", "mailronde")
    do("2026-12-02T09:10", keep="did it go on?")
    do("2026-12-04T10:00", "vink", "gent", "1", "4", "--on", "dinsdag", keep="three days late")
    do("2026-12-10T10:00", "vink", "gent", "2", "3", "5", "6")
    do("2026-12-10T10:01", "vink", "gent", "laatste overleg", "--value", "6/3/2025")
    do("2026-12-10T10:10", "verder", "gent", keep="first advance")
    do("2026-12-10T10:45", "mailronde")
    do("2027-01-15T10:00", "vink", "gent", "1", "--on", "di")
    do("2027-01-20T10:00", "vink", "gent", "2")
    do("2027-01-20T10:01", "vraag", "gent", "3", "--for", "Gent", keep="ask Gent")
    do("2027-01-20T10:40", "mailronde")
    do("2027-01-21T09:05", "mailronde")
    do("2027-01-25T09:30", "vink", "gent", "3", "--for", "Gent", "--on", "vrijdag", keep="agreed")
    do(MONDAY, "show", "gent")
    do(MONDAY, "next", "gent")
    before = story.program.ledger()
    do(MONDAY, "advance", "gent", expect=4)
    assert story.program.ledger() == before
    do(MONDAY, "geschiedenis", "gent", keep="history")
    return story


def copied(story: Story, folder: Path) -> Story:
    """Return the same log and mails once more, to go on with."""
    assert story.program.database_url is not None
    shutil.copytree(story.program.home.parent, folder / "copy")
    return Story(Program(folder / "copy", f"sqlite:///{folder / 'copy' / 'traject.db'}", lang="nl"))


@pytest.fixture(scope="module")
def untouched(running: Story, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The same log a month later, where nobody did anything."""
    story = copied(running, tmp_path_factory.mktemp("untouched"))
    for day in ("02-01", "02-04", "02-05", "02-12", "02-25"):
        story.do(f"2027-{day}T09:05", "mailronde", keep=day)
    story.do("2027-02-25T09:30", keep="morning")
    return story


@pytest.fixture(scope="module")
def lived(running: Story, untouched: Story) -> Story:
    """The five weeks after that Monday: people, dates, a pause, two slips, and on."""
    story, do = running, running.do
    ask_for_the_missing_mayor(story, "2027-01-25T10:10")
    do("2027-01-25T10:20", "vraag", "gent", "3", "--for", "merel", keep="ask the other")
    do("2027-01-26T10:00", "contact", "vervangen", "gent", "jo",
       "Lien Baert <lien.baert@example.org>", keep="replaced")  # fmt: skip
    do("2027-01-26T10:45", "mailronde")
    do("2027-01-26T11:00", "verzet", "gent", "18/2", "--reason", "tijd voor de nieuwe coördinator",
       keep="moved")  # fmt: skip
    do("2027-01-27T10:00", "pauzeer", "gent", "--until", "12/2", expect=2, keep="why a pause?")
    do("2027-01-27T10:01", "pauzeer", "gent", "--until", "12/2", "--reason", "6", keep="paused")
    do("2027-01-27T10:45", "mailronde")
    do("2027-02-12T09:05", "mailronde")
    do("2027-02-12T09:10", keep="resume?")
    do("2027-02-12T10:00", "hervat", "gent", keep="resumed")
    do("2027-02-15T10:00", "vink", "gent", "3", "--for", "merel", "--on", "vr", keep="all agreed")
    do("2027-02-15T10:01", "nvt", "gent", "5", "--reason", "kort", expect=2, keep="too short")
    do("2027-02-15T10:02", "nvt", "gent", "5", "--reason", ONE_CAUSE, keep="waived")
    do("2027-02-15T10:05", "verder", "gent", keep="too early")
    do("2027-02-15T10:10", "terug", "gent", "analyse", "--reason", "6", keep="taken back")
    do("2027-02-15T10:40", "mailronde", keep="nothing left")
    return story


def ask_for_the_missing_mayor(story: Story, now: str) -> None:
    """Paste the command of the screen at a terminal, which asks what it leaves open."""
    environment = {"TRAJECT_DATABASE": str(story.program.database_url)}
    typed = ["contact", "add", "gent", "--now", now]
    with terminal(typed, home=story.program.home, environment=environment) as session:
        session.answer("Naam:", "Karel Aerts")
        session.answer("Mailadres:", "karel.aerts@example.org")
        session.answer(">", "burgemeester")
        session.answer(">", "2" if "1  Gent" in session.screen else "1")
        assert session.ended() == 0
        story.seen["new mayor"] = session.screen


# --- Monday 25 January: three screens ---


def test_show_next_and_the_refusal_are_the_screens_of_the_paper(running: Story) -> None:
    """Line by line: who agreed, what is open and in whose hands, which command helps."""
    assert running.seen["show gent"] == SHOW
    assert running.seen["next gent"] == NEXT
    assert running.seen["advance gent"] == BLOCKED


def test_what_was_registered_later_is_marked_in_the_history(running: Story) -> None:
    """At the day it happened, with how much later; the mails stand between."""
    told = running.read("history")
    for sentence in (
        "di 01-12-2026 An Peeters verkenningsgesprek gehouden (geregistreerd 3 dagen later)",
        "wo 02-12-2026 systeem mail aan Jo Maes (herinnering vóór de richtdatum): bewaard",
        "di 12-01-2027 An Peeters gemeente, politie en minstens één sociale partner gehoord "
        "(geregistreerd 3 dagen later)",
        "vr 22-01-2027 An Peeters probleemstelling op papier, akkoord burgemeester: Gent; "
        "de andere volgen nog (geregistreerd 3 dagen later)",
    ):
        assert sentence in told
    days = [line[3:13] for line in running.seen["history"].splitlines() if line[3:5].isdigit()]
    assert days == sorted(days, key=lambda day: (day[6:], day[3:5], day[:2]))


def test_a_start_says_who_is_mailed_when_and_who_cannot_be(running: Story) -> None:
    """With the command that stops it, and an appointment that asks the day after."""
    assert running.seen["start"].splitlines()[2:] == [
        "Richtdatum: dinsdag 15 december 2026.",
        "Mails die vandaag om 14:52 vertrekken:",
        "  Jo Maes     LIVC R-coördinator  start van de begeleiding",
        "  Rita Claes  burgemeester Gent   start van de begeleiding",
        "burgemeester Merelbeke-Melle: geen adres gekend, er vertrekt niets:",
        "    traject contact add gent",
        "Tegenhouden: traject mail hold gent",
    ]
    assert "dinsdag 1 december 2026 10:00. Het punt blijft open." in running.read("planned")
    assert "di 1 dec 10:00 verkenningsgesprek gehouden: ging het door?" in running.read(
        "did it go on?"
    )
    assert "dinsdag 1 december 2026" in running.read("three days late")
    assert "Wacht op: Merelbeke-Melle." in running.read("agreed")


# --- where nobody does anything ---


def test_what_next_announces_is_what_leaves_when_nobody_acts(untouched: Story) -> None:
    """On those days, to those people, and nothing on the target date itself."""
    made = {day: int((re.findall(r"mail werden: (\d)", text) or ["0"])[0])
            for day, text in untouched.seen.items() if day[:1] == "0"}  # fmt: skip
    assert made == {"02-01": 1, "02-04": 0, "02-05": 1, "02-12": 2, "02-25": 2}
    assert [len(untouched.mails("overdue", to)) for to in ("jo", "an", "mia")] == [2, 1, 0]
    assert [len(untouched.mails("lead_escalation", to)) for to in ("jo", "an", "mia")] == [0, 1, 1]
    assert "geen herinneringen meer: bel, of traject pause gent" in untouched.read("morning")


# --- the five model mails ---


def test_a_mayor_reads_at_the_start_that_nothing_is_asked(running: Story) -> None:
    """The first model: nothing to do, who plans the talk, by when."""
    (mail,) = running.mails("start", "rita")
    assert mail["Subject"] == "Start begeleiding LIVC R Gent en Merelbeke-Melle"
    assert str(mail["From"]).replace('"', "") == "An Peeters (VVSG) <an.peeters@example.org>"
    assert said(mail).startswith(
        "Geachte burgemeester, u hoeft nu niets te doen. Uw coördinator Jo Maes en ikzelf leggen "
        "een verkenningsgesprek vast, graag tegen 15 december. U hoort van mij wanneer uw akkoord "
        "nodig is."
    )


def test_a_coordinator_reads_which_points_by_when(running: Story) -> None:
    """The second model: ten working days before, the points, and what a short answer does."""
    mail = running.mails("deadline_soon", "jo")[1]
    assert mail["Subject"] == "LIVC R Gent en Merelbeke-Melle: analyse"
    text = said(mail)
    assert text.startswith("Dag Jo, graag tegen donderdag 4 februari nog 2 punten voor de analyse:")
    assert "- probleemstelling op papier, akkoord burgemeester" in text
    assert "- oorzaken gerangschikt Al gebeurd? Antwoord kort, dan noteer ik het." in text


def test_a_mayor_is_asked_for_consent_with_the_question_first(running: Story) -> None:
    """The third model: a conversation of its own."""
    (mail,) = running.mails("validation_request", "rita")[:1]
    assert mail["Subject"] == "Uw akkoord gevraagd: probleemstelling LIVC R"
    assert said(mail).startswith(
        "Geachte burgemeester, gaat u akkoord met de probleemstelling die u van Jo Maes kreeg? "
        "Antwoord “akkoord” of schrijf wat anders moet; daarna gaan we verder met het "
        "droomscenario."
    )
    assert mail["Thread-Topic"] != running.mails("deadline_soon", "jo")[1]["Thread-Topic"]


def test_the_last_automatic_mail_says_that_it_is_the_last(untouched: Story) -> None:
    """The fourth model: the subject of the second, what is open, and that a call follows."""
    before, last = untouched.mails("deadline_soon", "jo")[1], untouched.mails("overdue", "jo")[-1]
    assert last["Subject"] == before["Subject"]
    assert str(last["Thread-Index"])[:28] == str(before["Thread-Index"])[:28]
    text = said(last)
    assert text.startswith(
        "Dag Jo, lukt het nog met de analyse? De richtdatum van donderdag 4 februari is voorbij en "
        "er staan nog 2 punten open:"
    )
    assert "Dit is de laatste automatische herinnering; hierna bel ik je." in text
    assert "Uitstel of pauze kan altijd." in text


def test_no_mail_to_a_mayor_names_what_stalls(lived: Story) -> None:
    """Nor the category; and every mail says why it came, who answers, and its control number."""
    for mail in (*lived.mails("start"), *lived.mails("validation_request")):
        outside = "burgemeester" in said(mail)[:30]
        assert not outside or not re.search("reactiver|spaak", said(mail) + mail["Subject"], re.I)
        assert re.search(r"krijgt? deze mail als .* controlegetal \d+-[0-9a-f]{12}", said(mail))


# --- the weeks after ---


def test_the_missing_mayor_is_added_as_the_screen_says_and_then_asked(lived: Story) -> None:
    """The pasted command asks the name, the address, the role and the municipality."""
    assert "burgemeester Merelbeke-Melle" in lived.read("new mayor")
    assert "Karel Aerts burgemeester Merelbeke-Melle vraag om akkoord" in lived.read(
        "ask the other"
    )
    (mail,) = lived.mails("validation_request", "karel")[:1]
    assert "U krijgt deze mail als burgemeester van Merelbeke-Melle." in said(mail)
    assert "In orde: probleemstelling op papier" in lived.read("all agreed")


def test_a_coordinator_who_leaves_hands_over_by_one_mail(lived: Story) -> None:
    """Who comes, that reminders go there from now on, and what the new one reads."""
    told = lived.read("replaced")
    assert "komt Lien Baert in de plaats van Jo Maes" in told
    assert "Herinneringen die nog komen, gaan naar Lien Baert." in told
    assert "Lien Baert LIVC R-coördinator kennismaking: waar we staan" in told
    (mail,) = lived.mails("handover")
    text = said(mail)
    assert text.startswith(
        "Dag Lien, wanneer maken we kennis? Ik ben An Peeters van VVSG, je coach"
    )
    assert "Waar we staan: fase 2 van 7, analyse, graag rond tegen donderdag 4 februari." in text
    assert "akkoord burgemeester (nog van Merelbeke-Melle) - oorzaken gerangschikt" in text


def test_a_date_that_moves_shows_before_and_after_and_what_moves_along(lived: Story) -> None:
    """The date, and every reminder with its reader."""
    assert lived.seen["moved"].splitlines()[2:] == [
        "Richtdatum: donderdag 18 februari 2027 (was donderdag 4 februari 2027).",
        "Herinneringen die mee verschuiven:",
        "  ma 1 feb → ma 15 feb   Lien Baert  herinnering vóór de richtdatum",
        "  – → do 4 feb           Lien Baert  herinnering vóór de richtdatum",
        "  vr 5 feb → vr 19 feb   Lien Baert  herinnering na de richtdatum",
        "  vr 12 feb → vr 26 feb  An Peeters  herinnering na de richtdatum",
        "  vr 12 feb → vr 26 feb  Lien Baert  herinnering na de richtdatum",
        "  do 25 feb → do 11 mrt  An Peeters  bellen, pauzeren of stopzetten?",
        "  do 25 feb → do 11 mrt  Mia Smets   bellen, pauzeren of stopzetten?",
        "Alleen hiervoor vertrekt geen mail.",
    ]


def test_a_pause_is_quiet_and_moves_the_date(lived: Story) -> None:
    """The reason is picked, the morning asks on the day, resuming tells before and after."""
    assert "6 wachten op een beslissing awaiting_decision" in lived.read("why a pause?")
    assert "tot vrijdag 12 februari 2027" in lived.read("paused")
    assert "hervatten vr 12 feb? gepauzeerd sinds wo 27 jan" in lived.read("resume?")
    assert len(lived.mails("deadline_soon", "lien")) == 0
    assert (
        "Richtdatum: maandag 8 maart 2027 (was donderdag 18 februari 2027)."
        in lived.seen["resumed"]
    )


def test_a_waiver_needs_a_reason_that_says_something(lived: Story) -> None:
    """How much is missing; then it is in order, and advance works."""
    asked = lived.seen["too short"].splitlines()[0]
    assert asked == "Nog 16 tekens: schrijf waarom dit hier niet speelt."
    assert lived.seen["waived"].splitlines()[-2:] == [
        "Niet van toepassing: oorzaken gerangschikt.",
        "Alles is in orde: traject advance gent",
    ]
    assert "is in fase 3 van 7, Droomscenario." in lived.read("too early")


def test_an_advance_by_mistake_is_taken_back_before_anybody_reads_of_it(lived: Story) -> None:
    """The reason 'registered by mistake' withdraws what waits, sends nothing, says what opens."""
    told = lived.read("taken back")
    assert "is opnieuw in fase 2 van 7, Analyse" in told
    assert "Opnieuw open: gemeente, politie" in told
    assert "Mails die" not in told
    assert lived.seen["nothing left"] == (
        "weekoverzichten gemaakt: 1; bewaard als bestand, niet verstuurd: 1\n"
    )


def test_a_send_back_by_mistake_has_a_way_back_too(lived: Story, tmp_path: Path) -> None:
    """The points once more, on without a mail: what the slip would have sent is withdrawn."""
    story = copied(lived, tmp_path)
    do = story.do
    do("2027-02-15T11:00", "vink", "gent", "1", "2", "3")
    do("2027-02-15T11:01", "nvt", "gent", "5", "--reason", ONE_CAUSE)
    do("2027-02-15T11:02", "verder", "gent")
    do("2027-02-15T11:40", "mailronde")
    assert len(story.mails("phase_started", "lien")) == 1
    slip = do("2027-03-08T10:00", "terug", "gent", "analyse", "--reason", "onderbouwd")
    assert "Tegenhouden: traject mail hold gent" in slip
    do("2027-03-08T10:05", "mailronde")
    do("2027-03-08T10:10", "vink", "gent", "1", "2", "3")
    do("2027-03-08T10:11", "nvt", "gent", "5", "--reason", ONE_CAUSE)
    on = do("2027-03-08T10:12", "verder", "gent", "--no-mail")
    assert "Ingetrokken: een nieuwe fase begint aan Lien Baert." in on
    do("2027-03-08T11:00", "mailronde")
    assert len(story.mails("phase_started", "lien")) == 1


def test_the_feedback_moment_is_invited_to_and_stays_one_entry_in_the_calendar(
    lived: Story, tmp_path: Path
) -> None:
    """The fifth model with its .ics; a day that moves changes that entry, nobody is asked twice."""
    story = copied(lived, tmp_path)
    do = story.do
    fast_forward(story)
    do("2028-02-16T09:05", "mailronde")
    for to in ("rita", "karel"):
        (invitation,) = story.mails("feedback_invite", to)
        assert invitation["Subject"] == (
            "Uitnodiging: terugkoppeling LIVC R op woensdag 1 maart 2028"
        )
        assert said(invitation).startswith(
            "Geachte burgemeester, op woensdag 1 maart bekijken we samen wat het plan voor de "
            "LIVC R van Gent en Merelbeke-Melle heeft opgeleverd en wie het verder opvolgt. "
            "Kunt u erbij zijn, of wie vertegenwoordigt u?"
        )
    first = entry(story.mails("feedback_invite", "rita")[0])
    assert (first["METHOD"], first["DTSTART"]) == ("REQUEST", "20280301")
    do("2028-02-17T10:00", "verzet", "gent", "8/3", "--deadline", "feedback",
       "--reason", "die dag vergadert de gemeenteraad", keep="feedback moved")  # fmt: skip
    told = story.read("feedback moved")
    assert "woensdag 8 maart 2028 (was woensdag 1 maart 2028)." in told
    assert "vr 25 feb → vr 3 mrt Lien Baert herinnering vóór de richtdatum" in told
    assert "uitnodiging" not in told
    do("2028-02-17T11:00", "mailronde")
    do("2028-02-23T09:05", "mailronde")
    (changed,) = story.mails("feedback_changed", "rita")
    assert changed["Subject"] == "Verplaatst: terugkoppeling LIVC R op woensdag 8 maart 2028"
    second = entry(changed)
    assert (second["UID"], second["DTSTART"]) == (first["UID"], "20280308")
    assert int(second["SEQUENCE"]) > int(first["SEQUENCE"])
    assert len(story.mails("feedback_invite", "rita")) == 1
    assert story.program.call("verify", "--json", "--now", "2028-02-23T10:00").json["ok"]


def fast_forward(story: Story) -> None:
    """Go through the phases up to coaching, with the feedback moment on 1 March 2028."""
    do = story.do
    do("2027-02-15T11:00", "vink", "gent", "1", "2", "3")
    do("2027-02-15T11:01", "nvt", "gent", "5", "--reason", ONE_CAUSE)
    do("2027-02-15T11:02", "verder", "gent", "--no-mail")
    do("2027-04-12T10:00", "vink", "gent", "1", "2", "3", "--no-mail")
    do("2027-04-12T10:01", "verder", "gent", "--no-mail")
    do("2027-05-10T10:00", "vink", "gent", "1", "2", "4")
    do("2027-05-10T10:01", "nvt", "gent", "juridisch", "--reason",
       "de juridische dienst keek dit vorig jaar na")  # fmt: skip
    do("2027-05-10T10:02", "verder", "gent", "--no-mail")
    do("2027-09-01T10:00", "vink", "gent", "1", "3", "4", "6")
    do("2027-09-01T10:01", "vink", "gent", "terugkoppeling", "--value", "1/3/2028")
    do("2027-09-01T10:02", "verder", "gent", "--no-mail", keep="coaching")
    assert "fase 6 van 7" in story.read("coaching")
