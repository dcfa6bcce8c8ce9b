"""The coach's morning, read for one coach or for everybody, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from commands import snoozing
from commands.effects.resting import queue
from commands.frame.context import Context
from commands.pages.forecast import expected
from engine.dispatch.forecast import Expected
from engine.domain.morning import Dated, Morning
from engine.domain.people import Actor
from engine.domain.trajectory import Trajectory
from engine.domain.workdays import BRUSSELS, brussels_day
from engine.municipalities import names
from engine.service.mornings import read_morning
from engine.store.attention import Preselect, standing_out
from engine.store.dossiers import Dossier, Left, Unread
from engine.store.due import last_beat
from engine.store.inspections import standing
from engine.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Page:
    """All that the morning shows, for one coach or for everybody."""

    actor: Actor
    everybody: bool
    morning: Morning
    mails: tuple[tuple[Dossier, Expected], ...]  # that leave today or on the next working day
    lost: tuple[tuple[Dossier, Left], ...]
    unread: tuple[tuple[Dossier, Unread], ...]
    last_round: datetime | None
    failed: int = 0  # mails that the last round could not write
    queue: dict[str, Any] = field(default_factory=dict)  # its heartbeat
    away: tuple[Actor, ...] = ()  # for whom the reader stands in
    digests: tuple[Left, ...] = ()  # of today, that did not arrive


def read(context: Context, *, everybody: bool, preselected: Preselect = standing_out) -> Page:
    """Return the morning of the person who asks; with `everybody` of all coaches.

    `preselected` only saves reading: any rows of open trajectories, these among them, do. Of a
    closed one only the mails that still leave are shown.
    """
    actor = context.actor()
    midnight = datetime.combine(_last_day(context) + timedelta(days=1), time(), BRUSSELS)
    with context.database().reading() as connection:
        seen = read_morning(
            Transaction(connection, context.now()),
            None if everybody else actor.id,
            context.calendar(),
            today=context.today(),
            before=midnight,
            preselected=preselected,
        )
        beat = last_beat(connection, "tick")
    state = queue(context)
    told = state.get("why") == "at_once"  # what is held is told as a whole
    return Page(
        actor,
        everybody,
        seen.morning,
        tuple(_leaving(context, seen.dossiers)),
        tuple((d, mail) for d, mail in seen.lost if not (told and mail.status == "held")),
        seen.unread,
        beat[0] if beat else None,
        beat[1].get("failed", 0) if beat else 0,
        state,
        seen.away,
        tuple(mail for mail in seen.digests if not (told and mail.status == "held")),
    )


def _last_day(context: Context) -> date:
    """Return the next working day, the last whose mails are shown."""
    return context.calendar().add_working_days(context.today(), 1)


def _leaving(context: Context, mine: Sequence[Dossier]) -> Iterator[tuple[Dossier, Expected]]:
    """Yield the mails of today and the next working day, the first to leave first."""
    until = _last_day(context)
    coming = ((dossier, mail) for dossier in mine for mail in expected(context, dossier))
    near = [(d, m) for d, m in coming if brussels_day(m.at) <= until]
    yield from sorted(near, key=lambda pair: pair[1].at)


def as_json(context: Context, page: Page) -> dict[str, Any]:
    """Return the page as data, every part in the order of the text."""
    today = page.morning
    return {
        "today": context.today(),
        "actor": page.actor.id,
        "counts": today.counts,
        "overdue": [_dated_json(context, one) for one in today.overdue],
        "appointments": [
            {**_own(a.trajectory), "criterion": a.name, "planned": a.on, "planned_time": a.time}
            for a in today.today
        ],
        "coming_week": [_dated_json(context, one) for one in today.soon],
        "pauses": [{**_own(t), "until": t.paused_until} for t, _ in today.pauses],
        "waiting": [
            {
                **_own(one.trajectory),
                "criterion": one.name,
                "waiting_for": list(names(one.municipalities)),
                "asked": one.on,
                "days": one.days,
            }
            for one in today.waiting
        ],
        "requests": [{**_own(t), "requested_on": t.requested_on} for t, _ in today.requests],
        "mails": [
            {**_own(d.trajectory), "at": m.at, "notice": m.notice, "to": m.to}
            for d, m in page.mails
        ],
        "undelivered": [
            {**_own(d.trajectory), "mail": m.mail, "status": m.status, "notice": m.notice}
            for d, m in page.lost
        ],
        "no_recipient": [
            {
                **_own(d.trajectory),
                "role": one.role,
                "notice": one.notice,
                "reason": one.reason,
            }
            for d, one in page.unread
        ],
        "digests_undelivered": [
            {"mail": m.mail, "status": m.status, "to": m.to} for m in page.digests
        ],
        "failed": page.failed,
        "history_broken": standing(context.database()) is not None,
        "queue": page.queue["state"],
        "standing_in_for": [away.id for away in page.away],
        "on_schedule": today.on_schedule,
        "last_round": page.last_round,
    }


def _own(trajectory: Trajectory) -> dict[str, Any]:
    present = trajectory.current_municipalities()
    return {"ref": trajectory.ref, "municipalities": list(names(present))}


def _dated_json(context: Context, one: Dated) -> dict[str, Any]:
    return {
        **_own(one.trajectory),
        "phase": one.trajectory.phase,
        "deadline": one.deadline,
        "due_on": one.due_on,
        "working_days_late": one.working_days,
        "open": [name for name, _ in one.points],
        "no_more_reminders": one.silent,
        "snoozed": snoozing.as_json(context, one.trajectory),
    }
