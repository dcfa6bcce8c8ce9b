"""Dates everything afresh with today's calendar; a dry run shows before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commands.effects import outcomes
from commands.effects.shifted import tell_shifted
from commands.frame.context import Context
from commands.frame.shape import command
from commands.frame.terms import changes
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.service.desk import Outcome, Terms


@command(
    json=True,
    details=N_(
        "After an upgrade of the holidays, or a change of closing_days. Only open target dates "
        "that would fall otherwise move, one trajectory after another. Look first, with --dry-run."
    ),
)
@changes(version=False, day=False, mail=False)
def recalculate(context: Context, terms: Terms) -> None:
    """Move the open dates that today's calendar dates otherwise."""
    from engine.service import moving
    from engine.service.rights import require_writer
    from engine.store import queries

    desk = context.desk()
    require_writer(desk.actor)
    with context.database().reading() as connection:
        lines = queries.overview(connection, context.today(), ("active",))
    moved = [
        outcome for line in lines if (outcome := moving.recalculate(desk, line.ref, terms)).events
    ]
    if context.json:
        context.echo_json([row for outcome in moved for row in _rows(outcome)])
        return
    if terms.dry_run:
        context.say(outcomes.DRY)
    for outcome in moved:
        _print(context, outcome)
        tell_shifted(context, outcome)
    if not moved:
        context.say(N_("Every target date stands as the calendar has it. Nothing was changed."))


def _rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the dates that moved, before and after."""
    before = outcome.before.deadlines if outcome.before else {}
    return [
        {
            "ref": outcome.after.ref,
            "deadline": state.deadline.deadline,
            "before": before[key].deadline.due_on,
            "after": state.deadline.due_on,
        }
        for key, state in outcome.after.deadlines.items()
        if key in before and before[key].deadline.due_on != state.deadline.due_on
    ]


def _print(context: Context, outcome: Outcome) -> None:
    for row in _rows(outcome):
        context.say(
            N_("{title}, {label}: {before} becomes {after}."),
            title=outcomes.title(outcome.after),
            label=outcomes.deadline_name(context, outcome.after, row["deadline"]),
            before=row["before"],
            after=row["after"],
        )
