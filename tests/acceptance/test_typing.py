"""A week of a coach's work, typed as people name things and as ids and ISO dates would ask."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from tests.program import Program

SET_UP = (
    "init --name 'An Voorbeeld' --email an@example.org --simulated-clock",
    "start reactiveren Gent Merelbeke-Melle --on 2026-11-02 --no-mail "
    "--mayor 'Gent: Rita Claes <rita@example.org>' "
    "--mayor 'Merelbeke-Melle: Wim Aerts <wim@example.org>'",
    "start optimaliseren Lier --on 2026-11-02 --no-mail --mayor 'Bo Smet <bo@example.org>'",
    "start opstarten 'De Haan' --on 2026-11-02 --no-mail --mayor 'Els Wit <els@example.org>'",
    "start monitoren_evalueren Leuven --on 2026-11-02 --no-mail",
)
WHY_NOT = "bestaat hier al lang"
# The day of the week, what is typed, and the same in references, ids and ISO dates.
WEEK = (
    (16, "", ""),
    (
        16,
        "meet gent 1 2 3 4 5 6 --on do",
        "meet 2026-001 intake_talk_held sponsor_known coordinator_named category_confirmed "
        "scope_confirmed agreement_noted --on 2026-11-12",
    ),
    (16, "meet gent 7 --value 6/3", "meet 2026-001 last_meeting --value 2026-03-06"),
    (16, "advance gent --on vr", "advance 2026-001 --on 2026-11-13"),
    (
        16,
        "meet lier 1 3 4 5 6 7 --on vr",
        "meet 2026-002 intake_talk_held coordinator_named category_confirmed scope_confirmed "
        "agreement_noted active_confirmed --on 2026-11-13",
    ),
    (16, "next lier", "next 2026-002"),
    (16, "ask lier 2", "ask 2026-002 sponsor_known"),
    (17, "", ""),
    (
        17,
        "meet haan 1 --planned 'vr 10u'",
        "meet 2026-003 intake_talk_held --planned '2026-11-20 10:00'",
    ),
    (
        17,
        "meet haan 3 4 5 7 --on ma",
        "meet 2026-003 coordinator_named category_confirmed scope_confirmed no_active_livc "
        "--on 2026-11-16",
    ),
    (17, "ask haan 2", "ask 2026-003 sponsor_known"),
    (
        17,
        "meet leu 1 3 4 5 6 --on ma",
        "meet 2026-004 intake_talk_held coordinator_named category_confirmed scope_confirmed "
        "agreement_noted --on 2026-11-16",
    ),
    (
        17,
        "meet leu 2 7 --on ma",
        "meet 2026-004 sponsor_known earlier_evaluations --on 2026-11-16",
    ),
    (17, "advance leu --on ma", "advance 2026-004 --on 2026-11-16"),
    (17, "ask gent 3 --for mer", "ask 2026-001 problem_statement --for Merelbeke-Melle"),
    (17, "ask gent 3 --for ge", "ask 2026-001 problem_statement --for Gent"),
    (
        17,
        "meet leu 1 2 --on ma",
        "meet 2026-004 modules_chosen respondents_invited --on 2026-11-16",
    ),
    (18, "", ""),
    (
        18,
        "meet lier 2 --on ma",
        "meet 2026-002 sponsor_known --on 2026-11-16",
    ),
    (18, "advance lier --on ma", "advance 2026-002 --on 2026-11-16"),
    (18, "meet gent 1 2 --on di", "meet 2026-001 sources_heard actors_mapped --on 2026-11-17"),
    (
        18,
        "meet leu 3 --on di",
        "meet 2026-004 scan_done --on 2026-11-17",
    ),
    (
        18,
        "meet gent 3 --for gent",
        "meet 2026-001 problem_statement --for Gent",
    ),
    (18, "next gent", "next 2026-001"),
    (
        18,
        "meet leu 4 --planned 25/11",
        "meet 2026-004 results_discussed --planned 2026-11-25",
    ),
    (
        18,
        "reschedule leu 18/1 --reason raad",
        "reschedule 2026-004 2027-01-18 --reason raad",
    ),
    (19, "", ""),
    (
        19,
        "meet gent 3 --for mer --on wo",
        "meet 2026-001 problem_statement --for Merelbeke-Melle --on 2026-11-18",
    ),
    (19, "meet gent 4 5 --on wo", "meet 2026-001 findings_tagged causes_ranked --on 2026-11-18"),
    (19, "advance gent --on wo", "advance 2026-001 --on 2026-11-18"),
    (
        19,
        "pause leu --reason 2 --until 1/3",
        "pause 2026-004 --reason coordinator_vacant --until 2027-03-01",
    ),
    (
        19,
        "meet lier 1 2 4 5 --on wo",
        "meet 2026-002 sources_heard actors_mapped findings_tagged roles_reviewed --on 2026-11-18",
    ),
    (19, f"waive haan 8 --reason '{WHY_NOT}'", f"waive 2026-003 joint_option --reason '{WHY_NOT}'"),
    (20, "", ""),
    (
        20,
        "meet haan 1 2 6 --on vr",
        "meet 2026-003 intake_talk_held sponsor_known agreement_noted --on 2026-11-20",
    ),
    (20, "advance haan", "advance 2026-003"),
    (
        20,
        "send-back gent 2 --reason 2 --keep actoren",
        "send-back 2026-001 analysis --reason context_changed --keep actors_mapped",
    ),
    (
        20,
        "meet haan 1 2 5 --on vr",
        "meet 2026-003 sources_heard actors_mapped why_none --on 2026-11-20",
    ),
    (
        20,
        "meet lier 3 --on do",
        "meet 2026-002 problem_statement --on 2026-11-19",
    ),
    (20, "list", "list"),
)  # fmt: skip
LONG_ID = re.compile(r"\b(?:\d{4}-\d{3}|[a-z]+_[a-z_]+)\b")


def prepared(folder: Path) -> Program:
    """Return a program in Dutch with the four trajectories of the week."""
    folder.mkdir()
    program = Program(folder, f"sqlite:///{folder / 'traject.db'}", lang="nl")
    for line in SET_UP:
        program.call(*shlex.split(line), "--now", "2026-11-02T09:00")
    return program


def typed(program: Program, day: int, line: str) -> None:
    """Type a line at ten o'clock of a day of the week."""
    program.call(*shlex.split(line), "--now", f"2026-11-{day}T10:00")


def history(program: Program) -> list[Any]:
    """Return what happened, without hashes and ids."""
    events = program.call("history", "--json", "--all", "--now", "2026-11-20T11:00").json
    return [(e["position"], e["type"], e["occurred_on"], e["text"]) for e in events]


def test_a_week_costs_half_the_keystrokes_and_does_the_same(tmp_path: Path) -> None:
    """Forty actions; what happened in both is equal, event by event."""
    assert len(WEEK) == 40
    short, long = prepared(tmp_path / "short"), prepared(tmp_path / "long")
    for day, as_people, as_ids in WEEK:
        typed(short, day, as_people)
        typed(long, day, as_ids)
    assert history(short) == history(long)
    keys = [sum(len(f"traject {line[i]}".strip()) + 1 for line in WEEK) for i in (1, 2)]
    assert keys[0] <= keys[1] / 2, keys


def test_nothing_longer_than_three_characters_is_an_id(tmp_path: Path) -> None:
    """Numbers and words of the language do."""
    assert [line for _, line, _ in WEEK if LONG_ID.search(line)] == []
