"""Tells who leaves a trajectory, who comes instead, since when, and what becomes of the mails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from commands.effects import outcomes
from commands.frame.context import Context
from engine.domain.events import ContactAssigned, ContactReleased
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.events import Event
    from engine.service.desk import Outcome

UNTOLD = N_("{name} is not mailed about this.")
KEPT = N_("What {name} did and was mailed stays in the history.")


def assigned(context: Context, outcome: Outcome, name: str, number: int | None) -> str:
    """Return who has which role now, and whether nothing is mailed about it."""
    said = context.in_words(
        N_("Contact {number}: {name}, {role} in {title}."),
        number=number,
        name=name,
        role=", ".join(_role(context, outcome, event) for event in _of(outcome, ContactAssigned)),
        title=outcomes.title(outcome.after),
    )
    if any(mail.name for mail in outcome.mailings):
        return said
    return f"{said} {context.in_words(UNTOLD, name=name)}"


def released(context: Context, outcome: Outcome, name: str) -> Iterator[str]:
    """Yield that somebody is involved no longer, in which roles, and which are empty now."""
    ended = _of(outcome, ContactReleased)
    title = outcomes.title(outcome.after)
    gone = N_("No longer in {title} since {on}: {name}.")
    yield context.in_words(gone, title=title, on=ended[0].occurred_on, name=name)
    for event in ended:
        yield f"  {_role(context, outcome, event)}"
    for event in ended:
        assert isinstance(event.fact, ContactReleased)
        if not outcome.after.people(event.fact.role, event.fact.municipality):
            empty = N_(
                "{role}: nobody now, no mail leaves for this role: traject contact add {ref}"
            )
            handle = context.handle(outcome.after.ref)
            yield context.in_words(empty, role=_role(context, outcome, event), ref=handle)
    yield context.in_words(KEPT, name=name)


def replaced(context: Context, outcome: Outcome, old: str, number: int, new: str) -> Iterator[str]:
    """Yield who takes whose place, since when, in which roles, and who is mailed from now on."""
    begun = _of(outcome, ContactAssigned)
    yield context.in_words(
        N_("In {title} {name} takes the place of {old}, contact {number}, since {on}."),
        title=outcomes.title(outcome.after),
        name=new,
        old=old,
        number=number,
        on=begun[0].occurred_on,
    )
    for event in begun:
        yield f"  {_role(context, outcome, event)}"
    roles = {event.fact.role for event in begun if isinstance(event.fact, ContactAssigned)}
    if any(reminder.role in roles for reminder in outcome.after.planned()):
        yield context.in_words(N_("Reminders still to come go to {name}."), name=new)
    if not any(mail.name for mail in outcome.mailings):
        yield context.in_words(UNTOLD, name=new)
    yield context.in_words(KEPT, name=old)


def _of(outcome: Outcome, kind: type[ContactAssigned] | type[ContactReleased]) -> list[Event]:
    """Return the events of one kind; the service refuses where there would be none."""
    return [event for event in outcome.events if isinstance(event.fact, kind)]


def _role(context: Context, outcome: Outcome, event: Event) -> str:
    """Return the role of an event in words, with its municipality where it has one."""
    assert isinstance(event.fact, ContactAssigned | ContactReleased)
    place = event.fact.municipality or ""
    return outcomes.role_name(context, outcome.after, event.fact.role, place)
