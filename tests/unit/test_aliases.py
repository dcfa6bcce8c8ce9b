"""The two names of a command: one table, no two alike, the very same command behind both."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import click
import pytest

from commands.frame import table
from commands.frame.root import root
from commands.frame.shape import Command, LazyGroup
from tests.program import Program

ENTRIES = tuple(table.ENTRIES.values())
ALIASES = [entry for entry in ENTRIES if len(entry.names) == 2]
# What the notes on the coaches' words ask for, and no synonym.
WANTED = {
    "list": "lijst", "show": "toon", "next": "watnu", "meet": "vink", "waive": "nvt",
    "advance": "verder", "send-back": "terug", "pause": "pauzeer", "resume": "hervat",
    "reschedule": "verzet", "note": "noteer", "forecast": "vooruitblik", "tick": "mailronde",
}  # fmt: skip


def command(*words: str) -> click.Command:
    """Return the command that words lead to."""
    found: click.Command = root
    for word in words:
        assert isinstance(found, LazyGroup)
        inner = found.get_command(click.Context(found), word)
        assert inner is not None, words
        found = inner
    return found


def test_every_command_has_a_dutch_name() -> None:
    """A word of small letters and strokes, which needs no quotes; perhaps the English one."""
    assert [e.name for e in ENTRIES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", e.alias)] == []
    assert {name: table.ENTRIES[name].alias for name in WANTED} == WANTED


def test_the_whole_dutch_name_is_that_of_the_group_and_its_own() -> None:
    """As it is printed in the help and in the reference."""
    assert table.dutch(table.ENTRIES["config show"]) == "instellingen toon"
    assert table.dutch(table.ENTRIES["show"]) == "toon"


def test_no_two_names_of_a_group_are_alike() -> None:
    """Neither two Dutch ones, nor a Dutch one and the English one of another command."""
    names = Counter((entry.group, name) for entry in ENTRIES for name in entry.names)
    assert [name for name, times in names.items() if times > 1] == []
    assert len(table.NAMED) == names.total()


def test_every_group_is_a_command_of_the_table() -> None:
    """So that its Dutch name works before its commands."""
    groups = {entry.group for entry in ENTRIES if entry.group}
    assert [name for name in groups if table.ENTRIES[name].module] == []
    assert [e.name for e in ENTRIES if not e.module and e.name not in groups] == []


@pytest.mark.parametrize("entry", ALIASES, ids=lambda entry: entry.name)
def test_a_dutch_name_runs_the_very_same_command(entry: table.Entry) -> None:
    """Also where its group is called by its other name."""
    group = [table.ENTRIES[entry.group]] if entry.group else []
    found = command(*(one.alias for one in group), entry.alias)
    by_name = command(*entry.name.split())
    if entry.module:
        assert isinstance(found, Command)
        assert found is by_name is command(*(one.name for one in group), entry.alias)
        assert found.entry == entry.name  # which decides who may run it
    else:
        assert isinstance(found, LazyGroup)
        assert found.prefix == entry.name


@pytest.mark.parametrize("name", ["to", "verd", "lis", "sho", "m", ""])
def test_the_beginning_of_a_name_is_no_name(name: str) -> None:
    """A new command must never change what an old abbreviation did."""
    assert ("", name) not in table.NAMED
    assert root.get_command(click.Context(root), name) is None


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_dutch_name_works_in_every_language(tmp_path: Path, lang: str) -> None:
    """With global options before and after it, in text and in JSON, with the same answer."""
    program = Program(tmp_path, f"sqlite:///{tmp_path}/t.db", lang=lang)
    program.init()
    program.call("start", "reactiveren", "Gent", "--no-mail")
    for english, dutch in (
        (("show", "1"), ("toon", "1")),
        (("--json", "list"), ("--json", "lijst")),
        (("list", "--lang", "en"), ("lijst", "--lang", "en")),
        (("config", "show", "--json"), ("instellingen", "toon", "--json")),
        (("mail", "list"), ("mail", "lijst")),
        (("history", "1"), ("geschiedenis", "1")),
    ):
        assert program.call(*dutch) == program.call(*english)


def test_who_may_run_a_command_does_not_depend_on_its_name(tmp_path: Path) -> None:
    """An account that is not enrolled gets what is open to all, and nothing else."""
    program = Program(tmp_path, f"sqlite:///{tmp_path}/t.db")
    program.init()
    program.turn_into("coach", active=False)
    for words in (("lijst",), ("toon", "1"), ("mailronde",), ("mail", "lijst")):
        assert "is not enrolled" in program.call(*words, expect=4).stderr
    for words in (("controleer",), ("geschiedenis",), ("instellingen", "toon")):
        program.call(*words)


def test_an_unknown_command_is_looked_for_in_both_languages(tmp_path: Path) -> None:
    """In the group it was typed in."""
    program = Program(tmp_path)
    assert "did you mean toon?" in program.call("tooon", expect=2).stderr
    assert "did you mean houd-tegen?" in program.call("mail", "hou-tegen", expect=2).stderr
