"""The mails to come of one trajectory, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from commands.columns import columns
from commands.context import Context
from commands.wording import moment, notice, places
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


def print_mails(context: Context, dossier: Dossier, mails: Sequence[Expected]) -> None:
    """Print one line a mail."""
    own = dossier.trajectory
    name = places(own.current_municipalities())
    if not mails:
        context.say(
            N_("{name} ({ref}): no mail will go out if nobody acts."), name=name, ref=own.ref
        )
        return
    context.say(N_("{name} ({ref}): what goes out if nobody acts"), name=name, ref=own.ref)
    roles = dossier.pinned.workflow.roles
    rows = (
        (
            moment(context, mail.at),
            mail.name,
            context.words.label(roles[mail.role].label) if mail.role in roles else "",
            notice(context, mail.notice),
        )
        for mail in mails
    )
    for line in columns(rows, cut=((2,), (1, 3)), indent=1):
        context.echo(line)
    if any(mail.mail is not None or mail.rule.startswith("on.") for mail in mails):
        context.say(N_("To keep them from leaving: traject mail hold {ref}"), ref=own.ref)
