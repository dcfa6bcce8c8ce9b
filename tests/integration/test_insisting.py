"""An answer of the mail server is written down, also when the database is away for a moment."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from engine.domain.errors import TryAgain
from engine.domain.events import MailSent
from engine.store.database import Database, open_database
from tests.fakes import RecordingNotifier
from tests.world import World

HALF_AN_HOUR = timedelta(minutes=31)
MOMENT, LONGER_THAN_WE_WAIT = 0.25, 0.5  # seconds; the second time we wait is over after 0.3


@pytest.fixture
def world(database_url: str) -> World:
    """A world that waits a twentieth of a second for another writer."""
    return World(open_database(database_url, wait=0.05), RecordingNotifier())


def lock_up(database: Database, seconds: float) -> None:
    """Keep the database to ourselves while a letter is with the server, and after."""
    locked = threading.Event()

    def write() -> None:
        with database.writing():
            locked.set()
            threading.Event().wait(seconds)

    threading.Thread(target=write).start()
    locked.wait()


def test_a_250_is_recorded_once_the_database_is_back(world: World, database: Database) -> None:
    """Two mails, each sent once and recorded once, though a writer kept us out after each."""
    relay = world.notifier
    assert isinstance(relay, RecordingNotifier)
    ref = world.start()
    world.tick()
    relay.on_send = lambda letter: lock_up(database, MOMENT)
    tally = world.tick_at(world.now + HALF_AN_HOUR)
    assert (tally.sent, len(relay.letters)) == (2, 2)
    assert len(world.facts(ref, MailSent)) == 2
    assert {mail.status for mail in world.mails(ref)} == {"sent"}


def test_an_answer_that_cannot_be_recorded_in_the_end_counts_as_uncertain(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The round says to try again; the next one sends the same bytes after a quarter of an hour."""
    monkeypatch.setattr("engine.dispatch.insisting.PAUSES", (0.0,))
    relay = world.notifier
    assert isinstance(relay, RecordingNotifier)
    ref = world.start()
    world.tick()
    relay.on_send = lambda letter: lock_up(database, LONGER_THAN_WE_WAIT)
    with pytest.raises(TryAgain):
        world.tick_at(world.now + HALF_AN_HOUR)
    relay.on_send = None
    threading.Event().wait(LONGER_THAN_WE_WAIT)
    for minutes in (1, 17, 33):
        world.tick_at(world.now + timedelta(minutes=minutes))
    assert {mail.status for mail in world.mails(ref)} == {"sent"}
    first, second = relay.letters[0][1], relay.letters[-1][1]
    assert (len(relay.letters), first.mime) == (3, second.mime)
