"""A workflow whose parts contradict each other is told so, at the part that is wrong."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from engine.domain.definition import document, parse
from engine.domain.errors import Problem
from engine.domain.faults import nearest
from engine.domain.notices import NOTICES
from engine.domain.validation import CORE_KINDS, MOST_PROBLEMS, problems

Data = dict[str, Any]
Path = tuple[str | int, ...]
NAME = {"nl": "x", "en": "x"}


def phase(kind: str, number: int, to: str) -> Data:
    """Return a phase with one criterion, leading to `to`."""
    return {"kind": kind, "label": NAME, "criteria": {f"c{number}": {"label": NAME}},
            "advance": {"to": to}}  # fmt: skip


def sample() -> Data:
    """Return a small workflow that holds: one phase of each core kind, and two more."""
    kinds = ("intake", *CORE_KINDS[:4], "execute", "feedback")
    names = ("one", "two", "three", "four", "five", "six", "seven")
    following = (*names[1:], "completed")
    phases = {n: phase(k, i, to) for i, (n, k, to) in
              enumerate(zip(names, kinds, following, strict=True), 1)}  # fmt: skip
    phases["five"]["criteria"]["day"] = {"label": NAME, "value": "date", "looks": "forward"}
    phases["six"]["deadlines"] = {"six": {"weeks": 4, "reminders": "std"}}
    phases["seven"]["send_back"] = {"to": ["one", "six"]}
    phases["seven"]["next_round"] = {
        "to": "six", "guards": ["interval_passed"], "interval": {"months": 12},
    }  # fmt: skip
    roles = {"coach": {"label": NAME, "actor": True}, "coordinator": {"label": NAME}}
    rungs = [{"before": {"working_days": 3}, "to": ["coordinator"], "notice": "deadline_soon"},
             {"after": {"working_days": 1}, "to": ["coordinator"], "notice": "overdue"},
    ]  # fmt: skip
    return {
        "format": 1, "category": "sample", "version": 1, "label": NAME, "label_outside": NAME,
        "follow_up": ["other"], "phases": phases, "roles": roles, "reminders": {"std": rungs},
        "on": {"started": [{"to": ["coordinator"], "notice": "start"}]},
        "pause": {"at_most": {"months": 6}, "reminders": "std"},
        "reasons": {kind: {"other": NAME} for kind in ("pause", "stop", "send_back")},
        "instruments": {"map": NAME},
    }  # fmt: skip


def check(data: Data) -> tuple[Problem, ...]:
    """Return the problems of a workflow given as data."""
    return problems(parse(document(data)), NOTICES)


def put(path: Path, value: Any) -> Callable[[Data], None]:
    """Return the change that sets one part."""

    def change(data: Data) -> None:
        holder: Any = data
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value

    return change


def ph(*path: str | int) -> Path:
    """Return a path below `phases`."""
    return ("phases", *path)


# the change, and the path at which it is told
WRONG: dict[str, tuple[Path, Any, Path]] = {
    "an unknown target": (ph("two", "advance", "to"), "nowhere", ph("two", "advance", "to")),
    "an unknown target in a list": (
        ph("seven", "send_back", "to"), ["one", "none"], ph("seven", "send_back", "to", 1)),
    "sending back to the end": (
        ph("seven", "send_back", "to"), ["completed"], ph("seven", "send_back", "to", 0)),
    "a skipped phase": (ph("two", "advance", "to"), "four", ph("three")),
    "no way to the end": (ph("seven", "advance", "to"), "six", ph()),
    "an edge that leads nowhere": (ph("seven", "send_back", "to"), [], ph("seven", "send_back")),
    "an edge that stands twice": (
        ph("two", "advance", "to"), ["three", "three"], ph("two", "advance", "to", 1)),
    "advance to itself": (
        ph("two", "advance", "to"), ["three", "two"], ph("two", "advance", "to", 1)),
    "send back ahead": (ph("two", "send_back"), {"to": "three"}, ph("two", "send_back", "to")),
    "next round ahead": (ph("two", "next_round"), {"to": "three"}, ph("two", "next_round", "to")),
    "an unknown guard": (
        ph("two", "advance"), {"to": "three", "guards": ["os_system"]},
        ph("two", "advance", "guards", 0)),
    "the guard without its interval": (
        ph("seven", "next_round"), {"to": "six", "guards": ["interval_passed"]},
        ph("seven", "next_round", "guards")),
    "the interval without its guard": (
        ph("seven", "next_round"), {"to": "six", "interval": {"months": 1}},
        ph("seven", "next_round", "interval")),
    "a missing kind": (ph("three", "kind"), "intake", ph()),
    "the name of a status": (ph("paused"), phase("intake", 8, "completed"), ph("paused")),
    "a follow-up of itself": (("follow_up",), ["sample"], ("follow_up", 0)),
    "a follow-up twice": (("follow_up",), ["other", "other"], ("follow_up", 1)),
    "a criterion id twice": (
        ph("two", "criteria", "c1"), {"label": NAME}, ph("two", "criteria", "c1")),
    "an unknown person": (
        ph("two", "criteria", "c2", "who"), "nobody", ph("two", "criteria", "c2", "who")),
    "an unknown default person": (
        ("roles",), {"coach": {"label": NAME, "actor": True}}, ph("two", "criteria", "c2")),
    "a date without its direction": (
        ph("two", "criteria", "c2", "value"), "date", ph("two", "criteria", "c2", "value")),
    "a direction without a date": (
        ph("two", "criteria", "c2", "looks"), "back", ph("two", "criteria", "c2", "looks")),
    "a default without a date": (
        ph("two", "criteria", "c2", "default"), {"from": {"criterion": "c1"}, "weeks": 1},
        ph("two", "criteria", "c2", "default")),
    "a default counted from itself": (
        ph("five", "criteria", "day", "default"), {"from": {"value": "day"}, "weeks": 1},
        ph("five", "criteria", "day", "default", "from")),
    "a default counted from later": (
        ph("five", "criteria", "day", "default"), {"from": {"criterion": "c6"}, "weeks": 1},
        ph("five", "criteria", "day", "default", "from", "criterion")),
    "an unknown instrument": (ph("two", "instruments"), ["drum"], ph("two", "instruments", 0)),
    "an unknown anchor": (
        ph("six", "deadlines", "six"), {"from": {"criterion": "c99"}, "weeks": 1},
        ph("six", "deadlines", "six", "from", "criterion")),
    "an anchor in a later phase": (
        ph("six", "deadlines", "six"), {"from": {"criterion": "c7"}, "weeks": 1},
        ph("six", "deadlines", "six", "from", "criterion")),
    "an anchor without a date": (
        ph("six", "deadlines", "six"), {"from": {"value": "c1"}},
        ph("six", "deadlines", "six", "from", "value")),
    "an unknown scheme": (
        ph("six", "deadlines", "six", "reminders"), "none",
        ph("six", "deadlines", "six", "reminders")),
    "met by nothing": (
        ph("six", "deadlines", "six", "met_by"), "c99", ph("six", "deadlines", "six", "met_by")),
    "met by an earlier criterion": (
        ph("six", "deadlines", "six", "met_by"), "c1", ph("six", "deadlines", "six", "met_by")),
    "a round that nothing enters": (
        ph("two", "deadlines"), {"two": {"weeks": 1, "next_round": {"weeks": 2}}},
        ph("two", "deadlines", "two", "next_round")),
    "an unknown notice": (
        ("reminders", "std", 0, "notice"), "shout", ("reminders", "std", 0, "notice")),
    "an unknown reader": (
        ("reminders", "std", 0, "to"), ["king"], ("reminders", "std", 0, "to", 0)),
    "a reader twice": (
        ("on", "started", 0, "to"), ["coach", "coach"], ("on", "started", 0, "to", 1)),
    "told of a moment they are not invited to": (
        ("on", "feedback_changed"), [{"to": ["coordinator"], "notice": "feedback_changed"}],
        ("on", "feedback_changed", 0, "to", 0)),
    "a repeated reminder after the date": (
        ("reminders", "std", -1, "every"), True, ("reminders", "std", 1, "every")),
    "a reminder repeated on one day": (
        ("reminders", "std", 0),
        {"before": {"working_days": 0}, "every": True, "to": ["coach"], "notice": "overdue"},
        ("reminders", "std", 0, "every")),
    "two moments of a mail": (
        ("on", "started", 0),
        {"to": ["coach"], "notice": "start", "after": {"weeks": 1}, "next": "01-08"},
        ("on", "started", 0, "next")),
    "a time to run without a day of the year": (
        ("on", "started", 0), {"to": ["coach"], "notice": "start", "running": {"weeks": 4}},
        ("on", "started", 0, "running")),
    "a day that most years lack": (
        ("on", "started", 0), {"to": ["coach"], "notice": "start", "next": "02-29"},
        ("on", "started", 0, "next")),
    "a day of no month": (
        ("on", "started", 0), {"to": ["coach"], "notice": "start", "next": "13-01"},
        ("on", "started", 0, "next")),
    "no day at all": (
        ("on", "started", 0), {"to": ["coach"], "notice": "start", "next": "January"},
        ("on", "started", 0, "next")),
    "a ladder out of order": (
        ("reminders", "std", 1), {"before": {"weeks": 1}, "to": ["coach"], "notice": "overdue"},
        ("reminders", "std", 1)),
    "an unknown scheme of the pause": (("pause", "reminders"), "none", ("pause", "reminders")),
    "another actor": (("roles", "king"), {"label": NAME, "actor": True}, ("roles", "king")),
    "a coach who is no actor": (("roles", "coach"), {"label": NAME}, ("roles", "coach")),
    "a limit of another list": (
        ("reasons", "pause", "other"), NAME | {"silent": True},
        ("reasons", "pause", "other", "silent")),
}  # fmt: skip


def test_the_sample_holds() -> None:
    """What the other tests change is good to begin with."""
    assert check(sample()) == ()


@pytest.mark.parametrize("name", WRONG)
def test_a_contradiction_is_told_at_its_place(name: str) -> None:
    """Each fault is found, at the path that has to be changed."""
    path, value, told_at = WRONG[name]
    data = sample()
    put(path, value)(data)
    assert told_at in [problem.path for problem in check(data)]


def test_an_unknown_target_does_not_make_the_rest_unreachable() -> None:
    """One slip is one problem."""
    data = sample()
    data["phases"]["two"]["advance"]["to"] = "nowhere"
    assert len(check(data)) == 1


def test_a_phase_that_only_leads_back_is_a_trap() -> None:
    """From the trap the end is out of reach, from the other phases it is not."""
    data = sample()
    data["phases"]["two"]["advance"]["to"] = ["three", "swamp"]
    swamp = phase("execute", 9, "two") | {"send_back": {"to": "two"}}
    data["phases"]["swamp"] = swamp
    data["phases"]["two"]["advance"]["to"] = ["three", "swamp"]
    swamp["advance"]["to"] = "swamp"
    traps = [p for p in check(data) if "trap" in p.sentence.template]
    assert [p.path for p in traps] == [("phases", "swamp")]


def test_a_deadline_may_be_met_in_a_later_phase() -> None:
    """It lives on until then."""
    data = sample()
    data["phases"]["six"]["deadlines"]["six"]["met_by"] = "c7"
    assert check(data) == ()


def test_an_agreed_date_of_an_earlier_phase_is_an_anchor() -> None:
    """The value's own date is the deadline; a round counts anew."""
    data = sample()
    rule = {"from": {"value": "day"}, "next_round": {"months": 6}}
    data["phases"]["six"]["deadlines"]["day"] = rule
    assert check(data) == ()


def test_all_contradictions_come_at_once() -> None:
    """Faults of several parts stand in one answer, up to a limit."""
    data = sample()
    for path, value, _ in (WRONG["an unknown notice"], WRONG["an unknown instrument"],
                           WRONG["an unknown target"], WRONG["another actor"]):  # fmt: skip
        put(path, value)(data)
    assert len(check(data)) == 4
    data["follow_up"] = ["sample"] * 500
    assert len(check(data)) == MOST_PROBLEMS


def test_the_workflow_is_left_as_it_is() -> None:
    """Checking changes nothing."""
    workflow = parse(document(sample()))
    before = copy.deepcopy(workflow)
    problems(workflow, NOTICES)
    assert workflow == before


def test_the_nearest_word_is_suggested_and_no_far_one() -> None:
    """A slip is recognised, another word is not bent into one."""
    assert nearest("anlysis", {"analysis", "intake"}) == "analysis"
    assert nearest("bicycle", {"analysis", "intake"}) is None
