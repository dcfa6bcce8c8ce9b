"""How the benches compare: in turn, rotated, round by round."""

from __future__ import annotations

import gc

import pytest

from bench.rounds import compare


@pytest.fixture(autouse=True)
def _nothing_to_collect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured here, and the tests of a whole run leave much behind."""
    monkeypatch.setattr(gc, "collect", lambda: 0)


def test_variants_take_turns_and_the_order_rotates() -> None:
    """A round before the first warms up and does not count."""
    order: list[str] = []

    def variant(name: str, seconds: float) -> float:
        order.append(name)
        return seconds

    found = compare(
        "a thing",
        {"ours": lambda: variant("ours", 0.003), "base": lambda: variant("base", 0.002)},
        goal=2.0,
        ours="ours",
        base="base",
        rounds=2,
    )
    assert order == ["ours", "base", "ours", "base", "base", "ours"]
    assert len(found.seconds["ours"]) == 2
    assert (found.ratio().low, found.ratio().high) == (1.5, 1.5)
    assert "x 1.50" in found.lines()[0]
    assert found.lines()[0].endswith("met")


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    """One slow round changes the extremes, not the verdict."""
    ours = iter([9.0, 1.0, 1.0, 8.0])
    found = compare(
        "a thing",
        {"ours": lambda: next(ours), "base": lambda: 1.0},
        goal=2.0,
        ours="ours",
        base="base",
        rounds=3,
    )
    assert found.ratio().middle == 1.0
    assert found.ratio().high == 8.0


def test_a_goal_may_be_what_ours_takes_beyond_the_base() -> None:
    """Where the base is next to nothing, a ratio says nothing."""
    found = compare(
        "a thing",
        {"ours": lambda: 0.003, "base": lambda: 0.001},
        goal=None,
        ours="ours",
        base="base",
        rounds=1,
        more=0.0015,
    )
    assert found.missed()
    assert found.lines()[0].endswith("2.00 ms more, goal <= 1.5 ms more  MISSED")
