"""The coach's morning, read for one coach or for everybody, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from commands import snoozing
from commands.context import Context
from commands.forecast_page import expected
from commands.resting import queue
from engine.dispatch.forecast import Expected
from engine.domain.morning import AHEAD, Dated, Morning, morning
from engine.domain.people import Actor, People, present
from engine.domain.recipients import recipients
from engine.domain.trajectory import Trajectory
from engine.domain.workdays import BRUSSELS, brussels_day
from engine.municipalities import names
from engine.store.attention import Preselect, Reach, counted, standing_out
from engine.store.dossiers import Dossier, Left, Unread, dossiers, troubled, unread
from engine.store.due import last_beat
from engine.store.projections import read_actors
from engine.store.queries import OPEN, by_number


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


def read(context: Context, *, everybody: bool, preselected: Preselect = standing_out) -> Page:
    """Return the morning of the person who asks; with `everybody` of all coaches.

    `preselected` only saves reading: any rows of open trajectories, these among them, do. Of a
    closed one only the mails that still leave are shown.
    """
    actor = context.actor()
    with context.database().reading() as connection:
        people = present(People(read_actors(connection), {}), context.today())
        others = tuple(away for away, other in people.standing_in.items() if other == actor.id)
        rows, counts = [], Counter[str]()
        for coach in (None,) if everybody else (actor.id, *others):
            rows += preselected(connection, _reach(context, coach))
            counts.update(counted(connection, coach))
        found = dossiers(connection, sorted(rows, key=lambda own: by_number(own["ref"])))
        lost, missed = troubled(connection), unread(connection)
        beat = last_beat(connection, "tick")
    state = queue(context)
    if state.get("why") == "at_once":  # told as a whole
        lost = tuple(mail for mail in lost if mail.status != "held")
    mine = {d.trajectory.id: d for d in found}
    still_open = {id_ for id_, dossier in mine.items() if dossier.trajectory.status in OPEN}
    cases = [(mine[id_].trajectory, mine[id_].pinned) for id_ in mine if id_ in still_open]
    return Page(
        actor,
        everybody,
        morning(cases, context.today(), context.calendar(), counts=counts),
        tuple(_leaving(context, found)),
        tuple((mine[mail.trajectory], mail) for mail in lost if mail.trajectory in still_open),
        tuple(_still_unread(mine, missed)),
        beat[0] if beat else None,
        beat[1].get("failed", 0) if beat else 0,
        state,
        () if everybody else tuple(people.actors[away] for away in others),
    )


def _reach(context: Context, coach: int | None) -> Reach:
    """Return how far the page looks: a week ahead, and at the mails up to the next working day."""
    midnight = datetime.combine(_last_day(context) + timedelta(days=1), time(), BRUSSELS)
    return Reach(coach, context.today() + AHEAD, midnight)


def _last_day(context: Context) -> date:
    """Return the next working day, the last whose mails are shown."""
    return context.calendar().add_working_days(context.today(), 1)


def _leaving(context: Context, mine: Sequence[Dossier]) -> Iterator[tuple[Dossier, Expected]]:
    """Yield the mails of today and the next working day, the first to leave first."""
    until = _last_day(context)
    coming = ((dossier, mail) for dossier in mine for mail in expected(context, dossier))
    near = [(d, m) for d, m in coming if brussels_day(m.at) <= until]
    yield from sorted(near, key=lambda pair: pair[1].at)


def _still_unread(
    mine: dict[str, Dossier], missed: Sequence[Unread]
) -> Iterator[tuple[Dossier, Unread]]:
    """Yield once a role the reminders that reached nobody, where that may be so still."""
    seen = set()
    for one in missed:
        dossier = mine.get(one.trajectory)
        if dossier is None or (one.trajectory, one.role, one.nis, one.reason) in seen:
            continue
        seen.add((one.trajectory, one.role, one.nis, one.reason))
        found = recipients(one.role, dossier.trajectory, dossier.people, nis=one.nis)
        if one.reason != "no_recipient" or not found:
            yield dossier, one


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
        "failed": page.failed,
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
