"""The history as sentences: of one trajectory, or of everything in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.events import Event, Fact, MailQueued, ReminderFired, ReminderSuperseded
from engine.domain.narrative import sentence
from engine.domain.words import N_, Words, say
from engine.domain.workdays import brussels_day
from engine.store.database import Database
from engine.store.history import events_of
from engine.store.names import Register
from engine.store.references import id_of

BOOKKEEPING = (ReminderFired, ReminderSuperseded)


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

    @property
    def days_late(self) -> int:
        """Return how many days after it happened it was registered."""
        return (brussels_day(self.recorded_at) - self.occurred_on).days


def tell(
    database: Database, words: Words, place: Callable[[str], str], ref: str | None = None
) -> list[Told]:
    """Return the history of a trajectory, or all that was recorded, in order of recording.

    `place` names a NIS code. Raises: NotFound for an unknown reference; NewerEvent.
    """
    with database.reading() as connection:
        stream = None if ref is None else id_of(connection, ref)
        register = Register(connection, place, stream)
        return [_told(event, register, words) for event in events_of(connection, stream)]


def _told(event: Event, register: Register, words: Words) -> Told:
    """Return one event in words."""
    names = register.names(event.stream)
    return Told(
        position=event.position,
        seq=event.seq,
        type=type(event.fact).__name__,
        ref=register.refs.get(event.stream),
        occurred_on=event.occurred_on,
        recorded_at=event.recorded_at,
        actor=words.say(say(N_("{name}"), name=names.actor(event.actor))),
        actor_id=event.actor,
        text=sentence(event, names, words),
        bookkeeping=_is_bookkeeping(event.fact),
    )


def _is_bookkeeping(fact: Fact) -> bool:
    """Tell whether a fact is a step of a planned mail that what follows says too."""
    return isinstance(fact, BOOKKEEPING) or (isinstance(fact, MailQueued) and not fact.attempts)
