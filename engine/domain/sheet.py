"""Where one trajectory stands, line by line: phases, criteria, deadlines, people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from engine.domain.definition import Labels
from engine.domain.machine import Pinned
from engine.domain.people import People
from engine.domain.recipients import recipients
from engine.domain.trajectory import DeadlineState, Trajectory
from engine.domain.words import Say
from engine.domain.workdays import explain

LIVE = ("active", "paused")


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One exit criterion; its number counts within its phase and never shifts."""

    id: str
    number: int
    phase: str
    label: Labels
    required: bool
    who: str
    per_municipality: bool
    state: str  # open | met | waived
    on: date | None
    value: date | None
    planned: date | None
    planned_time: str | None
    consents: Mapping[str, date]  # NIS -> day
    asked: Mapping[str, date]  # NIS -> day
    waiting_for: tuple[str, ...]  # NIS codes still to consent
    reason: str | None  # of a waiver; None where there is none, or erased


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """One deadline that stands, and each step that led to its date."""

    id: str
    phase: str
    label: Labels | None  # None: the phase's own name says it
    due_on: date
    given: bool
    steps: tuple[tuple[Mapping[str, object], Say], ...]


@dataclass(frozen=True, slots=True)
class ContactLine:
    """Somebody in a role, or a role nobody has: then id, name and email are None."""

    id: int | None
    name: str | None
    email: str | None
    lang: str | None
    organisation: str | None
    role: str
    label: Labels
    nis: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of a trajectory that a reader is shown."""

    trajectory: Trajectory
    number: int  # of the current phase, 0 while requested
    phases: Mapping[str, Labels]  # in file order
    label: Labels
    criteria: tuple[CriterionLine, ...] = ()  # of all phases, in file order
    deadlines: tuple[DeadlineLine, ...] = ()  # those that stand, the phase's own first
    contacts: tuple[ContactLine, ...] = ()
    vacant: tuple[ContactLine, ...] = ()  # roles that get mail and nobody has

    def current(self) -> tuple[CriterionLine, ...]:
        """Return the criteria of the current phase."""
        return tuple(line for line in self.criteria if line.phase == self.trajectory.phase)


def sheet(
    trajectory: Trajectory, pinned: Pinned, people: People, reasons: Mapping[str, str]
) -> Sheet:
    """Return where a trajectory stands; `reasons` are the waivers', by criterion."""
    order = pinned.workflow.phase_ids()
    standing = trajectory.open_deadlines() if trajectory.status in LIVE else ()
    return Sheet(
        trajectory=trajectory,
        number=order.index(trajectory.phase) + 1 if trajectory.phase in order else 0,
        phases={name: phase.label for name, phase in pinned.workflow.phases.items()},
        label=pinned.workflow.label,
        criteria=tuple(_criteria(trajectory, pinned, reasons)),
        deadlines=tuple(_deadline(pinned, state) for state in standing),
        contacts=tuple(_contacts(trajectory, pinned, people)),
        vacant=tuple(_vacant(trajectory, pinned, people)),
    )


def _criteria(
    trajectory: Trajectory, pinned: Pinned, reasons: Mapping[str, str]
) -> Iterator[CriterionLine]:
    """Yield the criteria of all phases with their state."""
    present = trajectory.current_municipalities()
    for phase_id, phase in pinned.workflow.phases.items():
        for number, (name, rule) in enumerate(phase.criteria.items(), start=1):
            state = trajectory.criterion(name)
            waits = rule.per is not None and state.state == "open"
            yield CriterionLine(
                id=name,
                number=number,
                phase=phase_id,
                label=rule.label,
                required=rule.required,
                who=rule.who,
                per_municipality=rule.per is not None,
                state=state.state,
                on=state.on,
                value=state.value,
                planned=state.planned_on,
                planned_time=state.planned_time,
                consents=state.consents,
                asked=state.asked,
                waiting_for=tuple(n for n in present if waits and n not in state.consents),
                reason=reasons.get(name) if state.state == "waived" else None,
            )


def _deadline(pinned: Pinned, standing: DeadlineState) -> DeadlineLine:
    """Return a deadline with its steps, each also as a sentence."""
    deadline = standing.deadline
    rule = pinned.workflow.phases[deadline.phase].deadlines[deadline.deadline]
    return DeadlineLine(
        id=deadline.deadline,
        phase=deadline.phase,
        label=rule.label,
        due_on=deadline.due_on,
        given=deadline.given,
        steps=tuple((step, _explained(pinned, step)) for step in deadline.steps),
    )


def _explained(pinned: Pinned, step: Mapping[str, object]) -> Say:
    """Return a step as a sentence, its criterion by name."""
    criterion = pinned.workflow.criterion(str(step.get("criterion", "")))
    return explain({**step, "criterion": criterion.label} if criterion else step)


def _contacts(trajectory: Trajectory, pinned: Pinned, people: People) -> Iterator[ContactLine]:
    """Yield who has a role now, by role in file order, then by municipality."""
    for role, rule in pinned.workflow.roles.items():
        for number, place in () if rule.actor else trajectory.people(role):
            contact = people.contacts.get(number)
            yield ContactLine(
                id=number,
                name=contact.name if contact else None,
                email=contact.email if contact else None,
                lang=contact.lang if contact else None,
                organisation=contact.organisation if contact else None,
                role=role,
                label=rule.label,
                nis=place or None,
            )


def _vacant(trajectory: Trajectory, pinned: Pinned, people: People) -> Iterator[ContactLine]:
    """Yield the roles that the start is mailed to and that nobody with an address has."""
    mailed = dict.fromkeys(r for rule in pinned.workflow.on.get("started", ()) for r in rule.to)
    for role in mailed if trajectory.status not in ("completed", "stopped") else ():
        rule = pinned.workflow.roles[role]
        for nis in trajectory.current_municipalities() if rule.per else (None,):
            if not recipients(role, trajectory, people, nis=nis):
                yield ContactLine(None, None, None, None, None, role, rule.label, nis)
