"""A reminder and a person become a Notice: all that the mail may know, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from engine.dispatch import contacts
from engine.dispatch.appointments import appointments
from engine.dispatch.conversations import conversation
from engine.dispatch.points import reached, still_open
from engine.domain.agenda import moment
from engine.domain.definition import Labels, Phase
from engine.domain.machine import ADVANCE, Pinned, targets, workflow_machine
from engine.domain.people import COACH, Actor, People
from engine.domain.recipients import Recipient, recipients
from engine.domain.trajectory import ReminderState, Trajectory
from engine.domain.words import Words
from engine.domain.workdays import Calendar
from engine.language import words
from engine.municipalities import by_nis
from engine.ports import Notice, Person

OVERVIEW, REPORT = "monthly_overview", "feedback_report"


@dataclass(frozen=True, slots=True)
class Case:
    """A trajectory as its mails see it: its value, its definition, its people, today."""

    trajectory: Trajectory
    pinned: Pinned
    people: People
    calendar: Calendar
    today: date


def notice(
    case: Case,
    reminder: ReminderState,
    to: Recipient,
    *,
    key: str,
    now: datetime,
    checkpoint: tuple[int, str],
    organisation: str,
    sender: str,
) -> Notice:
    """Return what a reminder asks to say to one person."""
    speak = words(to.lang)
    trajectory, workflow = case.trajectory, case.pinned.workflow
    person = _person(case, to)
    coach = _coach(case, to.lang)
    due = _due(case, reminder)
    points = still_open(trajectory, case.pinned, reminder, speak, outside=person.outside)
    coordinators = recipients("coordinator", trajectory, case.people)
    day, hour = moment(trajectory, case.pinned) or (None, None)
    return Notice(
        id=reminder.notice,
        to=person,
        coach=coach,
        lang=to.lang,
        ref=trajectory.ref,
        trajectory=trajectory.id,
        municipalities=tuple(by_nis(nis).name for nis in trajectory.current_municipalities()),
        category=speak.label(workflow.label_outside if person.outside else workflow.label),
        phase=_phase_label(workflow.phases.get(trajectory.phase or ""), person, speak),
        phase_number=_number(case),
        phase_count=len(workflow.phases),
        phase_goal=_goal(case, person, speak),
        previous_phase=_phase_label(workflow.phases.get(trajectory.came_from or ""), person, speak),
        entry=trajectory.entry or 0,
        conversation=conversation(trajectory, reminder),
        due_on=due,
        goal=_step(case, reminder, speak),
        days_late=_days_late(case, due),
        points=points.theirs,
        coach_points=points.coachs,
        criterion=_asked_about(case, reminder, speak),
        coordinator=coordinators[0].name if coordinators else "",
        feedback_on=day,
        feedback_at=time.fromisoformat(hour) if hour else None,
        **_talk(case) | _told(case, reminder, person, speak),
        calendar=appointments(
            trajectory, case.pinned, reminder, to=person, coach=coach, today=case.today
        ),
        until=trajectory.paused_until,
        reason=_reason(case, speak),
        last=reminder.last,
        cause=trajectory.cause or "",
        checkpoint_size=checkpoint[0],
        checkpoint_root=checkpoint[1],
        key=key,
        created_at=now,
        organisation=organisation,
        sender=sender,
    )


def named_in(made: Notice, case: Case, away: str = "") -> frozenset[str]:
    """Return the keys of the people that a mail names: an erasure must reach it.

    Among them is who is away, and read or signed for by another.
    """
    coordinators = recipients("coordinator", case.trajectory, case.people)
    named = {c.key for c in coordinators if c.name == made.coordinator}
    named |= {made.to.key, made.coach.key, away, signed_for(case)}
    named |= contacts.keys(case.trajectory) if made.roles else set()
    return frozenset(filter(None, named))


def signed_for(case: Case) -> str:
    """Return the key of the coach in whose place another signs the mails, "" where none does."""
    answering = recipients(COACH, case.trajectory, case.people)
    return answering[0].instead_of if answering else ""


def _person(case: Case, to: Recipient) -> Person:
    """Return the reader, addressed as the role asks."""
    role = case.pinned.workflow.roles[to.role]
    places = tuple(
        by_nis(place).name
        for number, place in case.trajectory.people(to.role)
        if place and f"contact:{number}" == to.key
    )
    return Person(
        key=to.key,
        name=to.name,
        email=to.email,
        lang=to.lang,
        role=to.role,
        formal=role.form == "formal",
        outside=role.outside,
        municipalities=places,
        instead_of=_name(case, to.instead_of),
    )


def _coach(case: Case, lang: str) -> Person:
    """Return who answers every mail: the coach, or a lead once the coach works here no longer.

    Where there is no lead either the coach stays named; a name stays blank once erased.
    """
    answering = recipients(COACH, case.trajectory, case.people)
    key = answering[0].key if answering else f"actor:{case.trajectory.coach}"
    actor: Actor | None = case.people.actors.get(int(key.partition(":")[2]))
    name, email = (actor.name or "", actor.email or "") if actor else ("", "")
    away = answering[0].instead_of if answering else ""
    return Person(key, name, email, lang, COACH, instead_of=_name(case, away))


def _name(case: Case, key: str) -> str:
    """Return the name of an actor; "" for nobody, and once it was erased."""
    actor = case.people.actors.get(int(key.partition(":")[2])) if key else None
    return (actor.name if actor else None) or ""


def _phase_label(phase: Phase | None, reader: Person, speak: Words) -> str:
    """Return a phase's label as this reader may see it."""
    if phase is None:
        return ""
    label: Labels = phase.outside() if reader.outside else phase.label
    return speak.label(label)


def _number(case: Case) -> int:
    """Return the number of the current phase, from 1; 0 where there is none."""
    order = case.pinned.workflow.phase_ids()
    return order.index(case.trajectory.phase) + 1 if case.trajectory.phase in order else 0


def _goal(case: Case, reader: Person, speak: Words) -> str:
    """Return the label of the phase that an advance leads to, "" where none or several."""
    if case.trajectory.phase is None:
        return ""
    ahead = targets(workflow_machine(case.pinned), case.trajectory.phase, ADVANCE)
    phase = case.pinned.workflow.phases.get(ahead[0]) if len(ahead) == 1 else None
    return _phase_label(phase, reader, speak)


def _talk(case: Case) -> dict[str, Any]:
    """Return when the talk of a first phase is, if that is agreed, or that it is over.

    The talk is what such a phase has first; an appointment that is past counts as held.
    """
    phase = case.pinned.workflow.phases.get(case.trajectory.phase or "")
    if phase is None or phase.kind != "intake":
        return {}
    talk = case.trajectory.criterion(next(iter(phase.criteria)))
    if talk.state != "open" or (talk.planned_on is not None and talk.planned_on < case.today):
        return {"talk_held": True}
    hour = time.fromisoformat(talk.planned_time) if talk.planned_time else None
    return {"talk_on": talk.planned_on, "talk_at": hour}


def _told(case: Case, reminder: ReminderState, reader: Person, speak: Words) -> dict[str, Any]:
    """Return what few mails tell: what was held, what a month brought, who has which role."""
    own, pinned = case.trajectory, case.pinned
    if reminder.notice == REPORT:
        return {"held_on": reminder.day}
    if reminder.notice == contacts.CHECK:
        return {"roles": contacts.roles(own, pinned.workflow, case.people, speak)}
    if reminder.notice == OVERVIEW:
        since = case.calendar.add(case.today, "months", -1)
        return {"reached": reached(own, pinned, since, speak, outside=reader.outside)}
    return {}


def _due(case: Case, reminder: ReminderState) -> date | None:
    """Return the date a mail is about: its own deadline's, else the phase's."""
    standing = case.trajectory.deadlines.get((reminder.entry or 0, reminder.deadline))
    return standing.deadline.due_on if standing else case.trajectory.due_on()


def _step(case: Case, reminder: ReminderState, speak: Words) -> str:
    """Return the name of a deadline that is a step of its own, "" where it is the phase's."""
    standing = case.trajectory.deadlines.get((reminder.entry or 0, reminder.deadline))
    if standing is None:
        return ""
    phase = case.pinned.workflow.phases[standing.deadline.phase]
    label = phase.deadlines[reminder.deadline].label
    return speak.label(label) if label else ""


def _days_late(case: Case, due: date | None) -> int:
    """Return the working days past a date."""
    if due is None or case.today <= due:
        return 0
    return case.calendar.working_days_between(due, case.today)


def _asked_about(case: Case, reminder: ReminderState, speak: Words) -> str:
    """Return the label of the criterion that a mayor is asked to agree with."""
    criterion = case.pinned.workflow.criterion(reminder.about) if reminder.about else None
    return speak.label(criterion.outside()) if criterion else ""


def _reason(case: Case, speak: Words) -> str:
    """Return the label of the reason for a pause or a stop."""
    lists = case.pinned.workflow.reasons
    known = {**lists.pause, **lists.stop}.get(case.trajectory.reason or "")
    return speak.label(known) if known else ""
