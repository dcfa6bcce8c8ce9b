"""An operator's day, in Dutch: sets traject up on one machine, and mends what stops the mails."""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from engine.store.database import open_database
from tests.authority import authority
from tests.integration.test_migrations import put_back
from tests.mail_server import SECRET, Mailboxes, real_server
from tests.program import Program
from tests.smtp_server import SILENCE, smtp_server
from tests.terminal import CTRL_C, terminal

AN = ("--name", "An Peeters", "--email", "an.peeters@example.org")
LIER = ("start", "reactiveren", "Lier", "--coordinator", "Jo Maes <jo.maes@example.org>")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="a shell to paste into")
KINDS = ("systemd", "windows", "cron")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program in Dutch, where nobody has set it up yet."""
    return Program(tmp_path, lang="nl")


@pytest.fixture
def ready(program: Program) -> Program:
    """The program set up, with mails that leave at once."""
    program.call("init", *AN)
    program.call("config", "set", "hold_back", "0")
    return program


def one_line(text: str) -> str:
    """Return a screen as one line, as it is read."""
    return " ".join(text.split())


def findings(program: Program) -> dict[str, tuple[str, list[str]]]:
    """Return what the doctor says: state and remedies of each look."""
    told = program.call("doctor", "--json", expect=None).json["findings"]
    return {one["check"]: (one["state"], one["remedy"]) for one in told}


def write_down(program: Program, password: str) -> None:
    """Keep a password as the program asks: in a file that a setting names."""
    file = program.home / "password"
    file.write_text(password, encoding="utf-8")
    file.chmod(0o600)
    program.call("config", "set", "smtp_password_file", str(file))


def file_of(program: Program) -> Path:
    """Return where the database lies that nobody named."""
    return program.home / ".local" / "share" / "traject" / "traject.db"


# --- setting up ---


def test_a_folder_that_onedrive_keeps_is_refused_with_the_ways_out(program: Program) -> None:
    """Nothing is made there; another folder on this computer, or PostgreSQL."""
    folder = program.home.parent / "OneDrive - VVSG"
    folder.mkdir()
    told = program.call("init", *AN, "--database", str(folder / "traject.db"), expect=4).stderr
    for part in (str(folder), "synchroniseert", "Kies een map op deze computer", "PostgreSQL"):
        assert part in one_line(told)
    assert list(folder.iterdir()) == []


def test_the_doctor_before_and_after_says_what_to_paste(program: Program) -> None:
    """Before: make a database. After: a copy, a mail server, the rounds; nothing is wrong."""
    before = findings(program)
    assert before["database"] == ("wrong", ["traject init"])
    program.call("init", *AN)
    after = findings(program)
    assert [name for name, (state, _) in after.items() if state == "wrong"] == []
    assert after["mail"] == ("remark", ["traject config mail"])
    assert any(line.startswith("traject serve --install") for line in after["rounds"][1])
    assert "traject tick" in after["rounds"][1]
    program.call("tick")
    assert findings(program)["rounds"][0] == "ok"


@POSIX
def test_the_remedies_of_the_doctor_work_when_they_are_pasted(ready: Program) -> None:
    """The modes of the files, and a copy that verifies by itself."""
    file_of(ready).chmod(0o644)
    file_of(ready).parent.chmod(0o755)
    state, remedies = findings(ready)["modes"]
    assert state == "wrong"
    paste(ready, remedies)
    assert findings(ready)["modes"][0] == "ok"
    assert file_of(ready).stat().st_mode & 0o077 == 0
    assert findings(ready)["backup"] == ("remark", ["traject backup"])
    ready.call("backup")
    (copy,) = (file_of(ready).parent / "backups").iterdir()
    assert copy.stat().st_mode & 0o077 == 0
    ready.call("verify", "--database", str(copy))
    assert findings(ready)["backup"] == ("ok", [])


def paste(program: Program, lines: list[str]) -> None:
    """Let a shell do what was printed."""
    for line in lines:
        done = subprocess.run(
            ["/bin/sh", "-c", line], env=program.environment, capture_output=True, check=False
        )
        assert done.returncode == 0, (line, done.stderr)


@dataclass
class Served:
    """A program whose mails go to a real server, and what it said while that was set."""

    program: Program
    boxes: Mailboxes
    port: int
    screen: str


@pytest.fixture
def with_server(ready: Program, tmp_path: Path) -> Any:
    """Answer the questions of `config mail` for a server that asks TLS and a password."""
    ours = authority(tmp_path)
    ready.environment["TRAJECT_SMTP_CA"] = str(ours.root)
    context: ssl.SSLContext = ours.server("localhost")
    more = {"TRAJECT_SMTP_CA": str(ours.root)}
    with real_server(context, implicit=False) as (boxes, port):
        with terminal(["config", "mail"], home=ready.home, environment=more) as session:
            session.answer(">", "1")
            session.answer("Server:", "localhost")
            session.answer("Poort: [587]", str(port))
            session.answer(">", "1")
            session.answer("Gebruiker", "jo@example.org")
            session.answer("Wachtwoord", SECRET)
            session.answer("Afzender: [jo@example.org]", "traject@example.org")
            session.answer("ondertekent de mails?", "VVSG")
            session.answer("[J/n]")
            assert session.ended() == 0
            screen = session.screen
        yield Served(ready, boxes, port, screen)


def test_a_mail_server_is_set_by_questions_and_takes_the_mails(with_server: Served) -> None:
    """The password stands on no screen, each setting says where it comes from, mails arrive."""
    program, boxes = with_server.program, with_server.boxes
    assert SECRET not in with_server.screen
    assert "aanmelding" in with_server.screen
    shown = program.call("config", "show").stdout
    assert SECRET not in shown
    told = one_line(shown)
    port = with_server.port
    for setting in (
        f"smtp_url smtp+starttls://jo%40example.org:***@localhost:{port} "
        "(uit het instellingenbestand)",
        "smtp_ca " + program.environment["TRAJECT_SMTP_CA"] + " (uit TRAJECT_SMTP_CA)",
        "lang nl (uit TRAJECT_LANG)",
        "hold_back 0 (uit het instellingenbestand)",
        "organisation VVSG (uit het instellingenbestand)",
        "plain false (standaard)",
    ):
        assert setting in told
    steps = program.call("mail", "test").stdout.splitlines()
    assert list(dict.fromkeys(line.split()[0] for line in steps)) == [
        "verbinding", "begroeting", "versleuteling", "aanmelding",
    ]  # fmt: skip
    assert all(" in orde" in line for line in steps)
    program.call(*LIER)
    assert program.call("tick").stdout == "herinneringen die een mail werden: 1; verstuurd: 1\n"
    (letter,) = boxes.taken
    assert isinstance(letter.content, bytes)
    mail = message_from_bytes(letter.content, policy=policy.default)
    assert (letter.mail_from, letter.rcpt_tos) == ("traject@example.org", ["jo.maes@example.org"])
    assert mail["From"].addresses[0].display_name == "An Peeters (VVSG)"
    assert all(safe for _, _, safe in boxes.logins)
    state, _ = findings(program)["mail"]
    assert state == "ok"


# --- running ---


@pytest.mark.parametrize("kind", KINDS)
def test_what_would_run_the_rounds_is_shown_in_full_and_holds_no_password(
    ready: Program, kind: str
) -> None:
    """The very unit, task or line, on standard output; nothing is changed."""
    ready.call("config", "set", "smtp_url", "smtps://jo@mail.example.org")
    (kept,) = ready.home.rglob("settings.toml")  # where `config mail` keeps what was typed in
    kept.write_text(kept.read_text("utf-8").replace("//jo@", "//jo:geheim@"), "utf-8")
    assert "jo:***@" in ready.call("config", "show").stdout
    before = sorted(ready.home.rglob("*"))
    answer = ready.call("serve", "--install", kind, "--dry-run")
    for part in {
        "systemd": ("[Service]", "ExecStart=", "serve --every 60", "WantedBy=default.target"),
        "windows": ("Register-ScheduledTask", "New-TimeSpan -Minutes 15", "-AtLogOn", " tick'"),
        "cron": ("*/15 * * * *", " tick"),
    }[kind]:
        assert part in answer.stdout
    assert "geheim" not in answer.stdout
    assert str(file_of(ready)) in answer.stdout
    assert "Niets gewijzigd." in answer.stderr
    assert sorted(ready.home.rglob("*")) == before


def test_a_wrong_password_holds_the_queue_until_it_is_right_and_released(ready: Program) -> None:
    """Every round says so, so do the morning, the list and the doctor; then the mail leaves."""
    with smtp_server({"AUTH": ["535 5.7.8 no"]}) as server:
        url = f"smtp://jo%40example.org@127.0.0.1:{server.port}"
        ready.call("config", "set", "smtp_url", url)
        write_down(ready, "fout")
        ready.call(*LIER)
        for _ in range(2):
            told = ready.call("tick", expect=7).stdout
            assert "tegengehouden (traject mail list, traject doctor): 1" in told
        for screen in ((), ("mail", "list")):
            told = one_line(ready.call(*screen).stdout)
            assert "Er vertrekt geen mail: de mailserver weigert ons (auth 535: no)." in told
            assert "Verholpen? traject mail release --all" in told
        held = [one for one in findings(ready).values() if "traject mail release --all" in one[1]]
        assert [state for state, _ in held] == ["wrong"]
        write_down(ready, "goed")
        assert "aanmelding   in orde" in ready.call("mail", "test").stdout
        assert server.heard.letters == []
        released = ready.call("mail", "release", "--all").stdout
        assert released == "Wat klaarstond, vertrekt bij de volgende mailronde: traject tick\n"
        assert ready.call("tick").stdout == "verstuurd: 1\n"
        assert len(server.heard.letters) == 1
    assert "Er vertrekt geen mail" not in ready.call("mail", "list").stdout


# --- upgrading, and what is broken off ---


def test_a_database_of_an_older_version_names_the_command_that_brings_it_up_to_date(
    ready: Program,
) -> None:
    """Daily commands and the doctor say it; trying changes nothing; afterwards all verifies."""
    ready.call(*LIER, "--no-mail")
    ready.database_url = f"sqlite:///{file_of(ready)}"
    before = ready.ledger()
    database = open_database(ready.database_url)
    put_back(database)
    database.close()
    assert "traject upgrade" in ready.call("list", expect=1).stderr
    assert findings(ready)["schema"] == ("wrong", ["traject upgrade"])
    ready.call("upgrade", "--dry-run")
    assert "schema" in findings(ready)
    ready.call("upgrade")
    assert "schema" not in findings(ready)
    assert "Al bijgewerkt" in ready.call("upgrade").stdout
    assert ready.ledger() == before
    assert "Lier" in ready.call("list").stdout
    assert ready.call("verify").stdout.startswith("In orde: ")


def wait_until(happened: Callable[[], object]) -> None:
    """Wait until something happened in another process."""
    for _ in range(500):
        if happened():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen in ten seconds")


@POSIX
def test_a_round_that_is_broken_off_loses_no_mail_and_sends_no_other(ready: Program) -> None:
    """Ctrl-C while the server thinks: it may have arrived; the same bytes are tried again."""
    with smtp_server({"dot": [SILENCE]}) as server:
        ready.call("config", "set", "smtp_url", f"smtp://127.0.0.1:{server.port}")
        ready.call(*LIER)
        with terminal(["tick"], home=ready.home) as session:
            wait_until(lambda: server.heard.letters)
            session.press(CTRL_C)
            assert session.ended() == 130
            assert "Onderbroken." in session.screen
        (letter,) = server.heard.letters
    assert ready.call("tick", expect=None).stdout == (
        "misschien aangekomen, dezelfde mail vertrekt opnieuw: 1\n"
    )
    assert "misschien aangekomen" in ready.call("mail", "list").stdout
    assert ready.call("mail", "show", "1", "--raw").stdout.split() == letter.decode().split()
    assert ready.call("verify").stdout.startswith("In orde: ")


def test_a_question_that_is_broken_off_changes_nothing(program: Program) -> None:
    """Ctrl-C in the middle of setting up: as if it had not been begun."""
    with terminal(["init"], home=program.home) as session:
        session.answer("Je naam:", "An Peeters")
        session.expect("Je mailadres:")
        session.press(CTRL_C)
        assert session.ended() == 130
    assert [path for path in program.home.rglob("*") if path.is_file()] == []
    assert findings(program)["database"][0] == "wrong"
