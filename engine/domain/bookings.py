"""Which calendar entries people hold: folded from the mails that carried them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Literal

from engine.domain.events import (
    Event,
    Fact,
    MailCancelled,
    MailDead,
    MailQueued,
    MailReleased,
    MailSent,
    MailUncertain,
    MailWritten,
)
from engine.domain.trajectory import Booking, Trajectory
from engine.domain.workdays import brussels_day

Method = Literal["request", "publish", "cancel"]
REQUEST: Final = "request"
PUBLISH: Final = "publish"
CANCEL: Final = "cancel"
WAITING, LEFT, DEAD = "waiting", "left", "dead"

Changes = dict[str, Any]


def held(trajectory: Trajectory, person: str, *, waiting: bool = False) -> dict[str, Booking]:
    """Return what somebody holds by what it is about, the last word on each.

    Only what left counts; with `waiting`, also what is on its way.
    """
    last = {
        booking.about: booking
        for booking in trajectory.bookings
        if booking.person == person
        and (booking.state == LEFT or (waiting and booking.state == WAITING))
    }
    return {about: booking for about, booking in last.items() if booking.method != CANCEL}


def _queued(t: Trajectory, fact: MailQueued) -> Changes:
    if not fact.calendar:
        return {}
    made = tuple(
        Booking(
            fact.mail,
            fact.person,
            entry.about,
            entry.method,
            entry.day,
            entry.at,
            brussels_day(fact.not_before),
        )
        for entry in fact.calendar
    )
    return {"bookings": t.bookings + made}


def _cancelled(t: Trajectory, fact: MailCancelled) -> Changes:
    """Forget what never left; what may have arrived stays."""
    kept = tuple(b for b in t.bookings if b.mail != fact.mail or b.state == LEFT)
    return {} if len(kept) == len(t.bookings) else {"bookings": kept}


def _turned(t: Trajectory, mail: int, before: str, now: str) -> Changes:
    """Mark what a mail carries as dead, or as waiting once more; what left stays as it is."""
    if not any(b.mail == mail and b.state == before for b in t.bookings):
        return {}
    return {
        "bookings": tuple(
            replace(b, state=now) if (b.mail, b.state) == (mail, before) else b for b in t.bookings
        )
    }


def _left(t: Trajectory, fact: MailSent | MailWritten | MailUncertain) -> Changes:
    """Let what this mail carries take the place of what came before; a cancellation ends it."""
    carried = {(b.person, b.about): b.method for b in t.bookings if b.mail == fact.mail}
    if not carried:
        return {}
    bookings = []
    for booking in t.bookings:
        method = carried.get((booking.person, booking.about))
        if booking.mail == fact.mail and method != CANCEL:
            bookings.append(replace(booking, state=LEFT))
        elif method is None or booking.mail > fact.mail:
            bookings.append(booking)
    return {"bookings": tuple(bookings)}


BRANCHES: dict[type[Fact], Callable[[Trajectory, Any, Event], Changes]] = {
    MailQueued: lambda t, f, e: _queued(t, f),
    MailCancelled: lambda t, f, e: _cancelled(t, f),
    MailDead: lambda t, f, e: _turned(t, f.mail, WAITING, DEAD),
    MailReleased: lambda t, f, e: _turned(t, f.mail, DEAD, WAITING),
    MailSent: lambda t, f, e: _left(t, f),
    MailWritten: lambda t, f, e: _left(t, f),
    MailUncertain: lambda t, f, e: _left(t, f),
}
