"""What an erasure still does outside the database's tables, also one that was broken off."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from commands.context import Context
from engine.domain.words import N_


def settle(context: Context, values: Iterable[str] | None) -> tuple[str, str]:
    """Take what is left out of the database's files, then keep the list for a restore.

    Return how far the files are clean, and why the list could not be written ("" where it was).
    The list comes last: what it lacks was not finished.
    """
    from commands.leftovers import sweep
    from engine.store import clearing, erasures

    sweep(context)
    cleared = clearing.clear(context.database(), values)
    try:
        with context.database().reading() as connection:
            erasures.keep(connection, erasures_file(context))
    except OSError as error:
        return cleared, f"{error.filename}: {error.strerror}"
    return cleared, ""


def finish(context: Context) -> None:
    """Finish the erasures that were broken off, or were made on another computer; tell what went.

    Letters are known by the mails that were emptied; addresses of the erased nobody knows now.
    """
    from commands import erasing_page
    from commands.mail_copies import copies, remove
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


def unfinished(context: Context) -> int:
    """Return how many erasures the list on this computer lacks: they may not be finished."""
    from engine.store import erasures

    with context.database().reading() as connection:
        return len(erasures.missing(connection, erasures_file(context)))


def erasures_file(context: Context) -> Path:
    """Return the file that a restore reads what was erased from: beside the data."""
    from commands.settings import data_folder
    from engine.store.erasures import NAME

    path = context.database().path
    return (path.parent if path is not None else data_folder()) / NAME
