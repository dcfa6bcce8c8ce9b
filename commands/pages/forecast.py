"""The mails to come of one trajectory, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from commands import snoozing
from commands.effects import resting
from commands.frame.context import Context
from commands.pages.columns import columns, wrapped
from commands.pages.wording import HOLD, moment, notice, places
from engine.dispatch.forecast import Expected, forecast
from engine.domain.words import N_
from engine.store.dossiers import Dossier


def expected(context: Context, dossier: Dossier) -> tuple[Expected, ...]:
    """Return the mails that leave if nobody acts."""
    return forecast(
        dossier, now=context.now(), calendar=context.calendar(), hold_back=context.hold_back()
    )


def as_json(mails: Sequence[Expected]) -> list[dict[str, Any]]:
    """Return the mails in the fixed shape."""
    return [
        {
            "at": mail.at,
            "notice": mail.notice,
            "to": mail.to,
            "role": mail.role,
            "rule": mail.rule,
            "mail": mail.mail,
        }
        for mail in mails
    ]


def _resting(context: Context, dossier: Dossier) -> Iterator[str]:
    """Yield that no mail leaves for now, or that reminders rest, where that is so."""
    yield from resting.resting(context, resting.queue(context))
    for sentence in snoozing.resting(context, dossier.trajectory, dossier.pinned.workflow):
        yield from wrapped(sentence)


def print_mails(context: Context, dossier: Dossier, mails: Sequence[Expected]) -> None:
    """Print one line a mail."""
    own = dossier.trajectory
    name = places(own.current_municipalities())
    title = N_("{name} ({ref}): what goes out if nobody acts")
    if not mails:
        title = N_("{name} ({ref}): no mail will go out if nobody acts.")
    for line in wrapped(context.in_words(title, name=name, ref=own.ref)):
        context.echo(line)
    for line in _resting(context, dossier):
        context.echo(line)
    rows = ((moment(context, mail.at), mail.name, notice(context, mail.notice)) for mail in mails)
    for line in columns(rows, cut=((1, 2),), indent=1):
        context.echo(line)
    if any(mail.mail is not None or mail.rule.startswith("on.") for mail in mails):
        context.say(HOLD, ref=context.handle(own.ref))
