"""A folder of ours is nobody else's, and so are those above it that it needed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from engine.folders import make_folder


def test_every_folder_that_was_missing_is_private_whatever_the_umask(tmp_path: Path) -> None:
    """One that was there keeps its mode."""
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    before = os.umask(0)
    try:
        make_folder(there / "a" / "b")
        make_folder(there / "a" / "b")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(folder.stat().st_mode) for folder in (there, there / "a", there / "a/b")]
    assert modes == [0o755, 0o700, 0o700]
