"""Contacts: professionals at an organisation, and the roles they have in a trajectory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands import directory, outcomes, wording
from commands.context import Context
from commands.shape import command, option
from commands.terms import REF, changes, municipality_of
from engine.domain.errors import BadInput
from engine.domain.words import LANGUAGES, N_

if TYPE_CHECKING:
    from engine.service.desk import Outcome, Terms

ROLE = option("--role", required=True, metavar="ROLE", help=N_("Such as coordinator or mayor."))
FOR = option("--for", "place", metavar="MUNICIPALITY", help=N_("Of which municipality."))
ORGANISATION = option("--organisation", metavar="TEXT", help=N_("Where this person works."))
MAIL_LANG = option(
    "--mail-lang", type=click.Choice(LANGUAGES), help=N_("The language of the mails; nl.")
)
CONTACT = click.argument("contact")
PERSON = click.argument("person", metavar="'NAME <ADDRESS>'")
RELEASED = N_("No longer in {title}: {name}.")


@command(
    json=True,
    details=N_('Example: traject contact add 14 "Rita Claes <rita@example.org>" --role mayor'),
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
    person: str,
    *,
    role: str,
    place: str | None,
    organisation: str | None,
    mail_lang: str | None,
    terms: Terms,
) -> None:
    """Give somebody a role in a trajectory; the contact is made where it is new."""
    from engine.service import people
    from engine.service.people import ContactData

    name, email = _parsed(person)
    data = ContactData(name, email, _linted(organisation), mail_lang)
    nis = municipality_of(context, place)
    outcome = people.add_contact(context.desk(), context.ref(ref), data, terms, role=role, nis=nis)
    number = outcome.contacts.get(email)
    directory.tell_known(context, [(name, email)])
    added = N_("Contact {number}: {name}, {role} in {title}.")
    outcomes.tell(context, outcome, _sentence(context, outcome, added, name, number, role=role))


@command(
    json=True,
    details=N_(
        "CONTACT is a number or an address, see: traject contact list. "
        "Example: traject contact change 7 --email jo@example.org"
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
    contact: str,
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

    known = directory.number_of(context, contact)
    email = addresses.address(email) if email else None
    name = _parsed(f"{name} <a@example.org>")[0] if name is not None else None
    data = ContactData(name, email, _linted(organisation), mail_lang)
    changed = people.change_contact(context.desk(), known, data, terms)
    if context.json:
        context.echo_json({**directory.contact_as_json(changed), "dry_run": terms.dry_run})
        return
    if terms.dry_run:
        context.say(outcomes.DRY)
    directory.print_contacts(context, [changed])


@command(
    json=True,
    details=N_(
        "CONTACT is a number or an address, see: traject contact list. "
        "Example: traject contact assign 14 7 --role coordinator"
    ),
)
@REF
@CONTACT
@ROLE
@FOR
@changes()
def assign(
    context: Context, ref: str, *, contact: str, role: str, place: str | None, terms: Terms
) -> None:
    """Give a known contact a role in a trajectory."""
    from engine.service import people

    number = directory.number_of(context, contact)
    nis = municipality_of(context, place)
    outcome = people.assign(context.desk(), context.ref(ref), number, terms, role=role, nis=nis)
    name = wording.person(context, context.people().contacts[number].name, number)
    added = N_("Contact {number}: {name}, {role} in {title}.")
    outcomes.tell(context, outcome, _sentence(context, outcome, added, name, number, role=role))


@command(
    json=True,
    details=N_(
        "CONTACT is a number or an address, see: traject contact list. "
        "Example: traject contact release 14 7 --role coordinator"
    ),
)
@REF
@CONTACT
@option("--role", metavar="ROLE", help=N_("Only this role."))
@changes()
def release(context: Context, ref: str, *, contact: str, role: str | None, terms: Terms) -> None:
    """End a contact's roles in a trajectory."""
    from engine.service import people

    number = directory.number_of(context, contact)
    outcome = people.release(context.desk(), context.ref(ref), number, terms, role=role)
    name = wording.person(context, context.people().contacts[number].name, number)
    outcomes.tell(context, outcome, _sentence(context, outcome, RELEASED, name, number))


@command(
    json=True,
    details=N_(
        "CONTACT is a number or an address, see: traject contact list. "
        'Example: traject contact replace 14 7 "Lien Baert <lien@example.org>"'
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
    contact: str,
    person: str,
    organisation: str | None,
    mail_lang: str | None,
    terms: Terms,
) -> None:
    """Put a new contact in all roles that an old one has in a trajectory."""
    from engine.service import people
    from engine.service.people import ContactData

    old = directory.number_of(context, contact)
    data = ContactData(*_parsed(person), _linted(organisation), mail_lang)
    outcome = people.replace_contact(context.desk(), context.ref(ref), old, data, terms)
    replaced = N_("In {title}: {name} takes the place of {old}, contact {number}.")
    before = wording.person(context, context.people().contacts[old].name, old)
    sentence = context.in_words(
        replaced, title=outcomes.title(outcome.after), name=data.name, old=before, number=old
    )
    outcomes.tell(context, outcome, sentence)


def _parsed(person: str) -> tuple[str, str]:
    from engine.domain import addresses

    return addresses.parse(person)


def _linted(organisation: str | None) -> str | None:
    """Return an organisation's name as it may stand in a mail."""
    if organisation is None:
        return None
    from engine.domain import lint

    kept = lint.check(organisation, minimum=0)
    if not kept or len(kept) > 100:
        raise BadInput(N_("the name of an organisation has 1 to 100 characters"))
    return kept


def _sentence(
    context: Context,
    outcome: Outcome,
    template: str,
    name: str,
    number: int | None,
    *,
    role: str = "",
) -> str:
    roles = context.workflow(outcome.after.workflow).workflow.roles
    return context.in_words(
        template,
        title=outcomes.title(outcome.after),
        name=name,
        number=number,
        role=roles[role].label if role else "",
    )
