"""Moving a trajectory: advance, send-back, next-round, reschedule."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from commands.effects import outcomes
from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.frame.terms import REF, as_seen, changes, day_of, tell_closed, text_of, tried, warn
from commands.pages.columns import wrapped
from commands.typed.asking import can_ask, yes
from commands.typed.day_types import COMING_DAY
from commands.typed.naming import (
    deadline_of,
    kept_of,
    phase_of,
    phases_of,
    reason_of,
    workflow_of,
)
from engine.domain.errors import Refused
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.trajectory import Trajectory
    from engine.service.desk import Outcome, Terms

MANY = 2
NOTHING = N_("Nothing was changed.")
SPARED = N_("To spare some: Enter, and again with --keep and a word of each.")
CODE = option("--reason", metavar="CODE", help=N_("Why, from the list; without it the list."))


@command(json=True, details=N_("Example: traject advance gent --on yesterday"))
@REF
@option("--to", metavar="PHASE", help=N_("Where to, when the phase leads to several."))
@changes()
def advance(context: Context, ref: str, *, to: str | None, terms: Terms) -> None:
    """Move on to the next phase; from the last one, complete."""
    from engine.service import moving

    own = context.trajectory(context.ref(ref))
    to = _target(context, own, to)
    outcome = moving.advance(context.desk(), own.ref, as_seen(context, own, terms), to=to)
    outcomes.tell(context, outcome, _moved(context, outcome))


@command(json=True, details=N_("Example: traject send-back gent 2 --reason context_changed"))
@REF
@argument("phase", required=False)
@CODE
@option("--keep", multiple=True, metavar="CRITERION", help=N_("A criterion that stays as it is."))
@changes()
def send_back(
    context: Context,
    ref: str,
    *,
    phase: str | None,
    reason: str | None,
    keep: tuple[str, ...],
    terms: Terms,
) -> None:
    """Go back to an earlier phase, whose criteria open again."""
    from engine.service import moving

    own = context.trajectory(context.ref(ref))
    workflow = workflow_of(context, own)
    back = workflow.phases[own.phase].send_back if own.phase else None
    if phase is None and own.phase is not None and back is None:
        label = workflow.phases[own.phase].label
        raise Refused(N_("from {phase} there is no way back"), phase=label)
    question = context.in_words(N_("Back to which phase?"))
    phase = phase_of(context, phases_of(workflow), phase, question, back.targets() if back else ())
    reason = reason_of(context, own.ref, "send_back", reason)
    spared = frozenset(kept_of(context, own, keep))
    desk, terms = context.desk(), as_seen(context, own, terms)

    def back_to(terms: Terms) -> Outcome:
        return moving.send_back(desk, own.ref, phase, terms, reason=reason, keep=spared)

    trial = tried(context, terms, back_to)
    if trial is not None and (opened := _opened(context, trial)) and not terms.dry_run:
        for line in (*wrapped(opened), *wrapped(context.in_words(SPARED))):
            context.talk(line)
        if not yes(context.in_words(N_("Go back?")), default=False):
            context.tell(NOTHING)
            return
    outcome = back_to(terms)
    outcomes.tell(context, outcome, _moved(context, outcome), _opened(context, outcome))


@command(json=True)
@REF
@changes()
def next_round(context: Context, ref: str, *, terms: Terms) -> None:
    """Begin the next round of a category that has rounds."""
    from engine.service import moving

    outcome = moving.next_round(context.desk(), context.ref(ref), terms)
    outcomes.tell(context, outcome, _moved(context, outcome), _opened(context, outcome))


@command(
    json=True,
    details=N_('Example: traject reschedule gent 18/2 --reason "the council meets later"'),
)
@REF
@argument("day", type=COMING_DAY, required=False, metavar="DATE")
@option("--deadline", metavar="ID", help=N_("Which target date; without it that of the phase."))
@option("--reason", metavar="TEXT", help=N_("Why; auditors read it."))
@changes()
def reschedule(
    context: Context,
    ref: str,
    *,
    day: date | None,
    deadline: str | None,
    reason: str | None,
    terms: Terms,
) -> None:
    """Fix another day for one date; its reminders move along."""
    from engine.service import moving

    own, desk = context.trajectory(context.ref(ref)), context.desk()
    tomorrow = context.today() + timedelta(days=1)
    tried(context, terms, lambda t: moving.reschedule(desk, own.ref, tomorrow, t, reason="-"))
    deadline = deadline_of(context, own, deadline)
    question = context.in_words(N_("To which day?"))
    day = day_of(context, day, question, option="DATE", looks="forward")
    why = context.in_words(N_("Why does the date move?"))
    reason = text_of(context, reason, why, option="--reason")
    terms = as_seen(context, own, terms)
    outcome = moving.reschedule(desk, own.ref, day, terms, reason=reason, deadline=deadline)
    if outcome.events:
        warn(context)
    tell_closed(context, day)
    outcomes.tell(context, outcome, _rescheduled(context, outcome, deadline, day))


def _rescheduled(context: Context, outcome: Outcome, deadline: str | None, day: date) -> str:
    """Return which date moved; from which day, where that is not told with the target date."""
    before, after = outcome.before, outcome.after
    standing = before.open_deadlines() if before is not None else ()
    was = next((d.deadline.due_on for d in standing if d.deadline.deadline == deadline), None)
    moved = N_("Rescheduled: {title}, {label} is on {day}.")
    if before is not None and before.due_on() == after.due_on() and was not in (None, day):
        moved = N_("Rescheduled: {title}, {label} is on {day} (was {before}).")
    label = outcomes.deadline_name(context, after, deadline)
    title = outcomes.title(after)
    return context.in_words(moved, title=title, label=label, day=day, before=was)


def _target(context: Context, own: Trajectory, to: str | None) -> str | None:
    """Return the phase to go to where one was typed, or where a person has to choose."""
    if to is None and not can_ask(context):
        return None
    workflow = workflow_of(context, own)
    ways = workflow.phases[own.phase].advance.targets() if own.phase else ()
    if to is None and len(ways) < MANY:
        return None
    question = context.in_words(N_("On to which phase?"))
    return phase_of(context, phases_of(workflow), to, question, ways)


def _moved(context: Context, outcome: Outcome) -> str:
    """Return the sentence that tells a change of phase."""
    after = outcome.after
    title = outcomes.title(after)
    if after.status == "completed":
        return context.in_words(N_("Completed: {title}."), title=title)
    workflow = context.workflow(after.workflow).workflow
    templates = {
        "send_back": N_("Back: {title} is in phase {number} of {count} again, {phase}."),
        "next_round": N_("Next round: {title}, phase {number} of {count}, {phase}."),
    }
    onward = N_("Onward: {title} is in phase {number} of {count}, {phase}.")
    assert after.phase is not None  # it has just entered one
    return context.in_words(
        templates.get(after.cause or "", onward),
        title=title,
        number=workflow.phase_ids().index(after.phase) + 1,
        count=len(workflow.phases),
        phase=workflow.phases[after.phase].label,
    )


def _opened(context: Context, outcome: Outcome) -> str:
    """Return the sentence that names the criteria that are open again."""
    from engine.domain.events import PhaseEntered

    reopened = [
        name
        for event in outcome.events
        if isinstance(event.fact, PhaseEntered)
        for name in event.fact.reopened
    ]
    if not reopened:
        return ""
    names = (outcomes.criterion_name(context, outcome.after, name) for name in reopened)
    return context.in_words(N_("Open again: {criteria}."), criteria="; ".join(names))
