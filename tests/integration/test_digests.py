"""The coach's digest, over both databases: once a working day, about all, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import update

from engine.audit import rebuild, tell, verify
from engine.dispatch import desk as mail_desk
from engine.dispatch import digests, periodic, periods
from engine.dispatch.leaving import out_of_date
from engine.dispatch.post import Limits, Tally
from engine.dispatch.tick import tick
from engine.domain.decisions.decision import Draft
from engine.domain.errors import Refused, TryAgain
from engine.domain.events import ActorChanged, Detail, MailCancelled, MailDeferred, MailQueued
from engine.domain.people import Actor
from engine.language import words
from engine.municipalities import by_nis
from engine.ports import Digest
from engine.service import actors
from engine.store import outbox
from engine.store import tables as t
from engine.store.database import Database
from engine.store.due import last_beat
from engine.store.outbox import Mail
from engine.store.transaction import PEOPLE, Stamp, Transaction, unit_of_work
from tests import fakes
from tests.fakes import RecordingNotifier
from tests.world import GENT, JO, RITA, World, at

pytestmark = pytest.mark.above_the_store

WEDNESDAY = date(2027, 4, 28)  # the first date is past, and all its reminders are out
RETURN = WEDNESDAY + timedelta(days=5)
MOL = "13025"
RITA_OF_MOL = replace(RITA, nis=MOL)


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything until told otherwise."""
    return RecordingNotifier()


@pytest.fixture
def world(database: Database, relay: RecordingNotifier) -> Iterator[World]:
    """A coach with one trajectory, past its date; all that was to be mailed is out."""
    world = World(database, relay)
    world.start()
    world.tick_at(at(WEDNESDAY - timedelta(days=1), 16, 59))
    world.tick_at(at(WEDNESDAY - timedelta(days=1), 17))
    relay.take()
    world.digest = True
    yield world
    report = verify(world.database)
    assert [words("en").say(found.sentence) for found in report.problems] == []
    assert rebuild(world.database, dry_run=True).differing == 0


@pytest.fixture
def bo(world: World) -> Actor:
    """A colleague without trajectories."""
    return actors.add_actor(
        world.desk(), name="Bo Claes", email="bo@example.org", account="uid:77", role="lead"
    )


def made(world: World) -> list[Mail]:
    """Return the digests, as they stand."""
    return [mail for mail in world.mails() if mail.notice == "coach_digest"]


def facts(world: World, kind: type) -> list[object]:
    """Return the facts of a kind in the stream of people."""
    return [
        event.fact
        for event in world.events()
        if event.stream == PEOPLE and isinstance(event.fact, kind)
    ]


def text(mail: Mail) -> str:
    """Return what a mail says."""
    message = message_from_bytes(mail.mime or b"", policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def test_a_day_has_one_digest_however_many_rounds(world: World, relay: RecordingNotifier) -> None:
    """From eight o'clock on; it leaves in the round that makes it."""
    moments = [at(WEDNESDAY, 7, 59), *(at(WEDNESDAY, 8, 15 * n) for n in range(4))]
    assert [world.tick_at(moment).digests for moment in moments] == [0, 1, 0, 0, 0]
    world.tick_at(at(WEDNESDAY, 16))
    (mail,) = made(world)
    assert (mail.status, mail.trajectory, mail.reminder, mail.person) == (
        "sent", "people", "", "actor:1",
    )  # fmt: skip
    assert mail.key == "digest/1/2027-04-28"
    assert "Gent" in text(mail)
    assert relay.to().count("an@example.org") == 1
    assert [event.stream for event in world.events()[-2:]] == [PEOPLE, PEOPLE]


def test_every_later_round_of_the_day_looks_up_one_row(world: World) -> None:
    """And changes nothing."""
    world.tick_at(at(WEDNESDAY, 8))
    with world.database.reading() as connection:
        tx, post = Transaction(connection, at(WEDNESDAY, 12)), world.post()
        assert list(periodic.coming(post, tx)) == []
        assert last_beat(connection, digests.KIND.name) == (
            at(WEDNESDAY, 8), {"day": "2027-04-28", "left": []},
        )  # fmt: skip


def test_the_next_working_day_has_its_own(world: World) -> None:
    """No digest on a Saturday, a Sunday, a holiday or outside working hours."""
    for day in range(1, 31):
        world.tick_at(at(date(2027, 5, day), 7, 30))
        world.tick_at(at(date(2027, 5, day), 12))
        world.tick_at(at(date(2027, 5, day), 17))
    days = [date.fromisoformat(mail.key.split("/")[2]) for mail in made(world)]
    expected = [date(2027, 5, day) for day in range(1, 31)]
    assert days == [day for day in expected if world.calendar.is_working_day(day)]
    assert date(2027, 5, 6) not in days, "Ascension Day"


@pytest.mark.parametrize("day", [date(2027, 3, 29), date(2027, 10, 29), date(2027, 11, 2)])
def test_eight_o_clock_is_that_of_brussels(world: World, day: date) -> None:
    """Before and after the clock is put forward or back."""
    if not world.calendar.is_working_day(day):
        day = world.calendar.next_sending_day(day)
    assert world.tick_at(at(day, 7, 59)).digests == 0
    assert world.tick_at(at(day, 8)).digests == 1


def test_who_has_nothing_to_be_told_gets_nothing(world: World, bo: Actor) -> None:
    """A lead without trajectories, and a coach with nothing near: no fact, no mail."""
    world.tick_at(at(WEDNESDAY, 8))
    another = actors.add_actor(
        world.desk(), name="Els Wit", email="els@example.org", account="uid:78", role="coach"
    )
    world.coach = another
    world.start("reactiveren", (MOL,), (replace(JO, email="els.jo@example.org"), RITA_OF_MOL))
    world.tick_at(at(WEDNESDAY + timedelta(days=1), 8))
    assert {mail.person for mail in made(world)} == {"actor:1"}
    assert len(facts(world, MailQueued)) == 2


def test_nothing_is_made_where_it_is_switched_off_or_only_tried(world: World) -> None:
    """The dry run counts it."""
    world.now = at(WEDNESDAY, 9)
    size = len(world.events())
    tally = tick(world.post(), dry_run=True)
    assert (tally.coming, tally.people, tally.digests) == (1, 1, 0)
    world.digest = False
    assert world.tick().digests == 0
    assert len(world.events()) == size


def test_a_crash_between_the_coaches_neither_loses_nor_doubles(
    world: World, bo: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The round that follows makes what is missing; the key keeps the rest from coming twice."""
    world.coach, first = bo, world.coach
    world.start("reactiveren", (MOL,), ())
    world.coach = first
    world.now = at(WEDNESDAY, 8)
    make = periodic._make

    def dies(*_: object) -> bool:
        raise TryAgain("the machine stopped")

    for _ in range(2):  # before the second coach
        with monkeypatch.context() as patched:
            patched.setattr(
                periodic,
                "_make",
                lambda *of, **more: make(*of, **more) if of[3][0] == 1 else dies(),
            )
            with pytest.raises(TryAgain):
                world.tick()
    assert [mail.person for mail in made(world)] == ["actor:1"]
    with monkeypatch.context() as patched:  # before the heartbeat
        patched.setattr(periods, "beat", dies)
        with pytest.raises(TryAgain):
            world.tick()
    world.tick()
    world.tick()
    keys = [mail.key for mail in made(world)]
    assert keys == ["digest/1/2027-04-28", f"digest/{bo.id}/2027-04-28"]
    assert [mail.status for mail in made(world)] == ["sent", "sent"]
    assert len(facts(world, MailQueued)) == 2


def test_a_substitute_reads_for_who_is_away(world: World, bo: Actor) -> None:
    """Who is away gets none; their trajectories stand in the substitute's."""
    actors.leave(world.desk(), 1, bo.id, first=WEDNESDAY, until=RETURN)
    world.tick_at(at(WEDNESDAY, 8))
    (mail,) = made(world)
    assert mail.person == f"actor:{bo.id}"
    assert "Je vervangt An Peeters" in text(mail)
    (queued,) = facts(world, MailQueued)
    assert isinstance(queued, MailQueued)
    assert queued.named == ("actor:1", f"actor:{bo.id}")


def test_who_went_away_or_left_meanwhile_gets_none(
    world: World, bo: Actor, relay: RecordingNotifier
) -> None:
    """A digest that waits for the relay is cancelled then."""
    relay.answer(fakes.UNWELL)
    world.tick_at(at(WEDNESDAY, 8))
    actors.leave(world.desk(), 1, bo.id, first=WEDNESDAY, until=RETURN)
    world.tick_at(at(WEDNESDAY, 10))
    assert [mail.status for mail in made(world)] == ["cancelled"]
    (fact,) = facts(world, MailCancelled)
    assert isinstance(fact, MailCancelled)
    assert fact.reason == "released"


def test_a_digest_that_missed_its_day_is_cancelled(world: World, relay: RecordingNotifier) -> None:
    """The one of the next working day says it all."""
    relay.answer(*[fakes.UNWELL] * 40)
    for hour in range(8, 17):
        world.tick_at(at(WEDNESDAY, hour))
    assert [mail.status for mail in made(world)] == ["queued"]
    world.tick_at(at(WEDNESDAY, 17))
    assert [mail.status for mail in made(world)] == ["cancelled"]
    relay._answers.clear()
    world.tick_at(at(WEDNESDAY + timedelta(days=1), 8))
    assert [mail.status for mail in made(world)] == ["cancelled", "sent"]
    assert [fact.reason for fact in facts(world, MailCancelled)] == ["late"]  # type: ignore[attr-defined]


def test_one_that_a_person_held_is_cleared_the_next_morning(world: World) -> None:
    """Held, shown, and gone by itself; its facts stand in the stream of people."""
    world.now = at(WEDNESDAY, 8)
    periodic.make(digests.KIND, world.post(), Tally(), world.now)
    (mail,) = made(world)
    held = mail_desk.hold(world.desk(), world.post(), number=mail.id)
    assert [one.status for one in held] == ["held"]
    with world.database.reading() as connection:
        assert not out_of_date(world.post(), Transaction(connection, world.now), held[0])
    world.tick()
    world.tick_at(at(WEDNESDAY + timedelta(days=1), 8))
    assert [one.status for one in made(world)] == ["cancelled", "sent"]
    told = [one for one in tell(world.database, words("en"), place) if "digest" in one.text]
    assert [one.text for one in told] == [
        "mail to An Peeters (digest of the day): ready to leave",
        "mail to An Peeters (digest of the day): held back",
        "mail to An Peeters (digest of the day): withdrawn before it left (its day had passed)",
        "mail to An Peeters (digest of the day): ready to leave",
        "mail to An Peeters (digest of the day): sent",
    ]
    assert {one.ref for one in told} == {None}


def place(nis: str) -> str:
    """Return the name of a place."""
    return by_nis(nis).name


def test_a_person_may_hold_release_and_retry_it(world: World, relay: RecordingNotifier) -> None:
    """Like any mail; on its own day it leaves."""
    relay.answer(fakes.REFUSED)
    world.tick_at(at(WEDNESDAY, 8))
    (mail,) = made(world)
    assert mail.status == "dead"
    mail_desk.retry(world.desk(), mail.id)
    world.tick_at(at(WEDNESDAY, 9))
    assert [one.status for one in made(world)] == ["sent"]
    relay.take()


def test_release_of_all_lets_a_digest_of_another_day_go_by(world: World) -> None:
    """It is looked at before it leaves."""
    world.now = at(WEDNESDAY, 8)
    periodic.make(digests.KIND, world.post(), Tally(), world.now)
    (mail,) = made(world)
    mail_desk.hold(world.desk(), world.post(), number=mail.id)
    world.now = at(WEDNESDAY, 19)
    assert [one.status for one in mail_desk.release(world.desk())] == ["queued"]
    world.tick()
    assert [one.status for one in made(world)] == ["cancelled"]


def test_unclear_and_refused_for_now_go_the_way_of_every_mail(
    world: World, relay: RecordingNotifier
) -> None:
    """The same bytes again; the third unclear answer asks a person."""
    relay.answer(fakes.LATER, fakes.UNCLEAR, fakes.UNCLEAR, fakes.UNCLEAR)
    for minutes in range(0, 300, 15):
        world.tick_at(at(WEDNESDAY, 8) + timedelta(minutes=minutes))
    (mail,) = made(world)
    assert mail.status == "held"
    sent = [letter.mime for _, letter in relay.letters]
    assert sent == [mail.mime] * 4


def test_another_address_gets_it_made_anew(world: World, relay: RecordingNotifier) -> None:
    """Once, and the old one is cancelled."""
    relay.answer(fakes.UNWELL)
    world.tick_at(at(WEDNESDAY, 8))
    with unit_of_work(world.database, world.now) as tx:
        email = (Detail("email", "nieuw@example.org", "actor:1"),)
        changed = Draft(ActorChanged(1, "coach", "nl", True), email)
        tx.record_in(PEOPLE, [changed], Stamp(1, WEDNESDAY))
    world.tick_at(at(WEDNESDAY, 10))
    world.tick_at(at(WEDNESDAY, 10, 1))
    assert [(m.status, m.envelope_to) for m in made(world)] == [
        ("cancelled", "an@example.org"), ("sent", "nieuw@example.org"),
    ]  # fmt: skip


def test_what_is_too_much_makes_no_digest_and_counts_it(world: World, bo: Actor) -> None:
    """A release lets them go."""
    world.coach, first = bo, world.coach
    world.start("reactiveren", (MOL,), ())
    world.coach = first
    world.tick()
    world.limits = Limits(at_once=1)
    tally = world.tick_at(at(WEDNESDAY, 8))
    assert (tally.held, tally.people, made(world)) == (2, 2, [])
    assert world.tick_at(at(WEDNESDAY, 8, 15)).digests == 0
    mail_desk.wake_queue(world.desk(), allowed=1)
    assert world.tick_at(at(WEDNESDAY, 8, 30)).digests == 2


def test_it_leaves_whatever_else_its_reader_got(world: World, relay: RecordingNotifier) -> None:
    """It tells of all the others: a reader who had enough that day gets it all the same."""
    relay.answer(fakes.LATER)
    world.tick_at(at(WEDNESDAY, 8))
    world.limits = Limits(a_day_each=1)
    with world.database.writing() as connection:  # another mail has left meanwhile
        to_coach = outbox.mails(connection, statuses=("sent",))[-1]
        assert to_coach.envelope_to == "an@example.org"
        outbox.change(connection, to_coach.id, sent_at=at(WEDNESDAY, 8, 5))
    world.tick_at(at(WEDNESDAY, 9))
    assert [mail.status for mail in made(world)] == ["sent"]
    assert facts(world, MailDeferred) == []
    with world.database.writing() as connection:  # as its events say
        outbox.change(connection, to_coach.id, sent_at=to_coach.sent_at)


def test_a_digest_that_cannot_be_made_is_tried_again(
    world: World, relay: RecordingNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted and logged, and the others have theirs."""
    with monkeypatch.context() as patched:
        patched.setattr(relay, "compose", broken)
        assert world.tick_at(at(WEDNESDAY, 8)).failed == 1
        assert world.tick_at(at(WEDNESDAY, 8, 1)).failed == 1
    assert world.tick_at(at(WEDNESDAY, 8, 2)).digests == 1
    assert len(made(world)) == 1


def broken(notice: object) -> None:
    """Fail at a digest."""
    assert not isinstance(notice, Digest), "a letter that cannot be said"


def test_it_names_no_contact_and_no_note(world: World) -> None:
    """The municipality, the phase and the day; who could not be reached is told by the tool."""
    world.tick_at(at(WEDNESDAY, 8))
    (mail,) = made(world)
    for secret in ("Jo Maes", "Rita Claes", "jo@example.org"):
        assert secret.encode() not in (mail.mime or b"")
    assert by_nis(GENT).name.encode() in (mail.mime or b"")


@contextmanager
def unreadable(world: World, ref: str) -> Iterator[None]:
    """Put a trajectory into a phase that is in no workflow, for a while."""
    rows = update(t.trajectories).where(t.trajectories.c.ref == ref)
    phase = world.trajectory(ref).phase
    with world.database.writing() as connection:
        connection.execute(rows.values(phase="nowhere"))
    yield
    with world.database.writing() as connection:
        connection.execute(rows.values(phase=phase))


@pytest.mark.parametrize("limited", [False, True])
def test_a_trajectory_that_cannot_be_read_takes_no_other_with_it(
    world: World, relay: RecordingNotifier, limited: bool
) -> None:
    """It is counted, the digest tells of the others, and the day is done with it."""
    ref = world.start("reactiveren", (MOL,), ())
    world.now = at(WEDNESDAY, 7)
    world.tick()
    relay.take()
    world.limits = Limits(at_once=50) if limited else Limits()
    world.now = at(WEDNESDAY + timedelta(days=1), 8)
    with unreadable(world, ref):
        tally = world.tick()
        assert (tally.failed > 0, tally.digests, tally.held) == (True, 1, 0)
        (mail,) = made(world)
        assert mail.status == "sent"
        assert "Gent" in text(mail)
        assert "Mol" not in text(mail)
        with world.database.reading() as connection:
            beat = last_beat(connection, digests.KIND.name)
        assert beat is not None
        assert beat[1]["left"] == []


def test_an_old_digest_is_cleared_where_they_are_switched_off(world: World) -> None:
    """The next day, once; and switched on again that day has its own."""
    world.now = at(WEDNESDAY, 8)
    periodic.make(digests.KIND, world.post(), Tally(), world.now)
    mail_desk.hold(world.desk(), world.post(), number=made(world)[0].id)
    world.digest = False
    world.tick_at(at(WEDNESDAY, 12))
    assert [mail.status for mail in made(world)] == ["held"]
    world.tick_at(at(WEDNESDAY + timedelta(days=1), 7))
    assert [mail.status for mail in made(world)] == ["cancelled"]
    world.digest = True
    world.tick_at(at(WEDNESDAY + timedelta(days=1), 12))
    assert [mail.status for mail in made(world)] == ["cancelled", "sent"]


@pytest.mark.parametrize("act", [mail_desk.retry, mail_desk.release])
def test_a_digest_of_which_the_day_is_over_is_not_tried_again(
    world: World, act: Callable[..., object]
) -> None:
    """It would be cancelled at the next round: that is said at once."""
    world.now = at(WEDNESDAY, 8)
    periodic.make(digests.KIND, world.post(), Tally(), world.now)
    number = made(world)[0].id
    mail_desk.hold(world.desk(), world.post(), number=number)
    world.now = at(WEDNESDAY, 17)
    with pytest.raises(Refused, match="the day is over"):
        act(world.desk(), number=number)
    assert [mail.status for mail in made(world)] == ["held"]
