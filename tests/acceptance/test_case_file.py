"""A case file as an auditor reads it: what it says of a day, and what its words promise."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program

NOW = "2027-03-09T10:00"
Days = list[dict[str, str]]


@pytest.fixture(scope="module")
def program(copied: Callable[[Path], Program], tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A year of a coach, in which one thing of March was registered days later."""
    made = copied(tmp_path_factory.mktemp("year"))
    do(made, "pause", "gent", "--reason", "other", "--until", "2027-04-06", "--on", "2027-03-03")
    return made


@pytest.fixture(scope="module")
def folder(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case file of Gent."""
    place = tmp_path_factory.mktemp("case") / "gent"
    do(program, "export", "gent", "--case-file", str(place))
    return place


def do(program: Program, *typed: str, expect: int = 0) -> str:
    """Run a command in English; return what it printed as data."""
    return program.call(*typed, "--lang", "en", "--now", NOW, expect=expect).stdout


def days(folder: Path) -> Days:
    """Return the rows of the days."""
    text = (folder / "days.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def on(text: str) -> date | None:
    """Return a day as a Belgian spreadsheet writes it."""
    return date(*map(int, reversed(text.split("/")))) if text else None


def test_one_row_says_how_it_was_on_any_day(program: Program, folder: Path) -> None:
    """As `show --as-of DATE --happened` says it, on the first and the last day of each row."""
    rows = days(folder)
    assert len(rows) > 4
    for row in rows:
        first, last = on(row["Day"]), on(row["Until"]) or date(2027, 3, 9)
        assert first is not None
        for day in {first, last}:
            shown = json.loads(
                do(program, "show", "gent", "--as-of", str(day), "--happened", "--json")
            )
            assert says(row) == stood(shown), day
    edges = [(on(one["Until"]), on(two["Day"])) for one, two in pairwise(rows)]
    assert all(last and day == last + timedelta(days=1) for last, day in edges)


def says(row: dict[str, str]) -> tuple[Any, ...]:
    """Return what a row says, to be compared."""
    dates = str(on(row["Paused until"])), str(on(row["Target date"]))
    return row["Phase"], row["Status"], *dates, row["In order"], row["Required"]


def stood(shown: dict[str, Any]) -> tuple[Any, ...]:
    """Return what `show` says of a day, to be compared."""
    phases = {one["id"]: one["label"] for one in shown["phases"]}
    own = [one for one in shown["criteria"] if one["phase"] == shown["phase"] and one["required"]]
    settled = sum(one["state"] != "open" for one in own)
    dates = str(shown["paused_until"]), str(shown["due_on"])
    return phases[shown["phase"]], shown["status"], *dates, str(settled), str(len(own))


def test_what_was_registered_later_says_so_on_its_day(folder: Path) -> None:
    """The pause of 3 March stands there, though it was registered on the 9th."""
    (row,) = [one for one in days(folder) if one["Day"] == "03/03/2027"]
    assert (row["Status"], row["Paused until"]) == ("paused", "06/04/2027")
    assert "(registered 6 days later)" in row["What changed"]
    page = (folder / "index.html").read_text("utf-8")
    assert "paused until Tue 6 Apr 2027" in page
    assert "(registered 6 days later)" in page.partition("Day by day")[2].partition("<h2>")[0]


def test_the_days_name_nobody_where_names_are_left_out(program: Program, tmp_path: Path) -> None:
    """The same rows, people as numbers."""
    place = tmp_path / "gent"
    do(program, "export", "gent", "--case-file", str(place), "--redacted")
    rows = days(place)
    assert "contact-1" in rows[0]["What changed"]
    assert "Maes" not in str(rows)
