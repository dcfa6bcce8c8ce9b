"""Where an export goes: a file, a folder or a zip, for us alone, whole before it gets its name."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engine.domain.errors import Refused, TryAgain
from engine.domain.os_errors import FULL, why
from engine.domain.words import N_

ZIP = ".zip"
THERE = N_("{place} is there already; nothing was written.")
FILLED = N_("{place} is there already and is not empty; nothing was written.")
NOWHERE = N_("Nothing can be written in {folder} ({reason}).")
NO_ROOM = N_("The disk of {folder} is full; nothing was written. Make room, or name another place.")


def require_free(place: Path, *, folder: bool = False) -> None:
    """Refuse a place where something stands already; a `folder` may take that of an empty one."""
    if folder and place.is_dir() and not place.is_symlink():
        if any(place.iterdir()):
            raise Refused(FILLED, place=str(place))
    elif place.exists() or place.is_symlink():
        raise Refused(THERE, place=str(place))


@contextmanager
def whole_file(place: Path) -> Iterator[IO[bytes]]:
    """Yield a file to write in, which gets its name once it is finished. Raises: Refused."""
    with _drafts(place) as folder:
        draft = folder / "draft"
        with new_file(draft) as file:
            yield file
        _publish(draft, place)


@contextmanager
def whole_folder(place: Path) -> Iterator[Path]:
    """Yield an empty folder, which becomes that folder, or that zip, once all is in it.

    Raises: Refused.
    """
    zipped = place.suffix.lower() == ZIP
    with _drafts(place, folder=not zipped) as drafts:
        folder = drafts / (place.stem if zipped else place.name)
        folder.mkdir(mode=0o700)
        yield folder
        if zipped:
            packed = drafts / "draft.zip"
            _pack(folder, packed)
            _publish(packed, place)
        else:
            require_free(place, folder=True)
            if place.is_dir():  # an empty one of that name
                place.rmdir()
            _publish(folder, place)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a new file that nobody else may read, written to the disk at the end."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def write(path: Path, content: bytes) -> None:
    """Write a small file whole."""
    with new_file(path) as file:
        file.write(content)


@contextmanager
def _drafts(place: Path, *, folder: bool = False) -> Iterator[Path]:
    """Yield a folder of our own beside a place, on the same disk; it is gone afterwards."""
    from engine.store import drafts

    require_free(place, folder=folder)
    drafts.sweep((place.parent,))
    try:
        own = tempfile.mkdtemp(prefix=drafts.prefix(place.name), dir=place.parent)
    except OSError as error:
        raise Refused(NOWHERE, folder=str(place.parent), reason=why(error)) from None
    try:
        yield Path(own)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise TryAgain(NO_ROOM, folder=str(place.parent)) from None
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _publish(made: Path, place: Path) -> None:
    """Give what is finished its name, unless somebody took that meanwhile."""
    require_free(place)
    made.rename(place)


def _pack(folder: Path, packed: Path) -> None:
    """Put a folder in a zip, under its own name and with its modes."""
    with new_file(packed) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))
