"""A dry run shows the mails that the same command then really causes, and leaves no trace."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.dispatch import desk as mail_desk
from engine.dispatch.preview import preview, previews
from engine.domain.trajectory import Trajectory
from engine.service import actors, criteria, moving, people, starting
from engine.service.desk import PLAIN, Outcome, Terms
from engine.service.mailing import Mailing, Preview
from engine.service.people import ContactData
from engine.store.appending import ledger_state
from engine.store.database import Database
from engine.store.transaction import Transaction
from tests.world import GENT, JO, MERELBEKE_MELLE, RITA, World, published

pytestmark = pytest.mark.above_the_store

WIM = starting.Involved("mayor", "Wim Claes", "wim@example.org", MERELBEKE_MELLE)
LIEN = ContactData("Lien Baert", "lien@example.org")
CHECK_VALUE = re.compile(r"\d+-[0-9a-f]{12}")  # the ledger as it is when the mail is made
ASKED = ("validation_request", "sent")
WHY = "this was settled before we began"
Act = Callable[[World, str, Terms], Outcome]


@pytest.fixture
def world(database: Database) -> World:
    """A log with a coach, on either database."""
    return World(database)


def look_of(world: World) -> Terms:
    """Return the terms of a dry run that looks at the mails."""

    def look(
        tx: Transaction, trajectory: Trajectory, caused: Sequence[Mailing]
    ) -> tuple[Preview, ...]:
        return previews(world.post(), tx, trajectory, caused)

    return Terms(dry_run=True, look=look)


def stripped(mails: Sequence[Preview]) -> list[Preview]:
    """Return mails without the check value, which is that of the moment they are made."""
    return sorted(
        (replace(mail, role="", text=CHECK_VALUE.sub("#", mail.text)) for mail in mails),
        key=lambda mail: (mail.notice, mail.to, mail.text),
    )


def made_since(world: World, ref: str, number: int) -> list[Preview]:
    """Return the mails of a trajectory that are later than a number."""
    return [
        preview(mail.notice, "", mail.mime)
        for mail in world.mails(ref)
        if mail.id > number and mail.mime is not None
    ]


def running(world: World) -> str:
    """Return a trajectory of two municipalities in its second phase, whose mails have left."""
    ref = world.start(places=(GENT, MERELBEKE_MELLE), involved=(JO, RITA, WIM))
    world.advance(ref)
    world.tick()
    world.now += timedelta(hours=1)
    world.tick()
    return ref


def advance(world: World, ref: str, terms: Terms) -> Outcome:
    """Move on, all being in order."""
    return moving.advance(world.desk(), ref, terms)


def ask(world: World, ref: str, terms: Terms) -> Outcome:
    """Ask both mayors."""
    return criteria.ask(world.desk(), ref, ["problem_statement"], terms)


def pause(world: World, ref: str, terms: Terms) -> Outcome:
    """Pause for two months."""
    until = world.desk().today + timedelta(days=60)
    return moving.pause(world.desk(), ref, terms, reason="merger", until=until)


def stop(world: World, ref: str, terms: Terms) -> Outcome:
    """Stop."""
    return moving.stop(world.desk(), ref, terms, reason="no_capacity")


def send_back(world: World, ref: str, terms: Terms) -> Outcome:
    """Go back to the first phase."""
    return moving.send_back(world.desk(), ref, "intake", terms, reason="partners_missing")


def replace_jo(world: World, ref: str, terms: Terms) -> Outcome:
    """Put another coordinator in the place of the first."""
    return people.replace_contact(world.desk(), ref, 1, LIEN, terms)


ACTS: dict[str, tuple[Act, int]] = {
    "advance": (advance, 1),
    "ask": (ask, 2),
    "pause": (pause, 1),
    "stop": (stop, 3),
    "send back": (send_back, 1),
    "replace": (replace_jo, 1),
}


@pytest.mark.parametrize("name", ACTS)
def test_the_mail_shown_is_the_mail_that_is_queued(world: World, name: str) -> None:
    """Subject and text to the letter, the check value of the ledger apart."""
    act, count = ACTS[name]
    ref = running(world)
    if name == "advance":
        world.meet(ref)
    before = max(mail.id for mail in world.mails())
    shown = act(world, ref, look_of(world)).previews
    act(world, ref, PLAIN)
    world.tick()
    assert stripped(shown) == stripped(made_since(world, ref, before))
    assert len(shown) == count


def test_the_mails_of_a_start_are_shown_before_it_exists(world: World) -> None:
    """Not even its number is burned."""
    involved = (JO, RITA)

    def start(terms: Terms) -> Outcome:
        return starting.start(
            world.desk(), published("reactiveren"), (GENT,), terms, involved=involved
        )

    tried = start(look_of(world))
    real = start(PLAIN)
    world.tick()
    assert stripped(tried.previews) == stripped(made_since(world, real.after.ref, 0))
    assert tried.after.ref == real.after.ref
    assert [mail.role for mail in tried.previews] == ["coordinator", "mayor"]


@pytest.mark.parametrize("name", [name for name in ACTS if name != "advance"])
def test_looking_changes_nothing(world: World, name: str) -> None:
    """Ledger and outbox are as they were."""
    ref = running(world)
    with world.database.reading() as connection:
        before = ledger_state(connection)
    mails = world.mails()
    ACTS[name][0](world, ref, look_of(world))
    with world.database.reading() as connection:
        assert ledger_state(connection) == before
    assert world.mails() == mails


def test_what_leaves_on_a_later_day_is_listed_and_not_rendered(world: World) -> None:
    """Much may change before then."""
    terms = replace(look_of(world), on=world.desk().today + timedelta(days=14))
    outcome = starting.start(
        world.desk(), published("reactiveren"), (GENT,), terms, involved=(JO, RITA)
    )
    assert [mail.name for mail in outcome.mailings] == ["Jo Maes", "Rita Claes"]
    assert outcome.previews == ()


def test_no_mail_shows_no_mail(world: World) -> None:
    """What is withheld cannot be looked at."""
    ref = running(world)
    assert stop(world, ref, replace(look_of(world), mail=False)).previews == ()


def test_a_mail_that_waits_and_says_it_all_is_shown_as_it_will_leave(world: World) -> None:
    """Who is still to get the start mail gets no handover beside it, but that mail, from Bo."""
    other = actors.add_actor(
        world.desk(), name="Bo Claes", email="bo@example.org", account="uid:77", role="coach"
    )
    ref = world.start()
    world.tick()
    shown = people.reassign(world.desk(), ref, other.id, look_of(world)).previews
    assert [mail.notice for mail in shown] == ["start"]
    assert "Bo Claes" in shown[0].text

    people.reassign(world.desk(), ref, other.id)
    world.tick_at(world.now + timedelta(minutes=31))
    left = [mail for mail in world.mails(ref) if mail.status == "sent" and mail.person[-1] == "1"]
    assert stripped(shown) == stripped([preview("start", "", left[0].mime or b"")])
    assert len(left) == 1


# --- slips: what has not left is withdrawn ---


@pytest.mark.parametrize("rendered", [False, True])
def test_a_registration_error_tells_whose_mails_it_withdraws(world: World, rendered: bool) -> None:
    """Whether a round came by already or not."""
    ref = running(world)
    world.advance(ref)
    if rendered:
        world.tick()
    outcome = moving.send_back(world.desk(), ref, "analysis", reason="registration_error")
    assert [(w.notice, w.name) for w in outcome.withdrawn] == [("phase_started", "Jo Maes")]
    assert outcome.mailings == ()
    world.tick_at(world.now + timedelta(days=1))
    assert [m.status for m in world.mails(ref) if m.notice == "phase_started"][1:] in (
        ["cancelled"],
        [],
    )


@pytest.mark.parametrize("rendered", [False, True])
def test_a_stop_that_was_meant_for_a_start_withdraws_it(world: World, rendered: bool) -> None:
    """The way back from a start that was a slip: nobody hears of either."""
    ref = world.start()
    if rendered:
        world.tick()
    outcome = moving.stop(world.desk(), ref, reason="other", silent=True)
    assert {(w.notice, w.name) for w in outcome.withdrawn} == {
        ("start", "Jo Maes"),
        ("start", "Rita Claes"),
    }
    world.tick_at(world.now + timedelta(days=1))
    assert {mail.status for mail in world.mails(ref)} <= {"cancelled"}


@pytest.mark.parametrize("rendered", [False, True])
def test_a_consent_that_came_in_withdraws_the_request(world: World, rendered: bool) -> None:
    """Registered just after it was asked: the mayor need not be bothered."""
    ref = running(world)
    criteria.ask(world.desk(), ref, ["problem_statement"])
    if rendered:
        world.tick()
    outcome = criteria.meet(world.desk(), ref, ["problem_statement"], municipality=GENT)
    assert [(w.notice, w.name) for w in outcome.withdrawn] == [("validation_request", "Rita Claes")]


@pytest.mark.parametrize("rendered", [False, True])
def test_who_is_asked_twice_in_a_row_gets_one_mail(world: World, rendered: bool) -> None:
    """A mayor who finds the same request twice wonders what is the matter."""
    ref = running(world)
    criteria.ask(world.desk(), ref, ["problem_statement"])
    if rendered:
        world.tick()
    outcome = criteria.ask(world.desk(), ref, ["problem_statement"], municipality=GENT)
    assert [(w.notice, w.name) for w in outcome.withdrawn] == [("validation_request", "Rita Claes")]
    assert [m.name for m in outcome.mailings] == ["Rita Claes"]
    world.tick()
    world.tick_at(world.now + timedelta(hours=1))
    sent = [m.recipient for m in world.mails(ref) if (m.notice, m.status) == ASKED]
    assert sorted(str(to) for to in sent) == [
        "Rita Claes <rita@example.org>",
        "Wim Claes <wim@example.org>",
    ]


def test_noting_that_a_mayor_was_asked_leaves_the_mail_that_waits(world: World) -> None:
    """`ask --no-mail` makes no mail, and takes none away."""
    ref = running(world)
    criteria.ask(world.desk(), ref, ["problem_statement"])
    outcome = criteria.ask(world.desk(), ref, ["problem_statement"], Terms(mail=False))
    assert outcome.withdrawn == ()


@pytest.mark.parametrize("slip", ["meet", "waive"])
def test_a_reopened_criterion_withdraws_the_mail_about_the_date_that_hung_on_it(
    world: World, slip: str
) -> None:
    """The date that a mistake set falls away, and so does the mail that was made of it."""
    ref = world.start()
    world.walk(ref, "action_plan")
    world.tick()
    world.tick_at(world.now + timedelta(hours=1))
    name = "feedback_date_set"
    if slip == "meet":
        value = world.desk().today + timedelta(days=60)
        criteria.meet(world.desk(), ref, [name], value=value)
    else:
        criteria.waive(world.desk(), ref, [name], reason=WHY)
    outcome = criteria.reopen(world.desk(), ref, [name], reason="wrong line")
    before = len(world.mails(ref))
    assert outcome.mailings == ()
    world.tick()
    assert len(world.mails(ref)) == before


def test_a_released_contact_is_told_as_the_reader_who_gets_nothing(world: World) -> None:
    """Also where the mail was held back by hand."""
    ref = world.start()
    mail_desk.hold(world.desk(), world.post(), ref=ref)
    outcome = people.release(world.desk(), ref, 1)
    assert [(w.notice, w.name, w.doubtful) for w in outcome.withdrawn] == [
        ("start", "Jo Maes", False)
    ]


def test_nothing_is_called_withdrawn_where_nothing_was_under_way(world: World) -> None:
    """A later day, all mails gone."""
    ref = running(world)
    assert world.meet(ref).status == "active"
    assert moving.advance(world.desk(), ref).withdrawn == ()


# --- who answers ---


def test_mails_come_from_a_lead_once_the_coach_has_left(world: World) -> None:
    """Replies must reach somebody who is there."""
    lead = actors.add_actor(
        world.desk(),
        name="Els Wouters",
        email="els@example.org",
        account="uid:77",
        role="lead",
        lang="nl",
    )
    ref = running(world)
    coach = world.coach
    world.coach = lead
    actors.change_actor(world.desk(), coach.id, active=False)
    shown = stop(world, ref, look_of(world)).previews
    assert {mail.sender for mail in shown} == {'"Els Wouters (VVSG)" <els@example.org>'}
    assert "An Peeters" not in shown[0].text
