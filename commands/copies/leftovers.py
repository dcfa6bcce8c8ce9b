"""Where unfinished copies of the database may lie, which a killed back-up or restore left."""

from __future__ import annotations

import tempfile
from pathlib import Path

from commands.frame.context import Context


def folders(context: Context) -> tuple[Path, ...]:
    """Return the folders in which back-ups, restores and exports of this log are made."""
    from commands.settings.layers import data_folder
    from engine.audit.backing_up import BACKUP
    from engine.store.due import last_beat

    database = context.database()
    own = database.path.parent if database.path is not None else data_folder()
    with database.reading() as connection:
        last = last_beat(connection, BACKUP)
    named = (Path(last[1]["file"]).parent,) if last is not None and "file" in last[1] else ()
    return (own, own / "backups", *named, Path.cwd(), Path(tempfile.gettempdir()))


def sweep(context: Context) -> list[Path]:
    """Take unfinished copies away, on which nobody works any more; return what would not go."""
    from engine.store import drafts

    return drafts.sweep(folders(context))
