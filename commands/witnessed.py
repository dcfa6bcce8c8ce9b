"""Reads what somebody kept of the log: a checkpoint in C2SP's form, or a saved mail of traject."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NoBase64
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.domain.errors import BadInput, NotFound
from engine.domain.os_errors import why
from engine.domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from engine.audit.report import Witness

HEADER = "Traject-Checkpoint"
ROOT = 32  # bytes
LARGEST = 50_000_000  # bytes of a saved mail
NEITHER = N_(
    "{file} is no checkpoint and no mail of traject: a checkpoint has the log's name, a size and a "
    "root in its first three lines; a mail has them in its text, or the header Traject-Checkpoint"
)
_OF_MAIL = re.compile(r"(?P<size>[0-9]{1,15})\s+(?P<root>[0-9a-fA-F]{64})", re.ASCII)
_UNQUOTED = re.compile(r"^[>\s]+")  # an answer or a forwarded mail repeats lines after these
_ORIGIN = re.compile(r"(?:.*/)?(?P<log>[0-9a-f-]{36})/(?P<epoch>[0-9]{1,9})", re.ASCII)


class Kept(NamedTuple):
    """What a file says: size and root, and of which epoch; 1 where it does not say."""

    witness: Witness
    epoch: int


def kept_in(file: str) -> Kept:
    """Return what a file holds of the log as it was. Raises: NotFound; BadInput."""
    try:
        with Path(file).expanduser().open("rb") as opened:
            read = opened.read(LARGEST)
    except OSError as error:
        template = N_("{file} cannot be read ({reason})")
        raise NotFound(template, file=file, reason=why(error)) from None
    found = _of_mail(read, file) or _of_text(read.decode("utf-8", "replace"), file)
    if found is None:
        raise BadInput(NEITHER, file=file)
    return found


def _of_mail(read: bytes, file: str) -> Kept | None:
    """Return the checkpoint that a saved mail brings; else what its header says, if anything.

    A checkpoint was taken after everything was checked, and says which log it is of.
    """
    from engine.audit.report import Witness

    mail = message_from_bytes(read)
    if not mail.keys():
        return None
    for text in _texts(mail):
        lines = [_UNQUOTED.sub("", line).rstrip() for line in text.splitlines()]
        for at, line in enumerate(lines):
            if _ORIGIN.fullmatch(line) and (found := _of_text("\n".join(lines[at : at + 3]), file)):
                return found
    header = mail.get(HEADER)
    said = _OF_MAIL.fullmatch(str(header).strip()) if header is not None else None
    return None if said is None else Kept(Witness(int(said["size"]), said["root"], file), 1)


def _texts(mail: Message) -> Iterator[str]:
    """Yield the plain texts in a mail; files first, as no mail program breaks their lines."""
    parts = [part for part in mail.walk() if part.get_content_type() == "text/plain"]
    for part in sorted(parts, key=lambda part: part.get_filename() is None):
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield payload.decode("utf-8", "replace")


def _of_text(text: str, file: str) -> Kept | None:
    """Return a checkpoint: origin, size, root in base64, each on a line; more may follow."""
    from engine.audit.report import Witness

    lines = text.splitlines()
    if len(lines) < 3 or not re.fullmatch(r"0|[1-9][0-9]{0,14}", lines[1], re.ASCII):
        return None
    try:
        root = b64decode(lines[2], validate=True)
    except NoBase64:
        return None
    origin = _ORIGIN.fullmatch(lines[0])
    if len(root) != ROOT:
        return None
    log, epoch = (origin["log"], int(origin["epoch"])) if origin else ("", 0)
    return Kept(Witness(int(lines[1]), root.hex(), file, log, epoch), epoch or 1)
