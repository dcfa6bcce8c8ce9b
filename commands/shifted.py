"""Tells which reminders move with a date: the day before and the day after, by reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from commands import wording
from commands.columns import columns
from commands.context import Context
from engine.domain.events import DeadlineMoved, Fact, Paused, ReminderSnoozed, Resumed
from engine.domain.words import N_

if TYPE_CHECKING:
    from datetime import date

    from engine.domain.trajectory import Trajectory
    from engine.service.desk import Outcome

CHANGED, INVITATION = "feedback_changed", "feedback_invite"  # who hears of it is asked no more
Key = tuple[str, str, str]  # deadline, role, rule


def tell_shifted(context: Context, outcome: Outcome) -> None:
    """Print the reminders of a date that moved: their old and new days, or that they fall away."""
    moved = _moved(outcome)
    if not moved or outcome.before is None:
        return
    # coach and lead may be one person
    rows = list(dict.fromkeys(_rows(context, outcome, moved)))
    if rows:
        along = all(isinstance(e.fact, DeadlineMoved) for e in outcome.events if _moves(e.fact))
        falls = N_("Reminders that move or fall away:")
        context.say(N_("Reminders that move along:") if along else falls)
        for line in columns(rows, cut=((2,), (1,)), indent=2):
            context.echo(line)


def _moved(outcome: Outcome) -> set[str]:
    """Return the deadlines whose reminders may have moved: one of them, or all."""
    facts = [event.fact for event in outcome.events if _moves(event.fact)]
    if all(isinstance(fact, DeadlineMoved) for fact in facts):
        return {fact.deadline for fact in facts if isinstance(fact, DeadlineMoved)}
    known = (*(outcome.before.planned() if outcome.before else ()), *outcome.after.planned())
    return {reminder.deadline for reminder in known if reminder.deadline}


def _moves(fact: Fact) -> bool:
    """Tell whether a fact gives reminders other days than they had."""
    return isinstance(fact, DeadlineMoved | Paused | ReminderSnoozed | Resumed)


def _rows(context: Context, outcome: Outcome, moved: set[str]) -> Iterator[tuple[str, ...]]:
    """Yield a row a reminder and reader, by the earlier of its days."""
    assert outcome.before is not None  # nothing moves at a beginning
    before = _leaving(context, outcome.before, moved)
    after = _leaving(context, outcome.after, moved)
    old, new = ({key: day for key, (day, _) in found.items()} for found in (before, after))
    kinds = {key: notice for key, (_, notice) in (before | after).items()}
    told = {mail.role for mail in outcome.mailings if mail.notice == CHANGED}
    for key in sorted(kinds, key=lambda k: (min(filter(None, (old.get(k), new.get(k)))), k)):
        invited = kinds[key] == INVITATION and key[1] in told and key not in old
        if old.get(key) == new.get(key) or invited:
            continue
        days = [_short(context, day) if day else "–" for day in (old.get(key), new.get(key))]
        reader = _reader(context, outcome, key[1])
        if reader:  # nobody is mailed in a role that nobody has
            yield f"{days[0]} → {days[1]}", reader, wording.notice(context, kinds[key])


def _leaving(context: Context, own: Trajectory, moved: set[str]) -> dict[Key, tuple[date, str]]:
    """Return the day and the notice of each reminder of these dates that would leave, as forecast.

    Of those that a rest brings together it is the last.
    """
    from engine.domain.snoozing import due_at
    from engine.domain.wanted import silenced
    from engine.domain.workdays import brussels_day

    pinned = context.workflow(own.workflow)
    found: dict[Key, tuple[date, str]] = {}
    rested: dict[tuple[str, str], Key] = {}  # the last one that waits for the end of a rest
    for reminder in own.planned():
        at = due_at(reminder, own.snoozes)
        on = max(brussels_day(at), context.today())
        if reminder.deadline not in moved or silenced(reminder, own, pinned, on) is not None:
            continue
        key = (reminder.deadline, reminder.role, reminder.rule)
        if at > reminder.at:
            earlier = rested.get(key[:2])
            if earlier is not None:
                del found[earlier]
            rested[key[:2]] = key
        found[key] = brussels_day(at), reminder.notice
    return found


def _short(context: Context, day: date) -> str:
    return wording.short(context, day)


def _reader(context: Context, outcome: Outcome, role: str) -> str:
    """Return who has a role now, "" where nobody has."""
    from engine.domain.recipients import recipients

    return ", ".join(one.name for one in recipients(role, outcome.after, context.people()))
