"""Tests of reading what is wanted of the history: the same in SQL as event by event."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import text

from engine.audit import Wanted, tell
from engine.audit.kinds import KINDS, is_correction, types_of
from engine.audit.telling import Told
from engine.domain.events import MailQueued, MailSent
from engine.language import words
from engine.service import moving, people
from engine.store import chosen
from engine.store.chosen import Choice
from engine.store.database import Database
from engine.store.erasing import naming
from engine.store.history import events_of
from tests.world import World, at


@pytest.fixture
def world(database: Database) -> World:
    """Two trajectories, a step back, a note and mails that left."""
    world = World(database)
    first, _ = world.start(), world.start("opstarten", places=("35006",), involved=())
    world.tick_at(at(date(2027, 3, 1), 11))
    world.meet(first)
    moving.advance(world.desk(), first)
    world.now = at(date(2027, 3, 4))
    moving.send_back(world.desk(), first, "intake", reason="partners_missing")
    people.note(world.desk(), first, "discussed with the group")
    return world


def told(world: World, **wanted: object) -> list[Told]:
    """Return the history that is wanted."""
    asked = Wanted(**wanted)  # type: ignore[arg-type]
    return tell(world.database, words("en"), lambda nis: nis, asked)


def test_kinds_and_days_leave_out_all_others_and_nothing_else(world: World) -> None:
    """Each kind and period is what is left when everything is looked at one by one."""
    everything = told(world)
    with world.database.reading() as connection:
        facts = {one.position: one.fact for one in events_of(connection)}
    for kind in KINDS:
        wanted = [one for one in everything if one.type in types_of(kind)]
        if kind == "corrections":
            wanted = [one for one in wanted if is_correction(facts[one.position])]
        assert told(world, kind=kind) == wanted
        assert wanted or kind == "dates"
    day = date(2027, 3, 4)
    assert told(world, first=day) == [one for one in everything if one.occurred_on >= day]
    before = date(2027, 3, 3)
    assert told(world, last=before) == [one for one in everything if one.occurred_on <= before]
    ref = "2027-001"
    assert told(world, ref=ref) == [one for one in everything if one.ref == ref]


def test_a_person_has_all_that_names_them_and_all_that_they_did(world: World) -> None:
    """The coordinator's data, role and mails; of the coach what she did as well."""
    jo = told(world, person="contact:1")
    assert {"ContactAdded", "ContactAssigned", "MailQueued", "MailWritten"} - {
        one.type for one in jo
    } <= {"MailWritten"}
    mails = [one for one in jo if one.type in chosen.OF_A_MAIL]
    assert mails
    everything = told(world)
    with world.database.reading() as connection:
        facts = {one.position: one.fact for one in events_of(connection)}
        named = {one.id for one in naming(connection, "contact:1")}
    assert {getattr(facts[one.position], "mail", 0) for one in mails} <= named
    an = told(world, person="actor:1")
    acted = {one.position for one in everything if one.actor_id == 1}
    assert acted <= {one.position for one in an}
    assert told(world, person="contact:11") == []


def test_a_mail_to_somebody_else_that_names_a_person_is_told_to_its_end(world: World) -> None:
    """That it left too, which the event of it says by the mail's number alone."""
    with world.database.reading() as connection:
        facts = {one.position: one.fact for one in events_of(connection)}
        named = {one.id for one in naming(connection, "contact:1")}
    others = {
        fact.mail
        for fact in facts.values()
        if isinstance(fact, MailQueued) and fact.person != "contact:1" and fact.mail in named
    }
    assert others
    left = {n for n, fact in facts.items() if isinstance(fact, MailSent) and fact.mail in others}
    assert left
    assert left <= {one.position for one in told(world, person="contact:1")}


def test_the_history_of_one_trajectory_is_found_by_an_index(sqlite_database: Database) -> None:
    """So it does not grow with the others; the same index gives its order."""
    world = World(sqlite_database)
    world.start()
    with sqlite_database.reading() as connection:
        stream = connection.execute(text("SELECT id FROM trajectories")).scalar_one()
        seen: list[str] = []
        for query in (
            f"stream = '{stream}' AND seq > 0",
            f"stream = '{stream}' AND seq > 0 AND type IN ('Amended')",
        ):
            plan = connection.execute(
                text(f"EXPLAIN QUERY PLAN SELECT * FROM events WHERE {query} ORDER BY seq LIMIT 9")
            )
            seen += [row.detail for row in plan]
        assert all(re.search(r"SEARCH events USING INDEX .*stream=\? AND seq>\?", s) for s in seen)
        rows = chosen.chosen(connection, Choice(stream))
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        later = chosen.chosen(connection, Choice(stream), 3)
        assert later == rows[3:]
