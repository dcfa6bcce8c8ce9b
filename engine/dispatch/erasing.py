"""Erases what is known of a contact or an actor, or the free text of one event.

The details lose salt and value, the mails that name the person their contents, the projections
the name; one event says what went and why. The hashed bytes stay as they were, so that all of
the history still verifies. What waits to leave to the person is cancelled in the same commit,
and what waits for others and names the person is written anew without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from engine.dispatch.post import Post
from engine.dispatch.unsaying import take_back
from engine.domain.decisions.decision import Draft
from engine.domain.decisions.people import decide_release
from engine.domain.errors import NotFound, Refused, TryAgain
from engine.domain.events import ActorChanged, Detail, DetailsErased, ErasedDetail
from engine.domain.people import Actor
from engine.domain.words import N_
from engine.service import desk as service
from engine.service.desk import Desk, Terms
from engine.store import erasing, mentions
from engine.store.erasing import Kept, NamingMail
from engine.store.outbox import WAITING
from engine.store.transaction import LOG, PEOPLE, Stamp, Transaction

ALREADY = N_("{who} was erased already. Was that broken off? traject erase --finish")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is erased, or would be: of a person, or the free text of one event."""

    subject: str  # contact:7 | actor:1 | "" for the text of an event
    number: int  # of the contact or the actor; the position of the event
    name: str | None
    email: str | None
    details: tuple[Kept, ...]
    texts: tuple[Kept, ...] = ()  # free text with the whole name or address: goes along
    look_at: tuple[Kept, ...] = ()  # free text with a part of the name: a person decides
    mails: tuple[NamingMail, ...] = ()  # that lose their contents
    every_mail: tuple[NamingMail, ...] = ()  # that name the person, those emptied before too
    roles: tuple[tuple[str, str, str], ...] = ()  # given up: reference, role, NIS or ""
    cancelled: tuple[int, ...] = ()  # mails that waited to leave
    renewed: tuple[int, ...] = ()  # mails to others, written anew
    position: int = 0  # of the event that says so

    @property
    def values(self) -> tuple[str, ...]:
        """Return the words by which a person is known, or a text: they are to be nowhere."""
        words = (
            {"name", "email", "account"} if self.subject else {one.field for one in self.details}
        )
        return tuple(one.value for one in self.details if one.field in words)


def erase_contact(
    desk: Desk, post: Post, number: int, terms: Terms, *, reason: str, release: bool = False
) -> Erasure:
    """Erase what is known of a contact; `release` ends their roles in open trajectories first.

    Raises: NotFound; Refused where nothing is left, or roles are; TryAgain while a mail leaves.
    """

    def body(tx: Transaction, stamp: Stamp) -> Erasure:
        contact = tx.people.contacts.get(number)
        if contact is None:
            raise NotFound(
                N_("there is no contact {contact}; see: traject contact list"), contact=number
            )
        found = _found(tx, f"contact:{number}", contact.name, contact.email)
        roles = erasing.open_roles(tx.connection, number)
        if roles and not release:
            raise Refused(
                N_(
                    "{name} still has a role in {refs}: put somebody else in the place first, "
                    "or give the roles up with --release"
                ),
                name=contact.name or f"#{number}",
                refs=tuple(dict.fromkeys(ref for ref, _, _ in roles)),
            )
        for ref in dict.fromkeys(ref for ref, _, _ in roles):
            decision = service.decision_for(desk, tx, tx.trajectory(ref), terms)
            decide_release(decision, number)
            service.record(desk, tx, stamp, decision, replace(terms, look=None))
        return _erase(post, tx, stamp, replace(found, roles=tuple(roles)), reason)

    return service.run(desk, terms, body)


def erase_actor(desk: Desk, post: Post, number: int, terms: Terms, *, reason: str) -> Erasure:
    """Erase what is known of an actor, who may act no longer.

    Raises: NotFound; Refused for oneself, for who still coaches, and where nothing is left;
    TryAgain while a mail leaves.
    """

    def body(tx: Transaction, stamp: Stamp) -> Erasure:
        actor = tx.people.actors.get(number)
        if actor is None:
            raise NotFound(N_("there is no actor {number}; see: traject actor list"), number=number)
        _require_free(desk, tx, actor)
        found = _found(tx, f"actor:{number}", actor.name, actor.email)
        if actor.active:
            ended = ActorChanged(number, actor.role, actor.lang, active=False)
            tx.record_in(PEOPLE, [Draft(ended)], stamp)
        return _erase(post, tx, stamp, found, reason)

    return service.run(desk, terms, body)


def erase_text(desk: Desk, position: int, terms: Terms, *, reason: str) -> Erasure:
    """Erase the free text of one event. Raises: NotFound; Refused where there is none to erase."""

    def body(tx: Transaction, stamp: Stamp) -> Erasure:
        stream = erasing.stream_of(tx.connection, position)
        if stream is None:
            raise NotFound(
                N_("there is no event {position}; see: traject history"), position=position
            )
        free = [one for one in erasing.texts(tx.connection) if one.position == position]
        if not free:
            raise _no_text(tx, position)
        pairs = [(one.position, one.field) for one in free]
        draft = _draft(pairs, reason)
        erasing.erase(tx.connection, pairs)
        mentions.take_out(tx.connection, (one.value for one in free if one.field == erasing.REPLY))
        if stream in ("log", "people", "workflows"):
            (event,) = tx.record_in(stream if stream == PEOPLE else LOG, [draft], stamp)
        else:
            (event,), _ = tx.record_on(tx.trajectory_by_id(stream), [draft], stamp)
        return Erasure("", position, None, None, tuple(free), position=event.position)

    return service.run(desk, terms, body)


def _no_text(tx: Transaction, position: int) -> Refused:
    """Return why an event has no free text to erase, with the way out."""
    there = erasing.details_of(tx.connection, position)
    owner = next((subject for _, subject, value in there if subject and value is not None), None)
    if owner is not None:
        return Refused(
            N_("event {position} holds data of a person: traject erase {who}"),
            position=position,
            who=owner.replace(":", " "),
        )
    if there:
        return Refused(N_("the text of event {position} was erased already"), position=position)
    return Refused(N_("event {position} holds no free text"), position=position)


def _require_free(desk: Desk, tx: Transaction, actor: Actor) -> None:
    """Refuse oneself, and who still coaches a trajectory that is open."""
    if actor.id == desk.actor.id:
        raise Refused(N_("nobody erases themselves; ask another coach or lead"))
    refs = erasing.coached(tx.connection, actor.id)
    if refs:
        raise Refused(
            N_("{name} still coaches {refs}; hand them over first: traject reassign {own}"),
            name=actor.name or f"#{actor.id}",
            refs=tuple(refs),
            own=refs[0],
        )


def _found(tx: Transaction, subject: str, name: str | None, email: str | None) -> Erasure:
    """Return all that an erasure of a person reaches. Raises: Refused where nothing is left."""
    details = erasing.kept_of(tx.connection, subject)
    every = erasing.naming(tx.connection, subject)
    texts, look_at = mentions.texts_about(tx.connection, details, name, email)
    if not (details or texts or any(mail.held for mail in every)):
        raise Refused(ALREADY, who=subject.replace(":", " "))
    if moving := [mail.id for mail in every if mail.status == "sending"]:
        raise TryAgain(
            N_(
                "mail {mail}, which names this person, is on its way; try again after the next "
                "round: traject tick"
            ),
            mail=moving[0],
        )
    return Erasure(
        subject,
        int(subject.partition(":")[2]),
        name,
        email,
        tuple(details),
        texts,
        look_at,
        tuple(mail for mail in every if mail.held),
        tuple(every),
    )


def _erase(post: Post, tx: Transaction, stamp: Stamp, found: Erasure, reason: str) -> Erasure:
    """Erase what was found of a person, record it, and cancel or renew the mails that wait."""
    pairs = sorted((one.position, one.field) for one in (*found.details, *found.texts))
    tx.forget(found.subject)
    before = [mail.id for mail in found.every_mail if mail.status in WAITING]
    renewed = take_back(post, tx, stamp, before, found.subject)
    emptied = [mail.id for mail in found.mails]
    erasing.erase(tx.connection, pairs)
    erasing.empty(tx.connection, emptied)
    known = mentions.known_as(found.details, found.name, found.email)
    accounts = [one.value for one in found.details if one.field == "account"]
    mentions.take_out(tx.connection, known, accounts)
    draft = _draft(pairs, reason, found.subject, emptied)
    (event,) = tx.record_in(LOG, [draft], stamp)
    return replace(
        found,
        cancelled=tuple(one for one in before if one not in renewed),
        renewed=renewed,
        position=event.position,
    )


def _draft(
    pairs: Iterable[tuple[int, str]], reason: str, subject: str = "", mails: Sequence[int] = ()
) -> Draft:
    """Return the fact of an erasure, with its reason beside it."""
    erased = tuple(ErasedDetail(position, field) for position, field in pairs)
    return Draft(DetailsErased(erased, subject, tuple(mails)), (Detail("reason", reason),))
