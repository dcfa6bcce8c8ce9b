"""Tests of the one writer of events, of reading back, and of attacks on what was written."""

from __future__ import annotations

import json
import multiprocessing
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from engine.domain.errors import LedgerBroken, Refused
from engine.domain.events import Detail
from engine.domain.ledger import Frontier, canonical, commitment, leaf
from engine.store.appending import Appender, Draft, Stored, ledger_state
from engine.store.database import Database, open_database
from engine.store.reading import details_at, last_event, read_details, read_events
from engine.store.tables import details, events, head, mails, workflow_versions

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
WRITERS, APPENDS = 4, 60


def note(stream: str = "log", number: int = 0, *details: Detail) -> Draft:
    """Return a draft of a note."""
    return Draft(
        stream=stream,
        type="NoteAdded",
        data={"number": number},
        details=details,
        occurred_on=date(2026, 11, 19),
        actor={"kind": "actor", "id": 1},
        workflow="ab" * 32,
    )


def add(database: Database, *drafts: Draft) -> list[Stored]:
    """Append drafts in one transaction, each as the next of its stream."""
    with database.writing() as connection:
        return add_in(connection, *drafts)


def add_in(connection: Connection, *drafts: Draft) -> list[Stored]:
    """Append drafts in an open transaction, each as the next of its stream."""
    appender = Appender(connection, NOW)
    ends: dict[str, tuple[int, bytes | None]] = {}
    stored = []
    for draft in drafts:
        if draft.stream not in ends:
            last = last_event(connection, draft.stream)
            ends[draft.stream] = (last.seq, last.hash) if last else (0, None)
        seq, prev = ends[draft.stream]
        stored.append(appender.append(draft, seq=seq + 1, prev=prev))
        ends[draft.stream] = (seq + 1, stored[-1].hash)
    appender.flush()
    return stored


# --- writing ------------------------------------------------------------------------------


def test_the_body_repeats_its_columns_and_is_what_was_hashed(database: Database) -> None:
    """An event can be judged by its body alone."""
    first, second = add(database, note("log", 1), note("log", 2))
    with database.reading() as connection:
        rows = list(read_events(connection))
    assert json.loads(rows[1].body) == {
        "v": 1,
        "position": 2,
        "stream": "log",
        "seq": 2,
        "prev": first.hash.hex(),
        "type": "NoteAdded",
        "occurred_on": "2026-11-19",
        "recorded_at": "2026-11-20T10:00:00.000000Z",
        "actor": {"kind": "actor", "id": 1},
        "workflow": "ab" * 32,
        "commit": {},
        "data": {"number": 2},
    }
    assert rows[1].body.encode() == canonical(second.body)
    assert [row.hash for row in rows] == [leaf(row.body.encode()) for row in rows]
    assert [row.prev for row in rows] == [None, first.hash]
    assert (second.raw, second.hash) == (rows[1].body, rows[1].hash)


def test_details_stay_outside_the_body_under_a_salted_commitment(database: Database) -> None:
    """Each field has a salt of its own; the body holds neither the value nor the salt."""
    name, email = Detail("name", "Joke Peeters", "contact:7"), Detail("email", "joke@example.org")
    (stored,) = add(database, note("people", 1, name, email))
    with database.reading() as connection:
        rows = list(read_details(connection, 1, 1))
    assert "Joke" not in stored.raw
    assert {row.field: (row.value, row.subject) for row in rows} == {
        "name": ("Joke Peeters", "contact:7"),
        "email": ("joke@example.org", None),
    }
    assert stored.body["commit"] == {
        row.field: commitment(row.salt or b"", row.field, row.value or "") for row in rows
    }
    assert stored.body["subjects"] == {"name": "contact:7"}
    assert {len(row.salt or b"") for row in rows} == {32}
    assert len({row.salt for row in rows}) == 2


def test_the_head_grows_with_the_ledger(database: Database) -> None:
    """Size and root are those of all leaves, however the appends were spread."""
    with database.reading() as connection:
        assert ledger_state(connection) == (0, Frontier().root().hex())
    add(database, *(note("log", number) for number in range(3)))
    add(database, note("people"), note("log"))
    expected = Frontier()
    with database.reading() as connection:
        for row in read_events(connection):
            expected = expected.append(row.hash)
        assert ledger_state(connection) == (5, expected.root().hex())


def test_an_appender_may_flush_more_than_once(database: Database) -> None:
    """What was flushed is not written again, and an empty flush writes nothing."""
    with database.writing() as connection:
        appender = Appender(connection, NOW)
        appender.flush()
        first = appender.append(note(), seq=1, prev=None)
        appender.flush()
        assert appender.next_position == 2
        appender.append(note(), seq=2, prev=first.hash)
        appender.flush()
    with database.reading() as connection:
        assert [row.position for row in read_events(connection)] == [1, 2]


def test_an_undone_transaction_leaves_ledger_and_head_as_they_were(database: Database) -> None:
    """Events, details and head are one commit."""
    add(database, note())
    with database.reading() as connection:
        before = ledger_state(connection)
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        add_in(connection, note("log", 2, Detail("text", "weg")))
        raise ZeroDivisionError
    with database.reading() as connection:
        assert ledger_state(connection) == before
        assert list(read_details(connection, 1, 10)) == []
    add(database, note("log", 3))


def test_a_head_that_does_not_fit_is_a_broken_ledger(database: Database) -> None:
    """Nothing is appended to a ledger whose head is lost, wrong, or moved in between."""
    with pytest.raises(LedgerBroken), database.writing() as connection:
        appender = Appender(connection, NOW)
        appender.append(note(), seq=1, prev=None)
        connection.execute(head.update().values(size=7))
        appender.flush()
    for spoil in (head.update().values(size=3), head.delete()):
        with pytest.raises(LedgerBroken), database.writing() as connection:
            connection.execute(spoil)
            Appender(connection, NOW)


# --- reading ------------------------------------------------------------------------------


def test_reading_goes_on_across_chunks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of a chunk changes nothing in what is read."""
    add(database, *(note("log" if number % 3 else "people", number) for number in range(20)))
    with database.reading() as connection:
        whole = list(read_events(connection))
        people = list(read_events(connection, stream="people"))
        monkeypatch.setattr("engine.store.reading.CHUNK", 3)
        assert list(read_events(connection)) == whole
        assert list(read_events(connection, stream="people")) == people
        assert list(read_events(connection, after=7)) == whole[7:]
        assert list(read_events(connection, after=7, limit=5)) == whole[7:12]
        assert list(read_events(connection, stream="people", after=7, limit=2)) == people[3:5]
        assert [row.position for row in people] == [1, 4, 7, 10, 13, 16, 19]
        assert last_event(connection, "people") == people[-1]
        assert last_event(connection, "none") is None


def test_details_are_found_by_range_and_by_position(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the events, each with its fields in order."""
    add(database, *(note("log", n, Detail("b", str(n)), Detail("a", str(n))) for n in range(1, 6)))
    monkeypatch.setattr("engine.store.reading.CHUNK", 2)
    with database.reading() as connection:
        between = [(row.position, row.field) for row in read_details(connection, 2, 3)]
        chosen = [(row.position, row.value) for row in details_at(connection, [5, 1, 3])]
    assert between == [(2, "a"), (2, "b"), (3, "a"), (3, "b")]
    assert chosen == [(1, "1"), (1, "1"), (3, "3"), (3, "3"), (5, "5"), (5, "5")]


# --- attacks ------------------------------------------------------------------------------

EVENT = "(position, stream, seq, type, body, prev, hash)"
COPY = "stream, seq, type, '{}', prev, hash FROM events WHERE position = 2"
FORGED = "'NoteAdded', '{}', NULL, hash FROM events WHERE position = 2"

ON_BOTH = (
    "UPDATE events SET body = '{}'",
    "UPDATE events SET position = 9 WHERE position = 3",
    "DELETE FROM events",
    "DELETE FROM events WHERE position = 3",
    f"INSERT INTO events {EVENT} SELECT 2, {COPY}",  # over an old one
    f"INSERT INTO events {EVENT} SELECT 0, 'x', 1, {FORGED}",  # back-dated
    f"INSERT INTO events {EVENT} SELECT -1, 'x', 1, {FORGED}",
    f"INSERT INTO events {EVENT} SELECT 5, 'x', 1, {FORGED}",  # a gap
    f"INSERT INTO events {EVENT} SELECT 4, 'x', 2, {FORGED}",  # a gap in its stream
    f"INSERT INTO events {EVENT} SELECT 4, 'log', 4, {FORGED}",  # chained to nothing
    f"INSERT INTO events {EVENT} SELECT 4, {COPY}",  # a fork in its stream
    (
        f"INSERT INTO events {EVENT} SELECT 2, {COPY} "
        "ON CONFLICT (position) DO UPDATE SET body = excluded.body"
    ),
    (
        f"INSERT INTO events {EVENT} SELECT 4, {COPY} "
        "ON CONFLICT (stream, seq) DO UPDATE SET body = excluded.body"
    ),
    "UPDATE details SET value = 'anders'",
    "UPDATE details SET salt = NULL",  # half an erasure could be guessed from the rest
    "UPDATE details SET value = NULL",
    "UPDATE details SET salt = NULL, value = NULL, subject = 'contact:8'",
    "UPDATE details SET salt = NULL, value = NULL, field = 'text2'",
    "DELETE FROM details",
    (
        "INSERT INTO details (position, field, value) VALUES (1, 'text', 'anders') "
        "ON CONFLICT (position, field) DO UPDATE SET value = excluded.value"
    ),
    "UPDATE workflow_versions SET document = '{}'",
    "DELETE FROM workflow_versions",
    (
        "INSERT INTO workflow_versions (digest, category, version, document) "
        "VALUES ('d', 'opstarten', 1, '{}') "
        "ON CONFLICT (digest) DO UPDATE SET document = excluded.document"
    ),
    "DELETE FROM mails",
    "UPDATE mails SET message_id = '<other@example.org>'",
    "UPDATE mails SET recipient = 'other@example.org'",
    "UPDATE mails SET sha256 = 'other'",
)
ON_SQLITE = (
    f"INSERT OR REPLACE INTO events {EVENT} SELECT 2, {COPY}",
    f"INSERT OR REPLACE INTO events {EVENT} SELECT 4, {COPY}",  # by the other unique key
    f"INSERT OR IGNORE INTO events {EVENT} SELECT 9, 'x', 1, {FORGED}",
    f"REPLACE INTO events {EVENT} SELECT 1, {COPY}",
    "UPDATE OR REPLACE events SET position = 1 WHERE position = 2",
    "INSERT INTO events (stream, seq, type, body, hash) VALUES ('x', 1, 't', '{}', x'00')",
    "INSERT OR REPLACE INTO details (position, field, value) VALUES (1, 'text', 'anders')",
    (
        "INSERT OR REPLACE INTO workflow_versions (digest, category, version, document) "
        "VALUES ('d', 'opstarten', 9, '{}')"
    ),
    (
        "INSERT OR REPLACE INTO workflow_versions (digest, category, version, document) "
        "VALUES ('e', 'opstarten', 1, '{}')"
    ),
    "INSERT OR REPLACE INTO mails SELECT * FROM mails",
    "UPDATE mails SET mime = x'00'",
)
ON_POSTGRES = (
    "TRUNCATE events",
    "TRUNCATE details",
    "TRUNCATE mails",
    "TRUNCATE workflow_versions CASCADE",
    "SET LOCAL session_replication_role = replica; DELETE FROM events",
    (
        "CREATE TEMP TABLE events (LIKE events); SET LOCAL search_path = pg_temp, {schema}; "
        f"INSERT INTO {{schema}}.events {EVENT} SELECT 1, 'x', 1, 't', '', NULL, ''"
    ),
    (
        "MERGE INTO events e USING (SELECT 1 AS one) s ON e.position = s.one "
        "WHEN MATCHED THEN UPDATE SET body = ''"
    ),
    "MERGE INTO events e USING (SELECT 1 AS one) s ON e.position = s.one WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM events RETURNING 1) SELECT * FROM gone",
    "UPDATE mails SET mime = ''",
)


def fill(database: Database) -> None:
    """Put something into every guarded table."""
    add(database, note("log", 1, Detail("text", "tekst", "contact:7")), note(), note())
    with database.writing() as connection:
        connection.execute(
            insert(workflow_versions).values(
                digest="d", category="opstarten", version=1, document="{}"
            )
        )
        connection.execute(
            insert(mails).values(
                id=1,
                key="k",
                reminder="r",
                trajectory="t",
                notice="start",
                person="contact:7",
                message_id="<1@example.org>",
                sha256="s",
                recipient="joke@example.org",
                mime=b"Subject: x",
                status="queued",
                attempts=0,
                uncertain=0,
                not_before=NOW,
                next_at=NOW,
            )
        )


def everything(database: Database) -> list[object]:
    """Return all rows of the guarded tables."""
    with database.reading() as connection:
        return [
            connection.execute(select(table)).all()
            for table in (events, details, workflow_versions, mails, head)
        ]


def attack(database: Database, statement: str) -> None:
    """Run a statement and expect the database to refuse it, leaving everything as it was."""
    fill(database)
    before = everything(database)
    # Refused: a login that may not even try
    with pytest.raises((IntegrityError, Refused)), database.writing() as connection:
        schema = connection.dialect.default_schema_name
        connection.exec_driver_sql(statement.replace("{schema}", str(schema)))
    assert everything(database) == before


@pytest.mark.parametrize("statement", ON_BOTH)
def test_attacks_are_refused(database: Database, statement: str) -> None:
    """The database itself keeps what was recorded."""
    attack(database, statement)


@pytest.mark.parametrize("statement", ON_SQLITE)
def test_attacks_that_only_sqlite_knows_are_refused(
    sqlite_database: Database, statement: str
) -> None:
    """Replacing deletes the old row without asking the DELETE trigger."""
    attack(sqlite_database, statement)


@pytest.mark.parametrize("statement", ON_POSTGRES)
def test_attacks_that_only_postgres_knows_are_refused(
    postgres_database: Database, statement: str
) -> None:
    """Truncating, merging, playing replica, hiding the table behind a temporary one."""
    attack(postgres_database, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE details SET salt = NULL, value = NULL WHERE subject = 'contact:7'",
        (
            "UPDATE mails SET mime = NULL, envelope_to = NULL, recipient = NULL, subject = NULL, "
            "envelope_from = NULL, last_text = NULL"
        ),
        "UPDATE mails SET last_text = 'joke@example.org: mailbox full'",
        "UPDATE mails SET status = 'sent', attempts = 1, recipient = recipient",
    ],
)
def test_erasing_and_sending_are_allowed(database: Database, statement: str) -> None:
    """What the guards are not there for goes through, twice as well as once."""
    fill(database)
    for _ in range(2):
        with database.writing() as connection:
            assert connection.exec_driver_sql(statement).rowcount == 1


# --- many writers -------------------------------------------------------------------------


def keep_appending(url: str, stream: str) -> None:
    """Append many events, each in a transaction of its own, to a shared and an own stream."""
    database = open_database(url)
    for number in range(APPENDS // 2):
        add(database, note("log", number))
        add(database, note(stream, number))
    database.close()


def test_many_writers_make_no_fork_and_are_never_locked_out(
    database: Database, database_url: str
) -> None:
    """Four processes of sixty appends each: one gapless chain, nobody refused."""
    assert in_processes(database_url) == [0] * WRITERS
    with database.reading() as connection:
        rows = list(read_events(connection))
        state = ledger_state(connection)
    assert [row.position for row in rows] == list(range(1, WRITERS * APPENDS + 1))
    ends: dict[str, tuple[int, bytes | None]] = {}
    frontier = Frontier()
    for row in rows:
        seq, prev = ends.get(row.stream, (0, None))
        assert (row.seq, row.prev) == (seq + 1, prev)
        ends[row.stream] = (row.seq, row.hash)
        frontier = frontier.append(row.hash)
    assert state == (len(rows), frontier.root().hex())


def in_processes(url: str) -> list[int | None]:
    """Run all writers at the same time and return their exit codes."""
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=keep_appending, args=(url, f"writer {number}"))
        for number in range(WRITERS)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]
