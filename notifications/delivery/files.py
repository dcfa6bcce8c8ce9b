"""Keeps letters as `.eml` files in a private folder, for those who have no mail server."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from itertools import chain, count
from pathlib import Path

from engine.folders import make_folder
from engine.ports import Letter, Notice, Periodic, Receipt, Said, Step

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE})
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class FileNotifier:
    """Writes each letter as one file; satisfies `engine.ports.Notifier`."""

    writes_files = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        return f"FileNotifier({str(self.folder)!r})"

    def compose(self, notice: Notice | Periodic) -> Letter:
        """Return the frozen letter; raises TrajectError when the notice cannot be said."""
        from notifications.compose import compose  # jinja2 only when a mail is made

        return compose(notice)

    def said(self, notice: Notice) -> Said:
        """Return the words that its letter would have; raises TrajectError like compose."""
        from notifications.compose import said

        return said(notice)

    @contextmanager
    def session(self) -> Iterator[FileSession]:
        """Return a context whose letters land in the folder, made at the first one."""
        yield FileSession(self.folder)

    def probe(self) -> tuple[Step, ...]:
        """Return one step: whether the folder takes files."""
        try:
            make_folder(self.folder)
        except OSError as error:
            return (Step("file", False, text=_text(error)),)
        return (Step("file", os.access(self.folder, os.W_OK), text=str(self.folder)),)


class FileSession:
    """Writes letters one by one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, name: str, letter: Letter) -> Receipt:
        """Write one letter; the same name and letter give the same file. Never raises.

        Another letter that has the name already keeps it: after a restore the names begin anew.
        A full disk pauses the queue; a folder that may not be written holds it.
        """
        path = self._folder / file_name(name, letter)
        try:
            make_folder(self._folder)
            path = _free(path, letter.mime)
            _write(path, letter.mime)
        except OSError as error:
            full = error.errno in _FULL
            return Receipt("pause" if full else "hold", "file", text=_text(error))
        return Receipt("written", "file", text=str(path))


def file_name(name: str, letter: Letter) -> str:
    """Return `000012-start-jo.maes.eml`: the stable name, the notice, the addressee."""
    notice = str(message_from_bytes(letter.mime).get("Traject-Notice", "mail"))
    reader = letter.envelope_to.partition("@")[0]
    words = (_UNSAFE.sub("_", word).strip("._")[:40] for word in (name, notice, reader))
    return f"{'-'.join(word or '_' for word in words)}.eml"


def _free(path: Path, content: bytes) -> Path:
    """Return the first of `x.eml`, `x-2.eml`, … that is not there, or is this very letter."""
    names = chain([path], (path.with_stem(f"{path.stem}-{n}") for n in count(2)))
    return next(one for one in names if not one.exists() or one.read_bytes() == content)


def _write(path: Path, content: bytes) -> None:
    """Write through a temporary file, so that a crash leaves the whole file or none."""
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)  # of a run that died; its mode may differ
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows opens no folders and needs no such call
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _text(error: OSError) -> str:
    return f"{error.strerror or type(error).__name__}: {error.filename or ''}".rstrip(": ")
