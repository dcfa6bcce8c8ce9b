"""What every mail says, word by word, and that its HTML says the same and is sound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from justhtml import Element, JustHTML, StrictModeError

from engine.domain.notices import NOTICES
from engine.domain.words import LANGUAGES
from engine.language import words
from notifications.compose import compose
from tests.mails import SNAPSHOTS, body, path, said, snapshot
from tests.samples import SAMPLES, Sample
from workflows.loader import load, shipped

EVERY = list(product(SAMPLES, LANGUAGES))
IDS = [f"{sample.name}-{lang}" for sample, lang in EVERY]

# What Word needs in a table and HTML has no longer; it belongs in comments for Word alone.
OBSOLETE = {"align", "bgcolor", "border", "cellpadding", "cellspacing", "valign", "width"}
FORMAL = re.compile(r"\b(je|jij|jou|jouw|jullie)\b", re.IGNORECASE)
FAMILIAR = re.compile(r"\b(u|uw)\b", re.IGNORECASE)
SILENCE = re.compile(
    r"Hoor ik niets|hoeft|hoef je|Zolang|niet vanzelf|niets vanzelf|vanzelf niets|hierna bel ik"
    r"|Zie je toch|\bbel je\b|bij jou:|Past dat niet\?|er dan bij zijn",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("sample", "lang"), EVERY, ids=IDS)
def test_a_mail_reads_as_its_snapshot(sample: Sample, lang: str) -> None:
    """A changed word is seen in the change that makes it."""
    kept = path(sample, lang)
    assert kept.exists(), "run: python -m tests.mails"
    assert snapshot(sample, lang) == kept.read_text(encoding="utf-8"), "run: python -m tests.mails"


def test_every_notice_has_a_snapshot_and_every_snapshot_a_notice() -> None:
    """None forgotten, none left behind."""
    expected = {path(sample, lang) for sample, lang in EVERY}
    assert {sample.notice for sample in SAMPLES} == NOTICES
    assert set(SNAPSHOTS.rglob("*.txt")) == expected
    assert len(expected) == len(EVERY), "two samples have one name"


@pytest.mark.parametrize(("sample", "lang"), EVERY, ids=IDS)
def test_the_html_is_without_a_parse_error(sample: Sample, lang: str) -> None:
    """As the standard says, with a language, a title and nothing that HTML has dropped."""
    html = body(compose(said(sample, lang)), "html")
    page = JustHTML(html, sanitize=False, strict=True)
    elements = list(page.query("*"))
    obsolete = {(e.name, name) for e in elements for name in _attributes(e) if name in OBSOLETE}
    roles = {_attributes(table).get("role") for table in page.query("table")}
    assert obsolete == set()
    assert roles == {"presentation"}
    assert [_attributes(e)["lang"] for e in page.query("html")] == [lang]
    assert [len(page.query(name)) for name in ("title", "body", "h1")] == [1, 1, 0]


def test_the_parser_is_strict() -> None:
    """It would tell: an unclosed element and a stray end tag are errors."""
    for broken in ("<p>no doctype</p>", "<!DOCTYPE html><title>x</title><p><b>x</p></b>"):
        with pytest.raises(StrictModeError):
            JustHTML(broken, sanitize=False, strict=True)


@pytest.mark.parametrize(("sample", "lang"), EVERY, ids=IDS)
def test_html_and_plain_text_say_the_same(sample: Sample, lang: str) -> None:
    """All words, in one order; the HTML only puts the phase on top instead of at the end."""
    letter = compose(said(sample, lang))
    html = body(letter, "html")
    cell, phase = [*next(_texts(html, "td.small", "\n")).strip().split("\n"), ""][:2]
    *shown, last = map(_flat, _texts(html, "td p, td li"))
    plain = _flat(body(letter, "plain").replace("\n-- \n", "\n").replace("\n- ", "\n"))
    written = _flat(" ".join([*shown, f"{phase}. {last}" if phase else last]))
    assert _flat(cell).startswith("LIVC R ")
    assert written.replace("An Peeters VVSG", "An Peeters, VVSG") == plain


@pytest.mark.parametrize(("sample", "lang"), EVERY, ids=IDS)
def test_the_first_words_in_the_list_of_mails_are_the_question(sample: Sample, lang: str) -> None:
    """The hidden line on top is the first sentence, with the points that it announces."""
    html = body(compose(said(sample, lang)), "html")
    hidden, first, *_ = [_flat(text) for text in _texts(html, "body > div, td.ink > p")]
    opening = first.partition(", ")[2]
    assert hidden.startswith(opening[0].upper() + opening[1:])
    for point in said(sample, lang).points if hidden.endswith(";") else ():
        assert point.label in hidden


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_mayors_read_u_and_others_read_je(sample: Sample) -> None:
    """One form of address in a mail."""
    text = body(compose(said(sample, "nl")), "plain")
    assert (FORMAL if sample.to.formal else FAMILIAR).findall(text) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_mail_says_what_happens_when_nobody_answers(sample: Sample) -> None:
    """Or that nobody need answer, or that an answer is wanted only where something is wrong."""
    text = " ".join(body(compose(said(sample, "nl")), "plain").split())
    assert SILENCE.search(text), text


@pytest.mark.parametrize(("sample", "lang"), EVERY, ids=IDS)
def test_the_control_number_stands_in_the_footer_only(sample: Sample, lang: str) -> None:
    """A reader need not know what a checkpoint is."""
    above, _, footer = body(compose(said(sample, lang)), "plain").partition("\n-- \n")
    assert "7f3a0b12c9e1" in footer
    assert not re.search(r"7f3a|controlegetal|control number|checkpoint|ledger|logboek", above)


def test_the_mails_of_a_phase_have_one_subject_and_one_topic() -> None:
    """Outlook takes another subject for another conversation, whatever the index says."""
    found: dict[tuple[str, ...], set[str]] = {}
    for sample, lang in EVERY:
        made = said(sample, lang)
        read = dict(line.partition(": ")[::2] for line in snapshot(sample, lang).splitlines()[:6])
        assert read["Thread-Topic"] == "the subject"
        if read["Thread-Index"] == "the conversation of the phase":
            found.setdefault((lang, made.phase, *made.municipalities), set()).add(read["Subject"])
    assert [subjects for subjects in found.values() if len(subjects) > 1] == []
    assert sum(key[0] == "nl" for key in found) > 3


def test_phases_are_called_as_people_say_them() -> None:
    """Which names of the shipped workflows need `de fase` before them is known."""
    sample = next(sample for sample in SAMPLES if sample.name == "phase_started-advance")
    names = {
        words("nl").label(label)
        for file in shipped()
        for phase in load(file).workflow.phases.values()
        for label in (phase.label, phase.outside())
    }
    asked = {
        name
        for name in names
        if "de fase" in body(compose(replace(said(sample, "nl"), phase=name)), "plain")
    }
    assert asked == {
        "Analyse huidige situatie", "Streefbeeld en indicatoren", "Van doel naar acties",
    }  # fmt: skip


def _texts(html: str, selector: str, separator: str = " ") -> Iterator[str]:
    for element in JustHTML(html, sanitize=False, strict=True).query(selector):
        yield element.to_text(separator=separator)


def _attributes(node: object) -> dict[str, str | None]:
    return node.attrs or {} if isinstance(node, Element) else {}


def _flat(text: str) -> str:
    return " ".join(text.split())
