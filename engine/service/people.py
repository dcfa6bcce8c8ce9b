"""People: actors and contacts, their roles in a trajectory, the coach, scope and notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.domain import lint
from engine.domain.decisions import people as decisions
from engine.domain.decisions.decision import Decision, Draft
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.events import ContactAdded, ContactChanged, Detail
from engine.domain.people import Contact
from engine.domain.trajectory import Trajectory
from engine.domain.words import LANGUAGES, N_
from engine.service.desk import PLAIN, Desk, Outcome, Terms, change, change_with, run
from engine.store.transaction import PEOPLE, Stamp, Transaction


@dataclass(frozen=True, slots=True)
class ContactData:
    """What may be said of a contact; None leaves it as it is."""

    name: str | None = None
    email: str | None = None
    organisation: str | None = None
    lang: str | None = None


def contact_for(
    tx: Transaction,
    stamp: Stamp,
    name: str,
    email: str,
    *,
    organisation: str | None = None,
    lang: str = "nl",
) -> int:
    """Return the number of the contact with that address, made where there is none."""
    for contact in tx.people.contacts.values():
        if contact.email is not None and contact.email.casefold() == email.casefold():
            return contact.id
    number = max(tx.people.contacts, default=0) + 1
    subject = f"contact:{number}"
    details = [Detail("name", name, subject), Detail("email", email, subject)]
    if organisation:
        details.append(Detail("organisation", organisation, subject))
    require_language(lang)
    tx.record_in(PEOPLE, [Draft(ContactAdded(number, lang), tuple(details))], stamp)
    return number


def add_contact(
    desk: Desk,
    ref: str,
    data: ContactData,
    terms: Terms = PLAIN,
    *,
    role: str,
    nis: str | None = None,
) -> Outcome:
    """Give somebody a role in a trajectory; the contact is made where it is new."""

    def decide(decision: Decision, number: int) -> None:
        decisions.decide_assign(decision, number, role, municipality=nis)

    number, outcome = change_with(desk, ref, terms, prepare=_contact_of(data), decide=decide)
    return replace(outcome, contacts={data.email or "": number})


def _contact_of(data: ContactData) -> Callable[[Transaction, Stamp, Trajectory], int]:
    """Return what finds or makes the contact with these data."""

    def found(tx: Transaction, stamp: Stamp, _: Trajectory) -> int:
        return contact_for(
            tx,
            stamp,
            data.name or "",
            data.email or "",
            organisation=data.organisation,
            lang=data.lang or "nl",
        )

    return found


def assign(
    desk: Desk,
    ref: str,
    contact: int,
    terms: Terms = PLAIN,
    *,
    role: str,
    nis: str | None = None,
) -> Outcome:
    """Give a known contact a role in a trajectory."""

    def known(tx: Transaction, _: Stamp, __: Trajectory) -> None:
        _require_contact(tx, contact)

    def decide(decision: Decision, _: None) -> None:
        decisions.decide_assign(decision, contact, role, municipality=nis)

    return change_with(desk, ref, terms, prepare=known, decide=decide)[1]


def release(
    desk: Desk, ref: str, contact: int, terms: Terms = PLAIN, *, role: str | None = None
) -> Outcome:
    """End a contact's roles in a trajectory, or the one named."""
    return change(
        desk, ref, terms, lambda decision: decisions.decide_release(decision, contact, role)
    )


def replace_contact(
    desk: Desk, ref: str, old: int, data: ContactData, terms: Terms = PLAIN
) -> Outcome:
    """Put a new contact in all roles that an old one has in a trajectory."""

    def decide(decision: Decision, new: int) -> None:
        if new == old:
            raise BadInput(N_("the address is that of the contact to be replaced"))
        held = [
            (role, nis or None)
            for (contact, role, nis), assignment in decision.trajectory.assignments.items()
            if contact == old and assignment.until_on is None
        ]
        decisions.decide_release(decision, old)
        for role, nis in held:
            decisions.decide_assign(decision, new, role, municipality=nis)

    return change_with(desk, ref, terms, prepare=_contact_of(data), decide=decide)[1]


def change_contact(desk: Desk, contact: int, data: ContactData, terms: Terms = PLAIN) -> Contact:
    """Return the contact with its data corrected, everywhere."""
    fields = {"name": data.name, "email": data.email, "organisation": data.organisation}
    given = {name: value for name, value in fields.items() if value is not None}

    def body(tx: Transaction, stamp: Stamp) -> Contact:
        _require_contact(tx, contact)
        known = tx.people.contacts[contact]
        lang = data.lang or known.lang
        require_language(lang)
        if not given and lang == known.lang:
            raise BadInput(N_("say what to change: --name, --email, --organisation or --mail-lang"))
        details = tuple(Detail(f, v, f"contact:{contact}") for f, v in given.items())
        tx.record_in(PEOPLE, [Draft(ContactChanged(contact, lang), details)], stamp)
        return tx.people.contacts[contact]

    return run(desk, terms, body)


def reassign(desk: Desk, ref: str, coach: int, terms: Terms = PLAIN) -> Outcome:
    """Hand a trajectory to another coach."""

    def known(tx: Transaction, _: Stamp, __: Trajectory) -> None:
        actor = tx.people.actors.get(coach)
        if actor is None or not actor.may_coach:
            raise NotFound(N_("there is no coach {coach}; see: traject actor list"), coach=coach)

    def decide(decision: Decision, _: None) -> None:
        decisions.decide_reassign(decision, coach)

    return change_with(desk, ref, terms, prepare=known, decide=decide)[1]


def scope(
    desk: Desk,
    ref: str,
    terms: Terms = PLAIN,
    *,
    joined: Sequence[str] = (),
    left: Sequence[str] = (),
) -> Outcome:
    """Let municipalities (NIS codes) join or leave."""
    return change(
        desk,
        ref,
        terms,
        lambda decision: decisions.decide_scope(decision, tuple(joined), tuple(left)),
    )


def note(desk: Desk, ref: str, text: str, terms: Terms = PLAIN) -> Outcome:
    """Keep a note, linted against data about persons."""
    kept = lint.check(text, minimum=1)

    def decide(decision: Decision) -> None:
        decisions.decide_note(decision, kept)

    return change(desk, ref, terms, decide)


def _require_contact(tx: Transaction, contact: int) -> None:
    """Refuse a number that no contact has, or one whose data was erased."""
    known = tx.people.contacts.get(contact)
    if known is None:
        raise NotFound(
            N_("there is no contact {contact}; see: traject contact list"), contact=contact
        )
    if known.name is None and known.email is None:
        raise Refused(
            N_("contact {contact} was erased; who is back is a new one: traject contact add"),
            contact=contact,
        )


def require_language(lang: str) -> None:
    """Refuse a language that no mail is written in."""
    if lang not in LANGUAGES:
        raise BadInput(
            N_("mails are written in {possible}, not in {lang}"), possible=LANGUAGES, lang=lang
        )
