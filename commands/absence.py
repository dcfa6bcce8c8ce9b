"""Being away: who stands in for whom, until when, and back again."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from commands.effects import outcomes
from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.frame.terms import changes, day_of
from commands.pages import wording
from commands.typed.day_types import COMING_DAY
from commands.typed.persons import actor_of, substitute_of
from engine.domain.errors import BadInput
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.service.desk import Terms


@command(
    json=True,
    details=N_(
        "Without a name: yourself. Meanwhile the substitute gets the mails for the coach, signs "
        "those to the municipalities, and sees the trajectories in the morning. It ends by itself "
        "on the day of return. Example: traject away an --from 1/7 --until 15/7 --to bo"
    ),
)
@argument("actor", required=False)
@option("--from", "first", type=COMING_DAY, metavar="DATE", help=N_("The first day away; today."))
@option("--until", type=COMING_DAY, metavar="DATE", help=N_("The day of return."))
@option("--to", "substitute", metavar="ACTOR", help=N_("Who stands in."))
@option("--back", is_flag=True, help=N_("Back already, or not away after all."))
@changes(version=False, day=False, mail=False)
def away(
    context: Context,
    actor: str | None,
    *,
    first: date | None,
    until: date | None,
    substitute: str | None,
    back: bool,
    terms: Terms,
) -> None:
    """Let a colleague stand in while somebody is away."""
    from engine.service import actors

    number = actor_of(context, actor) if actor is not None else context.desk().responsible.id
    if back:
        if first or until or substitute:
            raise BadInput(N_("--back stands alone: leave out --from, --until and --to"))
        _tell(context, actors.come_back(context.desk(), number, terms), terms)
        return
    other = substitute_of(context, substitute, number)
    question = context.in_words(N_("On which day back?"))
    until = day_of(context, until, question, option="--until", looks="forward")
    gone = actors.leave(
        context.desk(), number, other, terms, first=first or context.today(), until=until
    )
    _tell(context, gone, terms)


def absence(context: Context, actor: Actor) -> str:
    """Return who stands in for an actor and until when, "" for who is there and stays."""
    if actor.away_until is None or actor.away_until <= context.today():
        return ""
    other = context.people().actors.get(actor.substitute or 0)
    return context.in_words(
        N_("away from {first}, back on {last}; {other} stands in"),
        first=wording.short(context, actor.away_from or actor.away_until),
        last=wording.short(context, actor.away_until),
        other=wording.coach(context, other.name if other else None, actor.substitute or 0),
    )


def as_json(context: Context, actor: Actor) -> dict[str, Any] | None:
    """Return an absence as data; None for who is there and stays."""
    if actor.away_until is None or actor.away_until <= context.today():
        return None
    return {"from": actor.away_from, "until": actor.away_until, "substitute": actor.substitute}


def _tell(context: Context, actor: Actor, terms: Terms) -> None:
    """Print who is away, or is back."""
    if context.json:
        away = as_json(context, actor)
        context.echo_json({"id": actor.id, "away": away, "dry_run": terms.dry_run})
        return
    if terms.dry_run:
        context.say(outcomes.DRY)
    name = wording.coach(context, actor.name, actor.id)
    text = absence(context, actor)
    if not text:
        context.say(N_("{name} is there: mails go to {name} again."), name=name)
        return
    context.say(N_("{name}: {absence}."), name=name, absence=text)
    context.say(N_("Back earlier: traject away {actor} --back"), actor=actor.id)
