"""Own disk: a database stays out of folders that a program copies and off other computers."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands.health import own_disk
from engine.domain.errors import Refused


@pytest.mark.parametrize(
    "folder",
    [
        *("OneDrive", "OneDrive - VVSG", "OneDrive-VVSG", "Dropbox", "Dropbox (VVSG)"),
        *("Google Drive", "GoogleDrive", "My Drive", "Mijn Drive", "iCloudDrive", "Nextcloud"),
        *("Library/Mobile Documents", "Library/CloudStorage/OneDrive-VVSG", "onedrive"),
    ],
)
def test_synchronised_folders_are_known_by_their_names(tmp_path: Path, folder: str) -> None:
    """Wherever they lie above the file, whatever the letters' case."""
    file = tmp_path / folder / "work" / "traject.db"
    assert own_disk.synchronised(file) is not None
    with pytest.raises(Refused):
        own_disk.require_own_disk(file)


@pytest.mark.parametrize("folder", ["Documents", "drive", "my onedrive notes", "Dropboxes"])
def test_other_folders_are_fine(tmp_path: Path, folder: str) -> None:
    """A name that only looks like one refuses nobody."""
    assert own_disk.problem(tmp_path / folder / "traject.db") is None


@pytest.mark.parametrize("mark", own_disk.MARKS)
def test_synchronised_folders_are_known_by_what_lies_in_them(tmp_path: Path, mark: str) -> None:
    """Somebody gave the folder another name."""
    (tmp_path / "team" / mark).mkdir(parents=True)
    assert own_disk.synchronised(tmp_path / "team" / "data" / "traject.db") == tmp_path / "team"


def test_a_link_into_a_synchronised_folder_is_seen(tmp_path: Path) -> None:
    """The Documents of Windows often are one."""
    (tmp_path / "OneDrive").mkdir()
    (tmp_path / "Documents").symlink_to(tmp_path / "OneDrive")
    assert own_disk.synchronised(tmp_path / "Documents" / "traject.db") is not None


def test_what_onedrive_names_in_the_environment_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder may have any name."""
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "VVSG"))
    assert own_disk.synchronised(tmp_path / "VVSG" / "traject.db") == tmp_path / "VVSG"


def test_a_share_is_seen_by_where_it_is_mounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The innermost mount decides; blanks in its path are written as octal digits."""
    mounts = tmp_path / "mounts"
    share = tmp_path / "the share"
    written = str(share).replace(" ", "\\040")
    mounts.write_text(
        f"/dev/sda / ext4 rw 0 0\n//server/x {written} cifs rw 0 0\n"
        f"/dev/sdb {written}/local ext4 rw 0 0\n"
    )
    monkeypatch.setattr(own_disk, "MOUNTS", mounts)
    assert own_disk.elsewhere(share / "traject.db") == share
    assert own_disk.elsewhere(share / "local" / "traject.db") is None
    assert own_disk.elsewhere(tmp_path / "traject.db") is None
    assert own_disk.elsewhere(Path("//server/share/traject.db")) is not None
