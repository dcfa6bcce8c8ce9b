"""Tests of where an export goes: whole or not at all, and for us alone."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from commands.export.folder import whole_file, whole_folder, write
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
