"""The register of personal data names every place where the program can put some."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from sqlalchemy import Text

from engine.domain.fields import FIELDS
from engine.store import tables as t

HOUSE = Path(__file__).parent.parent.parent
PAGE = (HOUSE / "docs" / "privacy.md").read_text(encoding="utf-8")
ROWS = {match[1] for match in re.finditer(r"^\| `([\w.]+)` \|", PAGE, re.MULTILINE)}
FORMAT_FREE = {"mails.mime"}  # bytes in which there is text


def details() -> set[str]:
    """Return the kinds of details that the code makes, as far as they are written out."""
    found = set()
    for file in (HOUSE / "engine").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Detail":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


def test_every_column_that_can_hold_text_stands_on_the_page() -> None:
    """And no other: a column that is gone leaves the page."""
    columns = {
        f"{table.name}.{column.name}"
        for table in t.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, Text)
    }
    assert {row for row in ROWS if "." in row} == columns | FORMAT_FREE


def test_every_kind_of_detail_stands_on_the_page_and_has_words() -> None:
    """Those that the code makes, and those that an erasure can tell of."""
    kinds = {row for row in ROWS if "." not in row}
    assert kinds == set(FIELDS)
    assert details() <= kinds
    assert {"name", "email", "organisation", "account"} <= kinds
