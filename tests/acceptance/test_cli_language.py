"""The language of the command line, in the order: option, environment, settings, locale, Dutch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import Program

DUTCH, ENGLISH = "Gebruik: traject", "Usage: traject"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program without a database, whose language nobody has chosen."""
    made = Program(tmp_path)
    del made.environment["TRAJECT_LANG"]
    return made


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("nl_BE.UTF-8", DUTCH),
        ("en_GB.UTF-8", ENGLISH),
        ("fr_BE.UTF-8", DUTCH),
        ("C", DUTCH),
        ("C.UTF-8", DUTCH),
        ("POSIX", DUTCH),
    ],
)
def test_locale_chooses_where_nobody_else_does(
    program: Program, locale: str, expected: str
) -> None:
    """English only for an English locale; any other means Dutch, the house language."""
    assert program.call("--help", LANG=locale).stdout.startswith(expected)


def test_environment_beats_settings_and_locale(program: Program, tmp_path: Path) -> None:
    """TRAJECT_LANG stands above the settings file, which stands above the locale."""
    file = tmp_path / "settings.toml"
    file.write_text('lang = "en"\n')
    program.environment |= {"TRAJECT_SETTINGS": str(file), "LANG": "nl_BE"}
    assert program.call("--help").stdout.startswith(ENGLISH)
    assert program.call("--help", TRAJECT_LANG="nl").stdout.startswith(DUTCH)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--lang", "en", "start", "-h"),
        ("start", "--lang=en", "-h"),
        ("start", "-h", "--lang", "en"),
    ],
)
def test_option_works_before_and_after_the_command(
    program: Program, arguments: tuple[str, ...]
) -> None:
    """`--lang` rules help and errors wherever it stands."""
    assert program.call(*arguments, TRAJECT_LANG="nl").stdout.startswith(ENGLISH)


def test_errors_of_click_are_in_the_language_too(program: Program) -> None:
    """A missing argument is told in the reader's language."""
    assert "Error:" in program.call("--lang", "en", "show", expect=2).stderr
    assert "Fout:" in program.call("--lang", "nl", "show", expect=2).stderr


def test_unknown_language_is_refused(program: Program) -> None:
    """Only nl and en are spoken."""
    program.call("whoami", "--lang", "de", expect=2)
