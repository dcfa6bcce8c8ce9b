"""Criteria: meet, waive, reopen, ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from commands.effects import criteria as criteria_told
from commands.effects import outcomes
from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.frame.terms import (
    REF,
    as_seen,
    changes,
    place_of,
    tell_closed,
    text_of,
    tried,
    warn,
)
from commands.typed.asking import ask as ask_for
from commands.typed.dates import read_day
from commands.typed.day_types import APPOINTMENT
from commands.typed.naming import criteria_of, value_of
from engine.domain.errors import BadInput
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.service.desk import Terms

CRITERIA = argument("criteria", nargs=-1, metavar="[CRITERION]...")
FOR = option("--for", "place", metavar="MUNICIPALITY", help=N_("Only for this municipality."))
REASON = option("--reason", metavar="TEXT", help=N_("Why; auditors read it."))
SHORTEST_WAIVER = 20  # as the service asks
MAYOR = "mayor"
NOTHING = N_("Nothing was changed.")


@command(
    json=True,
    details=N_("Example: traject meet gent 1 2 6 --on tuesday. A number, a word or an id each."),
)
@REF
@CRITERIA
@option("--value", metavar="DATE", help=N_("The date that the criterion carries."))
@option(
    "--planned",
    type=APPOINTMENT,
    metavar="'DATE [HH:MM]'",
    help=N_("Not met yet, but there is an appointment."),
)
@FOR
@option("--note", metavar="TEXT", help=N_("A short note beside it."))
@changes()
def meet(
    context: Context,
    ref: str,
    *,
    criteria: tuple[str, ...],
    value: str | None,
    planned: tuple[date, str | None] | None,
    place: str | None,
    note: str | None,
    terms: Terms,
) -> None:
    """Record criteria as met, or put an appointment on them."""
    from engine.service import criteria as service

    own = context.trajectory(context.ref(ref))
    names = criteria_of(context, own, criteria, context.in_words(N_("what is in order?")))
    if not names:
        context.tell(NOTHING)
        return
    if not criteria and planned is None:
        terms = _when(context, terms)
    if planned is not None:
        if terms.on or value or place or note:
            raise BadInput(N_("--planned stands alone: leave out --on, --value, --for and --note"))
        day, hour = planned
        terms = as_seen(context, own, terms)
        outcome = service.plan(context.desk(), own.ref, names, terms, day=day, time=hour)
        tell_closed(context, day)
    else:
        carried = value_of(context, own, names, value)
        terms = as_seen(context, own, terms)
        outcome = service.meet(
            context.desk(),
            own.ref,
            names,
            terms,
            value=carried,
            municipality=place_of(context, place, own.current_municipalities()),
            note=note,
        )
        tell_closed(context, carried)
        if note is not None and outcome.events:
            warn(context)
    criteria_told.tell(context, outcome, names, criteria_told.what_is_left(context, outcome))


@command(
    json=True,
    details=N_('Example: traject waive gent 5 --reason "the plan has no large obstacles left"'),
)
@REF
@argument("criteria", nargs=-1, metavar="[CRITERION]...")
@option("--all", "everything", is_flag=True, help=N_("All that is open: the phase does not apply."))
@REASON
@changes()
def waive(
    context: Context,
    ref: str,
    *,
    criteria: tuple[str, ...],
    everything: bool,
    reason: str | None,
    terms: Terms,
) -> None:
    """Record that criteria do not apply here."""
    from engine.service import criteria as service

    if criteria and everything:
        raise BadInput(N_("name the criteria that do not apply, or give --all"))
    own = context.trajectory(context.ref(ref))
    question = context.in_words(N_("what does not apply here?"))
    names = () if everything else criteria_of(context, own, criteria, question)
    if not names and not everything:
        context.tell(NOTHING)
        return
    why = context.in_words(N_("Why does this not apply here?"))
    desk = context.desk()
    if reason is None:
        trial = "-" * SHORTEST_WAIVER
        tried(context, terms, lambda t: service.waive(desk, own.ref, names, t, reason=trial))
    reason = text_of(context, reason, why, option="--reason", minimum=SHORTEST_WAIVER)
    outcome = service.waive(desk, own.ref, names, as_seen(context, own, terms), reason=reason)
    if outcome.events:
        warn(context)
    before = outcome.before.criteria if outcome.before else {}
    changed = [name for name, s in outcome.after.criteria.items() if s != before.get(name)]
    criteria_told.tell(context, outcome, changed, criteria_told.what_is_left(context, outcome))


@command(json=True, details=N_('Example: traject reopen gent 3 --reason "wrong line"'))
@REF
@CRITERIA
@REASON
@changes()
def reopen(
    context: Context, ref: str, *, criteria: tuple[str, ...], reason: str | None, terms: Terms
) -> None:
    """Correct slips: criteria are open again."""
    from engine.service import criteria as service

    own = context.trajectory(context.ref(ref))
    question = context.in_words(N_("what is to be open again?"))
    names = criteria_of(context, own, criteria, question, states=("met", "waived"))
    if not names:
        context.tell(NOTHING)
        return
    why = context.in_words(N_("What went wrong?"))
    desk = context.desk()
    if reason is None:
        tried(context, terms, lambda t: service.reopen(desk, own.ref, names, t, reason="-"))
    reason = text_of(context, reason, why, option="--reason")
    outcome = service.reopen(desk, own.ref, names, as_seen(context, own, terms), reason=reason)
    if outcome.events:
        warn(context)
    criteria_told.tell(context, outcome, names)


@command(json=True, details=N_("Example: traject ask gent 3 --for Merelbeke-Melle"))
@REF
@CRITERIA
@FOR
@changes()
def ask(
    context: Context, ref: str, *, criteria: tuple[str, ...], place: str | None, terms: Terms
) -> None:
    """Ask the mayors for their consent."""
    from engine.service import criteria as service

    own = context.trajectory(context.ref(ref))
    question = context.in_words(N_("what is asked of the mayors?"))
    names = criteria_of(context, own, criteria, question, who=MAYOR)
    if not names:
        context.tell(NOTHING)
        return
    municipality = place_of(context, place, own.current_municipalities())
    terms = as_seen(context, own, terms)
    outcome = service.ask(context.desk(), own.ref, names, terms, municipality=municipality)
    asked = N_("Asked for: {criterion}.")
    outcomes.tell(
        context,
        outcome,
        *(
            context.in_words(asked, criterion=outcomes.criterion_name(context, outcome.after, name))
            for name in names
        ),
        *criteria_told.not_asked(context, outcome, municipality),
    )


def _when(context: Context, terms: Terms) -> Terms:
    """Return the terms with the day that a person gives after picking from the list."""
    if terms.on is not None:
        return terms
    today = context.in_words(N_("today"))
    question = context.in_words(N_("When?"))

    def read(typed: str) -> date:
        return read_day(typed, context.today(), "back")

    return replace(terms, on=ask_for(question, context, read, default=today))
