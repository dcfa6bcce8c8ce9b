"""Tests of the actual course beside the standard timeline."""

from __future__ import annotations

from datetime import date
from functools import partial

from engine.audit.course import Leg, Move, course
from engine.domain.decisions import dates, pauses, phases
from tests.recorded import Recorded


def legs(played: Recorded, today: str) -> tuple[Leg, ...]:
    """Return the legs up to a day."""
    return course(played.events, played.pinned.workflow, date.fromisoformat(today))


def test_a_phase_that_was_left_has_what_was_planned_and_what_it_took() -> None:
    """Four weeks were planned for the intake from 2 to 30 March; it took 18 days."""
    played = Recorded()
    played.start("2026-03-02")
    played.advance("2026-03-20")
    first, second, *rest = legs(played, "2026-03-25")
    assert (first.phase, first.planned, first.target_on) == (
        "intake", ("weeks", 4), date(2026, 3, 30),
    )  # fmt: skip
    assert (first.planned_days, first.days, first.paused, first.difference) == (28, 18, 0, -10)
    assert (first.left_on, first.left_by) == (date(2026, 3, 20), "advance")
    assert (second.phase, second.days, second.left_on, second.difference) == (
        "analysis", 5, None, None,
    )  # fmt: skip
    assert [one.phase for one in rest] == list(played.pinned.workflow.phase_ids()[2:])
    assert {one.days for one in rest} == {None}


def test_pauses_are_counted_apart() -> None:
    """Ten days of pause are no days of the phase, nor do they make it late."""
    played = Recorded()
    played.start("2026-03-02")
    until = date(2026, 4, 1)
    played.do("2026-03-10", lambda d: pauses.decide_pause(d, "other", until=until))
    (going_on, *_) = legs(played, "2026-03-14")
    assert (going_on.days, going_on.paused) == (8, 4)
    played.do("2026-03-20", pauses.decide_resume)
    played.advance("2026-04-10")
    (first, *_) = legs(played, "2026-05-01")
    assert (first.days, first.paused, first.target_on) == (29, 10, date(2026, 3, 30))
    assert first.difference == 1


def test_a_step_back_is_a_leg_of_its_own() -> None:
    """Each stay has its own date and its own end."""
    played = Recorded()
    played.start("2026-03-02")
    played.advance("2026-03-09")
    played.do(
        "2026-03-16", lambda d: phases.decide_send_back(d, "intake", reason="partners_missing")
    )
    found = legs(played, "2026-03-17")
    assert [(leg.phase, leg.left_by) for leg in found[:3]] == [
        ("intake", "advance"), ("analysis", "send_back"), ("intake", None),
    ]  # fmt: skip
    assert found[0].entry != found[2].entry


def test_after_a_stop_nothing_is_still_to_come() -> None:
    """The last phase ends with it."""
    played = Recorded()
    played.start("2026-03-02")
    played.do(
        "2026-03-09",
        lambda d: pauses.decide_stop(d, "other", silent=True, overdue_notices=0),
    )
    (only,) = legs(played, "2026-09-01")
    assert (only.left_by, only.days) == ("stopped", 7)


def test_a_phase_that_goes_on_is_late_only_past_its_date() -> None:
    """Before that the difference says nothing."""
    played = Recorded()
    played.start("2026-03-02")
    assert legs(played, "2026-03-30")[0].difference is None
    assert legs(played, "2026-04-02")[0].difference == 3


def test_each_move_of_a_target_date_is_kept_beside_the_first_one() -> None:
    """By a person and by a pause; what it took is still held against the first."""
    played = Recorded()
    played.start("2026-03-02")
    moved, until = date(2026, 4, 14), date(2026, 4, 20)
    played.do("2026-03-10", lambda d: dates.decide_reschedule(d, moved, "the council meets later"))
    played.do("2026-03-16", lambda d: pauses.decide_pause(d, "other", until=until))
    played.do("2026-03-23", pauses.decide_resume)
    (first, *_) = legs(played, "2026-05-01")
    assert first.target_on == first.counted_on == date(2026, 3, 30)
    assert first.moves == (
        Move(date(2026, 3, 10), moved, "person"),
        Move(date(2026, 3, 23), date(2026, 4, 21), "pause"),
    )


def test_a_date_that_rolled_over_tells_which_day_it_was_planned_for() -> None:
    """Eight weeks from 1 June end in the summer, when nothing falls due."""
    played = Recorded()
    played.start("2026-05-18")
    played.advance("2026-06-01")
    second = legs(played, "2026-07-01")[1]
    assert (second.counted_on, second.target_on) == (date(2026, 7, 27), date(2026, 8, 17))
    assert second.moves == ()


def test_a_pause_that_left_the_target_date_where_it_was_is_no_move() -> None:
    """Three days more still end in the days around New Year, when nothing falls due."""
    played = Recorded()
    played.start("2026-12-03")
    until = date(2026, 12, 20)
    played.do("2026-12-04", lambda d: pauses.decide_pause(d, "other", until=until))
    played.do("2026-12-07", pauses.decide_resume)
    (first, *_) = legs(played, "2026-12-08")
    assert (first.target_on, first.paused, first.moves) == (date(2027, 1, 4), 3, ())


def test_a_date_that_moved_back_to_an_earlier_one_has_moved() -> None:
    """Each move is held against the date before it, not against the first."""
    played = Recorded()
    played.start("2026-03-02")
    for day, to in (("2026-03-10", date(2026, 4, 14)), ("2026-03-11", date(2026, 3, 30))):
        played.do(day, partial(dates.decide_reschedule, day=to, reason="the council meets later"))
    (first, *_) = legs(played, "2026-03-12")
    assert [move.due_on for move in first.moves] == [date(2026, 4, 14), date(2026, 3, 30)]
