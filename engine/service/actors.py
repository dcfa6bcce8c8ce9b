"""Actors: those who act in the tool, enrolled and changed."""

from __future__ import annotations

from engine.domain.decisions.decision import Draft
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.events import ActorAdded, ActorChanged, Detail
from engine.domain.people import ACTOR_ROLES, SYSTEM, Actor
from engine.domain.words import N_
from engine.domain.workdays import brussels_day
from engine.service.desk import PLAIN, Desk, Terms, run
from engine.service.people import require_language
from engine.store.transaction import PEOPLE, Stamp, Transaction


def enrol(
    tx: Transaction, stamp: Stamp, *, name: str, email: str, account: str, role: str, lang: str
) -> Actor:
    """Return a new actor; accounts are unique among those who are active."""
    if role not in ACTOR_ROLES:
        raise BadInput(
            N_("unknown role {role}; choose one of {possible}"), role=role, possible=ACTOR_ROLES
        )
    require_language(lang)
    for actor in tx.people.actors.values():
        if actor.active and actor.account == account:
            raise Refused(N_("account {account} is enrolled already"), account=account)
    number = max(tx.people.actors, default=SYSTEM) + 1
    subject = f"actor:{number}"
    details = tuple(
        Detail(field, value, subject)
        for field, value in (("name", name), ("email", email), ("account", account))
    )
    tx.record_in(PEOPLE, [Draft(ActorAdded(number, role, lang), details)], stamp)
    return tx.people.actors[number]


def add_actor(
    desk: Desk,
    terms: Terms = PLAIN,
    *,
    name: str,
    email: str,
    account: str,
    role: str,
    lang: str = "nl",
) -> Actor:
    """Return a new actor, who may act from now on."""

    def body(tx: Transaction, stamp: Stamp) -> Actor:
        return enrol(tx, stamp, name=name, email=email, account=account, role=role, lang=lang)

    return run(desk, terms, body)


def change_actor(
    desk: Desk,
    number: int,
    terms: Terms = PLAIN,
    *,
    role: str | None = None,
    active: bool | None = None,
    email: str | None = None,
) -> Actor:
    """Return an actor with another role, activity or address."""

    def body(tx: Transaction, stamp: Stamp) -> Actor:
        actor = tx.people.actors.get(number)
        if actor is None:
            raise NotFound(N_("there is no actor {number}; see: traject actor list"), number=number)
        fact = ActorChanged(
            number,
            role or actor.role,
            actor.lang,
            actor.active if active is None else active,
        )
        details = (Detail("email", email, f"actor:{number}"),) if email else ()
        tx.record_in(PEOPLE, [Draft(fact, details)], stamp)
        return tx.people.actors[number]

    return run(desk, terms, body)


def first_actor(tx: Transaction, *, name: str, email: str, account: str, lang: str) -> Actor:
    """Return the coach that `init` enrols, recorded as the system's act."""
    stamp = Stamp(SYSTEM, brussels_day(tx.now))
    return enrol(tx, stamp, name=name, email=email, account=account, role="coach", lang=lang)
