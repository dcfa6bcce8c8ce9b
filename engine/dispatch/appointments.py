"""What a mail does in its reader's calendar, with an id that stays and words fit for colleagues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from uuid import UUID, uuid5

from engine.domain.agenda import Carried, carried, deadline_about, is_moment
from engine.domain.bookings import CANCEL
from engine.domain.definition import Labels
from engine.domain.machine import Pinned
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.words import N_, Say, say
from engine.language import words
from engine.municipalities import by_nis
from engine.ports import Appointment, Person

NAMESPACE = UUID("b7d0f2de-5d0b-5b0e-9a8e-0d7c55f3a1c4")  # ours; never changes
SUFFIX = "traject.invalid"  # no domain of anybody's, and never an address
SHOWN = 3  # of many municipalities


def appointments(
    trajectory: Trajectory,
    pinned: Pinned,
    reminder: ReminderState,
    *,
    to: Person,
    coach: Person,
    today: date,
) -> tuple[Appointment, ...]:
    """Return the calendar entries of a mail to one person.

    The sequence is the trajectory's version: the number of the last decision in its stream.
    It rises with whatever moves a date, never falls, and needs nothing kept beside the mails;
    that it also rises in between is allowed.
    """
    speak = words(to.lang)
    return tuple(
        Appointment(
            about=change.about,
            uid=uid(trajectory.id, change.about),
            sequence=trajectory.version,
            method=change.method,
            day=change.day,
            at=time.fromisoformat(change.at) if change.at else None,
            summary=speak.say(_summary(trajectory, pinned, change)),
            description=speak.say(_description(change, coach)),
            invited=change.invited,
            was=change.was[0] if change.was else None,
        )
        for change in carried(trajectory, pinned, reminder, to.key, today)
    )


def uid(trajectory: str, about: str) -> str:
    """Return the UID of a calendar entry: the same whatever its date, for everybody."""
    return f"{uuid5(NAMESPACE, f'{trajectory}/{about}')}@{SUFFIX}"


def _summary(trajectory: Trajectory, pinned: Pinned, change: Carried) -> Say:
    """Return the title, without a word that colleagues who see the calendar may not read."""
    places = _places([by_nis(nis).name for nis in trajectory.current_municipalities()])
    if is_moment(change.about):
        return say(N_("Feedback moment LIVC R {places}"), places=places)
    step = _step(trajectory, pinned, change.about)
    if step is None:
        return say(N_("LIVC R {places}, please by today"), places=places)
    return say(N_("LIVC R {places}, please by today: {step}"), places=places, step=step)


def _description(change: Carried, coach: Person) -> Say:
    """Return the text below the title."""
    if is_moment(change.about):
        if change.method == CANCEL:
            return say(N_("This feedback moment will not take place."))
        return say(
            N_(
                "We look together at what the plan has brought, and who will follow it up. "
                "Questions: {coach}, {email}."
            ),
            coach=coach.name,
            email=coach.email,
        )
    if change.method == CANCEL:
        return say(N_("This date no longer applies."))
    return say(
        N_("Please by {day}. More time is always possible: just tell {coach}, {email}."),
        day=change.day,
        coach=coach.name,
        email=coach.email,
    )


def _step(trajectory: Trajectory, pinned: Pinned, about: str) -> Labels | None:
    """Return the outside name of what a date is for."""
    deadline = deadline_about(trajectory, about)
    if deadline is None:
        return None
    phase = pinned.workflow.phases[deadline.phase]
    return phase.deadlines[deadline.deadline].label or phase.outside()


def _places(names: Sequence[str]) -> str | Say:
    """Return `Gent, Deinze and Aalter`; of many the first, and how many more."""
    if len(names) > SHOWN + 1:
        first = tuple(names[:SHOWN])
        return say(N_("{places} and {n} others"), places=first, n=len(names) - SHOWN)
    if len(names) > 1:
        return say(N_("{places} and {last}"), places=tuple(names[:-1]), last=names[-1])
    return "".join(names)
