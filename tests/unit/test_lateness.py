"""What a workflow wants of a mail that is late: one of several, each for itself, or none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from engine.domain.choosing import choose
from engine.domain.decisions import dates
from engine.domain.definition import Late, Workflow, parse
from engine.domain.errors import DefinitionInvalid
from engine.domain.events import ReminderSkipped
from engine.domain.machine import Pinned
from engine.domain.moments import SKIP, late_policy, sending_moment
from engine.domain.people import Actor, Contact, People
from engine.domain.workdays import Calendar
from tests.course import Course
from workflows.loader import load, load_category, shipped

PEOPLE = People(
    {1: Actor(1, "An", "an@example.org", "uid:1", "nl", "coach")},
    {7: Contact(7, "Jo", "jo@example.org", None, "nl")},
)
HALF_AN_HOUR = timedelta(minutes=30)


def changed(late: Late) -> Workflow:
    """Return a shipped workflow whose reminders and mails all want this of a late one."""
    document = load_category("reactiveren").document
    workflow = parse(document)
    ladders = {
        name: tuple(rung.model_copy(update={"late": late}) for rung in rungs)
        for name, rungs in workflow.reminders.items()
    }
    causes = {
        cause: tuple(rule.model_copy(update={"late": late}) for rule in rules)
        for cause, rules in workflow.on.items()
    }
    return workflow.model_copy(update={"reminders": ladders, "on": causes})


@pytest.fixture
def course() -> Callable[[Late], Course]:
    """Return what makes a trajectory of a workflow with such a policy, its start told."""

    def made(late: Late) -> Course:
        course = Course()
        course.pinned = Pinned("0" * 64, changed(late))
        course.start("2026-01-12")
        course.assign("2026-01-12", "coordinator", 7)
        return course

    return made


def chosen(course: Course, day: date) -> tuple[list[str], dict[str, int]]:
    """Return what becomes of all that is due by a day: rules mailed to Jo, and what is skipped."""
    now = datetime.combine(day, time(10), UTC)
    due = [r for r in course.trajectory.planned() if r.at <= now and r.role == "coordinator"]
    choice = choose(due, course.trajectory, course.pinned, PEOPLE, now, hold_back=HALF_AN_HOUR)
    mailed = [reminder.rule for reminder, _ in choice.mails]
    return mailed, {why: len(ids) for why, ids in choice.skipped.items()}


def test_a_policy_is_found_by_the_name_of_the_rule(course: Callable[[Late], Course]) -> None:
    """For every reminder that a trajectory plans, of a date or of a cause."""
    trajectory = course("skip").trajectory
    assert trajectory.reminders
    policies = {late_policy(r, changed("skip")) for r in trajectory.reminders.values()}
    assert policies == {SKIP}


def test_reminders_that_are_late_become_one_unless_a_rule_says_otherwise(
    course: Callable[[Late], Course],
) -> None:
    """Weeks without a round: one mail, one for each rule, or none, and each is recorded."""
    day = course("collapse").due("intake") + timedelta(days=20)
    one, _ = chosen(course("collapse"), day)
    each, dropped = chosen(course("send"), day)
    none, skipped = chosen(course("skip"), day)
    assert len(one) == 1
    assert {"std+1wd", "std+6wd"} <= set(each)
    assert len(each) > len(one)
    assert dropped == {"late": 2}  # before a date that has passed there is nothing to say
    assert none == []
    assert skipped == {"late": len(each) + 2}


def test_another_policy_is_refused_with_its_place(tmp_path: Path) -> None:
    """By file and line, like every fault of a workflow file."""
    library = Path(shipped()[0]).parent / "library"
    shutil.copytree(library, tmp_path / "library")
    shared = tmp_path / "library" / "livc_r.yaml"
    text = shared.read_text("utf-8")
    shared.write_text(text.replace("last: true}", "last: true, late: never}", 1), "utf-8")
    file = tmp_path / "reactiveren.yaml"
    shutil.copy(Path(shipped()[0]).parent / "reactiveren.yaml", file)
    with pytest.raises(DefinitionInvalid) as refused:
        load(file)
    (problem,) = refused.value.problems
    assert "late" in problem.path
    shared.write_text(text.replace("last: true}", "last: true, late: skip}", 1), "utf-8")
    assert load(file).workflow.reminders["std"][3].late == SKIP


def test_on_its_own_day_nothing_is_late(course: Callable[[Late], Course]) -> None:
    """However late in the day the round comes."""
    own = course("skip")
    rung = next(r for r in own.trajectory.planned() if r.rule == "std+1wd")
    mailed, _ = chosen(own, rung.day)
    assert "std+1wd" in mailed


def test_a_date_that_moves_revives_no_rung_that_is_not_to_be_late(
    course: Callable[[Late], Course],
) -> None:
    """It is skipped for that reason, not merged into another."""
    own = course("skip")
    day = own.due("intake").isoformat()
    own.do("2026-01-20", lambda d: dates.decide_reschedule(d, date(2026, 1, 22), "sooner"))
    assert day != own.due("intake").isoformat()
    late = [f for f in own.facts if isinstance(f, ReminderSkipped) and f.reason == "late"]
    assert [len(fact.reminders) for fact in late] == [2]


def test_planned_mail_leaves_in_working_hours() -> None:
    """Before eight, after five and on free days it waits for nine o'clock."""
    calendar = Calendar()
    for text, expected in (
        ("2027-03-01T06:59", "2027-03-01T08:00"),
        ("2027-03-01T07:00", "2027-03-01T07:00"),
        ("2027-03-01T16:00", "2027-03-02T08:00"),
        ("2027-03-06T10:00", "2027-03-08T08:00"),
    ):
        now = datetime.fromisoformat(f"{text}+00:00")
        assert sending_moment(now, calendar).astimezone(UTC).isoformat()[:16] == expected
