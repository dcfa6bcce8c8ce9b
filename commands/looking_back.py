"""The page of a trajectory as it was on an earlier day, and the course that it took until then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.pages import course as course_page
from commands.pages.columns import wrapped
from commands.pages.sheet import as_json, print_head, print_sheet, sheet_of
from engine.domain.errors import BadInput, NotFound
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit.as_of import AsOf
    from engine.store.dossiers import Dossier

SAYS = {
    True: N_("As it was known on the evening of {day}; what was registered later is left out."),
    False: N_("As it had happened by {day}; what was registered later is counted as well."),
}
NAMES = N_("Names and addresses are those of today.")
LATER = N_("Left out, as they build on something of a later day: {count} events.")
UNSURE = N_(
    "The clock of the computer went back since then: something in it bears a later day than this "
    "one, and may have been recorded after it."
)
AHEAD = N_("A date counts what happened later, as that was registered before it.")


def look(
    context: Context, ref: str, day: date | None, *, known: bool, course: bool, why: bool
) -> None:
    """Print a trajectory as it was on a day, or its course; today where no day was given.

    Raises: BadInput for a day that lies ahead, or senses without a day; NotFound where there
    was no trajectory yet.
    """
    if day is None and not course:
        raise BadInput(N_("say of which day, with --as-of"))
    if day is not None and day > context.today():
        raise BadInput(N_("{day} lies ahead: nobody knows how it will be"), day=day)
    found, dossier = _read(context, ref, day or context.today(), known=known)
    context.back_on = day
    if context.json:
        sense = {"as_of": day, "sense": "known" if known else "happened"} if day else {}
        legs = {"course": course_page.as_json(context, found.events, dossier)} if course else {}
        context.echo_json({**as_json(context, dossier), **sense, **legs})
        return
    if day is not None:
        for line in _explained(context, found, day, known=known):
            context.echo(line)
    if course:
        print_head(context, dossier, sheet_of(dossier))
        course_page.print_course(context, found.events, dossier)
    else:
        print_sheet(context, dossier, why=why, past=True)


def _read(context: Context, ref: str, day: date, *, known: bool) -> tuple[AsOf, Dossier]:
    """Return the trajectory as it was, and what its page shows. Raises: NotFound."""
    from engine.audit.as_of import HAPPENED, KNOWN, as_of
    from engine.store import projections, workflows
    from engine.store.dossiers import Dossier
    from engine.store.history import events_of
    from engine.store.references import id_of

    with context.database().reading() as connection:
        stream = id_of(connection, ref)
        found = as_of(events_of(connection, stream), day, KNOWN if known else HAPPENED)
        if found.trajectory is None:
            raise NotFound(N_("{ref} was not there yet on {day}"), ref=ref, day=day)
        pinned = workflows.read_workflow(connection, found.trajectory.workflow)
        people = projections.read_people_of(connection, stream)
    return found, Dossier(found.trajectory, pinned, people, reasons=found.reasons())


def _explained(context: Context, found: AsOf, day: date, *, known: bool) -> list[str]:
    """Return in which sense the page is that of the day."""
    said = [context.in_words(SAYS[known], day=day), context.in_words(NAMES)]
    if found.early:
        said.append(context.in_words(LATER, count=found.early))
    if found.unsure:
        said.append(context.in_words(UNSURE))
    if found.ahead:
        said.append(context.in_words(AHEAD))
    return [*wrapped(" ".join(said)), ""]
