"""Setting up and keeping up: init, upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.frame.shape import command, option
from commands.pages.columns import columns, wrapped
from commands.settings.urls import file_of, without_password
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.store.database import Database

OWNER_URL = N_("PostgreSQL: the login that owns the tables, so that ours cannot lift triggers.")
ONE_ACCOUNT = N_(
    "A SQLite database serves one account; for two people or more take a PostgreSQL "
    "database (--database postgresql://HOST/NAME)."
)
DRY_RUN = option("--dry-run", is_flag=True, help=N_("Only show what would happen."))


@command(
    details=N_(
        "Asks on a terminal what is missing. "
        "Example: traject init --name 'An Peeters' --email an.peeters@example.org"
    ),
    own_clock=True,
)
@option("--name", help=N_("Your name."))
@option("--email", metavar="ADDRESS", help=N_("Your mail address."))
@option("--owner-url", metavar="URL", help=OWNER_URL)
@option("--simulated-clock", is_flag=True, help=N_("For a try-out: --now may say what time it is."))
@DRY_RUN
def init(
    context: Context,
    *,
    name: str | None,
    email: str | None,
    owner_url: str | None,
    simulated_clock: bool,
    dry_run: bool,
) -> None:
    """Make the database, open its log and enrol this account as coach."""
    from commands.newcomer import wishes
    from commands.settings.configuring import keep

    _require_clock(context, simulated=simulated_clock)
    _require_nobody(context)
    wanted = wishes(context, name, email)
    if dry_run:
        _only_look(context, wanted.database)
        return
    database = _prepared(context, wanted.database, owner_url)
    if wanted.settings:
        keep(context, wanted.settings)
    actor = _enrolled(context, database, wanted.name, wanted.email, simulated=simulated_clock)
    _tell_done(context, database, actor, kept=bool(wanted.settings))
    if wanted.mail_server:
        from commands.mailing.setup import guided

        guided(context, signed=True)  # where it does not work, init is done all the same
    _tell_next(context)


def _tell_done(context: Context, database: Database, actor: Actor, *, kept: bool) -> None:
    """Say what there is now."""
    context.say(N_("Ready. Your data is in {where}."), where=database.url_for_people)
    name = actor.name
    context.say(N_("You are {name}, coach, account {account}."), name=name, account=actor.account)
    if kept:
        context.say(N_("Settings kept in {file}."), file=str(context.settings.file))
    if not database.is_postgres:
        for line in wrapped(context.in_words(ONE_ACCOUNT)):
            context.echo(line)


def _tell_next(context: Context) -> None:
    """Say what to do next, in three lines to paste."""
    from commands.rounds.installing import fitting

    service = f"traject serve --install {fitting()}"
    mail = (service, N_("let the mails leave by themselves"))
    if not context.settings.smtp_url:
        mail = ("traject config mail", N_("set the mail server"))
    rows = (
        ("traject start", N_("start a trajectory")),
        mail,
        ("traject doctor", N_("see whether all is well")),
    )
    context.say(N_("To go on:"))
    for line in columns([(context.hint(c), context.words.text(why)) for c, why in rows], indent=2):
        context.echo(line)


def _require_clock(context: Context, *, simulated: bool) -> None:
    """Refuse a `--now` that cannot hold, before there is a file or a table."""
    if context.given.now is None:
        return
    from commands.typed.dates import read_instant
    from engine.domain.errors import Refused

    read_instant(context.given.now)
    if not simulated:
        raise Refused(N_("--now works only with --simulated-clock"))


def _require_nobody(context: Context) -> None:
    """Refuse a database that somebody set up already, before anything is asked."""
    from engine.domain.errors import NotFound, Refused
    from engine.service.installing import SET_UP

    try:
        people = context.people()
    except (NotFound, Refused):
        return  # Refused: --now, of which the log says nothing yet
    if people.actors:
        raise Refused(SET_UP)


def _only_look(context: Context, place: str) -> None:
    """Say what init would do. Raises: Refused where somebody set the database up already."""
    file = file_of(place)
    if file is not None and not file.exists():
        where = without_password(place)
        context.say(N_("Would make a database at {where}. Nothing was changed."), where=where)
        return
    context.say(N_("Would enrol this account as coach. Nothing was changed."))


def _prepared(context: Context, place: str, owner_url: str | None) -> Database:
    """Return the database with its tables; one that somebody uses already is left as it is."""
    from engine.domain.errors import Refused
    from engine.service.installing import SET_UP
    from engine.store import schema
    from engine.store.database import open_database
    from engine.store.projections import read_people
    from engine.store.revisions import require_head, revision

    database = context.keep(open_database(place, create=True))
    with database.reading() as connection:
        found = revision(connection)
    if found is None:
        schema.create(database, owner_url=owner_url)
    with database.reading() as connection:
        require_head(revision(connection), database.url_for_people)
        if read_people(connection).actors:
            raise Refused(SET_UP)
    return database


def _enrolled(
    context: Context, database: Database, name: str, email: str, *, simulated: bool
) -> Actor:
    from commands.frame.identity import account
    from commands.typed.dates import read_instant
    from engine.service.installing import REAL, SIMULATED, set_up

    now = read_instant(context.given.now) if context.given.now else context.wiring.clock.now()
    return set_up(
        database,
        now,
        clock=SIMULATED if simulated else REAL,
        name=name,
        email=email,
        account=account(database),
        lang=context.words.lang,
    )


@command()
@option("--owner-url", metavar="URL", help=OWNER_URL)
@DRY_RUN
def upgrade(context: Context, *, owner_url: str | None, dry_run: bool) -> None:
    """Run the migrations that are pending, all or none."""
    from engine.store import schema
    from engine.store.database import open_database

    database = context.keep(open_database(context.settings.database, any_schema=True))
    if not schema.pending(database):
        context.say(N_("Up to date: {where}. Nothing was changed."), where=database.url_for_people)
        return
    if dry_run:
        template = N_("{where} waits for an upgrade. Nothing was changed.")
        context.say(template, where=database.url_for_people)
        return
    from engine.audit.rebuilding import refill

    schema.upgrade(database, owner_url=owner_url, refill=refill)
    context.say(N_("Brought up to date: {where}."), where=database.url_for_people)
