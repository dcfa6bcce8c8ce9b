"""What can go wrong with a relay, put into phase, code, words and outcome."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path

from aiosmtplib import SMTPResponseException

from engine.ports import Outcome
from notifications.delivery.replies import GARBAGE, NO_ANSWER, judge


class RelayError(Exception):
    """A phase that failed, with the relay's code; `outcome` where the code does not decide."""

    def __init__(self, phase: str, code: int, text: str, outcome: Outcome | None = None) -> None:
        super().__init__(text)
        self.phase, self.code, self.text = phase, code, text
        self.outcome: Outcome = outcome or judge(phase, code, text)


def fault_from(phase: str, error: Exception) -> RelayError:
    """Return what an exception of the library means in a phase."""
    refusal = _tls_refusal(error)
    if refusal is not None:
        return RelayError("tls", NO_ANSWER, reason(refusal), "hold")
    if isinstance(error, SMTPResponseException):
        return RelayError(phase, error.code if error.code > 0 else GARBAGE, error.message)
    return RelayError(phase, NO_ANSWER, reason(error))


def reason(error: BaseException) -> str:
    """Return an exception in words, with its kind where it says nothing."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate does not check: {error.verify_message}"
    return str(error) or type(error).__name__


def _tls_refusal(error: BaseException | None) -> ssl.SSLError | None:
    """Return the TLS error behind an exception, unless the connection merely broke."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            broke = isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
            return None if broke else error
        error = error.__cause__
    return None


@cache
def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return the one context of this process: chain and host name are always checked.

    Raises: OSError when the file of the private authority cannot be read.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context
