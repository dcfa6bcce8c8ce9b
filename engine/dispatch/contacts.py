"""Who has which role, as far as is known: asked once a year whether that is still so."""

from __future__ import annotations

from engine.domain.definition import Labels, Workflow
from engine.domain.people import Contact, People
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_, Say, Words, say
from engine.municipalities import by_nis
from engine.ports import Point

CHECK = "contacts_check"  # the only mail that names them


def roles(
    trajectory: Trajectory, workflow: Workflow, people: People, speak: Words
) -> tuple[Point, ...]:
    """Return a line a role that contacts fill, one a municipality where it is so; empty ones too.

    Names and organisations only, of those who have a role now.
    """
    lines = []
    for name, role in workflow.roles.items():
        if role.actor:
            continue
        for nis in trajectory.current_municipalities() if role.per else (None,):
            known = [
                _named(contact)
                for number, _ in trajectory.people(name, nis)
                if (contact := people.contacts.get(number)) is not None and contact.name
            ]
            lines.append(Point(speak.say(_line(role.label, nis, tuple(dict.fromkeys(known))))))
    return tuple(lines)


def keys(trajectory: Trajectory) -> frozenset[str]:
    """Return the keys of all whom those lines may name."""
    return frozenset(
        f"contact:{contact}"
        for (contact, _, _), held in trajectory.assignments.items()
        if held.until_on is None
    )


def _line(label: Labels, nis: str | None, known: tuple[str, ...]) -> Say:
    """Return who has a role, of which municipality."""
    place = by_nis(nis).name if nis else ""
    if place and known:
        return say(N_("{role} of {place}: {people}"), role=label, place=place, people=known)
    if place:
        return say(N_("{role} of {place}: nobody known yet"), role=label, place=place)
    if known:
        return say(N_("{role}: {people}"), role=label, people=known)
    return say(N_("{role}: nobody known yet"), role=label)


def _named(contact: Contact) -> str:
    """Return a contact as colleagues speak of them."""
    return f"{contact.name} ({contact.organisation})" if contact.organisation else str(contact.name)
