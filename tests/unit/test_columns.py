"""Columns: as wide as asked, no word lost, no command broken; likenesses and colours of a text."""

from __future__ import annotations

from types import SimpleNamespace

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.pages.colour import painted, together
from commands.pages.columns import (
    NARROWEST,
    WIDEST,
    beside,
    columns,
    flowing,
    grid,
    paired,
    width,
    wrapped,
)
from commands.pages.likeness import likeness, registered

WORDS = st.text(alphabet="abcdef", min_size=1, max_size=12)
CELL = st.lists(WORDS, max_size=9).map(" ".join)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=5)
COMMAND = "traject meet gent 3 --for Merelbeke-Melle"


@pytest.fixture(autouse=True)
def eighty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(
    ("said", "wide"),
    [("100", 100), ("10", NARROWEST), ("999", WIDEST), ("wide", 80), ("", 80), ("0", 80)],
)
def test_the_width_is_what_columns_says_between_limits(
    monkeypatch: pytest.MonkeyPatch, said: str, wide: int
) -> None:
    """What is no number counts for nothing; a pipe has 80."""
    monkeypatch.setenv("COLUMNS", said)
    assert width() == wide


@given(ROWS)
def test_a_table_fits_and_keeps_every_word(rows: list[tuple[str, str, str]]) -> None:
    """Whichever columns give way."""
    for cut in ((), ((1,),), ((0, 1), (2,))):
        for row, lines in zip(rows, grid(rows, cut=cut, indent=1), strict=True):
            assert all(len(line) <= 80 for line in lines)
            assert sorted(" ".join(lines).split()) == sorted(" ".join(row).split())


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5))
def test_remarks_fit_and_keep_every_word(rows: list[tuple[str, str]]) -> None:
    """Beside the text, or below it."""
    for row, lines in zip(rows, paired(rows, hanging=5), strict=True):
        assert all(len(line) <= 80 for line in lines)
        assert " ".join(lines).split() == " ".join(row).split()


@given(st.lists(CELL.filter(bool), max_size=9))
def test_parts_flow_in_their_order(parts: list[str]) -> None:
    """None of them is lost."""
    lines = flowing(parts)
    assert all(len(line) <= 80 for line in lines)
    assert " ".join(lines).split() == " ".join(parts).split()


@given(CELL, CELL)
def test_a_command_is_never_broken(before: str, after: str) -> None:
    """Neither in a sentence nor beside a text."""
    text = f"{before} ({COMMAND}) {after}"
    assert any(COMMAND in line for line in wrapped(text))
    assert any(COMMAND in line for line in columns([(before, text)], cut=((1,),)))
    assert any(line.endswith(COMMAND) for line in beside([(before, COMMAND)]))


def test_a_row_without_room_becomes_running_text() -> None:
    """As nothing is cut and no word is broken."""
    address = f"{'a' * 40}@example.org"
    assert columns([("Jo Maes", "coordinator", address, address)], indent=1) == [
        f" Jo Maes  coordinator  {address}",
        f"     {address}",
    ]


HEADS = ("Phase", "Paused", "Difference")
COURSE = [("Intake", "", "6 days"), ("Analysis", "45 days", "")]


def test_headings_stand_above_the_columns_where_there_is_room() -> None:
    """An empty cell is seen to be empty there."""
    assert columns(COURSE, heads=HEADS) == [
        "Phase     Paused   Difference",
        "Intake             6 days",
        "Analysis  45 days",
    ]


@pytest.mark.parametrize(
    ("form", "gap"), [({}, "  "), ({"plain": True}, ", ")], ids=["narrow", "plain"]
)
def test_a_row_in_running_text_says_which_value_is_which(form: dict[str, bool], gap: str) -> None:
    """As an empty cell leaves no place there by which the others could be told apart."""
    wide = ("x" * 60, "", "y" * 60)
    with click.Context(click.Command("show"), obj=SimpleNamespace(**form)):
        heads, *found, _ = grid([*COURSE, wide], heads=HEADS)
    assert heads == []
    assert [" ".join(lines) for lines in found] == [
        f"Phase: Intake{gap}Difference: 6 days",
        f"Phase: Analysis{gap}Paused: 45 days",
    ]


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("(traject list)", "traject list"),
        ("On schedule: 3 others (traject list).", "traject list"),
        ("klopt dit?  traject meet lier  ·  klaar", "traject meet lier"),
        ("traject --database 'my data.db' show 1", "traject --database 'my data.db' show 1"),
        ("Look: traject mail test, traject doctor", "traject mail test"),
    ],
)
def test_a_command_is_coloured_to_its_last_word(text: str, command: str) -> None:
    """And no further: punctuation and gaps are none of it."""
    assert f"\x1b[36m{command}\x1b[0m" in painted(text)
    assert command.replace(" ", "\xa0") in together(text)


@pytest.mark.parametrize("text", ["het traject loopt", "een traject starten", "trajecten: 3"])
def test_an_ordinary_sentence_has_no_colour(text: str) -> None:
    """Traject is a Dutch word."""
    assert painted(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("✔ ● ○ – … ·", "v > o - ... -"), ("’tis “één”", '\'tis "een"'), ("Łódź çà", "Lodz ca")],
)
def test_each_character_has_a_likeness(text: str, shown: str) -> None:
    """As an encoding that lacks it writes it."""
    assert text.encode("ascii", errors=registered()) == shown.encode()
    assert likeness("漢") == "?"
