"""The weekly account, over both databases: what was done in somebody's name, to that person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest

from engine.audit import rebuild, verify
from engine.dispatch import desk as mail_desk
from engine.dispatch import erasing as eraser
from engine.dispatch.post import Limits
from engine.dispatch.tick import tick
from engine.domain.events import MailCancelled
from engine.domain.people import Actor
from engine.language import words
from engine.service import actors, moving, people
from engine.service.desk import PLAIN
from engine.store.database import Database
from engine.store.due import last_beat
from engine.store.outbox import Mail
from tests import fakes
from tests.fakes import RecordingNotifier
from tests.world import World, at

pytestmark = pytest.mark.above_the_store

START = date(2027, 3, 1)  # a Monday, on which the trajectory starts
NEXT = START + timedelta(days=7)
MOL = "13025"


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything until told otherwise."""
    return RecordingNotifier()


@pytest.fixture
def world(database: Database, relay: RecordingNotifier) -> Iterator[World]:
    """A coach who started a trajectory this week; afterwards all must verify."""
    world = World(database, relay)
    world.start()
    world.tick_at(at(START, 12))
    world.tick_at(at(START, 13))
    relay.take()
    world.weekly_account = True
    yield world
    report = verify(world.database)
    assert [words("en").say(found.sentence) for found in report.problems] == []
    assert rebuild(world.database, dry_run=True).differing == 0


@pytest.fixture
def bo(world: World) -> Actor:
    """A lead without trajectories."""
    return actors.add_actor(
        world.desk(), name="Bo Claes", email="bo@example.org", account="uid:77", role="lead"
    )


def made(world: World) -> list[Mail]:
    """Return the accounts, as they stand."""
    return [mail for mail in world.mails() if mail.notice == "weekly_account"]


def text(mail: Mail) -> str:
    """Return what a mail says."""
    message = message_from_bytes(mail.mime or b"", policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def test_each_person_reads_on_monday_what_was_done_in_their_name(
    world: World, relay: RecordingNotifier
) -> None:
    """Once, from eight o'clock on; each change with its day, its hour and its trajectory."""
    moments = [at(NEXT, 7, 59), *(at(NEXT, 8, 15 * n) for n in range(3)), at(NEXT, 16)]
    assert [world.tick_at(moment).accounts for moment in moments] == [0, 1, 0, 0, 0]
    (mail,) = made(world)
    assert (mail.status, mail.trajectory, mail.reminder, mail.person, mail.key) == (
        "sent", "people", "", "actor:1", "account/1/2027-03-08",
    )  # fmt: skip
    said = text(mail)
    assert "dit gebeurde vorige week, van maandag 1 maart tot en met zondag 7 maart" in said
    assert "Gent (2027-001): - ma 1 mrt om 10:00: Reactiveren gestart voor Gent" in said
    assert "traject history --person actor:1" in said


def test_no_name_of_a_contact_and_no_free_text_is_in_it(world: World) -> None:
    """Contacts are told by their numbers; that there was a note is told, and not what."""
    people.note(world.desk(), "2027-001", "bel Zeno morgen")
    world.tick_at(at(NEXT, 8))
    (mail,) = made(world)
    for secret in ("Jo Maes", "Rita Claes", "jo@example.org", "Zeno"):
        assert secret.encode() not in (mail.mime or b"")
    assert "genoteerd: “…”" in text(mail)
    assert "contactpersoon #1" in text(mail)


def test_a_week_without_changes_has_no_mail(world: World, bo: Actor) -> None:
    """Nor has a person in whose name nothing was recorded; what dispatch did is nobody's."""
    for week in range(4):
        world.tick_at(at(NEXT + timedelta(weeks=week), 9))
    assert [mail.key for mail in made(world)] == ["account/1/2027-03-08"]
    assert bo.id not in {int(mail.key.split("/")[1]) for mail in made(world)}


def test_a_week_begins_and_ends_at_midnight_in_brussels(world: World) -> None:
    """Also that in which the clock is put forward."""
    world.now = at(date(2027, 3, 28), 23, 59)  # on a Sunday on which two o'clock was skipped
    moving.pause(world.desk(), "2027-001", reason="other", until=date(2027, 6, 1))
    world.now = at(date(2027, 3, 29), 0, 1)
    moving.resume(world.desk(), "2027-001")
    world.tick_at(at(date(2027, 3, 30), 9))  # Easter Monday is no working day
    world.tick_at(at(date(2027, 4, 5), 9))
    paused, resumed = made(world)[-2:]
    assert "gepauzeerd" in text(paused)
    assert "hervat" not in text(paused)
    assert "hervat" in text(resumed)
    assert "gepauzeerd" not in text(resumed)
    assert paused.key == "account/1/2027-03-29"


def test_a_week_in_which_no_round_ran_is_not_left_out(world: World) -> None:
    """Each has its own mail, in words that fit; a week without changes still has none."""
    world.tick_at(at(NEXT, 8))
    world.now = at(NEXT + timedelta(days=2), 12)
    people.note(world.desk(), "2027-001", "eerste")
    world.now = at(NEXT + timedelta(days=16), 12)
    people.note(world.desk(), "2027-001", "tweede")
    assert world.tick_at(at(NEXT + timedelta(days=23), 12)).accounts == 2
    assert [mail.key for mail in made(world)] == [
        "account/1/2027-03-08", "account/1/2027-03-15", "account/1/2027-03-29",
    ]  # fmt: skip
    assert (made(world)[1].subject or "").startswith("De week van maandag 8 maart")
    with world.database.reading() as connection:
        assert last_beat(connection, "account") == (
            at(NEXT + timedelta(days=23), 12),
            {"day": "2027-03-29", "left": [], "since": "2027-03-29"},
        )


def test_who_is_away_or_acts_no_longer_gets_it_too(world: World, bo: Actor) -> None:
    """Misuse of their account is what it is for."""
    theirs = replace(world.desk(), actor=bo)
    people.note(theirs, "2027-001", "door Bo")
    actors.leave(world.desk(), 1, bo.id, first=START, until=NEXT + timedelta(days=3))
    actors.change_actor(world.desk(), bo.id, active=False)
    world.tick_at(at(NEXT, 8))
    assert [mail.person for mail in made(world)] == ["actor:1", f"actor:{bo.id}"]
    assert [mail.status for mail in made(world)] == ["sent", "sent"]
    world.tick_at(at(NEXT + timedelta(days=7), 8))
    assert len(made(world)) == 2


def test_what_somebody_did_on_anothers_behalf_is_told_to_both(world: World, bo: Actor) -> None:
    """With the other's name; and with the account behind a sudo."""
    theirs = replace(world.desk(), actor=bo, on_behalf_of=world.coach, via={"sudo_uid": 1003})
    people.note(theirs, "2027-001", "overlegd")
    world.tick_at(at(NEXT, 8))
    mine, others = made(world)
    assert "genoteerd: “…”, door Bo Claes, in jouw naam (via sudo, van account uid:1003)" in text(
        mine
    )
    assert "genoteerd: “…”, in naam van An Peeters" in text(others)
    assert "(uid:77)" in text(others)


def test_one_that_waits_past_its_week_leaves_all_the_same(
    world: World, relay: RecordingNotifier
) -> None:
    """In working hours: no other one tells what it does."""
    relay.answer(*[fakes.UNWELL] * 40)
    for hour in range(8, 17):
        world.tick_at(at(NEXT, hour))
    relay._answers.clear()
    world.tick_at(at(NEXT + timedelta(days=8), 18))
    assert [mail.status for mail in made(world)] == ["queued"]
    world.tick_at(at(NEXT + timedelta(days=9), 9))
    assert [mail.status for mail in made(world)] == ["sent"]
    assert made(world)[0].key == "account/1/2027-03-08"


def test_a_held_one_stays_held_and_leaves_once_it_may(world: World) -> None:
    """Its week being over is no reason to refuse it."""
    relay = world.notifier
    assert isinstance(relay, RecordingNotifier)
    relay.answer(fakes.UNWELL)
    world.tick_at(at(NEXT, 8))
    (mail,) = made(world)
    mail_desk.hold(world.desk(), world.post(), number=mail.id)
    world.tick_at(at(NEXT + timedelta(days=14), 8))
    assert made(world)[0].status == "held"
    mail_desk.release(world.desk(), number=mail.id)
    world.tick_at(at(NEXT + timedelta(days=14), 9))
    first, second = made(world)
    assert (first.status, second.status) == ("sent", "sent")
    assert "overzicht van de week): tegengehouden" in text(second), "who held it is told so"


def test_one_that_names_somebody_erased_is_written_anew(
    world: World, bo: Actor, relay: RecordingNotifier
) -> None:
    """Without the name; the old one is withdrawn."""
    people.note(replace(world.desk(), actor=bo, on_behalf_of=world.coach), "2027-001", "overlegd")
    relay.answer(*[fakes.UNWELL] * 4)
    world.tick_at(at(NEXT, 8))
    eraser.erase_actor(world.desk(), world.post(), bo.id, PLAIN, reason="gevraagd")
    relay._answers.clear()
    world.tick_at(at(NEXT, 12))
    status = {(mail.person, mail.status) for mail in made(world)}
    assert status == {
        ("actor:1", "cancelled"), ("actor:1", "sent"), (f"actor:{bo.id}", "cancelled"),
    }  # fmt: skip
    (sent,) = [mail for mail in made(world) if mail.status == "sent"]
    assert f"door medewerker #{bo.id} (gewist), in jouw naam" in text(sent)
    reasons = {e.fact.reason for e in world.events() if isinstance(e.fact, MailCancelled)}
    assert reasons == {"erased"}


def test_nothing_is_made_where_it_is_switched_off_or_only_tried(world: World) -> None:
    """The dry run counts it; and once switched on again only the last week is told."""
    world.now = at(NEXT, 9)
    tally = tick(world.post(), dry_run=True)
    assert (tally.coming, tally.people, tally.accounts) == (1, 1, 0)
    world.limits = Limits(at_once=0)
    assert world.tick().held == 1
    mail_desk.wake_queue(world.desk(), allowed=1)
    world.limits = Limits()
    world.weekly_account = False
    assert world.tick().accounts == 0
    assert made(world) == []
    world.weekly_account = True
    assert world.tick_at(at(NEXT + timedelta(days=14), 9)).accounts == 0


def test_much_is_counted_and_what_another_had_a_part_in_is_never_cut(
    world: World, bo: Actor
) -> None:
    """Whoever misuses an account cannot hide it among what its owner did."""
    strange = replace(world.desk(), via={"sudo_uid": 1003})
    for n in range(40):
        people.note(strange if n == 30 else world.desk(), "2027-001", f"notitie {n}")
    for n in range(16):
        people.note(replace(world.desk(), actor=bo, on_behalf_of=world.coach), "2027-001", f"{n}")
    world.tick_at(at(NEXT, 8))
    said = text(made(world)[0])
    assert said.count("via sudo, van account uid:1003") == 1
    assert said.count("door Bo Claes, in jouw naam") == 16
    assert said.count("genoteerd") == 17
    assert "en nog 43" in said
