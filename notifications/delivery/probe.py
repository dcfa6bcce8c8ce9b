"""What a trial of the mail road found, step by step, without sending anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trial: connect, ehlo, tls, auth, or file."""

    phase: str
    ok: bool
    code: int = 0
    text: str = ""
