"""Sentences about a trajectory's course: its start, phases, dates, pauses and end."""

from __future__ import annotations

from engine.domain.events import (
    CoachChanged,
    Completed,
    DeadlineMoved,
    Event,
    FeedbackChanged,
    FollowUpLinked,
    NoteAdded,
    Paused,
    PhaseEntered,
    PlanningFact,
    ReminderSnoozed,
    Resumed,
    ScopeChanged,
    Stopped,
    TrajectoryRequested,
    TrajectoryStarted,
)
from engine.domain.narrative.names import Names, Teller, first_date, quoted
from engine.domain.words import N_, Say, say

ENTERED = {
    "start": N_("began with {phase}"),
    "advance": N_("moved on to {phase}"),
    "send_back": N_("back to {phase}: {reason}"),
    "next_round": N_("next round, from {phase} on"),
}


def _requested(fact: TrajectoryRequested, event: Event, names: Names) -> Say:
    return say(
        N_("{category} requested for {places}, as {ref}; coach: {coach}"),
        category=names.category(fact.category),
        places=names.places(fact.municipalities),
        ref=fact.ref,
        coach=names.actor(fact.coach),
    )


def _started(fact: TrajectoryStarted, event: Event, names: Names) -> Say:
    return say(
        N_("{category} started for {places}, as {ref}; coach: {coach}"),
        category=names.category(fact.category),
        places=names.places(fact.municipalities),
        ref=fact.ref,
        coach=names.actor(fact.coach),
    )


def _entered(fact: PhaseEntered, event: Event, names: Names) -> Say:
    entered = Say(
        ENTERED[fact.cause],
        {"phase": names.phase(fact.phase), "reason": names.reason("send_back", fact.reason)},
    )
    return _aimed(entered, fact)


def _aimed(happened: Say, fact: PlanningFact) -> Say:
    """Return the sentence with the date that the fact sets for the phase."""
    own = first_date(fact.deadlines)
    if own is None or own.rank:
        return happened
    return say(N_("{happened}; target date {day}"), happened=happened, day=own.due_on)


def _moved(fact: DeadlineMoved, event: Event, names: Names) -> Say:
    moved = fact.deadlines[0]
    if fact.why == "calendar":
        template = N_("target date of {deadline} counted again with another calendar: {day}")
        return say(template, deadline=names.deadline(moved), day=moved.due_on)
    return say(
        N_("target date of {deadline} moved to {day}: {reason}"),
        deadline=names.deadline(moved),
        day=moved.due_on,
        reason=quoted(event, "reason"),
    )


def _snoozed(fact: ReminderSnoozed, event: Event, names: Names) -> Say:
    which = _resting(fact, names)
    if fact.at <= event.recorded_at:
        return say(N_("{which} may go again"), which=which)
    return say(
        N_("{which} rest until {day}: {reason}"),
        which=which,
        day=fact.until,
        reason=quoted(event, "reason"),
    )


def _resting(fact: ReminderSnoozed, names: Names) -> Say:
    """Return which reminders rest: all, or those of a role, a date, or both."""
    role = names.role(fact.role) if fact.role else ""
    date = names.date(fact.deadline) if fact.deadline else ""
    if role and date:
        return say(N_("reminders for {role} of {deadline}"), role=role, deadline=date)
    if role:
        return say(N_("reminders for {role}"), role=role)
    return say(N_("reminders of {deadline}"), deadline=date) if date else say(N_("all reminders"))


def _feedback(fact: FeedbackChanged, event: Event, names: Names) -> Say:
    if fact.day is None:
        return say(N_("the feedback moment falls away, and its calendar entries with it"))
    if fact.at is None:
        return say(N_("the feedback moment in the calendars is on {day}"), day=fact.day)
    template = N_("the feedback moment in the calendars is on {day} at {time}")
    return say(template, day=fact.day, time=fact.at)


def _paused(fact: Paused, event: Event, names: Names) -> Say:
    return say(
        N_("paused until {day}: {reason}"),
        day=fact.until,
        reason=names.reason("pause", fact.reason),
    )


def _resumed(fact: Resumed, event: Event, names: Names) -> Say:
    template = N_("resumed after 1 day") if fact.days == 1 else N_("resumed after {days} days")
    return _aimed(say(template, days=fact.days), fact)


def _stopped(fact: Stopped, event: Event, names: Names) -> Say:
    template = N_("stopped, without a mail: {reason}") if fact.silent else N_("stopped: {reason}")
    return say(template, reason=names.reason("stop", fact.reason))


def _completed(fact: Completed, event: Event, names: Names) -> Say:
    return say(N_("completed"))


def _follow_up(fact: FollowUpLinked, event: Event, names: Names) -> Say:
    return say(
        N_("goes on as {ref}: {category}"), ref=fact.ref, category=names.category(fact.category)
    )


def _noted(fact: NoteAdded, event: Event, names: Names) -> Say:
    return say(N_("noted: {text}"), text=quoted(event, "text"))


def _coach(fact: CoachChanged, event: Event, names: Names) -> Say:
    return say(N_("handed over to another coach: {coach}"), coach=names.actor(fact.coach))


def _scope(fact: ScopeChanged, event: Event, names: Names) -> Say:
    template = N_("{joined} joined, {left} left")
    if not fact.left:
        template = N_("{joined} joined")
    elif not fact.joined:
        template = N_("{left} left")
    return say(template, joined=names.places(fact.joined), left=names.places(fact.left))


TELLERS: dict[type, Teller] = {
    TrajectoryRequested: _requested,
    TrajectoryStarted: _started,
    PhaseEntered: _entered,
    DeadlineMoved: _moved,
    ReminderSnoozed: _snoozed,
    FeedbackChanged: _feedback,
    Paused: _paused,
    Resumed: _resumed,
    Stopped: _stopped,
    Completed: _completed,
    FollowUpLinked: _follow_up,
    NoteAdded: _noted,
    CoachChanged: _coach,
    ScopeChanged: _scope,
}
