"""The checkpoints that go outside, over both databases: when, to whom, and when none does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from commands.witnessed import kept_in
from engine.audit import Report, rebuild, tell, verify
from engine.audit.checkpointing import take
from engine.dispatch import desk as mail_desk
from engine.dispatch import inspecting
from engine.dispatch.post import Keepers, Limits
from engine.domain.errors import Conflict
from engine.domain.events import CheckpointTaken, MailCancelled, MailQueued
from engine.language import words
from engine.municipalities import by_nis
from engine.service import actors, people
from engine.store import inspections
from engine.store.database import Database
from engine.store.outbox import Mail
from engine.store.transaction import LOG, PEOPLE, Stamp
from tests import fakes
from tests.fakes import RecordingNotifier
from tests.world import World, at

pytestmark = pytest.mark.above_the_store

MONDAY = date(2027, 3, 8)
OUTSIDE, BOARD = "auditor@example.com", "board@example.net"
KEEPERS = Keepers((OUTSIDE, BOARD), "nl", "example.org")


@pytest.fixture
def relay() -> RecordingNotifier:
    """A relay that accepts everything until told otherwise."""
    return RecordingNotifier()


@pytest.fixture
def unchecked(database: Database, relay: RecordingNotifier) -> World:
    """A log with a coach, two addresses outside, and nothing else."""
    world = World(database, relay)
    world.keepers = KEEPERS
    return world


@pytest.fixture
def world(unchecked: World) -> Iterator[World]:
    """The same; all verifies at the end."""
    yield unchecked
    report = verify(unchecked.database)
    assert [words("en").say(found.sentence) for found in report.problems] == []
    assert rebuild(unchecked.database, dry_run=True).differing == 0


def made(world: World) -> list[Mail]:
    """Return the mails with a checkpoint, as they stand."""
    return [mail for mail in world.mails() if mail.notice == "checkpoint"]


def taken(world: World) -> list[int]:
    """Return of how many events each checkpoint is that was recorded."""
    facts = (event.fact for event in world.events())
    return [fact.size for fact in facts if isinstance(fact, CheckpointTaken)]


def note(world: World) -> None:
    """Let something happen."""
    number = len(world.events())
    actors.add_actor(
        world.desk(), name="Bo", email="bo@example.org", account=f"uid:{number}", role="coach"
    )


def state(world: World) -> dict[str, object]:
    """Return what the heartbeat of the inspection says."""
    with world.database.reading() as connection:
        return inspections.last(connection)


def test_the_first_round_from_eight_on_mails_one_to_each(
    world: World, relay: RecordingNotifier
) -> None:
    """It is recorded first, and leaves in the same round; later rounds find nothing to do."""
    size = len(world.events())
    assert world.tick_at(at(MONDAY, 7, 59)).checkpoints == 0
    tally = world.tick_at(at(MONDAY, 8))
    assert (tally.checkpoints, tally.sent, tally.broken) == (2, 2, False)
    for minute in (1, 30, 59):
        assert world.tick_at(at(MONDAY, 8, minute)).checkpoints == 0
    assert relay.to() == [OUTSIDE, BOARD]
    assert taken(world) == [size]
    kinds = [(event.stream, type(event.fact).__name__) for event in world.events()[size:]]
    assert kinds == [
        (LOG, "CheckpointTaken"),
        *[(PEOPLE, kind) for kind in ("MailQueued", "MailQueued", "MailSent", "MailSent")],
    ]


def test_what_arrives_is_the_checkpoint_that_was_recorded(
    world: World, relay: RecordingNotifier, tmp_path: Path
) -> None:
    """Saved as a file it agrees with the log, also once more happened."""
    world.tick_at(at(MONDAY, 8))
    file = tmp_path / "mail.eml"
    file.write_bytes(relay.letters[0][1].mime)
    kept = kept_in(str(file)).witness
    note(world)
    report = verify(world.database, witnesses=[kept])
    assert report.ok
    assert report.witnessed == (kept,)
    (root,) = (e.fact.root for e in world.events() if isinstance(e.fact, CheckpointTaken))
    assert (kept.size, kept.root) == (taken(world)[0], root)


def test_its_own_facts_make_no_new_one(world: World, relay: RecordingNotifier) -> None:
    """Those of a mail that was put off, and went at the second try, neither."""
    relay.answer(fakes.LATER)
    for minute in (0, 30):
        world.tick_at(at(MONDAY, 8, minute))
    for day in range(1, 5):
        world.tick_at(at(MONDAY + timedelta(days=day), 8))
    assert [mail.status for mail in made(world)] == ["sent", "sent"]
    assert len(taken(world)) == 1


def test_each_working_day_on_which_something_happened_has_its_own(world: World) -> None:
    """A weekend has none; what happened in it is in that of Monday."""
    days = []
    for number in (0, 1, 4, 5, 6, 7):
        world.now = at(MONDAY + timedelta(days=number), 7)
        note(world)
        if world.tick_at(at(MONDAY + timedelta(days=number), 9)).checkpoints:
            days.append(number)
    assert days == [0, 1, 4, 7]


def test_a_quiet_log_gives_a_sign_of_life_once_a_week(
    world: World, relay: RecordingNotifier
) -> None:
    """The mail says that nothing happened; never more than seven days lie between two."""
    days = [
        MONDAY + timedelta(days=number)
        for number in range(24)
        if world.tick_at(at(MONDAY + timedelta(days=number), 9)).checkpoints
    ]
    gaps = {(later - day).days for day, later in pairwise(days)}
    assert max(gaps) == 7
    assert min(gaps) > 3, "where a holiday follows"
    first, second = (relay.letters[n][1].mime.decode() for n in (0, 2))
    assert "teken van leven" not in first
    assert "teken van leven" in second


def test_a_holiday_of_more_than_a_week_begins_with_a_sign_of_life(world: World) -> None:
    """Nobody outside has to wonder for longer than a week, as far as it is in our hands."""
    closed = frozenset(MONDAY + timedelta(days=n) for n in range(5, 15))
    world.calendar = replace(world.calendar, closing_days=closed)
    days = [
        number
        for number in (0, 1, 3, 4, 5, 14, 15, 16)
        if world.tick_at(at(MONDAY + timedelta(days=number), 9)).checkpoints
    ]
    assert days == [0, 4, 15]


def test_no_address_stands_in_an_event(world: World) -> None:
    """Nor in a detail: who keeps them are numbers; the outbox alone knows where it goes."""
    world.tick_at(at(MONDAY, 8))
    with world.database.reading() as connection:
        bodies = "".join(connection.execute(text("SELECT body FROM events")).scalars())
        details = connection.execute(text("SELECT value FROM details")).scalars()
        beats = connection.execute(text("SELECT state FROM heartbeat")).scalars()
        told = bodies + "".join(filter(None, details)) + "".join(beats)
    assert OUTSIDE not in told
    assert [mail.envelope_to for mail in made(world)] == [OUTSIDE, BOARD]
    facts = [e.fact for e in world.events() if isinstance(e.fact, MailQueued)]
    assert [fact.person for fact in facts] == ["witness:1", "witness:2"]
    history = [one.text for one in tell(world.database, words("en"), lambda n: by_nis(n).name)]
    assert history[-2:] == [
        "mail to auditor 1 (checkpoint): sent",
        "mail to auditor 2 (checkpoint): sent",
    ]


def test_who_is_enrolled_reads_it_by_name_and_in_their_language(world: World) -> None:
    """An erasure of theirs reaches those mails; that of who answers does as well."""
    els = actors.add_actor(
        world.desk(),
        name="Els Wit",
        email="Els@example.com",
        account="uid:78",
        role="auditor",
        lang="en",
    )
    world.keepers = replace(KEEPERS, addresses=("els@example.com",))
    world.tick_at(at(MONDAY, 8))
    (mail,) = made(world)
    assert (mail.person, mail.envelope_to) == (f"actor:{els.id}", "els@example.com")
    assert b"Dear Els" in (mail.mime or b"")
    (fact,) = (e.fact for e in world.events() if isinstance(e.fact, MailQueued))
    assert fact.named == ("actor:1", f"actor:{els.id}")


def test_who_is_a_contact_is_named_so_that_an_erasure_reaches_the_mail(world: World) -> None:
    """Whatever else they are."""
    world.start()
    world.keepers = replace(KEEPERS, addresses=("jo@example.org",))
    world.tick_at(at(MONDAY, 8))
    (fact,) = (e.fact for e in world.events() if getattr(e.fact, "notice", "") == "checkpoint")
    assert isinstance(fact, MailQueued)
    (jo,) = (key for key in fact.named if key.startswith("contact:"))
    with world.database.reading() as connection:
        email = connection.execute(
            text("SELECT email FROM contacts WHERE id = :id"), {"id": int(jo.split(":")[1])}
        ).scalar()
    assert email == "jo@example.org"


def test_an_address_that_is_named_later_gets_the_next_day(world: World) -> None:
    """Though nothing happened; all get the same."""
    world.tick_at(at(MONDAY, 8))
    world.keepers = replace(KEEPERS, addresses=(*KEEPERS.addresses, "third@example.org"))
    assert world.tick_at(at(MONDAY, 9)).checkpoints == 0
    assert world.tick_at(at(MONDAY + timedelta(days=1), 8)).checkpoints == 3
    assert world.tick_at(at(MONDAY + timedelta(days=2), 8)).checkpoints == 0


def test_an_address_that_is_taken_away_gets_nothing_any_more(
    world: World, relay: RecordingNotifier
) -> None:
    """What waits for it is cancelled; the other one gets one, however it moved in the list."""
    relay.answer(fakes.UNWELL)
    world.tick_at(at(MONDAY, 8))
    relay.take()
    world.keepers = replace(KEEPERS, addresses=(BOARD,))
    world.tick_at(at(MONDAY, 9))
    world.tick_at(at(MONDAY, 9, 1))
    assert [(mail.envelope_to, mail.status) for mail in made(world)] == [
        (OUTSIDE, "cancelled"), (BOARD, "cancelled"), (BOARD, "sent"),
    ]  # fmt: skip
    assert relay.to() == [BOARD]


def test_all_addresses_taken_away_end_it(world: World, relay: RecordingNotifier) -> None:
    """Nothing is checked, nothing leaves, and what a person held is cleared."""
    relay.answer(fakes.UNWELL)
    world.tick_at(at(MONDAY, 8))
    waiting = [mail for mail in made(world) if mail.status == "queued"]
    mail_desk.hold(world.desk(), world.post(), number=waiting[0].id)
    world.keepers = Keepers()
    for day in range(3):
        world.tick_at(at(MONDAY + timedelta(days=day), 10))
    assert {mail.status for mail in made(world)} == {"cancelled"}
    reasons = {e.fact.reason for e in world.events() if isinstance(e.fact, MailCancelled)}
    assert reasons <= {"released", "late"}
    assert len(taken(world)) == 1


def test_one_that_missed_its_day_is_made_anew_the_next(
    world: World, relay: RecordingNotifier
) -> None:
    """Of the log as it is by then, though nothing happened but that."""
    relay.answer(*[fakes.UNWELL] * 40)
    for hour in range(8, 18):
        world.tick_at(at(MONDAY, hour))
    assert {mail.status for mail in made(world)} <= {"queued", "cancelled"}
    relay._answers.clear()
    world.tick_at(at(MONDAY + timedelta(days=1), 8))
    world.tick_at(at(MONDAY + timedelta(days=1), 8, 30))
    assert [mail.status for mail in made(world)] == ["cancelled"] * 2 + ["sent"] * 2


def test_a_dead_one_is_not_made_again_each_day(world: World, relay: RecordingNotifier) -> None:
    """A person hears of it, and may try it again that day; an address that is gone stays gone."""
    relay.answer(fakes.REFUSED)
    world.tick_at(at(MONDAY, 8))
    dead = made(world)[0]
    assert dead.status == "dead"
    mail_desk.retry(world.desk(), dead.id)
    world.tick_at(at(MONDAY, 9))
    assert [mail.status for mail in made(world)] == ["sent", "sent"]


def tamper(database: Database, position: int) -> None:
    """Change the bytes of an event, as only who owns the tables can, and put the triggers back."""
    with database.writing() as connection:
        lift(connection, database, on=False)
        connection.execute(
            text("UPDATE events SET body = replace(body, '2027', '2026') WHERE position = :at"),
            {"at": position},
        )
        lift(connection, database, on=True)


def lift(connection: object, database: Database, *, on: bool) -> None:
    """Take the triggers on events away, or put them back."""
    run = connection.exec_driver_sql  # type: ignore[attr-defined]
    if database.is_postgres:
        run(f"ALTER TABLE events {'ENABLE' if on else 'DISABLE'} TRIGGER USER")
        return
    if not on:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'"
        _LIFTED[:] = run(query).all()
    for name, sql in _LIFTED:
        run(sql if on else f"DROP TRIGGER {name}")


_LIFTED: list[tuple[str, str]] = []


def test_what_does_not_verify_gets_no_checkpoint_and_is_tried_once_a_day(
    unchecked: World, relay: RecordingNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All other mail goes on; a person who finds all in order lets the next round try again."""
    world, tries = unchecked, []

    def counted(*of: object, **more: object) -> object:
        tries.append(of)
        return take(*of, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(inspecting, "take", counted)
    world.tick_at(at(MONDAY, 8))
    tamper(world.database, 2)
    day = MONDAY + timedelta(days=1)
    tallies = [world.tick_at(at(day, 8, minute)) for minute in (0, 1, 2)]
    assert [tally.broken for tally in tallies] == [True, False, False]
    assert len(tries) == 2
    found = inspections.standing(world.database)
    assert found is not None
    assert (found[0], found[1]["outcome"]) == (at(day, 8), "broken")
    assert isinstance(found[1]["problems"], int)
    assert relay.to() == [OUTSIDE, BOARD], "those of Monday"
    assert len(taken(world)) == 1
    world.tick_at(at(day + timedelta(days=1), 8))
    assert len(tries) == 3
    inspections.clear(world.database, world.now)
    assert inspections.standing(world.database) is None
    world.tick_at(at(day + timedelta(days=1), 9))
    assert len(tries) == 4, "found wrong again"
    assert inspections.standing(world.database) is not None


def test_what_cannot_be_checked_is_told_and_stops_no_mail(
    world: World, relay: RecordingNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong there."""

    def breaks(*_: object, **__: object) -> Report:
        raise ValueError("no")

    monkeypatch.setattr(inspecting, "take", breaks)
    tally = world.tick_at(at(MONDAY, 8))
    assert (tally.broken, tally.checkpoints) == (True, 0)
    found = inspections.standing(world.database)
    assert found is not None
    assert found[1]["outcome"] == "failed"
    monkeypatch.undo()
    assert world.tick_at(at(MONDAY, 9)).broken is False, "not before the next day"
    assert world.tick_at(at(MONDAY + timedelta(days=1), 8)).checkpoints == 2
    assert inspections.standing(world.database) is None


def test_while_others_go_on_writing_the_next_round_tries_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wrong then, and nothing is said."""

    def busy(*_: object, **__: object) -> Report:
        raise Conflict("others wrote")

    monkeypatch.setattr(inspecting, "take", busy)
    assert world.tick_at(at(MONDAY, 8)).broken is False
    monkeypatch.undo()
    assert world.tick_at(at(MONDAY, 8, 1)).checkpoints == 2


def test_a_crash_after_it_was_taken_neither_loses_nor_doubles_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the heartbeat, and between two mails."""

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(inspections, "note", dies)
        with pytest.raises(KeyboardInterrupt):
            world.tick_at(at(MONDAY, 8))
    assert (len(taken(world)), made(world)) == (1, [])
    with monkeypatch.context() as patched:
        patched.setattr(inspecting, "make", dies)
        with pytest.raises(KeyboardInterrupt):
            world.tick_at(at(MONDAY, 8, 1))
    world.tick_at(at(MONDAY, 8, 2))
    world.tick_at(at(MONDAY, 8, 3))
    assert (len(taken(world)), len(made(world))) == (1, 2)


def test_one_that_a_person_took_is_not_recorded_twice(world: World) -> None:
    """`traject checkpoint` a moment before the round: its size is one more."""
    took = take(world.database, "example.org", world.now, stamp=Stamp(1, MONDAY))
    world.tick_at(at(MONDAY, 8))
    assert len(taken(world)) == 1
    assert took.position is not None
    assert state(world)["size"] == took.position
    assert world.tick_at(at(MONDAY + timedelta(days=1), 8)).checkpoints == 0


def test_a_queue_that_is_held_has_nothing_checked(world: World) -> None:
    """A person looks first; then the round does."""
    world.start()
    world.limits = Limits(at_once=1)
    world.now = at(MONDAY, 7)
    people.note(world.desk(), "2027-001", "something")
    assert world.tick_at(at(MONDAY, 8)).held
    assert made(world) == []
    mail_desk.wake_queue(world.desk(), allowed=9)
    assert world.tick_at(at(MONDAY, 8, 30)).checkpoints == 2


def test_the_heartbeat_says_what_was_mailed_and_nothing_of_anybody(world: World) -> None:
    """It is what the next day compares with."""
    world.tick_at(at(MONDAY, 8))
    assert state(world)["mailed"] == {"day": "2027-03-08", "size": taken(world)[0]}
    assert json.dumps(state(world)).count("@") == 0
