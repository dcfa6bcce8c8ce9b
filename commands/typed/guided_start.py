"""Asks at a terminal who takes part in a trajectory that is about to start."""

from __future__ import annotations

from collections.abc import Sequence

from commands.frame.context import Context
from commands.pages.wording import places
from commands.typed.asking import ask
from engine.domain.words import N_


def people_asked(
    context: Context,
    codes: Sequence[str],
    coordinators: tuple[str, ...],
    mayors: tuple[str, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the coordinators and mayors, as the options take them; each may be left open.

    What was given with an option is not asked again.
    """
    if not coordinators:
        question = context.in_words(N_("Coordinator, as NAME <ADDRESS> (Enter: nobody yet):"))
        coordinators = tuple(filter(None, [ask(question, context, _person, default="")]))
    if not mayors:
        asked = N_("Mayor of {place}, as NAME <ADDRESS> (Enter: no address yet):")
        for nis in codes:
            question = context.in_words(asked, place=places([nis]))
            if person := ask(question, context, _person, default=""):
                mayors = (*mayors, f"{places([nis])}: {person}")
    return coordinators, mayors


def _person(typed: str) -> str:
    """Return a name with its address as typed, once it is one; or nothing. Raises: BadInput."""
    from engine.domain import addresses

    if typed:
        addresses.parse(typed)
    return typed
