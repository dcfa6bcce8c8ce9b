"""Whether a file would lie where no database may: in a synchronised or a network folder."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from engine.domain.errors import Refused
from engine.domain.words import N_, Say, say

SYNCED = N_(
    "{where} lies in {folder}, a folder that a program synchronises. It copies half a change "
    "and undoes another, which damages a database."
)
REMOTE = N_(
    "{where} lies on another computer ({folder}). Over a network a database file is damaged "
    "sooner or later."
)
WAY_OUT = N_(
    "Choose a folder on this computer, or PostgreSQL (postgresql://HOST/NAME) for several people."
)
# What the programs call their folders; in Dutch Google Drive says "Mijn Drive".
NAMES = re.compile(
    r"(onedrive( ?- ?.+)?|dropbox( \(.+\))?|google ?drive( .*)?|my drive|mijn drive"
    r"|icloud ?drive|mobile documents|cloudstorage|nextcloud|owncloud)",
    re.IGNORECASE,
)
# What they leave in the folders that they keep: Dropbox; OneDrive and SharePoint; Nextcloud.
MARKS = (".dropbox.cache", ".849C9593-D756-4E56-8D6E-42412F2A707B", ".sync-exclude.lst")
MOUNTS = Path("/proc/self/mounts")
NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "davfs", "ncpfs"),
        *("fuse.sshfs", "fuse.rclone", "fuse.davfs", "fuse.glusterfs", "fuse.onedriver"),
        "fuse.google-drive-ocamlfuse",
    }
)


def require_own_disk(file: Path) -> None:
    """Refuse a database file that a program would synchronise or that lies elsewhere."""
    if (found := problem(file)) is not None:
        raise Refused(N_("{problem} {way_out}"), problem=found, way_out=say(WAY_OUT))


def problem(file: Path) -> Say | None:
    """Return why a database file must not lie there; None where it may."""
    if (folder := synchronised(file)) is not None:
        return say(SYNCED, where=str(file), folder=str(folder))
    if (folder := elsewhere(file)) is not None:
        return say(REMOTE, where=str(file), folder=str(folder))
    return None


def synchronised(file: Path) -> Path | None:
    """Return the folder above a file that OneDrive, Dropbox, … keeps; None without one."""
    above = [*file.parents, *file.resolve().parents]
    named = (folder for folder in above if NAMES.fullmatch(folder.name))
    marked = (f for f in above if f != Path(f.anchor) and _holds_mark(f))
    told = (folder for folder in above if folder in _told())
    return next((f for found in (named, told, marked) for f in found), None)


def _holds_mark(folder: Path) -> bool:
    return any(os.path.lexists(folder / mark) for mark in MARKS)


def _told() -> frozenset[Path]:
    """Return the folders that OneDrive names in the environment of Windows."""
    names = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
    return frozenset(Path(value) for name in names if (value := os.environ.get(name)))


def elsewhere(file: Path) -> Path | None:
    """Return the share that a file lies on; None on this computer, or where it is not known."""
    if str(file).startswith(("\\\\", "//")):
        return Path(file.anchor or file)
    if sys.platform == "win32":
        return _remote_drive(file)
    try:
        mounts = MOUNTS.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return None  # macOS has no such list
    return _mounted(file.resolve(), mounts)


def _mounted(file: Path, mounts: Iterable[str]) -> Path | None:
    """Return where the file system of a file is mounted, when that is one over a network."""
    found, kind = Path("/"), ""
    for line in mounts:
        _, place, its_kind, *_ = line.split(" ")
        folder = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), place))  # blank: \040
        if folder in file.parents and len(folder.parts) >= len(found.parts):
            found, kind = folder, its_kind
    return found if kind in NETWORK else None


if sys.platform == "win32":

    def _remote_drive(file: Path) -> Path | None:
        """Return the drive letter of a share."""
        import ctypes

        remote = 4  # DRIVE_REMOTE
        drive = file.resolve().anchor
        return Path(drive) if ctypes.windll.kernel32.GetDriveTypeW(drive) == remote else None

else:

    def _remote_drive(file: Path) -> Path | None:
        raise AssertionError(f"{file}: asked on Windows only")
