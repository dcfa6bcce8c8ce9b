"""What belongs in people's calendars: the dates asked for, and the feedback moment.

What stands now is compared with what a person holds (`bookings`); the difference is what a mail
to that person carries. What a calendar entry is about does not change with its date: the
feedback moment of a round is one entry, however often it moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain.bookings import CANCEL, PUBLISH, REQUEST, Method, held
from engine.domain.events import Deadline
from engine.domain.machine import Pinned
from engine.domain.reminders import CHANGED
from engine.domain.trajectory import Booking, ReminderState, Trajectory

FEEDBACK = "feedback"  # the phase kind whose day people are invited to
INVITATION = "feedback_invite"
ASKING = ("start", "phase_started", "deadline_soon")  # these say by when something is asked
# a question of its own, no calendar
OTHERWISE_BUSY = ("validation_request", "followup_offer", "contacts_check")
RECENTLY = timedelta(days=14)  # who was told so lately needs no invitation once more

When = tuple[date, str | None]  # a day, and an hour in Brussels where one is fixed


@dataclass(frozen=True, slots=True)
class Carried:
    """What a mail does in its reader's calendar; `was`: what stood there until now."""

    about: str
    method: Method
    day: date
    at: str | None
    invited: bool  # the reader is asked to be there, not only told of a date
    was: When | None = None


def moment_of(trajectory: Trajectory) -> str:
    """Return what entries of the present round's feedback moment are about."""
    return f"{FEEDBACK}/{trajectory.round_entry or 0}"


def is_moment(about: str) -> bool:
    """Tell whether an entry is about a feedback moment, of whichever round."""
    return about.startswith(f"{FEEDBACK}/")


def standing(trajectory: Trajectory, pinned: Pinned) -> dict[str, When]:
    """Return every date that stands now, by what it is about; none while the work rests."""
    found: dict[str, When] = {}
    if trajectory.status == "active":
        for standing in trajectory.open_deadlines():
            criterion = _settled_by_feedback(pinned, standing.deadline)
            if criterion is None:
                found[_about(standing.deadline)] = standing.deadline.due_on, None
            else:
                when = _agreed(trajectory, criterion, standing.deadline, standing.position)
                found.setdefault(moment_of(trajectory), when)
    return found


def moment(trajectory: Trajectory, pinned: Pinned) -> When | None:
    """Return day and hour of the feedback moment, None where none stands."""
    return standing(trajectory, pinned).get(moment_of(trajectory))


def carried(
    trajectory: Trajectory, pinned: Pinned, reminder: ReminderState, person: str, today: date
) -> tuple[Carried, ...]:
    """Return what a mail brings into its reader's calendar, moves there or takes out.

    A date that the reader holds as it stands is not sent again: Outlook would double it.
    """
    if reminder.notice in OTHERWISE_BUSY or not person.startswith("contact:"):
        return ()
    stands, mine = standing(trajectory, pinned), held(trajectory, person)
    found: dict[str, Carried] = {}
    for about, booking in mine.items():
        now = stands.get(about)
        if now is None and _still_matters(booking, trajectory, pinned, today):
            found[about] = _called_off(booking)
        elif now is not None and _otherwise(booking, now, today):
            invited = booking.method == REQUEST
            found[about] = _dated(about, now, invited, (booking.day, booking.at))
    offered = _offered(trajectory, pinned, reminder)
    if offered is not None and offered in stands and stands[offered][0] >= today:
        before, invited = found.get(offered), reminder.notice == INVITATION
        if invited or offered not in mine:
            was = before.was if before else None
            found[offered] = _dated(offered, stands[offered], invited, was)
    return tuple(found[about] for about in sorted(found, key=lambda a: (not is_moment(a), a)))


def mistaken(
    trajectory: Trajectory, pinned: Pinned, person: str, today: date, *, waiting: bool = False
) -> bool:
    """Tell whether somebody was invited to a feedback moment that does not stand like that.

    Once it was held nobody is mistaken, and what is past needs no calling off.
    """
    stands = standing(trajectory, pinned)
    for about, booking in held(trajectory, person, waiting=waiting).items():
        if not is_moment(about) or booking.method != REQUEST:
            continue
        now = stands.get(about)
        if now is None and booking.day >= today and not was_held(trajectory, pinned):
            return True
        if now is not None and _otherwise(booking, now, today):
            return True
    return False


def told(trajectory: Trajectory, pinned: Pinned, person: str, today: date) -> bool:
    """Tell whether somebody was invited to the moment as it stands, a short while ago."""
    booking = held(trajectory, person, waiting=True).get(moment_of(trajectory))
    return (
        booking is not None
        and booking.method == REQUEST
        and (booking.day, booking.at) == moment(trajectory, pinned)
        and booking.since > today - RECENTLY
    )


def needless(
    reminder: ReminderState, trajectory: Trajectory, pinned: Pinned, person: str, today: date
) -> bool:
    """Tell whether a mail about the feedback moment would tell somebody nothing new."""
    if reminder.notice == CHANGED:
        return not mistaken(trajectory, pinned, person, today)
    return reminder.notice == INVITATION and told(trajectory, pinned, person, today)


def outdated(trajectory: Trajectory, pinned: Pinned, mail: int) -> bool:
    """Tell whether a mail that waits would bring a date that stands otherwise by now."""
    mine = [booking for booking in trajectory.bookings if booking.mail == mail]
    if not mine:
        return False
    stands = standing(trajectory, pinned)
    return any(
        (booking.about in stands)
        if booking.method == CANCEL
        else stands.get(booking.about) != (booking.day, booking.at)
        for booking in mine
    )


def deadline_about(trajectory: Trajectory, about: str) -> Deadline | None:
    """Return the deadline that an entry is about, open or not; None for a feedback moment."""
    entry, _, name = about.partition("/")
    found = trajectory.deadlines.get((int(entry), name)) if entry.isdecimal() else None
    return found.deadline if found else None


def _about(deadline: Deadline) -> str:
    return f"{deadline.entry}/{deadline.deadline}"


def _settled_by_feedback(pinned: Pinned, deadline: Deadline) -> str | None:
    """Return the criterion of a feedback phase that settles a deadline, None for other dates."""
    criterion = pinned.workflow.phases[deadline.phase].deadlines[deadline.deadline].met_by
    return criterion if criterion and is_feedback(pinned, criterion) else None


def is_feedback(pinned: Pinned, criterion: str) -> bool:
    """Tell whether meeting a criterion says that the feedback moment was held."""
    phases, home = pinned.workflow.phases, pinned.workflow.phase_of(criterion)
    if home is None or phases[home].kind != FEEDBACK:
        return False
    return any(r.met_by == criterion for p in phases.values() for r in p.deadlines.values())


def _agreed(trajectory: Trajectory, criterion: str, deadline: Deadline, dated: int) -> When:
    """Return when people meet: the later word of the appointment and the deadline's date."""
    state = trajectory.criterion(criterion)
    if state.planned_on and (state.planned_on == deadline.due_on or state.position > dated):
        return state.planned_on, state.planned_time
    return deadline.due_on, None


def was_held(trajectory: Trajectory, pinned: Pinned) -> bool:
    """Tell whether the feedback moment took place."""
    criteria = (
        _settled_by_feedback(pinned, settled.deadline)
        for settled in trajectory.deadlines.values()
        if settled.state == "met"
    )
    return any(c is not None and trajectory.criterion(c).state == "met" for c in criteria)


def _still_matters(booking: Booking, trajectory: Trajectory, pinned: Pinned, today: date) -> bool:
    """Tell whether an entry without a date behind it is worth taking out of a calendar."""
    if booking.day > today or not is_moment(booking.about):
        return booking.day > today
    return booking.day == today and not was_held(trajectory, pinned)


def _otherwise(booking: Booking, now: When, today: date) -> bool:
    """Tell whether an entry stands otherwise by now, and one of the two days is not past.

    A moment brought forward may be past once its mail leaves: the later day is still kept free.
    """
    return now != (booking.day, booking.at) and max(now[0], booking.day) >= today


def _dated(about: str, when: When, invited: bool, was: When | None = None) -> Carried:
    """Return an entry with its date: an invitation, or a mere date."""
    return Carried(about, REQUEST if invited else PUBLISH, *when, invited, was)


def _called_off(booking: Booking) -> Carried:
    """Return that an entry falls away."""
    invited = booking.method == REQUEST
    return Carried(booking.about, CANCEL, booking.day, booking.at, invited)


def _offered(trajectory: Trajectory, pinned: Pinned, reminder: ReminderState) -> str | None:
    """Return what a mail gives a date for, to be kept in a calendar."""
    if reminder.notice == INVITATION:
        return moment_of(trajectory)
    if reminder.notice not in ASKING or pinned.workflow.roles[reminder.role].outside:
        return None
    if reminder.deadline:
        found = trajectory.deadlines.get((reminder.entry or 0, reminder.deadline))
    else:
        own = (d for d in trajectory.open_deadlines() if d.deadline.entry == trajectory.entry)
        found = next(own, None)
    if found is None:
        return None
    criterion = _settled_by_feedback(pinned, found.deadline)
    return moment_of(trajectory) if criterion else _about(found.deadline)
