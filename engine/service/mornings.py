"""Reads a coach's morning: what stands out among their trajectories, and the mail of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.morning import AHEAD, Morning, morning
from engine.domain.people import Actor, People, present
from engine.domain.recipients import recipients
from engine.domain.workdays import Calendar, brussels_day
from engine.store.attention import Preselect, Reach, counted, standing_out
from engine.store.dossiers import Dossier, Left, Unread, dossiers, troubled, unread
from engine.store.projections import read_actors
from engine.store.queries import OPEN, by_number
from engine.store.transaction import PEOPLE, Transaction


@dataclass(frozen=True, slots=True)
class Seen:
    """What a coach, or everybody, has to know of a day."""

    morning: Morning
    dossiers: tuple[Dossier, ...]  # those of closed trajectories of which a mail still leaves too
    lost: tuple[tuple[Dossier, Left], ...]
    unread: tuple[tuple[Dossier, Unread], ...]
    away: tuple[Actor, ...]  # for whom the coach stands in
    digests: tuple[Left, ...] = ()  # today's, of this coach, that did not arrive

    @property
    def is_quiet(self) -> bool:
        """Tell whether there is nothing to be told."""
        today = self.morning
        parts = (today.overdue, today.today, today.soon, today.pauses, today.waiting)
        return not any((*parts, today.requests, self.lost, self.unread))


def read_morning(
    tx: Transaction,
    reader: int | None,
    calendar: Calendar,
    *,
    today: date,
    before: datetime,
    preselected: Preselect = standing_out,
) -> Seen:
    """Return the morning of an actor, with that of those for whom they stand in; None: of all.

    `before` is how far it looks for mails that leave. `preselected` only saves reading: any
    rows of open trajectories, these among them, do.
    """
    connection = tx.connection
    people = present(People(read_actors(connection), {}), today)
    others = [away for away, other in people.standing_in.items() if other == reader]
    rows, counts = [], Counter[str]()
    for coach in (None,) if reader is None else (reader, *others):
        rows += preselected(connection, Reach(coach, today + AHEAD, before))
        counts.update(counted(connection, coach))
    found = dossiers(connection, sorted(rows, key=lambda own: by_number(own["ref"])))
    mine = {dossier.trajectory.id: dossier for dossier in found}
    still_open = {id_: one for id_, one in mine.items() if one.trajectory.status in OPEN}
    cases = [(one.trajectory, one.pinned) for one in still_open.values()]
    lost = troubled(connection)
    return Seen(
        morning(cases, today, calendar, counts=counts),
        found,
        tuple((mine[mail.trajectory], mail) for mail in lost if mail.trajectory in still_open),
        tuple(_still_unread(mine, unread(connection))),
        tuple(people.actors[away] for away in others),
        tuple(mail for mail in lost if _is_digest(mail, reader, today)),
    )


def _is_digest(mail: Left, reader: int | None, today: date) -> bool:
    """Tell whether a mail is today's digest of an actor (None: of any); older ones are past."""
    mine = reader is None or mail.person == f"actor:{reader}"
    return mail.trajectory == PEOPLE and mine and brussels_day(mail.at) == today


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
