"""Actors and contacts: the people the tool knows, as their events have made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from engine.domain.events import (
    ActorAdded,
    ActorAway,
    ActorBack,
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
    away_from: date | None = None
    away_until: date | None = None  # the day of return
    substitute: int | None = None

    @property
    def may_coach(self) -> bool:
        """Tell whether this actor is active and does not only read."""
        return self.active and self.role in (COACH, LEAD)

    def is_away(self, on: date) -> bool:
        """Tell whether somebody stands in for this actor on a day."""
        if self.away_from is None or self.away_until is None:
            return False
        return self.away_from <= on < self.away_until


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
    standing_in: Mapping[int, int] = field(default_factory=dict)  # who is away -> the substitute


NOBODY = People({}, {})
ABOUT_PEOPLE = (ActorAdded, ActorChanged, ActorAway, ActorBack, ContactAdded, ContactChanged)


def present(people: People, on: date) -> People:
    """Return the people of a day: who stands in for whom."""
    found = ((away.id, _substitute(people, away, on)) for away in people.actors.values())
    return replace(people, standing_in={away: other for away, other in found if other is not None})


def _substitute(people: People, away: Actor, on: date) -> int | None:
    """Return who stands in for an actor; None where nobody does, or nobody is left to."""
    found, passed = away, {away.id}
    while found.is_away(on):
        other = people.actors.get(found.substitute or 0)
        if other is None or other.id in passed or not (other.may_coach and other.email):
            return None
        passed.add(other.id)
        found = other
    return found.id if found is not away else None


def without(people: People, subject: str) -> People:
    """Return the people once the data of one of them, contact:7 or actor:1, was erased."""
    kind, _, key = subject.partition(":")
    number = int(key)
    if kind == "contact":
        contact = replace(people.contacts[number], name=None, email=None, organisation=None)
        return replace(people, contacts={**people.contacts, number: contact})
    actor = replace(people.actors[number], name=None, email=None, account=None)
    return replace(people, actors={**people.actors, number: actor})


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
    if isinstance(fact, ActorAway):
        actor = replace(
            people.actors[fact.number],
            away_from=fact.from_on,
            away_until=fact.until_on,
            substitute=fact.substitute,
        )
        return replace(people, actors={**people.actors, actor.id: actor})
    if isinstance(fact, ActorBack):
        actor = people.actors[fact.number]
        actor = replace(actor, away_from=None, away_until=None, substitute=None)
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
