"""Copies of mails in folders: those in the mail folder, and those that `mail show --open` made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from pathlib import Path

from commands.frame.context import Context

HEADERS = 64 * 1024  # bytes in which the head of a mail ends
READERS = ("To", "Cc", "From", "Reply-To")
KINDS = ("*.eml", ".*.eml.part")  # a letter that was being written when the machine stopped


def copies(
    context: Context, message_ids: Collection[str], addresses: Collection[str]
) -> list[Path]:
    """Return the files that are these mails, or were written to or by one of these addresses."""
    from commands.mailing.opening import opened

    folders = (context.settings.mail_folder, opened())
    own = {address.casefold() for address in addresses}
    return [file for file in _letters(folders) if _is_one(file, message_ids, own)]


def remove(files: Iterable[Path]) -> list[Path]:
    """Delete files; return those that could not be."""
    left = []
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError:
            left.append(file)
    return left


def _letters(folders: Iterable[Path | None]) -> Iterator[Path]:
    for folder in filter(None, folders):
        with suppress(OSError):  # no such folder, or none of ours
            for kind in KINDS:
                yield from sorted(folder.glob(kind))


def _is_one(file: Path, message_ids: Collection[str], addresses: Collection[str]) -> bool:
    try:
        with file.open("rb") as letter:
            head = BytesHeaderParser().parsebytes(letter.read(HEADERS))
    except OSError:
        return False
    if str(head.get("Message-ID", "")).strip() in message_ids:
        return True
    named = getaddresses([str(value) for name in READERS for value in head.get_all(name, [])])
    return any(address.casefold() in addresses for _, address in named)
