"""The arithmetic of the ledger: canonical bytes, leaf hashes, commitments, Merkle frontier.

Canonical form is RFC 8785 without its floats: objects with ASCII keys, arrays, NFC
strings, integers up to 2^53-1, booleans, null. The tree is that of RFC 6962.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from unicodedata import is_normalized

LARGEST = 2**53 - 1
DEEPEST = 32
HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
COMMIT_PREFIX = b"traject/commit/v1\x00"

# The C encoder escapes as RFC 8785 asks: short forms, else \u00xx in lower case; and for
# ASCII keys its order is the one by UTF-16 code units.
_ENCODER = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    check_circular=False,  # `_check` goes no deeper than DEEPEST, and what was parsed is a tree
)


class NotCanonical(ValueError):
    """A value that has no canonical form; the message says where and why."""


def canonical(value: Any) -> bytes:
    """Return the one byte string that stands for a value.

    Raises: NotCanonical for floats, other types, foreign keys, text that is not NFC.
    """
    _check(value, DEEPEST)
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("a lone surrogate is no text") from error


def parse(text: str) -> Any:
    """Return the value whose canonical form a text is.

    Raises: NotCanonical when the value has another form, or none; ValueError when there is
    no value in it.
    """
    value = _decoded(text)
    # In ASCII, what has no canonical form was refused while reading; looking at each value
    # once more would cost most of an audit's time.
    try:
        form = _ENCODER.encode(value) if text.isascii() else canonical(value).decode()
    except RecursionError as error:
        raise NotCanonical("nested too deep") from error
    if form != text:
        raise NotCanonical("another form of its value than the canonical one")
    return value


def _decoded(text: str) -> Any:
    """Return the value in a text; white space around it is no canonical form, and rare."""
    try:
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            return value
    except json.JSONDecodeError:
        pass
    return _DECODER.decode(text)


def _integer(text: str) -> int:
    number = int(text)
    if not -LARGEST <= number <= LARGEST:
        raise NotCanonical(f"an integer beyond 2^53-1: {text[:40]}")
    return number


def _no_integer(text: str) -> None:
    raise NotCanonical(f"not an integer: {text[:40]}")


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_no_integer, parse_constant=_no_integer)


def _check(value: Any, depth: int) -> None:
    kind = type(value)  # exact types: a subclass may be written otherwise than it compares
    if kind is str:
        if not value.isascii() and not is_normalized("NFC", value):
            raise NotCanonical(f"not in Unicode's composed form (NFC): {value!a}")
    elif kind is int:
        if not -LARGEST <= value <= LARGEST:
            raise NotCanonical(f"an integer beyond 2^53-1: {value}")
    elif kind is dict:
        _check_keys(value)
        _check_each(value.values(), depth)
    elif kind is list or kind is tuple:
        _check_each(value, depth)
    elif value is not None and kind is not bool:
        raise NotCanonical(f"neither object, array, string, integer, boolean nor null: {kind}")


def _check_each(values: Any, depth: int) -> None:
    if not depth:
        raise NotCanonical(f"nested deeper than {DEEPEST}")
    for value in values:
        _check(value, depth - 1)


def _check_keys(value: dict[Any, Any]) -> None:
    for key in value:
        if type(key) is not str or not key.isascii():
            raise NotCanonical(f"a key must be ASCII text: {key!a}")


def leaf(body: bytes) -> bytes:
    """Return the hash of an event: its leaf in the tree."""
    return sha256(b"\x00" + body).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash above two neighbours in the tree."""
    return sha256(b"\x01" + left + right).digest()


def commitment(salt: bytes, field: str, value: str) -> str:
    """Return, in hex, what the hashed bytes hold instead of a personal detail."""
    return sha256(COMMIT_PREFIX + salt + field.encode() + b"\x00" + value.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the full subtrees, largest first: all that the next leaf needs to know."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def append(self, leaf_hash: bytes) -> Frontier:
        """Return the frontier with one leaf more."""
        hashes = list(self.hashes)
        size = self.size
        while size & 1:  # a full subtree of this height stands there already
            leaf_hash = node(hashes.pop(), leaf_hash)
            size >>= 1
        return Frontier(self.size + 1, (*hashes, leaf_hash))

    def root(self) -> bytes:
        """Return the Merkle tree hash over all leaves."""
        if not self.hashes:
            return EMPTY_ROOT
        *others, root = self.hashes
        for left in reversed(others):
            root = node(left, root)
        return root

    def to_bytes(self) -> bytes:
        """Return the hashes one after the other; the size is stored beside them."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Return the frontier that was stored. Raises: ValueError when the two disagree."""
        if size < 0 or len(data) != HASH_SIZE * size.bit_count():
            raise ValueError(f"{len(data)} bytes are no frontier of {size} leaves")
        parts = range(0, len(data), HASH_SIZE)
        return cls(size, tuple(bytes(data[at : at + HASH_SIZE]) for at in parts))
