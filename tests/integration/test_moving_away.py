"""Moving a database that no setting names: what a person is told, and that it works as printed."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.program import COACH, Program

ERASE = (
    *("erase", "contact", "els", "--release"),
    *("--reason", "request_of_the_person", "--confirm", "Els Wouters"),
)
LIER = ("start", "reactiveren", "Lier", "--coordinator", "Els Wouters <els@example.org>")
POSIX = pytest.mark.skipif(os.name == "nt", reason="a shell to paste into")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program with a database that is named each time, and letters in a folder beside it."""
    made = Program(tmp_path, str(tmp_path / "old" / "traject.db"))
    made.call("init", *COACH)
    made.call(*LIER)
    made.call("tick", TRAJECT_HOLD_BACK="0")
    assert letters(tmp_path / "old" / "mails")
    return made


def letters(folder: Path) -> list[Path]:
    """Return the mails in a folder that hold the address of Els."""
    return [one for one in folder.glob("*.eml") if b"els@example.org" in one.read_bytes()]


def printed(said: str, command: str) -> list[str]:
    """Return the words of the one line in which a command is printed."""
    (line,) = [one for one in said.splitlines() if command in one]
    return shlex.split(line)


def named_by_option(program: Program) -> str:
    """Let each command name the database itself from now on; return which one that is."""
    program.database_url = None
    return program.environment.pop("TRAJECT_DATABASE")


@POSIX
def test_a_variable_that_named_the_database_gets_one_for_the_mails_beside_it(
    program: Program, postgres_url: str, tmp_path: Path
) -> None:
    """With both an erasure in the new place reaches the letters of the old one."""
    said = program.call("move", postgres_url).stdout
    export, setting = printed(said, "TRAJECT_MAIL_FOLDER")
    name, _, folder = setting.partition("=")
    assert (export, name, folder) == ("export", "TRAJECT_MAIL_FOLDER", str(tmp_path / "old/mails"))
    program.environment |= {"TRAJECT_DATABASE": postgres_url, name: folder}
    program.call(*ERASE)
    assert letters(tmp_path / "old" / "mails") == []


def test_an_option_that_named_the_database_leaves_a_setting_for_the_mails(
    program: Program, tmp_path: Path
) -> None:
    """The line is a command; pasted, an erasure in the new place reaches the letters."""
    old, new = named_by_option(program), str(tmp_path / "new" / "traject.db")
    said = program.call("move", new, "--database", old).stdout
    program.call(*printed(said, "config set mail_folder")[1:])
    program.call(*ERASE, "--database", new)
    assert letters(tmp_path / "old" / "mails") == []


@POSIX
def test_a_setting_that_serves_another_database_is_left_alone(
    program: Program, tmp_path: Path
) -> None:
    """Its mails would be kept in our folder from then on."""
    old, new = named_by_option(program), str(tmp_path / "new" / "traject.db")
    program.call("init", *COACH)
    said = program.call("move", new, "--database", old).stdout
    assert "config set mail_folder" not in said
    assert printed(said, "TRAJECT_MAIL_FOLDER")[0] == "export"


def test_a_script_reads_which_folder_is_to_be_named(program: Program, tmp_path: Path) -> None:
    """None where it is named already: in a setting, or by the move itself."""
    old, new = named_by_option(program), str(tmp_path / "new" / "traject.db")
    told = program.call("move", new, "--database", old, "--json").json
    assert (told["settings"], told["mail_folder"]) == (False, str(tmp_path / "old" / "mails"))
    program.call("config", "set", "mail_folder", told["mail_folder"])
    program.call("config", "set", "database", new)
    third = str(tmp_path / "third" / "traject.db")
    told = program.call("move", third, "--json").json
    assert (told["settings"], told["mail_folder"]) == (True, None)
    last = str(tmp_path / "last" / "traject.db")
    told = program.call("move", last, "--database", third, "--json").json
    assert (told["settings"], told["mail_folder"]) == (False, None)


@pytest.mark.parametrize("how", ["option", "variable"])
def test_what_a_move_says_to_do_next_is_done_in_the_new_place(
    program: Program, postgres_url: str, how: str
) -> None:
    """Mails that are let go, rounds that are started; no password stands in it."""
    program.call("mail", "hold", "lier")
    url = make_url(postgres_url)
    secret = url.set(username=url.username or "postgres", password="kanarie")
    database = named_by_option(program) if how == "option" else ""
    given = ("--database", database) if database else ()
    told = program.call("move", secret.render_as_string(hide_password=False), *given)
    assert "kanarie" not in told.stdout + told.stderr
    assert ".pgpass" in told.stderr
    for command in ("mail release --all", "serve"):
        words = printed(told.stdout, f" {command}")
        pasted = words[words.index("--database") :]
        assert pasted[1:] == [url.render_as_string(hide_password=False), *command.split()]
        if command != "serve":
            program.call(*pasted)
