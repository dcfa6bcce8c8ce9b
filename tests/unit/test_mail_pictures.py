"""The contact sheet of the mails is complete and says what the mails say today."""

from __future__ import annotations

from engine.domain.notices import NOTICES
from tests import contact_sheet, palette
from tests.contact_sheet import PAGE, PICTURES
from tests.samples import SAMPLES

LARGEST = 1_500_000  # bytes of all pictures


def test_the_contact_sheet_has_the_subjects_and_first_lines_of_today() -> None:
    """`docs/mails.md` is made, not written."""
    assert PAGE.read_text(encoding="utf-8") == contact_sheet.page(), (
        "run: python -m tests.contact_sheet"
    )


def test_every_mail_has_its_picture_and_no_picture_is_left_behind() -> None:
    """All notices, and together small enough to keep."""
    kept = {path.name: path.read_bytes() for path in PICTURES.iterdir()}
    assert {sample.notice for sample in SAMPLES} == NOTICES
    assert set(kept) == contact_sheet.files()
    assert sum(map(len, kept.values())) < LARGEST


def test_a_picture_is_as_wide_as_the_screen_it_was_taken_on() -> None:
    """A telephone's says so in its name, all others have 700 pixels."""
    widths = {path.name: palette.size(path.read_bytes())[0] for path in PICTURES.iterdir()}
    assert set(widths.values()) == set(contact_sheet.WIDTHS)
    assert {name for name, width in widths.items() if width == 320} == {
        f"{name}-320.png" for name in contact_sheet.SMALL
    }
