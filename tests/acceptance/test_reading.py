"""The morning, list, show, next and forecast as a user types them: shapes, width, lightness."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program

START = ("start", "reactiveren", "Gent", "Merelbeke-Melle")
JO = ("--coordinator", "Jo Maes <jo@example.org>")
RITA = ("--mayor", "Gent: Rita Claes <rita@example.org>")
REF, NUMBER = "2027-001", "001"
MORNING = "2027-03-01T09:30"
WAIVER = "dit werd vorig jaar al schriftelijk afgesproken"

# What `list` must do without. SQLAlchemy itself imports asyncio, so that is not among them.
HEAVY = (
    "pydantic", "transitions", "holidays", "jinja2", "apscheduler", "alembic", "dateutil",
    "filelock", "ruamel", "aiosmtplib", "rich", "psycopg", "sqlalchemy.orm", "sqlalchemy.ext",
    "sqlalchemy.dialects.postgresql", "engine.domain.definition", "engine.store.tables",
)  # fmt: skip

SUMMARY = {
    "ref", "category", "status", "phase", "municipalities", "due_on", "overdue", "coach", "version",
}  # fmt: skip
CRITERION = {"id", "phase", "required", "state", "who", "planned", "value", "reason"}
CONTACT = {"id", "name", "role", "email", "lang", "organisation"}


class Clerk:
    """Somebody at a program whose clock stands at an instant."""

    def __init__(self, program: Program) -> None:
        self.program, self.now = program, MORNING

    def do(self, *arguments: str) -> str:
        """Run a command; return what it printed."""
        return self.program.call(*arguments, "--now", self.now).stdout

    def json(self, *arguments: str) -> Any:
        """Run a command; return its JSON."""
        return json.loads(self.do(*arguments, "--json"))


def begun(folder: Path, url: str, lang: str = "en") -> Clerk:
    """Return a clerk with a new database."""
    clerk = Clerk(Program(folder, url, lang))
    clerk.do("init", "--name", "An Peeters", "--email", "an@example.org", "--simulated-clock")
    return clerk


@pytest.fixture
def clerk(tmp_path: Path, sqlite_url: str) -> Clerk:
    """A clerk with an empty database."""
    return begun(tmp_path, sqlite_url)


@pytest.fixture
def busy(clerk: Clerk) -> Clerk:
    """A clerk with one trajectory in its first phase, one criterion in each state."""
    clerk.do(*START, *JO, *RITA)
    clerk.do("meet", REF, "last_meeting", "--value", "2025-01-15")
    clerk.do("waive", REF, "agreement_noted", "--reason", WAIVER)
    clerk.do("meet", REF, "intake_talk_held", "--planned", "2027-03-10 10:00")
    clerk.do("meet", REF, "sponsor_known", "--for", "Gent")
    return clerk


def criterion(sheet: Any, name: str) -> Any:
    """Return one criterion of a sheet."""
    return next(one for one in sheet["criteria"] if one["id"] == name)


def test_nothing_to_list_is_an_empty_list(clerk: Clerk) -> None:
    """With exit code 0, and a hint for people on the other stream."""
    assert clerk.json("list") == []
    assert clerk.do("list") == ""


def test_list_has_the_promised_keys(busy: Clerk) -> None:
    """And names municipalities as people do."""
    (line,) = busy.json("list")
    assert set(line) >= SUMMARY
    assert {key: line[key] for key in SUMMARY - {"version"}} == {
        "ref": REF,
        "category": "reactiveren",
        "status": "active",
        "phase": "intake",
        "municipalities": ["Gent", "Merelbeke-Melle"],
        "due_on": "2027-03-30",
        "overdue": False,
        "coach": "An Peeters",
    }


def test_list_leaves_closed_trajectories_out_unless_asked_or_read_by_a_script(busy: Clerk) -> None:
    """The last phase stays, the date goes."""
    busy.do("stop", REF, "--reason", "other")
    assert NUMBER not in busy.do("list")
    assert busy.do("list", "--all").startswith(NUMBER)
    for options in ([], ["--all"], ["--status", "stopped"]):
        (line,) = busy.json("list", *options)
        assert (line["status"], line["phase"], line["due_on"]) == ("stopped", "intake", None)
    assert busy.json("list", "--status", "active") == []


def test_a_request_is_listed_without_phase_and_date(clerk: Clerk) -> None:
    """Both are null."""
    clerk.do(*START, "--requested")
    (line,) = clerk.json("list")
    assert (line["status"], line["phase"], line["due_on"]) == ("requested", None, None)
    assert [(m["transition"], m["to"]) for m in clerk.json("next", REF)] == [
        ("accept", "active"),
        ("stop", "stopped"),
    ]


def test_show_has_the_promised_keys(busy: Clerk) -> None:
    """Those of list, and criteria, deadlines, contacts, workflow."""
    sheet = busy.json("show", REF)
    (line,) = busy.json("list")
    assert {key: sheet[key] for key in line} == line
    assert all(set(one) >= CRITERION for one in sheet["criteria"])
    assert all(set(one) >= CONTACT for one in sheet["contacts"])
    assert all(set(one) >= {"id", "due_on", "steps"} for one in sheet["deadlines"])
    assert sheet["workflow"]["version"] >= 1
    assert len(sheet["workflow"]["digest"]) == 64


def test_show_tells_the_state_of_each_criterion(busy: Clerk) -> None:
    """Of all phases, in file order."""
    sheet = busy.json("show", REF)
    assert [one["id"] for one in sheet["criteria"]][:2] == ["intake_talk_held", "sponsor_known"]
    assert sheet["criteria"][-1]["phase"] == "feedback"
    assert criterion(sheet, "last_meeting")["value"] == "2025-01-15"
    assert criterion(sheet, "agreement_noted")["state"] == "waived"
    assert criterion(sheet, "agreement_noted")["reason"] == WAIVER
    planned = criterion(sheet, "intake_talk_held")
    assert (planned["state"], planned["planned"]) == ("open", "2027-03-10")
    assert planned["planned_time"] == "10:00"
    assert criterion(sheet, "sponsor_known")["waiting_for"] == ["Merelbeke-Melle"]


def test_show_lists_contacts_with_their_role(busy: Clerk) -> None:
    """One row a role."""
    found = busy.json("show", REF)["contacts"]
    assert [(c["name"], c["role"], c["email"], c["municipality"]) for c in found] == [
        ("Jo Maes", "coordinator", "jo@example.org", None),
        ("Rita Claes", "mayor", "rita@example.org", "Gent"),
    ]


def test_show_why_explains_each_date(busy: Clerk) -> None:
    """One sentence a step; the JSON holds them as well."""
    told = "4 weeks later: Monday 29 March 2027"
    assert told in busy.do("show", REF, "--why")
    assert told not in busy.do("show", REF)
    (deadline,) = busy.json("show", REF)["deadlines"]
    assert [(step["step"], step["on"]) for step in deadline["steps"]] == [
        ("entry", "2027-03-01"),
        ("weeks", "2027-03-29"),
        ("holiday", "2027-03-30"),  # Easter Monday
    ]
    assert deadline["steps"][1]["text"] == told


def test_next_names_what_is_missing(busy: Clerk) -> None:
    """One row a target, with every open criterion and who brings it about."""
    rows = busy.json("next", REF)
    assert [(row["transition"], row["to"], row["allowed"]) for row in rows] == [
        ("advance", "analysis", False),
        ("pause", "paused", True),
        ("stop", "stopped", True),
    ]
    missing = rows[0]["missing"]
    assert [one["criterion"] for one in missing] == [
        "intake_talk_held",
        "sponsor_known",
        "coordinator_named",
        "category_confirmed",
        "scope_confirmed",
    ]
    assert missing[1] == {
        "criterion": "sponsor_known",
        "label": "mayor supports the trajectory",
        "who": "mayor",
        "municipalities": ["Merelbeke-Melle"],
    }
    assert rows[0]["reason"] == "5 criteria are still open"
    assert (rows[1]["missing"], rows[1]["reason"]) == ([], None)


def test_next_speaks_the_language_asked_for(busy: Clerk) -> None:
    """Labels of the file, in Dutch."""
    rows = busy.json("next", REF, "--lang", "nl")
    assert rows[0]["missing"][0]["label"] == "verkenningsgesprek gehouden"


def test_forecast_lists_the_mails_to_come(busy: Clerk) -> None:
    """What was just caused leaves after the hold-back, rungs at nine in Brussels."""
    mails = busy.json("forecast", REF)
    assert all(set(mail) >= {"at", "notice", "to", "role", "rule"} for mail in mails)
    assert [(mail["at"], mail["notice"], mail["to"]) for mail in mails[:3]] == [
        ("2027-03-01T09:00:00.000000Z", "start", "Jo Maes <jo@example.org>"),
        ("2027-03-01T09:00:00.000000Z", "start", "Rita Claes <rita@example.org>"),
        ("2027-03-15T08:00:00.000000Z", "deadline_soon", "Jo Maes <jo@example.org>"),
    ]


def test_a_round_sends_what_the_forecast_promised(busy: Clerk) -> None:
    """The mails move from planned to waiting and keep their moment."""
    before = busy.json("forecast", REF)
    busy.do("tick")
    after = busy.json("forecast", REF)
    assert [mail["mail"] for mail in after[:3]] == [1, 2, None]
    keys = ("at", "notice", "to", "role", "rule")
    assert [[m[k] for k in keys] for m in after] == [[m[k] for k in keys] for m in before]


def test_nothing_to_come_is_an_empty_list(busy: Clerk) -> None:
    """After a silent stop."""
    busy.do("stop", REF, "--reason", "other", "--silent")
    assert busy.json("forecast", REF) == []
    assert [row["transition"] for row in busy.json("next", REF)] == ["follow_up", "follow_up"]


def test_the_morning_alone_and_of_everybody(busy: Clerk) -> None:
    """Past the date, with what is open; the next command is a real one."""
    busy.now = "2027-03-31T08:30"
    page = busy.json()
    assert [(one["ref"], one["working_days_late"]) for one in page["overdue"]] == [(REF, 1)]
    assert [one["criterion"] for one in page["appointments"]] == ["intake_talk_held"]
    assert page["last_round"] is None
    assert busy.json("--all")["overdue"] == page["overdue"]
    text = busy.do()
    assert "PAST THE TARGET DATE" in text
    assert "traject meet gent 1\n" in text


def test_all_before_a_command_is_refused(busy: Clerk) -> None:
    """It would do nothing there."""
    assert busy.program.call("--all", "list", expect=2).stdout == ""


@pytest.mark.parametrize("command", ["show", "next", "forecast"])
def test_an_unknown_reference_ends_with_three(clerk: Clerk, command: str) -> None:
    """Also for readers."""
    clerk.program.call(command, "2027-009", expect=3)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_page_fits_eighty_columns(tmp_path: Path, sqlite_url: str, lang: str) -> None:
    """In both languages, late and paused, with long names."""
    clerk = begun(tmp_path, sqlite_url, lang)
    name = "Maria-Magdalena Vandenbroeck-Vanderstraeten <a.very.long.address@example.org>"
    clerk.do(
        "start", "monitoren_evalueren", "Sint-Pieters-Leeuw", "Merelbeke-Melle",
        "--coordinator", name, "--mayor", f"Merelbeke-Melle: {name}",
    )  # fmt: skip
    pages = []
    for clerk.now in (MORNING, "2027-03-24T08:30", "2027-03-31T08:30"):
        for arguments in ([], ["list"], ["show", "1", "--why"], ["next", "1"], ["forecast", "1"]):
            pages.append(clerk.do(*arguments))
    clerk.do("pause", "1", "--reason", "other", "--until", "2027-04-05")
    pages += [clerk.do("show", "1"), clerk.do("next", "1"), clerk.do()]
    too_wide = [line for page in pages for line in page.splitlines() if len(line) > 80]
    assert too_wide == []


def test_list_imports_nothing_heavy(busy: Clerk) -> None:
    """Neither models nor machines nor table definitions: it is typed all day."""
    code = (
        "import sys, cli\n"
        "assert cli.main(['list']) == 0\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        encoding="utf-8",
        env=busy.program.environment,
        check=True,
    )
    assert NUMBER in done.stdout
    assert "LOADED []" in done.stdout


def test_the_morning_says_that_nobody_looks_after_the_mails(busy: Clerk) -> None:
    """More than two working days without a round, at the top, with what to do; not before."""
    busy.now = "2027-03-12T09:00"  # a Friday
    busy.do("tick")
    busy.now = "2027-03-16T09:00"
    assert "No mail round for" not in busy.do()
    busy.now = "2027-03-17T09:00"
    said = busy.do()
    assert "No mail round for 3 working days; the last was Fri 12 Mar 09:00" in said
    assert said.index("No mail round") < said.index("traject serve --install")
    busy.do("tick")
    assert "No mail round for" not in busy.do()
