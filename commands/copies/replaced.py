"""What stands in the place that a restore is to fill: whose log, and whether it may go aside."""

from __future__ import annotations

from pathlib import Path

from commands.frame.context import Context
from commands.typed.asking import can_ask, yes
from engine.domain.errors import Refused, TrajectError
from engine.domain.words import N_

TAKEN = N_(
    "{where} is there already. With --set-aside it gets another name, and the back-up comes in its "
    "place; nothing is written over."
)
LIVE = N_(
    "{where} is the database that is at work now, and no back-up of it; it may stay as it is. "
    "Nothing was changed."
)


def log_there(place: Path) -> str:
    """Return which log is in the place and takes writes; "" where none can be read."""
    from engine.store.database import open_database
    from engine.store.log import identity_of

    try:
        there = open_database(str(place), older=True)
    except (TrajectError, OSError):
        return ""
    try:
        with there.reading() as connection:
            return identity_of(connection) or ""
    except TrajectError:
        return ""
    finally:
        there.close()


def require_backup(place: Path, file: Path, log: str) -> None:
    """Refuse the database itself as its own back-up; one that was closed may be opened so.

    `log`: the one that is in the place, "" where it cannot be read. Raises: Refused.
    """
    from engine.store.closing import closed
    from engine.store.database import open_database

    if not (log and file.exists() and place.samefile(file)):
        return
    there = open_database(str(place), older=True)
    try:
        with there.reading() as connection:
            at_work = closed(connection) is None
    finally:
        there.close()
    if at_work:
        raise Refused(LIVE, where=str(place))


def require_place(context: Context, place: Path, *, set_aside: bool) -> None:
    """Refuse a place that is no good, or that is taken, unless what is there may go aside."""
    from commands.health.own_disk import require_own_disk

    require_own_disk(place)
    if set_aside or not place.exists() or not place.stat().st_size:
        return
    question = N_("{where} is there already. Give it another name, and go on?")
    if can_ask(context) and yes(context.in_words(question, where=str(place)), default=False):
        return
    raise Refused(TAKEN, where=str(place))
