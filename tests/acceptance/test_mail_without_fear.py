"""Nobody is mailed unseen: what leaves, to whom, in which words, and how it is stopped."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program
from tests.terminal import terminal

START = ("start", "reactiveren", "Gent", "Merelbeke-Melle")
JO = ("--coordinator", "Jo Maes <jo@example.org>")
RITA = ("--mayor", "Gent: Rita Claes <rita@example.org>")
WIM = ("--mayor", "Merelbeke-Melle: Wim Aerts <wim@example.org>")
CHECK_VALUE = re.compile(r"\d+-[0-9a-f]{12}")


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """The program in Dutch, with a coach and nothing else."""
    made = Program(tmp_path, sqlite_url, lang="nl")
    made.init()
    return made


def read(text: str) -> str:
    """Return a screen as one line, as it is read."""
    return " ".join(text.split())


# --- the very mail ---


def test_a_dry_run_shows_each_mail_with_its_head_and_words(program: Program) -> None:
    """Who, from whom, about what, and all that is said, before anything exists."""
    said = program.call(*START, *JO, *RITA, "--dry-run").stdout
    for line in (
        "Aan: Jo Maes <jo@example.org>",
        "Aan: Rita Claes <rita@example.org>",
        "Van: An Voorbeeld <an@example.org>",
        "Onderwerp: Start begeleiding LIVC R Gent en Merelbeke-Melle",
    ):
        assert line in said
    assert "Geachte burgemeester, u hoeft nu niets te doen." in read(said)
    assert "alleen het controlegetal onderaan is dan een ander" in read(said)


def test_the_mail_of_a_dry_run_is_the_mail_that_lies_in_the_queue(program: Program) -> None:
    """Subject and text are the same, but for the check value."""
    shown = program.call(*START, *JO, *RITA, "--dry-run", "--json").json["previews"]
    program.call(*START, *JO, *RITA)
    program.call("tick")
    kept = [program.call("mail", "show", n, "--json").json for n in ("1", "2")]
    assert [(mail["to"], mail["subject"]) for mail in shown] == [
        (mail["headers"]["To"], mail["subject"]) for mail in kept
    ]
    texts = [[CHECK_VALUE.sub("", mail["text"]) for mail in mails] for mails in (shown, kept)]
    assert texts[0] == texts[1]


def test_one_text_for_many_readers_is_printed_once(program: Program) -> None:
    """With the names of all who get it; of more than three texts, one of each kind."""
    more = [f"--coordinator=Jo{n} Maes <jo{n}@example.org>" for n in "abcd"]
    said = program.call(*START, *JO, *RITA, *WIM, *more, "--dry-run").stdout
    assert said.count("Onderwerp:") == 2
    assert "Net zo, met hun eigen naam of gemeente: Joa Maes <joa@example.org>" in read(said)
    assert "Wim Aerts <wim@example.org>" in read(said)


def test_what_leaves_later_is_only_listed(program: Program) -> None:
    """A start on a day ahead: who and when, no words yet."""
    said = program.call(*START, *JO, "--on", "2099-03-02", "--dry-run", "--json").json
    assert [mail["name"] for mail in said["mails"] if mail["name"]] == ["Jo Maes"]
    assert said["previews"] == []


WATCHED = """
import sys
from contextlib import contextmanager
from engine.service import desk

begin = desk.unit_of_work

@contextmanager
def watched(*arguments):
    with begin(*arguments) as tx:
        before = set(sys.modules)
        yield tx
        print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))

desk.unit_of_work = watched
from cli import main
sys.exit(main())
"""


def test_a_dry_run_loads_what_it_needs_before_others_wait_for_it(program: Program) -> None:
    """Within its transaction, for which every other writer waits, only the mails are made."""
    program.call(*START, *JO, *RITA, "--no-mail")
    done = subprocess.run(
        [sys.executable, "-P", "-c", WATCHED, "stop", "gent", "--reason", "other", "--dry-run"],
        env=program.environment,
        cwd=program.home,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    loaded, *said = done.stdout.splitlines()
    assert {"jinja2", "holidays", "icalendar", "notifications", "engine"} & {
        *loaded.split()
    } == set()
    assert "Onderwerp: " in "\n".join(said)


def test_a_dry_run_without_mails_needs_no_mail_server(program: Program) -> None:
    """What only a mail would need is refused only where there is one."""
    wrong: Any = {"TRAJECT_SMTP_URL": "ftp://example.org"}
    program.call(*START, *JO)
    program.call("note", "gent", "De sfeer is goed.", "--dry-run", **wrong)
    program.call("stop", "gent", "--reason", "other", "--dry-run", **wrong, expect=2)


def test_a_real_run_has_no_previews(program: Program) -> None:
    """The key belongs to the dry run."""
    assert "previews" not in program.call(*START, *JO, "--json").json


# --- open ---


@pytest.fixture
def queued(program: Program) -> Program:
    """A trajectory whose mails wait in the queue."""
    program.call(*START, *JO, *RITA)
    program.call("tick")
    return program


def opener(home: Path) -> tuple[str, Path]:
    """Return a PATH with an xdg-open that notes what it is to open, and where it notes that."""
    folder, notes = home / "bin", home / "opened"
    folder.mkdir()
    script = folder / "xdg-open"
    script.write_text(f'#!/bin/sh\necho "$1" > {notes}.part\nmv {notes}.part {notes}\n')
    script.chmod(0o700)
    return f"{folder}{os.pathsep}{os.environ['PATH']}", notes


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="xdg-open")
def test_open_hands_a_private_copy_to_the_mail_program(queued: Program) -> None:
    """The bytes that leave, in a file of this account alone."""
    path, notes = opener(queued.home)
    said = queued.run(
        "mail", "show", "1", "--open", PATH=path, DISPLAY=":9", TMPDIR=str(queued.home)
    )
    file = Path(re.findall(r"\S+mail-1\.eml", said.stdout)[0])
    for _ in range(250):  # the program was started and not waited for
        if notes.exists():
            break
        time.sleep(0.02)
    assert notes.read_text().strip() == str(file)
    assert "gaat open in je mailprogramma" in said.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    raw = queued.call("mail", "show", "1", "--raw").stdout
    assert file.read_bytes().decode().replace("\r\n", "\n").strip() == raw.strip()


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="xdg-open")
@pytest.mark.parametrize(("display", "path"), [("", os.environ["PATH"]), (":9", "/nowhere")])
def test_without_a_desktop_open_says_where_the_mail_lies(
    queued: Program, display: str, path: str
) -> None:
    """On a server, or where nothing can be started, that is no failure."""
    where = str(queued.home)
    shown = queued.run("mail", "show", "1", "--open", TMPDIR=where, DISPLAY=display, PATH=path)
    said = shown.stdout
    assert "Hier kan geen programma gestart worden." in said
    assert Path(re.findall(r"\S+mail-1\.eml", said)[0]).exists()


@pytest.mark.skipif(os.name == "nt", reason="each account has a folder of its own")
def test_each_open_takes_the_copy_of_the_one_before_away(queued: Program) -> None:
    """One folder, one copy: none that an erasure would not reach lies about for long."""
    where: Any = {"TMPDIR": str(queued.home), "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    opened = queued.run("mail", "show", "1", "--open", **where).stdout
    assert "De volgende --open haalt deze kopie weg." in opened
    queued.run("mail", "show", "2", "--open", **where)
    (folder,) = queued.home.glob("traject-*")
    assert [file.name for file in folder.iterdir()] == ["mail-2.eml"]
    folder.chmod(0o755)
    queued.run("mail", "show", "2", "--open", **where)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name == "nt", reason="each account has a folder of its own")
def test_open_puts_no_copy_where_somebody_else_points(queued: Program) -> None:
    """A link that waits under the name of the folder leads elsewhere."""
    elsewhere = queued.home / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "letter").touch()
    (queued.home / f"traject-{os.getuid()}").symlink_to(elsewhere)
    refused = queued.run("mail", "show", "1", "--open", TMPDIR=str(queued.home), expect=4)
    assert "is geen map van deze account alleen" in read(refused.stderr)
    assert [file.name for file in elsewhere.iterdir()] == ["letter"]


def test_open_stands_alone(queued: Program) -> None:
    """A source or JSON is for reading here."""
    queued.call("mail", "show", "1", "--open", "--json", expect=2)


# --- hold and release ---


def test_a_hold_says_whose_mails_stay_and_how_they_go(queued: Program) -> None:
    """By the name that people give it."""
    said = queued.call("mail", "hold", "gent").stdout
    assert "Mails tegengehouden tot je ze laat gaan: 2." in said
    assert "Jo Maes <jo@example.org>" in said
    assert "Rita Claes <rita@example.org>" in said
    assert "Toch laten vertrekken: traject mail release gent" in said
    again = queued.call("mail", "hold", "gent").stdout
    assert again == "Hier staat geen mail klaar die tegengehouden kan worden.\n"
    queued.call("tick", TRAJECT_HOLD_BACK="0")
    assert {m["status"] for m in queued.call("mail", "list", "--json").json} == {"held"}
    assert "Mails vrijgegeven" in queued.call("mail", "release", "gent").stdout


def test_one_mail_is_held_by_its_number(queued: Program) -> None:
    """A bare number is a trajectory's; where that is none, the way is told."""
    said = queued.call("mail", "hold", "--mail", "2").stdout
    assert "Toch laten vertrekken: traject mail release --mail 2" in said
    told = queued.call("mail", "hold", "2", expect=3).stderr
    assert "mail 2 noem je met --mail 2" in told


def test_what_is_held_stands_in_the_morning_and_on_the_page(queued: Program) -> None:
    """So that nobody forgets it, with the command that lets it go."""
    queued.call("mail", "hold", "--mail", "2")
    page = read(queued.call("show", "gent").stdout)
    assert "Mails tegengehouden: 1 traject mail release gent" in page
    morning = read(queued.call().stdout)
    assert "Rita Claes, start van de begeleiding: tegengehouden" in morning
    assert "traject mail release --mail 2" in morning
    queued.call("mail", "release", "--mail", "2")
    assert "tegengehouden" not in queued.call("show", "gent").stdout


# --- slips ---


@pytest.mark.parametrize("rendered", [False, True])
def test_a_send_back_for_a_slip_names_the_mails_it_withdraws(
    program: Program, rendered: bool
) -> None:
    """And it causes none."""
    program.call(*START, *JO, "--no-mail")
    program.call("waive", "gent", "--all", "--reason", "this was settled before we began")
    program.call("advance", "gent")
    if rendered:
        program.call("tick")
    said = program.call("send-back", "gent", "intake", "--reason", "registration_error").stdout
    assert "Ingetrokken: " in said
    assert " aan Jo Maes." in said
    assert "vertrekken" not in said


def test_a_stop_without_words_withdraws_the_start(program: Program) -> None:
    """The way back from a start that was a slip."""
    program.call(*START, *JO, *RITA)
    said = program.call("stop", "gent", "--reason", "other", "--silent").stdout
    assert "Ingetrokken: start van de begeleiding aan Jo Maes." in said
    assert "Ingetrokken: start van de begeleiding aan Rita Claes." in said


# --- asking mayors ---


def test_ask_goes_to_every_mayor_and_names_who_has_no_address(program: Program) -> None:
    """The others are asked all the same, and the command that adds her stands there."""
    program.call(*START, *JO, *RITA, "--no-mail")
    said = program.call("ask", "gent", "2").stdout
    assert "Rita Claes" in said
    assert (
        "Niet gevraagd, want er is geen adres bekend: Merelbeke-Melle: traject contact add gent"
    ) in read(said)


def test_asked_again_says_when_it_was_asked_before(program: Program) -> None:
    """And the mail that had not left yet makes place."""
    program.call(*START, *JO, *RITA, "--no-mail")
    program.call("ask", "gent", "2", "--for", "Gent")
    said = program.call("ask", "gent", "2", "--for", "Gent").stdout
    assert "Aan Gent werd het al gevraagd op" in said
    assert "Ingetrokken: vraag om akkoord aan Rita Claes." in said


# --- people ---


def test_a_contact_goes_by_a_part_of_the_name(program: Program) -> None:
    """Who leaves, who comes, since when, in which roles, and what becomes of the mails."""
    program.call(*START, *JO, "--no-mail")
    lien = "Lien Baert <lien@example.org>"
    said = read(program.call("contact", "replace", "gent", "jo", lien).stdout)
    assert "Lien Baert in de plaats van Jo Maes, contactpersoon 1, sinds" in said
    assert "LIVC R-coördinator" in said
    assert "Herinneringen die nog komen, gaan naar Lien Baert." in said
    assert "Wat Jo Maes deed en aan mails kreeg, blijft in de geschiedenis staan." in said
    said = read(program.call("contact", "release", "gent", "baert").stdout)
    assert "nu niemand, voor die rol vertrekt er geen mail: traject contact add gent" in said


def test_several_contacts_of_a_name_are_listed(program: Program) -> None:
    """With the numbers to choose by."""
    program.call(*START, *JO, "--coordinator", "Jo Aerts <ja@example.org>", "--no-mail")
    told = program.call("contact", "release", "gent", "jo", expect=2).stderr
    assert "Jo Maes" in told
    assert "Jo Aerts" in told
    program.call("contact", "release", "gent", "jo aerts")


def test_what_is_left_out_in_a_pipe_is_told_with_what_may_stand_there(program: Program) -> None:
    """Exit 2, and the list."""
    program.call(*START, *JO, "--no-mail")
    assert "NAAM" in program.call("contact", "add", "gent", expect=2).stderr
    who = "Rita Claes <rita@example.org>"
    assert (
        "burgemeester (nog niemand)" in program.call("contact", "add", "gent", who, expect=2).stderr
    )
    told = program.call("contact", "add", "gent", who, "--role", "burg", expect=2).stderr
    assert "Merelbeke-Melle" in told
    assert "Jo Maes" in program.call("contact", "release", "gent", expect=2).stderr
    program.call("contact", "add", "gent", who, "--role", "burg", "--for", "Gent")


def test_contact_add_asks_for_all_it_needs(program: Program) -> None:
    """It is printed as a hint without more: pasted at a terminal it asks."""
    program.call(*START, *JO, "--no-mail")
    database = {"TRAJECT_DATABASE": str(program.database_url)}
    words = ["contact", "add", "gent"]
    with terminal(words, home=program.home, environment=database) as session:
        session.answer("Naam:", "Rita Claes")
        session.answer("Mailadres:", "rita@example.org")
        session.answer("In welke rol?", "burgemeester")
        session.answer("Van welke gemeente?", "1")
        assert session.ended() == 0
        assert "Rita Claes, burgemeester Gent" in read(session.screen)


def test_contact_change_by_trajectory_asks_who_and_what(program: Program) -> None:
    """As the morning's line on a mail that could not be delivered prints it."""
    program.call(*START, *JO, "--no-mail")
    database = {"TRAJECT_DATABASE": str(program.database_url)}
    words = ["contact", "change", "gent"]
    with terminal(words, home=program.home, environment=database) as session:
        session.answer("Wie?", "jo")
        session.answer("Naam:", "")
        session.answer("Mailadres:", "jo.maes@example.org")
        assert session.ended() == 0
        assert "jo.maes@example.org" in session.screen


# --- start beside what is open ---


def test_start_tells_of_open_work_of_the_same_category(program: Program) -> None:
    """It is no refusal: there may be reasons."""
    program.call(*START, "--no-mail")
    told = program.call("start", "reactiveren", "Gent", "--no-mail")
    assert "loopt al, in dezelfde categorie" in read(told.stderr)
    other = program.call("start", "opstarten", "Gent", "--no-mail")
    assert "loopt al" not in other.stderr


def test_start_asks_at_a_terminal_whether_to_go_on(program: Program) -> None:
    """No is the answer of a bare Enter."""
    program.call(*START, "--no-mail")
    before = program.ledger()
    database = {"TRAJECT_DATABASE": str(program.database_url)}
    words = ["start", "reactiveren", "Gent", "--no-mail"]
    with terminal(words, home=program.home, environment=database) as session:
        session.answer("Toch nog een traject starten?", "")
        assert session.ended() == 0
        assert "iets gewijzigd" in session.screen
    assert program.ledger() == before
