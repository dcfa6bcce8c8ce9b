"""Tests of where an export goes: whole or not at all, and for us alone."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from commands.export.folder import require_free, whole_file, whole_folder, write
from engine.domain.errors import Refused


def modes(folder: Path) -> set[str]:
    """Return the modes of all that lies in a folder."""
    return {oct(stat.S_IMODE(one.stat().st_mode)) for one in folder.rglob("*") if one.is_file()}


def test_a_folder_gets_its_name_once_all_is_in_it(tmp_path: Path) -> None:
    """Also where an empty one of that name was there; nothing else is left."""
    place = tmp_path / "case"
    place.mkdir()
    with whole_folder(place) as folder:
        write(folder / "mails" / "000001.eml", b"hello")
        write(folder / "readme.txt", b"read me")
        assert not list(place.iterdir())
    assert list(tmp_path.iterdir()) == [place]
    assert (place / "mails" / "000001.eml").read_bytes() == b"hello"


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """Whatever the umask says."""
    old = os.umask(0)
    try:
        with whole_folder(tmp_path / "case") as folder:
            write(folder / "mails" / "000001.eml", b"hello")
        with whole_file(tmp_path / "history.csv") as file:
            file.write(b"a;b")
        with whole_folder(tmp_path / "case.zip") as folder:
            write(folder / "a.txt", b"a")
    finally:
        os.umask(old)
    assert modes(tmp_path) == {"0o600"}
    for folder in (tmp_path / "case", tmp_path / "case" / "mails"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_zip_holds_one_folder_of_its_own_name(tmp_path: Path) -> None:
    """So that unpacking it strews nothing about."""
    with whole_folder(tmp_path / "gent.zip") as folder:
        write(folder / "mails" / "000001.eml", b"hello")
    with zipfile.ZipFile(tmp_path / "gent.zip") as packed:
        assert packed.namelist() == ["gent/mails/000001.eml"]


def test_a_zip_is_one_however_its_ending_is_written(tmp_path: Path) -> None:
    """A.ZIP is an archive that holds the folder A, no folder of that name."""
    with whole_folder(tmp_path / "A.ZIP") as folder:
        write(folder / "a.txt", b"a")
    with zipfile.ZipFile(tmp_path / "A.ZIP") as packed:
        assert packed.namelist() == ["A/a.txt"]


@pytest.mark.parametrize("name", ["case", "case.zip", "history.csv"])
def test_what_fails_in_the_middle_leaves_nothing(tmp_path: Path, name: str) -> None:
    """No half folder, no temporary one."""
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / name) as folder:
        write(folder / "a.txt", b"a")
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over_what_is_there(tmp_path: Path) -> None:
    """A file, a folder with something in it, a link; nor into a folder that is not there."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "folder", tmp_path / "no" / "such"):
        for whole in (whole_file, whole_folder):
            with pytest.raises(Refused), whole(place):
                pass
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["e0.csv", "e0.zip"])
def test_an_empty_file_is_there_and_not_said_to_be_full(tmp_path: Path, name: str) -> None:
    """The refusal is true of it; only of a folder is said that something is in it."""
    whole = whole_folder if name.endswith("zip") else whole_file
    (tmp_path / name).touch()
    with pytest.raises(Refused) as refused, whole(tmp_path / name):
        pass
    assert str(refused.value) == f"{tmp_path / name} is there already; nothing was written."
    (tmp_path / "folder" / "mine").mkdir(parents=True)
    with pytest.raises(Refused, match="is there already and is not empty"):
        require_free(tmp_path / "folder", folder=True)


@pytest.mark.parametrize("name", ["history.csv", "case.zip"])
def test_a_file_takes_the_place_of_no_folder(tmp_path: Path, name: str) -> None:
    """Not of an empty one either: it is not what was asked for."""
    whole = whole_folder if name.endswith("zip") else whole_file
    (tmp_path / name).mkdir()
    with pytest.raises(Refused, match="is there already"), whole(tmp_path / name):
        pass
    assert (tmp_path / name).is_dir()


@pytest.mark.skipif(os.name == "nt", reason="links are POSIX's")
def test_a_link_to_an_empty_folder_is_left_alone(tmp_path: Path) -> None:
    """It is somebody's: it cannot be replaced without being lost."""
    (tmp_path / "real").mkdir()
    (tmp_path / "case").symlink_to(tmp_path / "real")
    with pytest.raises(Refused, match="is there already"), whole_folder(tmp_path / "case"):
        pass
    assert (tmp_path / "case").is_symlink()
