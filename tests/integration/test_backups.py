"""Tests of copies: back-ups that verify, restores that mail nobody, moves that add nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing as closed_after
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import URL, make_url

from engine.audit import placing, restoring, verify
from engine.audit.backing_up import Backup, back_up
from engine.audit.relocating import Order as Moving
from engine.audit.relocating import relocate
from engine.audit.report import Witness
from engine.dispatch.erasing import erase_contact, erase_text
from engine.domain.errors import BadInput, LedgerBroken, NotFound, Refused, TrajectError, TryAgain
from engine.domain.events import LogRestored
from engine.service import people
from engine.service.desk import PLAIN
from engine.service.reapplying import reapplied
from engine.store import closing, dumps, erasures, files, holds, schema
from engine.store.appending import ledger_state
from engine.store.database import Database, open_database
from engine.store.holds import standing
from engine.store.log import epoch_of
from engine.store.revisions import revision
from engine.store.tables import details, mails
from engine.store.transfer import differing
from tests.integration.test_migrations import put_back
from tests.program import GENT, Program
from tests.world import MONDAY, World

pytestmark = pytest.mark.above_the_store

ODD = "tab\tand backslash \\N \\. \\\\n; quote ' \" ünï \u2028 naïef \r\n end"


def filled(database: Database) -> tuple[World, str]:
    """Let a log have some events, mails, and a text that a copy could get wrong."""
    world = World(database)
    ref = world.start()
    world.tick()
    assert {mail.status for mail in world.mails()} == {"queued"}
    return world, ref


def state(database: Database) -> tuple[int, str]:
    """Return size and root."""
    with database.reading() as connection:
        return ledger_state(connection)


def copied(database: Database, place: Path) -> Backup:
    """Return a back-up."""
    return back_up(database, place, MONDAY)


def order(file: Path, **more: Any) -> restoring.Order:
    """Return the wish to restore a back-up, by the coach who made it."""
    with_defaults: dict[str, Any] = {"account": f"uid:{os.getuid()}", "reapply": reapplied, **more}
    return restoring.Order(file, MONDAY + timedelta(days=1), **with_defaults)


# --- back-ups -----------------------------------------------------------------------------


def test_a_back_up_is_checked_private_and_never_over_another(
    database: Database, tmp_path: Path
) -> None:
    """Its size and root are those of the log; the heartbeat knows of it."""
    filled(database)
    made = copied(database, tmp_path / "copy")
    assert made.ok
    assert made.noted
    assert (made.size, made.root) == state(database)
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy"]
    with pytest.raises(Refused, match="not written over"):
        copied(database, tmp_path / "copy")


def test_every_value_survives_a_dump(postgres_database: Database, tmp_path: Path) -> None:
    """What COPY escapes comes back as it was: rows are compared one by one."""
    _, ref = filled(postgres_database)
    with postgres_database.writing() as connection:
        connection.execute(mails.update().values(last_text=ODD, last_code=250))
    people.note(World(postgres_database).desk(), ref, 'aan\\uit \'n "nota" \\N')
    made = copied(postgres_database, tmp_path / "copy.dump")
    scratch = open_database(str(tmp_path / "scratch.db"), create=True)
    schema.create_at(scratch, "head", lambda target: dumps.load(made.file, target))
    with postgres_database.reading() as one, scratch.reading() as other:
        assert differing(one, other, but="heartbeat") == ()
    scratch.close()


def test_a_copy_that_does_not_verify_is_kept_and_said(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """There may be no better one; it is not noted as a back-up."""
    filled(sqlite_database)
    with sqlite_database.writing() as connection:
        connection.exec_driver_sql("UPDATE trajectories SET ref = '1999-001'")
    made = copied(sqlite_database, tmp_path / "copy")
    assert not made.ok
    assert made.file.exists()
    assert not made.noted


def test_a_back_up_of_an_older_schema_verifies(sqlite_database: Database, tmp_path: Path) -> None:
    """Before an upgrade more than ever."""
    filled(sqlite_database)
    put_back(sqlite_database)
    assert copied(sqlite_database, tmp_path / "copy").ok


def test_the_password_is_on_no_command_line() -> None:
    """Nor is what else is secret in the address."""
    url = URL.create("postgresql", "an", "gehe'im", "host", 5433, "naam", {"sslpassword": "ook"})
    words = dumps.conninfo(url)
    assert "gehe" not in words
    assert "ook" not in words
    assert "host='host'" in words
    assert "dbname='naam'" in words


def test_the_password_reaches_the_tool_by_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which only its own account can read."""
    tool = tmp_path / "pg_dump"
    tool.write_text('#!/bin/sh\necho "$@" >"$0.words"; echo "$PGPASSWORD" >"$0.password"\n')
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    url = URL.create("postgresql", "an", "kanarie", "host", database="naam")
    dumps.dump(url, "public", tmp_path / "copy")
    assert "kanarie" not in (tmp_path / "pg_dump.words").read_text()
    assert (tmp_path / "pg_dump.password").read_text() == "kanarie\n"


def test_a_tool_that_is_missing_is_named_with_its_package(
    postgres_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator knows what to install."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Refused, match="pg_dump") as caught:
        copied(postgres_database, tmp_path / "copy")
    assert caught.value.sentence.values["package"] == "postgresql-client"
    assert list(tmp_path.glob("*copy*")) == []


def test_the_command_makes_a_name_and_doctor_knows(tmp_path: Path) -> None:
    """A folder gets a file with the moment in its name."""
    program = Program(tmp_path, f"sqlite:///{tmp_path / 'data' / 'traject.db'}")
    program.init()
    assert "traject backup" in program.call("doctor", expect=None).stdout
    said = program.call("backup", str(tmp_path), "--json").json
    assert Path(said["file"]).parent == tmp_path
    assert said["ok"] is True
    assert (said["size"], said["root"]) == program.ledger()
    own = program.call("backup").stdout
    assert str(tmp_path / "data" / "backups" / "traject-2") in own
    found = program.call("doctor", "--json", expect=None).json["findings"]
    assert [one["state"] for one in found if one["check"] == "backup"] == ["ok"]
    program.call("backup", said["file"], expect=4)
    program.call("backup", str(tmp_path / "new.db"), "--dry-run")
    assert not (tmp_path / "new.db").exists()


# --- restores -----------------------------------------------------------------------------


@pytest.fixture
def backup(database: Database, tmp_path: Path) -> tuple[World, Path]:
    """A log that went on after its back-up was made, and the back-up."""
    world, ref = filled(database)
    made = copied(database, tmp_path / "backup")
    people.note(world.desk(), ref, "na de kopie")
    return world, made.file


def here(world: World) -> str:
    """Return the account of the coach."""
    return world.coach.account or ""


def test_a_restored_log_begins_an_epoch_and_mails_nobody(
    backup: tuple[World, Path], tmp_path: Path
) -> None:
    """It says how many events are missing; nothing leaves before a person says so."""
    world, file = backup
    size, root = state(world.database)
    place = tmp_path / "new" / "traject.db"
    witness = Witness(size, root)
    restored = restoring.restore_file(order(file, account=here(world), witness=witness), place)
    assert restored.missing == 1
    assert restored.epoch == 2
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    opened = open_database(str(place))
    after = World(opened)
    facts = [event.fact for event in after.events() if isinstance(event.fact, LogRestored)]
    assert facts == [LogRestored(size, size - 1, 2)]
    assert verify(opened).ok
    assert restored.mails == len(after.mails()) > 0
    after.tick_at(MONDAY + timedelta(days=40))
    assert after.notifier.letters == []  # type: ignore[attr-defined]
    assert {mail.status for mail in after.mails()} == {"queued"}
    with opened.reading() as connection:
        assert (standing(connection) or {})["why"] == "restored"
        assert epoch_of(connection) == 2
    opened.close()


def test_what_was_let_go_before_the_copy_waits_in_it(
    database: Database, other: Database, tmp_path: Path
) -> None:
    """One by one, or as a number still to be made: nobody released anything in this log."""
    world, _ = filled(database)
    first = world.mails()[0].id
    with database.writing() as connection:
        holds.let_go(connection, MONDAY, allowed=5)
        holds.let_pass(connection, MONDAY, [first])
    made = copied(database, tmp_path / "backup")
    place = tmp_path / "new" / "traject.db"
    restoring.restore_file(order(made.file, account=here(world)), place)
    relocate(moving(database, other))
    restored = open_database(str(place))
    for copy in (restored, other):
        with copy.reading() as connection:
            assert holds.passing(connection) == frozenset()
            assert holds.released(connection)["allowed"] == 0
        after = World(copy)
        after.tick_at(MONDAY + timedelta(days=3))
        assert after.notifier.letters == []  # type: ignore[attr-defined]
    restored.close()


def test_what_is_there_gets_another_name_and_takes_no_writes(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """Also not from a process that had it open."""
    world, ref = filled(sqlite_database)
    made = copied(sqlite_database, tmp_path / "backup")
    people.note(world.desk(), ref, "na de kopie")
    before = state(sqlite_database)
    assert sqlite_database.path is not None
    restored = restoring.restore_file(order(made.file), sqlite_database.path)
    assert restored.aside is not None
    aside = open_database(str(restored.aside))
    assert state(aside) == before
    assert verify(aside).ok
    with pytest.raises(Refused, match="set aside"):
        people.note(World(aside).desk(), ref, "te laat")
    aside.close()


DIES_AT = """
import os, sys
from pathlib import Path
steps = iter(range(int(sys.argv[1])))
def at(event, _):
    if event in ("os.rename", "os.link") and next(steps, None) is None:
        os._exit(9)
from engine.store import files
sys.addaudithook(at)
files.swap(Path(sys.argv[2]), Path(sys.argv[3]), "set-aside")
"""


@pytest.mark.parametrize(
    "step", [2, 4, *(pytest.param(one, marks=pytest.mark.campaign) for one in (0, 1, 3, 5))]
)
def test_a_change_of_names_that_is_killed_leaves_a_whole_database(
    tmp_path: Path, step: int
) -> None:
    """With its last commits, though they stood in a WAL that somebody else has open."""
    place, made = tmp_path / "traject.db", tmp_path / "made"
    with (
        closed_after(sqlite3.connect(place)) as writer,
        closed_after(sqlite3.connect(place)) as other,
    ):
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE t (x)")
        other.execute("SELECT * FROM t").fetchall()
        writer.execute("INSERT INTO t VALUES ('old')")
        writer.commit()
        with closed_after(sqlite3.connect(made)) as new:
            new.execute("CREATE TABLE t AS SELECT 'new' AS x")
        ended = subprocess.run([sys.executable, "-c", DIES_AT, str(step), made, place], check=False)
        found = tmp_path / "found"
        found.mkdir()
        for file in tmp_path.glob("traject.db*"):  # as a machine that went down finds them
            shutil.copy(file, found)
    with closed_after(sqlite3.connect(found / "traject.db")) as after:
        rows = after.execute("SELECT x FROM t").fetchall()
    assert (ended.returncode, rows) in ((9, [("old",)]), (0, [("new",)]))


@pytest.mark.parametrize("writing", [True, False])
def test_a_restore_is_refused_while_somebody_is_at_work_in_the_old_log(
    sqlite_database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    writing: bool,
) -> None:
    """What they commit would land in the file that was set aside, and nobody would know."""
    monkeypatch.setattr(placing, "PATIENCE", 0.2)
    world, ref = filled(sqlite_database)
    made = copied(sqlite_database, tmp_path / "backup")
    place = sqlite_database.path
    assert place is not None
    busy = sqlite_database.writing() if writing else sqlite_database.reading()
    with busy as connection:
        connection.execute(details.select()).all()
        with pytest.raises(TryAgain, match="in use"):
            restoring.restore_file(order(made.file), place)
    people.note(world.desk(), ref, "het werk gaat door")
    restored = restoring.restore_file(order(made.file), place)
    assert restored.aside is not None
    with open_database(str(restored.aside)).reading() as connection:
        assert (closing.closed(connection) or {})["why"] == "set_aside"


def test_without_hard_links_a_change_of_names_that_fails_is_undone(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """As on a share: the database has its own name again, and nothing lies beside it."""
    filled(sqlite_database)
    place = sqlite_database.path
    assert place is not None
    before, names = place.read_bytes(), sorted(place.parent.iterdir())
    refused = OSError(95, "no hard links on this file system")
    with mock.patch.object(os, "link", side_effect=refused), pytest.raises(FileNotFoundError):
        files.swap(tmp_path / "never-made.db", place, "set-aside")
    assert place.read_bytes() == before
    assert sorted(place.parent.iterdir()) == names
    assert verify(sqlite_database).ok


def test_a_damaged_file_is_set_aside_as_it_is(sqlite_database: Database, tmp_path: Path) -> None:
    """Nothing can be written in it, and it may be what the restore is for."""
    filled(sqlite_database)
    made = copied(sqlite_database, tmp_path / "backup")
    place = tmp_path / "new" / "traject.db"
    place.parent.mkdir()
    for damaged in (b"", b"no database", made.file.read_bytes()[:9000]):
        place.write_bytes(damaged)
        restored = restoring.restore_file(order(made.file), place)
        assert restored.aside is not None
        assert restored.aside.read_bytes() == damaged


def test_a_restore_that_is_interrupted_leaves_what_was_there(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is a whole database in the place at every moment."""
    world, ref = filled(sqlite_database)
    made = copied(sqlite_database, tmp_path / "backup")
    people.note(world.desk(), ref, "na de kopie")
    before = state(sqlite_database)
    place = sqlite_database.path
    assert place is not None

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Path, "replace", killed)
        restoring.restore_file(order(made.file), place)
    assert state(sqlite_database) == before
    people.note(world.desk(), ref, "het werk gaat door")
    restored = restoring.restore_file(order(made.file), place)
    opened = open_database(str(place))
    assert state(opened) == (restored.size, restored.root)
    opened.close()


def test_a_trial_changes_nothing(backup: tuple[World, Path], tmp_path: Path) -> None:
    """It tells the same."""
    world, file = backup
    there = sorted(tmp_path.iterdir())
    tried = restoring.try_restore(order(file, account=here(world)))
    assert tried.epoch == 2
    assert sorted(tmp_path.iterdir()) == there


def test_a_back_up_is_put_back_in_the_other_kind(
    sqlite_database: Database, postgres_url: str, tmp_path: Path
) -> None:
    """Who restores says who they are there, as the login is another."""
    filled(sqlite_database)
    made = copied(sqlite_database, tmp_path / "backup")
    target = open_database(postgres_url, any_schema=True)
    with pytest.raises(BadInput, match="nobody in this back-up"):
        restoring.restore_database(order(made.file, account="db:an"), target, None)
    wish = order(made.file, account="db:an", actor=1)
    restored = restoring.restore_database(wish, target, None)
    assert state(target) == (restored.size, restored.root)
    assert verify(target).ok
    with pytest.raises(Refused, match="holds a log already"):
        restoring.restore_database(wish, target, None)
    target.close()


def test_what_is_no_back_up_of_this_log_is_refused(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """A text, a file that is not there, a damaged copy, the checkpoint of another log."""
    filled(sqlite_database)
    made = copied(sqlite_database, tmp_path / "backup").file
    text = tmp_path / "text"
    text.write_text("geen kopie")
    with pytest.raises(Refused, match="no back-up"):
        restoring.try_restore(order(text))
    with pytest.raises(NotFound, match="cannot be read"):
        restoring.try_restore(order(tmp_path / "nowhere"))
    with pytest.raises(LedgerBroken, match="does not verify"):
        restoring.try_restore(order(made, witness=Witness(2, "ab" * 32)))
    with pytest.raises(TrajectError) as caught:
        restoring.try_restore(order(made, witness=Witness(999, "ab" * 32, "kept.txt", "another")))
    assert (caught.value.exit_code, caught.value.sentence.values["theirs"]) == (1, "another")
    damaged = tmp_path / "damaged"
    whole = made.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TrajectError):
        restoring.try_restore(order(damaged))
    with open_database(str(made)).writing() as connection:
        connection.exec_driver_sql("UPDATE trajectories SET ref = '1999-001'")
    with pytest.raises(LedgerBroken, match="does not verify"):
        restoring.try_restore(order(made))


def test_a_back_up_of_an_older_schema_is_brought_up_to_date(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """With its projections derived afresh."""
    filled(sqlite_database)
    put_back(sqlite_database)
    made = copied(sqlite_database, tmp_path / "backup")
    place = tmp_path / "new" / "traject.db"
    restoring.restore_file(order(made.file), place)
    opened = open_database(str(place))
    assert verify(opened).ok
    opened.close()


def test_who_was_erased_since_is_erased_again(sqlite_database: Database, tmp_path: Path) -> None:
    """By the list beside the data, with an event; not one byte of the name comes back."""
    world, _ = filled(sqlite_database)
    made = copied(sqlite_database, tmp_path / "backup")
    listed = tmp_path / "erasures.jsonl"
    erase_contact(world.desk(), world.post(), 2, PLAIN, reason="other", release=True)
    with sqlite_database.reading() as connection:
        assert erasures.keep(connection, listed) == 1
    place = tmp_path / "new" / "traject.db"
    restored = restoring.restore_file(order(made.file, erasures=listed), place)
    assert restored.erased == 1
    assert b"Rita Claes" in made.file.read_bytes()
    assert b"Rita Claes" not in place.read_bytes()
    opened = open_database(str(place))
    assert verify(opened).ok
    with opened.reading() as connection:
        values = connection.execute(details.select().where(details.c.subject == "contact:2")).all()
    assert values
    assert {row.value for row in values} == {None}
    opened.close()
    again = restoring.try_restore(order(place, erasures=listed))
    assert again.erased == 0
    assert world.coach.id == 1


def test_an_event_that_took_the_place_of_another_is_not_erased(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """After a restore positions are given out anew; the list knows events by their hashes."""
    world, ref = filled(sqlite_database)
    early = copied(sqlite_database, tmp_path / "early").file
    listed = tmp_path / "erasures.jsonl"
    people.note(world.desk(), ref, "the first text at this place")
    (position,) = [e.position for e in world.events(ref) if "text" in e.details][-1:]
    erase_text(world.desk(), position, PLAIN, reason="typed_by_mistake")
    with sqlite_database.reading() as connection:
        assert erasures.keep(connection, listed) == 1
    place = tmp_path / "other.db"
    restoring.restore_file(order(early), place)
    other = World(open_database(str(place)))
    assert len(other.events(ref)) < position
    while other.events(ref)[-1].position < position:
        people.note(other.desk(), ref, "another text at this place")
    late = copied(other.database, tmp_path / "late").file
    again = restoring.try_restore(order(late, erasures=listed))
    assert again.erased == 0
    with other.database.reading() as connection, listed.open("a") as out:
        assert list(erasures.still_meant(connection, listed)) == []
        out.write('{"log":"a","era')  # cut off
    with sqlite_database.reading() as connection:
        assert [one.erased for one in erasures.still_meant(connection, listed)] == [
            ((position, "text"),)
        ]
    other.database.close()


def test_restoring_on_the_command_line(tmp_path: Path) -> None:
    """Refused while something is there, then put aside; the mails wait and are counted."""
    program = Program(tmp_path, f"sqlite:///{tmp_path / 'data' / 'traject.db'}")
    program.init()
    program.call("start", "reactiveren", "Gent", "--coordinator", "Jo Maes <jo@example.org>")
    program.call("tick")
    program.call("backup", str(tmp_path / "copy.db"))
    size, _ = program.ledger()
    assert "--set-aside" in program.call("restore", str(tmp_path / "copy.db"), expect=4).stderr
    assert program.ledger()[0] == size
    program.call("restore", str(tmp_path / "copy.db"), "--dry-run")
    assert program.ledger()[0] == size
    said = program.call("restore", str(tmp_path / "copy.db"), "--set-aside", "--json").json
    assert (said["found"], said["epoch"], said["missing"]) == (size, 2, None)
    assert Path(said["aside"]).exists()
    assert program.call("verify", "--json").json["ok"] is True
    assert "No mail leaves" in program.call("mail", "list").stdout
    released = program.call("mail", "release", "--all").stdout
    assert f"Mails that will leave: {said['mails']}" in released
    assert "No mail leaves" not in program.call("mail", "list").stdout
    told = program.call("history").stdout
    assert "2" in told
    # a second restore from the same back-up begins another epoch
    again = program.call("restore", str(tmp_path / "copy.db"), "--set-aside", "--json").json
    assert again["epoch"] == 3


# --- moves --------------------------------------------------------------------------------


def moving(source: Database, target: Database) -> Moving:
    """Return the wish to move."""
    return Moving(source, target, MONDAY, here="uid:1", there="db:an")


@pytest.fixture
def other(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the other kind."""
    if database.is_postgres:
        opened = open_database(str(tmp_path / "other" / "traject.db"), create=True)
    else:
        opened = open_database(str(request.getfixturevalue("postgres_url")), any_schema=True)
    yield opened
    opened.close()


def test_a_move_adds_nothing_and_closes_the_old_one(database: Database, other: Database) -> None:
    """Every row is there, the root is the same, no mail leaves; the old one only reads."""
    world, ref = filled(database)
    before = state(database)
    moved = relocate(moving(database, other))
    assert (moved.size, moved.root) == before == state(other) == state(database)
    assert moved.mails == len(world.mails())
    with database.reading() as one, other.reading() as two:
        assert differing(one, two, but="heartbeat") == ()
        assert schema.census(two) == []
        assert closing.closed(two) is None
    assert verify(database).ok
    with pytest.raises(Refused, match="only reads") as caught:
        people.note(world.desk(), ref, "te laat")
    assert caught.value.sentence.values["to"] == other.url_for_people
    there = World(other)
    people.note(there.desk(), ref, "op de nieuwe plaats")
    there.tick_at(MONDAY + timedelta(days=30))
    assert there.notifier.letters == []  # type: ignore[attr-defined]
    with pytest.raises(Refused):
        world.tick()
    with database.altering() as connection, pytest.raises(Exception, match=r"only reads|refused"):
        connection.exec_driver_sql(
            "INSERT INTO events SELECT position + 1, stream, seq + 1, type, body, hash, hash "
            "FROM events ORDER BY position DESC LIMIT 1"
        )


def test_a_move_to_a_place_that_is_taken_changes_nothing(
    database: Database, other: Database
) -> None:
    """Neither there nor here."""
    world, ref = filled(database)
    schema.create(other)
    with pytest.raises(Refused, match="holds a log already"):
        relocate(moving(database, other))
    people.note(world.desk(), ref, "het werk gaat door")


class Killed(Exception):
    """Stands for a power cut."""


@pytest.mark.parametrize("step", ["differing", "hold_all", "close_source", "open_up"])
def test_a_move_that_is_interrupted_leaves_one_log_and_goes_on(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """At most one of the two takes writes, whenever it ends; the same command finishes it."""
    world, ref = filled(database)

    def killed(*_: object, **__: object) -> None:
        raise Killed

    def marking(connection: Any, now: datetime, why: str, to: str = "") -> None:
        if why == closing.MOVED:
            raise Killed
        real(connection, now, why, to)

    real = closing.close
    where = {
        "differing": "engine.audit.placing.differing",
        "hold_all": "engine.audit.relocating.hold_all",
    }
    with monkeypatch.context() as patched:
        if step == "close_source":
            patched.setattr("engine.store.closing.close", marking)
        else:
            patched.setattr(where.get(step, "engine.audit.relocating.open_up"), killed)
        with pytest.raises(Killed):
            relocate(moving(database, other))
    moved_already = step == "open_up"
    if not moved_already:
        people.note(world.desk(), ref, "het werk gaat door")
    before = state(database)
    with other.reading() as connection:
        laid = revision(connection) is not None
    assert laid is (step != "hold_all")  # with the rows or not at all
    if laid:
        with pytest.raises(Refused, match="not finished"):
            people.note(World(other).desk(), ref, "nog niet")
    moved = relocate(moving(database, other))
    assert (moved.size, moved.root) == before == state(other)
    people.note(World(other).desk(), ref, "op de nieuwe plaats")
    with pytest.raises(Refused):
        people.note(world.desk(), ref, "te laat")


def test_moving_on_the_command_line(tmp_path: Path, postgres_url: str) -> None:
    """The settings point to the new place, where the same person works on."""
    program = Program(tmp_path)
    program.init()
    program.call(*GENT)
    settings = program.home / ".config" / "traject" / "settings.toml"
    program.call("move", postgres_url, "--dry-run")
    said = program.call("verify", "--json").json
    program.call("move", postgres_url)
    settings.unlink()  # as when it ended before they were written
    program.call("mail", "release", "--all", "--database", postgres_url)
    again = program.call("move", postgres_url).stdout
    assert "It moved before" in again
    assert "No mail leaves" not in again
    assert "start it again" in again
    assert postgres_url.partition("?")[0] in settings.read_text()
    after = program.call("verify", "--json").json
    assert (after["size"], after["root"]) == (said["size"], said["root"])
    assert "An Voorbeeld" in program.call("whoami").stdout
    program.call("note", "gent", "op de nieuwe plaats")
    old = program.home / ".local" / "share" / "traject" / "traject.db"
    refused = program.call("--database", str(old), "note", "gent", "te laat", expect=4).stderr
    assert "only reads" in refused
    program.call("--database", str(old), "show", "gent")
    found = program.call("--database", str(old), "doctor", "--json", expect=1).json["findings"]
    assert "closed" in {one["check"] for one in found}


def test_a_move_keeps_no_password(tmp_path: Path, postgres_url: str) -> None:
    """It would stand in a file that is copied and shown; the sentence says where it belongs."""
    program = Program(tmp_path)
    program.init()
    url = make_url(postgres_url)
    secret = url.set(username=url.username or "postgres", password="kanarie")
    told = program.call("move", secret.render_as_string(hide_password=False))
    settings = program.home / ".config" / "traject" / "settings.toml"
    assert "kanarie" not in settings.read_text()
    assert "kanarie" not in told.stdout + told.stderr
    assert ".pgpass" in told.stderr
    assert "An Voorbeeld" in program.call("whoami").stdout


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A draft that was not finished leaves nothing behind."""
    with pytest.raises(Killed), files.draft(tmp_path / "name") as made:
        made.write_bytes(b"half")
        raise Killed
    assert list(tmp_path.iterdir()) == []
    assert MONDAY.tzinfo == UTC
