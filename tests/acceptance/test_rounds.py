"""Mails on their way: tick and serve with a real server, a bad one, and none."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.authority import authority
from tests.mail_server import ACCOUNT, real_server
from tests.program import ENTRY, Program
from tests.smtp_server import smtp_server

pytestmark = pytest.mark.above_the_store

START = (
    "start", "reactiveren", "Gent",
    "--coordinator", "Jo Voorbeeld <jo@example.org>",
    "--mayor", "Rita Voorbeeld <rita@example.org>",
)  # fmt: skip


@pytest.fixture
def program(tmp_path: Path, database_url: str) -> Program:
    """A trajectory just started, whose mails may leave at once."""
    made = Program(tmp_path, database_url)
    made.environment |= {"TRAJECT_HOLD_BACK": "0", "TRAJECT_MAIL_FOLDER": str(tmp_path / "mails")}
    made.init()
    made.call(*START)
    return made


def statuses(program: Program) -> list[str]:
    """Return how far each mail is."""
    return [mail["status"] for mail in program.call("mail", "list", "--json").json]


def test_a_real_server_takes_the_mails_over_starttls_once(program: Program, tmp_path: Path) -> None:
    """The private authority is given by TRAJECT_SMTP_CA; a second round sends nothing."""
    ours = authority(tmp_path)
    with real_server(ours.server("localhost"), implicit=False) as (boxes, port):
        program.environment |= {
            "TRAJECT_SMTP_URL": f"smtp+starttls://{ACCOUNT}@localhost:{port}",
            "TRAJECT_SMTP_CA": str(ours.root),
        }
        first = program.call("tick", "--json").json
        second = program.call("tick", "--json").json
        assert program.call("mail", "test").code == 0

    assert (first["fired"], first["sent"]) == (2, 2)
    assert (second["fired"], second["sent"]) == (0, 0)
    assert [envelope.rcpt_tos for envelope in boxes.taken] == [
        ["jo@example.org"],
        ["rita@example.org"],
    ]
    assert statuses(program) == ["sent", "sent"]
    kinds = [event["type"] for event in program.call("history", "1", "--json").json]
    assert kinds.count("MailSent") == 2
    assert program.call("verify").code == 0


@pytest.mark.parametrize("trust", [True, False])
def test_without_tls_that_checks_nothing_leaves_on_loopback_either(
    program: Program, tmp_path: Path, trust: bool
) -> None:
    """No STARTTLS offered, or a certificate of a stranger: held, exit 7, not a byte of MAIL."""
    ours, stranger = authority(tmp_path), tmp_path / "stranger"
    stranger.mkdir()
    context = None if trust else authority(stranger).server("localhost")
    with smtp_server(context=context) as server:
        program.environment |= {
            "TRAJECT_SMTP_URL": f"smtp+starttls://jo:secret@localhost:{server.port}",
            "TRAJECT_SMTP_CA": str(ours.root),
        }
        tally = program.call("tick", "--json", expect=7).json

    assert (tally["sent"], tally["held"]) == (0, 2)
    assert not {"MAIL", "DATA", "AUTH"} & set(server.heard.verbs())
    assert statuses(program) == ["queued", "queued"]


def test_clear_text_goes_to_this_machine_and_nowhere_else(program: Program) -> None:
    """smtp:// works to loopback and is refused elsewhere before anything is opened."""
    with smtp_server() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        assert program.call("tick", "--json", TRAJECT_SMTP_URL=url).json["sent"] == 2

    program.call("tick", TRAJECT_SMTP_URL="smtp://mail.example.org", expect=7)


def test_without_a_server_mails_are_written_and_never_sent_after_all(program: Program) -> None:
    """They stay files once a server is configured."""
    assert program.call("tick", "--json").json["written"] == 2
    with smtp_server() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        assert program.call("tick", "--json", TRAJECT_SMTP_URL=url).json["sent"] == 0
    assert statuses(program) == ["written", "written"]


def test_held_mails_wait_until_they_are_released(program: Program) -> None:
    """What a command of a moment ago caused is held too."""
    program.call("mail", "hold", "1")
    assert program.call("tick", "--json").json["written"] == 0
    assert statuses(program) == ["held", "held"]

    program.call("mail", "release", "1")
    assert program.call("tick", "--json").json["written"] == 2


def test_a_mail_is_shown_as_data(program: Program) -> None:
    """Envelope, the headers that matter, the text, and how far it is."""
    program.call("tick")
    shown = program.call("mail", "show", "1", "--json").json
    assert shown["envelope"] == {"from": "an@example.org", "to": "jo@example.org"}
    assert (shown["status"], shown["trajectory"][-4:]) == ("written", "-001")
    assert "jo@example.org" in shown["headers"]["To"]
    assert {"From", "To", "Subject", "Date", "Message-ID"} <= shown["headers"].keys()
    assert "Jo" in shown["text"]
    assert "Content-Type" not in shown["headers"]


def test_a_coach_who_leaves_is_told_what_to_hand_over(program: Program) -> None:
    """The open trajectories by name, and the command; the mails go to nobody meanwhile."""
    bo = ("Bo", "--email", "bo@example.org", "--account", "uid:77", "--role", "coach")
    program.call("actor", "add", *bo)
    ref = program.call("reassign", "1", "2", "--json").json["ref"]
    said = program.call("actor", "change", "2", "--inactive", "--dry-run").stdout
    assert "  traject reassign gent\n" in said
    assert program.call("actor", "change", "2", "--inactive", "--json").json["coached"] == [ref]
    said = program.call("actor", "change", "2", "--active").stdout
    assert "reassign" not in said


def test_a_dry_tick_changes_nothing(program: Program) -> None:
    """It says how many reminders would become mail."""
    before = program.ledger()
    assert program.call("tick", "--dry-run", "--json").json["fired"] == 2
    assert program.ledger() == before


def test_serve_ticks_and_ends_cleanly_on_sigterm(program: Program) -> None:
    """A service manager stops it so; what was due went out before."""
    serving: Any = subprocess.Popen(
        [sys.executable, "-P", "-c", ENTRY, "serve", "--every", "1"],
        env=program.environment,
        cwd=program.home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while statuses(program) != ["written", "written"]:
            assert time.monotonic() < deadline, "serve wrote nothing"
            time.sleep(0.2)
        serving.send_signal(signal.SIGTERM)
        _, told = serving.communicate(timeout=20)
    finally:
        serving.kill()

    assert serving.returncode == 0
    assert "Stopped." in told
