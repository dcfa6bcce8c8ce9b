"""Between rendering and leaving: what changed meanwhile, and faults that must stay alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.audit import verify
from engine.dispatch.delivering import deliver
from engine.dispatch.post import Tally
from engine.domain.errors import TrajectError
from engine.domain.events import MailCancelled, ReminderSkipped
from engine.ports import Letter, Notice, Periodic, Said
from engine.service import criteria, moving, people, starting
from engine.service.desk import Terms
from engine.store.database import Database, open_database
from engine.store.projections import read_people
from tests import fakes
from tests.drivers import watching
from tests.fakes import RecordingNotifier
from tests.world import GENT, JO, MERELBEKE_MELLE, MONDAY, RITA, World, at

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Choosy(RecordingNotifier):
    """Cannot compose a mail to one address."""

    refused: str = ""
    error: Exception | None = None

    def compose(self, notice: Notice | Periodic) -> Letter:
        """Return the letter, but for the one that is refused."""
        if notice.to.email == self.refused:
            raise self.error or TrajectError("cannot be said")
        return super().compose(notice)


@pytest.fixture
def relay() -> Choosy:
    """A relay that takes everything, until told otherwise."""
    return Choosy()


@pytest.fixture
def world(sqlite_database: Database, relay: Choosy) -> World:
    """A log with a coach."""
    return World(sqlite_database, relay)


def contact(world: World, email: str) -> int:
    """Return the number of the contact with an address."""
    with world.database.reading() as connection:
        known = read_people(connection).contacts.values()
    return next(person.id for person in known if person.email == email)


def test_a_mail_that_waited_for_weeks_survives_its_first_refusal(
    world: World, relay: Choosy
) -> None:
    """Refusals count, not age: greylisted after three weeks of downtime, it is tried again."""
    ref = world.start(involved=[JO])
    world.tick()
    relay.answer(fakes.LATER)

    tally = world.tick_at(world.now + 21 * DAY)

    assert (tally.retried, tally.dead) == (1, 0)
    world.tick_at(world.now + 30 * MINUTE)
    assert [m.status for m in world.mails(ref) if m.notice == "start"] == ["sent"]


@pytest.mark.parametrize("error", [TrajectError("cannot be said"), KeyError("a fault of ours")])
def test_what_cannot_be_written_stays_planned_and_stops_nobody_else(
    world: World, relay: Choosy, error: Exception
) -> None:
    """The other trajectory's mail leaves; once mended, this one's does too."""
    bad = world.start(involved=[JO])
    good = world.start(places=[MERELBEKE_MELLE], involved=[RITA_OF_MERELBEKE])
    relay.refused, relay.error = JO.email, error

    tally = world.tick_at(world.now + 31 * MINUTE)

    assert tally.failed == 1
    assert [m.status for m in world.mails(good)] == ["sent"]
    relay.refused = ""
    world.tick_at(world.now + MINUTE)
    assert [m.status for m in world.mails(bad)] == ["sent"]


RITA_OF_MERELBEKE = starting.Involved("mayor", RITA.name, RITA.email, MERELBEKE_MELLE)


def test_one_reader_who_cannot_be_reached_keeps_no_mail_from_the_other(
    world: World, relay: Choosy
) -> None:
    """Two mayors: the one gets her mail."""
    karel = starting.Involved("mayor", "Karel Voorbeeld", "karel@example.org", MERELBEKE_MELLE)
    ref = world.start(places=[GENT, MERELBEKE_MELLE], involved=[RITA, karel])
    relay.refused = karel.email

    world.tick_at(world.now + 31 * MINUTE)

    assert relay.to() == [RITA.email]
    skipped = [f.reason for f in world.facts(ref, ReminderSkipped)]
    assert skipped == ["no_recipient", "cannot_be_said"]


def test_an_uncertain_mail_is_withdrawn_by_a_stop(world: World, relay: Choosy) -> None:
    """It may have arrived; it is not sent again after a stop that nobody is told of."""
    ref = world.start(involved=[JO])
    relay.answer(fakes.UNCLEAR)
    world.tick_at(world.now + 31 * MINUTE)

    moving.stop(world.desk(), ref, reason="no_mandate", silent=True)
    world.tick_at(world.now + 60 * MINUTE)

    assert [m.status for m in world.mails(ref)] == ["cancelled"]
    assert len(relay.letters) == 1


def test_a_request_asked_before_a_pause_leaves_after_it(world: World, relay: Choosy) -> None:
    """The pause scheme alone fires meanwhile; nothing that a person asked is lost."""
    ref = world.start(involved=[RITA])
    world.tick_at(world.now + 31 * MINUTE)
    relay.take()
    criteria.ask(world.desk(), ref, ["sponsor_known"])
    world.tick()
    moving.pause(world.desk(), ref, reason="other", until=date(2027, 4, 5))
    world.tick_at(world.now + DAY)
    assert relay.to() == []

    world.now += 10 * DAY
    moving.resume(world.desk(), ref)
    world.tick()

    assert relay.to() == [RITA.email]


def test_a_corrected_address_gets_the_mail_that_waited(world: World, relay: Choosy) -> None:
    """Frozen for the wrong address: written anew, the old one cancelled with that reason."""
    ref = world.start(involved=[JO])
    world.tick()
    number = contact(world, JO.email)
    people.change_contact(world.desk(), number, people.ContactData(email="jo.v@example.org"))

    world.tick_at(world.now + 31 * MINUTE)

    assert relay.to() == ["jo.v@example.org"]
    assert [m.status for m in world.mails(ref)] == ["cancelled", "sent"]
    assert world.facts(ref, MailCancelled)[0].reason == "readdressed"


def test_an_address_whose_wire_form_differs_is_written_once(world: World, relay: Choosy) -> None:
    """A domain with an accent is encoded in the envelope; that is no other address."""
    accented = starting.Involved("coordinator", "Zoë", "zoe@voorbeeldé.example.org")
    ref = world.start(involved=[accented])

    world.tick_at(world.now + 31 * MINUTE)

    assert [m.status for m in world.mails(ref)] == ["sent"]


def test_a_start_mail_that_waited_tells_the_phase_of_the_day_it_leaves(
    world: World, relay: Choosy
) -> None:
    """Rendered in the first phase, leaving in the second: it is written anew."""
    ref = world.start(involved=[JO])
    world.tick()
    world.advance(ref)

    world.tick_at(world.now + 31 * MINUTE)

    sent = [n for n in relay.noticed if n.key.rsplit("/", 1)[-1].isdigit()]
    assert relay.to() == [JO.email]
    assert {(n.id, n.phase_number) for n in sent} == {("start", 2)}


def test_one_consent_asked_of_a_mayor_of_two_municipalities_is_one_mail(
    world: World, relay: Choosy
) -> None:
    """One person, one request."""
    ref = world.start(places=[GENT, MERELBEKE_MELLE], involved=[RITA, RITA_OF_MERELBEKE])
    world.tick_at(world.now + 31 * MINUTE)
    relay.take()

    outcome = criteria.ask(world.desk(), ref, ["sponsor_known"])
    world.tick_at(world.now + 31 * MINUTE)

    assert [m.email for m in outcome.mailings] == [RITA.email]
    assert relay.to() == [RITA.email]


def test_a_reminder_put_off_by_a_busy_relay_is_not_sent_once_all_is_settled(
    world: World, relay: Choosy
) -> None:
    """Nobody is asked for what is done."""
    ref = world.start(involved=[JO])
    world.tick_at(world.now + 31 * MINUTE)
    relay.take()
    relay.answer(fakes.LATER)
    soon = next(r for r in world.reminders(ref) if r.notice == "deadline_soon")
    world.tick_at(soon.at)
    assert len(relay.take()) == 1

    world.meet(ref)
    world.tick_at(world.now + 30 * MINUTE)

    assert relay.to() == []
    assert world.mails(ref)[-1].status == "cancelled"


def test_a_reminder_put_off_into_the_evening_waits_for_the_morning(
    world: World, relay: Choosy
) -> None:
    """Planned mail leaves in working hours, retries included."""
    ref = world.start(involved=[JO])
    world.tick_at(world.now + 31 * MINUTE)
    relay.take()
    soon = next(r for r in world.reminders(ref) if r.notice == "deadline_soon")
    relay.answer(fakes.LATER)
    world.tick_at(soon.at)
    relay.take()

    world.tick_at(at(soon.day, 21))
    assert relay.to() == []
    world.tick_at(world.now + 12 * 60 * MINUTE)
    assert relay.to() == [JO.email]


def test_a_mail_in_its_hold_back_covers_nothing_that_leaves_now(
    world: World, relay: Choosy
) -> None:
    """It may yet be stopped; the reminder of nine o'clock goes out."""
    ref = world.start(involved=[JO])
    world.tick_at(world.now + 31 * MINUTE)
    relay.take()
    overdue = next(r for r in world.reminders(ref) if r.notice == "overdue")
    soon = [r for r in world.reminders(ref) if r.notice == "deadline_soon"]
    for reminder in soon:
        world.tick_at(reminder.at)
    relay.take()
    world.now = overdue.at - 10 * MINUTE
    people.release(world.desk(), ref, contact(world, JO.email))
    people.assign(world.desk(), ref, contact(world, JO.email), role="coordinator")

    world.tick_at(overdue.at)

    assert {m.notice for m in world.mails(ref)[-2:]} == {"overdue", "handover"}
    assert relay.to() == [JO.email]


def test_a_start_at_nine_o_clock_keeps_its_hold_back(world: World, relay: Choosy) -> None:
    """Half an hour to stop it, as at any other hour."""
    world.now = at(date(2027, 3, 2), 9)
    world.start(involved=[JO])

    world.tick()
    assert relay.to() == []
    world.tick_at(world.now + 30 * MINUTE)
    assert relay.to() == [JO.email]


def test_a_start_that_lies_ahead_waits_for_the_end_of_a_pause(world: World, relay: Choosy) -> None:
    """While paused nothing fires but the pause scheme."""
    day = MONDAY.date() + 2 * DAY
    ref = world.start(involved=[JO], terms=Terms(on=day))
    world.now = at(day, 8)
    moving.pause(world.desk(), ref, reason="other", until=day + 20 * DAY)
    world.tick_at(at(day, 9, 30))
    assert {n.id for n in relay.noticed} == {"paused"}

    world.now += DAY
    moving.resume(world.desk(), ref)
    world.tick()

    assert [n.id for n in relay.noticed][-1] == "start"


def test_a_mail_whose_words_still_hold_is_sealed_once(world: World, relay: Choosy) -> None:
    """The last look compares words; only where they differ a mail is made again."""
    world.start()
    world.tick()
    made = len(relay.noticed)

    world.tick_at(world.now + 31 * MINUTE)

    assert made == 2
    assert len(relay.take()) == 2
    assert len(relay.noticed) == made


class Puzzled(RecordingNotifier):
    """Breaks down over the words of one mail, when these are looked at for the last time."""

    over: str = JO.email

    def said(self, notice: Notice) -> Said:
        """Return the words, but for the one reader."""
        if notice.to.email == self.over:
            raise RuntimeError("a fault of ours")
        return super().said(notice)


@pytest.mark.parametrize("over", [JO.email, RITA.email])
def test_a_fault_in_one_mail_leaves_the_record_of_the_one_before(
    sqlite_database: Database, over: str
) -> None:
    """The claim of the next is made with that record; when it breaks, the record stands."""
    relay = Puzzled()
    relay.over = over
    world = World(sqlite_database, relay)
    ref = world.start(involved=[RITA, JO])
    world.tick()

    tally = world.tick_at(world.now + 31 * MINUTE)

    assert (tally.sent, tally.failed) == (1, 1)
    assert sorted(m.status for m in world.mails(ref)) == ["queued", "sent"]
    relay.over = ""
    assert world.tick().sent == 1
    assert sorted(relay.to()) == sorted([JO.email, RITA.email])
    assert verify(sqlite_database).ok


def test_a_mail_takes_one_commit(sqlite_database: Database) -> None:
    """What became of one is recorded with the claim of the next; the first claim is alone."""
    world = World(sqlite_database)
    for _ in range(3):
        world.start()
    world.tick()
    world.now += 31 * MINUTE
    said: list[str] = []
    with watching(lambda when, sql, _, many: said.append(f"{when} {sql}")):
        again = open_database(str(sqlite_database.path))
        deliver(World(again, now=world.now).post(), tally := Tally())
        again.close()

    assert tally.sent == 6
    assert said.count("after COMMIT") == tally.sent + 1
