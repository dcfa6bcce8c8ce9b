"""Beginnings and notes: start, accept, follow-up, note."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from commands.directory import tell_known
from commands.effects import outcomes
from commands.effects.previews import look
from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.frame.terms import REF, changes, municipalities_of, place_of, text_of, warn
from commands.pages.wording import places
from commands.typed.asking import ask, can_ask, yes
from commands.typed.guided_start import people_asked
from commands.typed.naming import category_of, phase_of, phases_of, workflow_of
from engine.domain.errors import BadInput
from engine.domain.words import N_, Label

if TYPE_CHECKING:
    from engine.service.desk import Outcome, Terms
    from engine.service.starting import Involved

PHASE = option("--phase", metavar="PHASE", help=N_("Enter running work in this phase."))


@command(
    json=True,
    details=N_(
        "Example: traject start reactiveren Gent Merelbeke-Melle --on 2026-12-01 "
        '--coordinator "Jo Maes <jo.maes@example.org>"'
    ),
)
@argument("category", required=False)
@argument("municipalities", nargs=-1, metavar="[MUNICIPALITY]...")
@option("--coordinator", multiple=True, metavar="'NAME <ADDRESS>'", help=N_("A coordinator."))
@option("--mayor", multiple=True, metavar="'PLACE: NAME <ADDRESS>'", help=N_("A mayor."))
@PHASE
@option("--requested", is_flag=True, help=N_("Only register the application."))
@changes(version=False, ahead=True)
def start(
    context: Context,
    category: str | None,
    *,
    municipalities: tuple[str, ...],
    coordinator: tuple[str, ...],
    mayor: tuple[str, ...],
    phase: str | None,
    requested: bool,
    terms: Terms,
) -> None:
    """Start a trajectory, or register the application for one."""
    from engine.service import starting

    category = category_of(context, category)
    published = context.published(category)
    codes = _places(context, municipalities)
    if not _goes_on(context, category, codes, terms):
        context.tell(N_("Nothing was changed."))
        return
    if phase is not None:
        labels = json.loads(published.document)["phases"]
        named = {name: Label(own["label"]) for name, own in labels.items()}
        phase = phase_of(context, named, phase, "")
    guided = not municipalities  # who was asked where is asked who as well
    if guided:
        coordinator, mayor = people_asked(context, codes, coordinator, mayor)
    involved = (*_coordinators(context, coordinator, codes), *_mayors(context, mayor, codes))

    def begin(terms: Terms) -> Outcome:
        more: Any = {"phase": phase, "requested": requested}
        return starting.start(context.desk(), published, codes, terms, involved=involved, **more)

    if guided and not terms.dry_run:
        seen = look(context) if terms.mail else None
        trial = begin(replace(terms, dry_run=True, look=seen))
        outcomes.tell(context, trial, _begun(context, trial))
        if not yes(context.in_words(N_("Start it like this?")), default=True):
            context.tell(N_("Nothing was changed."))
            return
    outcome = begin(terms)
    tell_known(context, ((person.name, person.email) for person in involved))
    outcomes.tell(context, outcome, _begun(context, outcome))


@command(json=True)
@REF
@PHASE
@changes()
def accept(context: Context, ref: str, *, phase: str | None, terms: Terms) -> None:
    """Start a trajectory that was requested."""
    from engine.service import moving

    own = context.trajectory(context.ref(ref))
    if phase is not None:
        phase = phase_of(context, phases_of(workflow_of(context, own)), phase, "")
    outcome = moving.accept(context.desk(), own.ref, terms, phase=phase)
    outcomes.tell(context, outcome, _begun(context, outcome))


@command(json=True, details=N_("Example: traject follow-up gent monitoren_evalueren"))
@REF
@argument("category", required=False)
@changes()
def follow_up(context: Context, ref: str, *, category: str | None, terms: Terms) -> None:
    """Start a trajectory of another category where this one ended."""
    from engine.service import starting

    origin = context.ref(ref)
    category = _onward(context, origin, category)
    published = context.published(category)
    outcome = starting.follow_up(context.desk(), origin, published, terms, category=category)
    outcomes.tell(
        context,
        outcome,
        _begun(context, outcome),
        context.in_words(N_("It goes on where {ref} ended."), ref=origin),
    )


@command(
    json=True, details=N_("TEXT is one line of 500 characters at most; - reads it from stdin.")
)
@REF
@argument("text", required=False)
@changes()
def note(context: Context, ref: str, *, text: str | None, terms: Terms) -> None:
    """Keep a note."""
    from engine.service import people

    ref = context.ref(ref)
    question = context.in_words(N_("What is to be kept?"))
    typed = _from_stdin() if text == "-" else text_of(context, text, question, option="TEXT")
    if text is not None:
        warn(context)
    outcome = people.note(context.desk(), ref, typed, terms)
    noted = N_("Noted with {title}.")
    outcomes.tell(context, outcome, context.in_words(noted, title=outcomes.title(outcome.after)))


def _goes_on(context: Context, category: str, codes: Sequence[str], terms: Terms) -> bool:
    """Tell of open work of the same category there; return whether another one is wanted."""
    from engine.store.queries import alike

    with context.database().reading() as connection:
        found = alike(connection, context.today(), category, codes)
    for line in found:
        context.tell(
            N_("{title} is open already, in the same category: traject show {ref}"),
            title=f"{line.ref} {places(line.municipalities)}",
            ref=context.handle(line.ref),
        )
    if not found or terms.dry_run or not can_ask(context):
        return True
    return yes(context.in_words(N_("Start another one beside it?")), default=False)


def _places(context: Context, typed: Sequence[str]) -> tuple[str, ...]:
    """Return the NIS codes of the municipalities; a person at a terminal is asked for them."""
    if typed or not can_ask(context):
        if not typed:
            raise BadInput(N_("say which municipalities take part"))
        return municipalities_of(context, typed)
    question = context.in_words(N_("Which municipalities?"))
    return ask(question, context, lambda answer: municipalities_of(context, [answer]))


def _onward(context: Context, origin: str, typed: str | None) -> str:
    """Return the category of a follow-up; one that was left out is among those it may go on in."""
    if typed is not None:
        return category_of(context, typed)
    workflow = workflow_of(context, context.trajectory(origin))
    return category_of(context, None, workflow.follow_up)


def _from_stdin() -> str:
    """Return what stands on standard input."""
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise BadInput(N_("what came in is not text in UTF-8")) from None


def _begun(context: Context, outcome: Outcome) -> str:
    """Return the sentence that tells a beginning."""
    after = outcome.after
    workflow = context.workflow(after.workflow).workflow
    title = outcomes.title(after)
    if after.phase is None:
        requested = N_("Registered: {title}, {category}. Start it with: traject accept {ref}")
        return context.in_words(
            requested, title=title, category=workflow.label, ref=context.handle(after.ref)
        )
    return context.in_words(
        N_("Started: {title}, {category}. Phase {number} of {count}, {phase}."),
        title=title,
        category=workflow.label,
        number=workflow.phase_ids().index(after.phase) + 1,
        count=len(workflow.phases),
        phase=workflow.phases[after.phase].label,
    )


def _coordinators(context: Context, typed: Sequence[str], codes: Sequence[str]) -> list[Involved]:
    """Return the coordinators; a municipality before the name is where they work."""
    from engine.domain import addresses
    from engine.service.starting import Involved

    found = []
    for text in typed:
        place, name, email = addresses.parse_for(text)
        nis = _place(context, place, codes)
        employer = places([nis]) if nis else None
        found.append(Involved("coordinator", name, email, organisation=employer))
    return found


def _mayors(context: Context, typed: Sequence[str], codes: Sequence[str]) -> list[Involved]:
    """Return the mayors; with one municipality the place may be left out."""
    from engine.domain import addresses
    from engine.service.starting import Involved

    found = []
    for text in typed:
        place, name, email = addresses.parse_for(text)
        if place is None and len(codes) > 1:
            raise BadInput(
                N_('say of which municipality {name} is the mayor: --mayor "Gent: NAME <ADDRESS>"'),
                name=name,
            )
        nis = _place(context, place, codes) or codes[0]
        found.append(Involved("mayor", name, email, nis))
    return found


def _place(context: Context, typed: str | None, codes: Sequence[str]) -> str | None:
    """Return the NIS code of a place that takes part; None where none was typed."""
    nis = place_of(context, typed, codes)
    if nis is not None and nis not in codes:
        raise BadInput(N_("{place} does not take part in this trajectory"), place=typed or "")
    return nis
