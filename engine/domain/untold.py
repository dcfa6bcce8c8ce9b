"""Who keeps a day in the calendar that is not theirs, or not so, and is not mailed at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.domain.agenda import OTHERWISE_BUSY, When, is_moment, standing, was_held
from engine.domain.bookings import REQUEST, WAITING, held
from engine.domain.machine import Pinned
from engine.domain.reminders import unwanted
from engine.domain.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Kept:
    """An invitation that stays in somebody's calendar, and what stands instead."""

    contact: int
    when: When
    now: When | None  # None: nothing stands
    left: bool  # who has no role here any more


def untold(trajectory: Trajectory, pinned: Pinned, today: date) -> frozenset[Kept]:
    """Return the invitations that are wrong, or whose holder left, and that no mail puts right.

    A mail that is on its way puts right what it can; what is past, or took place, is no trouble.
    """
    people = {b.person for b in trajectory.bookings if b.person.startswith("contact:")}
    if not people or was_held(trajectory, pinned):
        return frozenset()
    return frozenset(
        kept
        for person in people
        for about, kept in _kept(trajectory, pinned, person)
        if kept.when[0] >= today
        if kept.left or kept.when != kept.now
        if not _on_its_way(trajectory, kept.contact, about)
    )


def misdated(before: Trajectory, after: Trajectory, pinned: Pinned, today: date) -> dict[int, date]:
    """Return who holds a day, asked for and not an invitation, that a change made wrong; which.

    A mail that leaves to them anyway brings the new one, none leaves for it.
    """
    stood, stands = standing(before, pinned), standing(after, pinned)
    found: dict[int, date] = {}
    present = {c for (c, _, _), role in after.assignments.items() if role.until_on is None}
    for person in sorted({f"contact:{c}" for c in present} & {b.person for b in after.bookings}):
        for about, booking in held(after, person).items():
            when = booking.day, booking.at
            moved = stood.get(about) == when and stands.get(about) not in (None, when)
            if booking.method != REQUEST and moved and booking.day >= today:
                found[int(person.partition(":")[2])] = booking.day
    return found


def _kept(trajectory: Trajectory, pinned: Pinned, person: str) -> Iterator[tuple[str, Kept]]:
    """Yield each invitation that somebody holds, with what it is about."""
    contact, stands = int(person.partition(":")[2]), standing(trajectory, pinned)
    left = all(
        assignment.until_on is not None
        for (who, _, _), assignment in trajectory.assignments.items()
        if who == contact
    )
    for about, booking in held(trajectory, person).items():
        if is_moment(about) and booking.method == REQUEST:
            yield about, Kept(contact, (booking.day, booking.at), stands.get(about), left)


def _on_its_way(trajectory: Trajectory, contact: int, about: str) -> bool:
    """Tell whether a mail to somebody, made or about to be, brings what stands now."""
    made = any(
        (b.person, b.about, b.state) == (f"contact:{contact}", about, WAITING)
        for b in trajectory.bookings
    )
    return made or any(
        reminder.immediate
        and reminder.notice not in OTHERWISE_BUSY
        and reminder.contact in (None, contact)
        and unwanted(reminder, trajectory) is None
        and any(who == contact for who, _ in trajectory.people(reminder.role, reminder.nis))
        for reminder in trajectory.planned()
    )
