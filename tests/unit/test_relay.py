"""The address of the mail server: what is taken, what is refused, what is never shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.domain.errors import BadInput
from notifications.delivery import FileNotifier, SmtpNotifier, notifier_for
from notifications.delivery.relay import Relay, is_loopback, relay_from


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp+starttls://jo:geheim@mail.example.org",
         Relay("mail.example.org", 587, "starttls", "jo", "geheim")),
        ("smtps://mail.example.org/", Relay("mail.example.org", 465, "tls")),
        ("smtps://jo%40example.org:p%3A%2F%C3%A9@mail.example.org:1465",
         Relay("mail.example.org", 1465, "tls", "jo@example.org", "p:/é")),
        ("smtps://jo@mail.example.org", Relay("mail.example.org", 465, "tls", "jo")),
        ("smtp://localhost", Relay("localhost", 25, "none")),
        ("smtp://127.0.0.2:2525", Relay("127.0.0.2", 2525, "none")),
        ("smtp://[::1]:2525", Relay("::1", 2525, "none")),
    ],
)  # fmt: skip
def test_a_url_names_a_relay(url: str, relay: Relay) -> None:
    """Scheme, host, port and account, percent-decoded."""
    assert relay_from(url) == relay


@pytest.mark.parametrize(
    "url",
    ["", "mail.example.org", "http://mail.example.org", "smtp://mail.example.org:geheim",
     "smtp://mail.example.org", "smtp://jo:geheim@localhost.example.org", "smtp://10.0.0.1",
     "smtp://[::ffff:127.0.0.1]", "smtps://",
     "smtps://:geheim@mail.example.org", "smtps://jo:gehe/im@mail.example.org",
     "smtps://jo:gehe#im@mail.example.org", "smtps://jo:gehe?im@mail.example.org",
     "smtps://mail.example.org:geheim", "smtps://mail.example.org:99999",
     "smtps://mail.example.org/geheim", "smtp+starttls://mail.example.org?password=geheim"],
)  # fmt: skip
def test_a_wrong_url_is_refused_without_repeating_it(url: str) -> None:
    """The words say what to write; they never hold the password."""
    with pytest.raises(BadInput) as caught:
        relay_from(url)
    assert "geheim" not in f"{caught.value!s} {caught.value!r} {caught.value.sentence}"
    assert caught.value.__cause__ is None


def test_only_this_machine_by_name_is_loopback() -> None:
    """Nothing is asked of the DNS."""
    assert [is_loopback(host) for host in ("localhost", "127.9.9.9", "::1")] == [True] * 3
    assert not any(map(is_loopback, ("localhost.", "example.org", "0.0.0.0", "::", "128.0.0.1")))


def test_the_password_is_in_no_repr() -> None:
    """Neither of the relay nor of the notifier."""
    url = "smtps://jo:geheim@mail.example.org"
    assert "geheim" not in repr(relay_from(url)) + repr(SmtpNotifier(url))
    assert repr(SmtpNotifier(url)) == "SmtpNotifier(mail.example.org:465, tls)"


def test_the_settings_choose_between_server_and_files(tmp_path: Path) -> None:
    """Without a server letters become files, and a file is never called sent."""
    assert isinstance(notifier_for(None, tmp_path), FileNotifier)
    assert notifier_for(None, tmp_path).writes_files
    assert not notifier_for("smtp://localhost", tmp_path, None).writes_files


def test_importing_the_package_costs_nothing() -> None:
    """No mail library, no event loop, no templates until a mail is made."""
    heavy = "{'aiosmtplib', 'asyncio', 'jinja2', 'ssl'}"
    program = f"import notifications.delivery, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
