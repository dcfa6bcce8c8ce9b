"""Makes folders that are this account's alone, whatever the umask."""

from __future__ import annotations

from pathlib import Path


def make_folder(path: Path) -> None:
    """Create a folder and those above it that are missing (0700); one that is there stays so."""
    missing = [folder for folder in (path, *path.parents) if not folder.is_dir()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
