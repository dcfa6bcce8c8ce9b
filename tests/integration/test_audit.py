"""verify and rebuild over both databases: an honest log is in order, each tampering is named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from engine.audit import Report, Witness, rebuild, verify
from engine.domain.codec import encode
from engine.domain.errors import LedgerBroken
from engine.domain.events import Detail, DetailsErased, ErasedDetail
from engine.domain.ledger import Frontier, canonical, leaf
from engine.language import words
from engine.service import criteria, moving, people, starting
from engine.service.desk import Terms
from engine.store import outbox
from engine.store import tables as t
from engine.store.appending import Appender, Draft
from engine.store.database import Database
from engine.store.history import NewerEvent
from engine.store.reading import last_event
from engine.store.trigger_texts import POSTGRES_TRIGGERS, SQLITE_TRIGGERS
from engine.store.triggers import GUARDED, create_triggers
from tests.fakes import LATER, REFUSED, SENT, UNCLEAR, RecordingNotifier
from tests.stories import Story
from tests.world import GENT, MERELBEKE_MELLE, World

pytestmark = pytest.mark.above_the_store

WAIVER = "checked last year, and the agreement still runs"
Tampering = Callable[[Connection], object]


@pytest.fixture
def world(after: Callable[[Story], World]) -> World:
    """A log in which most kinds of things happened."""
    return after(played)


def played(world: World) -> World:
    """Play a short story with mails, a waiver, a pause, a slip and a second trajectory."""
    ref = world.start(places=(GENT, MERELBEKE_MELLE))
    desk = world.desk()
    criteria.meet(desk, ref, ["sponsor_known"], municipality=GENT, note="by phone")
    criteria.ask(desk, ref, ["sponsor_known"], Terms(mail=False))
    criteria.waive(desk, ref, ["scope_confirmed"], reason=WAIVER)
    relay = world.notifier
    assert isinstance(relay, RecordingNotifier)
    relay.answer(SENT, LATER, UNCLEAR, REFUSED)
    world.tick()
    world.now += timedelta(minutes=31)
    world.tick()
    world.advance(ref)
    moving.reschedule(world.desk(), ref, date(2027, 6, 1), reason="more time was needed")
    people.note(world.desk(), ref, "the next step was discussed")
    moving.pause(world.desk(), ref, reason="other", until=date(2027, 4, 1))
    world.start("monitoren_evalueren")
    return world


def tampered(world: World, tampering: Tampering) -> Report:
    """Return what verify finds after somebody with the owner's rights changed something."""
    with world.database.writing() as connection:
        _drop_triggers(connection, postgres=world.database.is_postgres)
        tampering(connection)
        create_triggers(connection, *GUARDED)
    return verify(world.database)


def _drop_triggers(connection: Connection, *, postgres: bool) -> None:
    if postgres:
        for name, (table, *_) in POSTGRES_TRIGGERS.items():
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
    else:
        for name in SQLITE_TRIGGERS:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))


def said(report: Report) -> list[str]:
    """Return the problems in English, each after its position."""
    english = words("en")
    return [f"{found.position} {english.say(found.sentence)}" for found in report.problems]


def rows(world: World, table: Any) -> list[dict[str, Any]]:
    """Return all rows of a table in the order of its key."""
    with world.database.reading() as connection:
        found = connection.execute(select(table).order_by(*table.primary_key))
        return [dict(row) for row in found.mappings()]


def positions(world: World, kind: str) -> list[int]:
    """Return where the events of a type stand."""
    return [row["position"] for row in rows(world, t.events) if row["type"] == kind]


def present_state(world: World) -> dict[str, list[dict[str, Any]]]:
    """Return all projections."""
    return {table.name: rows(world, table) for table in t.PROJECTIONS}


def append(connection: Connection, draft: Draft) -> int:
    """Append an event as a writer of another version would; return its position."""
    appender = Appender(connection, World.now)
    last = last_event(connection, draft.stream)
    seq, prev = (last.seq + 1, last.hash) if last else (1, None)
    draft = replace(draft, occurred_on=World.now.date(), actor={"id": 0})
    stored = appender.append(draft, seq=seq, prev=prev)
    appender.flush()
    return stored.position


def erase(connection: Connection, *pairs: tuple[int, str], mails: Sequence[int] = ()) -> int:
    """Empty these details and mails, and say so with an event; return its position."""
    for position, name in pairs:
        where = (t.details.c.position == position) & (t.details.c.field == name)
        connection.execute(update(t.details).where(where).values(salt=None, value=None))
    gone: dict[str, Any] = {"mime": None, "subject": None}
    connection.execute(update(t.mails).where(t.mails.c.id.in_(mails)).values(gone))
    fact = DetailsErased(tuple(ErasedDetail(*one) for one in pairs), "", tuple(mails))
    return append(connection, Draft("log", "DetailsErased", encode(fact)))


# --- an honest log --------------------------------------------------------------------------


def test_an_honest_log_is_in_order(world: World) -> None:
    """Counts, size and root are those of the ledger, and nothing is remarked."""
    report = verify(world.database)
    assert (said(report), report.remarks) == ([], ())
    assert report.ok
    assert report.events == report.size == len(rows(world, t.events))
    assert report.trajectories == 2
    with world.database.reading() as connection:
        (size, frontier) = connection.execute(select(t.head.c.size, t.head.c.frontier)).one()
    assert report.root == Frontier.from_bytes(size, frontier).root().hex()


def test_an_empty_database_is_in_order(database: Database) -> None:
    """Nothing was written, nothing is missing."""
    report = verify(database)
    assert (report.ok, report.events, report.size) == (True, 0, 0)


def test_chunks_and_batches_change_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log longer than a chunk is checked as one."""
    whole = verify(world.database)
    monkeypatch.setattr("engine.store.snapshot.CHUNK", 7)
    monkeypatch.setattr("engine.audit.walk.CHUNK", 7)
    monkeypatch.setattr("engine.audit.replay.BATCH", 1)
    monkeypatch.setattr("engine.audit.posted.BATCH", 1)
    seen: list[int] = []
    assert verify(world.database, progress=seen.append) == whole
    assert len(seen) > 3
    assert seen[-1] == whole.size


def test_a_log_that_grows_meanwhile_is_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers are not held up, and what they write while it is checked is no drift."""
    monkeypatch.setattr("engine.store.snapshot.CHUNK", 5)
    monkeypatch.setattr("engine.audit.walk.CHUNK", 5)
    monkeypatch.setattr("engine.audit.replay.BATCH", 1)
    done = threading.Event()

    def write() -> None:
        for number in range(25):
            people.note(world.desk(), "2027-001", f"note number {number}")
        done.set()

    writer = threading.Thread(target=write)
    before = verify(world.database).size
    writer.start()
    found = []
    while not done.is_set():
        found += said(verify(world.database))
    writer.join()
    assert found == []
    assert verify(world.database).size == before + 25


def test_a_clock_that_went_back_is_a_remark(world: World) -> None:
    """Position alone orders; the clock is only reported."""
    world.now -= timedelta(hours=2)
    people.note(world.desk(), "2027-001", "written on a machine whose clock is slow")
    report = verify(world.database)
    assert report.ok
    assert [remark.position for remark in report.remarks] == [report.size]


@pytest.mark.parametrize(("seconds", "remarks"), [(1, 0), (15, 0), (16, 1)])
def test_commands_that_waited_for_their_turn_are_no_clock_that_went_back(
    world: World, seconds: int, remarks: int
) -> None:
    """A command reads its now, and others write while it waits for the lock."""
    world.now -= timedelta(seconds=seconds)
    people.note(world.desk(), "2027-001", "written by a command that waited")
    assert len(verify(world.database).remarks) == remarks


def test_a_detail_that_no_event_erased_is_a_problem(world: World) -> None:
    """Salt and value may only go together with an event that says so, of which there is none."""
    with world.database.writing() as connection:
        contact = (t.details.c.subject == "contact:1",)
        connection.execute(update(t.details).where(*contact).values(salt=None, value=None))
        erased: dict[str, Any] = {"name": None, "email": None, "organisation": None}
        connection.execute(update(t.contacts).where(t.contacts.c.id == 1).values(erased))
    added, reply = (positions(world, kind)[0] for kind in ("ContactAdded", "MailSent"))
    assert said(verify(world.database)) == [
        f"{place} event {place}: its {field} was erased without an event that says so"
        for place, field in (
            (added, "mail address"),
            (added, "name"),
            (reply, "answer of the mail server"),
        )
    ]


def test_a_control_number_of_an_old_mail_is_recognised(world: World) -> None:
    """The history still begins as it did when the number was noted, or it does not."""
    old = verify(world.database)
    people.note(world.desk(), "2027-001", "one more")
    assert verify(world.database, witnesses=[Witness(old.size, old.root[:12].upper())]).ok
    wrong = verify(world.database, witnesses=[Witness(old.size - 1, old.root)])
    assert "are not those of the control number given" in said(wrong)[0]
    ahead = verify(world.database, witnesses=[Witness(old.size + 5, old.root)])
    assert f"is that of {old.size + 5} events; there are {old.size + 1}" in said(ahead)[0]


# --- tampering with the ledger --------------------------------------------------------------


def _first(connection: Connection, kind: str) -> Any:
    found = connection.execute(
        select(t.events).where(t.events.c.type == kind).order_by(t.events.c.position).limit(1)
    )
    return found.one()


def _set_event(connection: Connection, position: int, **values: Any) -> None:
    connection.execute(update(t.events).where(t.events.c.position == position).values(**values))


def test_changed_bytes_are_found(world: World) -> None:
    """Whoever changes what an event says without its hash is found at that event."""

    def tampering(connection: Connection) -> None:
        event = _first(connection, "Paused")
        _set_event(connection, event.position, body=event.body.replace('"other"', '"merger"'))
        assert event.body.count('"other"') == 1

    (first, *others) = said(tampered(world, tampering))
    assert first.endswith("its bytes are not those that were hashed")
    assert any("the control number is not that of these events" in one for one in others)
    assert any("table trajectories" in one and "reason is other" in one for one in others)


def test_changed_bytes_with_a_new_hash_are_found(world: World) -> None:
    """The next event of the stream does not continue the forged one, and the root differs."""

    def tampering(connection: Connection) -> None:
        event = _first(connection, "CriterionWaived")
        body = event.body.replace("scope_confirmed", "agreement_noted")
        _set_event(connection, event.position, body=body, hash=leaf(body.encode()))

    found = said(tampered(world, tampering))
    assert "it does not continue the one before it" in found[0]
    assert any("the control number" in one for one in found)


def test_another_form_of_the_same_value_is_found(world: World) -> None:
    """A body has one form only: a blank more is not canonical."""

    def tampering(connection: Connection) -> None:
        event = _first(connection, "NoteAdded")
        body = event.body.replace(":", ": ", 1)
        _set_event(connection, event.position, body=body, hash=leaf(body.encode()))

    assert "is not in canonical form" in said(tampered(world, tampering))[0]


@pytest.mark.parametrize("body", ["not JSON", "[1]", '"text"', "{}", '{"v":1}', "[" * 5000])
def test_a_body_that_is_none_is_found(world: World, body: str) -> None:
    """Whatever stands there, verify answers and names the event."""

    def tampering(connection: Connection) -> None:
        position = _first(connection, "DeadlineMoved").position
        _set_event(connection, position, body=body, hash=leaf(body.encode()))
        place.append(position)

    place: list[int] = []
    report = tampered(world, tampering)
    assert not report.ok
    assert report.problems[0].position == place[0]
    assert any("cannot follow from the events before it" in one for one in said(report))


@pytest.mark.parametrize(
    ("column", "value"),
    [("type", "NoteAdded"), ("stream", "log"), ("seq", 77), ("prev", b"\x01" * 32)],
)
def test_a_column_that_differs_from_the_body_is_found(
    world: World, column: str, value: object
) -> None:
    """The columns are copies of what was hashed."""

    def tampering(connection: Connection) -> None:
        position = _first(connection, "DeadlineMoved").position
        _set_event(connection, position, **{column: value})
        place.append(position)

    place: list[int] = []
    found = said(tampered(world, tampering))
    expected = f"{place[0]} event {place[0]}: column {column} is not what its body says"
    assert expected in found


def test_a_missing_event_is_found(world: World) -> None:
    """Positions have no gap, and neither have streams."""

    def tampering(connection: Connection) -> None:
        position = _first(connection, "Paused").position
        connection.execute(delete(t.events).where(t.events.c.position == position))
        place.append(position)

    place: list[int] = []
    found = said(tampered(world, tampering))
    assert found[0] == f"{place[0]} event {place[0]} is missing"


def test_a_lost_tail_is_found(world: World) -> None:
    """The head says how many events there were."""

    def tampering(connection: Connection) -> None:
        connection.execute(delete(t.details).where(t.details.c.position > 20))
        connection.execute(delete(t.events).where(t.events.c.position > 20))

    report = tampered(world, tampering)
    assert any("the ledger ends at event 20, its head says" in one for one in said(report))
    assert report.size == 20


def test_a_lost_tail_with_its_head_leaves_the_projections_behind(world: World) -> None:
    """Even then the present state knows more than the history."""

    def tampering(connection: Connection) -> None:
        connection.execute(delete(t.details).where(t.details.c.position > 20))
        connection.execute(delete(t.events).where(t.events.c.position > 20))
        frontier = Frontier()
        for (hash_,) in connection.execute(select(t.events.c.hash).order_by(t.events.c.position)):
            frontier = frontier.append(hash_)
        connection.execute(update(t.head).values(size=20, frontier=frontier.to_bytes()))

    found = said(tampered(world, tampering))
    assert any("table trajectories" in one for one in found)
    assert not any("control number" in one for one in found)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (delete(t.head), "has lost its head"),
        (update(t.head).values(frontier=b"\x00" * 7), "has lost its head"),
        (update(t.head).values(size=t.head.c.size + 8), "has lost its head|its head says"),
    ],
)
def test_a_damaged_head_is_found(world: World, damage: Any, expected: str) -> None:
    """The head is no truth of its own: the events are."""
    found = said(tampered(world, lambda connection: connection.execute(damage)))
    assert any(choice in one for one in found for choice in expected.split("|"))


NOTE = t.details.c.field == "text"
DETAILS = [
    (update(t.details).where(NOTE).values(value="something else"), "is not the one that was"),
    (update(t.details).where(NOTE).values(salt=b"\x00" * 32), "is not the one that was committed"),
    (update(t.details).where(NOTE).values(salt=None), "is not the one that was committed to"),
    (delete(t.details).where(NOTE), "its text is missing"),
    (
        update(t.details).where(NOTE).values(subject="contact:1"),
        "its text is kept as that of contact:1, not nobody",
    ),
    (
        update(t.details).where(t.details.c.subject == "contact:1").values(subject="contact:2"),
        "its name is kept as that of contact:2, not contact:1",
    ),
    (
        update(t.details).where(t.details.c.subject == "contact:1").values(subject=None),
        "its mail address is kept as that of nobody, not contact:1",
    ),
    (update(t.details).where(NOTE).values(field="words"), "nobody committed to its words"),
    (
        insert(t.details).values(position=3, field="extra", salt=b"\x00", value="added"),
        "3 event 3: nobody committed to its extra",
    ),
    (
        insert(t.details).values(position=9999, field="extra", salt=b"\x00", value="added"),
        "9999 there are details of event 9999, which is not there",
    ),
]


@pytest.mark.parametrize(("damage", "expected"), DETAILS)
def test_a_tampered_detail_is_found(world: World, damage: Any, expected: str) -> None:
    """Details open their commitments, all of them, and nothing else."""
    found = said(tampered(world, lambda connection: connection.execute(damage)))
    assert any(expected in one for one in found), found


VERSIONS = [
    (
        update(t.workflow_versions).values(document=t.workflow_versions.c.document + " "),
        "its document was changed",
    ),
    (delete(t.workflow_versions), "its document is missing"),
    (
        update(t.workflow_versions)
        .where(t.workflow_versions.c.category == "reactiveren")
        .values(version=7),
        "it has another number",
    ),
    (
        insert(t.workflow_versions).values(
            digest="cd" * 32, category="x", version=1, document="{}"
        ),
        "no event published it",
    ),
]


@pytest.mark.parametrize(("damage", "expected"), VERSIONS)
def test_a_tampered_workflow_is_found(world: World, damage: Any, expected: str) -> None:
    """A workflow version is what its digest says, and was published."""
    found = said(tampered(world, lambda connection: connection.execute(damage)))
    assert any(expected in one for one in found), found


def test_a_workflow_that_was_not_published_before_its_use_is_found(world: World) -> None:
    """An event names the version it was decided under."""
    with world.database.writing() as connection:
        append(connection, Draft("log", "LogOpened", {"log": "x", "clock": "real"}, workflow="ee"))
    assert any("was not published before" in one for one in said(verify(world.database)))


# --- tampering with what stands beside the ledger -------------------------------------------


PROJECTIONS = [
    (update(t.trajectories).values(status="completed"), "table trajectories", "status is"),
    (update(t.municipalities).values(rank=5), "table municipalities", "rank is 5"),
    (update(t.criteria).values(state="met"), "table criteria", "state is met"),
    (update(t.deadlines).values(due_on=date(2030, 1, 1)), "table deadlines", "due_on is 2030"),
    (update(t.reminders).values(state="fired"), "table reminders", "state is fired"),
    (update(t.assignments).values(from_on=date(2020, 1, 1)), "table assignments", "from_on is"),
    (update(t.contacts).values(email="x@example.org"), "table contacts", "email is x@example"),
    (update(t.actors).values(role="lead"), "table actors", "role is lead"),
    (delete(t.trajectories), "table trajectories", "is missing"),
    (delete(t.reminders), "table reminders", "is missing"),
    (delete(t.actors), "table actors", "is missing"),
    (
        insert(t.municipalities).values(
            trajectory="elsewhere", nis=GENT, rank=0, joined_on=date(2027, 1, 1)
        ),
        "table municipalities",
        "no event speaks of elsewhere",
    ),
    (
        insert(t.contacts).values(id=99, name="X", email="x@example.org", lang="nl"),
        "table contacts",
        "no event made the row 99",
    ),
]


@pytest.mark.parametrize(("damage", "table", "expected"), PROJECTIONS)
def test_a_projection_that_drifted_is_named_and_rebuilt(
    world: World, damage: Any, table: str, expected: str
) -> None:
    """By table, row and field; a rebuild makes it good again."""
    before = present_state(world)
    with world.database.writing() as connection:
        connection.execute(damage)
    found = said(verify(world.database))
    assert any(table in one and expected in one for one in found), found
    assert rebuild(world.database).differing > 0
    assert said(verify(world.database)) == []
    assert present_state(world) == before


MAIL = t.mails.c.id == 1
EARLY, LATE = datetime(2001, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
MAILS = [
    (update(t.mails).where(MAIL).values(status="held"), "it is held, its events say sent"),
    (update(t.mails).where(MAIL).values(sent_at=None), "sent_at is None, its events say 2027-"),
    (update(t.mails).where(MAIL).values(entry=77), "entry is 77, its events say "),
    (update(t.mails).where(MAIL).values(attempts=99), "attempts is 99, its events say 0"),
    (update(t.mails).where(MAIL).values(uncertain=3), "uncertain is 3, its events say 0"),
    (update(t.mails).where(MAIL).values(not_before=LATE), "not_before is 2099-01-01"),
    (update(t.mails).where(MAIL).values(next_at=LATE), "next_at is 2099-01-01"),
    (update(t.mails).where(MAIL).values(next_at=EARLY), "next_at is 2001-01-01"),
    (update(t.mails).where(MAIL).values(last_code=550), "last_code is 550, its events say 250"),
    (update(t.mails).where(MAIL).values(last_text="no"), "last_text is no, its events say "),
    (update(t.mails).where(MAIL).values(mime=b"changed"), "its contents were changed"),
    (update(t.mails).where(MAIL).values(message_id="<x@y>"), "not the one that was queued"),
    (update(t.mails).where(MAIL).values(sha256="00" * 32), "not the one that was queued"),
    (update(t.mails).where(MAIL).values(person="actor:1"), "person is actor:1, its events say"),
    (update(t.mails).where(MAIL).values(notice="done"), "notice is done, its events say start"),
    (update(t.mails).where(MAIL).values(reminder="x"), "reminder is x, its events say"),
    (update(t.mails).where(MAIL).values(trajectory="y"), "trajectory is y, its events say"),
    (update(t.mails).where(MAIL).values(subject="Spoed"), "subject is not what its contents say"),
    (update(t.mails).where(MAIL).values(subject=None), "subject is not what its contents say"),
    (
        update(t.mails).where(MAIL).values(recipient="Jan Smet <jo@example.org>"),
        "recipient is not what its contents say",
    ),
    (
        update(t.mails).where(MAIL).values(envelope_to="x@example.org"),
        "envelope_to is not what its contents say",
    ),
    (
        update(t.mails).where(MAIL).values(envelope_from="x@example.org"),
        "envelope_from is not what its contents say",
    ),
    (
        delete(t.mail_people).where(t.mail_people.c.subject == "actor:1"),
        "it is kept as naming contact:1, its events say actor:1, contact:1",
    ),
    (delete(t.mail_people), "it is kept as naming nobody, its events say actor:1, contact:1"),
    (
        update(t.mail_people).where(t.mail_people.c.mail == 1).values(mail=77),
        "mail 77: no event speaks of it",
    ),
    (delete(t.mails).where(MAIL), "mail 1 is missing"),
    (update(t.mails).where(MAIL).values(id=77), "mail 77: no event speaks of it"),
]


@pytest.mark.parametrize(("damage", "expected"), MAILS)
def test_a_tampered_mail_is_found(world: World, damage: Any, expected: str) -> None:
    """The outbox is what the events say of it."""
    found = said(tampered(world, lambda connection: connection.execute(damage)))
    assert any(expected in one for one in found), found


CONTACTS = ("contact:1", "contact:2", "contact:3", "contact:4")


def test_whom_a_mail_names_is_told_once_and_by_key(world: World) -> None:
    """The event that freezes a mail says it; the one of another try leaves it out."""
    told: dict[int, list[dict[str, Any]]] = {}
    for row in rows(world, t.events):
        if row["type"] == "MailQueued":
            data = json.loads(row["body"])["data"]
            told.setdefault(data["mail"], []).append(data)
    for first, *retries in told.values():
        assert {"actor:1", first["person"]} <= set(first["named"]) <= {"actor:1", *CONTACTS}
        assert first["notice"]
        assert all({"person", "notice", "named"}.isdisjoint(retry) for retry in retries)
    assert any(retries for _, *retries in told.values())


def test_headers_that_stand_encoded_are_compared_in_characters(world: World) -> None:
    """Accents, quotes and names longer than a line are what the outbox says too."""
    involved = [
        starting.Involved("coordinator", "Zoë “O'Neill” (stad), dienst", "zoe@example.org"),
        starting.Involved("mayor", "A very long name " * 6 + "end", "rita@example.org", GENT),
    ]
    ref = world.start("opstarten", involved=involved)
    world.tick_at(world.now + timedelta(minutes=31))
    with world.database.reading() as connection:
        id_ = world.trajectory(ref).id
        mails = outbox.mails(connection, trajectory=id_)
    assert any("Zoë" in (mail.recipient or "") for mail in mails)
    assert said(verify(world.database)) == []
    forged = update(t.mails).where(t.mails.c.trajectory == id_).values(recipient="Zoë <z@y.org>")
    found = said(tampered(world, lambda connection: connection.execute(forged)))
    assert len([one for one in found if "recipient is not" in one]) == len(mails)


MISREAD = [
    ("UPDATE trajectories SET entered_on = 'zz'", "entered_on is zz, its events say 2027-"),
    ("UPDATE reminders SET at = 5", "at is 5, its events say 2027-"),
    ("UPDATE actors SET active = 19", "active is 19, its events say True"),
    ("UPDATE contacts SET name = x'ff'", "name is ff, its events say Jo Maes"),
    ("UPDATE deadlines SET steps = x'00'", "steps is 00, its events say"),
    ("UPDATE mails SET mime = 'text' WHERE id = 1", "mail 1: its contents cannot be read"),
    ("UPDATE mails SET subject = x'00' WHERE id = 1", "mail 1: subject is not what its contents"),
    ("UPDATE events SET hash = 'text' WHERE position = 9", "event 9: its bytes are not those"),
    ("UPDATE events SET prev = 'text' WHERE position = 9", "event 9: column prev is not what"),
    ("UPDATE events SET seq = 'text' WHERE position = 9", "event 9: number text of its stream"),
    ("UPDATE details SET salt = 'text' WHERE field = 'text'", "its text is not the one that was"),
    ("UPDATE details SET value = x'00' WHERE field = 'text'", "its text is not the one that was"),
    ("UPDATE workflow_versions SET document = x'00'", "its document was changed"),
    ("UPDATE head SET frontier = 'text'", "the ledger has lost its head"),
]


@pytest.mark.parametrize(("damage", "expected"), MISREAD)
def test_a_value_that_cannot_be_read_is_named(
    sqlite_database: Database, damage: str, expected: str
) -> None:
    """SQLite keeps anything anywhere; verify says where it stands and checks the rest."""
    world = played(World(sqlite_database, RecordingNotifier()))
    found = said(tampered(world, lambda connection: connection.execute(text(damage))))
    assert any(expected in one for one in found), found


def test_a_day_that_python_has_not_is_named_on_either_database(world: World) -> None:
    """PostgreSQL knows an infinite day; a rebuild mends it."""
    damage = text("UPDATE trajectories SET entered_on = 'infinity'")
    with world.database.writing() as connection:
        connection.execute(damage)
    found = said(verify(world.database))
    assert any("entered_on is infinity, its events say 2027-" in one for one in found), found
    assert rebuild(world.database).differing == 2
    assert said(verify(world.database)) == []


def test_missing_triggers_are_a_problem(world: World) -> None:
    """The events may be sound, but somebody took away what keeps them so."""
    with world.database.writing() as connection:
        _drop_triggers(connection, postgres=world.database.is_postgres)
    (told,) = said(verify(world.database))
    assert told.startswith("0 the triggers that guard the history are missing or altered: ")
    assert "events" in told


def test_triggers_that_its_version_had_are_a_problem_before_an_upgrade_too(world: World) -> None:
    """Who sets the version back hides nothing by it; what is new in this one may be missing."""
    with world.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
        table = " ON events" if world.database.is_postgres else ""
        connection.execute(text(f"DROP TRIGGER events_open{table}"))
    report = verify(world.database)
    assert (report.problems, report.remarks, report.left_out) == ((), (), ())
    with world.database.writing() as connection:
        _drop_triggers(connection, postgres=world.database.is_postgres)
    (told,) = said(verify(world.database))
    assert told.startswith("0 the triggers that guard the history are missing or altered: ")
    assert "events_open" not in told


def test_tables_that_cannot_be_compared_are_told(world: World) -> None:
    """Of an earlier version, they lack a column; nobody knows what the others hold."""
    with world.database.altering() as connection:
        connection.execute(text("ALTER TABLE actors DROP COLUMN substitute"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    report = verify(world.database)
    assert (report.ok, report.left_out) == (True, ("actors",))


NARROWER = [
    ("events_no_change", "events", "DELETE", "events", "traject_refuse"),
    ("mails_frozen", "mails", "UPDATE OF id", "mails", "traject_frozen_mail"),
    ("details_no_delete", "details", "DELETE", "heartbeat", "traject_refuse"),
]


@pytest.mark.parametrize(("name", "table", "when", "on", "function"), NARROWER)
def test_a_trigger_that_holds_for_less_is_a_problem(
    postgres_database: Database, name: str, table: str, when: str, *, on: str, function: str
) -> None:
    """Of the same name and function, for other statements, other columns or another table."""
    statements = [
        f"DROP TRIGGER {name} ON {table}",
        f"CREATE TRIGGER {name} BEFORE {when} ON {on} FOR EACH ROW EXECUTE FUNCTION {function}()",
        f"ALTER TABLE {on} ENABLE ALWAYS TRIGGER {name}",
    ]
    with postgres_database.altering() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    (told,) = said(verify(postgres_database))
    assert told == f"0 the triggers that guard the history are missing or altered: {name}"


def test_erased_mail_and_mail_on_its_way_are_in_order(world: World) -> None:
    """Contents may be erased by an event, and a claim is no event of its own."""
    with world.database.writing() as connection:
        mail = connection.execute(select(t.mails.c.id).where(MAIL)).scalar_one()
        erase(connection, mails=[mail])
        waiting = connection.execute(
            select(t.mails.c.id).where(t.mails.c.status.in_(("queued", "uncertain")))
        ).scalars()
        for number in waiting.all():
            connection.execute(
                update(t.mails).where(t.mails.c.id == number).values(status="sending")
            )
    assert said(verify(world.database)) == []


# --- newer events, and the limit of a report ------------------------------------------------


def test_events_of_a_newer_program_leave_the_question_open(world: World) -> None:
    """Neither in order nor broken: this program cannot tell, and says so."""
    with world.database.writing() as connection:
        append(connection, Draft("log", "LogFolded", {}, (Detail("why", "newer"),)))
    with pytest.raises(NewerEvent) as caught:
        verify(world.database)
    assert "LogFolded" in str(caught.value)
    with pytest.raises(NewerEvent):
        rebuild(world.database)
    report = tampered(world, lambda connection: _set_event(connection, 2, body="{}"))
    assert "2 event 2: its bytes" in said(report)[0]


def test_a_report_of_a_wholly_rewritten_log_has_an_end(world: World) -> None:
    """A hundred problems are named, the others counted."""
    for number in range(60):
        people.note(world.desk(), "2027-001", f"note number {number}")
    report = tampered(
        world, lambda connection: connection.execute(update(t.events).values(hash=b"\x01" * 32))
    )
    assert len(report.problems) == 101
    assert report.count > 101
    assert said(report)[-1].endswith("more")


def test_a_body_that_is_no_text_is_no_traceback(sqlite_database: Database) -> None:
    """Bytes that no driver reads as text mean a broken ledger, not a fault in the program."""
    world = played(World(sqlite_database))
    with world.database.writing() as connection:
        _drop_triggers(connection, postgres=False)
        connection.execute(
            text("UPDATE events SET body = CAST(x'7b22ff227d' AS TEXT) WHERE position = 9")
        )
    with pytest.raises(LedgerBroken):
        verify(world.database)


# --- rebuild --------------------------------------------------------------------------------


def test_rebuild_gives_the_same_rows(world: World) -> None:
    """From nothing, and from what stands there; events, details and mails are not touched."""
    before = present_state(world)
    beside = [rows(world, table) for table in (t.events, t.details, t.mails, t.workflow_versions)]
    assert rebuild(world.database).differing == 0
    with world.database.writing() as connection:
        for table in t.PROJECTIONS:
            connection.execute(delete(table))
    made = sum(map(len, before.values()))
    assert rebuild(world.database, dry_run=True).differing == made
    assert present_state(world)["trajectories"] == []
    done = rebuild(world.database)
    assert (done.rows, done.differing, done.trajectories) == (made, made, 2)
    assert present_state(world) == before
    after = [rows(world, table) for table in (t.events, t.details, t.mails, t.workflow_versions)]
    assert after == beside
    assert verify(world.database).ok


def test_work_goes_on_after_a_rebuild(world: World) -> None:
    """The rebuilt state is one to decide on, closed reminders included."""
    rebuild(world.database)
    moving.resume(world.desk(), "2027-001", Terms())
    world.tick()
    assert said(verify(world.database)) == []


def test_rebuild_refuses_a_history_that_does_not_verify(world: World) -> None:
    """Nothing is made of events that may have been changed."""
    before = present_state(world)
    tampered(
        world,
        lambda connection: _set_event(
            connection, 6, body=canonical(json.loads('{"v":1}')).decode()
        ),
    )
    with pytest.raises(LedgerBroken):
        rebuild(world.database)
    assert present_state(world) == before
