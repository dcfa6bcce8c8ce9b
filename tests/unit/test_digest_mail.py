"""What the digest says, word by word, and that its HTML says the same."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from itertools import product

import pytest
from justhtml import JustHTML

from engine.domain.errors import BadInput
from engine.domain.words import LANGUAGES
from notifications.compose import compose
from tests import digests
from tests.digests import digest, path, snapshot
from tests.mails import body

EVERY = list(product(digests.WHEN, LANGUAGES))


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_a_digest_reads_as_its_snapshot(name: str, lang: str) -> None:
    """A changed word is seen in the change that makes it."""
    kept = path(name, lang).read_text(encoding="utf-8")
    assert snapshot(name, lang) == kept, "run: python -m tests.digests"


def test_no_snapshot_is_left_behind() -> None:
    """As many as there are samples."""
    expected = {path(name, lang) for name, lang in EVERY}
    assert set(digests.SNAPSHOTS.rglob("*.txt")) == expected


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_html_and_plain_text_say_the_same(name: str, lang: str) -> None:
    """All words, in one order, and the HTML is sound."""
    letter = compose(digest(name, lang))
    page = JustHTML(body(letter, "html"), sanitize=False, strict=True)
    shown = [_flat(found.to_text(separator=" ")) for found in page.query("td p, td li")]
    plain = body(letter, "plain").replace("\n-- \n", "\n").replace("\n- ", "\n")
    assert " ".join(shown) == _flat(plain)


def test_a_digest_is_a_conversation_of_its_own_with_the_same_bytes_each_time() -> None:
    """Signed by nobody of flesh and blood; another day has another Message-ID."""
    made = digest("full", "nl")
    first, again = compose(made), compose(made)
    other = compose(replace(made, key="digest/1/2027-03-02"))
    assert first == again
    assert first.message_id != other.message_id
    heads = [message_from_bytes(letter.mime)["References"] for letter in (first, other)]
    assert heads[0] != heads[1]
    assert message_from_bytes(first.mime)["From"] == '"traject (VVSG)" <an.peeters@example.org>'


def test_what_hides_characters_is_not_sent() -> None:
    """Also where it stands in the middle of a line."""
    part = digest("short", "nl").parts[0]
    hidden = replace(part.lines[0], what="plan\u202e")
    with pytest.raises(BadInput):
        compose(replace(digest("short", "nl"), parts=(replace(part, lines=(hidden,)),)))


def test_what_a_line_says_is_escaped() -> None:
    """A label is no markup."""
    part = digest("short", "nl").parts[0]
    line = replace(part.lines[0], what="a <b> & c")
    html = body(
        compose(replace(digest("short", "nl"), parts=(replace(part, lines=(line,)),))), "html"
    )
    assert "a &lt;b&gt; &amp; c" in html
    assert not re.search("<b>", html)


def _flat(text: str) -> str:
    return " ".join(text.split())
