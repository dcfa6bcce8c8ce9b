"""Contacts: professionals at an organisation, and the roles they have in a trajectory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands import directory
from commands.effects import outcomes
from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.frame.terms import REF, changes
from commands.pages import wording
from commands.typed.asking import can_ask
from commands.typed.persons import contact_of, corrected, given_person, named, place_of, role_of
from engine.domain.errors import BadInput, NotFound
from engine.domain.words import LANGUAGES, N_

if TYPE_CHECKING:
    from engine.service.desk import Terms

ROLE = option("--role", metavar="ROLE", help=N_("Such as coordinator or mayor."))
FOR = option("--for", "place", metavar="MUNICIPALITY", help=N_("Of which municipality."))
ORGANISATION = option("--organisation", metavar="TEXT", help=N_("Where this person works."))
MAIL_LANG = option(
    "--mail-lang", type=click.Choice(LANGUAGES), help=N_("The language of the mails; nl.")
)
CONTACT = argument("contact", required=False)
PERSON = argument("person", required=False, metavar="['NAME <ADDRESS>']")


@command(
    json=True,
    details=N_(
        "What is left out is asked at a terminal. Example: "
        'traject contact add gent "Rita Claes <rita@example.org>" --role mayor'
    ),
)
@REF
@PERSON
@ROLE
@FOR
@ORGANISATION
@MAIL_LANG
@changes()
def add(
    context: Context,
    ref: str,
    person: str | None,
    *,
    role: str | None,
    place: str | None,
    organisation: str | None,
    mail_lang: str | None,
    terms: Terms,
) -> None:
    """Give somebody a role in a trajectory; the contact is made where it is new."""
    from commands.effects.succession import assigned
    from engine.service import people
    from engine.service.people import ContactData

    own = context.trajectory(context.ref(ref))
    name, email = given_person(context, person)
    role = role_of(context, own, role)
    nis = place_of(context, own, role, place)
    data = ContactData(name, email, _linted(organisation), mail_lang)
    outcome = people.add_contact(context.desk(), own.ref, data, terms, role=role, nis=nis)
    number = outcome.contacts.get(email)
    directory.tell_known(context, [(name, email)])
    outcomes.tell(context, outcome, assigned(context, outcome, name, number))


@command(
    json=True,
    details=N_(
        "CONTACT is a number, an address or a name, see: traject contact list; or a trajectory, "
        "for one of its people. Without an option a terminal asks for the name and the address. "
        "Example: traject contact change jo --email jo@example.org"
    ),
)
@CONTACT
@option("--name", metavar="NAME", help=N_("The name."))
@option("--email", metavar="ADDRESS", help=N_("The mail address."))
@ORGANISATION
@MAIL_LANG
@changes(version=False, day=False, mail=False)
def change(
    context: Context,
    contact: str | None,
    *,
    name: str | None,
    email: str | None,
    organisation: str | None,
    mail_lang: str | None,
    terms: Terms,
) -> None:
    """Correct a contact's data, everywhere."""
    from engine.domain import addresses
    from engine.service import people
    from engine.service.people import ContactData

    known = _somebody(context, contact)
    if {name, email, organisation, mail_lang} == {None} and can_ask(context):
        name, email = corrected(context, known)
    email = addresses.address(email) if email else None
    name = named(name) if name is not None else None
    data = ContactData(name, email, _linted(organisation), mail_lang)
    changed = people.change_contact(context.desk(), known, data, terms)
    if context.json:
        context.echo_json({**directory.contact_as_json(changed), "dry_run": terms.dry_run})
        return
    if terms.dry_run:
        context.say(outcomes.DRY)
    directory.print_contacts(context, [changed])
    directory.tell_undelivered(context, changed)


@command(
    json=True,
    details=N_(
        "CONTACT is a number, an address or a name, see: traject contact list. "
        "Example: traject contact assign gent jo --role coordinator"
    ),
)
@REF
@CONTACT
@ROLE
@FOR
@changes()
def assign(
    context: Context,
    ref: str,
    *,
    contact: str | None,
    role: str | None,
    place: str | None,
    terms: Terms,
) -> None:
    """Give a known contact a role in a trajectory."""
    from commands.effects.succession import assigned
    from engine.service import people

    own = context.trajectory(context.ref(ref))
    number = contact_of(context, contact)
    role = role_of(context, own, role)
    nis = place_of(context, own, role, place)
    outcome = people.assign(context.desk(), own.ref, number, terms, role=role, nis=nis)
    name = wording.person(context, context.people().contacts[number].name, number)
    outcomes.tell(context, outcome, assigned(context, outcome, name, number))


@command(
    json=True,
    details=N_(
        "CONTACT is a number, an address or a name, see: traject contact list. "
        "Example: traject contact release gent jo --on yesterday"
    ),
)
@REF
@CONTACT
@option("--role", metavar="ROLE", help=N_("Only this role."))
@changes()
def release(
    context: Context, ref: str, *, contact: str | None, role: str | None, terms: Terms
) -> None:
    """End a contact's roles in a trajectory."""
    from commands.effects.succession import released
    from engine.service import people

    own = context.trajectory(context.ref(ref))
    number = contact_of(context, contact, own)
    only = role_of(context, own, role) if role is not None else None
    outcome = people.release(context.desk(), own.ref, number, terms, role=only)
    name = wording.person(context, context.people().contacts[number].name, number)
    outcomes.tell(context, outcome, *released(context, outcome, name))


@command(
    json=True,
    details=N_(
        "CONTACT is a number, an address or a name, see: traject contact list. "
        'Example: traject contact replace gent jo "Lien Baert <lien@example.org>"'
    ),
)
@REF
@CONTACT
@PERSON
@ORGANISATION
@MAIL_LANG
@changes()
def replace(
    context: Context,
    ref: str,
    *,
    contact: str | None,
    person: str | None,
    organisation: str | None,
    mail_lang: str | None,
    terms: Terms,
) -> None:
    """Put a new contact in all roles that an old one has in a trajectory."""
    from commands.effects.succession import replaced
    from engine.service import people
    from engine.service.people import ContactData

    own = context.trajectory(context.ref(ref))
    old = contact_of(context, contact, own)
    before = wording.person(context, context.people().contacts[old].name, old)
    name, email = given_person(context, person)
    data = ContactData(name, email, _linted(organisation), mail_lang)
    outcome = people.replace_contact(context.desk(), own.ref, old, data, terms)
    directory.tell_known(context, [(name, email)])
    outcomes.tell(context, outcome, *replaced(context, outcome, before, old, name))


def _somebody(context: Context, typed: str | None) -> int:
    """Return the number of a contact, who may be named by a trajectory that has a role for them."""
    try:
        return contact_of(context, typed)
    except NotFound as unknown:
        try:
            own = context.trajectory(context.ref(typed or ""))
        except NotFound:
            raise unknown from None
    return contact_of(context, None, own)


def _linted(organisation: str | None) -> str | None:
    """Return an organisation's name as it may stand in a mail."""
    if organisation is None:
        return None
    from engine.domain import lint

    kept = lint.check(organisation, minimum=0)
    if not kept or len(kept) > 100:
        raise BadInput(N_("the name of an organisation has 1 to 100 characters"))
    return kept
