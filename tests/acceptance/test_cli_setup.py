"""Setting up: init once, whole or not at all; identity; settings; the doctor."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from cli import build
from commands.frame.context import Context
from commands.health import surroundings
from engine.service import installing
from engine.store import schema
from engine.store import tables as t
from engine.store.database import open_database
from engine.store.due import beat
from tests.program import COACH, GENT, Program
from tests.smtp_server import smtp_server

pytestmark = pytest.mark.above_the_store

MICROSOFT = "smtp.office365.com"


@pytest.fixture
def program(tmp_path: Path, empty_url: str) -> Program:
    """The program without a database, on either kind."""
    return Program(tmp_path, empty_url)


def test_init_makes_the_database_and_enrols_this_account(program: Program) -> None:
    """Afterwards whoami knows the account, and the data can be used."""
    said = program.call("init", *COACH).stdout
    assert "You are An Voorbeeld, coach, account " in said
    answer = program.call("whoami", "--json").json
    assert (answer["id"], answer["role"], answer["email"]) == (1, "coach", "an@example.org")
    assert answer["account"].startswith(("uid:", "db:"))


def test_init_in_an_empty_home_needs_no_settings(tmp_path: Path) -> None:
    """The data lands in the platform's folder, for this account alone."""
    program = Program(tmp_path)
    said = program.run("init", *COACH).stdout
    file = program.home / ".local" / "share" / "traject" / "traject.db"
    assert str(file) in said
    assert "A SQLite database serves one account" in said
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_init_twice_is_refused_and_changes_nothing(program: Program) -> None:
    """Who types it again is told so."""
    program.init()
    before = program.ledger()
    program.call("init", "--name", "Bo", "--email", "bo@example.org", expect=4)
    assert program.ledger() == before


def test_init_that_failed_half_way_is_simply_repeated(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables without a log, and a log that was not committed, are both completed."""
    with monkeypatch.context() as patched:
        patched.setattr(installing, "first_actor", lambda *_, **__: 1 // 0)
        program.call("init", *COACH, expect=1)
    assert program.ledger()[0] == 0
    program.init()
    assert program.ledger()[0] == 2


def test_init_can_be_tried(program: Program) -> None:
    """A dry run makes no file and no tables."""
    assert "Nothing was changed" in program.call("init", *COACH, "--dry-run").stdout
    program.call("whoami", expect=3)


def test_only_a_simulated_log_takes_now(program: Program) -> None:
    """--now works before and after the command, and the day of a start follows it."""
    program.init("--simulated-clock", "--now", "2026-03-02T09:00")
    program.call("--now", "2026-03-02T10:00", *GENT)
    answer = program.call(
        "meet", "1", "intake_talk_held", "--on", "2026-03-05", "--now", "2026-03-06", "--json"
    ).json
    assert answer["ref"] == "2026-001"
    program.call("advance", "1", "--now", "not an instant", expect=2)


def test_an_unknown_account_is_told_the_line_to_run(program: Program) -> None:
    """Somebody who is not enrolled is refused, with the very command that enrols."""
    database = open_database(str(program.database_url), create=True)
    schema.create(database)
    database.close()
    assert "traject init" in program.call("whoami", expect=4).stderr
    program.init()
    program.turn_into("coach", active=False)
    told = program.call(*GENT, expect=4).stderr
    assert "--role auditor for who reads and no more" in " ".join(told.split())
    account = "db:" if "postgresql" in str(program.database_url) else f"uid:{os.getuid()}"
    assert 'traject actor add "NAME" --email ADDRESS --account ' + account in told


def test_the_account_is_not_taken_from_the_environment(tmp_path: Path, sqlite_url: str) -> None:
    """LOGNAME, USER and the like change nothing; a sudo uid is only a note."""
    program = Program(tmp_path, sqlite_url)
    program.init()
    forged = {"LOGNAME": "mallory", "USER": "mallory", "SUDO_UID": "4242"}
    program.environment |= forged
    assert program.call("whoami", "--json").json["account"] == f"uid:{os.getuid()}"


def test_an_auditor_reads_and_changes_nothing(program: Program) -> None:
    """From the first day there is a role that only reads."""
    program.init()
    program.call(*GENT)
    program.turn_into("auditor")
    before = program.ledger()
    program.call("advance", "1", expect=4)
    program.call("note", "1", "seen", expect=4)
    program.call("contact", "list")
    assert program.ledger() == before


def by_hand(program: Program, url: str) -> None:
    """Write a mail server in the settings file, as somebody does with an editor."""
    program.call("config", "set", "organisation", "VVSG")
    file = program.home / ".config" / "traject" / "settings.toml"
    file.write_text(f'smtp_url = "{url}"\n')


def test_a_password_is_not_taken_from_the_command_line(tmp_path: Path) -> None:
    """Others can read that; the refusal does not repeat it, and names two ways."""
    program = Program(tmp_path)
    url = "smtps://an:geheim@mail.example.org"
    told = program.call("config", "set", "smtp_url", url, expect=2).stderr
    assert "geheim" not in told
    assert "smtp_password_file" in told
    assert "traject config mail" in told
    program.call("config", "set", "smtp_url", "smtps://an@mail.example.org")


def test_settings_are_shown_with_their_origin(tmp_path: Path, sqlite_url: str) -> None:
    """Option, environment, file, default; the password is blotted out."""
    program = Program(tmp_path, sqlite_url)
    by_hand(program, "smtps://an:geheim@mail.example.org")
    program.call("config", "set", "closing_days", "2027-05-28,2027-05-07")
    shown = program.call("config", "show", "--json", TRAJECT_HOLD_BACK="5").json
    found = shown["settings"]
    assert found["smtp_url"] == {
        "value": "smtps://an:***@mail.example.org",
        "origin": "file",
        "source": shown["file"],
    }
    assert found["closing_days"]["value"] == ["2027-05-07", "2027-05-28"]
    hold_back = {"value": 5, "origin": "environment", "source": "TRAJECT_HOLD_BACK"}
    assert found["hold_back"] == hold_back
    assert found["organisation"]["origin"] == "default"
    assert Path(shown["file"]).stat().st_mode & 0o777 == 0o600
    text = program.call("config", "show", "--lang", "en", TRAJECT_HOLD_BACK="5").stdout
    for origin in ("(from TRAJECT_HOLD_BACK)", "(given with --lang)", "(from the settings file)"):
        assert origin in text
    assert "geheim" not in text
    program.call("config", "set", "smtp_url", "")
    assert "smtp" not in Path(shown["file"]).read_text()


def test_the_settings_fit_a_terminal(tmp_path: Path) -> None:
    """However long a list or a path is; only what has no blank is never broken."""
    program = Program(tmp_path)
    days = ",".join(f"2027-05-{day:02}" for day in range(1, 29))
    program.call("config", "set", "closing_days", days)
    program.call("config", "set", "organisation", "VVSG " * 30)
    for line in program.call("config", "show").stdout.splitlines():
        assert len(line) <= 80 or "/" in line  # a path is never broken


def test_changing_one_setting_leaves_the_rest_of_the_file(tmp_path: Path) -> None:
    """Comments stay; a file written in an unusual way is written anew, with the same values."""
    program = Program(tmp_path)
    file = tmp_path / "settings.toml"
    program.environment["TRAJECT_SETTINGS"] = str(file)
    file.write_text('# ours\nhold_back = 5 # minutes\norganisation = "VVSG"\n')
    program.call("config", "set", "hold_back", "60")
    assert file.read_text() == '# ours\norganisation = "VVSG"\nhold_back = 60\n'
    file.write_text('closing_days = [\n  "2027-05-07",\n]\nhold_back = 5\n')
    program.call("config", "set", "closing_days", "2027-05-28")
    shown = program.call("config", "show", "--json").json["settings"]
    assert shown["closing_days"]["value"] == ["2027-05-28"]
    assert shown["hold_back"]["value"] == 5


def test_now_is_never_silently_dropped(program: Program) -> None:
    """A command that asks no time refuses --now on a real clock all the same."""
    program.init()
    for command in (("contact", "list"), ("doctor",), ("config", "show"), ("upgrade",)):
        program.call(*command, "--now", "2026-01-01", expect=4)


def test_a_wrong_settings_file_is_told_by_file_and_key(tmp_path: Path, sqlite_url: str) -> None:
    """An unknown key is a slip, not something to pass over."""
    program = Program(tmp_path, sqlite_url)
    file = tmp_path / "settings.toml"
    for text, key in (('databse = "x"', "databse"), ("hold_back = -1", "hold_back"), ("=", "")):
        file.write_text(text)
        told = program.call("whoami", expect=2, TRAJECT_SETTINGS=str(file)).stderr
        assert str(file) in told
        assert key in told
    program.call("--help", TRAJECT_SETTINGS=str(file))  # help works all the same


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("sender", "livc@example.org", True),
        ("sender", "LIVC <livc@example.org>", False),
        ("sender", "livc", False),
        ("sender", "livc@example.org\nBcc: all@example.org", False),
        ("organisation", "VVSG, steunpunt LIVC", True),
        ("organisation", "=?utf-8?q?x?=", False),
        ("organisation", "VVSG\nBcc: all@example.org", False),
    ],
)
def test_what_comes_to_stand_in_a_mail_header_is_checked_before(
    tmp_path: Path, key: str, value: str, fits: bool
) -> None:
    """Where it is set and where it is read, with the file and the key; nothing is lost later."""
    program = Program(tmp_path)
    file = tmp_path / "settings.toml"
    program.environment["TRAJECT_SETTINGS"] = str(file)
    told = program.call("config", "set", key, value, expect=0 if fits else 2).stderr
    assert (key in told) != fits
    assert file.exists() == fits
    file.write_text(f"{key} = {json.dumps(value)}\n")
    told = program.call("config", "show", expect=0 if fits else 2).stderr
    assert (str(file) in told and key in told) != fits


def test_the_doctor_finds_health_and_what_is_wrong(program: Program) -> None:
    """All well after init, 1 without a database; every fault names its remedy."""
    assert "traject init" in program.call("doctor", expect=1).stdout
    program.init()
    answer = program.call("doctor", "--json").json
    assert answer["ok"] is True
    assert {"database", "triggers", "log", "rounds", "mail", "modules"} <= {
        f["check"] for f in answer["findings"]
    }
    assert program.call("doctor", TRAJECT_SMTP_URL="smtp://mail.example.org", expect=1)


def test_the_doctor_does_not_blame_a_log_that_is_played(program: Program, tmp_path: Path) -> None:
    """The real time says nothing about a simulated log; its own time does."""
    begun = "2026-03-02T09:00"
    program.init("--simulated-clock", "--now", begun)
    program.environment["TRAJECT_MAIL_FOLDER"] = str(tmp_path / "mails")
    program.call(*GENT, "--coordinator", "Jo <jo@example.org>", "--now", begun)
    program.call("tick", "--now", begun)
    program.call("note", "1", "later", "--now", "2026-06-02T09:00")

    def rounds(*more: str, expect: int = 0) -> str:
        answer = program.call("doctor", "--json", *more, expect=expect).json
        return next(str(f["state"]) for f in answer["findings"] if f["check"] == "rounds")

    assert rounds("--now", "2026-03-02T10:00") == "ok"
    assert rounds("--now", "2026-06-02T09:00", expect=1) == "wrong"
    assert rounds() == "remark"


def test_reminders_that_reached_nobody_are_told(program: Program, tmp_path: Path) -> None:
    """By the morning and by the doctor, with what could not be written at the last round."""
    program.environment |= {"TRAJECT_MAIL_FOLDER": str(tmp_path / "mails"), "LANG": "C.UTF-8"}
    program.init()
    program.call("start", "reactiveren", "Gent")
    program.call("tick")
    found = {f["check"] for f in program.call("doctor", "--json").json["findings"]}
    assert "unread" in found
    assert "unwritten" not in found
    database = open_database(str(program.database_url))
    with database.writing() as connection:
        beat(connection, "tick", datetime.now(UTC), {"failed": 2})
        said = update(t.reminders).where(t.reminders.c.role == "mayor")
        connection.execute(said.values(reason="cannot_be_said"))
    database.close()
    answer = program.call("doctor", "--json", expect=1).json
    assert {"unwritten", "unread"} <= {f["check"] for f in answer["findings"]}
    page = program.call().stdout
    assert "no address known for LIVC R coordinator" in page
    assert "could not be written for mayor" in page
    assert "at the last round 2 could not be written" in page
    data = program.call("--json").json
    assert data["failed"] == 2
    assert {one["reason"] for one in data["no_recipient"]} == {"no_recipient", "cannot_be_said"}


def test_what_the_server_replied_stays_out_of_the_doctors_page(program: Program) -> None:
    """A reply may name the reader; phase and code say enough."""
    program.init()
    database = open_database(str(program.database_url))
    state = {"state": "held", "until": "", "phase": "auth", "code": 535, "text": "jo@example.org"}
    with database.writing() as connection:
        beat(connection, "queue", datetime.now(UTC), state)
    database.close()
    said = program.call("doctor", expect=1).stdout
    assert "auth 535" in said
    assert "jo@example.org" not in said


def test_the_doctor_sees_open_files(tmp_path: Path, sqlite_url: str) -> None:
    """Others must not read a SQLite database."""
    program = Program(tmp_path, sqlite_url)
    program.init()
    database = open_database(sqlite_url)
    assert database.path is not None
    database.path.chmod(0o644)
    database.close()
    assert "chmod" in program.call("doctor", expect=1).stdout


def finding(program: Program, check: str, **environment: str) -> dict[str, object]:
    """Return what the doctor says of one thing."""
    answer = program.call("doctor", "--json", expect=None, **environment).json
    return next(f for f in answer["findings"] if f["check"] == check)


def test_every_fault_comes_with_its_remedy(program: Program, tmp_path: Path) -> None:
    """Whatever is not well says what to do; a page of it fits a terminal."""
    program.environment["TRAJECT_SMTP_URL"] = f"smtps://an:geheim@{MICROSOFT}:1"
    assert "traject init" in program.call("doctor", "--offline", expect=1).stdout
    program.init()
    answer = program.call("doctor", "--json", "--offline", expect=None).json
    assert [f for f in answer["findings"] if f["state"] != "ok" and not f["remedy"]] == []
    page = program.call("doctor", "--offline", expect=None).stdout
    assert [line for line in page.splitlines() if len(line) > 80 and "/" not in line] == []
    assert "geheim" not in page


def test_two_working_days_without_a_round_are_a_fault(sqlite_url: str, tmp_path: Path) -> None:
    """A weekend is not; with nothing due all the same."""
    program = Program(tmp_path, sqlite_url)
    program.init("--simulated-clock", "--now", "2026-03-05T09:00")
    program.call("tick", "--now", "2026-03-06T09:00")  # a Friday

    def rounds(now: str) -> str:
        answer = program.call("doctor", "--json", "--now", now, expect=None).json
        return next(str(f["state"]) for f in answer["findings"] if f["check"] == "rounds")

    assert rounds("2026-03-10T18:00") == "ok"
    assert rounds("2026-03-11T09:00") == "wrong"


def test_the_doctor_knocks_at_the_mail_server(program: Program) -> None:
    """Nothing is said there; --offline does not go."""
    program.init()
    with smtp_server() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        assert finding(program, "mail", TRAJECT_SMTP_URL=url)["state"] == "ok"
        assert server.heard.verbs() == []
    gone = finding(program, "mail", TRAJECT_SMTP_URL=url)
    assert gone["state"] == "wrong"
    assert "traject mail test" in str(gone["remedy"])
    program.call("doctor", "--offline", TRAJECT_SMTP_URL=url)


def test_the_doctor_knows_when_microsoft_ends_passwords(program: Program) -> None:
    """Only where a password goes there: a connector knows the machine."""
    program.init()
    program.environment["TRAJECT_SMTP_URL"] = f"smtp+starttls://an:geheim@{MICROSOFT}"
    answer = program.call("doctor", "--json", "--offline").json
    (found,) = [f for f in answer["findings"] if f["check"] == "basic_authentication"]
    assert "end of December 2026" in found["text"]
    url = "smtp+starttls://vvsg-be.mail.protection.outlook.com:25"
    page = program.call("doctor", "--offline", TRAJECT_SMTP_URL=url).stdout
    assert "Microsoft" not in page


def test_the_doctor_sees_others_with_our_names(program: Program, tmp_path: Path) -> None:
    """A folder further on Python's path may win one day."""
    program.init()
    (tmp_path / "other" / "engine").mkdir(parents=True)
    (tmp_path / "other" / "engine" / "__init__.py").touch()
    told = program.run("doctor", "--json", PYTHONPATH=str(tmp_path / "other"), expect=None)
    if told.code == 0:  # with another order of the path traject itself refuses to run
        names = [f for f in told.json["findings"] if f["check"] == "namesakes"]
        assert str(tmp_path / "other" / "engine") in names[0]["text"]
    else:
        assert "environment of its own" in told.stderr


@pytest.mark.parametrize("given", [("2026-01-01",), ("yesterweek", "--simulated-clock")])
def test_a_clock_that_cannot_hold_is_refused_before_there_is_a_file(
    tmp_path: Path, given: tuple[str, ...]
) -> None:
    """The next try would find an empty database."""
    program = Program(tmp_path)
    before = sorted(program.home.rglob("*"))
    program.call("init", *COACH, "--now", *given, expect=4 if len(given) == 1 else 2)
    assert sorted(program.home.rglob("*")) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize(
    ("text", "state"),
    [
        ('database = "postgresql://an:ge/heim@h/db"', "wrong"),
        ('database = "postgresql://h/db?password=geheim"', "wrong"),
        ('smtp_url = "smtps://an:geheim@h"', "wrong"),
        ('database = "postgresql://an@h/db"', "ok"),
        ('smtp_url = "smtps://h"', "ok"),
    ],
)
def test_a_password_in_settings_that_others_can_read_is_told(
    tmp_path: Path, text: str, state: str
) -> None:
    """That of a mail server, and that of a database too."""
    file = tmp_path / "settings.toml"
    file.write_text(f"{text}\n")
    context = Context(build("en").wiring, "en", {"TRAJECT_SETTINGS": str(file)})
    for mode, found in ((0o644, state), (0o600, "ok")):
        file.chmod(mode)
        (finding,) = surroundings.settings(context)
        assert finding.state == found
        assert "geheim" not in str(finding)
