"""What one look of the doctor found: how it is, in words, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.words import Say

WELL, REMARK, WRONG = "ok", "remark", "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """A state with its sentence; a remedy is a command to paste, or a sentence where none is."""

    check: str
    state: str
    sentence: Say
    remedies: tuple[str | Say, ...] = ()
