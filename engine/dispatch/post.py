"""The post room: what firing and delivering need, and what one round did."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from engine.domain.people import SYSTEM
from engine.domain.workdays import Calendar, brussels_day
from engine.ports import Clock, Notifier
from engine.store.database import Database
from engine.store.transaction import Stamp


@dataclass(frozen=True, slots=True)
class Limits:
    """How many mails may leave before somebody has a look; None: no limit."""

    an_hour: int | None = None
    a_day_each: int | None = None  # to one reader; what a command caused is not held back
    at_once: int | None = None  # made in one round, or left behind by earlier ones


@dataclass(frozen=True, slots=True)
class Keepers:
    """Who keeps checkpoints outside: their addresses; their language, where they are strangers."""

    addresses: tuple[str, ...] = ()
    lang: str = "nl"
    owner: str = ""  # whose log it is, for the first line of a checkpoint


@dataclass(frozen=True, slots=True)
class Post:
    """Where mail is made and sent: database, notifier, clock, calendar, and the sender."""

    database: Database
    notifier: Notifier
    clock: Clock
    calendar: Calendar
    hold_back: timedelta = timedelta(minutes=30)
    organisation: str = ""
    sender: str = ""
    limits: Limits = Limits()
    digest: bool = False  # one mail a coach and working day about all their trajectories
    weekly_account: bool = False  # one mail a person and week about what was done in their name
    keepers: Keepers = Keepers()
    retention_months: int = 0  # a contact is due so long after the last role; 0: never

    def stamp(self, now: datetime) -> Stamp:
        """Return the stamp of what dispatch does: the system's, today."""
        return Stamp(SYSTEM, brussels_day(now))


@dataclass(slots=True)
class Tally:
    """What one round did, in numbers of reminders (fired) and mails."""

    fired: int = 0
    written: int = 0
    sent: int = 0
    retried: int = 0
    uncertain: int = 0
    dead: int = 0
    held: int = 0  # due, and kept back until a human looks
    waiting: int = 0  # due, and waiting for a relay that is unwell
    unwell: bool = False  # that relay has been so for half an hour
    failed: int = 0  # could not be written: their reminders stay planned
    coming: int = 0  # mails that this round would make, where it is only tried or held
    people: int = 0  # who would get them
    stood_by: bool = False  # another process was sending
    digests: int = 0  # made, one a coach
    accounts: int = 0  # weekly, made, one a person
    reviews: int = 0  # yearly, of what is kept, made
    checkpoints: int = 0  # made, one a keeper
    broken: bool = False  # the history does not verify, or could not be checked

    def add(self, other: Tally) -> None:
        """Count what another tally counted; what is told there is told here too."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            setattr(self, one.name, mine or theirs if isinstance(mine, bool) else mine + theirs)
