"""What the weekly account says, word by word, and that its HTML says the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from justhtml import JustHTML

from engine.domain.errors import BadInput
from engine.domain.words import LANGUAGES
from engine.periodic import Chapter
from notifications.compose import compose
from tests import accounts
from tests.accounts import account, path, snapshot
from tests.mails import body

EVERY = list(product(accounts.WHEN, LANGUAGES))


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_an_account_reads_as_its_snapshot(name: str, lang: str) -> None:
    """A changed word is seen in the change that makes it."""
    kept = path(name, lang).read_text(encoding="utf-8")
    assert snapshot(name, lang) == kept, "run: python -m tests.accounts"


def test_no_snapshot_is_left_behind() -> None:
    """As many as there are samples."""
    expected = {path(name, lang) for name, lang in EVERY}
    assert set(accounts.SNAPSHOTS.rglob("*.txt")) == expected


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_html_and_plain_text_say_the_same(name: str, lang: str) -> None:
    """All words, in one order, and the HTML is sound."""
    letter = compose(account(name, lang))
    page = JustHTML(body(letter, "html"), sanitize=False, strict=True)
    shown = [_flat(found.to_text(separator=" ")) for found in page.query("td p, td li")]
    plain = body(letter, "plain").replace("\n-- \n", "\n").replace("\n- ", "\n")
    assert " ".join(shown) == _flat(plain)


def test_what_a_line_says_is_escaped_and_hides_nothing() -> None:
    """A label is no markup, and no character that cannot be seen."""
    made = account("one", "nl")
    told = replace(made, chapters=(Chapter("2027-003", ("Mol",), ("a <b> & c",)),))
    assert "a &lt;b&gt; &amp; c" in body(compose(told), "html")
    with pytest.raises(BadInput):
        compose(replace(made, chapters=(Chapter("2027-003", ("Mol",), ("plan\u202e",)),)))


def _flat(text: str) -> str:
    return " ".join(text.split())
