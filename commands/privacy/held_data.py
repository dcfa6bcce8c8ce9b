"""All that is kept of one contact, for an access request: on a page, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from commands.directory import contact_as_json
from commands.frame.context import Context
from commands.frame.shape import argument, command
from commands.pages import wording
from commands.pages.columns import columns, wrapped
from commands.pages.mail import STATUS
from commands.typed.persons import contact_of
from engine.domain.fields import called
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit import Told
    from engine.store.holdings import HeldDetail, HeldMail, HeldRole, Holding

Row = tuple[str, ...]
LOOK_AT = N_("TEXTS WITH A PART OF THE NAME")
WARNING = N_(
    "A part of the name stands in them: they may be about somebody else; a person decides before "
    "they are handed over."
)


@command(
    json=True,
    details=N_(
        "For who asks what we know of them: their data, the roles with their dates, the mails "
        "that reached or named them, texts with the name, apart those with a part of it, and the "
        "events that mention them. Read it before you hand it over: a text may name somebody else "
        "as well, or be about somebody else. "
        "Example: traject contact export rita > rita.txt"
    ),
)
@argument("contact", required=False)
def contact_export(context: Context, contact: str | None) -> None:
    """Show all that is kept of one contact."""
    from engine.audit import Wanted, tell
    from engine.municipalities import by_nis
    from engine.store.holdings import holding

    number = contact_of(context, contact)
    with context.database().reading() as connection:
        found = holding(connection, number)
    wanted = Wanted(person=f"contact:{number}")
    told = tell(context.database(), context.words, lambda nis: by_nis(nis).name, wanted)
    if context.json:
        context.echo_json(_as_json(found, told))
        return
    _print(context, found, told)


def _as_json(found: Holding, told: Sequence[Told]) -> dict[str, Any]:
    """Return what is held with the keys that scripts rely on."""
    return {
        "contact": contact_as_json(found.contact),
        "details": [_detail(one) for one in found.details],
        "texts": [_detail(one) for one in found.texts],
        "look_at": [_detail(one) for one in found.look_at],
        "roles": [
            {
                "trajectory": one.ref,
                "category": one.category,
                "status": one.status,
                "role": one.role,
                "municipality": one.nis or None,
                "from": one.from_on,
                "until": one.until_on,
                "closed_on": one.closed_on,
            }
            for one in found.roles
        ],
        "mails": [
            {
                "number": one.number,
                "trajectory": one.ref or None,
                "notice": one.notice,
                "to_them": one.to_them,
                "status": one.status,
                "at": one.at,
                "subject": one.subject,
            }
            for one in found.mails
        ],
        "events": [
            {
                "event": one.position,
                "trajectory": one.ref,
                "type": one.type,
                "occurred_on": one.occurred_on,
                "recorded_at": one.recorded_at,
                "text": one.text,
            }
            for one in told
        ],
    }


def _detail(one: HeldDetail) -> dict[str, Any]:
    return {
        "event": one.position,
        "type": one.type,
        "on": one.on,
        "field": one.field,
        "value": one.value,
    }


def _print(context: Context, found: Holding, told: Sequence[Told]) -> None:
    """Print what is held, part after part; what there is none of is said."""
    name = wording.person(context, found.contact.name, found.contact.id)
    title = context.in_words(
        N_("What traject keeps of {name}, contact {number}, on {day}:"),
        name=name,
        number=found.contact.id,
        day=context.today(),
    )
    for line in wrapped(title):
        context.echo(line)
    parts: tuple[tuple[str, str, list[Row]], ...] = (
        (N_("DATA"), "", [_data(context, one) for one in found.details]),
        (N_("ROLES"), "", list(_roles(context, found.roles))),
        (N_("MAILS"), "", [_mail(context, one) for one in found.mails]),
        (N_("TEXTS WITH THE NAME"), "", [_data(context, one) for one in found.texts]),
        (LOOK_AT, WARNING, [(str(one.position), *_data(context, one)) for one in found.look_at]),
        (N_("EVENTS"), "", [_event(context, one) for one in told]),
    )
    for title, warning, rows in parts:
        context.echo()
        context.head(title)
        for line in wrapped(context.in_words(warning), 2) if rows and warning else ():
            context.echo(line)
        for line in columns(rows, cut=((len(rows[0]) - 1,),), indent=2) if rows else ():
            context.echo(line)
        if not rows:
            context.say(N_("  none"))
    context.echo()
    ending = N_("Mails themselves: traject mail show NUMBER. To correct: traject contact change.")
    for line in wrapped(context.in_words(ending)):
        context.echo(line)


def _data(context: Context, one: HeldDetail) -> Row:
    field = context.words.say(called(one.field))
    return wording.short(context, one.on), field, one.value


def _roles(context: Context, roles: Sequence[HeldRole]) -> Iterator[Row]:
    for one in roles:
        workflow = context.workflow(context.trajectory(one.ref).workflow).workflow
        label = context.words.label(workflow.roles[one.role].label)
        place = wording.places([one.nis]) if one.nis else ""
        ended = min((day for day in (one.until_on, one.closed_on) if day), default=None)
        first = wording.short(context, one.from_on)
        period = context.in_words(N_("since {day}"), day=first)
        if ended is not None:
            period = f"{first} – {wording.short(context, ended)}"
        yield one.ref, f"{label} {place}".strip(), period


def _mail(context: Context, one: HeldMail) -> Row:
    erased = context.in_words(N_("(erased)"))
    status = context.in_words(STATUS[one.status])
    reader = context.in_words(N_("to them") if one.to_them else N_("names them"))
    at = wording.moment(context, one.at)
    return str(one.number), at, one.ref, reader, status, one.subject or erased


def _event(context: Context, one: Told) -> Row:
    return str(one.position), wording.short(context, one.occurred_on), one.ref or "", one.text
