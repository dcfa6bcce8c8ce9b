"""Back-ups: a copy of the whole database in one file, checked as the database itself is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.audit.report import Finding
from engine.audit.verifying import Progress, verify
from engine.domain.errors import LogClosed, NotFound, Refused, TrajectError
from engine.domain.os_errors import why
from engine.domain.words import N_, Say, say
from engine.store import dumps, files, schema
from engine.store.database import Database, open_database
from engine.store.due import beat
from engine.store.revisions import HEAD, REVISIONS, refuse_newer
from engine.store.trigger_texts import POSTGRES_TRIGGERS

BACKUP = "backup"  # the heartbeat that says when the last one was made
NOT_OURS = N_("{file} is no back-up of traject.")
DAMAGED = N_("the file is damaged: {reason}")
NO_TRIGGERS = N_("the dump lacks triggers that guard the history: {missing}")
MAY_NOT_NOTE = N_("This account may not note it, so that traject doctor does not know of it.")
NOT_NOTED = N_("It could not be noted just now, so that traject doctor does not know of it.")


@dataclass(frozen=True, slots=True)
class Backup:
    """A back-up that was made: the ledger in it, and what is wrong with it."""

    file: Path
    bytes: int
    size: int
    root: str
    problems: tuple[Finding, ...]
    noted: bool  # in the heartbeat, where doctor looks
    unnoted: Say | None = None  # why it is not, where that is worth a word

    @property
    def ok(self) -> bool:
        """Return whether the copy is whole and verifies."""
        return not self.problems


def back_up(
    database: Database, place: Path, now: datetime, *, progress: Progress | None = None
) -> Backup:
    """Write a copy of the database, check the copy, and only then give it its name.

    A copy that does not verify is kept nevertheless: there may be no better one.

    Raises: Refused where the name is taken, or the tools of PostgreSQL are missing.
    """
    files.refuse_there(place)
    with files.draft(place) as made, files.draft(place) as scratch:
        if database.path is not None:
            files.copy(database.path, made, in_use=True)
            found = examined(made, made, progress)
            files.settle(made)
        else:
            dumps.dump(database.url, database.schema(), made)
            found = examined(made, scratch, progress)
        files.publish(made, place)
    size, root, problems = found
    state = {"file": str(place), "size": size, "root": root}
    noted, unnoted = (False, None) if problems else _note(database, now, state)
    return Backup(place, place.stat().st_size, size, root, problems, noted, unnoted)


def examined(
    file: Path, scratch: Path, progress: Progress | None = None
) -> tuple[int, str, tuple[Finding, ...]]:
    """Return size and root of the ledger in a back-up, and all that is wrong with it."""
    problems: list[Finding] = []
    if files.begins_with(file, dumps.MAGIC):
        missing = frozenset(POSTGRES_TRIGGERS) - dumps.triggers_in(file)
        if missing and dumps.revision_in(file) == HEAD:
            problems.append(Finding(0, say(NO_TRIGGERS, missing=tuple(sorted(missing)))))
    unpack(file, scratch)
    damage = files.damage(scratch)
    if damage is not None:
        return 0, "", (Finding(0, say(DAMAGED, reason=damage)),)
    copied = open_database(str(scratch), older=True)
    try:
        report = verify(copied, progress=progress)
    finally:
        copied.close()
    return report.size, report.root, (*problems, *report.problems)


def unpack(file: Path, scratch: Path) -> None:
    """Make a SQLite database of a back-up, in a file that is there and empty, or is the same.

    Raises: NotFound; Refused for a file that is no back-up; TrajectError for a newer one.
    """
    try:
        sqlite, dumped = (files.begins_with(file, magic) for magic in (files.MAGIC, dumps.MAGIC))
    except OSError as error:
        template = N_("the back-up {file} cannot be read ({reason})")
        raise NotFound(template, file=str(file), reason=why(error)) from None
    if sqlite and file != scratch:
        files.copy(file, scratch, in_use=False)
    elif dumped:
        revision = dumps.revision_in(file)
        refuse_newer(revision, str(file))
        if revision not in REVISIONS:
            raise Refused(NOT_OURS, file=str(file))
        made = open_database(str(scratch), create=True)
        try:
            schema.create_at(made, revision, lambda target: dumps.load(file, target))
        finally:
            made.close()
    elif not sqlite:
        raise Refused(NOT_OURS, file=str(file))


def _note(database: Database, now: datetime, state: dict[str, object]) -> tuple[bool, Say | None]:
    """Write down when the last back-up was made; return whether it was, and why not.

    Who may only read makes it all the same. That a log is closed is said of all that reads it.
    """
    try:
        with database.writing() as connection:
            beat(connection, BACKUP, now, state)
    except LogClosed:
        return False, None
    except Refused:
        return False, say(MAY_NOT_NOTE)
    except TrajectError:
        return False, say(NOT_NOTED)
    return True, None
