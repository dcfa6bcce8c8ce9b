"""Seals subject and bodies into the bytes that every attempt sends, and reads them back."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.utils import format_datetime, getaddresses, quote

from engine.domain.errors import BadInput, TrajectError
from engine.domain.words import N_
from engine.ports import Letter, Notice
from notifications.calendar import Sheet, sheets
from notifications.context import BRUSSELS, created_at, display_name, language_of
from notifications.entity import INVITATION, Bodies, File, TextFile, entity, file_type
from notifications.headers import Mailbox, header_text, mailbox
from notifications.layout import flat
from notifications.threads import message_id, root_id, thread_index

ENTITY_HEADERS = ("MIME-Version", "Content-Type")
PARTS = ("multipart/alternative", "text/plain", "text/html")
MIXED = "multipart/mixed"
_SPECIALS = re.compile(r"[^A-Za-z0-9 '-]")
_HEX = re.compile(r"[0-9a-f]*")


def sealed(
    notice: Notice, subject: str, bodies: Bodies, enclosed: tuple[TextFile, ...] = ()
) -> Letter:
    """Return the letter; composing the same notice again gives the same bytes.

    Raises: BadInput when a name, address or subject does not fit a header; TrajectError
    when the bytes do not read back as they were meant.
    """
    sender = mailbox(display_name(notice), notice.sender or notice.coach.email)
    to = mailbox(notice.to.name, notice.to.email)
    reply_to = mailbox(notice.coach.name, notice.coach.email)
    subject = header_text(subject)
    people = {"From": sender, "To": to, "Reply-To": reply_to}
    texts = {"Subject": subject, **_machine_headers(notice, sender, subject)}
    files: tuple[File, ...] = (*sheets(notice), *enclosed)
    raw = _bytes(people, texts, entity(notice, bodies, files))
    check(raw, people, texts, files)
    return Letter(texts["Message-ID"], subject, raw, sender.address, to.address)


def check(
    raw: bytes, people: dict[str, Mailbox], texts: dict[str, str], files: tuple[File, ...] = ()
) -> None:
    """Do nothing when the bytes hold exactly these headers and parts; else TrajectError.

    Read as mail programs read: the newer parser of Python 3.11 puts spaces between the
    encoded words of a long name.
    """
    read = message_from_bytes(raw)
    expected = sorted([*people, *texts, *ENTITY_HEADERS])
    sound = (
        sorted(read.keys()) == expected
        and all(_person_in(str(read[name])) == person for name, person in people.items())
        and all(_decoded(str(read[name])) == text for name, text in texts.items())
        and tuple(part.get_content_type() for part in read.walk()) == _parts(files)
    )
    if not sound:
        raise TrajectError(N_("the mail does not read back as it was written; it is not sent"))


def _parts(files: tuple[File, ...]) -> tuple[str, ...]:
    """Return the types of the parts, from the outside in."""
    if not files:
        return PARTS
    shown = tuple(INVITATION for file in files if isinstance(file, Sheet) and file.shown)
    return (MIXED, *PARTS, *shown, *(file_type(file) for file in files))


def _person_in(header: str) -> Mailbox | None:
    """Return the one person in an address header; None where there is not exactly one."""
    found = getaddresses([flat(header)])
    if len(found) != 1:
        return None
    return Mailbox(_decoded(found[0][0]), found[0][1])


def _decoded(header: str) -> str:
    """Return a header in characters; one that cannot be decoded reads as nothing."""
    try:
        return str(make_header(decode_header(flat(header))))
    except (HeaderParseError, LookupError, UnicodeError):
        return ""


def _machine_headers(notice: Notice, sender: Mailbox, subject: str) -> dict[str, str]:
    """Return the headers that nobody typed."""
    made_at = created_at(notice)
    root = root_id(notice, sender.domain)
    return {
        "Date": format_datetime(made_at.astimezone(BRUSSELS)),
        "Message-ID": message_id(notice, sender.domain),
        "In-Reply-To": root,
        "References": root,
        "Thread-Topic": subject,
        "Thread-Index": thread_index(notice, made_at),
        "Auto-Submitted": "auto-generated",  # RFC 3834
        "X-Auto-Response-Suppress": "All",  # the same for Exchange
        "Content-Language": language_of(notice),
        "Traject-Checkpoint": _checkpoint(notice),
        "Traject-Notice": header_text(notice.id),
    }


def _checkpoint(notice: Notice) -> str:
    if not _HEX.fullmatch(notice.checkpoint_root):
        raise BadInput(N_("the ledger's root is not written in hex"))
    return f"{notice.checkpoint_size} {notice.checkpoint_root}".rstrip()


def _bytes(people: dict[str, Mailbox], texts: dict[str, str], entity: bytes) -> bytes:
    """Return headers and entity.

    The headers are folded here: the standard library's policy loses the quotes of a long
    display name and encodes a long message id as if it were words.
    """
    lines = [f"{name}: {_address(name, person)}" for name, person in people.items()]
    lines += [f"{name}: {_folded(name, text)}" for name, text in texts.items()]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + entity


def _address(header: str, person: Mailbox) -> str:
    if not person.name:
        return person.address
    name = _folded(header, _phrase(person.name))
    fits = len(header) + len(name) + len(person.address) < 72 and "\r\n" not in name
    return f"{name} <{person.address}>" if fits else f"{name}\r\n <{person.address}>"


def _phrase(name: str) -> str:
    """Return a display name, in quotes where a header would read it as something else."""
    return f'"{quote(name)}"' if name.isascii() and _SPECIALS.search(name) else name


def _folded(header: str, text: str) -> str:
    """Return a header's text in ASCII lines; what has no space stays on the first line."""
    if text.isascii() and " " not in text:
        return text
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, header_name=header).encode(linesep="\r\n")
