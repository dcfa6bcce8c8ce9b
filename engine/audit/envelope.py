"""What a frozen mail's bytes say of its envelope, beside what the outbox says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.store.snapshot import MailRow

# Columns that stand in the headers letter for letter: nothing quoted, encoded or folded.
_MAILBOX = re.compile(r"[A-Za-z0-9 '-]+ <[^\s<>\"\\]+>", re.ASCII)
_ADDRESS = re.compile(r"[^\s<>\"\\]+")
_WORDS = re.compile(r"[ -~]+")

Person = tuple[str, str]  # name and address


def disputed(row: MailRow, mime: bytes) -> Iterator[str]:
    """Yield the columns of a mail that are not what its bytes say."""
    head = mime.partition(b"\r\n\r\n")[0]
    if _letter_for_letter(row, head):
        return
    message_id, subject, sender, reader = _read(head)
    if row.message_id != message_id:
        yield "message_id"
    if row.subject != subject:
        yield "subject"
    if row.envelope_from != sender[1]:
        yield "envelope_from"
    if row.envelope_to != reader[1]:
        yield "envelope_to"
    if _person(str(row.recipient)) != reader:
        yield "recipient"


def _letter_for_letter(row: MailRow, head: bytes) -> bool:
    """Tell whether the columns stand in the headers as they are: most do.

    Parsing the headers takes as long as all else that an audit does with a mail.
    """
    recipient, subject = str(row.recipient), str(row.subject)
    plain = (
        _MAILBOX.fullmatch(recipient)
        and recipient.endswith(f" <{row.envelope_to}>")
        and _WORDS.fullmatch(subject)
        and "=?" not in subject
        and _ADDRESS.fullmatch(str(row.envelope_from))
    )
    lines = (
        f"<{row.envelope_from}>\r\nTo: {recipient}\r\n",
        f"\r\nSubject: {subject}\r\n",
        f"\r\nMessage-ID: {row.message_id}\r\n",
    )
    return bool(plain) and all(line.encode("ascii", "replace") in head for line in lines)


def _read(head: bytes) -> tuple[str, str, Person, Person]:
    """Return what the headers say: message id, subject, sender, reader."""
    from email.parser import BytesHeaderParser  # only an audit of mails pays for it
    from email.utils import getaddresses

    said = BytesHeaderParser().parsebytes(head)

    def person(header: str) -> Person:
        found = getaddresses([_flat(str(value)) for value in said.get_all(header, [])])
        return (_decoded(found[0][0]), found[0][1]) if len(found) == 1 else ("", "")

    subject = _decoded(str(said.get("Subject", "")))
    return str(said.get("Message-ID", "")), subject, person("From"), person("To")


def _decoded(text: str) -> str:
    """Return a header in characters; one that cannot be decoded reads as nothing."""
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(_flat(text))))
    except (HeaderParseError, LookupError, UnicodeError):
        return ""


def _person(recipient: str) -> Person:
    """Return a recipient as the outbox shows one, in the form in which headers name one."""
    name, _, rest = recipient.rpartition(" <")
    return _flat(name), rest.removesuffix(">")


def _flat(text: str) -> str:
    return " ".join(text.split())
