"""Signing in over real sockets: tokens from a token server, passwords from where they are kept."""

from __future__ import annotations

import base64
import os
import ssl
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from engine.domain.errors import BadInput
from engine.ports import Letter, Receipt
from notifications.compose import compose
from notifications.delivery import Account, Application, Secret, SmtpNotifier, Timeouts
from notifications.delivery.account import SignInError
from notifications.delivery.tokens import certificate_ends, keep_private, sign_in
from tests.authority import Authority, authority
from tests.mail_server import SECRET, real_server
from tests.notices import notice
from tests.smtp_server import smtp_server
from tests.token_server import CLIENT, TENANT, TokenServer, refusal, token_server

SHORT = Timeouts(connect=2, command=5, envelope=2, data=2, dot=2, quit=1)
LETTER = compose(notice("overdue"))
MAILBOX = "livc@example.org"
CANARY = "canary-s3cr3t~of.the-application"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the authority that clients are told to trust."""
    return authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def context(ours: Authority) -> ssl.SSLContext:
    """Return the TLS of our servers."""
    return ours.server("localhost")


@pytest.fixture
def tokens(
    ours: Authority, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TokenServer]:
    """Run a token server that this process trusts."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ours.root))
    with token_server(context) as server:
        yield server


def application(server: TokenServer, secret: Secret | None = None, **more: Path) -> Account:
    """Return the account of our application."""
    known = Application(TENANT, CLIENT, secret, authority=server.authority, **more)
    return Account(application=known)


def by_secret(tokens: TokenServer) -> Account:
    """Return the account of our application, with its secret."""
    return application(tokens, Secret(CANARY))


def notifier(port: int, ours: Authority, account: Account, user: str = MAILBOX) -> SmtpNotifier:
    """Return a notifier that signs in over STARTTLS."""
    url = f"smtp+starttls://{user.replace('@', '%40')}@localhost:{port}"
    return SmtpNotifier(url, ca_file=ours.root, timeouts=SHORT, account=account)


def send(through: SmtpNotifier, *letters: Letter) -> list[Receipt]:
    """Send letters in one session."""
    with through.session() as session:
        return [session.send(f"{n:06}", letter) for n, letter in enumerate(letters, 1)]


# tokens


def test_an_application_with_a_secret_signs_in_with_a_token(
    ours: Authority, context: ssl.SSLContext, tokens: TokenServer
) -> None:
    """One token for several sessions; said only within TLS; every step is told."""
    with real_server(context, implicit=False, tokens=tokens.given) as (boxes, port):
        through = notifier(port, ours, by_secret(tokens))
        receipts = send(through, LETTER, LETTER) + send(through, LETTER)
        steps = through.probe()
    assert [receipt.outcome for receipt in receipts] == ["sent"] * 3
    assert set(boxes.bearers) == {(MAILBOX, "canary-token-1", True)}
    (form,) = tokens.asked
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == "https://outlook.office365.com/.default"
    assert (form["client_id"], form["client_secret"]) == (CLIENT, CANARY)
    told = [step.phase for step in steps]
    assert told == ["connect", "ehlo", "tls", "ehlo", "token", "auth"]
    assert all(step.ok for step in steps)


def test_an_application_with_a_certificate_needs_no_secret(
    ours: Authority, context: ssl.SSLContext, tokens: TokenServer, tmp_path: Path
) -> None:
    """It signs an assertion with its key; the end of the certificate is known."""
    pem = certificate(tmp_path / "application.pem", days=20)
    with real_server(context, implicit=False, tokens=tokens.given) as (_, port):
        account = application(tokens, certificate=pem)
        assert send(notifier(port, ours, account), LETTER)[0].outcome == "sent"
    (form,) = tokens.asked
    assert "client_secret" not in form
    assert form["client_assertion"].count(".") == 2
    assert (certificate_ends(pem) - datetime.now(UTC)).days in (19, 20)


def certificate(file: Path, days: int) -> Path:
    """Write a certificate of an application with its key."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "traject")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(1).not_valid_before(now - timedelta(99))
    signed = made.not_valid_after(now + timedelta(days)).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keep_private(file, (private + signed.public_bytes(Encoding.PEM)).decode())
    return file


def test_a_mailbox_signs_in_once_in_a_browser(
    ours: Authority, context: ssl.SSLContext, tokens: TokenServer, tmp_path: Path
) -> None:
    """The tokens lie in a file for this account alone, and renew themselves."""
    kept = tmp_path / "oauth-tokens"
    account = application(tokens, tokens=kept)
    assert account.application is not None
    shown: list[tuple[str, str]] = []
    tokens.lives = 60  # less than msal likes: the first use renews it
    keep_private(kept, sign_in(account.application, lambda *code: shown.append(code)))
    assert shown == [("https://example.org/device", "ABCD1234")]
    assert kept.stat().st_mode & 0o777 == 0o600
    with real_server(context, implicit=False, tokens=tokens.given) as (boxes, port):
        assert send(notifier(port, ours, account), LETTER)[0].outcome == "sent"
        stranger = send(notifier(port, ours, account, "else@example.org"), LETTER)[0]
    assert boxes.bearers == [(MAILBOX, "canary-token-2", True)]
    assert "canary-refresh-2" in kept.read_text()
    assert (stranger.outcome, stranger.phase) == ("hold", "token")
    assert "sign in again" in stranger.text
    assert tokens.asked[0]["scope"].startswith("https://outlook.office.com/SMTP.Send")


@pytest.mark.parametrize("same", [True, False])
def test_a_mailbox_whose_token_is_refused_asks_for_another(
    ours: Authority, context: ssl.SSLContext, tokens: TokenServer, tmp_path: Path, same: bool
) -> None:
    """The one that is kept is not tried again, by this process or by another."""
    account = signed_in(tokens, tmp_path / "oauth-tokens")
    good: list[str] = []
    with real_server(context, implicit=False, tokens=good) as (boxes, port):
        through = notifier(port, ours, account)
        (refused,) = send(through, LETTER)
        good.append("canary-token-2")
        (taken,) = send(through if same else notifier(port, ours, account), LETTER)
    assert (refused.outcome, refused.phase, taken.outcome) == ("hold", "auth", "sent")
    assert [token for _, token, _ in boxes.bearers] == ["canary-token-1", "canary-token-2"]


def signed_in(tokens: TokenServer, kept: Path) -> Account:
    """Return the account of a mailbox, once somebody agreed in a browser."""
    account = application(tokens, tokens=kept)
    assert account.application is not None
    keep_private(kept, sign_in(account.application, lambda *_: None))
    return account


def test_tokens_that_cannot_be_kept_send_mail_all_the_same(
    ours: Authority,
    context: ssl.SSLContext,
    tokens: TokenServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing can be written beside their file: the log says so; a refusal asks anew as well."""
    kept = tmp_path / "oauth-tokens"
    signed_in(tokens, kept)
    good = ["canary-token-2"]
    with kept.open() as opened, real_server(context, implicit=False, tokens=good) as (_, port):
        account = application(tokens, tokens=Path(f"/dev/fd/{opened.fileno()}"))
        through = notifier(port, ours, account)
        receipts = send(through, LETTER) + send(through, LETTER)
    assert [receipt.outcome for receipt in receipts] == ["hold", "sent"]
    assert "cannot be written" in caplog.text
    assert "canary" not in caplog.text


def test_a_file_that_cannot_be_written_leaves_no_draft(tmp_path: Path) -> None:
    """A draft would hold what is secret."""
    (tmp_path / "kept" / "taken").mkdir(parents=True)
    with pytest.raises(OSError, match="kept"):
        keep_private(tmp_path / "kept", "secret")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        (refusal(7000222), "hold", "AADSTS7000222"),
        (refusal(700016, "unauthorized_client"), "hold", "AADSTS700016"),
        (refusal(90033, "temporarily_unavailable"), "pause", "temporarily_unavailable"),
        ((503, "busy"), "pause", "something else"),
        ((200, "<html>"), "pause", "something else"),
        ((200, {"token_type": "Bearer"}), "hold", "no_token"),
    ],
)
def test_a_token_that_does_not_come_holds_or_pauses_the_queue(
    ours: Authority,
    context: ssl.SSLContext,
    tokens: TokenServer,
    answer: tuple[int, str],
    outcome: str,
    said: str,
) -> None:
    """Nothing was said to the mail server; the next try asks again and goes on."""
    tokens.script.append(answer)
    with real_server(context, implicit=False, tokens=tokens.given) as (boxes, port):
        through = notifier(port, ours, by_secret(tokens))
        (receipt,) = send(through, LETTER)
        assert boxes.bearers == []
        shown = repr((receipt, through))
    assert (receipt.outcome, receipt.phase) == (outcome, "token")
    assert said in receipt.text
    assert CANARY not in shown


def test_a_token_server_that_is_not_there_or_not_trusted(
    ours: Authority,
    context: ssl.SSLContext,
    tokens: TokenServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Away: the queue waits. A stranger's certificate, or no such tenant: a person must look."""
    gone = Application(TENANT, CLIENT, Secret(CANARY), authority="https://localhost:1")
    with real_server(context, implicit=False) as (_, port):
        away = send(notifier(port, ours, Account(application=gone)), LETTER)[0]
        tokens.known = False
        nowhere = send(notifier(port, ours, by_secret(tokens)), LETTER)[0]
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        strange = send(notifier(port, ours, by_secret(tokens)), LETTER)[0]
    assert [r.outcome for r in (away, nowhere, strange)] == ["pause", "hold", "hold"]
    assert {r.phase for r in (away, nowhere, strange)} == {"token"}
    assert "certificate" in strange.text


def test_a_token_that_the_mail_server_refuses_is_not_tried_twice(
    ours: Authority, context: ssl.SSLContext, tokens: TokenServer
) -> None:
    """The queue is held after one try; a quarter of an hour later a new token is asked for."""
    good: list[str] = []
    with real_server(context, implicit=False, tokens=good) as (boxes, port):
        through = notifier(port, ours, by_secret(tokens))
        (refused,) = send(through, LETTER)
        good.append("canary-token-2")
        (taken,) = send(through, LETTER)
    assert (refused.outcome, refused.phase, refused.code) == ("hold", "auth", 535)
    assert taken.outcome == "sent"
    assert [token for _, token, _ in boxes.bearers] == ["canary-token-1", "canary-token-2"]
    assert "canary" not in repr(refused)


def test_without_xoauth2_or_tls_no_token_leaves(
    ours: Authority, context: ssl.SSLContext, tokens: TokenServer
) -> None:
    """Not even asked for."""
    with smtp_server({}, context) as server:
        (receipt,) = send(notifier(server.port, ours, by_secret(tokens)), LETTER)
    assert (receipt.outcome, receipt.phase) == ("hold", "auth")
    assert "XOAUTH2" in receipt.text
    with smtp_server({"EHLO": "250-loopback\r\n250 AUTH XOAUTH2"}) as server:
        (receipt,) = send(notifier(server.port, ours, by_secret(tokens)), LETTER)
    assert (receipt.outcome, receipt.phase) == ("hold", "tls")
    assert "AUTH" not in server.heard.verbs()
    assert tokens.asked == []


def test_a_server_that_repeats_the_token_does_not_get_it_stored(
    ours: Authority, context: ssl.SSLContext, tokens: TokenServer
) -> None:
    """Neither plain nor as it went over the wire."""
    script = {"EHLO": "250-loopback\r\n250-STARTTLS\r\n250 AUTH XOAUTH2"}
    wire = base64.b64encode(f"user={MAILBOX}\1auth=Bearer canary-token-1\1\1".encode()).decode()
    with smtp_server({**script, "AUTH": f"535 canary-token-1 {wire}"}, context) as server:
        through = notifier(server.port, ours, by_secret(tokens))
        shown = repr((send(through, LETTER), through))
    assert f"AUTH XOAUTH2 {wire}" in server.heard.private
    assert "canary" not in shown
    assert wire not in shown


# passwords


def test_a_password_comes_from_a_file_that_may_change(
    ours: Authority, context: ssl.SSLContext, tmp_path: Path
) -> None:
    """It is read at each sign-in; the end of its line is not part of it."""
    file = tmp_path / "password"
    file.write_text("wrong\n")
    with real_server(context, implicit=False) as (boxes, port):
        through = notifier(port, ours, Account(Secret(file=file)), "jo@example.org")
        assert send(through, LETTER)[0].outcome == "hold"
        file.write_text(f"{SECRET}\r\n")
        assert send(through, LETTER)[0].outcome == "sent"
        file.unlink()
        gone = send(through, LETTER)[0]
    assert [login[:2] for login in boxes.logins][1] == (b"jo@example.org", SECRET.encode())
    assert (gone.outcome, gone.phase) == ("hold", "auth")
    assert str(file) in gone.text


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines\n", b"\xff\xfe", b"x" * 70_000])
def test_a_file_that_holds_no_password_is_refused(tmp_path: Path, content: bytes) -> None:
    """Without a word of what it holds."""
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(SignInError) as refused:
        Secret(file=file).read("jo")
    assert str(file) in refused.value.text
    assert "lines" not in refused.value.text


def test_a_password_comes_from_the_credential_store(
    ours: Authority, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a real keyring with a backend of ours; another service has none."""
    import keyring

    from tests.vault import Vault

    vault = Vault()
    vault.set_password("traject", "jo@example.org", SECRET)
    before = keyring.get_keyring()
    keyring.set_keyring(vault)
    try:
        with real_server(context, implicit=False) as (_, port):
            account = Account(Secret(vault="traject"))
            taken = send(notifier(port, ours, account, "jo@example.org"), LETTER)[0]
            other = Account(Secret(vault="other"))
            missing = send(notifier(port, ours, other, "jo@example.org"), LETTER)[0]
    finally:
        keyring.set_keyring(before)
    assert taken.outcome == "sent"
    assert (missing.outcome, missing.phase) == ("hold", "auth")
    assert "credential store" in missing.text


def test_a_machine_without_a_credential_store_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server has none."""
    import keyring
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
    try:
        with pytest.raises(SignInError, match="cannot be read"):
            Secret(vault="traject").read("jo")
    finally:
        keyring.set_keyring(before)


# settings that do not fit


@pytest.mark.parametrize(
    ("user", "account"),
    [
        ("jo@", Account()),
        ("", Account(Secret("x"))),
        ("jo:y@", Account(Secret("x"))),
        ("jo@", Account(Secret("x"), Application(TENANT, CLIENT, Secret("z")))),
        ("jo@", Account(application=Application(TENANT, CLIENT))),
        ("jo@", Account(application=Application("", CLIENT, Secret("z")))),
        ("jo@", Account(application=Application(TENANT, CLIENT, Secret("z"), Path("c.pem")))),
    ],
)
def test_no_way_or_several_ways_to_sign_in_are_refused(user: str, account: Account) -> None:
    """Before any connection, with the settings that say it."""
    with pytest.raises(BadInput) as refused:
        SmtpNotifier(f"smtps://{user}mail.example.org", account=account)
    assert any(word in str(refused.value) for word in ("smtp_", "oauth_", "names no user"))


def test_the_libraries_are_loaded_only_when_they_sign_in() -> None:
    """Who has a relay that knows the machine loads none of them."""
    import subprocess

    program = (
        "import sys; from pathlib import Path; from notifications.delivery import *;"
        "SmtpNotifier('smtps://jo@h', account=Account(Secret(file=Path('x'))));"
        "print([n for n in ('msal', 'keyring', 'requests', 'cryptography') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "[]"
