"""Actors and contacts: the people the tool knows, as their events have made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.domain.events import (
    ActorAdded,
    ActorChanged,
    ContactAdded,
    ContactChanged,
    Event,
)

SYSTEM = 0  # the actor of what dispatch does
COACH, LEAD, AUDITOR = "coach", "lead", "auditor"
ACTOR_ROLES = (COACH, LEAD, AUDITOR)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts in the tool; name, email and account are None once erased."""

    id: int
    name: str | None
    email: str | None
    account: str | None
    lang: str
    role: str
    active: bool = True

    @property
    def may_coach(self) -> bool:
        """Tell whether this actor is active and does not only read."""
        return self.active and self.role in (COACH, LEAD)


@dataclass(frozen=True, slots=True)
class Contact:
    """A professional at an organisation; name, email, organisation are None once erased."""

    id: int
    name: str | None
    email: str | None
    organisation: str | None
    lang: str


@dataclass(frozen=True, slots=True)
class People:
    """All actors and contacts, by number."""

    actors: Mapping[int, Actor]
    contacts: Mapping[int, Contact]


NOBODY = People({}, {})


def evolve_people(people: People, event: Event) -> People:
    """Return the people after one more event of the stream `people`."""
    fact = event.fact
    details: Mapping[str, Any] = event.details
    if isinstance(fact, ActorAdded):
        actor = Actor(
            fact.number,
            details.get("name"),
            details.get("email"),
            details.get("account"),
            fact.lang,
            fact.role,
        )
        return replace(people, actors={**people.actors, actor.id: actor})
    if isinstance(fact, ActorChanged):
        actor = replace(
            people.actors[fact.number],
            lang=fact.lang,
            role=fact.role,
            active=fact.active,
            **details,
        )
        return replace(people, actors={**people.actors, actor.id: actor})
    if isinstance(fact, ContactAdded):
        contact = Contact(
            fact.contact,
            details.get("name"),
            details.get("email"),
            details.get("organisation"),
            fact.lang,
        )
        return replace(people, contacts={**people.contacts, contact.id: contact})
    if isinstance(fact, ContactChanged):
        contact = replace(people.contacts[fact.contact], lang=fact.lang, **details)
        return replace(people, contacts={**people.contacts, contact.id: contact})
    return people
