"""Walks every shipped workflow from a first day on, and checks every date with a second opinion."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import partial

from engine.domain.decisions import criteria, phases
from engine.domain.events import Deadline, PhaseEntered, Planned, ReminderSkipped
from engine.domain.trajectory import Trajectory
from engine.domain.workdays import BRUSSELS
from tests.campaigns.calendars import closed, counted, free, nine, rolled, rung
from tests.course import Course

FIRST, LAST = date(2026, 1, 1), date(2036, 12, 31)
BETWEEN_PHASES = timedelta(days=37)
WORKFLOWS = ("monitoren_evalueren", "opstarten", "optimaliseren", "reactiveren")
LATEST_AHEAD = timedelta(days=120)
HALF = {"months": 15, "weeks": 3.5, "days": 0.5, "working_days": 0.7}  # days, about


@dataclass
class Swept:
    """What was walked and checked; what is wrong stops the sweep."""

    walks: int = 0
    deadlines: int = 0
    reminders: int = 0
    past: int = 0

    def add(self, other: Swept) -> None:
        """Add the figures of another process."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def days(step: int) -> list[date]:
    """Return every n-th day of 2026 up to 2036."""
    count = (LAST - FIRST).days + 1
    return [FIRST + timedelta(days=number) for number in range(0, count, step)]


def sweep(begins: Iterable[date]) -> Swept:
    """Walk every workflow from each of these days."""
    found = Swept()
    for begin in begins:
        for workflow in WORKFLOWS:
            walk(workflow, begin, found)
    return found


def sweep_all(begins: list[date], workers: int) -> Swept:
    """Walk with several processes."""
    if workers < 2:
        return sweep(begins)
    found = Swept()
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        for swept in pool.map(sweep, [begins[one::workers] for one in range(workers)]):
            found.add(swept)
    return found


def walk(workflow: str, begin: date, found: Swept) -> None:
    """Walk one trajectory from its start to its end; check all that was dated on the way."""
    course, day = Course(workflow), begin
    course.start(day.isoformat())
    phase = course.trajectory.phase
    while phase is not None:
        _settle(course, day)
        _all_dated(course)
        day += BETWEEN_PHASES
        course.do(day.isoformat(), phases.decide_advance)
        left, phase = phase, course.trajectory.phase
        if course.trajectory.status != "active" or phase == left:
            break
    _check(course, found)
    found.walks += 1


def _settle(course: Course, day: date) -> None:
    """Meet all that the phase asks, dates included: those lie ahead or behind as they must."""
    for missing in phases.missing(course.pinned, course.trajectory):
        value = None
        if missing.criterion.value:
            back = missing.criterion.looks == "back"
            value = day - timedelta(days=30) if back else day + LATEST_AHEAD
        course.do(day.isoformat(), partial(criteria.decide_meet, criterion=missing.id, value=value))


def _all_dated(course: Course) -> None:
    """Check that once all is met no deadline of the phase lacks its date."""
    own: Trajectory = course.trajectory
    rules = course.pinned.workflow.phases[own.phase or ""].deadlines
    dated = {name for entry, name in own.deadlines if entry == own.entry}
    undated = {
        name
        for name, rule in rules.items()
        if name not in dated
        and (rule.from_ is None or own.criterion(rule.from_.criterion_id()).state == "met")
    }
    assert not undated, (own.phase, undated)


def _check(course: Course, found: Swept) -> None:
    """Check every deadline and every reminder that any fact brought."""
    skipped = {
        id_
        for fact in course.facts
        if isinstance(fact, ReminderSkipped) and fact.reason == "past"
        for id_ in fact.reminders
    }
    seen: Counter[str] = Counter()
    for fact in course.facts:
        dated: tuple[Deadline, ...] = getattr(fact, "deadlines", ()) or ()
        planned: tuple[Planned, ...] = getattr(fact, "reminders", ()) or ()
        if planned and not isinstance(planned[0], Planned):
            continue  # the ids of those that are withdrawn
        seen.update(one.id for one in planned)
        for deadline in dated:
            _check_deadline(course, deadline)
            _check_ladder(course, deadline, planned)
            found.deadlines += 1
        for one in planned:
            _check_hour(one)
        found.reminders += len(planned)
    assert not [one for one, times in seen.items() if times > 1], "planned twice"
    found.past += len(skipped)


def _check_deadline(course: Course, deadline: Deadline) -> None:
    """Check a date: its origin, and day by day how it comes about."""
    origin, *lengths = deadline.steps
    day = date.fromisoformat(origin["on"])
    if origin["step"] in ("criterion", "value"):
        state = course.trajectory.criterion(origin["criterion"])
        assert day in (state.on, state.value), (deadline, state)
    rule = course.pinned.workflow.phases[deadline.phase].deadlines[deadline.deadline]
    asked = rule.duration()
    taken = [(s["step"], s["n"]) for s in lengths if "n" in s]
    if asked is not None:
        assert taken == [asked.unit_and_amount()], deadline
    for unit, amount in taken:
        day = counted(day, unit, amount)
    assert deadline.raw_on == day, deadline
    assert deadline.due_on == (day if deadline.given else rolled(day)), deadline


def _check_ladder(course: Course, deadline: Deadline, planned: tuple[Planned, ...]) -> None:
    """Check that the reminders of a date are those of its scheme: none missing, none too many."""
    ours = [p for p in planned if (p.entry, p.deadline) == (deadline.entry, deadline.deadline)]
    got = Counter((p.role, p.day, p.notice) for p in ours if p.revision == deadline.revision)
    assert got == Counter(_expected(course, deadline)), (deadline, got)


def _expected(course: Course, deadline: Deadline) -> Iterator[tuple[str, date, str]]:
    """Yield (role, day, notice); what falls together on one side of the date is one."""
    workflow = course.pinned.workflow
    entered = next(day for position, day in _entries(course) if position == deadline.entry)
    scheme = workflow.phases[deadline.phase].deadlines[deadline.deadline].reminders
    best: dict[tuple[str, date, bool], str] = {}
    for one in workflow.reminders[scheme] if scheme else ():
        before = one.before is not None
        length = one.before or one.after
        assert length is not None
        unit, amount = length.unit_and_amount()
        kept: list[date] = []
        for times in range(1, 37) if one.every else (1,):
            day = rung(deadline.due_on, unit, amount * times, before=before)
            close = [other for other in kept if abs(other - day).days < HALF[unit] * amount]
            if not (one.every and (close or day <= entered)):
                kept.append(day)
        best.update(((role, day, before), one.notice) for day in kept for role in one.to)
    yield from ((role, day, notice) for (role, day, _), notice in best.items())


def _entries(course: Course) -> Iterator[tuple[int, date]]:
    """Yield (position, day) of each phase that was entered."""
    for position, (fact, day) in enumerate(zip(course.facts, course.days, strict=True), start=1):
        if isinstance(fact, PhaseEntered):
            yield position, day


def _check_hour(one: Planned) -> None:
    """Check that a reminder leaves at nine on a day that is worked, whatever the season."""
    if one.immediate and not one.ahead:
        return  # what a command of this moment caused
    assert one.at == nine(one.day), one
    assert not closed(one.day), one
    assert one.immediate or free(one.day), one
    assert one.at.astimezone(BRUSSELS).hour != 2, one
