"""Tests of looking back: what was known on a day, and what had happened by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.audit.as_of import HAPPENED, KNOWN, as_of, evenings
from engine.domain.decisions import criteria, dates, pauses
from engine.domain.events import MailWritten, NoteAdded, ReminderSnoozed
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
    found = as_of([ahead, *rest], date(2026, 3, 9))
    assert found.unsure
    assert not as_of([first, *rest], date(2026, 3, 9)).unsure
    known = found.events
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


def test_each_evening_holds_until_the_next_change(course: Recorded) -> None:
    """The talk stands on its day, not on that of its registration; any day is in one row."""
    found = list(evenings(course.events))
    assert [(one.day.day, one.last and one.last.day) for one in found] == [
        (2, 3), (4, 19), (20, None),
    ]  # fmt: skip
    for day in range(2, 28):
        on = date(2026, 3, day)
        (row,) = [one for one in found if one.day <= on and (one.last is None or on <= one.last)]
        assert row.found.trajectory == as_of(course.events, on, HAPPENED).trajectory
    assert [type(one.fact).__name__ for one in found[1].changes] == ["CriterionMet"]


def test_mails_and_notes_change_no_evening(course: Recorded) -> None:
    """Whatever is recorded of them, there is no row for it."""
    last = course.events[-1]
    facts = (NoteAdded(), MailWritten(1), ReminderSnoozed(date(2026, 4, 1), last.recorded_at))
    more = [
        replace(last, position=last.position + number, fact=fact, occurred_on=date(2026, 3, 25))
        for number, fact in enumerate(facts, start=1)
    ]
    days = [one.day for one in evenings([*course.events, *more])]
    assert days == [one.day for one in evenings(course.events)]


def test_a_date_that_counts_a_later_move_is_told() -> None:
    """Moved on 10 March, and on the 12th a pause of the 4th to the 8th was put on top of it."""
    course = Recorded()
    course.start("2026-03-02")
    course.do("2026-03-10", lambda d: dates.decide_reschedule(d, date(2026, 6, 15), "the council"))
    course.do(
        "2026-03-12",
        lambda d: pauses.decide_pause(d, "other", until=date(2026, 3, 20)),
        on="2026-03-04",
    )
    course.do("2026-03-12", pauses.decide_resume, on="2026-03-08")
    told = {day: as_of(course.events, date(2026, 3, day), HAPPENED).ahead for day in (3, 9, 10)}
    assert told == {3: False, 9: True, 10: False}


def _folded(course: Recorded) -> object:
    value = None
    for event in course.events:
        value = evolve(value, event)
    return value
