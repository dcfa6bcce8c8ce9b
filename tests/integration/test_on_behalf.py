"""Acting for a colleague: who did it and for whom are both in the ledger, and found again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from engine.audit import verify
from engine.audit.telling import Teller, Wanted
from engine.domain.decisions.decision import Draft
from engine.domain.errors import BadInput, Refused
from engine.domain.events import LogRestored
from engine.domain.people import AUDITOR, Actor
from engine.language import words
from engine.service import actors, people, starting
from engine.service.desk import Desk
from engine.store import tables as t
from engine.store.database import Database
from engine.store.referred import people_in
from engine.store.transaction import LOG, Stamp, unit_of_work
from tests.world import GENT, World, published

pytestmark = pytest.mark.above_the_store


@pytest.fixture
def world(database: Database) -> World:
    """A log with a coach, on either database."""
    return World(database)


@pytest.fixture
def jan(world: World) -> Actor:
    """A colleague of the coach."""
    return enrolled(world, "Jan Claes")


def enrolled(world: World, name: str, role: str = "coach") -> Actor:
    """Enrol somebody beside the coach."""
    email = f"{name.partition(' ')[0].lower()}@example.org"
    return actors.add_actor(world.desk(), name=name, email=email, account="uid:77", role=role)


def for_(world: World, other: Actor) -> Desk:
    """Return the coach's desk for what is done on behalf of somebody."""
    return replace(world.desk(), on_behalf_of=other)


def started(world: World, other: Actor) -> str:
    """Start a trajectory on behalf of somebody; return its reference."""
    outcome = starting.start(for_(world, other), published("reactiveren"), [GENT])
    return outcome.after.ref


def bodies(world: World) -> list[dict[str, Any]]:
    """Return what is hashed, event by event."""
    with world.database.reading() as connection:
        rows = connection.execute(select(t.events.c.body).order_by(t.events.c.position))
        return [json.loads(row.body) for row in rows]


def test_both_are_in_the_hashed_text_of_every_event_of_the_command(
    world: World, jan: Actor
) -> None:
    """And read back with it, those of the shared streams too."""
    before = len(bodies(world))
    ref = started(world, jan)
    assert {json.dumps(one["actor"]) for one in bodies(world)[before:]} == {
        json.dumps({"id": 1, "on_behalf_of": jan.id})
    }
    assert {(one.actor, one.on_behalf_of) for one in world.events(ref)} == {(1, jan.id)}
    assert not verify(world.database).problems


def test_without_it_the_text_is_what_it_always_was(world: World) -> None:
    """No key, so that the canonical form of older events stays the same."""
    people.note(world.desk(), world.start(), "the next step was discussed")
    assert not [one for one in bodies(world) if "on_behalf_of" in one["actor"]]
    assert Stamp(1, world.now.date(), {"sudo_uid": 7}, 2).body() == {
        "id": 1, "on_behalf_of": 2, "sudo_uid": 7,
    }  # fmt: skip


def test_a_trajectory_is_coached_by_the_one_it_was_started_for(world: World, jan: Actor) -> None:
    """As it would be had they started it themselves."""
    assert world.trajectory(started(world, jan)).coach == jan.id


def test_nobody_acts_for_themselves_for_an_auditor_or_for_who_left(
    world: World, jan: Actor
) -> None:
    """Each is told so, and nothing is recorded."""
    ref, size = world.start(), len(bodies(world))
    for other, error in (
        (world.coach, BadInput),
        (replace(jan, role=AUDITOR), Refused),
        (replace(jan, active=False), Refused),
    ):
        with pytest.raises(error):
            people.note(for_(world, other), ref, "the next step was discussed")
    with pytest.raises(Refused):  # an auditor cannot act for a coach either
        people.note(
            replace(for_(world, jan), actor=replace(world.coach, role=AUDITOR)), ref, "a note"
        )
    assert len(bodies(world)) == size


def test_the_history_tells_both_and_finds_both(world: World, jan: Actor) -> None:
    """In both languages, and under pseudonyms where it is handed to others."""
    ref = started(world, jan)
    world.start()
    for lang, redacted, who in (
        ("en", False, "An Peeters, on behalf of Jan Claes"),
        ("nl", False, "An Peeters, namens Jan Claes"),
        ("en", True, "actor-1, on behalf of actor-2"),
    ):
        teller = Teller(words(lang), str, redacted=redacted)
        assert {one.who for one in teller.tell(world.database, Wanted(ref))} == {who}
    found = list(Teller(words("en"), str).tell(world.database, Wanted(person=f"actor:{jan.id}")))
    assert {one.ref for one in found if one.ref} == {ref}
    assert {one.on_behalf_of_id for one in found if one.ref} == {jan.id}
    assert people_in({"actor": {"id": 1, "on_behalf_of": 2}}) == {"actor:1", "actor:2"}


@pytest.mark.parametrize(("own", "other"), [(1, 9), (9, 1), (1, 0), (1, 1), (9, None)])
def test_verify_names_an_event_of_somebody_who_is_no_actor(
    world: World, own: int, other: int | None
) -> None:
    """Who did it and for whom must both be enrolled before, and be two."""
    with unit_of_work(world.database, world.now) as tx:
        stamp = Stamp(own, world.now.date(), {}, other)
        tx.record_in(LOG, [Draft(LogRestored(None, 1, 1))], stamp)
    problems = verify(world.database).problems
    assert [words("en").say(one.sentence) for one in problems] == [
        f"event {problems[0].position}: who did it, or for whom, is none of the actors"
    ]
