"""Tests of the journal mode that a SQLite version may be trusted with."""

from __future__ import annotations

import pytest

from engine.store.sqlite import durability, wal_is_safe


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 17), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 49, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_only_on_versions_without_the_reset_bug(version: tuple[int, ...], safe: bool) -> None:
    """The repair is in 3.51.3 and in two older lines."""
    assert wal_is_safe(version) is safe


def test_every_journal_mode_comes_with_a_synchronous_mode_that_keeps_commits() -> None:
    """The rollback journal needs EXTRA where the write-ahead log needs FULL."""
    assert durability((3, 40, 1)) == ("delete", "EXTRA")
    assert durability((3, 51, 3)) == ("wal", "FULL")
