"""A mapping that stays small: what was used last is at hand, the rest lies packed."""

from __future__ import annotations

import pickle
import zlib
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

AT_HAND = 1000


class Shelf(Generic[K, V]):
    """Keeps a value for each key; one that was taken may be changed until others are."""

    def __init__(self, at_hand: int = AT_HAND) -> None:
        """Keep so many values as they are."""
        self._at_hand: OrderedDict[K, V] = OrderedDict()
        self._packed: dict[K, bytes] = {}
        self._most = at_hand

    def __contains__(self, key: object) -> bool:
        return key in self._at_hand or key in self._packed

    def __len__(self) -> int:
        return len(self._at_hand) + len(self._packed)

    def get(self, key: K) -> V | None:
        """Return the value of a key, None where there is none."""
        if key in self._at_hand:
            self._at_hand.move_to_end(key)
            return self._at_hand[key]
        packed = self._packed.pop(key, None)
        if packed is None:
            return None
        value: V = _unpacked(packed)
        self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep a value, in the place of the one before."""
        self._packed.pop(key, None)
        self._at_hand[key] = value
        self._at_hand.move_to_end(key)
        while len(self._at_hand) > self._most:
            oldest, packing = self._at_hand.popitem(last=False)
            self._packed[oldest] = zlib.compress(pickle.dumps(packing, 5), 1)

    def keys(self) -> set[K]:
        """Return all keys."""
        return {*self._at_hand, *self._packed}

    def values(self) -> Iterator[V]:
        """Yield all values, and leave them where they lie."""
        yield from self._at_hand.values()
        for packed in self._packed.values():
            yield _unpacked(packed)


def _unpacked(packed: bytes) -> Any:
    return pickle.loads(zlib.decompress(packed))  # noqa: S301  # packed here, by this run
