"""Every reading screen: fits its width, loses nothing, in both languages, plain, in any console."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest import mock

import pytest

import cli
from commands.pages.likeness import likeness
from tests.program import Program, replaced_environment
from tests.terminal import terminal

TODAY = "2027-03-08T08:30"
START = ("start", "reactiveren")
SCREENS = (
    (), ("list", "--all"), ("show", "1"), ("show", "4", "--why"), ("show", "3"), ("show", "2"),
    ("show", "5"), ("show", "6"), ("show", "2", "--course"),
    ("next", "1"), ("next", "3"), ("next", "5"), ("next", "6"),
    ("forecast", "1"), ("forecast", "4"), ("history",), ("history", "1"), ("verify",),
    ("advance", "1"), ("advance", "6"),
)  # fmt: skip
XTERM = {"TERM": "xterm"}
MARKS = "✔●○–·…!"
WORD = re.compile(r"[\w@.+-]+")
ANSI = re.compile(r"\x1b\[[0-9;]*m")
METRO = re.compile(r"(?:^ [✔●○] .*\n)+\n", re.MULTILINE)
LONG = "Maria-Magdalena Vandenbroeck-Vanderstraeten <a.very.long.address.indeed@example.org>"


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A Monday morning: late, today, this week, waiting, resting, long names, no address."""
    folder = tmp_path_factory.mktemp("screens")
    made = Program(folder, f"sqlite:///{folder / 'traject.db'}")

    def do(day: str, *arguments: str) -> None:
        made.call(*arguments, "--now", f"2027-{day}")

    made.call(
        "init", "--name", "An Peeters", "--email", "an@example.org",
        "--simulated-clock", "--now", "2026-11-17T09:00",
    )  # fmt: skip
    jo = ("--coordinator", "Jo Maes <jo@example.org>")
    do("01-04T09:00", *START, "Gent", "Merelbeke-Melle", *jo, "--no-mail",
       "--mayor", "Gent: Rita Claes <rita@example.org>")  # fmt: skip
    do("01-04T10:00", *START, "Tielt", "Pittem", *jo)
    do("01-11T09:00", *START, "Ronse", "--coordinator", "Els Wouters <els@example.org>")
    do("01-11T10:00", "pause", "2", "--reason", "other", "--until", "2027-03-12")
    do("02-11T09:00", *START, "Lier", "--coordinator", "Lien Baert <lien@example.org>")
    do("02-11T10:00", *START, "De Haan", "--coordinator", "Wim Baert <wim@example.org>")
    do("02-15T09:00", "start", "monitoren_evalueren", "Sint-Pieters-Leeuw", "Geraardsbergen",
       "--coordinator", LONG, "--mayor", f"Geraardsbergen: {LONG}")  # fmt: skip
    do("02-22T09:00", "meet", "1", "sponsor_known", "--for", "Gent")
    do("02-22T09:00", "ask", "1", "sponsor_known", "--for", "Merelbeke-Melle", "--no-mail")
    do("03-01T09:00", "meet", "5", "intake_talk_held", "--planned", "2027-03-08 10:00")
    do("03-01T09:00", "waive", "4", "agreement_noted", "--reason",
       "dit werd vorig jaar al schriftelijk afgesproken met het lokaal bestuur")  # fmt: skip
    do("03-07T20:00", "tick")
    return made


def seen(
    program: Program,
    arguments: Sequence[str],
    *,
    lang: str = "nl",
    columns: int | None = 80,
    encoding: str = "utf-8",
    stream: type[io.TextIOWrapper] = io.TextIOWrapper,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Return what a command shows, on both streams, in a console of this kind."""
    out, err = (stream(io.BytesIO(), encoding=encoding, newline="\n") for _ in range(2))
    wide = {} if columns is None else {"COLUMNS": str(columns)}
    with (
        replaced_environment(
            {**program.environment, **wide, **(environment or {}), "TRAJECT_LANG": lang}
        ),
        mock.patch.object(sys, "stdin", io.StringIO()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        assert cli.main([*arguments, "--now", TODAY]) == (4 if "advance" in arguments else 0)
        shown = b""
        for one in (out, err):
            one.flush()
            shown += one.buffer.getvalue()  # type: ignore[attr-defined]
    return shown.decode(encoding)


def words(text: str) -> set[str]:
    """Return the words and numbers of a screen."""
    return {word.strip(".-") for word in WORD.findall(text.casefold())} - {""}


def test_the_morning_says_what_the_day_asks(program: Program) -> None:
    """In Dutch, with the words of coaches, and a command for what can be done."""
    lines = seen(program, ()).splitlines()
    assert lines[0] == "Dag An. Maandag 8 maart 2027. 6 trajecten: 5 lopend, 1 gepauzeerd."
    heads = [line for line in lines if line.isupper()]
    assert heads == [
        "VOORBIJ DE RICHTDATUM",
        "VANDAAG",
        "DEZE WEEK",
        "WACHT OP DE GEMEENTE",
        "MAILS DIE VANDAAG EN MORGEN VERTREKKEN",
        "NIET BEZORGD",
    ]
    text = " ".join(" ".join(lines).split())
    for part in (
        "003 Ronse Verkenningsgesprek ma 8 feb 20 werkdagen",
        "geen herinneringen meer: bel, of traject pause ronse",
        "005 De Haan 10:00 gepland: verkenningsgesprek gehouden traject meet de-haan 1",
        "004 Lier Verkenningsgesprek do 11 mrt 6 punten open",
        "hervatten vr 12 mrt? gepauzeerd sinds ma 11 jan traject resume tielt",
        "burgemeester steunt het traject: Merelbeke-Melle, 14 dagen geleden gevraagd",
        "Lien Baert (Lier) nog 4 punten tegen do 11 mrt",
        "klopt er een niet meer? traject meet gent · traject mail hold gent",
        "traject meet lier · traject mail hold lier",
        "Laatste mailronde: gisteren 20:00.",
    ):
        assert part in text


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("plain", [(), ("--plain",)], ids=["usual", "plain"])
def test_no_screen_is_too_wide_and_none_loses_a_word(
    program: Program, lang: str, plain: tuple[str, ...]
) -> None:
    """At 80 columns all that stands there at 120; a command alone on its line is never cut."""
    for arguments in SCREENS:
        at = {c: seen(program, (*arguments, *plain), lang=lang, columns=c) for c in (60, 80, 120)}
        for columns, text in at.items():
            wide = [line for line in text.splitlines() if len(line) > columns]
            assert [line for line in wide if not line.strip().startswith("traject ")] == []
            assert words(text) == words(at[120]), arguments


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_screen_reader_hears_all_of_it_and_no_signs(program: Program, lang: str) -> None:
    """No marks, no columns, no line of phases; every command on a line of its own."""
    for arguments in SCREENS:
        plain = seen(program, (*arguments, "--plain"), lang=lang)
        usual = METRO.sub("", seen(program, arguments, lang=lang))
        if arguments[:1] not in (("history",), ("show",)):
            assert not set(MARKS) & set(plain), arguments
        assert not re.search(r"\S {2,}|^ ", plain, re.MULTILINE), arguments
        assert words(usual) - words(plain) <= words(MARKS), arguments


def test_a_course_without_columns_says_which_value_is_which(program: Program) -> None:
    """As what is empty leaves no place there: this one rests, the other is late without a pause."""
    resting = ("Fase: Verkenningsgesprek", "Gepland: 4 weken", "Richtdatum: ma 1 feb",
               "Duurde: 7 dagen (tot nu)", "Pauze: 56 dagen")  # fmt: skip
    late = (*resting[:2], "Richtdatum: ma 8 feb", "Duurde: 56 dagen (tot nu)",
            "Verschil: +28 dagen")  # fmt: skip
    for number, parts in (("2", resting), ("3", late)):
        course = ("show", number, "--course")
        for shown, gap in ((seen(program, (*course, "--plain")), ", "),
                           (seen(program, course, columns=60), " ")):  # fmt: skip
            assert f"{gap.join(parts)} Fase: " in " ".join(shown.split())
        assert "\nFase  " in seen(program, course)  # at 80 there are columns


@pytest.mark.parametrize("encoding", ["cp850", "cp1252", "ascii"])
def test_a_console_without_a_mark_shows_its_likeness(program: Program, encoding: str) -> None:
    """No question mark stands for what cannot be shown."""
    for arguments in SCREENS:
        known = seen(program, arguments)
        alike = "".join(c if _has(encoding, c) else likeness(c) for c in known)
        shown = seen(program, arguments, encoding=encoding)
        assert shown.count("?") == known.count("?")
        assert words(shown) == words(alike)


def _has(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def test_colour_is_for_a_terminal_and_says_nothing_by_itself(program: Program) -> None:
    """Without its codes the text is that of a pipe."""
    for arguments in SCREENS:
        coloured = seen(program, arguments, stream=Terminal, environment=XTERM)
        assert ANSI.sub("", coloured) == seen(program, arguments, environment=XTERM)
    morning = seen(program, (), stream=Terminal, environment=XTERM)
    assert "\x1b[1mVANDAAG\x1b[0m" in morning
    assert "\x1b[31m20 werkdagen\x1b[0m" in morning
    assert "\x1b[36mtraject pause ronse\x1b[0m" in morning
    sheet = seen(program, ("show", "1"), stream=Terminal, environment=XTERM)
    assert "Gent \x1b[32m✔\x1b[0m" in sheet


@pytest.mark.parametrize(
    ("more", "options"),
    [({"NO_COLOR": "1"}, ()), ({"TERM": "dumb"}, ()), ({}, ("--plain",))],
    ids=["NO_COLOR", "dumb", "plain"],
)
def test_colour_is_left_out_where_somebody_objects(
    program: Program, more: dict[str, str], options: tuple[str, ...]
) -> None:
    """By the environment, by a terminal that has none, by a screen reader."""
    for arguments in ((), ("show", "1"), ("advance", "1")):
        assert "\x1b" not in seen(
            program, (*arguments, *options), stream=Terminal, environment=more
        )


def test_what_people_wrote_cannot_colour_the_screen(program: Program) -> None:
    """It is made harmless before the colours come."""
    note = "kijk \x1b[31mhier"
    program.call("note", "6", note, "--now", TODAY, expect=None)
    assert "\x1b[31mhier" not in seen(program, ("history", "6"), stream=Terminal, environment=XTERM)


@pytest.mark.parametrize(("size", "widest"), [(70, 70), (100, 100), (200, 120), (40, 60)])
def test_the_width_is_that_of_the_terminal_between_limits(
    program: Program, tmp_path: Path, size: int, widest: int
) -> None:
    """From 60 to 120; a pipe gets 80."""
    environment = {"TRAJECT_DATABASE": program.environment["TRAJECT_DATABASE"]}
    with terminal(
        ["history", "--now", TODAY], home=tmp_path, size=(size, 50), environment=environment
    ) as session:
        assert session.ended() == 0
        longest = max(map(len, session.screen.splitlines()))
    assert widest - 15 < longest <= widest
    assert max(map(len, seen(program, ("history",), columns=None).splitlines())) <= 80
