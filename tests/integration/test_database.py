"""Tests of the door to the database: opening, transactions, locks, what errors say."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from engine.domain.errors import BadInput, NotFound, Refused, TrajectError, TryAgain
from engine.store.database import Database, open_as_owner, open_database
from engine.store.faults import translated
from engine.store.revisions import require_head

HOLD_SENDER_LOCK = """
import sys, time
from engine.store.database import open_database
with open_database(sys.argv[1]).sender_lock() as elected:
    print(elected is not None, flush=True)
    time.sleep(60)
"""


def count(database: Database) -> int:
    """Return how many heartbeat rows there are."""
    with database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM heartbeat").scalar_one())


def beat(connection: Connection, name: str = "tick") -> None:
    """Write one row that no trigger guards."""
    connection.exec_driver_sql(
        "INSERT INTO heartbeat (name, at, state) "
        f"VALUES ('{name}', '2026-11-20T10:00:00.000000Z', '{{}}')"
    )


@pytest.fixture
def impatient(database_url: str) -> Iterator[Database]:
    """The same database, opened by somebody who waits a fifth of a second."""
    opened = open_database(database_url, wait=0.2)
    yield opened
    opened.close()


# --- opening ------------------------------------------------------------------------------


def test_a_missing_file_is_no_database_yet(tmp_path: Path) -> None:
    """The way out is in the sentence, and nothing is created."""
    with pytest.raises(NotFound, match="traject init") as caught:
        open_database(f"sqlite:///{tmp_path / 'none.db'}")
    assert caught.value.exit_code == 3
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_is_no_database_yet(empty_url: str) -> None:
    """An empty file or schema is what a broken-off init leaves."""
    open_database(empty_url, create=True).close()
    with pytest.raises(NotFound, match="traject init"):
        open_database(empty_url)


def test_a_bare_path_is_a_sqlite_file(sqlite_database: Database, tmp_path: Path) -> None:
    """A path needs no sqlite:/// in front of it."""
    opened = open_database(str(tmp_path / "data" / "traject.db"))
    assert opened.path == sqlite_database.path
    assert opened.url_for_people == str(opened.path)
    assert opened.session_user() is None


@pytest.mark.parametrize(
    "url", ["mysql://jan:geheim@host/db", "sqlite://", "sqlite:///:memory:", "://", "x://y:z:1/a"]
)
def test_other_addresses_are_refused_without_repeating_a_password(url: str) -> None:
    """Only a SQLite file and PostgreSQL keep a ledger."""
    with pytest.raises(BadInput) as caught:
        open_database(url)
    assert "geheim" not in str(caught.value)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder is not a database."""
    with pytest.raises(BadInput, match="folder"):
        open_database(str(tmp_path))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """A file that SQLite cannot read is named for what it is."""
    path = tmp_path / "letter.txt"
    path.write_text("Geachte burgemeester, " * 100)
    with pytest.raises(TrajectError, match="not a SQLite database"):
        open_database(str(path))


def test_an_unknown_revision_is_a_newer_program(database: Database, database_url: str) -> None:
    """Nothing is read from a schema that this program does not know."""
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(TrajectError, match="newer"):
        open_database(database_url)
    open_database(database_url, any_schema=True).close()


def test_an_earlier_revision_asks_for_the_upgrade() -> None:
    """The sentence holds the command to run."""
    with pytest.raises(TrajectError, match="traject upgrade") as caught:
        require_head("0001", "here", known=("0001", "0002"))
    assert caught.value.exit_code == 1


def test_an_unreachable_server_is_try_again_without_the_password() -> None:
    """The server's own words are kept, the password is not."""
    with pytest.raises(TryAgain) as caught:
        open_database("postgresql://jan:geheim@127.0.0.1:9/traject?password=geheim")
    assert "127.0.0.1" in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"username": "nobody_here"}, {"database": "none_here"}])
def test_a_server_that_turns_us_away_is_not_tried_again_later(
    postgres_url: str, wrong: dict[str, str]
) -> None:
    """Waiting mends no login and no name: exit code 1, and where to look."""
    url = make_url(postgres_url).set(**wrong).render_as_string(hide_password=False)  # type: ignore[arg-type]
    with pytest.raises(TrajectError, match="look at the login") as caught:
        open_database(url)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("said", "sentence", "code"),
    [
        ('FATAL:  password authentication failed for user "mia"', "look at the login", 1),
        ("FATAL:  the database system is starting up", "try again later", 75),
        ("Connection refused", "try again later", 75),
    ],
)
def test_what_a_server_says_without_a_code_has_its_meaning(
    said: str, sentence: str, code: int
) -> None:
    """A failed connection carries no code, only words."""
    orig = type("OperationalError", (Exception,), {"sqlstate": None})(said)
    found = translated(DBAPIError("", None, orig), "here")
    assert found is not None
    assert sentence in str(found)
    assert found.exit_code == code


def test_a_login_that_may_make_no_tables_hears_of_the_owner() -> None:
    """As on every new server, where the public schema takes nobody's tables."""
    orig = type("Denied", (Exception,), {"sqlstate": "42501"})(
        "permission denied for schema public"
    )
    found = translated(DBAPIError("", None, orig), "here")
    assert "--owner-url" in str(found)


def test_opening_imports_nothing_slow(database_url: str) -> None:
    """Alembic would cost every command half a second."""
    program = (
        "import sys; from engine.store.database import open_database\n"
        "open_database(sys.argv[1])\n"
        "print([m for m in ('alembic', 'filelock') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, database_url], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# --- files --------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists instead of modes")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o177])
def test_file_and_folders_are_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    """The file is 0600 and each folder made for it 0700; side files follow."""
    path = tmp_path / "new" / "deeper" / "traject.db"
    before = os.umask(umask)
    try:
        made = open_database(str(path), create=True)
        with made.writing() as connection, made.sender_lock():
            connection.exec_driver_sql("CREATE TABLE t (x)")
            modes = {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.parent.stat().st_mode & 0o777 == 0o700
    assert made.insecure() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists instead of modes")
def test_paths_that_others_may_use_are_named(tmp_path: Path) -> None:
    """What doctor warns about: the folder and the file."""
    made = open_database(str(tmp_path / "data" / "traject.db"), create=True)
    assert made.path is not None
    made.path.chmod(0o640)
    made.path.parent.chmod(0o755)
    assert made.insecure() == [made.path.parent, made.path]


# --- transactions -------------------------------------------------------------------------


def test_settings_keep_what_was_committed(database: Database) -> None:
    """A commit that was acknowledged survives a power cut, and erased text is gone."""
    with database.reading() as connection:

        def ask(question: str) -> object:
            return connection.exec_driver_sql(question).scalar()

        if database.is_postgres:
            shown = {
                name: ask(f"SHOW {name}")
                for name in ("synchronous_commit", "statement_timeout", "application_name")
            }
            assert shown == {
                "synchronous_commit": "on",
                "statement_timeout": "30s",
                "application_name": "traject",
            }
            assert ask("SHOW idle_in_transaction_session_timeout") == "1min"
        else:
            modes = (ask("PRAGMA journal_mode"), ask("PRAGMA synchronous"))
            assert modes in {("delete", 3), ("wal", 2)}
            assert ask("PRAGMA foreign_keys") == 1
            assert ask("PRAGMA secure_delete") == 1
            assert ask("PRAGMA busy_timeout") == 10_000


def test_writing_commits_all_or_nothing(database: Database) -> None:
    """What the body raises undoes what it wrote, and passes through unchanged."""
    with database.writing() as connection:
        beat(connection)
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        beat(connection, "queue")
        raise ZeroDivisionError
    with pytest.raises(IntegrityError), database.writing() as connection:
        beat(connection, "queue")
        beat(connection)
    assert count(database) == 1


def test_a_writer_on_postgres_reads_what_the_one_before_it_committed(database: Database) -> None:
    """The lock is of no use to a writer whose snapshot is older than the lock."""
    with database.writing() as connection:
        beat(connection)
        level = "SHOW transaction_isolation" if database.is_postgres else "SELECT 'read committed'"
        assert connection.exec_driver_sql(level).scalar() == "read committed"


def test_reading_refuses_to_write(database: Database) -> None:
    """A read that writes would lose it silently; the connection writes again afterwards."""
    with pytest.raises(Refused), database.reading() as connection:
        beat(connection)
    with database.writing() as connection:
        beat(connection)
    assert count(database) == 1


def test_a_second_writer_is_told_to_try_again(database: Database, impatient: Database) -> None:
    """Nobody writes beside the holder of the lock; afterwards it is free again."""
    with database.writing():
        with pytest.raises(TryAgain) as caught, impatient.writing():
            pass
        assert caught.value.exit_code == 75
    with impatient.writing() as connection:
        beat(connection)
    assert count(database) == 1


def test_a_refused_commit_is_undone_and_said(sqlite_database: Database, sqlite_url: str) -> None:
    """A reader holds up the commit of a rollback journal: the writer leaves nothing behind."""
    writer = open_database(sqlite_url, wait=0.2)
    with sqlite_database.reading() as reader:
        mode = reader.exec_driver_sql("PRAGMA journal_mode").scalar()
        reader.exec_driver_sql("SELECT * FROM heartbeat").all()
        if mode == "wal":
            return  # readers hold up nobody there
        with pytest.raises(TryAgain), writer.writing() as connection:
            beat(connection)
    assert count(sqlite_database) == 0
    with writer.writing() as connection:
        beat(connection)
    assert count(sqlite_database) == 1


def test_a_full_disk_is_undone_and_said(sqlite_database: Database) -> None:
    """SQLite's own ceiling on pages answers as a full disk does."""
    with pytest.raises(TryAgain, match="full"), sqlite_database.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        for number in range(1000):
            beat(connection, f"tick {number}")
    assert count(sqlite_database) == 0


def end_session(of: Connection, by: Database) -> None:
    """End the server's side of a connection, as a restart of the server does."""
    pid = of.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    with by.reading() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)").all()


@pytest.fixture
def administrator(postgres_url: str, postgres_database: Database) -> Iterator[Database]:
    """Somebody else on the same PostgreSQL database."""
    opened = open_database(postgres_url)
    yield opened
    opened.close()


def test_a_connection_lost_before_the_commit_changed_nothing(
    postgres_database: Database, administrator: Database
) -> None:
    """The statement after the loss says so, and the next transaction gets a new connection."""
    with (
        pytest.raises(TryAgain, match="Nothing was changed"),
        postgres_database.writing() as connection,
    ):
        end_session(connection, administrator)
        beat(connection)
    with postgres_database.writing() as connection:
        beat(connection)
    assert count(administrator) == 1


def test_a_pooled_connection_that_died_is_replaced_unseen(
    postgres_database: Database, administrator: Database
) -> None:
    """Nothing was done on it yet, so another one may take its place."""
    with postgres_database.writing() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    with administrator.reading() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)").all()
    with postgres_database.writing() as connection:
        beat(connection)
    assert count(administrator) == 1


def test_a_connection_lost_at_the_commit_is_not_called_unchanged(
    postgres_database: Database, administrator: Database
) -> None:
    """Whether the server still saved it is unknown, so the sentence does not claim either."""
    with (
        pytest.raises(TryAgain, match="Look first"),
        postgres_database.writing() as connection,
    ):
        beat(connection)
        end_session(connection, administrator)


def test_two_schemas_do_not_wait_for_each_other(
    postgres_database: Database, postgres_url: str
) -> None:
    """The key of the lock holds the schema."""
    elsewhere = open_as_owner(postgres_url, "pg_catalog")
    with postgres_database.writing(), elsewhere.writing() as connection:
        assert connection.exec_driver_sql("SELECT current_schema()").scalar() == "pg_catalog"
    elsewhere.close()


def test_the_server_says_who_logged_in(postgres_database: Database) -> None:
    """On PostgreSQL the login is the identity."""
    with postgres_database.reading() as connection:
        login = connection.exec_driver_sql("SELECT session_user").scalar()
    assert postgres_database.session_user() == login


def test_a_server_that_goes_away_behind_a_reader_is_no_fault_of_ours(
    postgres_database: Database, postgres_url: str
) -> None:
    """All was read: giving the connection back may fail in silence; the next use is a new one."""
    beside = open_database(postgres_url)
    with postgres_database.reading() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with beside.writing() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    beside.close()
    assert count(postgres_database) == 0


# --- the one active sender ----------------------------------------------------------------


def test_one_sender_at_a_time(database: Database, impatient: Database) -> None:
    """Who does not get it is told at once; the next one gets it."""
    with database.sender_lock() as first, impatient.sender_lock() as second:
        assert first is not None
        assert first.lasts()
        assert second is None
    with impatient.sender_lock() as third:
        assert third is not None


def test_a_sender_notices_that_its_place_is_gone(database: Database) -> None:
    """Its file was taken away, or the server ended its session while it was stopped."""
    with database.sender_lock() as tenure:
        assert tenure is not None
        if database.path is not None:
            Path(f"{database.path}.sender.lock").unlink()
        else:
            with database.writing() as connection:
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                )
        assert not tenure.lasts()


def test_a_lock_file_that_cannot_be_written_is_said(sqlite_database: Database) -> None:
    """Which file, what the system says, and the way out; traject itself is not at fault."""
    Path(f"{sqlite_database.path}.sender.lock").mkdir()
    with pytest.raises(Refused, match=r"sender\.lock.*Let this account write there"):
        sqlite_database.sender_lock().__enter__()


def test_writing_goes_on_while_somebody_sends(database: Database) -> None:
    """The election has nothing to do with the writers' lock."""
    with database.sender_lock(), database.writing() as connection:
        beat(connection)
    assert count(database) == 1


def test_the_next_round_may_send_at_once(database: Database) -> None:
    """A sender who is done leaves the place free by itself, not a moment later."""
    for _ in range(100):
        with database.sender_lock() as elected:
            assert elected


def test_the_lock_of_a_killed_sender_is_free_within_a_second(
    database: Database, database_url: str
) -> None:
    """kill -9 leaves no lock behind."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_SENDER_LOCK, database_url], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "True"
    with database.sender_lock() as elected:
        assert elected is None
    holder.send_signal(signal.SIGKILL)
    start = time.monotonic()
    holder.wait()
    while time.monotonic() - start < 1:
        with database.sender_lock() as elected:
            if elected:
                return
    pytest.fail("the lock outlived its holder")


def test_a_sqlite_writer_holds_the_lock_from_its_first_moment(sqlite_database: Database) -> None:
    """The driver's own transactions are off: BEGIN IMMEDIATE is ours and comes first."""
    assert sqlite_database.path is not None
    with sqlite_database.writing():
        beside = sqlite3.connect(sqlite_database.path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            beside.execute("INSERT INTO heartbeat VALUES ('tick', 'now', '')")
        beside.close()
