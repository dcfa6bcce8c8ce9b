"""Exports at length: cells that want to be formulas, and every day looked back to."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from commands.export.tables import write_csv
from engine.audit.as_of import HAPPENED, KNOWN, as_of
from engine.audit.course import course
from engine.domain.evolution import evolve
from engine.store import outbox
from engine.store.database import open_database
from engine.store.history import events_of
from engine.store.references import read_by_id
from engine.store.workflows import read_workflow
from tests import monday
from tests.mail_server import post_office

pytestmark = pytest.mark.campaign

CELLS = 5_000
PIECES = (
    "=", "+", "-", "@", "\t", "\r", "\n", "\x00", " ", "\ufeff", "\u00a0", "\uff1d", "\uff0b",
    "\uff0d", "\uff20", '"', "'", ";", ",", "cmd|' /C calc'!A0", "SUM(1)", "Gent", "é", "1",
)  # fmt: skip


def cells() -> Iterator[str]:
    """Yield what people may have typed, or may have wanted a spreadsheet to run."""
    chance = random.Random(20270301)
    for _ in range(CELLS):
        yield "".join(chance.choices(PIECES, k=chance.randint(0, 6)))


def test_no_cell_of_5000_is_a_formula_or_more_than_one_cell() -> None:
    """Read again by the library and by hand: quotes doubled, one cell a row, none a formula."""
    typed = [cell.replace("\x00", "") for cell in cells()]
    out = io.BytesIO()
    write_csv(out, ["cell"], [[cell] for cell in typed])
    text = out.getvalue()[3:].decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[1:]
    by_hand = [part.replace('""', '"') for part in text[1:-3].split('"\r\n"')][1:]
    assert [row[0] for row in rows] == by_hand
    assert all(len(row) == 1 for row in rows)
    for cell, (read,) in zip(typed, rows, strict=True):
        assert read in (cell, f"'{cell}")
        begin = read.lstrip(" \t\r\n\ufeff\u00a0")[:1]
        assert begin not in ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20") or (
            read.startswith("'")
        )


def test_every_day_of_22_trajectories_can_be_looked_back_to(tmp_path: Path) -> None:
    """In both senses; what was known is the fold of what stood there; the last day is today's."""
    with post_office(monday.NOBODY) as (_, url):
        program = monday.program(tmp_path, url)
        monday.play(program)
    assert program.database_url is not None
    database = open_database(program.database_url)
    with database.reading() as connection:
        for stream in outbox.references(connection):
            events = list(events_of(connection, stream))
            workflow = read_workflow(connection, read_by_id(connection, stream).workflow).workflow
            folded = None
            for event in events:
                folded = evolve(folded, event)
            for day in _days(date(2026, 11, 16), date(2027, 3, 8)):
                known, happened = (as_of(events, day, sense) for sense in (KNOWN, HAPPENED))
                assert known.early == 0
                assert known.events == tuple(events[: len(known.events)])
                assert happened.early == 0
                course(known.events, workflow, day)
            assert known.trajectory == folded
    database.close()


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(number)
