"""How a deadline's date comes about: anchor, duration, pauses, move, roll-over, as steps.

The steps are both the explanation and the recipe: the same function derives the date at
first, after a move, after a pause and when the calendar has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.domain.definition import Anchor, DefaultDate, Duration
from engine.domain.events import Deadline
from engine.domain.machine import Pinned
from engine.domain.trajectory import Trajectory
from engine.domain.workdays import Calendar

Step = Mapping[str, Any]
UNITS = ("working_days", "days", "weeks", "months")
ORIGINS = ("entry", "criterion", "waiver", "value", "default", "moved")
BY_A_PERSON = ("value", "moved")


def derive(recipe: Sequence[Step], calendar: Calendar) -> tuple[date, date, bool, tuple[Step, ...]]:
    """Return (raw day, due day, given by a person, steps) of a recipe.

    A recipe begins with an origin and its day; durations and paused days follow. A date
    that a person gave is kept as it is, unless a pause shifted it afterwards.
    """
    raw = date.fromisoformat(recipe[0]["on"])
    steps: list[Step] = []
    for step in recipe:
        if step["step"] in UNITS:
            raw = calendar.add(raw, step["step"], step["n"])
        elif step["step"] == "paused":
            raw = calendar.add(raw, "days", step["n"])
        steps.append({**step, "on": raw.isoformat()})
    given = steps[-1]["step"] in BY_A_PERSON
    if given:
        return raw, raw, True, tuple(steps)
    due, rolled = calendar.roll(raw)
    return raw, due, False, (*steps, *rolled)


def recipe_of(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps without the roll-over, ready to be derived again."""
    return tuple(s for s in steps if s["step"] in (*ORIGINS, *UNITS, "paused"))


def build(
    deadline: tuple[str, str, int],
    recipe: Sequence[Step],
    calendar: Calendar,
    *,
    entry: int,
    revision: int,
) -> Deadline:
    """Return the deadline (id, phase, rank) with the date that its recipe gives."""
    name, phase, rank = deadline
    raw, due, given, steps = derive(recipe, calendar)
    return Deadline(entry, name, phase, rank, revision, raw, due, given, steps)


def rebuilt(old: Deadline, recipe: Sequence[Step], calendar: Calendar) -> Deadline:
    """Return the deadline by another recipe, one revision later."""
    return build(
        (old.deadline, old.phase, old.rank),
        recipe,
        calendar,
        entry=old.entry,
        revision=old.revision + 1,
    )


def recipe_for(
    pinned: Pinned, trajectory: Trajectory, phase: str, name: str, *, entered_on: date, cause: str
) -> tuple[Step, ...] | None:
    """Return how a deadline counts for this phase entry; None while its anchor is open.

    An anchor in an earlier phase that was never walked (work entered midway) gives way to
    the phase entry. In a next round an anchor counts again once it is decided anew.
    """
    rule = pinned.workflow.phases[phase].deadlines[name]
    if rule.next_round is not None and _of_an_earlier_round(rule.from_, trajectory, cause):
        return (_origin("entry", entered_on), _length(rule.next_round))
    start = _anchored(pinned, rule.from_, trajectory, entered_on)
    duration = rule.duration()
    if start is None:
        assert rule.from_ is not None  # only an anchor can be open
        anchor = pinned.workflow.criterion(rule.from_.criterion_id())
        if anchor is None or rule.from_.criterion_id() in pinned.workflow.phases[phase].criteria:
            return None
        start, duration = (_origin("entry", entered_on),), duration or anchor.default
    return (*start, _length(duration)) if duration else start


def default_value(
    pinned: Pinned, default: DefaultDate, trajectory: Trajectory, calendar: Calendar
) -> tuple[date, date] | None:
    """Return (rolled, raw) of the date a criterion takes by default; None without anchor."""
    start = _anchored(pinned, default.from_, trajectory, date.min)
    if start is None:
        return None
    raw, due, _, _ = derive((*start, _length(default)), calendar)
    return due, raw


def anchors_of(pinned: Pinned, phase: str, criterion: str) -> tuple[tuple[str, int], ...]:
    """Return (deadline, rank) of the phase's deadlines that hang on a criterion."""
    rules = pinned.workflow.phases[phase].deadlines
    return tuple(
        (name, rank)
        for rank, (name, rule) in enumerate(rules.items())
        if rule.from_ is not None and rule.from_.criterion_id() == criterion
    )


def _of_an_earlier_round(anchor: Anchor | None, trajectory: Trajectory, cause: str) -> bool:
    """Tell whether what a deadline hangs on was not decided since the last next round."""
    if anchor is None or trajectory.round_entry is None:
        return cause == "next_round"
    state = trajectory.criterion(anchor.criterion_id())
    return state.state == "open" or state.position < trajectory.round_entry


def _anchored(
    pinned: Pinned, anchor: Anchor | None, trajectory: Trajectory, entered_on: date
) -> tuple[Step, ...] | None:
    """Return the first steps of a recipe, None while the anchor's criterion is open."""
    if anchor is None:
        return (_origin("entry", entered_on),)
    state = trajectory.criterion(anchor.criterion_id())
    if state.state == "open" or state.on is None:
        return None
    if anchor.criterion is not None:
        kind = "criterion" if state.state == "met" else "waiver"
        return (_origin(kind, state.on, anchor.criterion),)
    if state.value is not None and state.value_raw is None:
        return (_origin("value", state.value, anchor.value),)
    return _by_default(pinned, anchor.criterion_id(), trajectory)


def _by_default(pinned: Pinned, criterion: str, trajectory: Trajectory) -> tuple[Step, ...] | None:
    """Return how a date that nobody gave counts today, whatever was recorded at the time."""
    rule, recorded = pinned.workflow.criterion(criterion), trajectory.criterion(criterion)
    if rule is None or rule.default is None:
        return None
    start = _anchored(pinned, rule.default.from_, trajectory, date.min)
    if start is not None:
        said: Step = {"step": "default", "criterion": criterion}
        return (*start, _length(rule.default), said)
    raw = recorded.value_raw
    return (_origin("default", raw, criterion),) if raw else None


def _origin(kind: str, on: date, criterion: str | None = None) -> Step:
    """Return the step that a recipe begins with."""
    step: dict[str, Any] = {"step": kind, "on": on.isoformat()}
    return {**step, "criterion": criterion} if criterion else step


def _length(duration: Duration) -> Step:
    """Return the step that adds a duration."""
    unit, amount = duration.unit_and_amount()
    return {"step": unit, "n": amount}
