"""Who was kept for longer than the settings say: listed, and a line in January's morning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.pages import wording
from commands.pages.columns import beside, wrapped
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.erasing import Due

JANUARY = 1
OFF = N_(
    "Nobody is due: no term is set. To keep contacts for five years after their last role: "
    "traject config set retention_months 60"
)


def due_now(context: Context) -> tuple[Due, ...]:
    """Return the contacts that were kept long enough, longest ago first; nobody without a term."""
    from engine.domain.erasing import due
    from engine.store.erasing import last_roles

    months = context.settings.retention_months
    if not months:
        return ()
    with context.database().reading() as connection:
        return due(last_roles(connection), months, context.today())


def list_due(context: Context) -> None:
    """Print who was kept long enough, each with the command that erases them."""
    found = due_now(context)
    if context.json:
        context.echo_json(
            [
                {
                    "contact": one.contact,
                    "last_role_on": one.last_role if one.ever else None,
                    "added_on": None if one.ever else one.last_role,
                    "due_since": one.since,
                }
                for one in found
            ]
        )
        return
    if not context.settings.retention_months:
        for line in wrapped(context.in_words(OFF)):
            context.echo(line)
        return
    period = wording.months(context, context.settings.retention_months)
    if not found:
        template = N_("Nobody was kept for longer than {period} after their last role.")
        context.say(template, period=period)
        return
    known = context.people().contacts
    context.say(N_("Kept for longer than {period}: {count}."), period=period, count=len(found))
    rows = []
    for one in found:
        name = wording.person(context, known[one.contact].name, one.contact)
        said = N_("{name}, last role until {day}") if one.ever else N_("{name}, added on {day}")
        text = context.in_words(said, name=name, day=wording.short(context, one.last_role))
        command = f"traject erase contact {one.contact} --reason retention_over"
        rows.append((text, context.hint(command)))
    for line in beside(rows, indent=2):
        context.echo(line)


def review(context: Context) -> Iterator[str]:
    """Yield the line of the yearly review: in January, where a term is set and somebody is due."""
    if context.today().month != JANUARY or not context.settings.retention_months:
        return
    count = len(due_now(context))
    if count:
        period = wording.months(context, context.settings.retention_months)
        template = N_("Contacts kept for longer than {period}: {count}. Look at them with")
        text = context.in_words(template, period=period, count=count)
        yield from beside([(text, context.hint("traject erase --due"))])
