"""Back-ups: a copy of the whole database in one file, checked before it gets its name."""

from __future__ import annotations

import errno
import os
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.pages.columns import wrapped
from engine.domain.errors import Refused
from engine.domain.os_errors import why
from engine.domain.words import N_
from engine.folders import make_folder

if TYPE_CHECKING:
    from engine.audit.backing_up import Backup

BROKEN = 8  # the exit code when the copy does not verify
ENDINGS = {True: "dump", False: "db"}  # whether it is PostgreSQL's
MEGABYTE = 1_000_000
ELSEWHERE = N_(
    "Keep it on another disk, out of reach of others: it holds names and addresses. An erasure "
    "does not reach it; let old ones go within the time that you promise."
)
NO_FOLDER = N_("{folder} is not there. Is its disk not mounted? Else make the folder: {command}")
NO_NAME = N_(
    "{folder} is not there. The name of a back-up itself ends in .{ending}. Was a folder meant, is "
    "its disk not mounted? Else make the folder: {command}"
)


@command(
    json=True,
    details=N_(
        "A folder gets a file with the moment in its name; without one it lies in the folder "
        "backups beside the database. A folder that you name has to be there, and a file that you "
        "name ends in .db or .dump. Nothing is written over, and nobody has to stop "
        "working. The copy is checked as traject verify checks, and holds nothing of whom was "
        "erased. It holds no settings and no .eml files. PostgreSQL needs pg_dump and pg_restore. "
        "Example: traject backup /mnt/backups"
    ),
    older=True,  # before an upgrade more than ever
)
@argument("place", required=False, metavar="[FILE|FOLDER]")
@option("--dry-run", is_flag=True, help=N_("Only say where it would be."))
def backup(context: Context, place: str | None, dry_run: bool) -> int:
    """Copy the database while it is in use, and check the copy."""
    from commands.copies.leftovers import sweep
    from commands.frame.progress import events_bar
    from commands.pages.erasing import tell_left
    from commands.privacy.rest import keep_list
    from engine.audit.backing_up import back_up

    database = context.database()
    file = _file(context, place, postgres=database.is_postgres)
    if dry_run:
        _only_look(context, file)
        return 0
    if not place:
        make_folder(file.parent)
    left = sweep(context)
    with events_bar(context) as progress:
        made = back_up(database, file, context.now(), progress=progress)
    unwritten = keep_list(database)
    if context.json:
        context.echo_json(_as_json(context, made))
    else:
        _tell(context, made)
    tell_left(context, left, unwritten)
    return 0 if made.ok else BROKEN


def _file(context: Context, place: str | None, *, postgres: bool) -> Path:
    """Return where the copy will be; a folder gets a name with the moment in it."""
    folder = Path(place).expanduser().absolute() if place else _own_folder(context)
    if place and not folder.is_dir():
        _require_file(place, folder, ENDINGS[postgres])
        return folder
    moment = context.now().strftime("%Y%m%d-%H%M%S")
    return folder / f"traject-{moment}.{ENDINGS[postgres]}"


def _require_file(typed: str, chosen: Path, ending: str) -> None:
    """Refuse what can only be meant as a folder: a file of that name would be found too late."""
    from engine.store.files import NOWHERE

    slash, taken = typed.endswith((os.sep, os.altsep or os.sep)), os.path.lexists(chosen)
    named = chosen.suffix.removeprefix(".").casefold() in ENDINGS.values()
    if slash and taken:
        raise Refused(NOWHERE, folder=str(chosen), reason=why(OSError(errno.ENOTDIR, "")))
    missing = chosen.parent if taken or (named and not slash) else chosen
    if not missing.is_dir():
        template = NO_FOLDER if slash or named else NO_NAME
        command = shlex.join(["mkdir", "-p", str(missing)])
        raise Refused(template, folder=str(missing), command=command, ending=ending)


def _own_folder(context: Context) -> Path:
    """Return the folder of who names none: beside the database, or among the platform's data."""
    from commands.settings.layers import data_folder
    from commands.settings.urls import file_of

    file = file_of(context.settings.database)
    return (file.parent if file else data_folder()) / "backups"


def _only_look(context: Context, file: Path) -> None:
    """Say where the copy would be; refuse a place that is taken."""
    from engine.store.files import refuse_there

    refuse_there(file)
    if context.json:
        context.echo_json({"file": str(file), "dry_run": True})
    else:
        context.say(N_("Would make {file}. Nothing was changed."), file=str(file))


def _tell(context: Context, made: Backup) -> None:
    """Print what the copy holds, or what is wrong with it."""
    context.say(N_("Back-up made: {file} ({mb} MB)."), file=str(made.file), mb=_megabytes(made))
    for problem in made.problems:
        for line in wrapped(f"- {context.words.say(problem.sentence)}", hanging=2):
            context.echo(line)
    control = f"{made.size}-{made.root[:12]}"
    template = N_("Checked: it opens, and its {count} events verify. Control number {control}.")
    if not made.ok:
        template = N_("It does NOT verify. It is kept, as there may be no better one.")
    for line in wrapped(context.in_words(template, count=made.size, control=control)):
        context.echo(line)
    for line in wrapped(context.in_words(ELSEWHERE)):
        context.talk(line)
    if made.unnoted is not None:
        context.talk(context.words.say(made.unnoted))


def _megabytes(made: Backup) -> str:
    return f"{made.bytes / MEGABYTE:.1f}"


def _as_json(context: Context, made: Backup) -> dict[str, object]:
    problems = [context.words.say(one.sentence) for one in made.problems]
    found = {**asdict(made), "file": str(made.file), "ok": made.ok, "problems": problems}
    del found["unnoted"]  # talk, not data
    return found
