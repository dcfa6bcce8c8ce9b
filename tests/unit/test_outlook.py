"""What may be done next: every row, its reason, and that the machines alone decide."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from engine.domain.decisions import criteria, pauses, people, phases
from engine.domain.outlook import Move, moves
from engine.domain.workdays import Calendar
from engine.language import words
from tests.course import GENT, MERELBEKE, Course
from workflows.loader import shipped

DAY = "2027-03-01"


def outlook(course: Course, day: str = DAY) -> tuple[Move, ...]:
    """Return the moves of a course's trajectory on a day."""
    return moves(course.trajectory, course.pinned, date.fromisoformat(day), Calendar())


def rows(course: Course, day: str = DAY) -> list[tuple[str, str, bool]]:
    """Return (transition, to, allowed) of each move."""
    return [(move.transition, move.to, move.allowed) for move in outlook(course, day)]


def test_an_active_trajectory_may_go_on_go_back_rest_and_stop() -> None:
    """Advance comes first, then every way back in file order, then the lifecycle."""
    course = Course()
    course.start(DAY)
    course.walk_to("dream_scenario", DAY)
    assert rows(course) == [
        ("advance", "reality_check", False),
        ("send_back", "intake", True),
        ("send_back", "analysis", True),
        ("pause", "paused", True),
        ("stop", "stopped", True),
    ]


def test_a_blocked_advance_names_each_missing_criterion_and_municipality() -> None:
    """Only those who did not consent yet are named."""
    course = Course()
    course.start(DAY, GENT, MERELBEKE)
    course.settle(DAY, leave=("sponsor_known", "scope_confirmed"))
    course.do(DAY, lambda d: criteria.decide_meet(d, "sponsor_known", municipality=GENT))
    advance = outlook(course)[0]
    assert [(m.id, m.criterion.who, m.municipalities) for m in advance.missing] == [
        ("sponsor_known", "mayor", (MERELBEKE,)),
        ("scope_confirmed", "coordinator", ()),
    ]
    assert advance.reason is not None
    assert words("en").say(advance.reason) == "2 criteria are still open"


def test_a_settled_phase_may_be_left() -> None:
    """Nothing is missing and no reason is given."""
    course = Course()
    course.start(DAY)
    course.settle(DAY)
    assert outlook(course)[0] == Move("advance", "analysis", allowed=True)


def test_the_last_phase_leads_to_completed() -> None:
    """`to` is `completed`, not a phase."""
    course = Course("opstarten")
    course.start(DAY)
    course.walk_to("feedback", DAY)
    assert rows(course)[0] == ("advance", "completed", False)


def test_a_next_round_waits_for_its_interval() -> None:
    """The first round may be followed at once, the second only a year later."""
    course = Course("monitoren_evalueren")
    course.start(DAY)
    course.walk_to("feedback", DAY)
    assert ("next_round", "measurement", True) in rows(course)
    course.do(DAY, phases.decide_next_round)
    course.walk_to("feedback", DAY)
    early = [move for move in outlook(course) if move.transition == "next_round"]
    assert [(move.allowed, move.missing) for move in early] == [(False, ())]
    assert early[0].reason is not None
    assert "1 March 2028" in words("en").say(early[0].reason)
    assert ("next_round", "measurement", True) in rows(course, "2028-03-01")


def test_a_request_may_be_accepted_or_stopped() -> None:
    """It has no phase, so no edge of the workflow."""
    course = Course()
    course.do(DAY, lambda d: phases.decide_request(d, "2027-001", (GENT,), coach=1))
    assert rows(course) == [("accept", "active", True), ("stop", "stopped", True)]


def test_a_paused_trajectory_may_be_resumed_or_stopped() -> None:
    """Its phase waits."""
    course = Course()
    course.start(DAY)
    course.do(DAY, lambda d: pauses.decide_pause(d, "other", date(2027, 4, 1)))
    assert rows(course) == [("resume", "active", True), ("stop", "stopped", True)]


def test_a_closed_trajectory_may_be_followed_up() -> None:
    """`to` is the category."""
    course = Course()
    course.start(DAY)
    course.do(DAY, lambda d: pauses.decide_stop(d, "other", silent=True, overdue_notices=0))
    assert rows(course) == [
        ("follow_up", "optimaliseren", True),
        ("follow_up", "monitoren_evalueren", True),
    ]
    course.do(
        DAY, lambda d: people.decide_follow_up(d, "optimaliseren", trajectory="x", ref="2027-002")
    )
    assert rows(course)[0] == ("follow_up", "optimaliseren", False)


def test_before_a_planned_start_only_a_stop_is_possible() -> None:
    """A start that lies ahead keeps every other move for its day."""
    course = Course()
    course.start(DAY, on="2027-04-01")
    assert [move for move, _, allowed in rows(course) if allowed] == ["stop"]
    assert ("pause", "paused", True) in rows(course, "2027-04-01")


@pytest.mark.parametrize("category", [path.stem for path in shipped()])
def test_what_the_outlook_allows_is_what_the_decision_does(category: str) -> None:
    """In every phase: an allowed advance is accepted, a refused one is not."""
    course = Course(category)
    course.start(DAY)
    while course.trajectory.status == "active":
        assert outlook(course)[0].allowed is False
        course.settle(DAY)
        advance = outlook(course)[0]
        assert advance.allowed
        course.do(DAY, partial(phases.decide_advance, to=advance.to))
        assert course.trajectory.phase == advance.to or course.trajectory.status == advance.to
