"""The names that sentences about a history need, and what is said of those that were erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.domain.definition import Labels, Workflow
from engine.domain.events import Deadline, Event
from engine.domain.people import NOBODY, SYSTEM, People
from engine.domain.words import N_, Say, say

Name = str | Labels | Say
Teller = Callable[[Any, Event, "Names"], Say]  # (fact, its event, names)

ERASED = say(N_("(erased)"))


@dataclass(frozen=True, slots=True)
class Names:
    """What numbers and codes in events are called, of one trajectory or of none.

    `reminders` and `mails` know only those of the history that is told.
    """

    place: Callable[[str], str]  # NIS code -> name
    people: People = NOBODY
    workflow: Workflow | None = None  # the version that the trajectory is pinned to
    categories: Mapping[str, Labels] = field(default_factory=dict)
    reminders: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # notice, role
    mails: Mapping[int, tuple[str, str | None]] = field(default_factory=dict)  # notice, person
    shows_contacts: bool = True  # else they are told by their numbers

    def actor(self, number: int) -> Name:
        """Return who acted: a name, the system, or what is left of somebody erased."""
        if number == SYSTEM:
            return say(N_("system"))
        known = self.people.actors.get(number)
        return (known and known.name) or say(N_("actor #{number} (erased)"), number=number)

    def contact(self, number: int) -> Name:
        """Return the name of a contact, or what is left of somebody erased."""
        if not self.shows_contacts:
            return say(N_("contact #{number}"), number=number)
        known = self.people.contacts.get(number)
        return (known and known.name) or say(N_("contact #{number} (erased)"), number=number)

    def person(self, key: str | None) -> Name:
        """Return whom a key such as contact:7 or witness:1 stands for."""
        kind, _, number = (key or "").partition(":")
        if not number.isdigit():
            return ERASED
        if kind == "witness":
            return say(N_("auditor {number}"), number=number)
        return self.actor(int(number)) if kind == "actor" else self.contact(int(number))

    def places(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of municipalities."""
        return tuple(self.place(nis) for nis in codes)

    def category(self, category: str) -> Name:
        """Return the label of a category."""
        return self.categories.get(category, category)

    def phase(self, phase: str) -> Name:
        """Return the label of a phase."""
        known = self.workflow.phases.get(phase) if self.workflow else None
        return known.label if known else phase

    def criterion(self, criterion: str) -> Name:
        """Return the label of a criterion."""
        known = self.workflow.criterion(criterion) if self.workflow else None
        return known.label if known else criterion

    def role(self, role: str) -> Name:
        """Return the label of a role."""
        known = self.workflow.roles.get(role) if self.workflow else None
        return known.label if known else role

    def date(self, deadline: str) -> Name:
        """Return the label of a deadline by its id: its own, else that of its phase."""
        for phase in self.workflow.phases.values() if self.workflow else ():
            if deadline in phase.deadlines:
                return phase.deadlines[deadline].label or phase.label
        return deadline

    def reason(self, kind: str, code: str | None) -> Name:
        """Return the label of a reason; `kind` is pause, stop or send_back."""
        reasons: Mapping[str, Labels] = (
            getattr(self.workflow.reasons, kind) if self.workflow else {}
        )
        return reasons.get(code or "", code or "")

    def deadline(self, deadline: Deadline) -> Name:
        """Return the label of a deadline: its own, else that of its phase."""
        phase = self.workflow.phases.get(deadline.phase) if self.workflow else None
        rule = phase.deadlines.get(deadline.deadline) if phase else None
        return (rule and rule.label) or self.phase(deadline.phase)


def quoted(event: Event, detail: str) -> Say:
    """Return a free text of an event between quotes, or that it was erased."""
    text = event.details.get(detail)
    return ERASED if text is None else say(N_("“{text}”"), text=text)


def first_date(deadlines: tuple[Deadline, ...]) -> Deadline | None:
    """Return the deadline of the phase among those that a fact sets."""
    return min(deadlines, key=lambda d: d.rank, default=None)
