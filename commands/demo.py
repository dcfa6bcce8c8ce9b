"""The demo: nine months played by the real engine in a folder of its own, then looked at."""

from __future__ import annotations

import shlex
import sys
import tempfile
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.frame import table
from commands.frame.context import Context
from commands.frame.shape import command, loaded, option
from engine.domain.words import N_
from engine.folders import make_folder

if TYPE_CHECKING:
    from commands.story import Stage
    from engine.store.database import Database

MONTHS = 9
PLAYER = ("An Voorbeeld", "an@example.org")


@command(
    details=N_(
        "Needs no settings, no mail server and no network. The log in that folder says that its "
        "clock is simulated; its mails are files that a mail program opens."
    )
)
@option(
    "--folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help=N_("A new folder for it (default: traject-demo here)."),
)
def demo(context: Context, folder: Path | None) -> None:
    """Play the demo and show it."""
    where = _new_folder(folder)
    database = where / "traject.db"
    context.tell(
        N_("Nine months of four trajectories are being played in {where}; this takes seconds."),
        where=str(where),
    )
    stage = _stage(context, where, database)
    from commands.story import play

    ref = play(stage)
    context.given.database = _near(database)
    _look(context, ref)
    _say_where(context, where, database, ref)


def _new_folder(wanted: Path | None) -> Path:
    """Return a folder that was not there before."""
    if wanted is not None:
        make_folder(wanted.parent)
        wanted.mkdir(mode=0o700)
        return wanted.absolute()
    for number in range(1, 100):
        folder = Path.cwd() / ("traject-demo" if number == 1 else f"traject-demo-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        except OSError:
            break
        return folder
    return Path(tempfile.mkdtemp(prefix="traject-demo-"))


def _stage(context: Context, where: Path, path: Path) -> Stage:
    """Return the stage: a new database whose log says that its clock is simulated."""
    from commands.frame.identity import account
    from commands.story import Stage
    from engine.domain.workdays import BRUSSELS, Calendar, brussels_day
    from engine.service import installing
    from engine.store import schema
    from engine.store.database import open_database
    from notifications.delivery import FileNotifier

    database: Database = context.keep(open_database(str(path), create=True))
    schema.create(database)
    end = context.wiring.clock.now()
    calendar = Calendar()
    begin = calendar.add(brussels_day(end), "months", -MONTHS)
    now = datetime.combine(begin, time(9), BRUSSELS)
    name, email = PLAYER
    actor = installing.set_up(
        database,
        now,
        clock=installing.SIMULATED,
        name=name,
        email=email,
        account=account(database),
        lang=context.words.lang,
    )
    notifier = FileNotifier(where / "mails")
    return Stage(database, actor, notifier, calendar, context.published, now, end)


def _look(context: Context, ref: str) -> None:
    """Print what a coach, and then an auditor, would look at."""
    for title, name, arguments in (
        (N_("THE COACH'S MORNING"), "", {}),
        (N_("ONE HISTORY"), "history", {"ref": ref}),
        (N_("IS IT COMPLETE AND UNCHANGED?"), "verify", {}),
    ):
        context.echo()
        context.say(title)
        context.echo()
        shown = loaded(table.MORNING if not name else table.ENTRIES[name])
        click.get_current_context().invoke(shown, **arguments)


def _say_where(context: Context, where: Path, database: Path, ref: str) -> None:
    """Print where the files are, and what to try on them."""
    context.echo()
    context.say(
        N_("The mails are in {mails}: open one with a mail program."), mails=str(where / "mails")
    )
    context.say(
        N_("The database is {database}. Three things to try on it:"), database=str(database)
    )
    program = _program()
    for words in (("next", ref), ("forecast", ref), ("advance", ref, "--dry-run")):
        context.echo(f"  {program} --database {shlex.quote(_near(database))} {shlex.join(words)}")


def _program() -> str:
    """Return the command as it was typed, so that the hint can be pasted."""
    typed = sys.argv[0]
    return shlex.quote(_near(Path(typed))) if "traject" in Path(typed).name else "traject"


def _near(path: Path) -> str:
    """Return a path as seen from here, where that is shorter."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
