"""Asking mayors for their consent: those who have not agreed yet, and can be reached."""

from __future__ import annotations

from engine.domain.decisions.criteria import consenting_of, open_criterion
from engine.domain.decisions.decision import Decision, require_active, require_day
from engine.domain.definition import Criterion
from engine.domain.errors import Refused
from engine.domain.events import ConsentAsked
from engine.domain.words import N_

MAYOR = "mayor"


def decide_ask(
    decision: Decision,
    criterion: str,
    municipality: str | None = None,
    *,
    unreachable: frozenset[str] = frozenset(),
) -> None:
    """Ask the mayors who have not agreed yet, or the one of `municipality`.

    Those of `unreachable` municipalities are not asked: no mail could. Where all would be left
    out so nothing is asked, unless the act mails nobody anyway.
    """
    trajectory = decision.trajectory
    require_active(trajectory)
    require_day(decision.act, trajectory.entered_on)
    rule = open_criterion(decision, criterion)
    if rule.who != MAYOR:
        raise Refused(
            N_("{criterion} is not for a mayor to agree with; nobody is asked"),
            criterion=rule.label,
        )
    state = trajectory.criterion(criterion)
    waiting = tuple(n for n in trajectory.current_municipalities() if n not in state.consents)
    if municipality is not None:
        consenting_of(trajectory, criterion, rule, municipality)
        waiting = (municipality,)
    if decision.act.mail:
        waiting = _reachable(decision, rule, waiting, unreachable)
    mails = tuple(
        mail
        for nis in waiting
        for mail in decision.caused("asked", entry=trajectory.entry, nis=nis, about=criterion)
    )
    decision.add(ConsentAsked(criterion, waiting, reminders=mails))
    decision.withhold(mails)


def _reachable(
    decision: Decision, rule: Criterion, waiting: tuple[str, ...], unreachable: frozenset[str]
) -> tuple[str, ...]:
    """Return the municipalities whose mayor can be mailed; refuse where there is none."""
    found = tuple(nis for nis in waiting if nis not in unreachable)
    if waiting and not found:
        raise Refused(
            N_(
                "{criterion}: nobody is asked, as no address is known: "
                "traject contact add {own} --role mayor"
            ),
            criterion=rule.label,
            own=decision.trajectory.ref,
        )
    return found
