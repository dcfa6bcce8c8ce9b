"""Runs programs of the system that must do as they are told: crontab, PowerShell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from engine.domain.errors import Refused
from engine.domain.words import N_


def run(words: Sequence[str], stdin: str = "", *, allow: str | None = None) -> str:
    """Return what a program printed; empty where it failed with the words `allow`.

    Raises: Refused with the program's own reason.
    """
    known = {name: value for name, value in os.environ.items() if not name.startswith("TRAJECT_")}
    done = subprocess.run(  # noqa: S603  # our own words, no shell
        words,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        env=known,  # our settings may hold a password
    )
    if not done.returncode:
        return done.stdout
    reason = (done.stderr or done.stdout).strip()
    if allow is not None and allow in reason.lower():
        return ""
    name = Path(words[0]).name
    raise Refused(N_("{program} refuses: {reason}"), program=name, reason=reason[:200])
