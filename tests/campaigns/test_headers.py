"""Names and subjects that want to be headers: none becomes one, with either guard alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from engine.domain.errors import TrajectError
from notifications.headers import Mailbox, header_text
from notifications.mime import ENTITY_HEADERS, _bytes, check
from tests.campaigns import runs, table

SEED = 20_261_231
JO = "jo@example.org"
EXPECTED = sorted(["To", "Subject", *ENTITY_HEADERS])
ENTITY = (
    'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n'
    "Content-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: text/html\r\n\r\nx\r\n--b--\r\n"
)
PIECES = (
    "\r", "\n", "\r\n", "\r\n ", "\r\n\r\n", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028",
    "\u2029", "\u202e", "\u2066", "\u200b", "\ufeff", "\udc80", "\t", "Bcc: eve@example.net",
    "To: eve@example.net", "X-Evil: 1", "=?utf-8?q?a=0D=0ABcc:_eve=40example.net?=",
    "=?utf-8?b?DQpCY2M6IGVAZQ==?=", "=?", "?=", "=?x", "=0D=0A", "<eve@example.net>", ",", ";",
    ":", '"', "\\", "(", ")", "@", "é", "ë" * 40, "Gent", "Merelbeke-Melle", "Jo Maes", " ",
    "x" * 90, "Content-Type: text/html", "--b",
)  # fmt: skip

MILD = tuple(piece for piece in PIECES if piece.isprintable() and "=?" not in piece)

FIGURES = ("none", "input", "output", "library", "passed input", "passed output")

Built = Callable[[str, str], bytes]


def by_hand(name: str, subject: str) -> bytes:
    """Return a mail written down as it comes, which guards nothing."""
    raw = f"To: {name} <{JO}>\r\nSubject: {subject}\r\n{ENTITY}"
    return raw.encode("utf-8", "surrogatepass")


def by_the_library(name: str, subject: str) -> bytes:
    """Return a mail as Python's library writes it; raises where that refuses.

    It folds a word of more than 78 characters, in Python 3.11, into an empty line: there the
    headers end. That is why the product folds by itself, and reads back what it wrote.
    """
    message = EmailMessage(policy=policy.SMTP)
    message["To"] = Address(name, addr_spec=JO)
    message["Subject"] = subject
    head = message.as_bytes(policy=policy.SMTP).rstrip(b"\r\n")
    return head + b"\r\n" + ENTITY.encode()


def by_ourselves(name: str, subject: str) -> bytes:
    """Return a mail as the product writes it, between its two guards."""
    return _bytes({"To": Mailbox(name, JO)}, {"Subject": subject}, ENTITY.encode())


WRITERS: tuple[Built, ...] = (by_hand, by_the_library, by_ourselves)


def texts(count: int) -> list[tuple[str, str]]:
    """Return pairs of a name and a subject, the same each time."""
    chance = random.Random(SEED)

    def text() -> str:
        pieces = PIECES if chance.random() < 0.5 else MILD
        return "".join(chance.choices(pieces, k=chance.randint(1, 7)))

    return [(text(), text()) for _ in range(count)]


def injected(raw: bytes) -> bool:
    """Tell whether a mail has other headers than it should, or another reader."""
    read = message_from_bytes(raw)
    names = sorted(read.keys()) != EXPECTED
    return names or b"\r\nbcc:" in raw.partition(b"\r\n\r\n")[0].lower()


def built(build: Built, name: str, subject: str) -> bytes | None:
    """Return the bytes, None where the library will not write them."""
    try:
        return build(name, subject)
    except Exception:  # noqa: BLE001  it has many ways to refuse
        return None


def with_the_input_guard(name: str, subject: str) -> tuple[str, str] | None:
    """Return what passes the guard at the entrance, None where it refuses."""
    try:
        return header_text(name), header_text(subject)
    except TrajectError:
        return None


def passes_the_output_guard(raw: bytes, name: str, subject: str) -> bool:
    """Tell whether the guard at the exit lets the bytes go."""
    try:
        check(raw, {"To": Mailbox(name, JO)}, {"Subject": subject})
    except TrajectError:
        return False
    return True


def count(pairs: list[tuple[str, str]]) -> dict[str, int]:
    """Return in how many cases a header was injected, behind which guard."""
    found = dict.fromkeys(FIGURES, 0)
    for name, subject in pairs:
        allowed = with_the_input_guard(name, subject)
        found["passed input"] += allowed is not None
        for build in WRITERS:
            raw = built(build, name, subject)
            if raw is not None:
                bad = injected(raw)
                leaves = passes_the_output_guard(raw, name, subject)
                found["none"] += bad
                found["passed output"] += leaves
                found["output"] += bad and leaves
            if allowed is not None and (raw := built(build, *allowed)) is not None:
                found["library" if build is by_the_library else "input"] += injected(raw)
    return found


def test_a_few_hundred_names_and_subjects_inject_no_header() -> None:
    """The short form; without a guard many would, so the campaign can see one."""
    found = count(texts(500))
    assert (found["input"], found["output"]) == (0, 0)
    assert found["none"] > 100
    assert found["passed input"] > 100


@pytest.mark.campaign
def test_names_and_subjects_inject_no_header(capsys: pytest.CaptureFixture[str]) -> None:
    """Line ends, NUL, encoded words, bidi, `=?`: each pair through three writers of mail."""
    many = runs(5000, 20_000)
    found = count(texts(many))
    assert (found["input"], found["output"]) == (0, 0)
    figures = [
        ("names and subjects, each written by three hands", many),
        ("headers injected without a guard", found["none"]),
        ("pairs that the input guard lets in", found["passed input"]),
        ("headers injected behind the input guard alone", found["input"]),
        ("the same, had Python's library folded them", found["library"]),
        ("mails that the output guard lets out", found["passed output"]),
        ("headers injected past the output guard alone", found["output"]),
    ]
    with capsys.disabled():
        print(table("names and subjects that want to be headers", figures))
