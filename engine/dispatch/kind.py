"""What a kind of mail about no trajectory is: what its module says of it, and the carrier asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.dispatch.post import Post, Tally
from engine.domain.people import Actor
from engine.domain.recipients import Recipient
from engine.ports import Periodic
from engine.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Copy:
    """One mail of a kind: who reads it, and about which period."""

    number: int  # of the reader, in the key
    reader: Recipient
    period: date  # its first day
    key: str


@dataclass(frozen=True, slots=True)
class Worded:
    """What a mail says, and the keys of the people it is about: erasing one reaches the mail."""

    said: Periodic
    named: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mail about no trajectory, made once a period for each of its readers."""

    name: str  # of its heartbeat; its keys begin with it: digest/<reader>/<first day>
    notice: str  # a folder of templates, and a label in domain/narrative/labels.py
    counted_as: str  # the field of Tally
    is_on: Callable[[Post], bool]
    readers: Callable[[Post, Transaction, date], Mapping[int, Recipient]]  # as things are now
    would_say: Callable[[Post, Transaction, Copy], bool]  # for the limits; cheap where it can be
    says: Callable[[Post, Transaction, Copy, Tally], Worded | None]  # None: nothing to tell
    period: Callable[[date], date]  # the first day of the period in which a day lies
    over: str = ""  # why one that is past is not tried again; knows {number}
    replaced: bool = True  # the next one says it all; else none lapses, and none is left out
    after_delivery: bool = False  # another module makes it, in a round whose mails have left


def of_the_day(day: date) -> date:
    """Return the day itself: a period of one day."""
    return day


def of_the_week(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def recipient(actor: Actor) -> Recipient:
    """Return an actor as somebody to mail."""
    email = actor.email or ""
    return Recipient(f"actor:{actor.id}", actor.name or email, email, actor.lang, actor.role)
