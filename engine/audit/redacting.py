"""What is left of people and free texts where a history is shown to outsiders: numbers."""

from __future__ import annotations

from dataclasses import replace

from engine.domain.events import Event
from engine.domain.people import People

LEFT_OUT = "…"


def pseudonymous(people: People) -> People:
    """Return the people under names that stay the same and say nothing: contact-7."""
    return replace(
        people,
        actors={n: replace(a, name=f"actor-{n}", email=None) for n, a in people.actors.items()},
        contacts={
            n: replace(c, name=f"contact-{n}", email=None, organisation=None)
            for n, c in people.contacts.items()
        },
    )


def as_known(people: People) -> People:
    """Return the people under their names."""
    return people


def without_texts(event: Event) -> Event:
    """Return an event without its free texts and data on persons; what was erased stays so."""
    left_out = {field: value and LEFT_OUT for field, value in event.details.items()}
    return replace(event, details=left_out)
