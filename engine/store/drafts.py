"""Unfinished copies: named after the process that makes them, so that those of a dead one go."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_OURS = re.compile(r"\.?.+\.unfinished-(\d+)-\w+(-journal|-wal|-shm|\.sender\.lock)?")


def prefix(name: str) -> str:
    """Return how the name of an unfinished copy begins."""
    return f".{name}.unfinished-{os.getpid()}-"


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield an empty file (0600) for a copy that nobody keeps; its folder (0700) goes afterwards.

    SQLite gives the files that it makes beside it the same mode.
    """
    sweep((Path(tempfile.gettempdir()),))
    with tempfile.TemporaryDirectory(prefix=prefix("traject")) as folder:
        made = Path(folder, "copy.db")
        made.touch(mode=0o600)
        yield made


def abandoned(folders: Iterable[Path]) -> list[Path]:
    """Return what processes that were killed left in these folders: whole copies, or parts."""
    found = []
    for folder in {*folders}:
        with suppress(OSError):
            found += [path for path in folder.iterdir() if _is_left(path)]
    return sorted(found)


def sweep(folders: Iterable[Path]) -> list[Path]:
    """Take away what killed processes left in these folders; return what would not go."""
    found = abandoned(folders)
    for path in found:
        with suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return [path for path in found if path.exists()]


def _is_left(path: Path) -> bool:
    """Tell whether this is an unfinished copy on which nobody works any more."""
    ours = _OURS.fullmatch(path.name)
    if ours is None or (os.name == "posix" and path.stat().st_uid != os.getuid()):
        return False
    return not _lives(int(ours[1]))


def _lives(process: int) -> bool:
    """Tell whether a process may be alive; on Windows nobody can ask without harming it."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
