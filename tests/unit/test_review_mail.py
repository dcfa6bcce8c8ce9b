"""What the yearly review says, word by word, and that its HTML says the same."""

from __future__ import annotations

from itertools import product

import pytest
from justhtml import JustHTML

from engine.domain.words import LANGUAGES
from notifications.compose import compose
from tests import reviews
from tests.mails import body
from tests.reviews import path, review, snapshot

EVERY = list(product(reviews.WHEN, LANGUAGES))


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_review_reads_as_its_snapshot(name: str, lang: str) -> None:
    """A changed word is seen in the change that makes it."""
    kept = path(name, lang).read_text(encoding="utf-8")
    assert snapshot(name, lang) == kept, "run: python -m tests.reviews"


def test_no_snapshot_is_left_behind() -> None:
    """As many as there are samples."""
    assert set(reviews.SNAPSHOTS.rglob("*.txt")) == {path(name, lang) for name, lang in EVERY}


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_html_and_plain_text_say_the_same(name: str, lang: str) -> None:
    """All words, in one order, and the HTML is sound."""
    letter = compose(review(name, lang))
    page = JustHTML(body(letter, "html"), sanitize=False, strict=True)
    shown = [_flat(found.to_text(separator=" ")) for found in page.query("td p, td li")]
    assert " ".join(shown) == _flat(body(letter, "plain").replace("\n-- \n", "\n"))


def _flat(text: str) -> str:
    return " ".join(text.split())
