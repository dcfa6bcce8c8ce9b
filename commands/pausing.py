"""Letting a trajectory rest, going on after it, and ending it early: pause, resume, stop."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from commands.effects import outcomes
from commands.frame.context import Context
from commands.frame.shape import command, option
from commands.frame.terms import REF, as_seen, changes, day_of, tried
from commands.moving import CODE, NOTHING
from commands.typed.asking import can_ask, yes
from commands.typed.day_types import COMING_DAY
from commands.typed.naming import reason_of, usual_reason
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.service.desk import Terms


@command(
    json=True,
    details=N_("Example: traject pause gent --reason coordinator_vacant --until 1/3"),
)
@REF
@CODE
@option("--until", type=COMING_DAY, metavar="DATE", help=N_("When to go on."))
@changes()
def pause(
    context: Context, ref: str, *, reason: str | None, until: date | None, terms: Terms
) -> None:
    """Let a trajectory rest; it does not resume by itself."""
    from engine.service import moving

    own, desk = context.trajectory(context.ref(ref)), context.desk()
    code, tomorrow = usual_reason(context, own, "pause"), context.today() + timedelta(days=1)
    tried(
        context,
        terms,
        lambda t: moving.pause(desk, own.ref, t, reason=code, until=until or tomorrow),
    )
    reason = reason_of(context, own.ref, "pause", reason)
    question = context.in_words(N_("Until when?"))
    until = day_of(context, until, question, option="--until", looks="forward")
    terms = as_seen(context, own, terms)
    outcome = moving.pause(desk, own.ref, terms, reason=reason, until=until)
    rests = N_("Paused: {title}, until {until}. It resumes with: traject resume {ref}")
    title = outcomes.title(outcome.after)
    outcomes.tell(
        context,
        outcome,
        context.in_words(rests, title=title, until=until, ref=context.handle(own.ref)),
    )


@command(json=True)
@REF
@changes()
def resume(context: Context, ref: str, *, terms: Terms) -> None:
    """Go on after a pause; the dates have moved by the days it lasted."""
    from engine.service import moving

    outcome = moving.resume(context.desk(), context.ref(ref), terms)
    resumed = N_("Resumed: {title}, in {phase}.")
    title, phase = (
        outcomes.title(outcome.after),
        outcomes.phase_name(context, outcome.after),
    )
    outcomes.tell(context, outcome, context.in_words(resumed, title=title, phase=phase))


@command(json=True, details=N_("Example: traject stop gent --reason no_capacity"))
@REF
@CODE
@option("--silent", is_flag=True, help=N_("Nobody is told."))
@changes()
def stop(context: Context, ref: str, *, reason: str | None, silent: bool, terms: Terms) -> None:
    """End a trajectory before its goal."""
    from engine.service import moving

    own, desk = context.trajectory(context.ref(ref)), context.desk()
    code = usual_reason(context, own, "stop")
    tried(context, terms, lambda t: moving.stop(desk, own.ref, t, reason=code, silent=silent))
    reason = reason_of(context, own.ref, "stop", reason)
    if can_ask(context) and not terms.dry_run:
        sure = N_("Stop {title}? This cannot be undone.")
        question = context.in_words(sure, title=outcomes.title(own))
        if not yes(question, default=False):
            context.tell(NOTHING)
            return
        context.asked = True
    terms = as_seen(context, own, terms)
    outcome = moving.stop(desk, own.ref, terms, reason=reason, silent=silent)
    workflow = context.workflow(outcome.after.workflow).workflow
    stopped = N_("Stopped: {title} ({reason}).")
    title = outcomes.title(outcome.after)
    why = workflow.reasons.stop[reason]
    outcomes.tell(context, outcome, context.in_words(stopped, title=title, reason=why))
