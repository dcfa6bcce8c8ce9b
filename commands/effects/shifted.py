"""Tells which reminders move with a date: what would leave before and after, by reader."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.pages import wording
from commands.pages.columns import columns
from engine.domain.events import DeadlineMoved, Fact, Paused, ReminderSnoozed, Resumed
from engine.domain.words import N_
from engine.domain.workdays import brussels_day

if TYPE_CHECKING:  # every writing command passes here, and the pressing of TAB
    from engine.dispatch.forecast import Expected
    from engine.domain.trajectory import Trajectory
    from engine.service.desk import Outcome

CHANGED, INVITATION = "feedback_changed", "feedback_invite"  # who hears of it is asked no more
Key = tuple[str, str, str]  # deadline, address, rule
Row = tuple[str, str, str, str]  # the day before and after ("" for none), reader, what it says


def tell_shifted(context: Context, outcome: Outcome) -> None:
    """Print the reminders of a date that moved: their old and new days, or that they fall away."""
    moved = _moved(outcome)
    if not moved or outcome.before is None:
        return
    rows = list(_rows(context, outcome, moved))
    if rows:
        along = all(isinstance(e.fact, DeadlineMoved) for e in outcome.events if _moves(e.fact))
        falls = N_("Reminders that move or fall away:")
        context.say(N_("Reminders that move along:") if along else falls)
        for line in columns(rows, cut=((2,), (1,)), indent=2):
            context.echo(line)


def _moved(outcome: Outcome) -> set[str]:
    """Return the deadlines whose reminders may have moved: one of them, or all.

    "" stands for the mails without one that are planned far ahead, such as those of every year.
    """
    facts = [event.fact for event in outcome.events if _moves(event.fact)]
    if all(isinstance(fact, DeadlineMoved) for fact in facts):
        return {fact.deadline for fact in facts if isinstance(fact, DeadlineMoved)}
    known = (*(outcome.before.planned() if outcome.before else ()), *outcome.after.planned())
    return {reminder.deadline for reminder in known} | {""}


def _moves(fact: Fact) -> bool:
    """Tell whether a fact gives reminders other days than they had."""
    return isinstance(fact, DeadlineMoved | Paused | ReminderSnoozed | Resumed)


def _rows(context: Context, outcome: Outcome, moved: set[str]) -> Iterator[tuple[str, ...]]:
    """Yield a row a reminder and reader, by the earlier of its days."""
    assert outcome.before is not None  # nothing moves at a beginning
    before = _leaving(context, outcome.before, moved)
    after = _leaving(context, outcome.after, moved)
    told = {mail.role for mail in outcome.mailings if mail.notice == CHANGED}
    rows: list[Row] = []
    for key in sorted(before.keys() | after.keys(), key=lambda k: (_first(k, before, after), k)):
        old, new = before.get(key), after.get(key)
        mail = new or old
        assert mail is not None  # it is in one of the two
        if mail.notice == INVITATION and mail.role in told and old is None:
            continue
        gone, comes = (wording.short(context, brussels_day(m.at)) if m else "" for m in (old, new))
        rows.append((gone, comes, mail.name, wording.notice(context, mail.notice)))
    yield from _told(rows)


def _told(rows: list[Row]) -> Iterator[tuple[str, ...]]:
    """Yield what differs for a reader: not where one rule takes over from another on that day."""
    gone = {(old, *mail) for old, new, *mail in rows if not new}
    comes = {(new, *mail) for old, new, *mail in rows if not old}
    for old, new, *mail in rows:
        if old != new and (old or new, *mail) not in gone & comes:
            yield f"{old or '–'} → {new or '–'}", *mail


def _first(key: Key, before: dict[Key, Expected], after: dict[Key, Expected]) -> datetime:
    """Return the earlier moment of a mail."""
    return min(found[key].at for found in (before, after) if key in found)


def _leaving(context: Context, own: Trajectory, moved: set[str]) -> dict[Key, Expected]:
    """Return the mails about these dates that would leave if nobody acted, as a forecast says."""
    from commands.pages.forecast import expected  # it shows rests, which tell what moves
    from engine.store.dossiers import Dossier

    dossier = Dossier(own, context.workflow(own.workflow), context.people())
    return {
        (mail.deadline, mail.email, mail.rule): mail
        for mail in expected(context, dossier)
        if mail.deadline in moved and (mail.deadline or brussels_day(mail.at) > context.today())
    }
