"""Variants measured in turn: order rotated, ratio taken round by round, median with extremes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

Variant = Callable[[], float]  # does its work once and returns the seconds it counts


@dataclass(frozen=True)
class Spread:
    """A median with its extremes."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Return the spread of some values."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True)
class Comparison:
    """What was compared: the goal (None: for information), and seconds by variant, one a round."""

    name: str
    goal: float | None
    ours: str
    base: str
    seconds: Mapping[str, list[float]]
    note: str = ""
    more: float | None = None  # instead of a goal: the seconds that ours may take beyond the base
    failed: bool = False  # another goal was missed, which the note tells

    def ratio(self) -> Spread:
        """Return ours relative to the base, round by round."""
        pairs = zip(self.seconds[self.ours], self.seconds[self.base], strict=True)
        return Spread.of([ours / base for ours, base in pairs])

    def difference(self) -> Spread:
        """Return how many seconds ours takes beyond the base, round by round."""
        pairs = zip(self.seconds[self.ours], self.seconds[self.base], strict=True)
        return Spread.of([ours - base for ours, base in pairs])

    def missed(self) -> bool:
        """Tell whether there is a goal and it was missed."""
        if self.more is not None:
            return self.difference().middle > self.more
        return self.failed or (self.goal is not None and self.ratio().middle > self.goal)

    def _verdict(self) -> str:
        if self.goal is None and self.more is None:
            return "no goal"
        verdict = "MISSED" if self.missed() else "met"
        if self.more is None:
            return f"goal <= {self.goal:g}  {verdict}"
        found = 1000 * self.difference().middle
        return f"{found:.2f} ms more, goal <= {1000 * self.more:g} ms more  {verdict}"

    def lines(self) -> list[str]:
        """Return what is printed of it."""
        ratio = self.ratio()
        spread = f"x {ratio.middle:.2f}  (min {ratio.low:.2f}, max {ratio.high:.2f})"
        found = [f"{self.name}: {spread}  {self._verdict()}"]
        for name, seconds in self.seconds.items():
            s = Spread.of(seconds)
            found.append(
                f"    {name:<44} {1000 * s.middle:9.3f} ms"
                f"  ({1000 * s.low:.3f} to {1000 * s.high:.3f})"
            )
        return [*found, f"    {self.note}"] if self.note else found


def compare(
    name: str,
    variants: Mapping[str, Variant],
    *,
    goal: float | None,
    ours: str,
    base: str,
    rounds: int,
    note: str = "",
    more: float | None = None,
) -> Comparison:
    """Return the measured comparison; one round of each before the first does not count."""
    for variant in variants.values():
        variant()
    order = list(variants)
    seconds: dict[str, list[float]] = {one: [] for one in order}
    for _ in range(rounds):
        for one in order:
            gc.collect()
            seconds[one].append(variants[one]())
        order = [*order[1:], order[0]]
    return Comparison(name, goal, ours, base, seconds, note, more)
