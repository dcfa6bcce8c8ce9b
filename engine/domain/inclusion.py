"""Audit paths: the hashes by which one event is shown to stand in a tree of a known root.

As in RFC 6962: from the leaf up, the hash of the neighbour at each height.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.domain.ledger import EMPTY_ROOT, node


@dataclass(slots=True)
class _Subtree:
    """A full subtree: how high it is, its root, and the wanted leaves below it."""

    height: int
    root: bytes
    wanted: list[int] = field(default_factory=list)


class Paths:
    """Gathers the paths of some leaves while all leaves of a tree pass by, in order.

    Kept are the paths themselves and one hash a height, so that a ledger of any length passes.
    """

    def __init__(self, wanted: Iterable[int]) -> None:
        """Take the numbers of the leaves, counted from 1 as positions are."""
        self._paths: dict[int, list[bytes]] = {number: [] for number in wanted}
        self._subtrees: list[_Subtree] = []
        self._size = 0

    def append(self, leaf_hash: bytes) -> None:
        """Take the next leaf."""
        self._size += 1
        last = _Subtree(0, leaf_hash, [self._size] if self._size in self._paths else [])
        while self._subtrees and self._subtrees[-1].height == last.height:
            last = self._joined(self._subtrees.pop(), last)
        self._subtrees.append(last)

    def finish(self) -> bytes:
        """Return the root over all leaves; from now on the paths are whole."""
        if not self._subtrees:
            return EMPTY_ROOT
        last = self._subtrees.pop()
        while self._subtrees:
            last = self._joined(self._subtrees.pop(), last)
        return last.root

    def of(self, number: int) -> Sequence[bytes]:
        """Return the path of a leaf, its nearest neighbour first."""
        return self._paths[number]

    def _joined(self, left: _Subtree, right: _Subtree) -> _Subtree:
        """Return the tree above two neighbours, each telling the other's leaves its root."""
        for number in left.wanted:
            self._paths[number].append(right.root)
        for number in right.wanted:
            self._paths[number].append(left.root)
        wanted = left.wanted + right.wanted
        return _Subtree(left.height + 1, node(left.root, right.root), wanted)
