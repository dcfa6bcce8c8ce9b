"""Tests of tables: a Belgian Excel reads them, and takes nothing in them for a formula."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from datetime import date, datetime
from unittest import mock
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.export.tables import BOM, Row, safe, write_csv, write_xlsx
from engine.domain.errors import TrajectError

AT = datetime.fromisoformat("2027-03-04T09:05")  # on the clocks of Brussels, as a cell has it
ROW: Row = (7, "2027-001", date(2027, 3, 1), AT, 'é;"=1+1', "=1+1")
DANGEROUS = ("=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\x00=1", "  =1", "\ufeff=1",
             "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", "\u00a0=1",
             "\u00ad=1", "\u200b@x", " \u2060\u00ad+1", "\U000e0001-1")  # fmt: skip


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_looks_like_a_formula_is_a_text(text: str) -> None:
    """A quote before it, as spreadsheets understand."""
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Gent", "a=b", "“-1”", "'=1", "1-2"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    """Nothing is added to what is no formula."""
    assert safe(text) == text


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_a_cell_is_read_back_as_it_was_and_begins_no_formula(text: str) -> None:
    """Whatever is in it: quotes, semicolons, ends of lines."""
    out = io.BytesIO()
    write_csv(out, ["head"], [[text]])
    rows = list(csv.reader(io.StringIO(out.getvalue()[3:].decode(), newline=""), delimiter=";"))
    ((cell,),) = rows[1:]
    assert cell.removeprefix("'") == text.removeprefix("'")
    assert not cell.strip().startswith(("=", "+", "-", "@"))


def test_csv_is_as_a_belgian_excel_expects_it() -> None:
    """UTF-8 with its mark, semicolons, all quoted, days as people here write them."""
    out = io.BytesIO()
    write_csv(out, ["a", "b"], [ROW])
    assert out.getvalue().startswith(BOM)
    lines = out.getvalue()[3:].decode().split("\r\n")
    assert lines == [
        '"a";"b"',
        '"7";"2027-001";"01/03/2027";"04/03/2027 09:05:00";"é;""=1+1";"\'=1+1"',
        "",
    ]


def test_xlsx_holds_texts_as_texts_and_days_as_days() -> None:
    """No formula in it, and a form for days that Excel shows as ours."""
    out = io.BytesIO()
    write_xlsx(out, list("abcdef"), [ROW, ROW], title="History")
    with zipfile.ZipFile(out) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        styles = book.read("xl/styles.xml").decode()
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert not list(sheet.iter(f"{space}f"))
    rows = list(sheet.iter(f"{space}row"))
    assert len(rows) == 3
    kinds = [cell.get("t", "n") for cell in rows[1]]
    assert kinds == ["n", "inlineStr", "n", "n", "inlineStr", "inlineStr"]
    assert "=1+1" in "".join(rows[1].itertext())
    assert "dd/mm/yyyy hh:mm:ss" in styles


def test_without_the_library_an_excel_file_is_refused_with_the_way_out() -> None:
    """The line to install it; CSV needs nothing."""
    with (
        mock.patch.dict(sys.modules, {"xlsxwriter": None}),
        pytest.raises(TrajectError) as refused,
    ):
        write_xlsx(io.BytesIO(), ["a"], [], title="History")
    assert 'pip install "livc-traject[xlsx]"' in refused.value.sentence.template
