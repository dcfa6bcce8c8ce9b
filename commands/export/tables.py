"""Tables of an export, as CSV for a Belgian Excel and as XLSX: cells that are only ever read."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any

from engine.domain.errors import BadInput, TrajectError
from engine.domain.words import N_

if TYPE_CHECKING:
    from commands.frame.context import Context
    from engine.audit.telling import Told

Cell = str | int | date | datetime
Row = Sequence[Cell]

BOM = b"\xef\xbb\xbf"
# What a spreadsheet takes for a formula, also behind blanks, and in the full width of Asia. What
# is not seen (a soft hyphen and other format characters) is left out before the look.
FORMULA = re.compile(r"[\s\ufeff\x00]*[=+\-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20]")
HEADS = (
    N_("Number"), N_("Trajectory"), N_("Day"), N_("Registered"), N_("By"), N_("On behalf of"),
    N_("Event"),
    N_("What happened"), N_("Corrected"),
)  # fmt: skip
DAY, MOMENT = "dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss"  # as Excel says them
WIDTHS = (8, 11, 11, 19, 20, 20, 20, 80, 40)
MOST_ROWS = 1_048_575  # below the heads
NO_LIBRARY = N_(
    "An Excel file needs the library XlsxWriter, which is not here; CSV needs none. To install "
    'it: pip install "livc-traject[xlsx]"'
)


def heads(context: Context) -> Row:
    """Return the heads of the history as a table."""
    return [context.in_words(head) for head in HEADS]


def rows(context: Context, told: Iterable[Told]) -> Iterator[Row]:
    """Yield the history as rows."""
    from commands.pages.history import corrections
    from engine.domain.workdays import BRUSSELS

    for one in told:
        yield (
            one.position,
            one.ref or "",
            one.occurred_on,
            one.recorded_at.astimezone(BRUSSELS).replace(tzinfo=None, microsecond=0),
            one.actor,
            one.on_behalf_of or "",
            one.type,
            one.text,
            " ".join(corrections(context, one)),
        )


def write_csv(out: IO[bytes], head: Row, table: Iterable[Row]) -> None:
    """Write rows as CSV: semicolons, UTF-8 with its mark, days as dd/mm/yyyy, all quoted."""
    out.write(BOM)
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(head)
    for row in table:
        writer.writerow([_shown(cell) for cell in row])
    text.detach()


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    seen = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return f"'{text}" if FORMULA.match(seen) else text


def write_xlsx(out: IO[bytes], head: Row, table: Iterable[Row], *, title: str) -> None:
    """Write rows as an Excel file, row by row; texts are texts, days are days.

    Raises: TrajectError without the library; BadInput for more rows than a sheet holds.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise TrajectError(NO_LIBRARY) from None
    book = Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, name in enumerate(head):
        sheet.set_column(column, column, WIDTHS[column])
        sheet.write_string(0, column, str(name), bold)
    sheet.freeze_panes(1, 0)
    last = _write_rows(book, sheet, table)
    sheet.autofilter(0, 0, last, len(head) - 1)
    book.close()
    if last > MOST_ROWS:
        raise BadInput(N_("a sheet holds {most} rows; export as CSV instead"), most=MOST_ROWS)


def _write_rows(book: Any, sheet: Any, table: Iterable[Row]) -> int:
    """Write the rows below the heads; return the number of the last one, or one too many."""
    days, moments = (book.add_format({"num_format": form}) for form in (DAY, MOMENT))
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    last = 0
    for last, row in enumerate(table, start=1):
        if last > MOST_ROWS:
            break
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):  # a day too, so it comes first
                sheet.write_datetime(last, column, cell, moments)
            elif isinstance(cell, date):
                sheet.write_datetime(last, column, cell, days)
            elif isinstance(cell, int):
                sheet.write_number(last, column, cell)
            else:
                sheet.write_string(last, column, cell, wrapped)
    return last


def _shown(cell: Cell) -> str:
    """Return a cell as text: only what people wrote can be a formula."""
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M:%S}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return str(cell) if isinstance(cell, int) else safe(cell)
