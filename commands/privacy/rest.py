"""What an erasure still does outside the database's tables, also one that was broken off."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from commands.frame.context import Context
from engine.domain.os_errors import why
from engine.domain.words import N_, Say, say

if TYPE_CHECKING:
    from engine.store.database import Database


def settle(context: Context, values: Iterable[str] | None) -> tuple[str, Say | None]:
    """Take what is left out of the database's files, then keep the list for a restore.

    Return how far the files are clean, and why the list could not be written, if so.
    The list comes last: what it lacks was not finished.
    """
    from commands.copies.leftovers import sweep
    from engine.store import clearing

    sweep(context)
    cleared = clearing.clear(context.database(), values)
    return cleared, keep_list(context.database())


def finish(context: Context) -> None:
    """Finish the erasures that were broken off, or were made on another computer; tell what went.

    Letters are known by the mails that were emptied; addresses of the erased nobody knows now.
    """
    from commands.mailing.copies import copies, remove
    from commands.pages import erasing as erasing_page
    from engine.store import erasing

    with context.database().reading() as connection:
        emptied = erasing.emptied(connection)
    files = copies(context, emptied, ())
    left = remove(files)
    cleared, unwritten = settle(context, None)
    if context.json:
        gone = len(files) - len(left)
        context.echo_json({"files": gone, "cleared": cleared, "listed": not unwritten})
    else:
        context.say(N_("Files that were deleted: {n}."), n=len(files) - len(left))
        context.say(erasing_page.CLEARED[cleared])
    erasing_page.tell_left(context, left, unwritten)


def keep_list(database: Database, *, also: Path | None = None) -> Say | None:
    """Write what this log knows to be erased in the list beside it; return why not, or None.

    `also`: the list of the place that it moved from.
    """
    from engine.store import erasures

    try:
        with database.reading() as connection:
            erasures.keep(connection, list_beside(database.path), also=also)
    except OSError as error:
        return say(N_("{file}: {reason}"), file=str(error.filename), reason=why(error))
    return None


def unfinished(context: Context) -> int:
    """Return how many erasures the list on this computer lacks: they may not be finished."""
    from engine.store import erasures

    with context.database().reading() as connection:
        return len(erasures.missing(connection, list_beside(context.database().path)))


def list_beside(database: Path | None) -> Path:
    """Return the file that a restore reads what was erased from: beside the data.

    A database on a server has it in the folder of the platform's data.
    """
    from commands.settings.layers import data_folder
    from engine.store.erasures import NAME

    return (database.parent if database is not None else data_folder()) / NAME
