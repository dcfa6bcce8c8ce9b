"""Setting up and keeping up: init, upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.configuring import without_password
from commands.context import Context
from commands.shape import command, option
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.store.database import Database

OWNER_URL = N_("PostgreSQL: the login that owns the tables, so that ours cannot lift triggers.")
DRY_RUN = option("--dry-run", is_flag=True, help=N_("Only show what would happen."))


@command(
    details=N_("Example: traject init --name 'An Peeters' --email an.peeters@example.org"),
    own_clock=True,
)
@option("--name", required=True, help=N_("Your name."))
@option("--email", required=True, metavar="ADDRESS", help=N_("Your mail address."))
@option("--owner-url", metavar="URL", help=OWNER_URL)
@option("--simulated-clock", is_flag=True, help=N_("For a try-out: --now may say what time it is."))
@DRY_RUN
def init(
    context: Context,
    *,
    name: str,
    email: str,
    owner_url: str | None,
    simulated_clock: bool,
    dry_run: bool,
) -> None:
    """Make the database, open its log and enrol this account as coach."""
    from engine.domain import addresses

    name, email = addresses.parse(f"{name} <{email}>")
    if dry_run:
        _only_look(context)
        return
    database = _prepared(context, owner_url)
    actor = _enrolled(context, database, name, email, simulated=simulated_clock)
    context.say(N_("Ready. Your data is in {where}."), where=database.url_for_people)
    context.say(N_("You are {name}, coach, account {account}."), name=name, account=actor.account)
    if not database.is_postgres:
        context.say(
            N_(
                "A SQLite database serves one account; for two people or more take a PostgreSQL "
                "database (--database postgresql://HOST/NAME)."
            )
        )
    context.say(N_("To go on:"))
    for line in (
        N_("traject start CATEGORY MUNICIPALITY"),
        N_("traject doctor"),
        N_("traject --help"),
    ):
        context.echo(f"  {context.words.text(line)}")


def _only_look(context: Context) -> None:
    """Say what init would do. Raises: Refused where somebody set the database up already."""
    from engine.domain.errors import NotFound, Refused
    from engine.service.installing import SET_UP

    try:
        people = context.people()
    except NotFound:
        where = without_password(context.settings.database)
        context.say(N_("Would make a database at {where}. Nothing was changed."), where=where)
        return
    if people.actors:
        raise Refused(SET_UP)
    context.say(N_("Would enrol this account as coach. Nothing was changed."))


def _prepared(context: Context, owner_url: str | None) -> Database:
    """Return the database with its tables; one that somebody uses already is left as it is."""
    from engine.domain.errors import Refused
    from engine.service.installing import SET_UP
    from engine.store import schema
    from engine.store.database import open_database
    from engine.store.projections import read_people
    from engine.store.revisions import require_head, revision

    database = context.keep(open_database(context.settings.database, create=True))
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
    from commands.dates import read_instant
    from commands.identity import account
    from engine.domain.errors import Refused
    from engine.service.installing import REAL, SIMULATED, set_up

    if context.given.now is not None and not simulated:
        raise Refused(N_("--now works only with --simulated-clock"))
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
    schema.upgrade(database, owner_url=owner_url)
    context.say(N_("Brought up to date: {where}."), where=database.url_for_people)
