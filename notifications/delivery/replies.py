"""What a relay's answer means for the mail and for the queue: the phase decides with the code."""

from __future__ import annotations

import re

from engine.ports import Outcome

NO_ANSWER = 0  # timeout, end of the connection, reset
SIGN_IN_FIRST = 530  # authentication required: our settings, in whatever phase it is noticed
GARBAGE = -1  # an answer that is not SMTP, or a code that has no place here

SHORTEST_MASKED = 4  # characters; to blot out anything shorter would garble ordinary words

_ENHANCED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
_TOO_BIG = re.compile(r"\b5\.3\.4\b")


def judge(phase: str, code: int, text: str = "") -> Outcome:
    """Return the outcome of an answer that ended a letter's journey.

    The phases before MAIL concern the relay or our settings, never the one mail; after the
    final dot only a clear answer says what became of it.
    """
    if phase == "dot":
        return _after_the_dot(code)
    if code == SIGN_IN_FIRST:
        return "hold"
    if phase == "rcpt":
        return _recipient(code, text)
    if phase == "data":
        return "dead" if _refused(code) else "retry"
    if phase == "mail" and code == 552 and _TOO_BIG.search(text):
        return "dead"
    return "hold" if _refused(code) else "pause"


def _recipient(code: int, text: str) -> Outcome:
    """Return the outcome for the one address; a bare 552 means a full mailbox (RFC 5321)."""
    full = code == 552 and not _ENHANCED.search(text)
    return "dead" if _refused(code) and not full else "retry"


def _after_the_dot(code: int) -> Outcome:
    if 200 <= code < 300:
        return "sent"
    if 400 <= code < 500:
        return "retry"
    return "dead" if _refused(code) else "uncertain"


def _refused(code: int) -> bool:
    return 500 <= code < 600


def tidy(text: str, *secrets: str) -> str:
    """Return a relay's text on one line, printable, at most 500 characters, without secrets.

    A secret too short to be told from ordinary words leaves no text: the code beside it says it.
    """
    for secret in filter(None, secrets):
        if len(secret) < SHORTEST_MASKED and secret in text:
            return ""
        text = text.replace(secret, "***")
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else "?" for c in line)[:500]
