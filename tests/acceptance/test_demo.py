"""The demo: on any day of the year, without settings, prompt or network; it verifies."""

from __future__ import annotations

import email.policy
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

import cli
from commands.frame.context import Context, Wiring
from commands.frame.hints import COMMAND
from commands.frame.root import run
from engine.clock import FixedClock
from tests.program import Program

# Twelve days; all but the end of February and a change of the clock are played by the campaigns
# alone.
SPECIAL = ("2026-02-28", "2026-03-29")
ORDINARY = (
    "2026-01-15", "2026-04-06", "2026-05-31", "2026-06-15", "2026-07-21", "2026-08-16",
    "2026-09-30", "2026-10-25", "2026-11-20", "2027-01-01",
)  # fmt: skip


def played(program: Program, day: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the demo prints on a day; its folder is `demo`."""
    clock = FixedClock(datetime.fromisoformat(f"{day}T21:30:00+00:00").astimezone(UTC))
    wired = cli.build("en").wiring
    wiring = Wiring(clock, wired.open_database, wired.notifier, wired.published, wired.categories)
    folder = str(program.home / "demo")
    code = run(["demo", "--folder", folder], Context(wiring, "en", program.environment))
    said = capsys.readouterr().out
    assert code == 0, said
    return said


@pytest.mark.parametrize(
    "day",
    [
        SPECIAL[0],
        *(pytest.param(day, marks=pytest.mark.campaign) for day in (*SPECIAL[1:], *ORDINARY)),
    ],
)
def test_the_demo_plays_on_any_day(
    day: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nine months that end on that day; four categories; everything the story promises."""
    program = Program(tmp_path)
    said = played(program, day, capsys)

    for title in ("THE COACH'S MORNING", "ONE HISTORY", "IS IT COMPLETE AND UNCHANGED?"):
        assert title in said
    program.environment["TRAJECT_DATABASE"] = str(program.home / "demo" / "traject.db")
    listed = program.call("list", "--json").json
    assert len({line["category"] for line in listed}) == 4
    assert max(len(line["municipalities"]) for line in listed) == 2
    assert program.call("verify", "--json").json["ok"]
    kinds = {event["type"] for event in program.call("history", "--json").json}
    wanted = {
        "CriterionWaived",
        "Paused",
        "Resumed",
        "DeadlineMoved",
        "ConsentAsked",
        "MailWritten",
    }
    assert kinds >= wanted
    causes = _causes(program)
    assert {"start", "advance", "send_back"} <= causes


def _causes(program: Program) -> set[str]:
    """Return how phases were entered, as the sentences of the ledger do not repeat it."""
    import json

    from engine.store.database import open_database
    from engine.store.reading import read_events

    database = open_database(program.environment["TRAJECT_DATABASE"])
    with database.reading() as connection:
        entered = [json.loads(r.body) for r in read_events(connection) if r.type == "PhaseEntered"]
    database.close()
    return {event["data"]["cause"] for event in entered}


def test_the_demo_s_mails_open_and_its_hints_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file is one mail with text and HTML; the three commands it prints can be pasted."""
    program = Program(tmp_path)
    said = played(program, "2026-11-20", capsys)

    files = sorted((program.home / "demo" / "mails").glob("*.eml"))
    assert len(files) > 30
    for file in files:
        mail: Any = message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert mail["Subject"]
        assert mail["Traject-Checkpoint"]
        assert mail.get_body(("plain",)) is not None
        assert mail.get_body(("html",)) is not None
    assert COMMAND.search(said) is None  # every command that is printed names the database
    hints = [line.split() for line in said.splitlines()[-3:]]
    for hint in hints:
        program.call(*hint[1:], expect=4 if "advance" in hint else 0)


def test_the_demo_as_its_reader_runs_it(tmp_path: Path) -> None:
    """A process of its own, an empty HOME, no terminal, twice in the same folder."""
    program = Program(tmp_path)

    for folder in ("traject-demo", "traject-demo-2"):
        done = program.run("demo")
        assert "traject-demo" in done.stdout
        assert (program.home / folder / "traject.db").exists()
