"""Telling those who were invited that the feedback moment moves, or falls away."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.agenda import When, is_moment, mistaken, moment, moment_of
from engine.domain.bookings import WAITING
from engine.domain.decisions.decision import Decision
from engine.domain.events import FeedbackChanged
from engine.domain.reminders import CHANGED

Said = tuple[str, When | None]  # which moment, and when it is


def tell_invited(decision: Decision, *, silent: bool = False, over: bool = False) -> None:
    """Plan a mail to each who holds another day or hour than stands after this decision.

    What was planned before about the moment is overtaken by it. `silent`: nobody is told, and
    what has not left is withdrawn; a slip that is put right leaves calendars as they are.
    `over`: nothing of the moment stood before either, yet somebody may still hold it.
    """
    trajectory = decision.trajectory
    about, now = _moment(decision)
    if decision.before is None or not trajectory.bookings:
        return
    if (about, now) == _said(decision) and not over:
        return
    readers = () if silent else tuple(_readers(decision))
    overtaken = [r for r in trajectory.planned() if r.notice == CHANGED]
    if not (readers or overtaken or _waits(decision)):
        return
    decision.supersede(overtaken, "moved")
    mails = tuple(
        planned
        for role, contact, place in readers
        for planned in decision.caused(CHANGED, contact=contact, nis=place or None)
        if planned.role == role
    )
    decision.add(FeedbackChanged(about, *(now or (None, None)), reminders=mails))
    decision.withhold(mails)


def _moment(decision: Decision) -> Said:
    trajectory = decision.trajectory
    return moment_of(trajectory), moment(trajectory, decision.pinned)


def _said(decision: Decision) -> Said:
    """Return the moment as this decision said it last, or as it found it."""
    for draft in reversed(decision.drafts):
        if isinstance(draft.fact, FeedbackChanged):
            day = draft.fact.day
            return draft.fact.about, (day, draft.fact.at) if day else None
    assert decision.before is not None  # somebody was invited before
    return moment_of(decision.before), moment(decision.before, decision.pinned)


def _waits(decision: Decision) -> bool:
    """Tell whether a mail about the moment is made and may not have left yet."""
    return any(is_moment(b.about) and b.state == WAITING for b in decision.trajectory.bookings)


def _readers(decision: Decision) -> Iterator[tuple[str, int, str]]:
    """Yield (role, contact, NIS or "") of each who is mistaken, in the first role that is told."""
    rules = decision.pinned.workflow.on.get(CHANGED, ())
    reached: set[int] = set()
    for role in dict.fromkeys(role for rule in rules for role in rule.to):
        for contact, place in decision.trajectory.people(role):
            if contact not in reached and _mistaken(decision, f"contact:{contact}"):
                reached.add(contact)
                yield role, contact, place


def _mistaken(decision: Decision, person: str) -> bool:
    """Tell whether somebody holds, or is about to get, what stands otherwise.

    A mail on its way may yet be withdrawn, and one that is being sent may not: when the mail
    about the change is made, `choosing` looks once more at what really left.
    """
    return any(
        mistaken(decision.trajectory, decision.pinned, person, decision.act.today, waiting=waiting)
        for waiting in (False, True)
    )
