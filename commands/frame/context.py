"""What click's context carries: the services of this run, each opened when first used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from commands.frame.hints import on_database
from commands.frame.screen import Screen
from commands.settings.layers import Given, Settings, read_settings, settings_file
from engine.domain.errors import TrajectError
from engine.domain.words import Words
from engine.language import words

if TYPE_CHECKING:
    from engine.domain.machine import Pinned
    from engine.domain.people import Actor, People
    from engine.domain.trajectory import Trajectory
    from engine.domain.workdays import Calendar
    from engine.ports import Clock, Notifier
    from engine.service.desk import Desk
    from engine.service.starting import Published
    from engine.store.database import Database


class Opening(Protocol):
    """Opens the database at a URL; an `older` one too, with another `wait` than usual."""

    def __call__(self, url: str, *, older: bool = False, wait: float | None = None) -> Database:
        """Return the open database."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the composition root ties together: how each service is made from the settings."""

    clock: Clock
    open_database: Opening
    notifier: Callable[[Settings], Notifier]
    published: Callable[[str], Published]
    categories: Callable[[], tuple[str, ...]]


class Context(Screen):
    """The run of one command: settings, words, and the services, made lazily."""

    def __init__(self, wiring: Wiring, lang: str, environment: Mapping[str, str]) -> None:
        """Keep what the services are made of; `lang` is the language bound at the start."""
        self.given = Given()
        self.asked = False  # whether a person was asked something: time has passed meanwhile
        self.changing = False  # a change is tried that has not been made: all is as it was
        self.wiring = wiring
        self._early_lang = lang
        self.environment = environment
        self.wait: float | None = None  # seconds for another writer; None: as long as is usual
        self.back_on: date | None = None  # a day that is looked back to, as if it were today
        self.older = False  # a database that waits for an upgrade will do
        self.entry = ""  # the command that runs, by its name in the table
        self._exits = ExitStack()

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    @cached_property
    def settings(self) -> Settings:
        """The settings of this run."""
        return read_settings(self.given, self.environment)

    def settings_file(self) -> Path:
        """Return where the settings file is, or would be."""
        return settings_file(self.environment)

    @property
    def words(self) -> Words:
        """The language of this run, in which commands name the database that was given."""
        return on_database(words(self.given.lang or self._early_lang), self.given.database)

    @property
    def json(self) -> bool:
        """Whether the answer is to be JSON."""
        return self.given.json

    @cached_property
    def plain(self) -> bool:
        """Whether somebody listens to the screen: sentences, no marks and no columns."""
        if self.given.plain is not None:
            return self.given.plain
        try:  # not `settings`, which is kept: the demo names its database after the first word
            return read_settings(self.given, self.environment).plain
        except TrajectError:  # they cannot be read, which is being told
            return False

    def database(self) -> Database:
        """Return the open database. Raises: NotFound when there is none yet."""
        return self._database

    @cached_property
    def _database(self) -> Database:
        opened = self.keep(
            self.wiring.open_database(self.settings.database, older=self.older, wait=self.wait)
        )
        if self.given.now is not None:
            from engine.store.log import require_simulated

            with opened.reading() as connection:
                require_simulated(connection)
        return opened

    def keep(self, database: Database) -> Database:
        """Return the database, to be closed when this run ends."""
        self._exits.callback(database.close)
        return database

    def now(self) -> datetime:
        """Return the instant of this command, read once.

        Raises: Refused for `--now` on a log whose clock is real.
        """
        return self._now

    @cached_property
    def _now(self) -> datetime:
        if self.given.now is None:
            return self.wiring.clock.now()
        from commands.typed.dates import read_instant

        instant = read_instant(self.given.now)
        self.database()  # which refuses `--now` on a real clock
        return instant

    def today(self) -> date:
        """Return today's date in Brussels, or the day that is looked back to."""
        from engine.domain.workdays import brussels_day

        return self.back_on or brussels_day(self.now())

    def calendar(self) -> Calendar:
        """Return the working days, with the closing days of the settings."""
        from engine.domain.workdays import Calendar

        return Calendar(self.settings.closing_days)

    def hold_back(self) -> timedelta:
        """Return how long a mail that a command causes waits."""
        return timedelta(minutes=self.settings.hold_back)

    def actor(self) -> Actor:
        """Return who runs this command. Raises: Refused for an unknown account."""
        return self._caller[0]

    @cached_property
    def _caller(self) -> tuple[Actor, Mapping[str, int]]:
        from commands.frame.identity import caller

        return caller(self.database())

    def desk(self) -> Desk:
        """Return the desk at which this person's command is handled."""
        from engine.service.desk import Desk

        actor, via = self._caller
        other = None if self.given.on_behalf_of is None else self.represented
        return Desk(
            self.database(), actor, self.now(), self.calendar(), self.hold_back(), via, other
        )

    @cached_property
    def represented(self) -> Actor:
        """For whom this is done, as --on-behalf-of names them. Raises: Refused; NotFound."""
        from commands.typed.persons import colleague_of

        return colleague_of(self, self.given.on_behalf_of)

    def published(self, category: str) -> Published:
        """Return the shipped workflow of a category. Raises: BadInput."""
        return self.wiring.published(category)

    def notifier(self) -> Notifier:
        """Return what turns notices into mails or files."""
        return self.wiring.notifier(self.settings)

    def ref(self, typed: str) -> str:
        """Return the reference that was meant: 2026-014 for `14`, `gent` or `de haan`.

        Where several may be meant a person at a terminal chooses. Raises: NotFound for none;
        BadInput, with the list, for several in a pipe.
        """
        from engine.store.naming import meant

        with self.database().reading() as connection:
            found = meant(connection, typed)
        if len(found) > 1:
            from commands.typed.choosing import one_of

            return one_of(self, typed, found)
        return found[0].ref

    def short_refs(self, refs: Iterable[str]) -> dict[str, str]:
        """Return by reference the number to show and to type, `014`, where it means that one."""
        from engine.store.numbers import short

        with self.database().reading() as connection:
            return short(connection, refs)

    def handle(self, ref: str) -> str:
        """Return the shortest words for a trajectory, for a command that is printed: `gent`."""
        if ref in self._handles:
            return self._handles[ref]
        from engine.store.naming import by_number

        with self.database().reading() as connection:
            return by_number(connection, ref)

    @cached_property
    def _handles(self) -> dict[str, str]:
        """The names that mean one open trajectory each; read once, after any change."""
        from engine.store.naming import handles

        with self.database().reading() as connection:
            return handles(connection)

    def trajectory(self, ref: str) -> Trajectory:
        """Return a trajectory as it stands. Raises: NotFound."""
        from engine.store.references import read_trajectory

        with self.database().reading() as connection:
            return read_trajectory(connection, ref)

    def workflow(self, digest: str) -> Pinned:
        """Return a published workflow version."""
        from engine.store.workflows import read_workflow

        with self.database().reading() as connection:
            return read_workflow(connection, digest)

    def people(self) -> People:
        """Return the actors and contacts."""
        from engine.store.projections import read_people

        with self.database().reading() as connection:
            return read_people(connection)
