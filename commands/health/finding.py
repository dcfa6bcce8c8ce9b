"""What one look of the doctor found: how it is, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ParamSpec

from engine.domain.errors import TrajectError
from engine.domain.words import N_, Say, say

P = ParamSpec("P")
UNKNOWN = N_("{check}: this could not be looked at, as what is kept of it is damaged ({reason})")
NOT_AS_KEPT = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
WELL, REMARK, WRONG = "ok", "remark", "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """A state with its sentence; a remedy is a command to paste, or a sentence where none is."""

    check: str
    state: str
    sentence: Say
    remedies: tuple[str | Say, ...] = ()


def looked(
    check: str,
    look: Callable[P, Finding | Iterable[Finding]],
    *given: P.args,
    **named: P.kwargs,
) -> Iterator[Finding]:
    """Yield what one look finds; where it cannot look, that is what it found.

    Whoever asks the doctor has something that is not as it should be: the other looks go on.
    """
    try:
        found = look(*given, **named)
        yield from (found,) if isinstance(found, Finding) else found
    except TrajectError as error:
        yield Finding(check, WRONG, error.sentence)
    except NOT_AS_KEPT as error:
        reason = f"{type(error).__name__}: {error}"
        yield Finding(check, WRONG, say(UNKNOWN, check=check, reason=reason), ("traject verify",))
