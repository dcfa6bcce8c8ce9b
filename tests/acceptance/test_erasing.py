"""erase and contact export as a user types them: shown, reasoned, confirmed, gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.program import Program
from tests.terminal import terminal

NOTE = "Met Jo Maes gebeld over de zaal, Rita komt ook."
SURE = ("--reason", "request_of_the_person", "--release", "--confirm")
ERASE = ("erase", "contact", "jo")


class Office:
    """A coach with one trajectory, whose mails are kept in the mail folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.program = Program(folder, f"sqlite:///{self.folder / 'traject.db'}")
        self.program.init("--simulated-clock", "--now", "2027-03-01T09:30")
        self.now = "2027-03-01T09:30"
        self.do(
            "start", "reactiveren", "Gent", "--coordinator", "Jo Maes <jo@example.org>",
            "--mayor", "Rita Claes <rita@example.org>",
        )  # fmt: skip
        self.do("note", "gent", NOTE)
        self.now = "2027-03-01T11:00"
        self.do("tick")

    def do(self, *arguments: str, expect: int = 0) -> str:
        """Run a command; return what it printed."""
        result = self.program.call(*arguments, "--now", self.now, expect=expect)
        return result.stdout + result.stderr

    def holding(self, *words: str) -> list[str]:
        """Return the files of the data folder in which one of these stands."""
        return sorted(
            file.name
            for file in self.folder.rglob("*")
            if file.is_file() and any(word.encode() in file.read_bytes() for word in words)
        )


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A coach with one trajectory."""
    return Office(tmp_path)


def test_a_contact_is_erased_with_reason_and_name_and_the_files_go_too(office: Office) -> None:
    """Of the data folder nothing holds the name; the history verifies and says what happened."""
    assert office.holding("jo@example.org", "Jo Maes") == [
        "000001-start-jo.eml", "000002-start-rita.eml", "traject.db",
    ]  # fmt: skip
    told = office.do(*ERASE, *SURE, "jo maes")
    assert "Mails that lose contents, reader and subject: 2 (numbers 1, 2)." in told
    assert "traject contact add gent --role coordinator" in told
    assert "Backups" in told
    assert office.holding("jo@example.org", "Jo Maes") == []
    assert "contact #1 (erased)" in office.do("history")
    assert "nothing changed" in office.do("verify")
    assert office.do("mail", "list").count("written") <= 2
    assert "erased" in office.do("mail", "show", "1", expect=3)
    assert "erased already" in office.do(*ERASE[:2], "1", *SURE, "1", expect=4)
    assert "(erased)" not in office.do("erase", "contact", expect=2)  # among the choices
    (line,) = (office.folder / "erasures.jsonl").read_text().splitlines()
    assert json.loads(line)["subject"] == "contact:1"


def test_nothing_is_erased_before_reason_and_name_are_right(office: Office) -> None:
    """In a pipe each is named by the option that says it; the ledger stays as it was."""
    before = office.program.ledger()
    assert "--release" in office.do(*ERASE, expect=4)
    assert "request_of_the_person" in office.do(*ERASE, "--release", expect=2)
    assert '--confirm "Jo Maes"' in office.do(*ERASE, *SURE[:3], expect=2)
    assert "jo mas is not Jo Maes" in office.do(*ERASE, *SURE, "jo mas", expect=2)
    assert "say what to erase" in office.do("erase", expect=2)
    assert "say what to erase" in office.do("erase", "contact", "jo", "--event", "3", expect=2)
    for alone in ("--due", "--finish"):
        for more in (("--event", "4"), ("contact", "jo"), ("--reason", "other"), ("--dry-run",)):
            told = office.do("erase", alone, *more, expect=2)
            assert f"{alone} stands alone" in told
    assert "stands alone" in office.do("erase", "--due", "--finish", expect=2)
    assert "Only tried" in office.do(*ERASE, "--dry-run")
    assert office.program.ledger() == before
    assert len(office.holding("jo@example.org", "Jo Maes")) == 3


def test_the_text_of_one_event_is_confirmed_by_its_number(office: Office) -> None:
    """What is told names the text; afterwards only that there was one."""
    numbers = office.do("history", "gent", "--numbers")
    number = next(line.split()[0] for line in numbers.splitlines() if "Jo Maes gebeld" in line)
    page = office.do("erase", "--event", number, "--dry-run")
    assert NOTE in page
    office.do("erase", "--event", number, "--reason", "typed_by_mistake", "--confirm", number)
    assert "noted: (erased)" in office.do("history", "gent")
    assert office.holding("gebeld over de zaal") == []


def test_an_erased_contact_gets_no_role_and_no_name_again(office: Office) -> None:
    """Who is back is somebody new."""
    office.do(*ERASE, *SURE, "jo maes")
    told = office.do("contact", "assign", "gent", "1", "--role", "coordinator", expect=4)
    assert "traject contact add" in told
    assert "was erased" in office.do("contact", "change", "1", "--name", "Jo", expect=4)
    office.do("contact", "add", "gent", "Jo Maes <jo@example.org>", "--role", "coordinator")
    assert "3  Jo Maes" in office.do("contact", "list")


def test_a_dry_run_in_json_has_the_values_and_the_deed_has_not(office: Office) -> None:
    """What was erased is not told once more."""
    tried = json.loads(office.do(*ERASE, "--dry-run", "--json"))
    assert {one["value"] for one in tried["details"]} == {"Jo Maes", "jo@example.org"}
    assert tried["files"] == 2
    done = office.do(*ERASE, *SURE, "jo maes", "--json")
    assert "Jo" not in done
    assert json.loads(done)["mails"] == [1, 2]
    assert json.loads(done)["cleared"] == "clean"


def test_the_access_request_has_all_that_is_kept(office: Office) -> None:
    """Data, roles, mails, texts and events, as text and as JSON."""
    page = office.do("contact", "export", "jo")
    for part in ("jo@example.org", "LIVC R coordinator", "names them", NOTE, "takes part as"):
        assert part in page
    held = json.loads(office.do("contact", "export", "1", "--json"))
    assert set(held) == {"contact", "details", "texts", "look_at", "roles", "mails", "events"}
    assert [one["to_them"] for one in held["mails"]] == [True, False]
    assert [one["value"] for one in held["texts"]] == [NOTE]
    assert held["look_at"] == []
    assert "may be about somebody else" not in page


def test_the_access_request_is_as_wide_as_the_erasure(office: Office) -> None:
    """What holds a part of the name stands apart: a person decides before it is handed over."""
    tried = json.loads(office.do("erase", "contact", "rita", "--dry-run", "--json"))
    held = json.loads(office.do("contact", "export", "rita", "--json"))
    keys = ("event", "type", "field", "value")
    assert [{key: one[key] for key in keys} for one in held["look_at"]] == tried["look_at"]
    assert [one["value"] for one in tried["look_at"]] == [NOTE]
    assert held["texts"] == []
    page = office.do("contact", "export", "rita")
    heading, _, rest = page.partition("TEXTS WITH A PART OF THE NAME")
    assert NOTE not in heading
    assert "somebody else; a person decides before" in " ".join(rest.split())
    assert NOTE in rest


def test_who_is_due_is_listed_and_januarys_morning_says_so(office: Office) -> None:
    """Off without a term; the coach hears it once a year, and erases by the line that is told."""
    assert "no term is set" in office.do("erase", "--due")
    assert json.loads(office.do("erase", "--due", "--json")) == []
    office.do("contact", "release", "gent", "jo")
    office.program.call("config", "set", "retention_months", "12")
    assert "Nobody was kept" in office.do("erase", "--due")
    office.now = "2028-03-02T09:00"
    assert "traject erase contact 1 --reason retention_over" in office.do("erase", "--due")
    (due,) = json.loads(office.do("erase", "--due", "--json"))
    assert due == {
        "contact": 1, "last_role_on": "2027-03-01", "added_on": None, "due_since": "2028-03-01",
    }  # fmt: skip
    assert "traject erase --due" not in office.do()
    assert "Kept for longer than 12 months: 1." in office.do("erase", "--due")
    office.now = "2029-01-08T09:00"
    assert "traject erase --due" in office.do()
    office.program.call("config", "set", "retention_months", "1")
    assert "Kept for longer than 1 month: 1." in office.do("erase", "--due")
    assert "kept for longer than 1 month: 1." in office.do()
    office.do(*ERASE, *SURE[:2], "--confirm", "jo maes")
    assert "longer than 1 month after" in office.do("erase", "--due")


def test_an_auditor_erases_nothing(office: Office) -> None:
    """Whoever reads the history does not empty it."""
    office.program.turn_into("auditor")
    office.do(*ERASE, "--dry-run", expect=4)


def test_at_a_terminal_reason_and_name_are_asked(office: Office) -> None:
    """In Dutch, after the page; a wrong name is asked again."""
    assert office.program.database_url is not None
    with terminal(
        ["wis", "contact", "jo", "--now", office.now],
        home=office.program.home,
        size=(80, 60),
        environment={"TRAJECT_DATABASE": office.program.database_url},
    ) as session:
        session.expect("Waarom?")
        assert "Geeft op" in session.screen
        session.type("1")
        session.expect("kan niet ongedaan")
        session.type("Jo")
        session.expect("is niet Jo Maes")
        session.type("jo maes")
        assert session.ended() == 0
        assert "Gewist" in session.screen
    assert office.holding("jo@example.org") == []
