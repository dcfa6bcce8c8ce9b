"""--on-behalf-of as users type it: who it takes, where it stands, what tells of it afterwards."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from commands.frame import table
from tests.program import Program


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """An's database, in which she did two things for Jan; Rik only reads and Els has left."""
    folder = tmp_path_factory.mktemp("behalf")
    program = Program(folder, f"sqlite:///{folder}/traject.db")
    program.init()
    for name, role in (("Jan Claes", "coach"), ("Rik Baert", "auditor"), ("Els Smet", "coach")):
        first = name.partition(" ")[0].lower()
        who = ("--email", f"{first}@example.org", "--account", f"db:{first}", "--role", role)
        program.call("actor", "add", name, *who)
    program.call("actor", "change", "4", "--inactive")
    program.call("--on-behalf-of", "jan", "start", "reactiveren", "Gent", "--no-mail")
    program.call("noteer", "gent", "het volgende overleg ligt vast", "--namens", "jan@example.org")
    program.call("note", "gent", "and this one is her own")
    return program


def test_the_history_says_both_and_is_found_by_both(program: Program) -> None:
    """In words, as JSON, and under numbers where it is handed to others."""
    english = program.call("history", "gent", COLUMNS="160").stdout
    assert "An Voorbeeld, on behalf of Jan Claes" in english
    dutch = program.call("history", "gent", "--lang", "nl", COLUMNS="160").stdout
    assert "An Voorbeeld, namens Jan Claes" in dutch
    *others, own = program.call("history", "gent", "--json").json
    assert {(one["actor"], one["on_behalf_of"], one["on_behalf_of_id"]) for one in others} == {
        ("An Voorbeeld", "Jan Claes", 2)
    }
    assert (own["on_behalf_of"], own["on_behalf_of_id"]) == (None, None)
    found = program.call("history", "--person", "Jan", "--json").json
    assert [one["position"] for one in found if one["ref"]] == [one["position"] for one in others]


def test_an_export_says_both(program: Program, tmp_path: Path) -> None:
    """A column of its own in tables, an attribute for process mining, numbers where redacted."""

    def exported(*how: str) -> str:
        place = tmp_path / "-".join(how)
        program.call("export", *how, "--output", str(place))
        return place.read_text("utf-8-sig")

    heads, *rows = csv.reader(exported("gent", "--format", "csv").splitlines(), delimiter=";")
    assert {row[heads.index("On behalf of")] for row in rows} == {"Jan Claes", ""}
    assert '"on_behalf_of" value="actor-2"' in exported("--format", "xes")
    lines = exported("gent", "--redacted").splitlines()
    acted = [json.loads(json.loads(line)["body"])["actor"] for line in lines[1:]]
    assert {"id": 1, "on_behalf_of": 2} in acted
    place = tmp_path / "case"
    program.call("export", "gent", "--case-file", str(place), "--redacted")
    assert "actor-1, on behalf of actor-2" in (place / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "expect", "said"),
    [
        ("An", 2, "that is yourself; leave out --on-behalf-of"),
        ("Rik", 4, "Rik Baert is an auditor: nothing is done on their behalf"),
        ("Els", 4, "Els Smet may act no longer, and nobody on their behalf"),
        ("Piet", 3, "there is no actor Piet; see: traject actor list"),
        ("0", 3, "there is no actor 0; see: traject actor list"),
    ],
)
def test_who_cannot_be_acted_for_is_told_why(
    program: Program, name: str, expect: int, said: str
) -> None:
    """Before anything is asked or done; the program itself, number 0, is nobody."""
    before = program.ledger()
    result = program.call("note", "gent", "a note", "--on-behalf-of", name, expect=expect)
    assert said in result.stderr
    assert program.ledger() == before


def test_an_absence_is_that_of_the_one_it_is_said_for(program: Program) -> None:
    """Where nobody else is named; and the role of who says it counts, so that a coach may not."""
    typed = ("away", "--until", "tomorrow", "--to", "1", "--on-behalf-of", "Jan")
    said = program.call(*typed, expect=4).stderr
    assert "an absence is said by who is away, or by a team lead" in said


def test_only_what_records_something_takes_it(program: Program) -> None:
    """Every such command shows it in its help; the others refuse it, wherever it stands."""
    said = "this command does nothing for a colleague; leave out --on-behalf-of"
    for words in (("list",), (), ("config", "show"), ("checkpoint",)):
        result = program.call("--on-behalf-of", "Jan", *words, expect=2)
        assert said in result.stderr
    for name in ("note", "contact add", "erase", "mail hold", "show", "tick"):
        page = program.call(*name.split(), "--help").stdout
        assert ("--on-behalf-of, --namens" in page) == (name in table.FOR_A_COLLEAGUE)


def test_the_tab_key_offers_those_who_can_be_acted_for(program: Program) -> None:
    """Neither oneself, nor who only reads, nor who has left."""
    for option in ("--on-behalf-of", "--namens"):
        words = f"traject\nnote\ngent\n{option}\n"
        asked = program.call(_TRAJECT_WORDS=words, _TRAJECT_COMPLETE="zsh_complete")
        assert asked.stdout == "plain\t2\tJan Claes jan@example.org\n"


def test_once_erased_the_number_stays(program: Program) -> None:
    """Of who it was done for too; and all of it still verifies."""
    program.call("actor", "change", "2", "--inactive")
    program.call("reassign", "gent", "An", "--no-mail")
    program.call("erase", "actor", "2", "--reason", "other", "--confirm", "Jan Claes")
    told = program.call("history", "gent", COLUMNS="160").stdout
    assert "An Voorbeeld, on behalf of actor #2 (erased)" in told
    assert "Jan" not in told
    program.call("verify")
