"""Tests of the target dates: met, passed, moved, or fallen away."""

from __future__ import annotations

from datetime import date

from engine.audit.targets import Target, targets
from engine.domain.decisions import dates, pauses, phases
from tests.recorded import Recorded

DUE = date(2026, 3, 30)


def started() -> Recorded:
    """Return a trajectory whose first phase is to end on 30 March."""
    played = Recorded()
    played.start("2026-03-02")
    return played


def first(played: Recorded) -> Target:
    """Return the target date of the first stay in a phase."""
    return targets(played.events)[0]


def test_a_date_passes_on_the_day_after_it() -> None:
    """Not on the day itself."""
    target = first(started())
    assert (target.state, target.dates) == ("open", (DUE,))
    assert [target.missed(DUE), target.missed(date(2026, 3, 31))] == [None, DUE]


def test_a_date_that_was_met_in_time_never_passed() -> None:
    """However late somebody looks."""
    played = started()
    played.advance("2026-03-30")
    target = first(played)
    assert (target.state, target.ended_on) == ("met", DUE)
    assert target.missed(date(2027, 1, 1)) is None


def test_a_date_that_was_met_too_late_had_passed() -> None:
    """Both can be told."""
    played = started()
    played.advance("2026-04-02")
    target = first(played)
    assert (target.state, target.missed(date(2026, 4, 2))) == ("met", DUE)


def test_a_date_that_was_moved_after_it_passed_had_passed() -> None:
    """Moving it does not undo that; moving it in time does."""
    later = date(2026, 4, 14)
    for day, missed in (("2026-03-10", None), ("2026-04-01", DUE)):
        played = started()
        played.do(day, lambda d: dates.decide_reschedule(d, later, "the council meets later"))
        target = first(played)
        assert (target.dates, target.state) == ((DUE, later), "open")
        assert target.missed(later) == missed


def test_no_date_passes_during_a_pause() -> None:
    """Nor once it was moved by it; one that had passed before had."""
    until = date(2026, 5, 4)
    for day, missed in (("2026-03-16", None), ("2026-04-01", DUE)):
        played = started()
        played.do(day, lambda d: pauses.decide_pause(d, "other", until=until))
        assert first(played).missed(date(2026, 5, 1)) == missed
        played.do("2026-05-04", pauses.decide_resume)
        target = first(played)
        assert len(target.dates) == 2
        assert target.missed(date(2026, 5, 5)) == missed


def test_a_step_back_sets_a_date_of_its_own_and_the_one_ahead_falls_away() -> None:
    """Two dates for the phase that begins again."""
    played = started()
    played.advance("2026-03-09")
    played.do(
        "2026-03-16", lambda d: phases.decide_send_back(d, "intake", reason="partners_missing")
    )
    found = [(one.phase, one.state) for one in targets(played.events)]
    assert found == [("intake", "met"), ("analysis", "ended"), ("intake", "open")]
