"""Letting go what was held for being too much: how many it is, and whether that is agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.effects import resting
from commands.frame.context import Context
from commands.pages.columns import columns
from commands.pages.wording import mails, people
from commands.rounds.running import post
from commands.typed.asking import can_ask, yes
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.dispatch.volume import Volume


def agreed(context: Context, *, dry_run: bool) -> bool:
    """Tell whether the whole queue may go: a person at a terminal confirms how many it is."""
    if "why" not in resting.queue(context) or context.json:
        return True
    found, held = coming(context), _held(context)
    behind = {one.mail for one in found.behind}
    readers = {*held.values(), *found.readers}
    count = len(held.keys() - behind) + found.mails
    told = N_("Mails that will leave: {count}, to {people}.")
    context.say(told, count=count, people=people(context, len(readers)))
    if dry_run or not can_ask(context):
        return True
    return yes(context.in_words(N_("Let them leave?")), default=False)


def whole_queue(context: Context) -> int | None:
    """Let the queue go that rested; return how many the next round may make, None if it did not."""
    from engine.dispatch import desk

    allowed = coming(context).made
    return allowed if desk.wake_queue(context.desk(), allowed=allowed) else None


def tell_rest(context: Context, let_go: int | None, *, some: bool = False) -> None:
    """Print what becomes of a queue that a person let go, or why it does not leave yet.

    `some`: of a queue that is held these were let go, and no others.
    """
    if let_go is not None:
        context.say(N_("What waited is tried again at the next round: traject tick"))
    state = resting.queue(context)
    if some and "why" in state:
        context.say(
            N_("These leave; the others stay held. To let all go: traject mail release --all")
        )
        return
    if "why" in state:
        for line in resting.resting(context, state):
            context.echo(line)
    if let_go:
        context.say(N_("Made at the next round, and let go: {count}."), count=let_go)


def coming(context: Context) -> Volume:
    """Return what a round would make now, and what earlier ones left behind."""
    from engine.dispatch.volume import volume

    return volume(post(context), context.now())


def print_coming(context: Context) -> None:
    """Print of which trajectories a round would make mails, and how to keep those back."""
    from engine.store import outbox

    found = coming(context)
    with context.database().reading() as connection:
        refs = outbox.references(connection)
    handles = {context.handle(refs[id_]): count for id_, count in found.of.items()}
    rows = [
        (handle, mails(context, count), context.hint(f"traject mail hold {handle}"))
        for handle, count in sorted(handles.items())
        if count
    ]
    for line in columns(rows, indent=2):
        context.echo(line)


def _held(context: Context) -> dict[int, str]:
    """Return each mail that is held, with its reader; in a log from elsewhere all that wait."""
    from engine.store.holds import MOVED, RESTORED
    from engine.store.readers import held_readers, open_readers

    elsewhere = resting.queue(context)["why"] in (MOVED, RESTORED)
    with context.database().reading() as connection:
        waiting = open_readers(connection) if elsewhere else {}
        return waiting | held_readers(connection)
