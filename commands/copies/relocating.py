"""Moving: the whole database to another place, where the settings point from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.copies.pointing import Pointed, point, told
from commands.frame.context import Context
from commands.frame.progress import counted
from commands.frame.shape import argument, command, option
from commands.pages.columns import wrapped
from commands.settings.urls import file_of, stripped, without_password
from commands.setup import OWNER_URL
from commands.typed.asking import can_ask, yes
from engine.domain.errors import BadInput
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit.relocating import Moved
    from engine.store.database import Database

ITSELF = N_("The database is there already: {where}")
SAME = N_(
    "Moved: {count} events, and all that belongs to them, are now in {where}. The control number "
    "is the same, {control}; no event was added."
)
DONE = N_("It moved before: {count} events are now in {where}. Nothing was copied.")
OLD = N_("{where} only reads from now on. Keep it until you have a back-up of the new one.")
NO_PASSWORD = N_(
    "The password is not kept in the settings. It belongs in the file .pgpass of your home folder, "
    "or in PGPASSWORD; without it the next command cannot log in."
)
WAIT = N_(
    "No mail leaves from there yet. Mails that wait: {mails}; people whom they are for: {people}."
)
START_AGAIN = N_("A round that was running ends by itself; start it again: traject serve")


@command(
    json=True,
    details=N_(
        "To an empty PostgreSQL database, or from there to a SQLite file that is not there yet. "
        "The history is copied byte for byte and checked; then the old database only reads, and "
        "the settings point to the new one. No mail leaves until traject mail release --all. "
        "What is interrupted leaves the old one as it was; the same command goes on. "
        "Example: traject move postgresql://HOST/traject"
    ),
)
@argument("url", metavar="URL")
@option("--owner-url", metavar="URL", help=OWNER_URL)
@option("--dry-run", is_flag=True, help=N_("Only look whether it could be done."))
def move(context: Context, *, url: str, owner_url: str | None, dry_run: bool) -> None:
    """Copy the database to another place, and work there from then on."""
    from commands.pages.erasing import tell_left
    from commands.privacy.rest import keep_list, list_beside
    from engine.audit.relocating import is_done, require_room
    from engine.store.appending import ledger_state

    source = context.database()
    with source.reading() as connection:
        size, root = ledger_state(connection)
    if dry_run and _is_new(url):
        _only_look(context, size, root, without_password(url))
        return
    target, kept = _target(context, url), stripped(url)
    again = is_done(source, target)
    if not again:
        require_room(target)
    if dry_run:
        _only_look(context, size, root, target.url_for_people)
        return
    question = N_("Move {count} events to {where}? The database here only reads afterwards.")
    asked = context.in_words(question, count=size, where=target.url_for_people)
    if can_ask(context) and not yes(asked, default=False):
        context.tell(N_("Nothing was moved."))
        return
    moved = _moved(context, source, target, owner_url)
    unwritten = keep_list(target, also=list_beside(source.path))
    pointed = point(context, kept)
    vars(context).pop("_database", None)  # it is another from now on
    if context.json:
        context.echo_json(_as_json(moved, target.url_for_people, pointed))
    else:
        _tell(context, moved, source, target, pointed=pointed, again=again)
    tell_left(context, (), unwritten)
    if kept != url:
        context.tell(NO_PASSWORD)


def _is_new(url: str) -> bool:
    """Tell whether this is a file that is not there yet."""
    file = file_of(url)
    return file is not None and not file.exists()


def _target(context: Context, url: str) -> Database:
    """Return the database to move to. Raises: BadInput for the one that is in use."""
    from commands.health.own_disk import require_own_disk
    from engine.store.database import open_database

    file = file_of(url)
    if file is not None:
        require_own_disk(file)
    here = context.database()
    if url == context.settings.database or (file is not None and file == here.path):
        raise BadInput(ITSELF, where=without_password(url))
    return context.keep(open_database(url, create=_is_new(url), any_schema=True))


def _moved(context: Context, source: Database, target: Database, owner_url: str | None) -> Moved:
    from commands.frame.identity import account
    from engine.audit.relocating import Order, relocate

    order = Order(
        source,
        target,
        context.now(),
        here=context.actor().account or account(source),
        there=account(target),
        owner_url=owner_url,
        progress=counted(context),
    )
    return relocate(order)


def _tell(
    context: Context,
    moved: Moved,
    source: Database,
    target: Database,
    *,
    pointed: Pointed,
    again: bool,
) -> None:
    """Print what was moved, what became of the old place, and what waits."""
    control, where = f"{moved.size}-{moved.root[:12]}", target.url_for_people
    moved_how = DONE if again else SAME
    waiting = context.in_words(WAIT, mails=moved.mails, people=moved.people)
    lines = (
        *wrapped(context.in_words(moved_how, count=moved.size, where=where, control=control)),
        *wrapped(context.in_words(OLD, where=source.url_for_people)),
        *told(context, pointed, source.path),
        *(wrapped(waiting) if moved.held else ()),
    )
    for line in lines:
        context.echo(line)
    if moved.held:
        context.say(N_("Let them leave: traject mail release --all"))
    context.say(START_AGAIN)


def _only_look(context: Context, size: int, root: str, where: str) -> None:
    """Say what would be moved, and where to."""
    from engine.audit.relocating import Moved

    if context.json:
        context.echo_json(_as_json(Moved(size, root), where, dry_run=True))
        return
    context.say(N_("Would move {count} events to {where}."), count=size, where=where)
    context.tell(N_("Nothing was changed."))


def _as_json(
    moved: Moved, where: str, pointed: Pointed | None = None, *, dry_run: bool = False
) -> dict[str, object]:
    return {
        "database": where,
        "size": moved.size,
        "root": moved.root,
        "mails": moved.mails,
        "people": moved.people,
        "settings": pointed is not None and pointed.written,
        "mail_folder": None if pointed is None or pointed.mails is None else str(pointed.mails),
        "dry_run": dry_run,
    }
