"""Names a mail and its conversation: Message-ID, References and Outlook's Thread-Index."""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import UTC, datetime, timedelta

from engine.ports import Notice

_CONVERSATIONS = uuid.UUID("3f0c7a52-8f0e-5b43-9a57-6c1d0f0e2b91")  # ours; never changes
_WINDOWS_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_FIRST_YEAR = 2020  # for a reference that does not begin with its year


def token(purpose: str, key: str) -> str:
    """Return 32 hex digits that name `key` for one purpose, and tell nothing about it."""
    return hashlib.sha256(f"traject/{purpose}/v1\0{key}".encode()).hexdigest()[:32]


def message_id(notice: Notice, domain: str) -> str:
    """Return the Message-ID: the same on every attempt, another for every mail."""
    return f"<{token('mid', notice.key)}@{domain}>"


def root_id(notice: Notice, domain: str) -> str:
    """Return the id that all mails of a conversation refer to; no mail bears it."""
    return f"<{token('conversation', _conversation(notice))}.root@{domain}>"


def thread_index(notice: Notice, created_at: datetime) -> str:
    """Return Outlook's Thread-Index: the conversation's header and this mail's block.

    The header's time is the first of January of the trajectory's year, so that every mail
    of the conversation knows it without having seen the first.
    """
    year = int(notice.ref[:4]) if notice.ref[:4].isdecimal() else _FIRST_YEAR
    begun = datetime(max(year, _FIRST_YEAR), 1, 1, tzinfo=UTC)
    conversation = uuid.uuid5(_CONVERSATIONS, _conversation(notice))
    header = _filetime(begun).to_bytes(8, "big")[:6] + conversation.bytes
    return base64.b64encode(header + _block(begun, created_at, notice.key)).decode("ascii")


def _block(begun: datetime, created_at: datetime, key: str) -> bytes:
    """Return five bytes: a bit for the scale, 31 for the time passed, eight to tell apart."""
    passed = max(0, _filetime(created_at) - _filetime(begun))
    coarse = passed >> 49 > 0  # more than 1.7 years
    delta = passed >> (23 if coarse else 18) & 0x7FFFFFFF
    return (delta | coarse << 31).to_bytes(4, "big") + bytes.fromhex(token("block", key)[:2])


def _filetime(instant: datetime) -> int:
    """Return the instant in the 100 nanoseconds that Windows counts since 1601."""
    return (instant - _WINDOWS_EPOCH) // timedelta(microseconds=1) * 10


def _conversation(notice: Notice) -> str:
    """Return what the thread hangs on; a notice without conversation stands alone."""
    return f"{notice.trajectory}/{notice.conversation or notice.key}"
