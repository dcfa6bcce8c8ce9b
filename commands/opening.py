"""Opens a mail in the program that this computer opens mails with, from a private copy."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import mkdtemp

from commands.context import Context
from engine.domain.words import N_

OPENED = N_("Mail {number} opens in your mail program; it is {file}.")
NOT_OPENED = N_("No program could be started here. Mail {number} is {file}: open that one.")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def copy_of(number: int, mime: bytes) -> Path:
    """Return a file of its own with a mail, readable by this account alone.

    It lies among the temporary files, which the system clears away: a copy that stays would
    outlive an erasure.
    """
    file = Path(mkdtemp(prefix="traject-")) / f"mail-{number}.eml"
    file.touch(0o600, exist_ok=False)
    file.write_bytes(mime)
    return file


def launch(context: Context, number: int, file: Path) -> None:
    """Open a file of a mail, and tell where it is; without a desktop only that."""
    import click

    opened = has_desktop() and click.launch(str(file)) == 0
    context.say(OPENED if opened else NOT_OPENED, number=number, file=str(file))


def has_desktop() -> bool:
    """Tell whether programs with windows can run here."""
    if sys.platform in ("win32", "darwin", "cygwin"):
        return True
    return any(os.environ.get(name) for name in SCREENS)
