"""Actors: those who act in the tool, enrolled and changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.domain.decisions.decision import Draft
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.events import ActorAdded, ActorAway, ActorBack, ActorChanged, Detail
from engine.domain.people import ACTOR_ROLES, LEAD, SYSTEM, Actor
from engine.domain.words import N_
from engine.domain.workdays import brussels_day
from engine.service.desk import PLAIN, Desk, Terms, run
from engine.service.people import require_language
from engine.store.transaction import PEOPLE, Stamp, Transaction

LONGEST_ABSENCE = 366  # days


def enrol(
    tx: Transaction, stamp: Stamp, *, name: str, email: str, account: str, role: str, lang: str
) -> Actor:
    """Return a new actor; accounts are unique among those who are active."""
    if role not in ACTOR_ROLES:
        raise BadInput(
            N_("unknown role {role}; choose one of {possible}"), role=role, possible=ACTOR_ROLES
        )
    require_language(lang)
    _require_free(tx, account)
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
    """Return an actor with another role, activity or address.

    Raises: NotFound; Refused for one's own role or activity, for an account that another
    active actor has, and where nobody would be left who may coach.
    """

    def body(tx: Transaction, stamp: Stamp) -> Actor:
        actor = _known(tx, number)
        changed = replace(
            actor, role=role or actor.role, active=actor.active if active is None else active
        )
        _require_allowed(desk, tx, actor, changed)
        fact = ActorChanged(number, changed.role, actor.lang, changed.active)
        details = (Detail("email", email, f"actor:{number}"),) if email else ()
        tx.record_in(PEOPLE, [Draft(fact, details)], stamp)
        return tx.people.actors[number]

    return run(desk, terms, body)


def leave(
    desk: Desk, number: int, substitute: int, terms: Terms = PLAIN, *, first: date, until: date
) -> Actor:
    """Return an actor who is away from a day on; the substitute stands in until the day of return.

    What was said before of this actor's absence is replaced. Raises: NotFound; BadInput for
    days that cannot be; Refused for who may not say it, or may not stand in.
    """

    def body(tx: Transaction, stamp: Stamp) -> Actor:
        actor = _known(tx, number)
        _require_say(desk, actor)
        other = _known(tx, substitute)
        if other.id == actor.id or not (other.may_coach and other.email):
            raise Refused(
                N_("{name} cannot stand in; choose another coach or lead with an address"),
                name=other.name or str(other.id),
            )
        if until <= max(first, desk.today):
            raise BadInput(
                N_("{until} is not after {first}; give the day of return"),
                until=until,
                first=max(first, desk.today),
            )
        if (until - first).days > LONGEST_ABSENCE:
            raise BadInput(N_("an absence lasts a year at most; hand the trajectories over"))
        fact = ActorAway(number, substitute, first, until)
        tx.record_in(PEOPLE, [Draft(fact)], stamp)
        return tx.people.actors[number]

    return run(desk, terms, body)


def come_back(desk: Desk, number: int, terms: Terms = PLAIN) -> Actor:
    """Return an actor who is back, or stays after all. Raises: NotFound; Refused."""

    def body(tx: Transaction, stamp: Stamp) -> Actor:
        actor = _known(tx, number)
        _require_say(desk, actor)
        if actor.away_until is None or actor.away_until <= desk.today:
            name = actor.name or str(actor.id)
            raise Refused(N_("{name} is not away, and no absence is known"), name=name)
        tx.record_in(PEOPLE, [Draft(ActorBack(number))], stamp)
        return tx.people.actors[number]

    return run(desk, terms, body)


def _known(tx: Transaction, number: int) -> Actor:
    """Return an actor by number. Raises: NotFound."""
    actor = tx.people.actors.get(number)
    if actor is None:
        raise NotFound(N_("there is no actor {number}; see: traject actor list"), number=number)
    return actor


def _require_say(desk: Desk, actor: Actor) -> None:
    """Refuse whom an absence does not concern: who is away says so, or a lead."""
    if desk.actor.id != actor.id and desk.actor.role != LEAD:
        raise Refused(N_("an absence is said by who is away, or by a team lead"))


def _require_allowed(desk: Desk, tx: Transaction, actor: Actor, changed: Actor) -> None:
    """Refuse a change after which the wrong people, or nobody, could act."""
    if changed == actor:
        return
    if actor.id == desk.actor.id:
        raise Refused(N_("nobody changes their own role or activity; ask another coach or lead"))
    if changed.active and not actor.active and actor.account is not None:
        _require_free(tx, actor.account)
    others = (other for other in tx.people.actors.values() if other.id != actor.id)
    if not any(other.may_coach for other in (changed, *others)):
        raise Refused(
            N_("{name} is the last active coach or lead; let somebody else in first"),
            name=actor.name or str(actor.id),
        )


def _require_free(tx: Transaction, account: str) -> None:
    """Refuse an account that somebody active has."""
    for actor in tx.people.actors.values():
        if actor.active and actor.account == account:
            raise Refused(N_("account {account} is enrolled already"), account=account)


def first_actor(tx: Transaction, *, name: str, email: str, account: str, lang: str) -> Actor:
    """Return the coach that `init` enrols, recorded as the system's act."""
    stamp = Stamp(SYSTEM, brussels_day(tx.now))
    return enrol(tx, stamp, name=name, email=email, account=account, role="coach", lang=lang)
