"""The bar that shows a person at a terminal how far a long check is; nothing in pipes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from commands.context import Context
from engine.domain.words import N_

FEW = 5_000  # events that are checked before anybody would look for a bar


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


def _size(context: Context) -> int:
    """Return how many events there are; 0 where that is damaged, which the check tells."""
    from engine.domain.errors import LedgerBroken
    from engine.store.appending import ledger_state

    try:
        with context.database().reading() as connection:
            return ledger_state(connection)[0]
    except LedgerBroken:
        return 0
