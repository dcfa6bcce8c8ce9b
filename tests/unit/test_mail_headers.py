"""Headers of a mail: exact, the same every time, and closed to whatever people type."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.errors import BadInput, TrajectError
from engine.ports import Letter
from notifications.compose import compose
from notifications.headers import Mailbox, header_text, mailbox
from notifications.mime import ENTITY_HEADERS, check
from notifications.threads import thread_index
from tests.notices import COACH, COORDINATOR, MAYOR, notice

HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
    "Thread-Topic", "Thread-Index", "Auto-Submitted", "X-Auto-Response-Suppress",
    "Content-Language", "Traject-Checkpoint", "Traject-Notice", "MIME-Version", "Content-Type",
]  # fmt: skip
EVIL = st.one_of(
    st.text(),
    st.builds(
        "".join,
        st.lists(
            st.sampled_from(
                ["\r", "\n", "\r\n", "\0", "Bcc: e@example.net", "=?utf-8?q?a=0D=0ABcc:_e?=", "=?",
                 "?=", "\u2028", "\u202e", "\x85", ",", ";", "<e@example.net>", '"', "\\", "(", ")",
                 "@", "é", "Gent", " ", "\t", "\udc80", "x" * 90, "ë" * 90]
            ),
            max_size=8,
        ),
    ),
)  # fmt: skip


def header(letter: Letter, name: str) -> str:
    """Return a header as a mail program shows it."""
    return str(message_from_bytes(letter.mime, policy=policy.default)[name])


def name_in(letter: Letter, name: str) -> str:
    """Return the display name in an address header, decoded as RFC 2047 says."""
    phrase, _ = parseaddr("".join(message_from_bytes(letter.mime)[name].splitlines()))
    return str(make_header(decode_header(phrase)))


def test_a_letter_has_exactly_the_headers_that_it_should() -> None:
    """Each once; people by name, answers to the coach, robots told to keep quiet."""
    letter = compose(notice("overdue", MAYOR, sender="livc@example.org"))
    read = message_from_bytes(letter.mime, policy=policy.default)
    assert sorted(read.keys()) == sorted(HEADERS)
    assert read["From"] == '"An Peeters (VVSG)" <livc@example.org>'
    assert read["To"] == "Rita Claes <rita.claes@example.org>"
    assert read["Reply-To"] == "An Peeters <an.peeters@example.org>"
    assert read["Date"] == "Thu, 21 Jan 2027 09:00:00 +0100"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["X-Auto-Response-Suppress"] == "All"
    assert read["Content-Language"] == "nl"
    assert read["Traject-Checkpoint"] == "214 7f3a0b12c9e1" + "0" * 52
    assert read["Traject-Notice"] == "overdue"
    assert read["Thread-Topic"] == read["Subject"] == letter.subject
    assert read["Message-ID"] == letter.message_id
    assert (letter.envelope_from, letter.envelope_to) == ("livc@example.org", MAYOR.email)


def test_without_a_sender_the_mail_comes_from_the_coach() -> None:
    """The domain of the Message-ID follows the sender."""
    letter = compose(notice("overdue"))
    assert letter.envelope_from == COACH.email
    local, domain = letter.message_id.strip("<>").split("@")
    assert (len(local), int(local, 16) > 0, domain) == (32, True, "example.org")


def test_composing_twice_gives_the_same_bytes() -> None:
    """A retry sends what the first attempt sent."""
    assert compose(notice("overdue")) == compose(notice("overdue"))
    assert compose(notice("overdue")).mime != compose(notice("overdue", key="other")).mime


def test_the_wire_gets_ascii_lines_of_a_lawful_length() -> None:
    """Whatever the names: ASCII, CRLF, at most 78 characters where words allow it."""
    lead = replace(COORDINATOR, name="Désirée Van den Broeck-Åström van de dienst Preventie " * 2)
    letter = compose(notice("overdue", lead, organisation="Vereniging van Steden en Gemeenten"))
    lines = letter.mime.decode("ascii").split("\r\n")
    assert "\n" not in "".join(lines)
    assert max(map(len, lines)) <= 78
    assert name_in(letter, "To") == lead.name.strip()


def test_long_domains_and_names_survive_folding() -> None:
    """The standard library's own folding would lose quotes and encode message ids."""
    domain = "een-heel-lange-dienstnaam.van-een-gemeente-met-een-lange-naam.vlaanderen.example.org"
    society = "Vereniging van Vlaamse Steden en Gemeenten en van allen die erbij horen"
    coach = replace(COACH, name="An Peeters-Vandenbroecke d'Hondt", email=f"an.peeters@{domain}")
    letter = compose(replace(notice("overdue"), coach=coach, organisation=society))
    assert name_in(letter, "From") == f"{coach.name} ({society})"
    assert header(letter, "References").endswith(f".root@{domain}>")
    assert b"=?" not in letter.mime.partition(b"\r\n\r\n")[0]


def test_mails_of_one_conversation_hang_together() -> None:
    """They share the root and the first 22 bytes of Outlook's index, never an id."""
    first, second = compose(notice("deadline_soon")), compose(notice("overdue"))
    other = compose(notice("overdue", conversation="15"))
    assert header(first, "References") == header(second, "In-Reply-To")
    assert header(first, "References") != header(other, "References")
    assert first.message_id != second.message_id
    indexes = [
        base64.b64decode(header(letter, "Thread-Index")) for letter in (first, second, other)
    ]
    assert {len(index) for index in indexes} == {27}
    assert indexes[0][:22] == indexes[1][:22] != indexes[2][:22]
    assert indexes[0][0] == 1


def test_a_thread_index_grows_with_time() -> None:
    """The block counts from the first day of the trajectory's year, in two scales."""
    made = notice("overdue")
    begun = datetime(2026, 1, 2, tzinfo=UTC)
    blocks = [
        base64.b64decode(thread_index(made, begun + timedelta(days=days)))[22:26]
        for days in (0, 1, 30, 600, 700, 2000)
    ]
    assert blocks == sorted(blocks)
    assert [block[0] >> 7 for block in blocks] == [0, 0, 0, 0, 1, 1]


def test_a_foreign_domain_is_written_in_ascii() -> None:
    """Internationalised domains are encoded; the local part cannot be."""
    assert mailbox("Jo", "jo@gemeente-geël.example.org").address == (
        "jo@xn--gemeente-gel-cfb.example.org"
    )
    with pytest.raises(BadInput, match="letters with accents before the @"):
        mailbox("Jo", "joël@example.org")


@pytest.mark.parametrize(
    "address",
    ["", "jo", "@example.org", "jo@", "a@example.org, b@example.org", "a@example.org b@example.org",
     "<jo@example.org>", "Jo <jo@example.org>", "jo@example.org\nBcc: x@example.org", "a@b@c.org",
     '"jo maes"@example.org', "jo.@example.org", "jo@-x.org", "jo@.org", "j" * 65 + "@example.org",
     "jo@" + "x" * 64 + ".org", "jo@exam ple.org", "jo@example.org\u2028", "=?utf-8?q?a?=@b.org"],
)  # fmt: skip
def test_only_one_plain_address_is_taken(address: str) -> None:
    """One addr-spec: no list, no route, no quotes, no room for a second header."""
    with pytest.raises(BadInput):
        mailbox("Jo", address)


@pytest.mark.parametrize("text", ["a\nb", "a\r", "\0", "a\x85", "a\u2028b", "\u202eabc", "\ud800",
                                  "=?utf-8?q?a=0D=0ABcc:_e?="])  # fmt: skip
def test_hidden_characters_are_refused_by_name(text: str) -> None:
    """The message shows what was hidden, without printing it raw."""
    with pytest.raises(BadInput) as caught:
        header_text(text)
    assert str(caught.value).isprintable()


@given(EVIL)
@settings(max_examples=400, deadline=None)
def test_the_input_guard_lets_nothing_through_that_forges_a_header(text: str) -> None:
    """Alone: what passes holds no line end, no control and no encoded word."""
    try:
        passed = header_text(text)
    except BadInput:
        return
    assert "=?" not in passed
    assert passed == " ".join(passed.split())
    assert passed.isprintable() or all(
        c.isprintable() or c.isspace() or ord(c) > 127 for c in passed
    )


@given(EVIL, EVIL, EVIL)
@settings(max_examples=300, deadline=None)
def test_no_name_or_label_adds_a_header(name: str, label: str, place: str) -> None:
    """Both guards: a letter has the one set of headers and the one reader, or is refused."""
    to = replace(COORDINATOR, name=name)
    try:
        letter = compose(notice("overdue", to, phase=label, municipalities=(place, "Gent")))
    except TrajectError:
        return
    read = message_from_bytes(letter.mime, policy=policy.default)
    assert sorted(read.keys()) == sorted(HEADERS)
    assert [address.addr_spec for address in read["To"].addresses] == [COORDINATOR.email]
    assert letter.mime.count(b"\r\nTo:") + letter.mime.startswith(b"To:") == 1


@given(EVIL)
@settings(max_examples=400, deadline=None)
def test_the_output_guard_alone_catches_a_forged_header(text: str) -> None:
    """Bytes written without the input guard pass only when they read back as meant."""
    jo = Mailbox("Jo Maes", "jo@example.org")
    entity = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n'
        "Content-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: text/html\r\n\r\nx\r\n--b--\r\n"
    )
    raw = f"To: {jo.name} <{jo.address}>\r\nSubject: {text}\r\n{entity}"
    raw_bytes = raw.encode("utf-8", "surrogatepass")
    try:
        check(raw_bytes, {"To": jo}, {"Subject": text})
    except TrajectError:
        return
    read = message_from_bytes(raw_bytes, policy=policy.default)
    assert sorted(read.keys()) == sorted(["To", "Subject", *ENTITY_HEADERS])


def test_the_output_guard_sees_a_second_reader_and_a_missing_header() -> None:
    """Exactly the expected names, exactly one address each."""
    letter = compose(notice("overdue"))
    jo = Mailbox("Jo Maes", "jo.maes@example.org")
    with pytest.raises(TrajectError):
        check(letter.mime, {"To": jo}, {})
    twice = letter.mime.replace(b"To: ", b"To: eve@example.net, ", 1)
    with pytest.raises(TrajectError):
        check(twice, {"To": jo}, {name: header(letter, name) for name in HEADERS if name != "To"})


def test_a_notice_without_an_instant_or_with_a_strange_root_is_not_sealed() -> None:
    """Date and checkpoint are part of what is frozen."""
    with pytest.raises(TrajectError):
        compose(notice("overdue", created_at=None))
    with pytest.raises(BadInput):
        compose(notice("overdue", checkpoint_root="not hex\r\nBcc: x"))
