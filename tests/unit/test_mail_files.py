"""Letters as files: whole or not at all, private, and the same name every time."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest

from engine.ports import Letter, Receipt
from notifications.delivery import FileNotifier
from notifications.delivery.files import file_name
from tests.notices import MAYOR, notice

POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX file modes")


def letter(to: str = "rita.claes@example.org") -> Letter:
    """Return a small letter."""
    return Letter("<1@example.org>", "s", b"Traject-Notice: start\r\n\r\nhi\r\n", "a@b.org", to)


def send(folder: Path, item: Letter) -> Receipt:
    """Send one letter in a session of its own."""
    with FileNotifier(folder).session() as session:
        return session.send("000012", item)


def test_a_letter_becomes_the_file_with_its_very_bytes(tmp_path: Path) -> None:
    """Composed, written, readable by a mail program; written is not sent."""
    notifier = FileNotifier(tmp_path / "mails")
    made = notifier.compose(notice("start", MAYOR))
    receipt = send(tmp_path / "mails", made)
    path = tmp_path / "mails" / "000012-start-rita.claes.eml"
    assert receipt == Receipt("written", "file", text=str(path))
    assert path.read_bytes() == made.mime
    assert message_from_bytes(path.read_bytes())["Message-ID"] == made.message_id


def test_writing_again_gives_the_same_single_file(tmp_path: Path) -> None:
    """Also after a run that died halfway."""
    (tmp_path / ".000012-start-rita.claes.eml.part").write_bytes(b"half")
    assert send(tmp_path, letter()) == send(tmp_path, letter())
    assert [path.name for path in tmp_path.iterdir()] == ["000012-start-rita.claes.eml"]


def test_another_letter_of_the_same_name_is_never_written_over(tmp_path: Path) -> None:
    """After a restore the numbers begin anew; the earlier file may be somebody's witness."""
    send(tmp_path, letter())
    other = replace(letter(), mime=b"Traject-Notice: start\r\n\r\nbye\r\n")
    assert send(tmp_path, other).text.endswith("000012-start-rita.claes-2.eml")
    assert send(tmp_path, other) == send(tmp_path, other)
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found == {
        "000012-start-rita.claes.eml": letter().mime,
        "000012-start-rita.claes-2.eml": other.mime,
    }


@POSIX
def test_files_are_private(tmp_path: Path) -> None:
    """0600 in a folder of 0700, whatever the umask."""
    before = os.umask(0)
    try:
        send(tmp_path / "mails", letter())
    finally:
        os.umask(before)
    file = next((tmp_path / "mails").iterdir())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_names_stay_inside_the_folder() -> None:
    """Slashes, dots and odd letters of an address do not reach the file system."""
    assert file_name("000012", letter("../../etc/passwd@example.org")) == (
        "000012-start-etc_passwd.eml"
    )
    assert file_name("../x", letter("=?{}|*@example.org")) == "x-start-_.eml"


def test_a_folder_that_cannot_be_made_holds_the_queue(tmp_path: Path) -> None:
    """A human must look; nothing is raised."""
    (tmp_path / "mails").write_text("a file")
    receipt = send(tmp_path / "mails", letter())
    assert (receipt.outcome, receipt.phase) == ("hold", "file")
    assert not FileNotifier(tmp_path / "mails").probe()[0].ok
    assert FileNotifier(tmp_path / "other").probe()[0].ok


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_pauses_the_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not the letter's fault, so no attempt is charged."""
    opened = os.open
    monkeypatch.setattr(
        os, "open", lambda path, flags, *mode: opened("/dev/full", os.O_WRONLY)
        if flags & os.O_CREAT else opened(path, flags, *mode)
    )  # fmt: skip
    receipt = send(tmp_path, letter())
    assert receipt.outcome == "pause"
    assert os.strerror(errno.ENOSPC) in receipt.text
    assert list(tmp_path.glob("*.eml")) == []
