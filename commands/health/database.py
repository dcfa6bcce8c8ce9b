"""Looks at the database: its place, tables, triggers, rights, file modes, and copies of it."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.health.finding import REMARK, WELL, WRONG, Finding, looked
from commands.settings.layers import data_folder
from commands.settings.urls import file_of
from engine.domain.errors import NotFound, TrajectError, TryAgain
from engine.domain.words import N_, say

if TYPE_CHECKING:
    from engine.store.database import Database

MEGABYTE = 1_000_000
ENOUGH, TOO_LITTLE = 200, 10  # megabytes
A_MOMENT = 2.0  # seconds; a command is done within
OLD = timedelta(days=2)  # one a day, and a day on which the disk was not there
NO_BACKUP = N_("no back-up was made yet with traject")
OLD_BACKUP = N_("the last back-up that traject knows of was made on {at}")


def opened(context: Context) -> Database:
    """Return the database, also one that waits for an upgrade.

    Raises: TrajectError where there is nothing that this login or this version can look at.
    """
    from engine.store.database import open_database

    return context.keep(open_database(context.settings.database, older=True))


def place(context: Context) -> Iterator[Finding]:
    """Yield whether the database file lies where a program or a network would damage it."""
    from commands.health import own_disk

    file = file_of(context.settings.database)
    if file is None:
        return
    found = own_disk.problem(file)
    if found is None:
        yield Finding("place", WELL, say(N_("the database lies on a disk of this computer")))
        return
    better = data_folder() / file.name
    remedy = say(N_("Stop traject, move the file there, then tell where it is:"))
    telling = shlex.join(["traject", "config", "set", "database", str(better)])
    safe = own_disk.problem(better) is None
    yield Finding("place", WRONG, found, (remedy, telling) if safe else (say(own_disk.WAY_OUT),))


def database(context: Context, found: Database) -> Iterator[Finding]:
    """Yield how the database itself is; nothing more where its tables are of another version."""
    from engine.store.revisions import HEAD, revision

    where = found.url_for_people
    with found.reading() as connection:
        version = revision(connection)
    if version != HEAD:
        older = say(N_("{where} has the tables of another version"), where=where)
        yield Finding("schema", WRONG, older, ("traject upgrade",))
        return
    fine = say(N_("data in {where}, its tables are up to date"), where=where)
    yield Finding("database", WELL, fine)
    yield from looked("triggers", _triggers, found)
    yield from looked("rights", _rights, found)
    yield from looked("closed", _closed, found)
    yield from looked("owner", _owner, found)
    yield from looked("log", _log, context, found)
    yield from looked("modes", _modes, found)
    yield from looked("unfinished", _unfinished, context)
    yield from looked("room", _room, found)
    yield from looked("lock", _in_use, context)


def _triggers(found: Database) -> Finding:
    from engine.store import schema

    with found.reading() as connection:
        missing = tuple(schema.census(connection))
    if missing:
        template = N_("triggers that protect the history are gone or altered ({missing})")
        remedy = say(N_("Look into it, and put a back-up back:"))
        return Finding(
            "triggers", WRONG, say(template, missing=missing), (remedy, "traject verify")
        )
    return Finding("triggers", WELL, say(N_("the triggers that protect the history are in place")))


def _rights(found: Database) -> Iterator[Finding]:
    """Yield what somebody may do with our tables on PostgreSQL beyond what traject needs."""
    from engine.store.grants import excess
    from engine.store.powers import powers

    with found.reading() as connection:
        rights = (*excess(connection), *powers(connection))
    if rights:
        template = N_("somebody may do more with the tables than traject needs")
        remedy = say(N_("The owner of the tables takes it back with: {rights}"), rights=rights)
        yield Finding("rights", WRONG, say(template), (remedy,))


def _closed(found: Database) -> Iterator[Finding]:
    """Yield that nobody may write in this log any more, and where it went."""
    from engine.store.closing import REASONS, closed

    with found.reading() as connection:
        mark = closed(connection)
    if mark is not None:
        told = say(REASONS[mark["why"]], where=found.url_for_people, to=mark.get("to", ""))
        yield Finding("closed", WRONG, told)


def _unfinished(context: Context) -> Iterator[Finding]:
    """Yield that a back-up, restore or erasure was killed, and what it left behind."""
    from commands.copies.leftovers import folders
    from commands.privacy.rest import unfinished
    from engine.store.drafts import abandoned

    if left := abandoned(folders(context)):
        names = tuple(str(path) for path in left)
        template = N_("unfinished copies lie about, which hold names and addresses: {files}")
        yield Finding("unfinished", REMARK, say(template, files=names), ("traject backup",))
    if count := unfinished(context):
        template = N_(
            "erasures that are not on the list for a restore here: {count}; were they broken off, "
            "or made on another computer?"
        )
        yield Finding("erasures", REMARK, say(template, count=count), ("traject erase --finish",))


def _owner(found: Database) -> Iterator[Finding]:
    """Yield a remark where our PostgreSQL login could lift the triggers."""
    from engine.store import schema

    with found.reading() as connection:
        if not found.is_postgres or not schema.may_lift_triggers(connection):
            return
    template = N_("the login owns its tables, so the triggers are no protection against it")
    remedy = N_("Let another login own them: give its URL to traject upgrade, as --owner-url.")
    yield Finding("owner", REMARK, say(template), (say(remedy),))


def _log(context: Context, found: Database) -> Iterator[Finding]:
    """Yield on which clock the log runs, and for a real one what copies there are."""
    from engine.service.installing import SIMULATED
    from engine.store.log import clock_of

    with found.reading() as connection:
        clock = clock_of(connection)
    if clock is None:
        yield Finding("log", WRONG, say(N_("nobody is enrolled yet")), ("traject init",))
    elif clock == SIMULATED:
        template = N_("this log says that its clock is simulated: a try-out")
        yield Finding("log", REMARK, say(template))
    else:
        yield Finding("log", WELL, say(N_("the log runs on the real clock")))
        yield from looked("backup", _backup, context, found)


def _modes(found: Database) -> Iterator[Finding]:
    insecure = found.insecure()
    if insecure:
        command = shlex.join(["chmod", "go=", *map(str, insecure)])
        paths = tuple(str(path) for path in insecure)
        template = N_("others may use {paths}")
        yield Finding("modes", WRONG, say(template, paths=paths), (command,))
    elif not found.is_postgres:
        yield Finding("modes", WELL, say(N_("the files are for this account alone")))


def _room(found: Database) -> Iterator[Finding]:
    """Yield that the disk of a database file is full, or soon will be."""
    if found.path is None:
        return
    free = shutil.disk_usage(found.path.parent).free // MEGABYTE
    if free < ENOUGH:
        template = N_("the disk of the database is nearly full: {n} MB free")
        remedy = say(N_("Make room: what does not fit is refused, and mails wait."))
        state = WRONG if free < TOO_LITTLE else REMARK
        yield Finding("room", state, say(template, n=free), (remedy,))


def _in_use(context: Context) -> Iterator[Finding]:
    """Yield that somebody keeps the database locked, so that nothing can be written."""
    from engine.store.database import open_database

    try:
        with context.keep(open_database(context.settings.database, wait=A_MOMENT)).writing():
            return
    except TryAgain:
        template = N_("another program keeps the database locked; nothing can be written")
        remedy = N_("Close what has it open, such as a browser of databases or a copy being made.")
        yield Finding("lock", REMARK, say(template), (say(remedy),))
    except TrajectError:
        return  # who may only read has no business with the writers' lock


def _backup(context: Context, found: Database) -> Finding:
    """Return when the last back-up was made that traject knows of."""
    from engine.store.due import last_beat

    with found.reading() as connection:
        last = last_beat(connection, "backup")
    if last is None:
        return Finding("backup", REMARK, say(NO_BACKUP), ("traject backup",))
    at, state = last
    if context.now() - at > OLD:
        return Finding("backup", REMARK, say(OLD_BACKUP, at=at), ("traject backup",))
    size, _ = _size(found)
    template = N_("last back-up: {at}, with {count} of {size} events, in {file}")
    told = say(template, at=at, count=state["size"], size=size, file=state["file"])
    return Finding("backup", WELL, told)


def _size(found: Database) -> tuple[int, str]:
    from engine.store.appending import ledger_state

    with found.reading() as connection:
        return ledger_state(connection)


def examine(context: Context) -> Iterator[Finding]:
    """Yield what every look at the database finds, that at the rounds included."""
    from commands.health import rounds, witnesses

    yield from place(context)
    try:
        found = opened(context)
    except TrajectError as error:
        making = ("traject init",) if isinstance(error, NotFound) else ()
        yield Finding("database", WRONG, error.sentence, making)
        return
    yield from looked("database", database, context, found)
    yield from looked("rounds", rounds.examine, context, found)
    yield from looked("checkpoints", witnesses.examine, context, found)
