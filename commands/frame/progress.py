"""Shows a person at a terminal how far a long check or copy is; nothing in pipes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from commands.frame.context import Context
from engine.domain.words import N_

FEW = 5_000  # events that are checked before anybody would look for a bar
EVERY = 20_000  # events between two signs of life


@contextmanager
def events_bar(context: Context) -> Iterator[Callable[[int], None] | None]:
    """Yield what a check tells how many events it has behind it; None where nobody looks."""
    if context.json or context.plain or not sys.stderr.isatty():
        yield None
        return
    size = _size(context)
    if size < FEW:
        yield None
        return
    label = context.in_words(N_("Checking {size} events"), size=size)
    with click.progressbar(length=size, label=label, file=sys.stderr) as bar:
        yield lambda position: bar.update(min(position, size) - bar.pos)


def counted(context: Context) -> Callable[[int], None] | None:
    """Return what counts events aloud where nobody knows yet how many there are."""
    if context.json or context.plain or not sys.stderr.isatty():
        return None
    shown = [0]

    def tell(position: int) -> None:
        if not 0 <= position - shown[0] < EVERY:
            shown[0] = position
            context.tell(N_("{count} events so far…"), count=position)

    return tell


def _size(context: Context) -> int:
    """Return how many events there are; 0 where that is damaged, which the check tells."""
    from engine.domain.errors import LedgerBroken
    from engine.store.appending import ledger_state

    try:
        with context.database().reading() as connection:
            return ledger_state(connection)[0]
    except LedgerBroken:
        return 0
