"""What a command tells, what is forecast, what a dry run shows and what leaves are the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest

from engine.audit import verify
from engine.dispatch import desk as mail_desk
from engine.dispatch.forecast import forecast
from engine.dispatch.leaving import out_of_date
from engine.dispatch.preview import previews
from engine.domain.errors import Refused
from engine.domain.events import ConsentAsked, MailCancelled
from engine.domain.trajectory import Trajectory
from engine.ports import Letter, Receipt
from engine.service import actors, criteria, moving, people, starting
from engine.service.desk import PLAIN, Outcome, Terms
from engine.service.mailing import Mailing, Preview
from engine.service.people import ContactData
from engine.store import outbox
from engine.store.database import Database
from engine.store.dossiers import dossier
from engine.store.transaction import Transaction
from tests import fakes
from tests.fakes import RecordingNotifier
from tests.world import GENT, JO, MERELBEKE_MELLE, RITA, World

pytestmark = pytest.mark.above_the_store

CHECK_VALUE = re.compile(r"\d+-[0-9a-f]{12}")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WIM = ContactData("Wim Claes", "wim@example.org")
LIEN = ContactData("Lien Baert", "lien@example.org")
BO = "bo@example.org"
Told = set[tuple[str, str]]  # who, and what
Act = Callable[[World, str, Terms], Outcome]


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything."""
    return RecordingNotifier()


@pytest.fixture
def world(database: Database, relay: RecordingNotifier) -> World:
    """A log with two coaches, on either database."""
    made = World(database, relay)
    actors.add_actor(made.desk(), name="Bo Claes", email=BO, account="uid:77", role="coach")
    return made


def advance(world: World, ref: str, terms: Terms) -> Outcome:
    """Move on, all being in order."""
    world.meet(ref)
    return moving.advance(world.desk(), ref, terms)


def pause(world: World, ref: str, terms: Terms) -> Outcome:
    """Rest for two months."""
    until = world.desk().today + timedelta(days=60)
    return moving.pause(world.desk(), ref, terms, reason="merger", until=until)


def resume(world: World, ref: str, terms: Terms) -> Outcome:
    """Go on after a pause of a minute ago."""
    if world.trajectory(ref).status != "paused":
        pause(world, ref, Terms(mail=False))
    return moving.resume(world.desk(), ref, terms)


def stop(world: World, ref: str, terms: Terms) -> Outcome:
    """End it early."""
    return moving.stop(world.desk(), ref, terms, reason="no_capacity")


def reschedule(world: World, ref: str, terms: Terms) -> Outcome:
    """Move the date of the phase."""
    day = world.desk().today + timedelta(days=50)
    return moving.reschedule(world.desk(), ref, day, terms, reason="de raad komt later samen")


def appoint(world: World, ref: str, terms: Terms) -> Outcome:
    """Agree on a day for the talk."""
    day = world.desk().today + timedelta(days=7)
    return criteria.plan(world.desk(), ref, ["intake_talk_held"], terms, day=day, time="14:00")


def ask(world: World, ref: str, terms: Terms) -> Outcome:
    """Ask the mayors; one of them nobody knows."""
    return criteria.ask(world.desk(), ref, ["sponsor_known"], terms)


def add_mayor(world: World, ref: str, terms: Terms) -> Outcome:
    """Give the other municipality a mayor."""
    return people.add_contact(world.desk(), ref, WIM, terms, role="mayor", nis=MERELBEKE_MELLE)


def replace_jo(world: World, ref: str, terms: Terms) -> Outcome:
    """Put another coordinator in the place of the first."""
    return people.replace_contact(world.desk(), ref, 1, LIEN, terms)


def reassign(world: World, ref: str, terms: Terms) -> Outcome:
    """Hand it to a colleague."""
    return people.reassign(world.desk(), ref, 2, terms)


ACTS: dict[str, Act] = {
    "advance": advance,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "reschedule": reschedule,
    "appoint": appoint,
    "ask": ask,
    "add": add_mayor,
    "replace": replace_jo,
    "reassign": reassign,
}


def look_of(world: World) -> Terms:
    """Return the terms of a dry run that looks at the mails."""

    def look(
        tx: Transaction, trajectory: Trajectory, caused: Sequence[Mailing]
    ) -> tuple[Preview, ...]:
        return previews(world.post(), tx, trajectory, caused)

    return Terms(dry_run=True, look=look)


def told(outcome: Outcome) -> Told:
    """Return who gets what, as the command says."""
    return {(mail.email, mail.notice) for mail in outcome.mailings if mail.name}


def coming(world: World, ref: str) -> Told:
    """Return what is forecast for the next hour."""
    with world.database.reading() as connection:
        read = dossier(connection, ref)
    found = forecast(read, now=world.now, calendar=world.calendar, hold_back=world.hold_back)
    return {(mail.email, mail.notice) for mail in found if mail.at <= world.now + HOUR}


def leave(world: World, relay: RecordingNotifier) -> dict[tuple[str, str], str]:
    """Return the texts that leave within the hour, by reader and notice; none leaves twice."""
    relay.take()
    for _ in range(6):
        world.tick()
        world.now += 10 * MINUTE
    letters = relay.take()
    texts = {(one.envelope_to, notice_of(one)): text_of(one) for one in letters}
    assert len(texts) == len(letters)
    return texts


def notice_of(letter: Letter) -> str:
    """Return which notice a letter is."""
    return str(message_from_bytes(letter.mime, policy=policy.default)["Traject-Notice"])


def text_of(letter: Letter) -> str:
    """Return the plain text of a letter without its check value."""
    body = message_from_bytes(letter.mime, policy=policy.default).get_body(("plain",))
    assert body is not None
    return CHECK_VALUE.sub("#", body.get_content().replace("\r\n", "\n"))


def begun(world: World, rendered: str) -> str:
    """Return a trajectory whose start mails are not made yet, wait, or have left."""
    ref = world.start(places=(GENT, MERELBEKE_MELLE), involved=(JO, RITA))
    if rendered != "not made":
        world.tick()
    world.now += HOUR if rendered == "left" else 5 * MINUTE
    if rendered == "left":
        world.tick()
    return ref


@pytest.mark.parametrize("rendered", ["not made", "waiting", "left"])
@pytest.mark.parametrize("name", ACTS)
def test_told_forecast_shown_and_left_are_one(
    world: World, relay: RecordingNotifier, name: str, rendered: str
) -> None:
    """Whatever waits of the start; what left and was not told was told by the start itself."""
    ref = begun(world, rendered)
    if name == "resume":
        pause(world, ref, Terms(mail=False))
    if name == "advance":
        world.meet(ref)
    before = coming(world, ref)
    shown = ACTS[name](world, ref, look_of(world))
    outcome = ACTS[name](world, ref, PLAIN)

    assert told(shown) == told(outcome)
    expected = coming(world, ref)
    left = leave(world, relay)
    assert expected == set(left)
    assert told(outcome) <= set(left)
    assert set(left) - told(outcome) <= before
    by_reader = {
        (mail.to.rpartition("<")[2].rstrip(">"), mail.notice): mail for mail in shown.previews
    }
    assert set(by_reader) == told(outcome)
    for key, mail in by_reader.items():
        assert CHECK_VALUE.sub("#", mail.text) == left[key]
    assert verify(world.database).problems == ()


@pytest.mark.parametrize("rendered", ["not made", "waiting"])
def test_who_comes_into_a_role_is_told_the_start(world: World, rendered: str) -> None:
    """Whom a mail of before reaches from now on, the command names; where it is made, nobody."""
    ref = begun(world, rendered)
    news = {(WIM.email, "start")} if rendered == "not made" else set()
    assert told(add_mayor(world, ref, PLAIN)) == news


@pytest.mark.parametrize("rendered", ["not made", "waiting"])
def test_a_start_rests_during_a_pause(
    world: World, relay: RecordingNotifier, rendered: str
) -> None:
    """The pause is told alone, and the start when somebody resumes."""
    ref = begun(world, rendered)
    assert told(pause(world, ref, PLAIN)) == {(JO.email, "paused")}
    assert set(leave(world, relay)) == {(JO.email, "paused")}
    starts = {(JO.email, "start"), (RITA.email, "start")}
    assert told(moving.resume(world.desk(), ref)) == starts
    assert set(leave(world, relay)) == starts


def test_all_who_wait_hear_the_new_date(world: World, relay: RecordingNotifier) -> None:
    """The coordinator has it in a calendar, the mayor in words alone: both are written anew."""
    ref = begun(world, "waiting")
    reschedule(world, ref, PLAIN)
    left = leave(world, relay)
    assert all("20 april" in text for text in left.values())
    assert [f.reason for f in world.facts(ref, MailCancelled)] == ["renewed", "renewed"]


@pytest.mark.parametrize("rendered", ["not made", "waiting"])
def test_the_start_says_the_day_that_was_agreed(
    world: World, relay: RecordingNotifier, rendered: str
) -> None:
    """Nobody is asked for a moment that is fixed."""
    ref = begun(world, rendered)
    appoint(world, ref, PLAIN)
    left = leave(world, relay)
    assert all("maandag 8 maart om 14:00" in " ".join(t.split()) for t in left.values())
    assert not any("wanneer past" in text for text in left.values())


def test_a_reminder_held_for_days_names_what_is_open_when_it_leaves(
    world: World, relay: RecordingNotifier
) -> None:
    """And `mail show` says beforehand that its words are out of date."""
    ref = begun(world, "left")
    soon = next(r for r in world.reminders(ref) if r.notice == "deadline_soon")
    world.now = soon.at - 2 * HOUR
    [held] = mail_desk.hold(world.desk(), world.post(), ref=ref)

    def stale() -> bool:
        with world.database.reading() as connection:
            mail = outbox.mail(connection, held.id)
            assert mail is not None
            return out_of_date(world.post(), Transaction(connection, world.now), mail)

    assert not stale()
    world.tick_at(soon.at)
    criteria.meet(world.desk(), ref, ["coordinator_named"])
    assert stale()
    world.now += timedelta(days=2)
    mail_desk.release(world.desk(), ref=ref)
    left = leave(world, relay)
    assert left.keys() == {(JO.email, "deadline_soon")}
    assert "coördinator aangeduid" not in left[JO.email, "deadline_soon"]


@pytest.mark.parametrize("answer", [fakes.UNCLEAR, fakes.LATER])
def test_what_was_offered_once_is_said_again_in_the_same_words(
    world: World, relay: RecordingNotifier, answer: Receipt
) -> None:
    """Some of it may have been taken: another try is of the same bytes."""
    ref = world.start(involved=[RITA])
    relay.answer(answer)
    world.tick_at(world.now + 31 * MINUTE)
    [(_, first)] = relay.letters
    reschedule(world, ref, PLAIN)
    world.tick_at(world.now + HOUR)
    assert [letter.mime for _, letter in relay.letters] == [first.mime, first.mime]


def test_a_stop_tells_nobody_who_never_heard(world: World, relay: RecordingNotifier) -> None:
    """The mayor's start mail left, the coordinator's waits since she came into the role."""
    ref = world.start(involved=[RITA])
    world.now += HOUR
    world.tick()
    relay.take()
    assert told(stop(world, ref, PLAIN)) == {(RITA.email, "stopped")}
    for rendered in ("not made", "waiting"):
        assert told(stop(world, begun(world, rendered), PLAIN)) == set()


def test_a_stop_without_start_mails_tells_those_who_knew(world: World) -> None:
    """Who starts with --no-mail told them in another way."""
    ref = world.start(terms=Terms(mail=False))
    assert told(stop(world, ref, PLAIN)) == {(JO.email, "stopped"), (RITA.email, "stopped")}


@pytest.mark.parametrize("rendered", ["not made", "waiting", "left"])
def test_a_slip_is_stopped_in_silence(
    world: World, relay: RecordingNotifier, rendered: str
) -> None:
    """Registered by mistake: what waits is withdrawn, nobody is mailed."""
    ref = begun(world, rendered)
    outcome = moving.stop(world.desk(), ref, reason="registration_error")
    assert told(outcome) == set()
    assert {w.name for w in outcome.withdrawn} == (
        set() if rendered == "left" else {JO.name, RITA.name}
    )
    assert leave(world, relay) == {}


def test_only_who_can_be_reached_is_asked(world: World) -> None:
    """A municipality without an address stays unasked; with --no-mail the coach asks herself."""
    ref = begun(world, "left")
    asked = ask(world, ref, PLAIN)
    assert [e.fact.municipalities for e in asked.events if isinstance(e.fact, ConsentAsked)] == [
        (GENT,)
    ]
    with pytest.raises(Refused, match="nobody is asked"):
        criteria.ask(world.desk(), ref, ["sponsor_known"], municipality=MERELBEKE_MELLE)
    ask(world, ref, Terms(mail=False))
    today: date = world.desk().today
    assert world.trajectory(ref).criterion("sponsor_known").asked == {
        GENT: today,
        MERELBEKE_MELLE: today,
    }
    lonely = world.start(places=(MERELBEKE_MELLE,), involved=[JO])
    with pytest.raises(Refused, match="traject contact add"):
        ask(world, lonely, PLAIN)


def test_a_coordinator_by_herself_hears_of_the_start(world: World) -> None:
    """She comes before the start mails are made: that mail says it all, and she is named."""
    ref = world.start(involved=[])
    jo = starting.Involved("coordinator", "Jo Maes", "jo@example.org")
    outcome = people.add_contact(
        world.desk(), ref, ContactData(jo.name, jo.email), role="coordinator"
    )
    assert told(outcome) == {(jo.email, "start")}
