"""Delivery over a real socket: what the server saw, and what became of the letter."""

from __future__ import annotations

import asyncio
import base64
import ssl
from pathlib import Path

import pytest

from engine.domain.errors import BadInput
from engine.ports import Letter, Receipt
from notifications.compose import compose
from notifications.delivery import SmtpNotifier, Timeouts
from notifications.delivery.conversation import Conversation
from notifications.delivery.relay import relay_from
from notifications.delivery.smtp import Keys
from tests.authority import Authority, authority
from tests.mail_server import ACCOUNT, SECRET, real_server
from tests.notices import COORDINATOR, MAYOR, notice
from tests.smtp_server import HANG_UP, SILENCE, ScriptedServer, smtp_server

SHORT = Timeouts(connect=2, command=2, envelope=2, data=2, dot=2, quit=1)
LETTER = compose(notice("overdue"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the authority that clients are told to trust."""
    return authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def context(ours: Authority) -> ssl.SSLContext:
    """Return the TLS of a server that checks."""
    return ours.server("localhost", "127.0.0.1")


def send(notifier: SmtpNotifier, *letters: Letter) -> list[Receipt]:
    """Send letters in one session."""
    with notifier.session() as session:
        return [session.send(f"{n:06}", letter) for n, letter in enumerate(letters, 1)]


def plain(server: ScriptedServer, timeouts: Timeouts = SHORT) -> SmtpNotifier:
    """Return a notifier in clear text to this machine."""
    return SmtpNotifier(f"smtp://127.0.0.1:{server.port}", timeouts=timeouts)


def starttls(server: ScriptedServer, ca_file: Path | None, host: str = "localhost") -> SmtpNotifier:
    """Return a notifier that insists on STARTTLS and logs in."""
    url = f"smtp+starttls://{ACCOUNT}@{host}:{server.port}"
    return SmtpNotifier(url, ca_file=ca_file, timeouts=SHORT)


# a real server


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # said of implicit TLS too
@pytest.mark.parametrize(("scheme", "implicit"), [("smtp+starttls", False), ("smtps", True)])
def test_a_real_server_takes_the_mails(
    ours: Authority, context: ssl.SSLContext, scheme: str, implicit: bool
) -> None:
    """Private authority, account with odd characters, two letters on one connection."""
    with real_server(context, implicit) as (boxes, port):
        notifier = SmtpNotifier(f"{scheme}://{ACCOUNT}@localhost:{port}", ca_file=ours.root)
        mayors = compose(notice("start", MAYOR))
        receipts = send(notifier, LETTER, mayors)
        steps = notifier.probe()
    assert [receipt.outcome for receipt in receipts] == ["sent", "sent"]
    assert receipts[0] == Receipt("sent", "dot", 250, "2.0.0 queued as 1")
    assert [envelope.rcpt_tos for envelope in boxes.taken] == [[COORDINATOR.email], [MAYOR.email]]
    assert [envelope.content for envelope in boxes.taken] == [LETTER.mime, mayors.mime]
    assert {envelope.mail_from for envelope in boxes.taken} == {LETTER.envelope_from}
    assert boxes.logins[0][:2] == (b"jo@example.org", SECRET.encode())
    assert all(step.ok for step in steps)
    assert [step.phase for step in steps] == (
        ["connect", "ehlo", "auth"] if implicit else ["connect", "ehlo", "tls", "ehlo", "auth"]
    )


def test_a_wrong_password_holds_after_one_try_and_is_never_shown(
    ours: Authority, context: ssl.SSLContext
) -> None:
    """Several tries would lock the account."""
    with real_server(context, implicit=False) as (boxes, port):
        url = f"smtp+starttls://jo:wrong-word@localhost:{port}"
        notifier = SmtpNotifier(url, ca_file=ours.root)
        (receipt,) = send(notifier, LETTER)
    assert (receipt.outcome, receipt.phase, receipt.code) == ("hold", "auth", 535)
    assert len(boxes.logins) == 1
    assert boxes.taken == []
    assert "wrong-word" not in repr(receipt) + repr(notifier)


# never in clear text


def refused_tls(server: ScriptedServer, ca_file: Path | None, host: str = "localhost") -> Receipt:
    """Send, and check that the server heard nothing but EHLO and STARTTLS in clear text."""
    (receipt,) = send(starttls(server, ca_file, host), LETTER)
    assert set(server.heard.verbs()) <= {"EHLO", "STARTTLS", "QUIT"}
    assert server.heard.letters == []
    assert (receipt.outcome, receipt.phase) == ("hold", "tls")
    return receipt


def test_without_starttls_nothing_leaves(ours: Authority) -> None:
    """No MAIL, no DATA, no password: on loopback too."""
    with smtp_server({"EHLO": "250-loopback\r\n250 AUTH PLAIN"}) as server:
        assert "STARTTLS" in refused_tls(server, ours.root).text


def test_a_certificate_of_a_stranger_is_refused(tmp_path: Path, ours: Authority) -> None:
    """Whether no private authority is given, or another one."""
    stranger = authority(tmp_path).server("localhost")
    for ca_file in (None, ours.root):
        with smtp_server(context=stranger) as server:
            assert "certificate does not check" in refused_tls(server, ca_file).text


def test_a_certificate_for_another_host_is_refused(ours: Authority) -> None:
    """The chain holds, the name does not."""
    with smtp_server(context=ours.server("mail.example.org")) as server:
        assert "mismatch" in refused_tls(server, ours.root).text.lower()
    with smtp_server(context=ours.server("localhost")) as server:
        assert "mismatch" in refused_tls(server, ours.root, "127.0.0.1").text.lower()


def test_implicit_tls_checks_as_well(tmp_path: Path, ours: Authority) -> None:
    """smtps:// to a stranger, and to a server that speaks in clear text."""
    stranger = authority(tmp_path).server("localhost")
    for context, implicit in ((stranger, True), (None, False)):
        with smtp_server(context=context, implicit=implicit) as server:
            url = f"smtps://{ACCOUNT}@localhost:{server.port}"
            (receipt,) = send(SmtpNotifier(url, ca_file=ours.root, timeouts=SHORT), LETTER)
        assert (receipt.outcome, receipt.phase) == ("hold", "tls")
        assert not {"EHLO", "MAIL", "AUTH", "DATA"} & set(server.heard.verbs())


def test_an_authority_file_that_cannot_be_read_holds(tmp_path: Path) -> None:
    """A wrong setting is told, not ignored; nothing is even dialled."""
    (tmp_path / "no.pem").write_text("not a certificate")
    for ca_file in (tmp_path / "missing.pem", tmp_path / "no.pem"):
        with smtp_server() as server:
            receipt = refused_tls(server, ca_file)
            assert str(ca_file) in receipt.text
            assert server.heard.connections == 0
            assert [step.phase for step in starttls(server, ca_file).probe()] == ["tls"]


def test_words_slipped_in_after_starttls_are_not_believed(
    ours: Authority, context: ssl.SSLContext
) -> None:
    """What came in clear text before TLS does not count as said within it."""
    slipped = "220 go ahead\r\n250-evil\r\n250 AUTH PLAIN"
    with smtp_server({"STARTTLS": slipped}, context) as server:
        (receipt,) = send(starttls(server, ours.root), LETTER)
    assert receipt.outcome != "sent" or server.heard.private[0].startswith("EHLO")
    assert [line.split(" ")[0] for line in server.heard.clear] == ["EHLO", "STARTTLS"]


def test_everything_of_worth_is_said_within_tls(ours: Authority, context: ssl.SSLContext) -> None:
    """In clear text only EHLO and STARTTLS; the machine's name is nowhere."""
    with smtp_server(context=context) as server:
        (receipt,) = send(starttls(server, ours.root), LETTER)
    assert receipt.outcome == "sent"
    assert server.heard.clear == ["EHLO [127.0.0.1]", "STARTTLS"]
    private = [line.split(" ")[0] for line in server.heard.private]
    assert private == ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
    assert server.heard.letters == [LETTER.mime]
    assert f"MAIL FROM:<{LETTER.envelope_from}> SIZE={len(LETTER.mime)}" in server.heard.private


def test_clear_text_works_to_this_machine_and_nowhere_else() -> None:
    """The refusal comes before any connection."""
    with smtp_server() as server:
        assert send(plain(server), LETTER)[0].outcome == "sent"
    with pytest.raises(BadInput):
        SmtpNotifier("smtp://192.0.2.1:25")


# faults, phase by phase

FAULTS: list[tuple[dict[str, str | list[str]], str, str, int]] = [
    ({"greeting": "421 busy"}, "pause", "connect", 421),
    ({"greeting": "554 go away"}, "hold", "connect", 554),
    ({"greeting": HANG_UP}, "pause", "connect", 0),
    ({"greeting": SILENCE}, "pause", "connect", 0),
    ({"greeting": "hello there"}, "pause", "connect", 0),
    ({"EHLO": "421 later"}, "pause", "connect", 421),
    ({"EHLO": "550 no"}, "hold", "connect", 550),
    ({"EHLO": HANG_UP}, "pause", "connect", 0),
    ({"MAIL": "451 4.4.5 later"}, "pause", "mail", 451),
    ({"MAIL": "421 later"}, "pause", "mail", 421),
    ({"MAIL": "552 5.3.4 too big"}, "dead", "mail", 552),
    ({"MAIL": "550 5.7.60 not yours"}, "hold", "mail", 550),
    ({"MAIL": HANG_UP}, "pause", "mail", 0),
    ({"RCPT": "450 4.2.0 greylisted"}, "retry", "rcpt", 450),
    ({"RCPT": "552 full"}, "retry", "rcpt", 552),
    ({"RCPT": "550 5.1.1 unknown"}, "dead", "rcpt", 550),
    ({"RCPT": "550 5.7.1 not welcome"}, "dead", "rcpt", 550),
    ({"RCPT": HANG_UP}, "retry", "rcpt", 0),
    ({"RCPT": SILENCE}, "retry", "rcpt", 0),
    ({"DATA": "451 later"}, "retry", "data", 451),
    ({"DATA": "554 no"}, "dead", "data", 554),
    ({"DATA": "250 out of place"}, "retry", "data", 250),
    ({"DATA": HANG_UP}, "retry", "data", 0),
    ({"dot": "451 4.3.0 later"}, "retry", "dot", 451),
    ({"dot": "421 closing"}, "retry", "dot", 421),
    ({"dot": "554 5.7.1 spam"}, "dead", "dot", 554),
    ({"dot": HANG_UP}, "uncertain", "dot", 0),
    ({"dot": SILENCE}, "uncertain", "dot", 0),
    ({"dot": "garbage"}, "uncertain", "dot", 0),
    ({"QUIT": "500 what?"}, "sent", "dot", 250),
    ({"QUIT": HANG_UP}, "sent", "dot", 250),
    ({"QUIT": SILENCE}, "sent", "dot", 250),
]
BRIEF = Timeouts(connect=0.3, command=0.3, envelope=0.3, data=0.3, dot=0.3, quit=0.2)


@pytest.mark.parametrize(
    ("script", "outcome", "phase", "code"),
    FAULTS,
    ids=["-".join(f"{k}_{v or 'hangup'}" for k, v in script.items()) for script, *_ in FAULTS],
)
def test_each_fault_has_its_receipt(
    script: dict[str, str | list[str]], outcome: str, phase: str, code: int
) -> None:
    """Phase and code decide; after the dot a lost answer is uncertain, before it never."""
    with smtp_server(script) as server:
        (receipt,) = send(plain(server, BRIEF), LETTER)
    assert (receipt.outcome, receipt.phase, receipt.code) == (outcome, phase, code)
    assert len(server.heard.letters) == (1 if phase == "dot" else 0)


@pytest.mark.parametrize(
    ("reply", "outcome", "code"),
    [("454 4.7.0 later", "pause", 454), ("535 5.7.8 no", "hold", 535), ("538 no", "hold", 538),
     ("550 5.7.30 basic authentication is off", "hold", 550), (HANG_UP, "pause", 0)],
)  # fmt: skip
def test_a_login_that_fails(
    ours: Authority, context: ssl.SSLContext, reply: str, outcome: str, code: int
) -> None:
    """Temporary: the queue waits. Refused: a human must look."""
    with smtp_server({"AUTH": reply}, context) as server:
        (receipt,) = send(starttls(server, ours.root), LETTER)
    assert (receipt.outcome, receipt.phase, receipt.code) == (outcome, "auth", code)
    assert server.heard.verbs().count("AUTH") == 1
    assert server.heard.letters == []


def test_a_server_that_repeats_the_password_does_not_get_it_stored(
    ours: Authority, context: ssl.SSLContext
) -> None:
    """Neither plain nor as it went over the wire."""
    wire = base64.b64encode(f"\0jo@example.org\0{SECRET}".encode()).decode()
    with smtp_server({"AUTH": f"535 {SECRET} {wire}"}, context) as server:
        notifier = starttls(server, ours.root)
        (receipt,) = send(notifier, LETTER)
        steps = notifier.probe()
    for shown in (repr(receipt), repr(steps), repr(notifier)):
        assert not [secret for secret in (SECRET, wire, "s3cr3t") if secret in shown]


def test_a_server_without_a_login_we_know_holds(ours: Authority, context: ssl.SSLContext) -> None:
    """Only one method is tried, and none that is unknown."""
    ehlo = "250-loopback\r\n250-STARTTLS\r\n250 AUTH XOAUTH2"
    with smtp_server({"EHLO": ehlo}, context) as server:
        (receipt,) = send(starttls(server, ours.root), LETTER)
    assert (receipt.outcome, receipt.phase) == ("hold", "auth")
    assert "AUTH" not in server.heard.verbs()


def test_nobody_there_pauses_the_queue() -> None:
    """A port that nobody listens on, a name that does not exist."""
    with smtp_server() as server:
        port = server.port
    for url in (f"smtp://127.0.0.1:{port}", "smtps://no-such-host.invalid"):
        (receipt,) = send(SmtpNotifier(url, timeouts=SHORT), LETTER)
        assert (receipt.outcome, receipt.phase, receipt.code) == ("pause", "connect", 0)


def test_the_hard_cap_ends_a_letter_wherever_it_is() -> None:
    """A server that never answers the dot leaves the letter uncertain."""
    capped = Timeouts(letter=0.3, quit=0.2)
    with smtp_server({"dot": SILENCE}) as server:
        assert send(plain(server, capped), LETTER)[0].outcome == "uncertain"
    with smtp_server({"MAIL": SILENCE}) as server:
        assert send(plain(server, capped), LETTER)[0].outcome == "pause"


# a session


def test_letters_share_a_connection_also_after_a_refusal() -> None:
    """One bad address does not cost the others their connection."""
    script: dict[str, str | list[str]] = {"RCPT": ["550 5.1.1 unknown", "250 ok"]}
    with smtp_server(script) as server:
        receipts = send(plain(server), LETTER, LETTER, LETTER)
    assert [receipt.outcome for receipt in receipts] == ["dead", "sent", "sent"]
    assert server.heard.connections == 1
    assert server.heard.verbs()[:5] == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL"]


@pytest.mark.parametrize("end", [HANG_UP, "garbage", "421 closing"])
def test_after_a_broken_connection_the_next_letter_gets_a_new_one(end: str) -> None:
    """The failed letter is not resent by itself."""
    with smtp_server({"dot": [end, "250 ok"]}) as server:
        receipts = send(plain(server), LETTER, LETTER)
    assert [receipt.outcome for receipt in receipts][1] == "sent"
    assert len(server.heard.letters) == 2


@pytest.mark.parametrize("end", [HANG_UP, "421 idle too long"])
def test_a_server_that_hung_up_between_two_letters_is_called_again(end: str) -> None:
    """The second letter notices at MAIL, before anything of it was said."""
    with smtp_server({"MAIL": ["250 ok", end, "250 ok"]}) as server:
        receipts = send(plain(server), LETTER, LETTER)
    assert [receipt.outcome for receipt in receipts] == ["sent", "sent"]
    assert server.heard.connections == 2
    assert len(server.heard.letters) == 2


def test_dots_at_the_start_of_lines_arrive_as_they_were() -> None:
    """Also a lone dot that would end the letter."""
    mime = b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\nlast line without an end"
    letter = Letter("<1@example.org>", "x", mime, "a@example.org", "b@example.org")
    with smtp_server() as server:
        assert send(plain(server), letter)[0].outcome == "sent"
    assert server.heard.letters == [mime + b"\r\n"]


@pytest.mark.parametrize(
    "address",
    ["a@example.org> SIZE=1", "é@example.org", "a@b.org\r\nRCPT TO:<c@d.org>", "a@b.org, c@d.org",
     "<a@b.org>", "A <a@b.org>", ""],
)  # fmt: skip
def test_an_address_that_cannot_be_said_is_dead_and_nothing_is_smuggled(address: str) -> None:
    """The library would take the part that it understands; we say it whole or not at all."""
    dead = Letter("<1@example.org>", "x", b"x: y\r\n\r\n", "a@example.org", address)
    with smtp_server() as server:
        receipts = send(plain(server), dead, LETTER)
    assert (receipts[0].outcome, receipts[0].phase) == ("dead", "rcpt")
    assert receipts[1].outcome == "sent"
    assert server.heard.verbs().count("RCPT") == 1
    ours = Letter("<1@example.org>", "x", b"x: y\r\n\r\n", address, "a@example.org")
    with smtp_server() as server:
        (receipt,) = send(plain(server), ours)
    assert (receipt.outcome, receipt.phase) == ("hold", "mail")
    assert "MAIL" not in server.heard.verbs()


def test_a_session_without_letters_dials_nobody() -> None:
    """The connection is made at the first letter."""
    with smtp_server() as server:
        assert send(plain(server)) == []
    assert server.heard.connections == 0


def test_a_probe_tells_each_step_and_sends_nothing(
    ours: Authority, context: ssl.SSLContext
) -> None:
    """For the test of the settings: connect, EHLO, TLS, EHLO, AUTH."""
    with smtp_server({"AUTH": "535 5.7.8 no"}, context) as server:
        steps = starttls(server, ours.root).probe()
    assert [(step.phase, step.ok) for step in steps] == [
        ("connect", True), ("ehlo", True), ("tls", True), ("ehlo", True), ("auth", False),
    ]  # fmt: skip
    assert steps[-1].code == 535
    assert not {"MAIL", "RCPT", "DATA"} & set(server.heard.verbs())


def test_who_breaks_off_waits_for_no_goodbye() -> None:
    """A server that is silent after the dot is left at once, whatever `quit` allows."""

    async def broken_off(server: ScriptedServer) -> None:
        relay = relay_from(f"smtp://127.0.0.1:{server.port}")
        conversation = Conversation(relay, None, Timeouts(quit=60), Keys())
        sending = asyncio.create_task(conversation.deliver(LETTER))
        while not server.heard.letters:
            await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        async with asyncio.timeout(8):
            await conversation.leave()

    with smtp_server({"dot": [SILENCE]}) as server:
        asyncio.run(broken_off(server))
