"""Who acts and who takes part: actors, the coach of a trajectory, its municipalities."""

from __future__ import annotations

from commands.context import Context
from commands.shape import command
from engine.domain.words import N_, Label

ROLES = {
    "coach": Label({"nl": "coach", "en": "coach"}),
    "lead": Label({"nl": "teamverantwoordelijke", "en": "team lead"}),
    "auditor": Label({"nl": "auditor", "en": "auditor"}),
}


@command(json=True)
def whoami(context: Context) -> None:
    """Show who this account is here, and where the data is."""
    actor, where = context.actor(), context.database().url_for_people
    if context.json:
        context.echo_json(
            {
                "id": actor.id,
                "name": actor.name,
                "email": actor.email,
                "role": actor.role,
                "account": actor.account,
                "lang": actor.lang,
                "database": where,
            }
        )
        return
    context.say(
        N_("{name} <{email}>, {role}, account {account}"),
        name=actor.name or "",
        email=actor.email or "",
        role=ROLES[actor.role],
        account=actor.account or "",
    )
    context.say(N_("Data: {where}"), where=where)
