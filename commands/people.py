"""Who acts and who takes part: actors, the coach of a trajectory, its municipalities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from commands import absence
from commands.effects import outcomes
from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.frame.terms import REF, changes, municipalities_of
from commands.pages import wording
from commands.typed.persons import actor_of, coach_of
from engine.domain.errors import BadInput
from engine.domain.words import LANGUAGES, N_

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.service.desk import Terms

ROLES = {"coach": N_("coach"), "lead": N_("team lead"), "auditor": N_("auditor (reads only)")}
ROLE_HELP = N_("coach, lead, or auditor, who reads only.")
ACTOR = argument("actor")
PLACES = argument("municipalities", nargs=-1, required=True, metavar="MUNICIPALITY...")


@command(
    json=True,
    details=N_(
        'Example: traject actor add "Bo Claes" --email bo@example.org --account db:bo --role coach'
    ),
)
@argument("name")
@option("--email", required=True, metavar="ADDRESS", help=N_("The mail address."))
@option("--account", required=True, help=N_("uid:1000, sid:S-1-… or db:LOGIN; see whoami."))
@option("--role", required=True, type=click.Choice(tuple(ROLES)), help=ROLE_HELP)
@option("--mail-lang", type=click.Choice(LANGUAGES), default="nl", help=N_("Language of mails."))
@changes(version=False, day=False, mail=False)
def actor_add(
    context: Context,
    name: str,
    *,
    email: str,
    account: str,
    role: str,
    mail_lang: str,
    terms: Terms,
) -> None:
    """Let somebody act in traject."""
    from engine.domain import addresses
    from engine.service import actors

    name, email = addresses.parse(f"{name} <{email}>")
    actor = actors.add_actor(
        context.desk(),
        terms,
        name=name,
        email=email,
        account=_account(account),
        role=role,
        lang=mail_lang,
    )
    _tell(context, actor, terms)


@command(json=True, details=N_("Example: traject actor change 2 --inactive"))
@ACTOR
@option("--role", type=click.Choice(tuple(ROLES)), help=ROLE_HELP)
@option("--email", metavar="ADDRESS", help=N_("The mail address."))
@option("--active/--inactive", default=None, help=N_("Whether this person may work with traject."))
@changes(version=False, day=False, mail=False)
def actor_change(
    context: Context,
    actor: str,
    *,
    role: str | None,
    email: str | None,
    active: bool | None,
    terms: Terms,
) -> None:
    """Change an actor's role, address or activity."""
    from engine.domain import addresses
    from engine.service import actors

    if role is None and email is None and active is None:
        raise BadInput(N_("say what to change: --role, --email, --active or --inactive"))
    changed = actors.change_actor(
        context.desk(),
        actor_of(context, actor),
        terms,
        role=role,
        active=active,
        email=addresses.address(email) if email else None,
    )
    _tell(context, changed, terms, coached=_coached(context, changed.id))


@command(json=True)
def actor_list(context: Context) -> None:
    """List those who act in traject."""
    actors = context.people().actors.values()
    if context.json:
        context.echo_json([_as_json(context, actor) for actor in actors])
        return
    for actor in actors:
        context.echo(_line(context, actor))


@command(json=True, details=N_("Example: traject reassign gent bo"))
@REF
@argument("coach", required=False)
@changes()
def reassign(context: Context, ref: str, *, coach: str | None, terms: Terms) -> None:
    """Hand a trajectory to another coach; the coordinator hears who."""
    from engine.service import people

    own = context.trajectory(context.ref(ref))
    number = coach_of(context, coach, own)
    outcome = people.reassign(context.desk(), own.ref, number, terms)
    name = wording.coach(context, context.people().actors[number].name, number)
    guided = N_("{title} is guided by {name} from now on.")
    title = outcomes.title(outcome.after)
    outcomes.tell(context, outcome, context.in_words(guided, title=title, name=name))


@command(json=True, details=N_("Example: traject scope join gent Destelbergen"))
@REF
@PLACES
@changes()
def scope_join(
    context: Context, ref: str, *, municipalities: tuple[str, ...], terms: Terms
) -> None:
    """Let municipalities join a trajectory."""
    _scope(context, ref, terms, joined=municipalities)


@command(json=True, details=N_("Example: traject scope leave gent Destelbergen"))
@REF
@PLACES
@changes()
def scope_leave(
    context: Context, ref: str, *, municipalities: tuple[str, ...], terms: Terms
) -> None:
    """Let municipalities leave a trajectory."""
    _scope(context, ref, terms, left=municipalities)


@command(json=True)
def whoami(context: Context) -> None:
    """Show who this account is here, and where the data is."""
    actor, where = context.actor(), context.database().url_for_people
    if context.json:
        context.echo_json({**_as_json(context, actor), "database": where})
        return
    context.echo(_line(context, actor))
    context.say(N_("Data: {where}"), where=where)


def _scope(
    context: Context,
    ref: str,
    terms: Terms,
    *,
    joined: tuple[str, ...] = (),
    left: tuple[str, ...] = (),
) -> None:
    from engine.service import people

    outcome = people.scope(
        context.desk(),
        context.ref(ref),
        terms,
        joined=municipalities_of(context, joined),
        left=municipalities_of(context, left),
    )
    now = N_("Takes part now: {title}.")
    outcomes.tell(context, outcome, context.in_words(now, title=outcomes.title(outcome.after)))


def _account(typed: str) -> str:
    """Return an account as it is kept. Raises: BadInput."""
    kind, found, own = typed.strip().partition(":")
    fits = {"uid": own.isascii() and own.isdigit(), "sid": own.startswith("S-1-"), "db": bool(own)}
    if not found or not fits.get(kind):
        raise BadInput(
            N_("{account} is not an account: write uid:1000, sid:S-1-5-… or db:LOGIN"),
            account=typed,
        )
    return f"{kind}:{own}"


def _coached(context: Context, actor: int) -> tuple[str, ...]:
    """Return the references of the trajectories that are not closed and that an actor coaches."""
    from engine.store import queries

    with context.database().reading() as connection:
        lines = queries.overview(connection, context.today())
    return tuple(line.ref for line in lines if line.coach == actor)


def _tell(context: Context, actor: Actor, terms: Terms, *, coached: tuple[str, ...] = ()) -> None:
    """Print an actor, and the trajectories that somebody else is to coach now."""
    if context.json:
        context.echo_json(
            {**_as_json(context, actor), "coached": coached, "dry_run": terms.dry_run}
        )
        return
    if terms.dry_run:
        context.say(outcomes.DRY)
    context.echo(_line(context, actor))
    if coached and not actor.may_coach:
        context.say(N_("Still coaches: {refs}. Hand each to another coach:"), refs=coached)
        for ref in coached:
            context.echo(f"  {context.hint(f'traject reassign {context.handle(ref)}')}")


def _line(context: Context, actor: Actor) -> str:
    """Return an actor on one line."""
    if actor.name is None and actor.email is None:
        return f"{actor.id}  {wording.coach(context, None, actor.id)}"
    active = N_("{number}  {name} <{email}>, {role}, account {account}")
    asleep = N_("{number}  {name} <{email}>, {role}, account {account}, no longer active")
    line = context.in_words(
        active if actor.active else asleep,
        number=actor.id,
        name=wording.coach(context, actor.name, actor.id),
        email=actor.email or "",
        role=context.words.text(ROLES[actor.role]),
        account=actor.account or "",
    )
    return ", ".join(filter(None, (line, absence.absence(context, actor))))


def _as_json(context: Context, actor: Actor) -> dict[str, Any]:
    return {
        "id": actor.id,
        "name": actor.name,
        "email": actor.email,
        "role": actor.role,
        "account": actor.account,
        "lang": actor.lang,
        "active": actor.active,
        "away": absence.as_json(context, actor),
    }
