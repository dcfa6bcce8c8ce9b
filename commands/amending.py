"""Corrections of what was recorded: a new event beside the old one, which stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.effects import outcomes
from commands.frame.context import Context
from commands.frame.shape import argument, command
from commands.frame.terms import changes, text_of, warn
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.service.amending import Amendment
    from engine.service.desk import Terms


@command(
    json=True,
    details=N_(
        "For team leads, and for coaches where there is none. The number is that of the event, "
        "see: traject history --numbers. What was recorded stays; the correction is told beside "
        "it, with who made it. It changes no date and no point: for those there are reopen, "
        "reschedule and send-back. "
        'Example: traject amend 31 "the meeting was in Melle, not in Gent"'
    ),
)
@argument("position", type=int, metavar="NUMBER")
@argument("text", required=False)
@changes(version=False, day=False, mail=False)
def amend(context: Context, position: int, *, text: str | None, terms: Terms) -> None:
    """Say what an earlier event should have said."""
    from engine.service import amending
    from engine.service.rights import require_lead
    from engine.store.projections import read_actors

    desk = context.desk()
    with context.database().reading() as connection:
        require_lead(desk.actor, read_actors(connection).values())
    question = context.in_words(N_("What should it have been?"))
    typed = text_of(context, text, question, option="TEXT")
    if text is not None:
        warn(context)
    done = amending.amend(desk, position, typed, terms)
    if context.json:
        context.echo_json(_as_json(done, terms))
        return
    if terms.dry_run:
        context.say(outcomes.DRY)
    context.say(
        N_("Corrected beside what was recorded of {day}: {text}"),
        day=done.corrected.occurred_on,
        text=_told(context, done),
    )


def _told(context: Context, done: Amendment) -> str:
    """Return what the history says of the event that was corrected."""
    from engine.audit import Wanted, tell
    from engine.municipalities import by_nis

    day = done.corrected.occurred_on
    wanted = Wanted(done.ref, first=day, last=day)
    told = tell(context.database(), context.words, lambda nis: by_nis(nis).name, wanted)
    return next(one.text for one in told if one.position == done.corrected.position)


def _as_json(done: Amendment, terms: Terms) -> dict[str, object]:
    return {
        "position": done.event.position,
        "corrects": done.corrected.position,
        "ref": done.ref,
        "text": done.event.details.get("text"),
        "dry_run": terms.dry_run,
    }
