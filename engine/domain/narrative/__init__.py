"""The narrative: each event of the ledger as one readable sentence."""

from __future__ import annotations

from engine.domain.events import Event, Fact
from engine.domain.narrative import course, criteria, mails, people, upkeep
from engine.domain.narrative.names import Names, Teller
from engine.domain.words import Say, Words

TELLERS: dict[type[Fact], Teller] = {
    **course.TELLERS,
    **criteria.TELLERS,
    **people.TELLERS,
    **mails.TELLERS,
    **upkeep.TELLERS,
}


def sentence(event: Event, names: Names, words: Words) -> str:
    """Return what happened, in one sentence of a language."""
    return words.say(tell(event, names))


def tell(event: Event, names: Names) -> Say:
    """Return what happened as a sentence that can be put into any language."""
    return TELLERS[type(event.fact)](event.fact, event, names)
