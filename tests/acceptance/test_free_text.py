"""Every word that a person may type is a free text that is linted, or is something that is known.

A new option or argument stands in one of these tables before it is merged.
"""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from commands.frame import shape, table
from tests.program import Program

NETS = {  # two of those that test_lint.py knows: whoever asks one asks all
    "schrijf naar rita.claes@example.org": "e-mail address",
    "rekening BE71 0961 2345 6769": "bank account",
}
# A command line for each text that stays; {} is where it stands.
FREE: dict[tuple[str, str], tuple[str, ...]] = {
    ("meet", "note"): ("meet", "gent", "1", "--note", "{}"),
    ("waive", "reason"): ("waive", "gent", "1", "--reason", "{}"),
    ("reopen", "reason"): ("reopen", "gent", "2", "--reason", "{}"),
    ("reschedule", "reason"): ("reschedule", "gent", "2027-03-29", "--reason", "{}"),
    ("snooze", "reason"): ("snooze", "gent", "--until", "2027-03-29", "--reason", "{}"),
    ("note", "text"): ("note", "gent", "{}"),
    ("amend", "text"): ("amend", "6", "{}"),
    ("contact add", "organisation"): (
        "contact", "add", "gent", "Lien Wit <lien@example.org>", "--role", "coordinator",
        "--organisation", "{}",
    ),
    ("contact change", "organisation"): ("contact", "change", "jo", "--organisation", "{}"),
    ("contact replace", "organisation"): (
        "contact", "replace", "gent", "jo", "Lien Wit <lien@example.org>", "--organisation", "{}",
    ),
    ("contact change", "name"): ("contact", "change", "jo", "--name", "{}"),
    ("contact add", "person"): (
        "contact", "add", "gent", "{} <lien@example.org>", "--role", "coordinator",
    ),
    ("contact replace", "person"): (
        "contact", "replace", "gent", "jo", "{} <lien@example.org>",
    ),
    ("start", "coordinator"): (
        "start", "reactiveren", "Lier", "--coordinator", "{} <a@example.org>",
    ),
    ("start", "mayor"): ("start", "reactiveren", "Lier", "--mayor", "{} <a@example.org>"),
    ("actor add", "name"): (
        "actor", "add", "{}", "--email", "bo@example.org", "--account", "uid:77", "--role", "coach",
    ),
    ("init", "name"): (
        "init", "--simulated-clock", "--name", "{}", "--email", "bo@example.org",
    ),
}  # fmt: skip
# What is looked up, or has a form of its own, whatever the command: nothing of it stays as text.
KNOWN = {
    "account", "actor", "case_file", "category", "checkpoint", "checkpoints", "coach", "confirm",
    "contact", "control", "criteria", "deadline", "email", "erasures", "file", "keep", "key",
    "municipalities", "on_behalf_of", "out", "output", "owner_url", "phase", "place",
    "prefix", "ref", "role", "substitute", "to", "url", "value", "who",
}  # fmt: skip
# The same name means another thing in other commands: codes of a list, people, logins.
ELSEWHERE = {
    ("send-back", "reason"), ("pause", "reason"), ("stop", "reason"), ("history", "person"),
    ("roles", "auditor"), ("roles", "backup"), ("roles", "eraser"),
}  # fmt: skip
GLOBAL = {"database", "lang", "now"}


def typed() -> set[tuple[str, str]]:
    """Return every option and argument of a command in which any word can be typed."""
    found = set()
    for entry in (one for _, entries in table.GROUPS for one in entries if one.module):
        command = shape.loaded(entry)
        for param in command.params:
            if isinstance(param.type, click.types.StringParamType) and param.name not in GLOBAL:
                found.add((entry.name, param.name or ""))
    return found


def test_every_word_that_can_be_typed_is_linted_or_known() -> None:
    """And nothing stands in a table that is gone."""
    left = {(entry, name) for entry, name in typed() if name not in KNOWN}
    assert left - ELSEWHERE == set(FREE)
    assert typed() >= ELSEWHERE
    assert {name for _, name in typed()} >= KNOWN


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A lead with a trajectory of which a criterion is met."""
    folder = tmp_path_factory.mktemp("free")
    program = Program(folder, f"sqlite:///{folder / 'data' / 'traject.db'}")
    now = ("--now", "2027-03-01T09:30")
    program.init("--simulated-clock", *now)
    program.call("start", "reactiveren", "Gent", "--coordinator", "Jo Maes <jo@example.org>", *now)
    program.call("meet", "gent", "2", *now)
    program.turn_into("lead")
    return program


@pytest.mark.parametrize(("entry", "name"), FREE)
def test_a_text_that_stays_is_refused_where_it_holds_data_on_persons(
    office: Program, entry: str, name: str, tmp_path: Path
) -> None:
    """Before anything is recorded, and with what was found."""
    if entry == "init":
        office = Program(tmp_path, f"sqlite:///{tmp_path / 'data' / 'traject.db'}")
    else:
        before = office.ledger()
    for text, found in NETS.items():
        words = [word.replace("{}", text) for word in FREE[entry, name]]
        told = office.call(*words, "--now", "2027-03-02T09:30", expect=2).stderr
        assert f"looks like a{'n' * (found[0] == 'e')} {found}" in told or (
            "@" in text and "is not a name" in told
        ), (text, told)
    if entry != "init":
        assert office.ledger() == before
