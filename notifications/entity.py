"""Writes the parts of a mail: its words as text and as HTML, and the files with it.

The standard library's message classes take a millisecond to put five lines around each part.
The lines are written here, byte for byte as those classes would; encoding is the library's.
"""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass
from email import quoprimime

from engine.ports import Notice
from notifications.calendar import Sheet
from notifications.threads import token

INVITATION = "text/calendar"
_WIDTH = 78  # what the library's policy for SMTP takes
_BASE64 = "Content-Transfer-Encoding: base64"


@dataclass(frozen=True, slots=True)
class Bodies:
    """The same words twice."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of plain text that goes with a mail, byte for byte."""

    name: str
    content: bytes


File = Sheet | TextFile


def file_type(file: File) -> str:
    """Return the type of a file; one that is shown already is not to be read as a second one."""
    if isinstance(file, TextFile):
        return "text/plain"
    return "application/ics" if file.shown else INVITATION


def entity(notice: Notice, bodies: Bodies, files: tuple[File, ...]) -> bytes:
    """Return MIME-Version, Content-Type and the parts.

    Outlook and Gmail recognise an invitation where it stands beside text and HTML as a third
    way of reading the mail; older programs find it as a file.
    """
    ways = [_words("plain", bodies.text), _words("html", bodies.html)]
    ways += [_shown(file) for file in files if isinstance(file, Sheet) and file.shown]
    boundary = f"=_{token('boundary', notice.key)}"
    kind = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
    parts = _multipart(boundary, ways)
    if files:
        parts = _multipart(
            mixed := f"=_{token('mixed', notice.key)}",
            [f"{kind}\r\n{parts}", *(_attached(file) for file in files)],
        )
        kind = f'Content-Type: multipart/mixed; boundary="{mixed}"\r\n'
    return f"MIME-Version: 1.0\r\n{kind}\r\n{parts}".encode("ascii")


def _multipart(boundary: str, parts: list[str]) -> str:
    return "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"


def _words(subtype: str, text: str) -> str:
    lines = b"\n".join(text.encode().splitlines()) + b"\n"
    coded = quoprimime.body_encode(lines.decode("latin-1"), _WIDTH, "\r\n")
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{coded}"
    )


def _shown(file: Sheet) -> str:
    return f"{_BASE64}\r\n{_calendar(file)}\r\n{_coded(file)}"


def _attached(file: File) -> str:
    named = f'Content-Disposition: attachment; filename="{file.name}"\r\n'
    if isinstance(file, TextFile):
        kind = f'Content-Type: {file_type(file)}; charset="utf-8"\r\n'
        return f"{kind}{_BASE64}\r\n{named}\r\n{_coded(file)}"
    if file.shown:
        return f"Content-Type: {file_type(file)}\r\n{_BASE64}\r\n{named}\r\n{_coded(file)}"
    return f"{_BASE64}\r\n{named}{_calendar(file)}\r\n{_coded(file)}"


def _calendar(file: Sheet) -> str:
    """Return the header that tells a mail program what to do with a calendar part."""
    return f'Content-Type: {INVITATION}; charset="utf-8"; method="{file.method}"\r\n'


def _coded(file: File) -> str:
    return encodebytes(file.content).decode("ascii").replace("\n", "\r\n")
