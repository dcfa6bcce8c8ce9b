"""history, verify and rebuild as a user types them, over both databases."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from sqlalchemy import text, update

from engine.store import tables as t
from engine.store.appending import Appender, Draft
from engine.store.database import open_database
from engine.store.reading import last_event
from engine.store.trigger_texts import SQLITE_TRIGGERS
from tests.program import Program
from tests.world import MONDAY

pytestmark = pytest.mark.above_the_store

REF = "2027-001"
FIELDS = {"position", "seq", "type", "occurred_on", "recorded_at", "actor", "actor_id", "text"}
REPORT = {"ok", "events", "trajectories", "size", "root", "problems", "remarks"}


class Auditor:
    """Somebody at a program whose clock stands at an instant."""

    def __init__(self, program: Program) -> None:
        self.program, self.now = program, "2027-03-01T09:30"

    def do(self, *arguments: str, expect: int = 0) -> str:
        """Run a command; return what it printed as data."""
        return self.program.call(*arguments, "--now", self.now, expect=expect).stdout

    def json(self, *arguments: str, expect: int = 0) -> Any:
        """Run a command; return its JSON."""
        return json.loads(self.do(*arguments, "--json", expect=expect))

    def damage(self, statement: Any) -> None:
        """Change something behind the program's back."""
        assert self.program.database_url is not None
        database = open_database(self.program.database_url, older=True)
        with database.writing() as connection:
            connection.execute(statement)
        database.close()


@pytest.fixture
def auditor(tmp_path: Path, empty_url: str) -> Auditor:
    """A log with one trajectory, on either database."""
    return begun(tmp_path, empty_url)


def begun(folder: Path, url: str) -> Auditor:
    """Return somebody at a log with one trajectory."""
    auditor = Auditor(Program(folder, url))
    auditor.do("init", "--name", "An Peeters", "--email", "an@example.org", "--simulated-clock")
    auditor.do("start", "reactiveren", "Gent", "--coordinator", "Jo Maes <jo@example.org>")
    auditor.now = "2027-03-04T10:00"
    auditor.do("meet", REF, "intake_talk_held", "--on", "2027-03-01", "--note", "by phone")
    return auditor


def test_history_tells_by_day_what_happened_and_marks_late_registrations(auditor: Auditor) -> None:
    """One sentence an event, with day and actor, the late ones marked."""
    lines = auditor.do("history", "1").splitlines()
    assert lines[0].startswith("Mon 01-03-2027  An Peeters  Reactivation started for Gent")
    (late,) = [line for line in lines if "exploratory talk held" in line]
    assert late.startswith("Mon 01-03-2027  An Peeters  exploratory talk held: “by phone”")
    assert "(registered 3 days later)" in " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= 80


def test_history_is_told_in_order_of_the_days(auditor: Auditor) -> None:
    """Not in order of registration, which the JSON keeps."""
    auditor.do("note", REF, "the day of the registration")
    auditor.do("meet", REF, "agreement_noted", "--on", "2027-03-02")
    days = [line[4:14] for line in auditor.do("history", REF).splitlines() if line[4:6].isdigit()]
    assert days == sorted(days, key=lambda day: (day[6:], day[3:5], day[:2]))
    positions = [event["position"] for event in auditor.json("history", REF)]
    assert positions == sorted(positions)


def test_history_as_json_has_the_fixed_shape(auditor: Auditor) -> None:
    """Keys that scripts rely on, days and instants as ISO text, in UTC."""
    events = auditor.json("history", REF)
    assert all(event.keys() >= FIELDS for event in events)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    last = events[-1]
    assert (last["type"], last["occurred_on"]) == ("CriterionMet", "2027-03-01")
    assert last["recorded_at"] == "2027-03-04T09:00:00.000000Z"
    assert (last["actor"], last["actor_id"]) == ("An Peeters", 1)


def test_history_without_a_reference_holds_everything(auditor: Auditor) -> None:
    """People and workflows too, gapless, each event with its trajectory where it has one."""
    events = auditor.json("history")
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    assert {event["ref"] for event in events} == {None, REF}
    assert any(event["actor"] == "system" for event in events)
    assert f"  {REF}  An Peeters" in auditor.do("history")


def test_history_leaves_the_bookkeeping_of_planned_mails_out(auditor: Auditor) -> None:
    """Unless it is asked for: what follows says it as well."""
    auditor.do("pause", REF, "--reason", "other", "--until", "2027-04-01", "--no-mail")
    short = auditor.program.call("history", REF, "--now", auditor.now)
    full = auditor.program.call("history", REF, "--all", "--now", auditor.now)
    assert "--all" in short.stderr
    assert full.stderr == ""
    assert len(full.stdout.splitlines()) > len(short.stdout.splitlines())


def test_history_of_nobody_is_not_found(auditor: Auditor) -> None:
    """An unknown reference ends with 3, and so does a person, by name or by number."""
    auditor.do("history", "2027-099", expect=3)
    for nobody in ("niemand", "contact:99", "actor:99"):
        auditor.do("history", "--person", nobody, expect=3)


def test_history_in_dutch_has_dutch_days_and_labels(auditor: Auditor) -> None:
    """The language of the run decides, for the labels of the workflow too."""
    told = auditor.program.call("history", REF, "--lang", "nl", "--now", auditor.now).stdout
    assert "ma 01-03-2027" in told
    assert "verkenningsgesprek gehouden" in told


def test_verify_says_that_all_is_in_order_and_what_it_cannot_prove(auditor: Auditor) -> None:
    """Counts, the control number as mails carry it, and the limit of the proof."""
    report = auditor.json("verify")
    assert report.keys() >= REPORT
    assert report["ok"] is True
    assert (report["trajectories"], report["problems"]) == (1, [])
    assert report["events"] == report["size"] == len(auditor.json("history"))
    told = auditor.do("verify")
    assert f"{report['size']}-{report['root'][:12]}" in told
    assert "Not proven" in told


def test_verify_names_what_was_changed_and_ends_with_8(auditor: Auditor) -> None:
    """A script sees it by the exit code, a person by the sentence."""
    auditor.damage(update(t.trajectories).values(coach=7))
    report = auditor.json("verify", expect=8)
    assert report["ok"] is False
    (problem,) = report["problems"]
    assert problem["position"] == report["size"]
    assert "coach is 7" in problem["text"]
    told = auditor.do("verify", expect=8)
    assert problem["text"] in told
    assert "NOT in order" in told


def test_verify_names_a_value_that_cannot_be_read(tmp_path: Path) -> None:
    """That is damage, ending with 8; it is no fault of the program's, which would end with 1."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    auditor.damage(text("UPDATE trajectories SET entered_on = 'zz'"))
    auditor.damage(text("UPDATE contacts SET name = x'00'"))
    told = auditor.do("verify", expect=8)
    assert "entered_on is zz, its events say 2027-03-01" in " ".join(told.split())
    assert "name is 00, its events say Jo Maes" in " ".join(told.split())
    auditor.do("rebuild")
    auditor.do("verify")


def test_verify_names_a_trigger_that_is_gone(tmp_path: Path) -> None:
    """The events are what they were; but somebody took away what guards them."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    auditor.damage(text(f"DROP TRIGGER {next(iter(SQLITE_TRIGGERS))}"))
    report = auditor.json("verify", expect=8)
    (problem,) = report["problems"]
    assert (problem["position"], report["first_broken"]) == (0, None)
    assert next(iter(SQLITE_TRIGGERS)) in problem["text"]


def test_verify_says_what_to_do_now(tmp_path: Path) -> None:
    """Stop writing, keep the file, tell who leads and audits, put a back-up back; or rebuild."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    auditor.damage(update(t.trajectories).values(coach=7))
    told = " ".join(auditor.do("verify", expect=8).split())
    assert "1. The events themselves are in order." in told
    assert "traject rebuild" in told
    auditor.damage(text(f"DROP TRIGGER {next(iter(SQLITE_TRIGGERS))}"))
    told = " ".join(auditor.do("verify", expect=8).split())
    assert "1. Write nothing more in it" in told
    assert "2. Keep " in told
    assert "3. Tell the team lead and the auditor" in told
    assert "traject restore" in told
    assert "traject rebuild" not in told


def test_a_checkpoint_is_held_against_the_log(tmp_path: Path) -> None:
    """In a file or on the screen, recorded once; a mail of ours will do as well."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    taken = auditor.json("checkpoint")
    assert taken["position"] == taken["size"] + 1
    assert taken["text"].splitlines()[1] == str(taken["size"])
    again = auditor.json("checkpoint", "--out", str(tmp_path / "kept.txt"))
    assert (again["position"], again["size"]) == (None, taken["size"] + 1)
    assert (tmp_path / "kept.txt").read_text() == again["text"]
    auditor.do("checkpoint", "--out", str(tmp_path / "kept.txt"), expect=4)
    (tmp_path / "first.txt").write_text(auditor.do("checkpoint"))
    mail = tmp_path / "saved.eml"
    mail.write_text(f"Traject-Checkpoint: {taken['size']} {taken['root']}\n\nhello\n")
    kept = ("--checkpoint", str(tmp_path / "kept.txt"), "--checkpoint", str(mail))
    auditor.do("note", REF, "and the log goes on")
    report = auditor.json("verify", *kept)
    assert [one["size"] for one in report["witnessed"]] == [taken["size"], taken["size"] + 1]
    assert "kept.txt agrees" in " ".join(auditor.do("verify", *kept).split())
    mail.write_text(f"Traject-Checkpoint: {taken['size']} {'0' * 64}\n\nhello\n")
    told = " ".join(auditor.do("verify", *kept, expect=8).split())
    assert f"the first {taken['size']} events are not those of {mail}" in told
    mail.write_text("Subject: of somebody else\n\nhello\n")
    auditor.do("verify", "--checkpoint", str(mail), expect=2)
    auditor.do("verify", "--checkpoint", str(tmp_path / "nowhere"), expect=3)


def test_a_checkpoint_of_another_log_proves_nothing_and_raises_no_alarm(tmp_path: Path) -> None:
    """Somebody took the wrong file: 1, cannot tell; and what it may be."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    kept = tmp_path / "other.txt"
    root = b64encode(bytes(32)).decode()
    kept.write_text(f"example.org/traject/0190f3a0-0000-7000-8000-000000000000/1\n3\n{root}\n")
    told = " ".join(auditor.do("verify", "--checkpoint", str(kept), expect=1).split())
    assert "is of log 0190f3a0-0000-7000-8000-000000000000; this is log" in told
    assert "In itself in order" in told
    assert "Is it the right file?" in told
    assert "NOT in order" not in told
    assert "Write nothing more" not in told
    auditor.do("backup", str(tmp_path / "b.db"))
    asked = ("restore", str(tmp_path / "b.db"), "--checkpoint", str(kept), "--dry-run")
    refused = auditor.program.call(*asked, "--now", auditor.now, expect=1).stderr
    assert "is one of them not the right file?" in " ".join(refused.split())
    both = ("--checkpoint", str(kept), "--control", f"3-{'0' * 12}")
    auditor.do("verify", *both, expect=8)


def test_a_number_that_disagrees_is_looked_at_first(tmp_path: Path) -> None:
    """One sign mistyped looks like a log that was rewritten; the alarm comes after it."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    told = " ".join(auditor.do("verify", "--control", f"3-{'0' * 12}", expect=8).split())
    assert "In itself in order" in told
    assert "1. First look: is it the right file, or the right number, sign by sign" in told
    assert "2. Write nothing more in it" in told


def test_a_restore_explains_a_younger_checkpoint_without_an_alarm(tmp_path: Path) -> None:
    """Who restored it tells the history; whether that was agreed a person."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    auditor.do("backup", str(tmp_path / "b.db"))
    auditor.do("note", REF, "this will be lost")
    auditor.do("checkpoint", "--out", str(tmp_path / "kept.txt"))
    auditor.do("restore", str(tmp_path / "b.db"), "--set-aside")
    kept = ("--checkpoint", str(tmp_path / "kept.txt"))
    told = " ".join(auditor.do("verify", *kept, expect=8).split())
    assert "the log was restored since from a back-up of" in told
    assert "1. The history tells when it was put back and by whom" in told
    assert "2. Ask the team lead and the auditor whether they know of that restore" in told
    assert "Write nothing more" not in told


def test_what_does_not_verify_gets_no_checkpoint(tmp_path: Path) -> None:
    """Nothing is recorded, and what is wrong is told."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    auditor.damage(update(t.trajectories).values(coach=7))
    size = auditor.json("verify", expect=8)["size"]
    assert "NOT in order" in auditor.do("checkpoint", expect=8)
    assert auditor.json("checkpoint", expect=8)["size"] == size


def test_verify_compares_with_a_control_number_from_an_old_mail(auditor: Auditor) -> None:
    """In either way in which a mail carries it; what is no number is refused."""
    report = auditor.json("verify")
    auditor.do("note", REF, "and the log goes on")
    auditor.do("verify", "--control", f"{report['size']}-{report['root'][:12]}")
    auditor.do("verify", "--control", f"{report['size']} {report['root']}")
    auditor.do("verify", "--control", f"{report['size']}-{'0' * 12}", expect=8)
    auditor.do("verify", "--control", "the one from the mail", expect=2)


def test_verify_cannot_tell_about_events_of_a_newer_program(auditor: Auditor) -> None:
    """Neither 0 nor 8, and one sentence that says to upgrade."""
    assert auditor.program.database_url is not None
    database = open_database(auditor.program.database_url)
    with database.writing() as connection:
        last = last_event(connection, "log")
        assert last is not None
        appender = Appender(connection, MONDAY)
        appender.append(
            Draft("log", "LogFolded", {}, actor={"id": 0}), seq=last.seq + 1, prev=last.hash
        )
        appender.flush()
    database.close()
    for command in (("verify",), ("verify", "--json"), ("history",), ("rebuild",)):
        result = auditor.program.call(*command, "--now", auditor.now, expect=1)
        assert "LogFolded" in result.stderr
        assert "Traceback" not in result.stderr
    auditor.do("history", REF)


def test_rebuild_mends_the_present_state(auditor: Auditor) -> None:
    """A dry run only counts; afterwards everything verifies."""
    auditor.damage(update(t.criteria).values(state="open"))
    assert "differed: 1" in auditor.do("rebuild", "--dry-run")
    auditor.do("verify", expect=8)
    assert "differed: 1" in auditor.do("rebuild")
    auditor.do("verify")
    done = auditor.json("rebuild")
    assert (done["differing"], done["trajectories"], done["dry_run"]) == (0, 1, False)


def test_an_auditor_may_read_and_verify_but_not_rebuild(auditor: Auditor) -> None:
    """From the first day the role only reads."""
    auditor.damage(text("UPDATE actors SET role = 'auditor' WHERE id = 1"))
    auditor.do("history")
    auditor.do("rebuild", "--dry-run")
    auditor.do("rebuild", expect=4)


def test_verify_cannot_tell_about_tables_of_an_earlier_version(tmp_path: Path) -> None:
    """Simulated or not, a log that waits for an upgrade is read; what lacks a column is named."""
    auditor = begun(tmp_path, f"sqlite:///{tmp_path}/log.db")
    auditor.damage(text("UPDATE alembic_version SET version_num = '0003'"))
    assert "In order" in auditor.do("verify")
    auditor.damage(text("ALTER TABLE actors DROP COLUMN substitute"))
    told = " ".join(auditor.do("verify", expect=1).split())
    assert "cannot tell whether all is: actors could not be compared." in told
    assert "In order" not in told


def test_verify_names_a_table_or_column_that_is_gone(tmp_path: Path) -> None:
    """With what to do now; others send to verify, and none calls it a fault of the program."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    auditor.do("backup", str(tmp_path / "b.db"))
    auditor.damage(text("ALTER TABLE contacts RENAME COLUMN name TO naam"))
    auditor.damage(text("DROP TABLE actors"))
    told = " ".join(auditor.do("verify", expect=8).split())
    assert "- table contacts: the column name is missing - the table actors is missing" in told
    assert "NOT in order: 2 problems. Nothing else was checked" in told
    assert "3. Tell the team lead and the auditor" in told
    assert "traject restore --help" in told
    report = auditor.json("verify", expect=8)
    assert (len(report["problems"]), report["mendable"], report["ok"]) == (2, False, False)
    refused = auditor.program.call("list", "--now", auditor.now, expect=8).stderr
    assert "traject verify" in refused
    auditor.damage(text("ALTER TABLE heartbeat RENAME COLUMN state TO other"))
    auditor.do("restore", str(tmp_path / "b.db"), "--set-aside")
    auditor.do("verify")


def test_a_database_without_the_mark_of_its_version_is_not_called_none(tmp_path: Path) -> None:
    """By verify, by what only reads, by init, and by doctor; a back-up mends it."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    auditor.do("backup", str(tmp_path / "b.db"))
    with closing(connect(tmp_path / "log.db")) as file, file:
        file.execute("DELETE FROM alembic_version")
    who = ("init", "--name", "An Peeters", "--email", "an@example.org")
    for command in (("verify",), ("verify", "--json"), ("list",), ("history",), ("upgrade",), who):
        refused = " ".join(auditor.program.call(*command, expect=8).stderr.split())
        assert "but not the mark of the version that made them" in refused
        assert "no database yet" not in refused
    told = " ".join(auditor.program.call("doctor", expect=1).stdout.split())
    assert "but not the mark of the version that made them" in told
    auditor.program.call("restore", str(tmp_path / "b.db"), "--set-aside")
    auditor.do("verify")


def test_remarks_look_otherwise_than_problems_and_are_not_counted(tmp_path: Path) -> None:
    """The count is that of the lines with a dash, a checkpoint that disagrees among them."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    auditor.do("checkpoint", "--out", str(tmp_path / "kept.txt"))
    with closing(connect(tmp_path / "log.db")) as file, file:
        for name in SQLITE_TRIGGERS:
            file.execute(f"DROP TRIGGER {name}")
        earlier = 'replace(body, \'"recorded_at":"2027-03-04\', \'"recorded_at":"2027-03-01\')'
        file.execute(f"UPDATE events SET body = {earlier} WHERE position = 9")
        for _, statement in SQLITE_TRIGGERS.values():
            file.execute(statement)
    for kept in ((), ("--checkpoint", str(tmp_path / "kept.txt"))):
        lines = auditor.do("verify", *kept, expect=8).splitlines()
        count = sum(line.startswith("- ") for line in lines)
        assert f"NOT in order: {count} problem" in " ".join(lines)
        assert count == len(auditor.json("verify", *kept, expect=8)["problems"])
        noticed = lines.index("Noticed besides, which is no problem:")
        assert lines[noticed + 1].startswith("  event 9 was recorded at 2027-03-01")
        assert noticed > next(i for i, one in enumerate(lines) if one.startswith("NOT in order"))


def test_the_count_is_that_of_all_problems_where_not_all_are_listed(tmp_path: Path) -> None:
    """A hundred are named, and the others counted."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150) "
    columns = "INSERT INTO details (position, field, salt, value) "
    auditor.damage(text(f"{columns}{rows}SELECT 2, 'f' || i, x'00', 'x' FROM n"))
    lines = auditor.do("verify", expect=8).splitlines()
    assert "- and 50 more" in lines
    assert "NOT in order: 150 problems in" in " ".join(lines)


def test_verify_calls_details_as_erase_does(tmp_path: Path) -> None:
    """In the language of the reader; what nobody knows is shown as it stands there."""
    auditor = begun(tmp_path, str(tmp_path / "log.db"))
    with closing(connect(tmp_path / "log.db")) as file, file:
        for name in SQLITE_TRIGGERS:
            file.execute(f"DROP TRIGGER {name}")
        file.execute("UPDATE details SET value = 'x' WHERE field = 'email'")
        file.execute("UPDATE details SET field = 'words' WHERE field = 'note'")
        file.execute("UPDATE details SET salt = NULL, value = NULL WHERE field = 'name'")
    dutch = " ".join(auditor.do("verify", "--lang", "nl", expect=8).split())
    assert "mailadres is niet wat werd vastgelegd" in dutch
    assert "notitie ontbreekt" in dutch
    assert "niemand legde words vast" in dutch
    assert "naam werd gewist zonder gebeurtenis die dat zegt" in dutch
    english = " ".join(auditor.do("verify", expect=8).split())
    assert "its mail address is not the one that was committed to" in english
