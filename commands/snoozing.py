"""Letting the reminders of a trajectory rest until a day, and what is told of those that rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from commands.effects import outcomes
from commands.frame.context import Context
from commands.frame.shape import command, option
from commands.frame.terms import REF, changes, day_of, text_of, warn
from commands.pages import wording
from commands.typed.choosing import Choice, pick
from commands.typed.day_types import COMING_DAY
from commands.typed.naming import deadline_of
from engine.domain.errors import BadInput, TrajectError
from engine.domain.words import N_, Say, say

if TYPE_CHECKING:
    from engine.domain.definition import Labels, Workflow
    from engine.domain.trajectory import Snooze, Trajectory
    from engine.service.desk import Terms


@command(
    json=True,
    details=N_(
        "The target dates stand; of the reminders that come due meanwhile each reader gets one "
        "at most, on that day. The question about contacts and the offer after the end rest too; "
        "what a command causes at once does not. With --until today they go again now. "
        'Example: traject snooze gent --until 12/2 --reason "the coordinator is ill"'
    ),
)
@REF
@option("--until", type=COMING_DAY, metavar="DATE", help=N_("When they go again; today: now."))
@option("--role", metavar="ROLE", help=N_("Only the reminders for this role."))
@option("--deadline", metavar="ID", help=N_("Only the reminders of this target date."))
@option("--reason", metavar="TEXT", help=N_("Why; auditors read it."))
@changes(day=False, mail=False)
def snooze(
    context: Context,
    ref: str,
    *,
    until: date | None,
    role: str | None,
    deadline: str | None,
    reason: str | None,
    terms: Terms,
) -> None:
    """Let reminders rest until a day; the dates stand."""
    from engine.service import moving

    ref = context.ref(ref)
    own = context.trajectory(ref)
    role = _role(context, own, role)
    deadline = deadline_of(context, own, deadline) if deadline is not None else None
    question = context.in_words(N_("Until when?"))
    until = day_of(context, until, question, option="--until", looks="forward")
    if until > context.today():
        why = context.in_words(N_("Why do they rest?"))
        reason = text_of(context, reason, why, option="--reason")
    outcome = moving.snooze(
        context.desk(), ref, until, terms, reason=reason, role=role, deadline=deadline
    )
    if until > context.today():
        warn(context)
        until = outcome.after.snoozes[-1].until  # the first day on which mail leaves
    rests = N_(
        "Reminders rest: {title}, until {until}. "
        "Earlier after all: traject snooze {ref} --until today"
    )
    template = rests if until > context.today() else N_("Reminders go again: {title}.")
    title = outcomes.title(outcome.after)
    sentence = context.in_words(template, title=title, until=until, ref=context.handle(ref))
    outcomes.tell(context, outcome, sentence)


def resting(context: Context, own: Trajectory, workflow: Workflow) -> Iterator[str]:
    """Yield a sentence for each rest that is not over: which reminders, until when."""
    from engine.domain import snoozing

    for rest in snoozing.resting(own, context.now()):
        day = wording.short(context, rest.until)
        yield context.in_words(_sentence(rest), which=_which(rest, workflow), day=day)


def as_json(context: Context, own: Trajectory) -> list[dict[str, Any]]:
    """Return the rests that are not over as data."""
    from engine.domain import snoozing

    return [
        {"until": rest.until, "role": rest.role, "deadline": rest.deadline}
        for rest in snoozing.resting(own, context.now())
    ]


def _sentence(rest: Snooze) -> str:
    if rest.role is None and rest.deadline is None:
        return N_("Reminders rest until {day}")
    return N_("Reminders rest until {day}: {which}")


def _which(rest: Snooze, workflow: Workflow) -> Say | Labels | str:
    """Return the role and the date whose reminders rest."""
    role = workflow.roles[rest.role].label if rest.role else None
    phases = [p for p in workflow.phases.values() if rest.deadline in p.deadlines]
    date = phases[0].deadlines[rest.deadline].label or phases[0].label if rest.deadline else None
    if role and date:
        return say(N_("{role}, {deadline}"), role=role, deadline=date)
    return role or date or ""


def _role(context: Context, own: Trajectory, typed: str | None) -> str | None:
    """Return the role that a code or words of a label mean; None where none was given."""
    if typed is None:
        return None
    roles = context.workflow(own.workflow).workflow.roles
    choices = [
        Choice(name, context.words.label(role.label), number)
        for number, (name, role) in enumerate(roles.items(), start=1)
    ]

    def refusal(word: str, possible: str) -> TrajectError:
        template = N_("unknown role {role}; say it with --role ROLE:{possible}")
        return BadInput(template, role=word, possible=possible)

    return pick(context, typed, choices, context.in_words(N_("For which role?")), refusal).code
