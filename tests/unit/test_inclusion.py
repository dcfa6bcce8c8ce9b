"""Tests of audit paths: each leads from its leaf to the root, and from nothing else."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.inclusion import Paths
from engine.domain.ledger import EMPTY_ROOT, Frontier, leaf
from tests.proofs import root_by_path


@given(st.integers(1, 200), st.data())
def test_every_path_leads_to_the_root(size: int, data: st.DataObject) -> None:
    """Checked as RFC 9162 says, against the root that the ledger keeps."""
    leaves = [leaf(str(number).encode()) for number in range(size)]
    wanted = data.draw(st.sets(st.integers(1, size), max_size=8))
    paths, frontier = Paths(wanted), Frontier()
    for one in leaves:
        paths.append(one)
        frontier = frontier.append(one)
    root = paths.finish()
    assert root == frontier.root()
    for number in wanted:
        path = paths.of(number)
        assert root_by_path(leaves[number - 1], number, size, path) == root
        assert root_by_path(sha256(b"other").digest(), number, size, path) != root


def test_a_tree_without_leaves_has_the_empty_root() -> None:
    """As RFC 6962 says."""
    assert Paths(()).finish() == EMPTY_ROOT
