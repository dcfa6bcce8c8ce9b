"""Sentences about people and their roles, and about the log and the workflows it holds."""

from __future__ import annotations

from engine.domain.events import (
    ActorAdded,
    ActorAway,
    ActorBack,
    ActorChanged,
    ContactAdded,
    ContactAssigned,
    ContactChanged,
    ContactReleased,
    Event,
    LogOpened,
    WorkflowPublished,
)
from engine.domain.narrative.names import Names, Teller
from engine.domain.words import N_, Say, say

ACTOR_ROLES = {"coach": N_("coach"), "lead": N_("team lead"), "auditor": N_("auditor")}
FIELDS = {
    "name": N_("name"),
    "email": N_("address"),
    "organisation": N_("organisation"),
    "account": N_("account"),
}


def _opened(fact: LogOpened, event: Event, names: Names) -> Say:
    if fact.clock == "real":
        return say(N_("log opened"))
    return say(N_("log opened, for a try-out: its clock is simulated"))


def _actor_added(fact: ActorAdded, event: Event, names: Names) -> Say:
    return say(
        N_("{actor} may act, as {role}"),
        actor=names.actor(fact.number),
        role=_actor_role(fact.role),
    )


def _actor_changed(fact: ActorChanged, event: Event, names: Names) -> Say:
    template = N_("{actor} goes on as {role}") if fact.active else N_("{actor} may act no longer")
    changed = say(template, actor=names.actor(fact.number), role=_actor_role(fact.role))
    return _with_fields(changed, event)


def _away(fact: ActorAway, event: Event, names: Names) -> Say:
    return say(
        N_("{actor} is away from {first}, back on {last}; {other} stands in"),
        actor=names.actor(fact.number),
        first=fact.from_on,
        last=fact.until_on,
        other=names.actor(fact.substitute),
    )


def _back(fact: ActorBack, event: Event, names: Names) -> Say:
    return say(N_("{actor} is back"), actor=names.actor(fact.number))


def _actor_role(role: str) -> Say | str:
    return Say(ACTOR_ROLES[role]) if role in ACTOR_ROLES else role


def _contact_added(fact: ContactAdded, event: Event, names: Names) -> Say:
    name = names.contact(fact.contact)
    erased = isinstance(name, Say)  # who is told by a number, as a contact already
    return say(N_("{contact} added") if erased else N_("contact {contact} added"), contact=name)


def _contact_changed(fact: ContactChanged, event: Event, names: Names) -> Say:
    name = names.contact(fact.contact)
    erased = isinstance(name, Say)
    told = N_("{contact} changed") if erased else N_("contact {contact} changed")
    return _with_fields(say(told, contact=name), event)


def _with_fields(changed: Say, event: Event) -> Say:
    """Return the sentence with what was changed; never with the old or new data."""
    if not event.details:
        return changed
    fields = tuple(Say(FIELDS[name]) if name in FIELDS else name for name in sorted(event.details))
    return say(N_("{happened}: new {fields}"), happened=changed, fields=fields)


def _assigned(fact: ContactAssigned, event: Event, names: Names) -> Say:
    template = N_("{contact} takes part as {role}")
    if fact.municipality:
        template = N_("{contact} takes part as {role} of {place}")
    return _in_role(template, fact, names)


def _released(fact: ContactReleased, event: Event, names: Names) -> Say:
    template = N_("{contact} no longer takes part as {role}")
    if fact.municipality:
        template = N_("{contact} no longer takes part as {role} of {place}")
    return _in_role(template, fact, names)


def _in_role(template: str, fact: ContactAssigned | ContactReleased, names: Names) -> Say:
    return Say(
        template,
        {
            "contact": names.contact(fact.contact),
            "role": names.role(fact.role),
            "place": names.place(fact.municipality) if fact.municipality else "",
        },
    )


def _published(fact: WorkflowPublished, event: Event, names: Names) -> Say:
    return say(
        N_("workflow in use: {category}, version {version}"),
        category=names.category(fact.category),
        version=fact.version,
    )


TELLERS: dict[type, Teller] = {
    LogOpened: _opened,
    ActorAdded: _actor_added,
    ActorChanged: _actor_changed,
    ActorAway: _away,
    ActorBack: _back,
    ContactAdded: _contact_added,
    ContactChanged: _contact_changed,
    ContactAssigned: _assigned,
    ContactReleased: _released,
    WorkflowPublished: _published,
}
