"""The history in sentences: of one trajectory or of all, as much of it as is asked for."""

from __future__ import annotations

from datetime import date

import click

from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.typed.day_types import PAST_DAY
from engine.domain.errors import BadInput
from engine.domain.words import N_

KINDS = (
    "phases", "criteria", "dates", "people", "notes", "mails", "corrections", "upkeep",
)  # fmt: skip


@command(
    json=True,
    details=N_(
        "Without a reference: everything that was recorded. Days are those on which things "
        "happened. --person takes a name, an address, contact:7 or actor:1: what somebody did, and "
        "what is about them. Example: traject history gent --kind phases --from 1/3"
    ),
    older=True,
)
@argument("ref", required=False)
@option("--person", metavar="NAME", help=N_("Only what this person did or is concerned by."))
@option("--from", "first", type=PAST_DAY, metavar="DATE", help=N_("Only from this day on."))
@option("--until", "last", type=PAST_DAY, metavar="DATE", help=N_("Only up to this day."))
@option("--kind", type=click.Choice(KINDS), help=N_("Only events of this kind."))
@option(
    "--corrections",
    is_flag=True,
    help=N_("Only what was put right: steps back, reopened points, moved dates, corrections."),
)
@option("--numbers", is_flag=True, help=N_("Show the number of each event before it."))
@option("--all", "everything", is_flag=True, help=N_("Every step of the planned mails too."))
def history(
    context: Context,
    ref: str | None,
    *,
    person: str | None,
    first: date | None,
    last: date | None,
    kind: str | None,
    corrections: bool,
    numbers: bool,
    everything: bool,
) -> None:
    """Tell what happened, in the order of the days on which it did."""
    from commands.pages import history as history_page
    from commands.typed.history_person import person_of
    from engine.audit import Wanted, tell
    from engine.municipalities import by_nis

    if first and last and last < first:
        raise BadInput(
            N_("the period ends before it begins: {first} to {last}"), first=first, last=last
        )
    if corrections and kind not in (None, "corrections"):
        raise BadInput(N_("--corrections is a kind of its own: leave out --kind"))
    known = None if ref is None else context.ref(ref)
    wanted = Wanted(
        known,
        "corrections" if corrections else kind,
        None if person is None else person_of(context, person),
        first,
        last,
    )
    told = tell(context.database(), context.words, lambda nis: by_nis(nis).name, wanted)
    if context.json:
        context.echo_json([history_page.as_json(one) for one in told])
        return
    shown = history_page.Shown(everything=everything, whole=known is None, numbers=numbers)
    history_page.print_history(context, told, shown)
