"""What is told of a mail server that refuses, is busy or is silent: why, and what helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import Program
from tests.smtp_server import HANG_UP, smtp_server

AN = ("--name", "An Peeters", "--email", "an@example.org")
LIER = ("start", "reactiveren", "Lier", "--coordinator", "Jo Maes <jo.maes@example.org>")


@pytest.fixture
def ready(tmp_path: Path) -> Program:
    """The program set up in Dutch, with a mail that leaves at once."""
    program = Program(tmp_path, lang="nl")
    program.call("init", *AN)
    program.call("config", "set", "hold_back", "0")
    program.call(*LIER)
    return program


def screens(program: Program) -> list[str]:
    """Return what a round, the morning, the list and the doctor say, each as one line."""
    commands = (("tick",), (), ("mail", "list"), ("doctor", "--offline"))
    answers = [program.call(*words, expect=None) for words in commands]
    assert [answer.stderr for answer in answers] == [""] * len(answers)
    return [" ".join(answer.stdout.split()) for answer in answers]


def test_a_sender_that_is_refused_is_told_in_the_servers_words(ready: Program) -> None:
    """Everywhere the same sentence, with what to do about the address; nobody is named."""
    with smtp_server({"MAIL": ["550 5.7.1 sender an@example.org refused"]}) as server:
        ready.call("config", "set", "smtp_url", f"smtp://127.0.0.1:{server.port}")
        told = screens(ready)
    for screen in told:
        assert "de mailserver weigert ons (mail 550: sender *** refused)" in screen
        assert "de instelling sender" in screen


def test_a_busy_server_is_no_silent_one(ready: Program) -> None:
    """421 asks to come back: a trial does not doubt the name and the port."""
    with smtp_server({"greeting": "421 4.3.2 too busy"}) as server:
        ready.call("config", "set", "smtp_url", f"smtp://127.0.0.1:{server.port}")
        told = screens(ready)
        trial = " ".join(ready.call("mail", "test", expect=7).stderr.split())
    for screen in told:
        assert "vraagt om later terug te komen (421" in screen
        assert "antwoordt niet" not in screen
    assert "1 mail wacht: " in told[0]
    assert "De server heeft het druk" in trial
    assert "Kijk de naam" not in trial


def test_a_server_that_is_not_there_does_not_answer(ready: Program) -> None:
    """No code and no phase is shown, and no log line beside the sentence."""
    with smtp_server() as server:
        port = server.port
    ready.call("config", "set", "smtp_url", f"smtp://127.0.0.1:{port}")
    for screen in screens(ready):
        assert "de mailserver antwoordt niet" in screen
        assert "(connect" not in screen


def test_a_server_without_a_login_is_told_in_dutch(ready: Program) -> None:
    """What we say of the road ourselves is in the language of the run."""
    file = ready.home / "password"
    file.write_text("geheim", "utf-8")
    file.chmod(0o600)
    with smtp_server({"EHLO": "250 loopback"}) as server:
        ready.call("config", "set", "smtp_url", f"smtp://jo@127.0.0.1:{server.port}")
        ready.call("config", "set", "smtp_password_file", str(file))
        assert "geen manier van aanmelden" in ready.call("mail", "test", expect=7).stdout
        for screen in screens(ready):
            assert "aanmelding: de server biedt geen manier van aanmelden" in screen


def test_a_mail_of_which_nobody_knows_whether_it_arrived_says_so(ready: Program) -> None:
    """The moment beside it is that of its next attempt."""
    with smtp_server({"dot": HANG_UP}) as server:
        ready.call("config", "set", "smtp_url", f"smtp://127.0.0.1:{server.port}")
        ready.call("tick", expect=None)
        assert "misschien aangekomen, volgende poging " in ready.call("mail", "list").stdout
    assert "dezelfde mail vertrekt nog een keer" in ready.call("mail", "show", "1").stdout


def test_a_dead_mail_says_why_and_the_doctor_counts_it(ready: Program) -> None:
    """What the server answered, how to try again, and no moment that is not known."""
    with smtp_server({"RCPT": "550 5.7.0 we do not want you"}) as server:
        ready.call("config", "set", "smtp_url", f"smtp://127.0.0.1:{server.port}")
        ready.call("tick", expect=7)
    shown = ready.call("mail", "show", "1").stdout
    head = shown.partition("\n\n")[0]
    assert head.splitlines()[4] == "Toestand: niet bezorgd"
    assert "Laatste antwoord: 550 5.7.0 we do not want you" in shown
    assert "traject mail retry 1" in shown
    doctor = ready.call("doctor", "--offline", expect=None).stdout
    assert "mails die niet bezorgd konden worden: 1" in doctor
    assert "traject mail list --status dead" in doctor


def test_settings_without_a_user_still_let_reminders_become_mails(ready: Program) -> None:
    """A round holds the queue for our own mistake, says it, and ends in an alarm."""
    file = ready.home / "password"
    file.write_text("geheim", "utf-8")
    ready.call("config", "set", "smtp_password_file", str(file))
    ready.call("config", "set", "smtp_url", "smtps://mail.example.org")
    done = ready.call("tick", expect=7)
    assert "herinneringen die een mail werden: 1" in done.stdout
    said = " ".join(done.stdout.split())
    assert "onze eigen instellingen van de mailserver kloppen niet (het adres" in said
    assert "traject config mail" in said
