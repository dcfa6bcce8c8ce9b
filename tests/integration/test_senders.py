"""Senders that died, slept or lost their place: no answer is overwritten, nothing goes twice."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from engine.audit import rebuild, verify
from engine.clock import FixedClock
from engine.dispatch.delivering import deliver
from engine.dispatch.post import Tally
from engine.dispatch.settling import ORPHANED, settle
from engine.domain.events import MailSent, MailUncertain
from engine.ports import Letter, Receipt
from engine.store import outbox
from engine.store.database import Database
from engine.store.due import last_beat
from engine.store.holds import QUEUE
from engine.store.transaction import unit_of_work
from tests import fakes
from tests.fakes import RecordingNotifier
from tests.world import MONDAY, World

pytestmark = pytest.mark.above_the_store

MINUTE = timedelta(minutes=1)
LEAVES = MONDAY + 31 * MINUTE


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything until told otherwise."""
    return RecordingNotifier()


@pytest.fixture
def world(database: Database, relay: RecordingNotifier) -> World:
    """A log with a coach, on either database."""
    return World(database, relay)


def sound(world: World) -> None:
    """Require that everything verifies and that a rebuild finds nothing to mend."""
    assert verify(world.database).problems == ()
    assert rebuild(world.database).differing == 0


def orphaned(world: World, *numbers: int) -> None:
    """Leave mails as a sender does that dies with them."""
    with world.database.writing() as connection:
        for number in numbers:
            outbox.change(connection, number, status="sending", claimed_at=world.now)


def lose_place(database: Database) -> None:
    """Take its place from whoever sends, as a long sleep does."""
    if database.path is not None:
        Path(f"{database.path}.sender.lock").unlink()
        return
    with database.writing() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        )


def take_over(world: World) -> list[Letter]:
    """Send as another process: what the sleeper has is uncertain, and goes again in a while."""
    lose_place(world.database)
    taken = RecordingNotifier()
    for wait in (timedelta(0), 16 * MINUTE):
        post = replace(world.post(), notifier=taken, clock=FixedClock(world.now + wait))
        for _ in range(200):  # the end of a session is noticed a moment later
            tally = Tally()
            deliver(post, tally)
            if not tally.stood_by:
                break
            time.sleep(0.01)
        assert not tally.stood_by
    return taken.take()


@pytest.mark.parametrize(
    "answer", [fakes.LATER, fakes.REFUSED, fakes.UNWELL, fakes.MISCONFIGURED, fakes.UNCLEAR]
)
def test_who_slept_with_a_mail_overwrites_nothing_of_its_successor(
    world: World, relay: RecordingNotifier, answer: Receipt
) -> None:
    """Whatever the sleeper heard: its mail was accepted meanwhile, and goes no third time."""
    ref = world.start()
    world.tick()
    taken: list[Letter] = []

    def sleep(letter: Letter) -> None:
        relay.on_send = None
        taken.extend(take_over(world))

    relay.on_send = sleep
    relay.answer(answer)
    world.tick_at(LEAVES)
    assert fakes.ids(taken)[-1:] == fakes.ids(relay.take())
    assert {mail.status for mail in world.mails(ref)} == {"sent"}
    beat = last_beat_of(world)
    assert beat is None or beat["state"] == "open"
    world.tick_at(LEAVES + 60 * MINUTE)
    assert relay.take() == []
    assert (len(world.facts(ref, MailSent)), len(world.facts(ref, MailUncertain))) == (2, 1)
    sound(world)


def last_beat_of(world: World) -> dict[str, object] | None:
    """Return what stands about the queue."""
    with world.database.reading() as connection:
        found = last_beat(connection, QUEUE)
    return dict(found[1]) if found else None


def test_who_slept_with_an_accepted_mail_still_says_so(
    world: World, relay: RecordingNotifier
) -> None:
    """Its successor called it uncertain: it is not, and the bytes do not go again."""
    ref = world.start()
    world.tick()

    def sleep(letter: Letter) -> None:
        relay.on_send = None
        lose_place(world.database)
        orphans_of(world)

    def orphans_of(world: World) -> None:
        with unit_of_work(world.database, world.now) as tx:
            for number in outbox.orphans(tx.connection):
                mail = outbox.mail(tx.connection, number)
                assert mail is not None
                settle(world.post(), tx, mail, ORPHANED, Tally())

    relay.on_send = sleep
    world.tick_at(LEAVES)
    world.tick_at(LEAVES + 60 * MINUTE)
    assert {mail.status for mail in world.mails(ref)} == {"sent"}
    assert len(relay.take()) == 2


def test_a_sender_asks_for_its_place_after_each_claim(
    world: World, relay: RecordingNotifier
) -> None:
    """A commit may take long: what was claimed in it is given back, and no attempt charged."""
    ref = world.start()
    world.tick()

    def lose(letter: Letter) -> None:
        relay.on_send = None
        lose_place(world.database)

    relay.on_send = lose
    assert world.tick_at(LEAVES).sent == 1
    assert len(relay.take()) == 1
    kept = [(mail.status, mail.attempts) for mail in world.mails(ref)]
    assert sorted(kept) == [("queued", 0), ("sent", 0)]
    assert world.tick_at(LEAVES + MINUTE).sent == 1
    assert world.facts(ref, MailUncertain) == []
    sound(world)


def test_a_commit_whose_answer_got_lost_leaves_no_orphan(
    world: World, relay: RecordingNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were in it, the answer to one mail and the claim of the next: that one is sent."""
    ref = world.start()
    world.tick()
    monkeypatch.setattr("engine.dispatch.insisting.PAUSES", (0.0,))
    commit = Connection.commit

    def lost(connection: Connection) -> None:
        monkeypatch.setattr(Connection, "commit", commit)
        commit(connection)
        gone = sqlite3.OperationalError("the answer got lost")
        gone.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise OperationalError("COMMIT", None, gone)

    def arm(letter: Letter) -> None:
        relay.on_send = None
        monkeypatch.setattr(Connection, "commit", lost)

    relay.on_send = arm
    world.tick_at(LEAVES)
    assert len(relay.take()) == 2
    assert {mail.status for mail in world.mails(ref)} == {"sent"}
    assert len(world.facts(ref, MailSent)) == 2
    sound(world)


def test_an_orphan_opens_no_queue_that_a_server_closed(
    world: World, relay: RecordingNotifier
) -> None:
    """Nobody took part in a conversation: a wrong password is not tried at once."""
    world.start()
    world.tick()
    relay.answer(fakes.MISCONFIGURED)
    world.tick_at(LEAVES)
    orphaned(world, 2)
    assert len(relay.take()) == 1
    tally = world.tick_at(LEAVES + MINUTE)
    assert (tally.uncertain, tally.held, relay.take()) == (1, 1, [])
    beat = last_beat_of(world)
    assert beat is not None
    assert beat["state"] == "held"


def test_an_address_that_cannot_be_said_opens_no_queue_either(
    world: World, relay: RecordingNotifier
) -> None:
    """It is dead before anybody is called."""
    world.start()
    world.tick()
    relay.answer(fakes.MISCONFIGURED, Receipt("dead", "rcpt", 0, "no address"), fakes.UNWELL)
    world.tick_at(LEAVES)
    since = last_beat_of(world)
    assert world.tick_at(LEAVES + 20 * MINUTE).dead == 1
    beat = last_beat_of(world)
    assert since is not None
    assert beat is not None
    assert (beat["since"], beat["pauses"]) == (since["since"], 2)


def test_an_orphan_that_cannot_be_handled_stops_no_other(
    world: World, relay: RecordingNotifier
) -> None:
    """It is counted as failed; the rest of the round goes on."""
    _, ref = world.start(), world.start()
    world.tick()
    world.now = LEAVES
    orphaned(world, 1, 3)
    with world.database.writing() as connection:
        outbox.change(connection, 1, trajectory="not there")
    tally = world.tick()
    assert (tally.failed, tally.uncertain) == (1, 1)
    assert [mail.status for mail in world.mails(ref)] == ["uncertain", "sent"]


def test_a_flag_of_a_round_stays_a_flag(world: World) -> None:
    """Counting what a mail did makes no number of it."""
    world.start()
    world.tick()
    tally = world.tick_at(LEAVES)
    assert (tally.sent, tally.unwell, tally.stood_by) == (2, False, False)
    assert tally.unwell is False
    unwell = Tally(unwell=True)
    unwell.add(Tally(unwell=True, sent=1))
    assert (unwell.unwell, unwell.sent) == (True, 1)
    assert unwell.unwell is True
