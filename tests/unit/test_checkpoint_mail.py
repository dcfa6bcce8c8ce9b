"""What the mail with a checkpoint says, what goes with it, and that it is read back when saved."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import product
from pathlib import Path

import pytest
from justhtml import JustHTML

from commands.witnessed import Kept, kept_in
from engine.domain.checkpoint import Checkpoint
from engine.domain.errors import BadInput
from engine.domain.words import LANGUAGES
from engine.ports import Letter
from notifications.compose import compose
from tests import checkpoints
from tests.checkpoints import CHECKPOINT, checkpoint, path, snapshot
from tests.mails import body

EVERY = list(product(checkpoints.WHEN, LANGUAGES))
LOG = "6f2c8d1e-4b7a-4f0e-9d3c-2a5b8e7f1c04"


def parts(letter: Letter) -> EmailMessage:
    """Return a letter as a mail program reads it."""
    return message_from_bytes(letter.mime, policy=policy.default)


def saved(tmp_path: Path, content: bytes) -> Kept:
    """Return what a file with this content holds of a log."""
    file = tmp_path / "mail.eml"
    file.write_bytes(content)
    return kept_in(str(file))


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_mail_with_a_checkpoint_reads_as_its_snapshot(name: str, lang: str) -> None:
    """A changed word is seen in the change that makes it."""
    kept = path(name, lang).read_text(encoding="utf-8")
    assert snapshot(name, lang) == kept, "run: python -m tests.checkpoints"


def test_no_snapshot_of_a_checkpoint_is_left_behind() -> None:
    """As many as there are samples."""
    assert set(checkpoints.SNAPSHOTS.rglob("*.txt")) == {path(*one) for one in EVERY}


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_html_and_plain_text_of_a_checkpoint_say_the_same(name: str, lang: str) -> None:
    """All words, in one order, and the HTML is sound."""
    letter = compose(checkpoint(name, lang))
    page = JustHTML(body(letter, "html"), sanitize=False, strict=True)
    shown = [" ".join(found.to_text(separator=" ").split()) for found in page.query("td p, td li")]
    plain = body(letter, "plain").replace("\n-- \n", "\n").replace("\n- ", "\n")
    assert " ".join(shown) == " ".join(plain.split())


def test_the_three_lines_stand_in_the_text_and_in_the_file_as_they_are() -> None:
    """However long the name of the log is; none is broken, and nothing stands before one."""
    long = replace(CHECKPOINT, origin=f"{'a-very-long-name.' * 6}example.org/traject/{LOG}/1")
    for own in (CHECKPOINT, long):
        made = replace(checkpoint("changed", "nl"), lines=tuple(own.text().splitlines()))
        letter = compose(made)
        assert f"\n\n{own.text()}\n" in body(letter, "plain").replace("\r\n", "\n")
        (file,) = parts(letter).iter_attachments()
        assert (file.get_filename(), file.get_content_type()) == ("checkpoint.txt", "text/plain")
        assert file.get_payload(decode=True) == own.text().encode()


def test_the_header_says_the_size_and_root_of_the_checkpoint() -> None:
    """So that a verifier that reads headers alone comes to the same."""
    mail = parts(compose(checkpoint("changed", "nl")))
    assert mail["Traject-Checkpoint"] == f"{CHECKPOINT.size} {CHECKPOINT.root}"
    assert mail["Traject-Notice"] == "checkpoint"


def test_the_same_checkpoint_makes_the_same_bytes_and_another_day_another_mail() -> None:
    """A second try sends what the first one did."""
    made = checkpoint("changed", "nl")
    assert compose(made) == compose(made)
    assert compose(made).message_id != compose(replace(made, key="checkpoint/1/x")).message_id


def test_what_stands_in_a_saved_mail_goes_before_its_header(tmp_path: Path) -> None:
    """The header says neither which log it is, nor that anything was checked."""
    other = replace(checkpoint("changed", "nl"), checkpoint_size=99, checkpoint_root="ab" * 32)
    found = saved(tmp_path, compose(other).mime)
    assert (found.witness.size, found.witness.root) == (CHECKPOINT.size, CHECKPOINT.root)
    assert (found.witness.log, found.epoch) == (LOG, 1)


def test_a_saved_mail_is_read_where_only_its_words_are_left(tmp_path: Path) -> None:
    """Forwarded, answered, or saved as text: with marks of quotation, without the file."""
    text = body(compose(checkpoint("quiet", "en")), "plain")
    quoted = "".join(f"> {line}\r\n" for line in text.splitlines())
    for content in (text, f"Subject: Fwd\r\n\r\nsee below\r\n\r\n{quoted}"):
        found = saved(tmp_path, f"X: y\n\n{content}".encode())
        assert (found.witness.size, found.witness.log) == (CHECKPOINT.size, LOG)


def test_a_mail_that_was_forwarded_as_a_file_is_read(tmp_path: Path) -> None:
    """The mail in the mail."""
    outer = EmailMessage()
    outer["Subject"] = "Fwd"
    outer.set_content("as asked")
    outer.add_attachment(parts(compose(checkpoint("changed", "nl"))))
    assert saved(tmp_path, outer.as_bytes()).witness.root == CHECKPOINT.root


@pytest.mark.parametrize(
    "text",
    [
        "Subject: x\n\nnothing\n",
        f"Subject: x\n\nexample.org/traject/{LOG}/1\n214\nnot base64!\n",
        f"Subject: x\n\nexample.org/traject/{LOG}/1\n0214\nAAAA\n",
        f"Subject: x\n\nexample.org/traject/{LOG}/1\n",
    ],
)
def test_a_mail_without_a_whole_checkpoint_is_refused(tmp_path: Path, text: str) -> None:
    """Half of one proves nothing."""
    with pytest.raises(BadInput):
        saved(tmp_path, text.encode())


def test_the_file_alone_is_read_as_well(tmp_path: Path) -> None:
    """As it came with the mail."""
    own = Checkpoint(f"example.org/traject/{LOG}/3", 7, "0f" * 32)
    found = saved(tmp_path, own.text().encode())
    assert (found.witness.size, found.witness.root, found.epoch) == (7, "0f" * 32, 3)
