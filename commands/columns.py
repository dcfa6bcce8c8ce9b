"""Plain text in columns: aligned, cut where it must be, never wider than 80 characters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 80
GAP = "  "
NARROWEST = 8  # no column is cut further than this


def columns(
    rows: Iterable[Sequence[str]], *, cut: Sequence[tuple[int, ...]] = (), indent: int = 0
) -> list[str]:
    """Return aligned lines; where they are too wide, columns give way, group after group.

    Of the columns in one group of `cut` the widest gives way first.
    """
    table = [tuple(row) for row in rows]
    if not table:
        return []
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    surplus = sum(widths) + len(GAP) * (len(widths) - 1) + indent - WIDTH
    for group in cut:
        while surplus > 0 and max(widths[i] for i in group) > NARROWEST:
            widths[max(group, key=widths.__getitem__)] -= 1
            surplus -= 1
    return [" " * indent + _line(row, widths) for row in table]


def beside(rows: Iterable[tuple[str, str]], indent: int = 0) -> list[str]:
    """Return texts, each with its command beside it; below it where one does not fit.

    A command is never cut: it is there to be pasted.
    """
    table = list(rows)
    lines = columns(table, indent=indent)
    if all(len(line) <= WIDTH for line in lines):
        return lines
    margin, below = " " * indent, " " * (indent + 4)
    return [line for text, command in table for line in (margin + text, below + command)]


def clipped(text: str, width: int) -> str:
    """Return a text of at most `width` characters; a cut one ends with an ellipsis."""
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def wrapped(text: str, indent: int = 0, hanging: int = 0) -> list[str]:
    """Return a text as lines of at most 80 characters, indented, all but the first further.

    Nothing is broken within a word: a path or a reference is there to be pasted.
    """
    margin = " " * indent
    later = margin + " " * hanging
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=margin,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def flowing(parts: Iterable[str], indent: int = 1) -> list[str]:
    """Return parts one after another, none of them broken over two lines."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}{GAP}{part}" if lines[-1] else " " * indent + part
        if len(longer) > WIDTH and lines[-1]:
            lines.append(" " * indent + part)
        else:
            lines[-1] = longer
    return lines


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (clipped(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True))
    return GAP.join(cells).rstrip()
