"""Opens a mail in the program that this computer opens mails with, from a private copy."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from stat import S_ISDIR
from tempfile import gettempdir

from commands.frame.context import Context
from engine.domain.errors import Refused
from engine.domain.words import N_

OPENED = N_("Mail {number} opens in your mail program; it is {file}.")
NOT_OPENED = N_("No program could be started here. Mail {number} is {file}: open that one.")
TAKEN_AWAY = N_("The next --open takes this copy away.")
NOT_OURS = N_("{folder} is not a folder of this account alone; remove it first")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def copy_of(number: int, mime: bytes) -> Path:
    """Return a file of its own with a mail, readable by this account alone; earlier ones go.

    It lies among the temporary files, which the system clears away, and is there alone: a copy
    that stays would outlive an erasure. Raises: Refused where the place is not ours.
    """
    folder = _folder()
    for earlier in folder.iterdir():
        with suppress(OSError):  # on Windows a program that shows it keeps it
            earlier.unlink()
    names = chain([f"mail-{number}.eml"], (f"mail-{number}-{n}.eml" for n in count(2)))
    file = next(path for path in map(folder.joinpath, names) if not path.exists())
    file.touch(0o600, exist_ok=False)
    file.write_bytes(mime)
    return file


def opened() -> Path:
    """Return where the copies lie, whether the folder is there or not."""
    ours = _ours()
    return Path(gettempdir()) / (f"traject-{ours}" if ours is not None else "traject")


def _ours() -> int | None:
    """Return our number; None on Windows, where each has temporary files of their own."""
    return os.getuid() if sys.platform != "win32" else None


def _folder() -> Path:
    """Return the one folder of these copies; nobody else may have made it, or look into it."""
    ours, folder = _ours(), opened()
    with suppress(FileExistsError):
        folder.mkdir(0o700)
    found = folder.lstat()
    if not S_ISDIR(found.st_mode) or ours not in (None, found.st_uid):
        raise Refused(NOT_OURS, folder=str(folder))
    folder.chmod(0o700)
    return folder


def launch(context: Context, number: int, file: Path) -> None:
    """Open a file of a mail, and tell where it is; without a desktop only that."""
    import click

    opened = has_desktop() and click.launch(str(file)) == 0
    context.say(OPENED if opened else NOT_OPENED, number=number, file=str(file))
    context.say(TAKEN_AWAY)


def has_desktop() -> bool:
    """Tell whether programs with windows can run here."""
    if sys.platform in ("win32", "darwin", "cygwin"):
        return True
    return any(os.environ.get(name) for name in SCREENS)
