"""The history as sentences: of one trajectory, or of everything in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from engine.audit.kinds import CORRECTIONS, is_correction, types_of
from engine.audit.redacting import as_known, pseudonymous, without_texts
from engine.domain.events import Amended, Event, Fact, MailQueued, ReminderFired, ReminderSuperseded
from engine.domain.narrative import sentence
from engine.domain.narrative.names import Name, quoted
from engine.domain.words import N_, Words, say
from engine.domain.workdays import brussels_day
from engine.store.chosen import OF_A_MAIL, Choice, chosen, events_at, events_chosen, next_after
from engine.store.database import Database
from engine.store.erasing import naming
from engine.store.names import Register
from engine.store.reading import CHUNK
from engine.store.references import id_of

ON_BEHALF = N_("{actor}, on behalf of {other}")
BOOKKEEPING = (ReminderFired, ReminderSuperseded)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a later event says was not as it should have been."""

    position: int
    on: date
    actor: str
    on_behalf_of: str | None
    who: str  # both of them
    text: str  # between quotes
    plain: str | None  # without; None where it was erased


@dataclass(frozen=True, slots=True)
class Told:
    """One event, told; `ref` is None for what concerns no single trajectory."""

    position: int
    seq: int
    type: str
    ref: str | None
    occurred_on: date
    recorded_at: datetime
    actor: str
    actor_id: int
    text: str
    bookkeeping: bool
    corrections: tuple[Correction, ...] = ()
    on_behalf_of: str | None = None
    on_behalf_of_id: int | None = None
    who: str = ""  # who did it and for whom: "An Peeters, on behalf of Jan Claes"
    amends: int | None = None  # of a correction: the position of the event that it is about

    @property
    def days_late(self) -> int:
        """Return how many days after it happened it was registered."""
        return (brussels_day(self.recorded_at) - self.occurred_on).days


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks of the history; None: everything."""

    ref: str | None = None
    kind: str | None = None  # one of KINDS
    person: str | None = None  # contact:7 | actor:1
    first: date | None = None
    last: date | None = None


EVERYTHING = Wanted()


class Teller:
    """Tells events in the words of one language; `redacted`: without names and free texts."""

    def __init__(
        self, words: Words, place: Callable[[str], str], *, redacted: bool = False
    ) -> None:
        """Keep the language; `place` names a NIS code."""
        self.words, self._place, self._redacted = words, place, redacted
        self._people = pseudonymous if redacted else as_known

    def tell(
        self, database: Database, wanted: Wanted = EVERYTHING, size: int | None = None
    ) -> Iterator[Told]:
        """Yield what is wanted of the history, in order of recording, up to a position.

        It is read a chunk at a time, each in a moment of its own. Raises: NotFound for an
        unknown reference; NewerEvent.
        """
        with database.reading() as connection:
            stream = None if wanted.ref is None else id_of(connection, wanted.ref)
            register = Register(connection, self._place, stream, self._people)
            corrections = self._corrections(connection, register, stream)
            person = wanted.person
            about = {one.id for one in naming(connection, person)} if person else set()
        choice, after, more = _choice(wanted, stream, size), 0, True
        while more:
            with database.reading() as connection:
                rows = chosen(connection, choice, after)
                chunk = events_at(connection, rows)
                register.learn(connection, chunk)
            for event in _fitting(chunk, wanted, register, about):
                known = corrections.get(event.position, ())
                yield replace(self.told(event, register), corrections=tuple(known))
            more = len(rows) == CHUNK
            after = next_after(choice, rows) if more else after

    def _corrections(
        self, connection: Any, register: Register, stream: str | None
    ) -> dict[int, list[Correction]]:
        """Return what was put right later, by the position of the event that it is about."""
        found: dict[int, list[Correction]] = {}
        for chunk in events_chosen(connection, Choice(stream, (Amended.__name__,))):
            register.learn(connection, chunk)
            for event in chunk:
                if isinstance(event.fact, Amended):
                    said = self.told(event, register)
                    correction = self._correction(event, said)
                    found.setdefault(event.fact.position, []).append(correction)
        return found

    def _correction(self, event: Event, said: Told) -> Correction:
        left = without_texts(event) if self._redacted else event
        return Correction(
            position=said.position,
            on=said.occurred_on,
            actor=said.actor,
            on_behalf_of=said.on_behalf_of,
            who=said.who,
            text=self.words.say(quoted(left, "text")),
            plain=left.details.get("text"),
        )

    def told(self, event: Event, register: Register) -> Told:
        """Return one event in words; `register` has learnt what it speaks of."""
        names = register.names(event.stream)
        event = without_texts(event) if self._redacted else event
        actor, other = names.actor(event.actor), event.on_behalf_of
        named = {"actor": actor} if other is None else {"actor": actor, "other": names.actor(other)}
        return Told(
            position=event.position,
            seq=event.seq,
            type=type(event.fact).__name__,
            ref=register.refs.get(event.stream),
            occurred_on=event.occurred_on,
            recorded_at=event.recorded_at,
            actor=self._in_words(N_("{actor}"), named),
            actor_id=event.actor,
            text=sentence(event, names, self.words),
            bookkeeping=_is_bookkeeping(event.fact),
            on_behalf_of=None if other is None else self._in_words(N_("{other}"), named),
            on_behalf_of_id=other,
            who=self._in_words(N_("{actor}") if other is None else ON_BEHALF, named),
            amends=event.fact.position if isinstance(event.fact, Amended) else None,
        )

    def _in_words(self, template: str, named: dict[str, Name]) -> str:
        return self.words.say(say(template, **named))


def tell(
    database: Database,
    words: Words,
    place: Callable[[str], str],
    wanted: Wanted = EVERYTHING,
) -> list[Told]:
    """Return what is wanted of the history, in order of recording, in the words of a language.

    `place` names a NIS code. Raises: NotFound for an unknown reference; NewerEvent.
    """
    return list(Teller(words, place).tell(database, wanted))


def _choice(wanted: Wanted, stream: str | None, size: int | None) -> Choice:
    """Return what to read for it."""
    types = types_of(wanted.kind) if wanted.kind else None
    return Choice(stream, types, wanted.person, wanted.first, wanted.last, size)


def _fitting(
    chunk: list[Event], wanted: Wanted, register: Register, about: Container[int]
) -> Iterator[Event]:
    """Yield the events that are meant among those that were read; `about`: the mails that are."""
    for event in chunk:
        right = wanted.kind != CORRECTIONS or is_correction(event.fact)
        if right and (wanted.person is None or _is_about(event, wanted.person, register, about)):
            yield event


def _is_about(event: Event, person: str, register: Register, about: Container[int]) -> bool:
    """Tell whether an event of a mail speaks of a person; every other one was read for it."""
    fact = event.fact
    acting = (f"actor:{event.actor}", f"actor:{event.on_behalf_of}")
    if type(fact).__name__ not in OF_A_MAIL or person in acting:
        return True
    number = getattr(fact, "mail", 0)
    mail = register.names(event.stream).mails.get(number)
    return number in about or (mail is not None and mail[1] == person)


def _is_bookkeeping(fact: Fact) -> bool:
    """Tell whether a fact is a step of a planned mail that what follows says too."""
    return isinstance(fact, BOOKKEEPING) or (isinstance(fact, MailQueued) and not fact.attempts)
