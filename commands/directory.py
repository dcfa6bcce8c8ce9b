"""The directory of contacts: listed and printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from commands.frame.context import Context
from commands.frame.shape import argument, command
from commands.pages import wording
from commands.pages.columns import beside, columns
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.people import Contact
    from engine.domain.trajectory import Trajectory

Held = dict[str, Any]
NO_ROLES: Mapping[int, str] = {}


@command(json=True)
@argument("ref", required=False)
def list_contacts(context: Context, ref: str | None) -> None:
    """List all contacts, or those who have a role in one trajectory."""
    known = context.people().contacts
    trajectory = context.trajectory(context.ref(ref)) if ref else None
    held = _roles(trajectory) if trajectory else None
    wanted = [c for c in known.values() if held is None or c.id in held]
    if context.json:
        context.echo_json(
            [contact_as_json(c) | ({} if held is None else {"roles": held[c.id]}) for c in wanted]
        )
        return
    print_contacts(context, wanted, _in_words(context, trajectory, held or {}))
    if not wanted:
        context.tell(N_("There are no contacts yet."))


def _roles(trajectory: Trajectory) -> dict[int, list[Held]]:
    """Return the present roles of a trajectory by contact."""
    held: dict[int, list[Held]] = {}
    for (contact, role, nis), assignment in trajectory.assignments.items():
        if assignment.until_on is None:
            held.setdefault(contact, []).append({"role": role, "municipality": nis or None})
    return held


def _in_words(
    context: Context, trajectory: Trajectory | None, held: dict[int, list[Held]]
) -> dict[int, str]:
    """Return the roles of each contact as people say them, with their municipality."""
    if trajectory is None:
        return {}
    roles = context.workflow(trajectory.workflow).workflow.roles

    def said(one: Held) -> str:
        label, place = context.words.label(roles[one["role"]].label), one["municipality"]
        return f"{label} {wording.places([place])}" if place else label

    return {contact: ", ".join(map(said, own)) for contact, own in held.items()}


def contact_as_json(contact: Contact) -> dict[str, Any]:
    """Return a contact with the keys that scripts rely on."""
    return {
        "id": contact.id,
        "name": contact.name,
        "email": contact.email,
        "organisation": contact.organisation,
        "lang": contact.lang,
    }


def print_contacts(
    context: Context, contacts: Sequence[Contact], roles: Mapping[int, str] = NO_ROLES
) -> None:
    """Print contacts, one a line, with their roles where they are given."""
    rows = [
        (
            str(contact.id),
            wording.person(context, contact.name, contact.id),
            contact.email or "",
            contact.organisation or "",
            contact.lang,
            roles.get(contact.id, ""),
        )
        for contact in contacts
    ]
    for line in columns(rows, cut=((1, 3), (5,))):
        context.echo(line)


def tell_known(context: Context, typed: Iterable[tuple[str, str]]) -> None:
    """Say it where a (name, address) typed belongs to a contact of another name, which stays."""
    named = {email.casefold(): name for name, email in typed}
    for contact in context.people().contacts.values():
        name = named.get((contact.email or "").casefold())
        if name and contact.name and name != contact.name:
            context.tell(
                N_(
                    "{email} is known as {known}; that name stays. To change it: "
                    "traject contact change {number}"
                ),
                email=contact.email,
                known=contact.name,
                number=contact.id,
            )


def tell_undelivered(context: Context, contact: Contact) -> None:
    """Say which mails did not reach a contact at a former address, and how they go to this one."""
    from engine.store.dossiers import troubled

    with context.database().reading() as connection:
        lost = troubled(connection)
    for mail in lost:
        mine = mail.person == f"contact:{contact.id}" and mail.status == "dead"
        if mine and mail.readdressed(contact.email):
            what = wording.notice(context, mail.notice)
            text = context.in_words(N_("Not delivered: {notice}. To this address"), notice=what)
            for line in beside([(text, context.hint(f"traject mail retry {mail.mail}"))]):
                context.echo(line)
