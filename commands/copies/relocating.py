"""Moving: the whole database to another place, where the settings point from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.copies.restoring import START_AGAIN
from commands.frame.context import Context
from commands.frame.progress import counted
from commands.frame.shape import argument, command, option
from commands.pages.columns import wrapped
from commands.settings.layers import DEFAULT, FILE
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
POINTED = N_("The settings point to the new place: {file}.")
NOT_POINTED = N_(
    "This run was told where the database is by {source}: change that yourself. The settings file "
    "was left as it is."
)
NO_PASSWORD = N_(
    "The password is not kept in the settings. It belongs in the file .pgpass of your home folder, "
    "or in PGPASSWORD; without it the next command cannot log in."
)
WAIT = N_(
    "No mail leaves from there yet. Mails that wait: {mails}; people whom they are for: {people}."
)


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
    pointed = _point(context, kept)
    vars(context).pop("_database", None)  # it is another from now on
    if context.json:
        context.echo_json(_as_json(moved, target.url_for_people, pointed=pointed))
    else:
        _tell(context, moved, source, target, pointed=pointed, again=again)
    tell_left(context, (), unwritten)
    if pointed and kept != url:
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


def _point(context: Context, url: str) -> bool:
    """Let the settings point to the new place, where it is they that pointed to the old one."""
    from commands.settings.configuring import keep

    origin = context.settings.origins["database"]
    if origin not in (FILE, DEFAULT):
        return False
    mails = context.settings.mail_folder  # it lies beside the old file, unless it was chosen
    file = file_of(url)
    keep(
        context,
        {"database": url if file is None else str(file), "mail_folder": str(mails)},
    )
    return True


def _tell(
    context: Context,
    moved: Moved,
    source: Database,
    target: Database,
    *,
    pointed: bool,
    again: bool,
) -> None:
    """Print what was moved, what became of the old place, and what waits."""
    origin = context.settings.origins["database"]
    named = "--database" if origin == "option" else "TRAJECT_DATABASE"
    control, where = f"{moved.size}-{moved.root[:12]}", target.url_for_people
    sentences = (
        context.in_words(DONE if again else SAME, count=moved.size, where=where, control=control),
        context.in_words(OLD, where=source.url_for_people),
        context.in_words(
            POINTED if pointed else NOT_POINTED, file=str(context.settings.file), source=named
        ),
        *([context.in_words(WAIT, mails=moved.mails, people=moved.people)] if moved.held else ()),
    )
    for sentence in sentences:
        for line in wrapped(sentence):
            context.echo(line)
    if moved.held:
        context.say(N_("Let them leave: traject mail release --all"))
    context.say(START_AGAIN)


def _only_look(context: Context, size: int, root: str, where: str) -> None:
    """Say what would be moved, and where to."""
    from engine.audit.relocating import Moved

    if context.json:
        context.echo_json(_as_json(Moved(size, root), where, pointed=False, dry_run=True))
        return
    context.say(N_("Would move {count} events to {where}."), count=size, where=where)
    context.tell(N_("Nothing was changed."))


def _as_json(
    moved: Moved, where: str, *, pointed: bool, dry_run: bool = False
) -> dict[str, object]:
    return {
        "database": where,
        "size": moved.size,
        "root": moved.root,
        "mails": moved.mails,
        "people": moved.people,
        "settings": pointed,
        "dry_run": dry_run,
    }
