"""Says that what was read is a log that nobody writes in any more, and where it went."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from engine.domain.errors import TrajectError
from engine.domain.words import N_

if TYPE_CHECKING:
    from commands.frame.context import Context

MOVED = N_("Mind: {where} only reads, its log moved to {to}. This is how it was then.")
ASIDE = N_("Mind: {where} was set aside, a back-up came in its place. This is how it was then.")
UNFINISHED = N_("Mind: {where} is a copy that was not finished.")


def tell_closed(context: Context) -> None:
    """Say it on stderr, after a command that went well; one that writes was refused."""
    database = vars(context).get("_database")  # where one was opened
    if database is None or context.json:
        return
    from engine.store import closing

    with suppress(TrajectError), database.reading() as connection:
        mark = closing.closed(connection) if closing.has_tables(connection) else None
        if mark is not None:
            said = {closing.MOVED: MOVED, closing.SET_ASIDE: ASIDE}.get(mark["why"], UNFINISHED)
            context.tell(said, where=database.url_for_people, to=mark.get("to", ""))
