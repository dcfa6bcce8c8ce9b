"""Restoring: a back-up in the place of the database; no mail leaves until a person says so."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from commands.copies.replaced import log_there, require_backup, require_place
from commands.effects.resting import yet_to_be_made
from commands.frame.context import Context
from commands.frame.progress import counted
from commands.frame.shape import argument, command, option
from commands.pages.columns import wrapped
from commands.settings.urls import file_of
from commands.setup import OWNER_URL
from engine.domain.errors import NotFound
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit.restoring import Order, Restored

UNKNOWN = N_("How many events it lacks nobody can say without a checkpoint (--checkpoint).")
WHOLE = N_("Nothing is missing: the checkpoint is of event {expected}.")
MISSING = N_("Events that are missing: {missing}. The checkpoint is of event {expected}.")
NO_LIST = N_(
    "There is no list of what was erased (erasures.jsonl) beside the data. Whom somebody erased "
    "after this back-up is in it again: put it back once more with --erasures FILE, or erase them "
    "again."
)
AGAIN = N_(
    "Epoch {epoch} may have been begun before, as nothing was here and no checkpoint was named: "
    "then two histories have one name. Name the youngest one (--checkpoint)."
)
WENT = N_(
    "Mind: this back-up was made of a log that had moved to {moved}. Does anybody work there? Then "
    "these are two histories: put a back-up of that one back instead."
)
START_AGAIN = N_("A traject serve that was running ends by itself: start it again.")
OTHER_LOG = N_(
    "Mind: what is in the place now is another log ({there}) than this back-up ({log}). Not what "
    "you meant? What was there comes back the same way."
)
HELD = N_(
    "No mail leaves. Mails that wait: {mails}; people whom they are for: {people}. Some may have "
    "left already, after the back-up was made."
)


class Asked(NamedTuple):
    """What somebody types: the back-up, and what they know of it from elsewhere."""

    file: str
    checkpoint: str | None
    erasures: str | None
    actor: int | None


@command(
    json=True,
    own_clock=True,
    details=N_(
        "The back-up is checked first. A new epoch of the log begins, who was erased since is "
        "erased again, and all mails wait for traject mail release --all. Nothing is written over: "
        "a file that is in the place gets another name (--set-aside), a PostgreSQL database must "
        "be empty. A back-up of the one kind can be put back in the other. "
        "Example: traject restore traject-20270301-020000.db --checkpoint mail.eml"
    ),
)
@argument("file", metavar="FILE")
@option(
    "--checkpoint",
    metavar="FILE",
    help=N_("The youngest checkpoint, or a saved mail: tells how many events are missing."),
)
@option(
    "--erasures",
    metavar="FILE",
    help=N_("The list of what was erased since, where it does not lie beside the data."),
)
@option("--set-aside", is_flag=True, help=N_("Give the database that is there another name."))
@option("--actor", type=int, metavar="NUMBER", help=N_("Who you are in it."))
@option("--owner-url", metavar="URL", help=OWNER_URL)
@option("--dry-run", is_flag=True, help=N_("Only check the back-up, and show what would happen."))
def restore(
    context: Context,
    *,
    file: str,
    checkpoint: str | None,
    erasures: str | None,
    set_aside: bool,
    actor: int | None,
    owner_url: str | None,
    dry_run: bool,
) -> None:
    """Check a back-up and put it in the place of the database."""
    from commands.pages.erasing import tell_left
    from commands.privacy.rest import keep_list

    asked = Asked(file, checkpoint, erasures, actor)
    place = file_of(context.settings.database)
    there = ""
    if place is None:
        restored = _into_database(context, asked, owner_url, dry_run=dry_run)
    else:
        there = log_there(place)
        require_backup(place, Path(file).expanduser(), there)
        require_place(context, place, set_aside=set_aside or dry_run)
        restored = _into_file(context, place, asked, dry_run=dry_run)
    # named from elsewhere: from now on it lies beside the data
    unwritten = (
        keep_list(context.database(), also=_given(asked)) if erasures and not dry_run else None
    )
    if context.json:
        context.echo_json(_as_json(restored, dry_run=dry_run))
    else:
        _tell(context, restored, there, dry_run=dry_run)
    tell_left(context, (), unwritten)


def _given(asked: Asked) -> Path | None:
    """Return the list of erasures that was named. Raises: NotFound where it is not there."""
    given = Path(asked.erasures).expanduser() if asked.erasures else None
    if given is not None and not given.is_file():
        raise NotFound(N_("{file} is not there"), file=str(given))
    return given


def _into_file(context: Context, place: Path, asked: Asked, *, dry_run: bool) -> Restored:
    from commands.frame.identity import local_account
    from engine.audit.restoring import restore_file, try_restore

    order = _order(context, asked, account=local_account())
    return try_restore(order) if dry_run else restore_file(order, place)


def _into_database(
    context: Context, asked: Asked, owner_url: str | None, *, dry_run: bool
) -> Restored:
    from commands.frame.identity import account
    from engine.audit.restoring import require_room, restore_database, try_restore
    from engine.store.database import open_database

    target = context.keep(open_database(context.settings.database, create=True))
    require_room(target)
    order = _order(context, asked, account=account(target))
    return try_restore(order) if dry_run else restore_database(order, target, owner_url)


def _order(context: Context, asked: Asked, *, account: str) -> Order:
    """Return what is asked for, with what is known from elsewhere."""
    from commands.frame.identity import via
    from commands.privacy.rest import list_beside
    from commands.typed.dates import read_instant
    from commands.witnessed import kept_in
    from engine.audit.restoring import Order
    from engine.service.reapplying import reapplied

    own = list_beside(file_of(context.settings.database))
    kept = kept_in(asked.checkpoint) if asked.checkpoint else None
    now = read_instant(context.given.now) if context.given.now else context.wiring.clock.now()
    return Order(
        Path(asked.file).expanduser(),
        now,
        account,
        actor=asked.actor,
        via=via(),
        witness=kept.witness if kept else None,
        epoch=max(_epoch_there(context, own), kept.epoch if kept else 1),
        erasures=own,
        more_erasures=_given(asked),
        reapply=reapplied,
        progress=counted(context),
    )


def _epoch_there(context: Context, erasures: Path) -> int:
    """Return the epoch of the log that is in the place now; 1 where it cannot be read.

    What it knows to be erased comes on the list first, where that could not be written then.
    """
    from engine.domain.errors import TrajectError
    from engine.store.database import open_database
    from engine.store.erasures import keep
    from engine.store.log import epoch_of

    try:
        there = context.keep(open_database(context.settings.database, older=True))
        with there.reading() as connection:
            keep(connection, erasures)
            return epoch_of(connection)
    except (TrajectError, OSError):
        return 1


def _tell(context: Context, restored: Restored, there: str, *, dry_run: bool) -> None:
    """Print what was put back, what it lacks, and what waits."""
    aside = str(restored.aside)
    values = {**asdict(restored), "there": there, "missing": restored.missing, "aside": aside}
    said = [
        (N_("The back-up verifies: {found} events. Epoch {epoch} of the log begins."), True),
        (OTHER_LOG, there not in ("", restored.log)),
        (UNKNOWN, restored.missing is None),
        (WHOLE, restored.missing == 0),
        (MISSING, bool(restored.missing)),
        (N_("Erased again, as it was since: {erased}."), bool(restored.erased)),
        (AGAIN, restored.missing is None and restored.aside is None and not dry_run),
        (NO_LIST, not restored.listed),
        (WENT, bool(restored.moved)),
        (N_("What was there is now {aside}; nobody can work in it."), restored.aside is not None),
        (HELD, True),
    ]
    for template, holds in said:
        for line in wrapped(context.in_words(template, **values)) if holds else ():
            context.echo(line)
    if dry_run:
        context.tell(N_("Nothing was changed."))
        return
    context.say(N_("What they are: traject mail list"))
    for line in wrapped(yet_to_be_made(context)):
        context.echo(line)
    context.say(N_("Let them leave: traject mail release --all"))
    context.say(START_AGAIN)


def _as_json(restored: Restored, *, dry_run: bool) -> dict[str, object]:
    aside = None if restored.aside is None else str(restored.aside)
    return {**asdict(restored), "missing": restored.missing, "aside": aside, "dry_run": dry_run}
