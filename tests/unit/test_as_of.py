"""Tests of looking back: what was known on a day, and what had happened by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.audit.as_of import HAPPENED, KNOWN, as_of
from engine.domain.decisions import criteria
from engine.domain.evolution import evolve
from tests.recorded import Recorded

TALK = "intake_talk_held"


@pytest.fixture
def course() -> Recorded:
    """A start on 2 March; the talk of 4 March was registered on the 9th."""
    made = Recorded()
    made.start("2026-03-02")
    made.meet("2026-03-09", TALK, on="2026-03-04")
    made.advance("2026-03-20")
    return made


@pytest.mark.parametrize(
    ("day", "sense", "state"),
    [
        ("2026-03-03", KNOWN, "open"), ("2026-03-03", HAPPENED, "open"),
        ("2026-03-05", KNOWN, "open"), ("2026-03-05", HAPPENED, "met"),
        ("2026-03-09", KNOWN, "met"), ("2026-03-09", HAPPENED, "met"),
    ],
)  # fmt: skip
def test_a_late_registration_had_happened_before_it_was_known(
    course: Recorded, day: str, sense: str, state: str
) -> None:
    """Between the talk and its registration the two senses differ."""
    found = as_of(course.events, date.fromisoformat(day), sense).trajectory
    assert found is not None
    assert found.criterion(TALK).state == state
    assert found.phase == "intake"


def test_before_its_first_event_a_trajectory_is_not_there(course: Recorded) -> None:
    """In neither sense."""
    for sense in (KNOWN, HAPPENED):
        assert as_of(course.events, date(2026, 3, 1), sense).trajectory is None


def test_the_last_day_is_the_present(course: Recorded) -> None:
    """Folding all of it gives what there is."""
    for sense in (KNOWN, HAPPENED):
        found = as_of(course.events, date(2026, 3, 20), sense)
        assert found.trajectory == _folded(course)
        assert found.early == 0


def test_the_evening_of_a_day_ends_in_brussels(course: Recorded) -> None:
    """What was recorded at 23:30 UTC in winter was recorded the day after."""
    late = course.events[-1].recorded_at.replace(hour=23, minute=30)
    events = [*course.events[:-1], replace(course.events[-1], recorded_at=late)]
    before, after = (as_of(events, date(2026, 3, day)).events for day in (20, 21))
    assert len(after) == len(before) + 1


def test_a_clock_that_went_back_hides_nothing(course: Recorded) -> None:
    """Position orders: what stands before something known was known too."""
    first, *rest = course.events
    ahead = replace(first, recorded_at=first.recorded_at + timedelta(30))
    known = as_of([ahead, *rest], date(2026, 3, 9)).events
    assert len(known) == len(as_of(course.events, date(2026, 3, 9)).events)


def test_what_presupposes_a_later_day_waits_for_it() -> None:
    """It is counted, and does not make the page fail."""
    course = Recorded()
    course.start("2026-03-02")
    course.do("2026-03-10", lambda d: criteria.decide_meet(d, TALK))
    first, *rest = course.events
    found = as_of([replace(first, occurred_on=date(2026, 3, 9)), *rest], date(2026, 3, 5), HAPPENED)
    assert found.trajectory is None
    assert found.early == len([e for e in rest if e.occurred_on <= date(2026, 3, 5)])


def _folded(course: Recorded) -> object:
    value = None
    for event in course.events:
        value = evolve(value, event)
    return value
