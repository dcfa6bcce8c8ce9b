"""The roles of PostgreSQL: their SQL printed, or run as the owner of the tables."""

from __future__ import annotations

from commands.frame.context import Context
from commands.frame.shape import command, option
from commands.setup import OWNER_URL
from engine.domain.errors import BadInput
from engine.domain.words import N_

POSTGRES_ONLY = N_(
    "a SQLite database has no roles: whoever can write the file can write anything in it"
)
PASSWORD = N_(
    "A login that was made has no password yet; whoever administers the server gives it one, or "
    "another way to sign in. It is enrolled with: traject actor add"
)


@command(
    details=N_(
        "Without --owner-url the SQL is printed and nothing is changed; with it, it is run. It may "
        "be run again, such as after an upgrade. The login of --owner-url owns the tables from "
        "then on, and should be nobody's daily one; it needs CREATEROLE. A coach records and "
        "changes nothing that was recorded; an eraser may empty personal data as well; "
        "an auditor and the one for back-ups only read. "
        "Example: traject roles --coach an --eraser an --auditor jo"
    )
)
@option("--coach", multiple=True, metavar="LOGIN", help=N_("Works with traject; may be repeated."))
@option("--eraser", multiple=True, metavar="LOGIN", help=N_("May erase personal data as well."))
@option("--auditor", multiple=True, metavar="LOGIN", help=N_("Reads and changes nothing."))
@option("--backup", multiple=True, metavar="LOGIN", help=N_("Makes back-ups, with pg_dump."))
@option("--prefix", default="traject", metavar="NAME", help=N_("How the roles' names begin."))
@option("--owner-url", metavar="URL", help=OWNER_URL)
def roles(
    context: Context,
    *,
    coach: tuple[str, ...],
    eraser: tuple[str, ...],
    auditor: tuple[str, ...],
    backup: tuple[str, ...],
    prefix: str,
    owner_url: str | None,
) -> None:
    """Print or run the SQL that gives each login what its work asks, and no more."""
    from engine.store import roles as own

    database = context.database()
    if not database.is_postgres:
        raise BadInput(POSTGRES_ONLY)
    logins = {own.COACH: coach, own.ERASER: eraser, own.AUDITOR: auditor, own.BACKUP: backup}
    with database.reading() as connection:
        schema, name = own.where(connection)
        made = own.statements(connection, prefix, logins, schema, name)
    if owner_url is None:
        for statement in made:
            context.echo(f"{statement};")
        context.tell(N_("Nothing was changed. With --owner-url URL this is run."))
        return
    own.apply(owner_url, schema, made)
    context.say(N_("Roles made and rights given: {count} statements."), count=len(made))
    if any(logins.values()):
        context.tell(PASSWORD)
