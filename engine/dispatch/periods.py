"""For which periods a kind of mail is still to be made, and for whom: its heartbeat says it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from engine.dispatch.kind import Kind
from engine.dispatch.post import Post
from engine.domain.moments import in_working_hours
from engine.domain.workdays import brussels_day
from engine.store.due import beat, last_beat
from engine.store.transaction import Transaction


class Due(NamedTuple):
    """Who is still to get a mail, and about which periods, the oldest first."""

    readers: list[int]
    periods: list[date]


def state_of(kind: Kind, tx: Transaction) -> dict[str, Any]:
    """Return for which period mails were made last, "" where none is left to be cleared."""
    last = last_beat(tx.connection, kind.name)
    return last[1] if last is not None else {"day": "", "left": []}


def note(kind: Kind, post: Post, now: datetime, state: dict[str, Any]) -> None:
    """Write down for which period mails were made, and who is still to get one.

    Of a kind of which none may be left out `since` says up to which one everybody has theirs.
    """
    with post.database.writing() as connection:
        beat(connection, kind.name, now, state)


def due_of(kind: Kind, post: Post, tx: Transaction) -> Due | None:
    """Return who is still to get a mail now, as far as is known; None: nothing is to be done.

    The row is asked first: what days are worked is a question that takes longer.
    """
    if not kind.is_on(post):
        return None
    state, period = state_of(kind, tx), kind.period(brussels_day(tx.now))
    periods = [period] if kind.replaced else _periods(kind, state, period)
    if state["day"] == period.isoformat():
        return Due(state["left"], periods) if state["left"] else None
    if not in_working_hours(tx.now, post.calendar):
        return None
    return Due(list(kind.readers(post, tx, period)), periods)


def _periods(kind: Kind, state: dict[str, Any], last: date) -> list[date]:
    """Return the periods up to the last one of which not everybody has a mail."""
    since = date.fromisoformat(state["since"]) if state.get("since") else before(kind, last)
    found = [last]
    while (earlier := before(kind, found[0])) > since:
        found.insert(0, earlier)
    return found


def before(kind: Kind, period: date) -> date:
    """Return the period before one."""
    return kind.period(period - timedelta(days=1))
