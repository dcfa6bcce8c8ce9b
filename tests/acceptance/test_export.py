"""export, amend and looking back as users type them."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from commands.export.page import COMMAND
from tests.program import Program

NOW = "2027-03-09T10:00"
NAMES = ("Maes", "Claes", "Aerts", "Peeters", "maes@", "peeters@", "wil eerder klaar")


@pytest.fixture
def program(copied: Callable[[Path], Program], tmp_path: Path) -> Program:
    """A year of a coach, in a folder of its own."""
    return copied(tmp_path)


def do(program: Program, *typed: str, expect: int = 0) -> str:
    """Run a command in English; return what it printed as data."""
    return program.call(*typed, "--lang", "en", "--now", NOW, expect=expect).stdout


class Read(HTMLParser):
    """What somebody reads of a page, and what it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.fetched += [str(given[key]) for key in ("src", "srcset", "href") if given.get(key)]
        if tag not in ("meta", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_a_case_file_holds_all_that_an_outsider_needs(program: Program, tmp_path: Path) -> None:
    """The page, the proof, the mails with the bytes that left, what to begin with."""
    place = tmp_path / "case"
    do(program, "export", "gent", "--case-file", str(place))
    files = {str(one.relative_to(place)) for one in place.rglob("*") if one.is_file()}
    assert files >= {
        "index.html", "README.txt", "history.jsonl", "history.csv", "criteria.csv",
        "checkpoint.txt",
    }  # fmt: skip
    assert any(name.startswith("workflow-") for name in files)
    listed = json.loads(do(program, "mail", "list", "gent", "--json"))
    left = {f"mails/{one['id']:06d}.eml" for one in listed if one["status"] == "sent"}
    assert {name for name in files if name.startswith("mails/")} == left
    page = Read((place / "index.html").read_text("utf-8"))
    assert set(page.fetched) == left
    assert not page.open
    said = " ".join(" ".join(page.said).split())
    assert "2026-001 Gent + Merelbeke-Melle, Reactivation" in said
    assert "mail to Jo Maes (start of the support): sent" in said
    readme = (place / "README.txt").read_text("utf-8")
    header = json.loads((place / "history.jsonl").read_text("utf-8").partition("\n")[0])
    assert header["root"] in readme
    assert max(map(len, readme.splitlines())) <= 100
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".case")]


@pytest.mark.parametrize("how", [("gent",), ("gent", "--redacted"), ()])
def test_a_case_file_checks_itself_without_traject(
    program: Program, tmp_path: Path, how: tuple[str, ...]
) -> None:
    """By the command in its readme, in a Python that sees nothing of ours; a change is found."""
    place = tmp_path / "case"
    do(program, "export", *how, "--case-file", str(place))
    assert COMMAND in (place / "README.txt").read_text("utf-8")
    command = [sys.executable, "-I", *COMMAND.split()[1:]]
    assert subprocess.run(command, cwd=place, check=False, capture_output=True).returncode == 0
    history = place / "history.jsonl"
    history.write_text(history.read_text("utf-8").replace("PhaseEntered", "PhaseLeft", 1), "utf-8")
    assert subprocess.run(command, cwd=place, check=False, capture_output=True).returncode == 8


def test_a_redacted_case_file_names_nobody(program: Program, tmp_path: Path) -> None:
    """In no file of it: neither names nor addresses nor what people wrote."""
    do(program, "note", "gent", "the police wil eerder klaar zijn")
    do(program, "export", "gent", "--case-file", str(tmp_path / "case.zip"), "--redacted")
    with zipfile.ZipFile(tmp_path / "case.zip") as packed:
        names = packed.namelist()
        everything = {name: packed.read(name).decode() for name in names}
    assert not [name for name in names if "mails" in name]
    for name, text in everything.items():
        assert not [word for word in NAMES if word in text], name
    assert "contact-1" in everything["case/index.html"]
    assert "noted: “…”" in everything["case/index.html"]


def test_the_whole_log_goes_in_a_folder_too(program: Program, tmp_path: Path) -> None:
    """All workflows that were followed, all mails that left, in Dutch with a Dutch readme."""
    place = tmp_path / "all"
    program.call("export", "--case-file", str(place), "--now", NOW)
    assert (place / "LEESMIJ.txt").read_text("utf-8").startswith("De hele geschiedenis")
    assert len(list(place.glob("workflow-*.json"))) == 4
    lines = (place / "history.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == program.ledger()[0] + 1
    assert json.loads(lines[0])["root"] == program.ledger()[1]


def test_forms_go_to_new_files_or_to_the_screen(program: Program, tmp_path: Path) -> None:
    """CSV in Dutch has Dutch heads; what is there is not written over."""
    file = tmp_path / "history.csv"
    for _ in range(2):
        program.call(
            *("export", "gent", "--format", "csv", "-o", str(file), "--now", NOW),
            expect=4 if file.exists() else 0,
        )
    rows = list(csv.reader(io.StringIO(file.read_bytes()[3:].decode()), delimiter=";"))
    assert rows[0][:3] == ["Nummer", "Traject", "Dag"]
    assert {row[1] for row in rows[1:]} == {"2026-001"}
    for form in ("xlsx", "xes"):
        do(program, "export", "--format", form, "--output", str(tmp_path / f"all.{form}"))
    shown = program.run("export", "gent", "--now", NOW).stdout
    assert json.loads(shown.splitlines()[0])["partial"] is True
    do(program, "export", "--format", "xlsx", expect=2)
    do(program, "export", "--format", "csv", "--case-file", "x", expect=2)
    do(program, "export", "gentbrugge", expect=3)


def test_a_correction_stands_beside_what_it_corrects(program: Program) -> None:
    """A lead may, and a coach where there is none; the old event stays, and verify is content."""
    before = json.loads(do(program, "history", "gent", "--json"))
    number = str(before[1]["position"])
    do(program, "amend", number, "the talk was in Melle", "--dry-run")  # there is no lead
    lead = ("Lea Lead", "--email", "lea@example.org", "--account", "uid:4321", "--role", "lead")
    do(program, "actor", "add", *lead)
    do(program, "amend", number, "the talk was in Melle", expect=4)
    program.turn_into("lead")
    do(program, "amend", number, "the talk was in Melle", "--dry-run")
    assert "talk was in Melle" not in do(program, "history", "gent")
    told = do(program, "amend", number, "the talk was in Melle")
    assert before[1]["text"] in " ".join(told.split())
    after = json.loads(do(program, "history", "gent", "--json"))
    beside = [{**one, "amendments": []} for one in after[: len(before)]]
    assert beside == before
    _names_each_other(after, before[1]["position"])
    alone = json.loads(do(program, "history", "gent", "--corrections", "--json"))
    assert [one["amends"] for one in alone if one["type"] == "Amended"] == [before[1]["position"]]
    shown = " ".join(do(program, "history", "gent", "--kind", "phases").split())
    assert "(corrected on Tuesday 9 March 2027 by An Peeters: “the talk was in Melle”)" in shown
    corrected = do(program, "history", "gent", "--corrections", "--numbers")
    assert f"correction of event {number}" in " ".join(corrected.split())
    do(program, "amend", "99999", "nothing there", expect=3)
    do(program, "amend", number, "born on 12/03/1961", expect=2)
    do(program, "amend", "1", "of the log itself")
    do(program, "verify")


def _names_each_other(history: list[dict[str, Any]], number: int) -> None:
    """Check that a correction names its event, and that event its correction; no other does."""
    *_, amended = history
    assert (amended["type"], amended["amends"]) == ("Amended", number)
    (corrected,) = [one for one in history if one["amendments"]]
    assert corrected["position"] == number
    assert corrected["amendments"] == [
        {
            "position": amended["position"],
            "occurred_on": amended["occurred_on"],
            "actor": "An Peeters",
            "on_behalf_of": None,
            "text": "the talk was in Melle",
        }
    ]
    assert {one["amends"] for one in history if one is not amended} == {None}


def test_history_is_filtered_by_what_a_coach_says(program: Program) -> None:
    """A person by name, days as everywhere, kinds in words; the JSON keeps its keys."""
    everything = json.loads(do(program, "history", "--json"))

    def asked(*typed: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(do(program, "history", *typed, "--json"))
        assert all(one in everything for one in found)
        return found

    ronse = asked("ronse", "--corrections")
    assert [one["type"] for one in ronse] == ["DeadlineMoved"]
    marie = asked("--person", "marie", "--kind", "people")
    assert {one["type"] for one in marie} == {"ContactAdded", "ContactAssigned"}
    assert asked("--person", "marie.devos@example.org", "--kind", "people") == marie
    days = {one["occurred_on"] for one in asked("--from", "1/2", "--until", "12-2-2027")}
    assert min(days) == "2027-02-01"
    assert max(days) <= "2027-02-12"
    assert asked("--kind", "notes") == []
    do(program, "history", "--person", "nobody at all", expect=3)
    do(program, "history", "--person", "An", expect=2)  # Peeters, Bral
    do(program, "history", "--from", "1/3", "--until", "1/2", expect=2)
    do(program, "history", "--corrections", "--kind", "mails", expect=2)


def test_the_page_of_an_earlier_day_is_that_of_what_was_known(program: Program) -> None:
    """The advance of 25 January is not on it on the 20th, and it says in which sense."""
    told = " ".join(do(program, "show", "gent", "--as-of", "20/1").split())
    assert told.startswith("As it was known on the evening of Wednesday 20 January 2027")
    assert "Phase 1 of 7" in told
    page = json.loads(do(program, "show", "gent", "--as-of", "20/1", "--json"))
    now = json.loads(do(program, "show", "gent", "--json"))
    assert (page["phase"], page["as_of"], page["sense"]) == ("intake", "2027-01-20", "known")
    assert now.keys() <= page.keys()
    happened = json.loads(do(program, "show", "gent", "--as-of", "20/1", "--happened", "--json"))
    assert happened["sense"] == "happened"
    do(program, "show", "gent", "--as-of", "1/9/2026", expect=3)
    do(program, "show", "gent", "--as-of", "2027-03-10", expect=2)
    do(program, "show", "gent", "--happened", expect=2)


def test_the_course_stands_beside_the_timeline(program: Program) -> None:
    """Each phase with what was planned and what it took, in the JSON too."""
    told = do(program, "show", "gent", "--course")
    (row,) = [line for line in told.splitlines() if re.match(r"Exploratory", line)]
    assert "4 weeks" in row
    assert "69 days" in row
    legs = json.loads(do(program, "show", "gent", "--course", "--json"))["course"]
    assert legs[0]["planned"] == {"weeks": 4}
    assert (legs[0]["days"], legs[0]["left_on"]) == (69, "2027-01-25")
    assert legs[1]["left_on"] is None
