"""A coach's morning becomes a Digest: line by line, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from engine.domain.morning import Appointment, Asked, Case, Dated
from engine.domain.narrative.labels import NOTICES
from engine.domain.recipients import Recipient
from engine.domain.trajectory import Trajectory
from engine.domain.words import Words
from engine.domain.workdays import brussels_day
from engine.language import words
from engine.municipalities import names
from engine.ports import Digest, Line, Part, Person
from engine.service.mornings import Seen
from engine.store.dossiers import Dossier, Left, Unread

MOST_LINES = 15  # of a part; the others are counted


def summed_up(
    seen: Seen,
    to: Recipient,
    *,
    key: str,
    now: datetime,
    checkpoint: tuple[int, str],
    organisation: str,
    sender: str,
) -> Digest:
    """Return what a coach is told of this morning; no name but of who is away, no free text."""
    today = seen.morning
    person = Person(to.key, to.name, to.email, to.lang, to.role)
    return Digest(
        to=person,
        lang=to.lang,
        parts=tuple(_parts(seen, words(to.lang), brussels_day(now))),
        active=today.counts["active"],
        paused=today.counts["paused"],
        requested=today.counts["requested"],
        on_schedule=max(today.counts["active"] - len(_active_among(seen)), 0),
        standing_in=tuple(away.name for away in seen.away if away.name),
        checkpoint_size=checkpoint[0],
        checkpoint_root=checkpoint[1],
        key=key,
        created_at=now,
        organisation=organisation,
        sender=sender,
    )


def _parts(seen: Seen, speak: Words, today: date) -> Iterator[Part]:
    """Yield the parts that are not empty, in the order of the morning."""
    own = seen.morning
    lost = (_lost(*one, speak) for one in seen.lost)
    unread = dict.fromkeys(_unread(*one, speak) for one in seen.unread)
    for name, lines in (
        ("overdue", (_dated(one, speak) for one in own.overdue)),
        ("today", (_appointment(one, speak, today) for one in own.today)),
        ("soon", (_dated(one, speak) for one in own.soon)),
        ("pauses", (_pause(one, today) for one in own.pauses)),
        ("waiting", (_asked(one, speak) for one in own.waiting)),
        ("requests", (_requested(one, speak) for one in own.requests)),
        ("undelivered", (*lost, *unread)),
    ):
        if found := tuple(lines):
            yield Part(name, found[:MOST_LINES], max(len(found) - MOST_LINES, 0))


def _dated(one: Dated, speak: Words) -> Line:
    """Return a date that is past or near."""
    return Line(
        _places(one.trajectory),
        speak.label(one.label),
        one.due_on,
        days=one.working_days,
        points=len(one.points),
        kind="silent" if one.silent else "",
    )


def _appointment(one: Appointment, speak: Words, today: date) -> Line:
    """Return what is planned today, or was planned and is not noted."""
    at = time.fromisoformat(one.time) if one.time else None
    kind = "past" if one.on < today else ""
    return Line(_places(one.trajectory), speak.label(one.criterion.label), one.on, at, kind=kind)


def _pause(case: Case, today: date) -> Line:
    """Return a pause that ends, or should have ended."""
    until = case[0].paused_until
    over = until is not None and until < today
    return Line(_places(case[0]), "", until, kind="past" if over else "")


def _asked(one: Asked, speak: Words) -> Line:
    """Return a consent that did not come."""
    several = len(one.trajectory.current_municipalities()) > 1
    who = names(one.municipalities) if several else ()
    label = speak.label(one.criterion.label)
    return Line(_places(one.trajectory), label, one.on, days=one.days, who=who)


def _requested(case: Case, speak: Words) -> Line:
    """Return an application that waits for an answer."""
    own, pinned = case
    return Line(_places(own), speak.label(pinned.workflow.label), own.requested_on)


def _lost(dossier: Dossier, mail: Left, speak: Words) -> Line:
    """Return a mail that is dead, held or uncertain; who was to read it stands in the tool."""
    return Line(_places(dossier.trajectory), _notice(mail.notice, speak), kind=mail.status)


def _unread(dossier: Dossier, one: Unread, speak: Words) -> Line:
    """Return a role that nobody has, or for which a mail could not be written."""
    role = speak.label(dossier.pinned.workflow.roles[one.role].label)
    who = " ".join((role, *names((one.nis,) if one.nis else ())))
    what = _notice(one.notice, speak)
    return Line(_places(dossier.trajectory), what, who=(who,), kind=one.reason)


def _notice(notice: str, speak: Words) -> str:
    return speak.text(NOTICES[notice]) if notice in NOTICES else notice


def _places(own: Trajectory) -> tuple[str, ...]:
    return names(own.current_municipalities())


def _active_among(seen: Seen) -> set[str]:
    """Return the active trajectories that a line is about."""
    today = seen.morning
    found: list[Trajectory] = [one.trajectory for one in (*today.overdue, *today.soon)]
    found += [one.trajectory for one in today.today]
    found += [one.trajectory for one in today.waiting]
    found += [dossier.trajectory for dossier, _ in (*seen.lost, *seen.unread)]
    return {own.ref for own in found if own.status == "active"}
