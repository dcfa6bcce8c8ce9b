"""Tests of the master form of an export, on both databases."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import update

from engine.audit import exporting, exporting_xes
from engine.dispatch.desk import retry
from engine.domain.decisions.decision import Draft
from engine.domain.errors import Conflict, LedgerBroken
from engine.domain.events import DetailsErased
from engine.domain.ledger import Frontier, commitment
from engine.service import moving, people
from engine.store import tables as t
from engine.store.database import Database
from engine.store.departures import Departure, departures, left_mails
from engine.store.transaction import LOG, Stamp, unit_of_work
from tests.course import shipped
from tests.fakes import REFUSED, UNCLEAR, RecordingNotifier
from tests.proofs import root_by_path
from tests.test_architecture import written_edges
from tests.world import JO, MONDAY, World, at

pytestmark = pytest.mark.above_the_store
REF = "2027-001"


@pytest.fixture
def world(database: Database) -> World:
    """Two trajectories, one of them a step further, with a note."""
    world = World(database)
    world.start()
    world.start("opstarten", places=("35006",), involved=())
    world.meet(REF)
    moving.advance(world.desk(), REF)
    people.note(world.desk(), REF, "discussed with the mayor")
    return world


def test_mails_that_leave_meanwhile_stay_out(world: World) -> None:
    """Their events stand past its end, so that nothing there would speak of them."""
    world.tick_at(MONDAY + timedelta(minutes=31))
    what = exporting.extent(world.database)
    world.start("opstarten", places=("44083",), involved=(JO,))
    world.tick_at(MONDAY + timedelta(minutes=62))
    with world.database.reading() as connection:
        early = departures(connection, what.size)
        everything = departures(connection, exporting.extent(world.database).size)
        mails = list(left_mails(connection, early))
    assert 0 < len(early) < len(everything)
    assert {number: everything[number] for number in early} == early
    assert [mail.id for mail in mails] == sorted(early)
    assert {mail.status for mail in mails} == {"sent"}


def test_a_mail_that_may_have_arrived_counts_as_one_that_left(database: Database) -> None:
    """With the moment at which that was recorded, until an event says that it was sent."""
    relay = RecordingNotifier()
    world = World(database, relay)
    relay.answer(UNCLEAR)
    world.start()
    world.tick_at(MONDAY + timedelta(minutes=31))
    doubted = exporting.extent(database).size
    world.tick_at(MONDAY + timedelta(minutes=90))
    with database.reading() as connection:
        then = departures(connection, doubted)
        now = departures(connection, exporting.extent(database).size)
    assert {one.status for one in then.values()} == {"uncertain", "sent"}
    (number,) = [number for number, one in then.items() if one.status == "uncertain"]
    assert then[number].at == MONDAY + timedelta(minutes=31)
    assert now[number] == Departure("sent", MONDAY + timedelta(minutes=90))


def test_a_mail_that_was_refused_is_told_until_it_is_released(database: Database) -> None:
    """With the server's answer; one that may have arrived before stays one."""
    relay = RecordingNotifier()
    world = World(database, relay)
    relay.answer(REFUSED, UNCLEAR)
    world.start()
    world.tick_at(MONDAY + timedelta(minutes=31))
    relay.answer(REFUSED)
    world.tick_at(MONDAY + timedelta(minutes=90))
    with database.reading() as connection:
        found = departures(connection, exporting.extent(database).size)
    (refused,) = [number for number, one in found.items() if one.status == "dead"]
    assert found[refused] == Departure("dead", MONDAY + timedelta(minutes=31), REFUSED.text)
    assert "uncertain" in {one.status for one in found.values()}
    retry(world.desk(), refused)
    with database.reading() as connection:
        assert refused not in departures(connection, exporting.extent(database).size)


def exported(world: World, ref: str | None = None, **how: bool) -> list[dict[str, Any]]:
    """Return the lines of an export, read."""
    what = exporting.extent(world.database, ref)
    return [json.loads(line) for line in exporting.lines(world.database, what, **how)]


def test_a_whole_export_is_the_ledger_byte_for_byte(world: World) -> None:
    """Positions without gaps, hashes of the bytes, chains, commitments, and the root."""
    header, *lines = exported(world)
    assert (header["format"], header["partial"]) == ("traject-history/1", False)
    assert [line["position"] for line in lines] == list(range(1, header["size"] + 1))
    frontier, heads = Frontier(), dict[str, str]()
    for line in lines:
        digest = sha256(b"\x00" + line["body"].encode()).digest()
        assert digest.hex() == line["hash"]
        assert line["prev"] == heads.get(line["stream"])
        heads[line["stream"]] = line["hash"]
        frontier = frontier.append(digest)
        committed = json.loads(line["body"])["commit"]
        assert committed == {
            one["field"]: commitment(bytes.fromhex(one["salt"]), one["field"], one["value"])
            for one in line["details"]
        }
    assert frontier.root().hex() == header["root"]


def test_an_export_of_one_trajectory_proves_each_of_its_events(world: World) -> None:
    """Its own stream whole, what it refers to, and of nobody else anything."""
    header, *lines = exported(world, REF)
    assert header["partial"] is True
    for line in lines:
        path = [bytes.fromhex(one) for one in line["proof"]]
        root = root_by_path(bytes.fromhex(line["hash"]), line["position"], header["size"], path)
        assert root is not None
        assert root.hex() == header["root"]
    own = [line for line in lines if len(line["stream"]) == 36]
    assert [line["seq"] for line in own] == list(range(1, len(own) + 1))
    types = [json.loads(line["body"])["type"] for line in lines]
    assert {"LogOpened", "ActorAdded", "ContactAdded", "WorkflowPublished"} <= set(types)
    assert types.count("WorkflowPublished") == 1
    assert len({line["stream"] for line in own}) == 1


def test_an_export_of_one_trajectory_holds_no_mails_about_others(world: World) -> None:
    """Of the people it tells who they are; the digests of the coach stay where they are."""
    world.digest = True
    world.tick_at(at(date(2027, 4, 28), 9, 5))
    kinds: dict[str, set[str]] = {}
    for line in exported(world)[1:]:
        kinds.setdefault(line["stream"], set()).add(json.loads(line["body"])["type"])
    assert "MailQueued" in kinds["people"]
    part = [json.loads(line["body"]) for line in exported(world, REF)[1:]]
    of_people = {one["type"] for one in part if one["stream"] == "people"}
    assert of_people == {"ActorAdded", "ContactAdded"}


def test_a_redacted_export_holds_commitments_and_nothing_that_opens_them(world: World) -> None:
    """Whose a detail is stays known by number."""
    header, *lines = exported(world, REF, redacted=True)
    assert header["redacted"] is True
    details = [one for line in lines for one in line["details"]]
    assert {(one["salt"], one["value"]) for one in details} == {(None, None)}
    assert {"contact:1", "actor:1"} <= {one["subject"] for one in details}
    text = json.dumps(lines)
    assert "Maes" not in text
    assert "discussed" not in text


def test_what_does_not_add_up_is_not_exported(world: World) -> None:
    """Of the whole and of a part: the root of the ledger is that of its leaves."""
    with world.database.writing() as connection:
        connection.execute(update(t.head).values(frontier=bytes(32 * _ones(world))))
    for ref in (None, REF):
        with pytest.raises(LedgerBroken):
            exported(world, ref)


def test_an_erasure_meanwhile_ends_the_export(world: World) -> None:
    """What was written already may hold what was erased."""
    what = exporting.extent(world.database)
    lines = exporting.lines(world.database, what)
    next(lines)
    with unit_of_work(world.database, world.now) as tx:
        tx.record_in(LOG, [Draft(DetailsErased((), "contact:1"))], Stamp(1, date(2027, 3, 1)))
    with pytest.raises(Conflict):
        list(lines)


def test_xes_is_well_formed_and_every_trace_is_a_path_of_its_workflow(world: World) -> None:
    """Phases follow edges of the workflow; moments grow; nobody is named."""
    for day, act in (
        (3, lambda: moving.send_back(world.desk(), REF, "intake", reason="partners_missing")),
        (4, lambda: moving.pause(world.desk(), REF, reason="other", until=date(2027, 4, 1))),
        (5, lambda: moving.resume(world.desk(), REF)),
        (8, lambda: (world.meet(REF), moving.advance(world.desk(), REF))),
    ):
        world.now = at(date(2027, 3, day))
        act()
    what = exporting.extent(world.database)
    with world.database.reading() as connection:
        from engine.store import outbox

        refs = outbox.references(connection)
    out = io.BytesIO()
    mined = exporting_xes.Mined(what.log, what.size, refs, lambda nis: nis)
    exporting_xes.write(world.database, mined, out)
    assert b"Maes" not in out.getvalue()
    traces = _traces(out.getvalue())
    assert len(traces) == 2
    for category, events in traces:
        workflow = shipped(category).workflow
        edges = {(source, target) for source, _, target in written_edges(workflow)}
        walked = [e["concept:name"] for e in events if e["lifecycle:transition"] == "start"]
        assert walked[0] == workflow.first_phase()
        assert {*pairwise(walked)} <= edges
        moments = [event["time:timestamp"] for event in events]
        assert moments == sorted(set(moments))
        assert {event["org:resource"] for event in events} == {"actor-1"}
    names = [event["concept:name"] for event in dict(traces)["reactiveren"]]
    assert names == ["intake", "analysis", "intake", "paused", "resumed", "analysis"]


def _traces(xml: bytes) -> list[tuple[str, list[dict[str, str]]]]:
    """Return (category, events) of each trace."""
    space = "{http://www.xes-standard.org/}"

    def attributes(element: ElementTree.Element) -> dict[str, str]:
        return {one.attrib["key"]: one.attrib["value"] for one in element if "key" in one.attrib}

    root = ElementTree.fromstring(xml)
    return [
        (attributes(trace)["category"], [attributes(e) for e in trace.iter(f"{space}event")])
        for trace in root.iter(f"{space}trace")
    ]


def _ones(world: World) -> int:
    return exporting.extent(world.database).size.bit_count()
