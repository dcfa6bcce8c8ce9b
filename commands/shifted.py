"""Tells which reminders move with a date: the day before and the day after, by reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from commands import wording
from commands.columns import columns
from commands.context import Context
from engine.domain.words import N_

if TYPE_CHECKING:
    from datetime import date

    from engine.domain.trajectory import ReminderState, Trajectory
    from engine.service.desk import Outcome

CHANGED, INVITATION = "feedback_changed", "feedback_invite"  # who hears of it is asked no more
Key = tuple[str, str, str]  # deadline, role, rule


def tell_shifted(context: Context, outcome: Outcome) -> None:
    """Print the reminders of a date that moved: their old and new days, or that they fall away."""
    from engine.domain.events import DeadlineMoved

    moved = {e.fact.deadline for e in outcome.events if isinstance(e.fact, DeadlineMoved)}
    if not moved or outcome.before is None:
        return
    # coach and lead may be one person
    rows = list(dict.fromkeys(_rows(context, outcome, moved)))
    if rows:
        context.say(N_("Reminders that move along:"))
        for line in columns(rows, cut=((2,), (1,)), indent=2):
            context.echo(line)


def _rows(context: Context, outcome: Outcome, moved: set[str]) -> Iterator[tuple[str, ...]]:
    """Yield a row a reminder and reader, by the earlier of its days."""
    assert outcome.before is not None  # nothing moves at a beginning
    before = {_key(r): r for r in _leaving(context, outcome.before, moved)}
    after = {_key(r): r for r in _leaving(context, outcome.after, moved)}
    old, new = ({key: r.day for key, r in found.items()} for found in (before, after))
    kinds = {key: r.notice for key, r in (before | after).items()}
    told = {mail.role for mail in outcome.mailings if mail.notice == CHANGED}
    for key in sorted(kinds, key=lambda k: (min(filter(None, (old.get(k), new.get(k)))), k)):
        invited = kinds[key] == INVITATION and key[1] in told and key not in old
        if old.get(key) == new.get(key) or invited:
            continue
        days = [_short(context, day) if day else "–" for day in (old.get(key), new.get(key))]
        reader = _reader(context, outcome, key[1])
        if reader:  # nobody is mailed in a role that nobody has
            yield f"{days[0]} → {days[1]}", reader, wording.notice(context, kinds[key])


def _leaving(context: Context, own: Trajectory, moved: set[str]) -> Iterator[ReminderState]:
    """Yield the reminders of these dates that would leave as things stand, as a forecast does."""
    from engine.domain.wanted import silenced

    pinned = context.workflow(own.workflow)
    for reminder in own.planned():
        on = max(reminder.day, context.today())
        if reminder.deadline in moved and silenced(reminder, own, pinned, on) is None:
            yield reminder


def _key(reminder: ReminderState) -> Key:
    return reminder.deadline, reminder.role, reminder.rule


def _short(context: Context, day: date) -> str:
    return wording.short(context, day)


def _reader(context: Context, outcome: Outcome, role: str) -> str:
    """Return who has a role now, "" where nobody has."""
    from engine.domain.recipients import recipients

    return ", ".join(one.name for one in recipients(role, outcome.after, context.people()))
