"""Whose history is meant: an actor or a contact, by key, address or words of a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from commands.pages.wording import person
from commands.typed.choosing import Choice, pick
from engine.domain.errors import NotFound, TrajectError
from engine.domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.frame.context import Context
    from engine.domain.people import People

NOBODY = N_("nobody is called {name}; see: traject contact list and traject actor list")
KEY = re.compile(r"(?:actor|contact):[1-9][0-9]{0,9}", re.ASCII)


def person_of(context: Context, typed: str) -> str:
    """Return the key, such as contact:7, of the person that is meant.

    Who was erased has no name left, and is named by the key. Raises: NotFound; BadInput with
    the list where it may be several and nobody can be asked.
    """
    people = context.people()
    if KEY.fullmatch(typed):
        kind, _, number = typed.partition(":")
        known = people.contacts if kind == "contact" else people.actors
        if int(number) not in known:
            raise NotFound(NOBODY, name=typed)
        return typed
    addressed = [key for key, email in _addresses(people) if email == typed.casefold()]
    if len(addressed) == 1:
        return addressed[0]

    def refusal(word: str, _: str) -> TrajectError:
        return NotFound(NOBODY, name=word)

    choices = [one for one in _choices(context, people) if one.code in addressed or not addressed]
    return pick(context, typed, choices, context.in_words(N_("Who?")), refusal).code


def _addresses(people: People) -> Iterator[tuple[str, str]]:
    """Yield (key, address) of all who have one."""
    for actor in people.actors.values():
        yield f"actor:{actor.id}", (actor.email or "").casefold()
    for contact in people.contacts.values():
        yield f"contact:{contact.id}", (contact.email or "").casefold()


def _choices(context: Context, people: People) -> Iterator[Choice]:
    """Yield everybody; those who were erased too, by the number that is left of them."""
    for actor in people.actors.values():
        yield Choice(f"actor:{actor.id}", person(context, actor.name, actor.id, "actor"), 0)
    for contact in people.contacts.values():
        yield Choice(f"contact:{contact.id}", person(context, contact.name, contact.id), 0)
