"""Who may act, and on whose behalf: what each of the roles coach, lead and auditor allows.

It is the role of who acts that counts, whoever it is done for.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain.errors import BadInput, Refused
from engine.domain.people import AUDITOR, COACH, LEAD, Actor
from engine.domain.words import N_

READS_ONLY = N_("an auditor reads and changes nothing; ask a coach or a team lead to do it")


def require_writer(actor: Actor) -> None:
    """Refuse who only reads."""
    if actor.role == AUDITOR:
        raise Refused(READS_ONLY)


def require_lead(actor: Actor, everybody: Iterable[Actor]) -> None:
    """Refuse who is no team lead; a coach has a lead's rights where there is none."""
    needed = actor.role != COACH or any(one.active and one.role == LEAD for one in everybody)
    if actor.role != LEAD and needed:
        raise Refused(N_("only a team lead corrects what was recorded; a coach may add a note"))


def require_represented(actor: Actor, other: Actor) -> None:
    """Refuse to act for oneself, for who may act no longer, and for who only reads."""
    name = other.name or f"#{other.id}"
    if other.id == actor.id:
        raise BadInput(N_("that is yourself; leave out --on-behalf-of"))
    if not other.active:
        raise Refused(N_("{name} may act no longer, and nobody on their behalf"), name=name)
    if other.role == AUDITOR:
        raise Refused(N_("{name} is an auditor: nothing is done on their behalf"), name=name)
