"""Tells whose calendar shows the old day of a date that moved, and when they hear the new one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.pages import wording
from commands.pages.columns import wrapped
from engine.domain.words import N_

if TYPE_CHECKING:
    from datetime import date

    from engine.service.desk import Outcome

NEXT = N_("{name} has {was} in the calendar, and hears of this with the next mail, {day}.")
NEVER = N_("{name} has {was} in the calendar and no mail is planned: tell {name} yourself.")
ALONE = N_("No mail goes out for this alone.")


def tell_redated(context: Context, outcome: Outcome) -> None:
    """Print, after a date moved, who learns of it when; or that no mail goes out for it."""
    from engine.domain.events import DeadlineMoved
    from engine.domain.untold import misdated

    before, after = outcome.before, outcome.after
    if before is None or not any(isinstance(e.fact, DeadlineMoved) for e in outcome.events):
        return
    pinned, known = context.workflow(after.workflow), context.people().contacts
    at_once = {mail.email for mail in outcome.mailings if mail.name}
    lines = []
    for contact, was in misdated(before, after, pinned, context.today()).items():
        person = known[contact]
        if person.email in at_once:
            continue
        day = _next_mail(context, outcome, person.email)
        name = wording.person(context, person.name, contact)
        lines.append(context.in_words(NEXT if day else NEVER, name=name, was=was, day=day))
    if not (lines or at_once):
        lines.append(context.in_words(ALONE))
    for line in (part for text in lines for part in wrapped(text, hanging=4)):
        context.echo(line)


def _next_mail(context: Context, outcome: Outcome, email: str | None) -> date | None:
    """Return the day of the next mail to somebody that can carry a date; None where none will."""
    from commands.pages.forecast import expected
    from engine.domain.agenda import OTHERWISE_BUSY
    from engine.domain.workdays import brussels_day
    from engine.store.dossiers import dossier

    with context.database().reading() as connection:
        read = dossier(connection, outcome.after.ref)
    coming = expected(context, replace(read, trajectory=outcome.after))
    carrying = (m for m in coming if m.email == email and m.notice not in OTHERWISE_BUSY)
    first = next(carrying, None)
    return brussels_day(first.at) if first else None
