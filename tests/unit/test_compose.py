"""Every notice in words: what a reader sees, and what they must never see."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import product

import pytest

from engine.domain.errors import BadInput, TrajectError
from engine.domain.notices import NOTICES
from engine.domain.words import LANGUAGES
from engine.ports import Letter, Notice, Person, Point, Said
from notifications.compose import ABOUT_NO_TRAJECTORY, TEMPLATES, compose, rendered, said
from tests import mails
from tests.notices import COACH, COORDINATOR, LEAD, MAYOR, PARTNER, READERS, bare, notice
from tests.samples import SAMPLES

FORBIDDEN = re.compile(
    r"deadline|te laat|overdue|teruggestuurd|vrijgesteld|sent back|\blate\b|exempt|undefined"
    r"|None\b|\{\{|\{%|  |\(\)| ,|\.\.| \.",
    re.IGNORECASE,
)
EVERY = list(product(sorted(NOTICES), LANGUAGES, READERS))
IDS = [f"{name}-{lang}-{reader.role}" for name, lang, reader in EVERY]


def read(letter: Letter) -> EmailMessage:
    """Return the letter as a mail program reads it."""
    message = message_from_bytes(letter.mime, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(letter: Letter, kind: str) -> str:
    """Return one of the two bodies."""
    part = read(letter).get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def words_of(made: Notice) -> str:
    """Return the plain text on one line, without its footer."""
    return " ".join(body(compose(made), "plain").partition("\n-- \n")[0].split())


def visible(html: str) -> str:
    """Return what a reader sees of an HTML body, on one line."""
    shown = re.sub(r"<!--.*?-->|<head>.*?</head>|<div style=\"display:none.*?</div>", "", html,
                   flags=re.DOTALL)  # fmt: skip
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def test_each_language_has_a_folder_for_each_notice_and_no_other() -> None:
    """The templates and the engine's list of notices are the same set."""
    for lang in LANGUAGES:
        folders = {path.name for path in (TEMPLATES / lang).iterdir()} - {"_base"}
        assert folders == NOTICES | ABOUT_NO_TRAJECTORY.keys()  # which no workflow asks for
    parts = {path.name for path in TEMPLATES.glob("??/[a-z]*/*")}
    assert parts == {"subject.txt", "body.txt", "body.html"}


def test_text_templates_define_no_macros() -> None:
    """A macro of a text template would reach an HTML template unescaped."""
    for path in TEMPLATES.rglob("*.txt"):
        assert "{% macro" not in path.read_text("utf-8")


@pytest.mark.parametrize(("name", "lang", "to"), EVERY, ids=IDS)
def test_every_notice_reads_well_for_every_reader(name: str, lang: str, to: Person) -> None:
    """Full, without points and bare: nothing undefined, no hard word, no stray mark."""
    for made in (
        notice(name, to, lang, last=True),
        notice(name, to, lang, points=(), coach_points=()),
        bare(name, to, lang),
    ):
        letter = compose(made)
        text, html = body(letter, "plain"), visible(body(letter, "html"))
        prose = text.replace("\n  ", "\n").replace("\n-- \n", "\n")
        assert FORBIDDEN.findall(letter.subject + "\n" + prose + "\n" + html) == []
        assert max(map(len, text.splitlines())) <= 72
        assert text.splitlines()[0].strip()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", sorted(NOTICES))
def test_html_says_what_the_text_says(name: str, lang: str) -> None:
    """Each paragraph of the plain text stands in the HTML, which hides the first line on top."""
    letter = compose(notice(name, lang=lang))
    html = " ".join(re.sub(r"<[^>]+>", " ", body(letter, "html")).split())
    paragraphs = body(letter, "plain").partition("\n-- \n")[0].split("\n\n")
    opening = " ".join(paragraphs[0].split()).partition(", ")[2]
    assert f'lang="{lang}"' in body(letter, "html")
    assert f'aria-hidden="true">{opening[0].upper()}{opening[1:]}' in body(letter, "html")
    for paragraph in paragraphs[:-1]:
        if not paragraph.startswith("- "):
            assert " ".join(paragraph.split()) in html


@pytest.mark.parametrize("name", sorted(NOTICES))
def test_html_is_fit_for_classic_outlook(name: str) -> None:
    """Tables of 600 pixels and inline styles; nothing is fetched from elsewhere."""
    html = body(compose(notice(name)), "html")
    assert 'role="presentation" width="600"' in html
    assert "mso-hide:all" in html
    assert not re.search(r"<img|<link|flex|https?://", html)


@pytest.mark.parametrize("to", [MAYOR, PARTNER], ids=["mayor", "partner"])
@pytest.mark.parametrize(("name", "lang"), list(product(sorted(NOTICES), LANGUAGES)))
def test_outside_readers_meet_no_inside_label_and_no_reason(
    name: str, lang: str, to: Person
) -> None:
    """The notice carries outside labels; the reason of a stop or pause stays inside."""
    letter = compose(notice(name, to, lang, reason="geen reactie meer"))
    whole = letter.subject + body(letter, "plain") + body(letter, "html")
    assert not re.search(
        "reactiver|reactivat|spaak|stalls|geen reactie|optimalis", whole, re.IGNORECASE
    )


def test_a_coordinator_never_forwards_the_painful_half_of_a_phase_name() -> None:
    """What an inside label says after its colon stays out of their mails."""
    for name in sorted(NOTICES):
        letter = compose(notice(name, COORDINATOR))
        assert "spaak" not in letter.subject + body(letter, "plain") + body(letter, "html")


FIRST_WORDS = [
    (notice("start", MAYOR, phase="Verkenningsgesprek", phase_number=1, due_on=date(2026, 12, 15),
            created_at=datetime(2026, 11, 17, 13, tzinfo=UTC)),
     ("Geachte burgemeester, u hoeft nu niets te doen. Uw coördinator Jo Maes en ikzelf leggen "
     "een verkenningsgesprek vast, graag tegen 15 december. U hoort van mij wanneer uw akkoord "
     "nodig is.")),
    (notice("deadline_soon"),
     "Dag Jo, graag tegen donderdag 4 februari nog 2 punten voor de analyse: - probleemstelling"),
    (notice("validation_request", MAYOR),
     ("Geachte burgemeester, gaat u akkoord met de probleemstelling die u van Jo Maes kreeg? "
     "Antwoord “akkoord” of schrijf wat anders moet; daarna gaan we verder met het "
     "droomscenario. Zolang u niet antwoordt, wachten we daarmee.")),
    (notice("validation_request", MAYOR, criterion="het droomscenario"),
     "Geachte burgemeester, gaat u akkoord met het droomscenario dat u van Jo Maes kreeg?"),
    (notice("validation_request", MAYOR, criterion="deze begeleiding"),
     ("Geachte burgemeester, gaat u akkoord met deze begeleiding van de LIVC R van Gent en "
     "Merelbeke-Melle?")),
    (notice("overdue", last=True),
     ("Dag Jo, lukt het nog met de analyse? De richtdatum van donderdag 4 februari is "
     "voorbij en er staan nog 2 punten open: - probleemstelling")),
    (notice("overdue", points=()),
     "Dag Jo, houdt iets ons tegen bij de analyse?"),
    (notice("feedback_invite", MAYOR, created_at=datetime(2028, 2, 16, 8, tzinfo=UTC)),
     ("Geachte burgemeester, op woensdag 1 maart om 14.00 uur bekijken we samen wat het plan "
     "voor de LIVC R van Gent en Merelbeke-Melle heeft opgeleverd en wie het verder opvolgt. "
     "Kunt u erbij zijn, of wie vertegenwoordigt u?")),
    (notice("phase_started", cause="send_back"), "Dag Jo, we hernemen de analyse,"),
    (notice("phase_started"), "Dag Jo, we gaan verder met de analyse,"),
    (notice("lead_escalation", LEAD, days_late=15),
     ("Dag Lies, wat doen we met de LIVC R van Gent en Merelbeke-Melle: bellen, pauzeren of "
     "stopzetten? De richtdatum van donderdag 4 februari voor de analyse is 15 "
     "werkdagen voorbij.")),
    (notice("lead_escalation", COACH, until=date(2027, 1, 12)),
     ("Dag An, wat doen we met de LIVC R van Gent en Merelbeke-Melle: bellen, langer pauzeren of "
     "stopzetten? De pauze liep tot dinsdag 12 januari en er is nog niet hervat.")),
    (notice("resume_soon", COACH, until=date(2027, 3, 12)),
     ("Dag An, hervatten we de begeleiding van de LIVC R van Gent en Merelbeke-Melle op vrijdag "
     "12 maart?")),
    (notice("handover"), "Dag Jo, wanneer maken we kennis? Ik ben An Peeters van VVSG,"),
    (notice("followup_offer"), "Dag Jo, hoe loopt het met de LIVC R van Gent"),
    (notice("stopped", MAYOR), "Geachte burgemeester, we sluiten de begeleiding van de LIVC R"),
    (notice("overdue", lang="en", last=True),
     "Dear Jo, is the analysis still going to work out?"),
    (notice("validation_request", MAYOR, "en"),
     "Dear Mayor, do you agree with the problem statement that you received from Jo Maes?"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "words"), FIRST_WORDS)
def test_the_first_line_is_the_question_or_the_news(made: Notice, words: str) -> None:
    """Outlook shows the first words in the list of mails."""
    assert words_of(made).startswith(words)


SUBJECTS = [
    (notice("start", MAYOR), "Start begeleiding LIVC R Gent en Merelbeke-Melle"),
    (notice("deadline_soon"), "LIVC R Gent en Merelbeke-Melle: analyse"),
    (notice("overdue"), "LIVC R Gent en Merelbeke-Melle: analyse"),
    (notice("phase_started"), "LIVC R Gent en Merelbeke-Melle: analyse"),
    (notice("validation_request", MAYOR), "Uw akkoord gevraagd: probleemstelling LIVC R"),
    (notice("validation_request", MAYOR, criterion="deze begeleiding"),
     "Uw akkoord gevraagd: begeleiding LIVC R"),
    (notice("feedback_invite", MAYOR),
     "Uitnodiging: terugkoppeling LIVC R op woensdag 1 maart 2028"),
    (notice("overdue", municipalities=("Aalst", "Gent", "Lier", "Mol", "Geel")),
     "LIVC R Aalst, Gent, Lier en 2 andere gemeenten: analyse"),
    (notice("overdue", lang="en"), "LIVC R Gent and Merelbeke-Melle: analysis"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "subject"), SUBJECTS)
def test_the_subject_stays_the_same_within_a_phase(made: Notice, subject: str) -> None:
    """One conversation per phase; milestones have a subject of their own."""
    assert compose(made).subject == subject


@pytest.mark.parametrize("name", ["deadline_soon", "overdue", "lead_escalation"])
def test_a_date_within_a_phase_is_called_by_its_own_name(name: str) -> None:
    """The restart meeting is not the whole coaching phase."""
    text = body(compose(replace(notice(name), goal="heropstartoverleg")), "plain")
    assert "het heropstartoverleg" in " ".join(text.split())


@pytest.mark.parametrize(("lang", "step", "phase"), [
    ("nl", "voor deze stap geen", "voor deze fase geen"),
    ("en", "leave for this step:", "leave for this phase:"),
])  # fmt: skip
def test_no_reminders_are_left_for_the_step_or_for_the_phase(
    lang: str, step: str, phase: str
) -> None:
    """The other dates of the phase keep theirs."""
    made = notice("lead_escalation", lang=lang)
    assert phase in words_of(made)
    assert step in words_of(replace(made, goal="restart meeting"))


def test_the_last_automatic_reminder_says_so() -> None:
    """It promises a call, and that delay or a pause is possible."""
    assert words_of(notice("overdue", last=True)).endswith(
        "Al gebeurd? Antwoord kort, dan noteer ik het. Dit is de laatste automatische herinnering; "
        "hierna bel ik je. Uitstel of pauze kan altijd. Vriendelijke groeten An Peeters, VVSG"
    )
    assert "laatste automatische" not in words_of(notice("overdue"))


def test_points_show_who_still_has_to_agree_and_what_is_planned() -> None:
    """Only the reader's own points are named to a contact; the coach sees both lists."""
    text = words_of(notice("deadline_soon"))
    assert "- probleemstelling op papier (nog van Merelbeke-Melle)" in text
    assert "- oorzaken gerangschikt (gepland: maandag 1 februari om 10:00)" in text
    assert "opvolgcontacten" not in text
    assert "Bij jou: - drie opvolgcontacten gehad" in words_of(notice("overdue", COACH))


def test_the_footer_says_why_where_and_what_not_to_send() -> None:
    """Role, replies, no data about persons discussed, and the control number."""
    footer = " ".join(body(compose(notice("start", MAYOR)), "plain").partition("-- \n")[2].split())
    assert footer.startswith("U krijgt deze mail als burgemeester van Gent.")
    assert "Antwoorden komen bij An Peeters terecht" in footer
    assert "Stuur geen gegevens over personen die in de LIVC R besproken worden." in footer
    assert "controlegetal 214-7f3a0b12c9e1." in footer
    english = body(compose(notice("start", MAYOR, "en")), "plain")
    assert "control number 214-7f3a0b12c9e1." in " ".join(english.split())


def test_text_of_others_is_escaped_in_html() -> None:
    """Names and labels are words, never markup."""
    made = notice("overdue", coordinator="<b>Jo</b>", points=(Point("<script>x</script>"),))
    assert "<script>" not in body(compose(made), "html")
    assert "&lt;script&gt;" in body(compose(made), "html")
    assert "<b>Jo" not in body(compose(notice("start", MAYOR, coordinator="<b>Jo</b>")), "html")


def test_a_reader_of_another_language_gets_dutch() -> None:
    """French is a language of labels, not yet of mails."""
    french = compose(replace(notice("overdue"), lang="fr"))
    assert read(french)["Content-Language"] == "nl"
    assert body(french, "plain") == body(compose(notice("overdue")), "plain")


def test_an_unknown_notice_or_a_missing_value_is_an_error() -> None:
    """Nothing is ever mailed with a hole in it."""
    with pytest.raises(BadInput):
        compose(notice("birthday"))
    with pytest.raises(TrajectError, match="cannot be rendered"):
        rendered("nl", "overdue/body.txt", {"notice": "overdue"})


def test_what_a_letter_says_is_known_without_sealing_it() -> None:
    """Of every sample and language: the same subject, words and names of files."""
    for sample in SAMPLES:
        for lang in LANGUAGES:
            made = mails.said(sample, lang)
            letter, words = compose(made), said(made)
            message = message_from_bytes(letter.mime, policy=policy.default)
            plain = message.get_body(("plain",))
            assert plain is not None
            files = tuple(filter(None, (part.get_filename() for part in message.walk())))
            assert words == Said(letter.subject, " ".join(plain.get_content().split()), files)
