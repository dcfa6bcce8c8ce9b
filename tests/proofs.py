"""Checks an audit path as RFC 9162 (2.1.3.2) says, apart from the code that made it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def root_by_path(leaf_hash: bytes, number: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a path leads to from the leaf of that number, counted from 1."""
    first, last, found = number - 1, size - 1, leaf_hash
    for step in path:
        if not last:
            return None
        if first & 1 or first == last:
            found = sha256(b"\x01" + step + found).digest()
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + step).digest()
        first, last = first >> 1, last >> 1
    return None if last else found
