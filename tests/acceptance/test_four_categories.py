"""Every category from start to completed, through the command line alone, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.program import Program

CATEGORIES = ("opstarten", "reactiveren", "optimaliseren", "monitoren_evalueren")
OTHERS = tuple(
    name for name in CATEGORIES if name != "reactiveren"
)  # only campaigns play these twice
BEGIN = date(2027, 1, 4)
PEOPLE = (
    "--coordinator", "Jo Voorbeeld <jo@example.org>",
    "--mayor", "Gent: Rita Voorbeeld <rita@example.org>",
    "--mayor", "Merelbeke-Melle: Karel Voorbeeld <karel@example.org>",
)  # fmt: skip


class Months:
    """A coach who works through a trajectory, a phase every three weeks."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.day = BEGIN
        self.ref = ""

    def do(self, *arguments: str, expect: int = 0, at: str = "10:00") -> str:
        """Run a command at an hour (UTC) of the present day."""
        now = f"{self.day.isoformat()}T{at}:00Z"
        return self.program.call(*arguments, "--now", now, expect=expect).stdout

    def json(self, *arguments: str) -> Any:
        """Run a command that answers in JSON."""
        now = f"{self.day.isoformat()}T10:00:00Z"
        return self.program.call(*arguments, "--json", "--now", now).json

    def pass_days(self, days: int) -> None:
        """Let time pass, with a round of mails on the way and one at the end."""
        for step in (days // 2, days - days // 2):
            self.day += timedelta(days=step)
            self.do("tick", at="12:00")

    def ask(self) -> None:
        """Ask the mayors for what this phase needs of them."""
        sheet = self.json("show", self.ref)
        for criterion in sheet["criteria"]:
            if criterion["phase"] == sheet["phase"] and criterion["who"] == "mayor":
                self.do("ask", self.ref, criterion["id"])

    def settle(self) -> None:
        """Meet what is required and open; the mayors one by one, the last criterion waived."""
        sheet = self.json("show", self.ref)
        for criterion in sheet["criteria"]:
            if criterion["phase"] != sheet["phase"] or not criterion["required"]:
                continue
            if criterion["state"] == "open":
                self._settle_one(criterion)

    def _settle_one(self, criterion: dict[str, Any]) -> None:
        name = criterion["id"]
        if criterion["who"] == "mayor":
            self.do("meet", self.ref, name, "--for", "Gent")
            self.do("meet", self.ref, name, "--for", "Merelbeke-Melle")
        elif name == "last_meeting":
            self.do("meet", self.ref, name, "--value", "2025-03-06")
        elif name == "legal_checked":
            reason = "vorig jaar al getoetst door de juridische dienst"
            self.do("waive", self.ref, name, "--reason", reason)
        else:
            self.do("meet", self.ref, name, "--note", "besproken op het overleg")

    def history(self) -> list[tuple[Any, ...]]:
        """Return the history without instants, ids and hashes."""
        events = self.json("history", self.ref)
        return [
            (e["position"], e["seq"], e["type"], e["occurred_on"], e["actor"], e["text"])
            for e in events
        ]


def lived(program: Program, category: str) -> list[tuple[Any, ...]]:
    """Return the history of a trajectory that was led from start to completed."""
    months = Months(program)
    months.do("init", "--name", "An Voorbeeld", "--email", "an@example.org", "--simulated-clock")
    months.do("start", category, "Gent", "Merelbeke-Melle", *PEOPLE)
    months.ref = months.json("list")[0]["ref"]
    phases = 0
    while months.json("show", months.ref)["status"] == "active":
        months.do("advance", months.ref, expect=4)
        months.ask()
        months.pass_days(21)
        months.settle()
        months.do("advance", months.ref)
        phases += 1
    assert phases == 7
    assert months.json("show", months.ref)["status"] == "completed"
    months.pass_days(120)
    assert months.json("verify")["ok"]
    notices = {m["notice"] for m in months.json("mail", "list", months.ref)}
    assert notices >= {
        "start",
        "phase_started",
        "validation_request",
        "completed",
        "followup_offer",
    }
    return months.history()


@pytest.fixture(scope="module", params=CATEGORIES)
def on_sqlite(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, list[tuple[Any, ...]]]:
    """A category and its history, lived on SQLite."""
    folder = tmp_path_factory.mktemp(request.param)
    program = Program(folder, f"sqlite:///{folder / 'traject.db'}")
    return request.param, lived(program, request.param)


def test_a_category_runs_from_start_to_completed(
    on_sqlite: tuple[str, list[tuple[Any, ...]]],
) -> None:
    """Seven phases, each blocked until its criteria are settled; the history verifies."""
    kinds = [entry[2] for entry in on_sqlite[1]]

    assert kinds.count("PhaseEntered") == 7
    assert kinds.count("Completed") == 1


@pytest.mark.campaign
@pytest.mark.parametrize("on_sqlite", ["reactiveren", *OTHERS], indirect=True)
def test_both_databases_tell_the_same_history(
    on_sqlite: tuple[str, list[tuple[Any, ...]]], tmp_path: Path, postgres_url: str
) -> None:
    """Position, kind, day, actor and sentence of every event agree."""
    category, told = on_sqlite

    assert lived(Program(tmp_path, postgres_url), category) == told
