"""A case file as somebody reads it who was not there: what it says of itself and of each day."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from tests.program import Program

WAIVER = "the framework was looked at last year"
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two case files, no mail server: Gent let a date pass, Lier went a step back."""
    place = tmp_path_factory.mktemp("told")
    program = Program(place)

    def do(day: str, *typed: str) -> None:
        program.call(*typed, "--lang", "en", "--now", f"{day}T10:00")

    an = ("--name", "An Peeters", "--email", "an@example.org")
    jo, bo = "Jo Maes <jo@example.org>", "Bo Mels <bo@example.org>"
    do("2027-01-04", "init", "--simulated-clock", *an)
    do("2027-01-04", "start", "reactiveren", "Gent", "--coordinator", jo)
    do("2027-01-04", "start", "reactiveren", "Lier", "--coordinator", bo)
    do("2027-01-11", "waive", "gent", "6", "--reason", WAIVER)
    do("2027-01-12", "meet", "gent", "1")
    do("2027-01-12", "waive", "lier", *"1234567", "--reason", WAIVER)
    do("2027-01-13", "advance", "lier")
    do("2027-01-18", "send-back", "lier", "intake", "--reason", "partners_missing")
    do("2027-03-01", "tick")
    for ref in ("gent", "lier"):
        do("2027-03-01", "export", ref, "--case-file", str(place / f"case-{ref}"))
    return place


@pytest.fixture(scope="module")
def folder(cases: Path) -> Path:
    """The case file of Gent."""
    return cases / "case-gent"


def rows(folder: Path, name: str) -> Rows:
    """Return a table of the folder."""
    text = (folder / name).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_readme_and_page_say_that_the_clock_was_simulated(folder: Path) -> None:
    """At the top, before anything about days."""
    said = "The clock of this log was simulated: the days are not real."
    readme = " ".join((folder / "README.txt").read_text("utf-8").split())
    page = (folder / "index.html").read_text("utf-8")
    assert said in readme.partition("This folder holds")[0]
    assert said in page.partition("<h2>")[0]


def test_readme_and_page_say_how_many_events_there_are(folder: Path) -> None:
    """As the lines of the history show, and which of them are the trajectory's own."""
    lines = (folder / "history.jsonl").read_text("utf-8").splitlines()[1:]
    own = [int(one["Number"]) for one in rows(folder, "history.csv")]
    readme = " ".join((folder / "README.txt").read_text("utf-8").split())
    page = (folder / "index.html").read_text("utf-8")
    first, last = own[0], own[-1]
    assert f"It holds {len(lines)} events; of the trajectory itself {len(own)}," in readme
    assert f"the first is {first}, the last {last}." in readme
    said = f"{len(lines)} in this folder; of the trajectory itself {len(own)}, from {first} to"
    assert f"{said} {last}" in page


def test_each_day_names_the_points_that_are_open_and_that_do_not_apply(folder: Path) -> None:
    """Together with those in order they are the points of the phase."""
    *_, last = rows(folder, "days.csv")
    still, waived = last["Still open"].split("; "), last["Does not apply"].split("; ")
    assert last["In order or not applicable"] == "2"
    assert (len(still), len(waived)) == (int(last["Required"]) - 2, 1)
    page = (folder / "index.html").read_text("utf-8")
    assert f"Still open: {still[0]}" in page
    assert f"Does not apply: {waived[0]}" in page


def test_a_step_back_names_the_points_that_it_opens_again(cases: Path) -> None:
    """In the row of its day, and below what happened; with its reason."""
    *_, last = rows(cases / "case-lier", "days.csv")
    again = last["What changed"].partition("open again: ")[2]
    assert again
    assert set(again.split("; ")) <= set(last["Still open"].split("; "))
    page = (cases / "case-lier" / "index.html").read_text("utf-8")
    happened = page.partition("What happened</h2>")[2]
    assert f"open again: {again}" in happened
    assert "Reason: partners are still missing" in happened


def test_a_target_date_that_passed_says_so(folder: Path) -> None:
    """On the page and in a table, though nothing happened on that day."""
    (target,) = rows(folder, "targets.csv")
    assert target["Passed without being met on"] == target["Target date"]
    assert target["Met on"] == ""
    assert "passed on Mon 1 Feb 2027 without being met; still open on" in (
        folder / "index.html"
    ).read_text("utf-8")


def test_the_reason_of_a_waiver_stands_with_the_criterion(folder: Path) -> None:
    """In its own column, and on the page with the criterion and with what happened."""
    (waived,) = [one for one in rows(folder, "criteria.csv") if one["State"] == "does not apply"]
    assert waived["Reason"] == WAIVER
    page = (folder / "index.html").read_text("utf-8")
    assert page.count(f"Reason: {WAIVER}") == 2


def test_mails_that_were_kept_as_files_are_nowhere_said_to_have_left(folder: Path) -> None:
    """Neither in the readme nor above the list of them."""
    readme = " ".join((folder / "README.txt").read_text("utf-8").split())
    page = (folder / "index.html").read_text("utf-8")
    assert "Mails, kept as files and not sent" in page
    assert "the mails as files; none was sent, as no mail server was set at the time" in readme
    assert not re.search(r"\bleft\b", readme)


def test_the_coach_is_one_of_the_people(folder: Path) -> None:
    """With the day since when; people of another trajectory are not."""
    page = (folder / "index.html").read_text("utf-8")
    people = page.partition("People and their roles</h2>")[2].partition("<h2>")[0]
    assert "An Peeters" in people
    assert "Jo Maes" in people
    assert "Bo Mels" not in page
