"""Reading: the coach's morning, list, show, next and forecast; nothing here changes a thing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.pages.wording import STATUSES
from commands.typed.day_types import PAST_DAY
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.store.dossiers import Dossier


@command(json=True, details=N_("Without --all: the trajectories that you coach."))
@option("--all", "everybody", is_flag=True, help=N_("The trajectories of all coaches."))
def morning(context: Context, everybody: bool) -> None:
    """Show what a coach should see first today."""
    from commands.pages.morning import as_json, read
    from commands.pages.morning_text import print_page

    page = read(context, everybody=everybody)
    if context.json:
        context.echo_json(as_json(context, page))
    else:
        print_page(context, page)


@command(json=True, details=N_("Without an option: those that are not closed."))
@option("--all", "everything", is_flag=True, help=N_("The closed ones too, as always in JSON."))
@option("--status", type=click.Choice(tuple(STATUSES)), help=N_("Only those in this status."))
def list_trajectories(context: Context, everything: bool, status: str | None) -> None:
    """List the trajectories, by reference."""
    from commands.pages.overview import print_lines, summary
    from engine.store import queries

    everyone = everything or context.json
    wanted = (status,) if status else queries.STATUSES if everyone else queries.OPEN
    with context.database().reading() as connection:
        lines = queries.overview(connection, context.today(), wanted)
        labels = queries.labels(connection, {line.workflow for line in lines})
    if context.json:
        context.echo_json([summary(context, line, labels[line.workflow]) for line in lines])
    elif lines:
        print_lines(context, lines, labels)
    else:
        context.tell(N_("Nothing to list. A new one: traject start"))


@command(
    json=True,
    details=N_(
        "--as-of shows the page of an earlier day: by what was known that evening, or with "
        "--happened by what had happened up to that day, whenever it was registered. --course "
        "lays how long each phase took beside what the workflow gives it. "
        "Example: traject show gent --as-of 1/3"
    ),
)
@argument("ref")
@option("--why", is_flag=True, help=N_("Explain how each date came about."))
@option("--as-of", "as_of", type=PAST_DAY, metavar="DATE", help=N_("As it was on that day."))
@option(
    "--known/--happened",
    default=None,
    help=N_("With --as-of: by what was known then (usual), or by what had happened by then."),
)
@option("--course", is_flag=True, help=N_("How long each phase took, beside what was planned."))
def show(
    context: Context,
    ref: str,
    *,
    why: bool,
    as_of: date | None,
    known: bool | None,
    course: bool,
) -> None:
    """Show where one trajectory stands, or where it stood."""
    from commands.pages.sheet import as_json, print_sheet

    if as_of is not None or known is not None or course:
        from commands.looking_back import look

        look(context, context.ref(ref), as_of, known=known is not False, course=course, why=why)
        return
    dossier = _dossier(context, ref)
    if context.json:
        context.echo_json(as_json(context, dossier))
    else:
        print_sheet(context, dossier, why=why)


@command(json=True)
@argument("ref")
def next_steps(context: Context, ref: str) -> None:
    """Show what may happen now, and what not and why."""
    from commands.pages.outlook import as_json, print_moves

    dossier = _dossier(context, ref)
    if context.json:
        context.echo_json(as_json(context, dossier))
    else:
        print_moves(context, dossier)


@command(json=True)
@argument("ref")
def forecast(context: Context, ref: str) -> None:
    """List every mail that will go out if nobody acts."""
    from commands.pages.forecast import as_json, expected, print_mails

    dossier = _dossier(context, ref)
    mails = expected(context, dossier)
    if context.json:
        context.echo_json(as_json(mails))
    else:
        print_mails(context, dossier, mails)


def _dossier(context: Context, typed: str) -> Dossier:
    """Return all that is to be read about the trajectory that was meant."""
    from engine.store.dossiers import dossier

    ref = context.ref(typed)
    with context.database().reading() as connection:
        return dossier(connection, ref)
