"""Plain text in columns: aligned, as wide as the terminal, and nothing left out of it.

Where a table is too wide its cells go on below themselves; where even that does not fit, each
row becomes running text. For a screen reader every row is running text. Where the columns have
headings, running text names each value by them.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Sequence

import click

from commands.pages.colour import apart, together

NARROWEST, USUAL, WIDEST = 60, 80, 120
GAP = "  "
FURTHER = 4  # how much deeper a text goes on below itself


def width() -> int:
    """Return how wide a line may be: COLUMNS, else as the terminal, else 80; 60 to 120."""
    said = os.environ.get("COLUMNS", "")
    wide = int(said) if said.isdecimal() else 0
    return min(max(wide or _terminal() or USUAL, NARROWEST), WIDEST)


def _terminal() -> int:
    """Return how wide the terminal is that our output goes to, 0 where it is none."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return 0


def plain() -> bool:
    """Tell whether the command that runs now writes for a screen reader."""
    run = click.get_current_context(silent=True)
    return bool(getattr(run.obj, "plain", False)) if run is not None else False


def columns(
    rows: Iterable[Sequence[str]],
    *,
    cut: Sequence[tuple[int, ...]] = (),
    indent: int = 0,
    fixed: Sequence[int] = (),
    heads: Sequence[str] = (),
) -> list[str]:
    """Return aligned lines; where they are too wide, columns give way, group after group.

    Of the columns in one group of `cut` the widest gives way first; `fixed` is how wide the
    first ones are, whatever stands in them. `heads` stand above the columns, or before each
    value where there are none: an empty cell leaves no place in running text.
    """
    found = grid(rows, cut=cut, indent=indent, fixed=fixed, heads=heads)
    return [line for lines in found for line in lines]


def grid(
    rows: Iterable[Sequence[str]],
    *,
    cut: Sequence[tuple[int, ...]] = (),
    indent: int = 0,
    fixed: Sequence[int] = (),
    heads: Sequence[str] = (),
) -> list[list[str]]:
    """Return the lines of each row, as `columns` does; those of the headings first, if any."""
    table = [tuple(row) for row in rows]
    if not table:
        return []
    running = [*([()] if heads else []), *(_named(row, heads) for row in table)]
    if plain():
        return [wrapped(", ".join(row)) for row in running]
    table = [*([tuple(heads)] if heads else []), *table]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    widths[: len(fixed)] = fixed
    room = width() - indent - len(GAP) * (len(widths) - 1)
    widths = _narrowed(table, widths, cut, room)
    if sum(widths) > room:
        return [flowing(row, indent, FURTHER) for row in running]
    return [[" " * indent + line for line in _lines(row, widths)] for row in table]


def fits(rows: Sequence[Sequence[str]], indent: int = 0) -> bool:
    """Tell whether rows stand in columns side by side, none of them going on below itself."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else [0]
    return not plain() and indent + sum(widths) + len(GAP) * (len(widths) - 1) <= width()


def beside(rows: Iterable[tuple[str, str]], indent: int = 0) -> list[str]:
    """Return texts, each with its command beside it; below it where it does not fit.

    A command is never cut: it is there to be pasted.
    """
    table = list(rows)
    column = max((len(text) for text, _ in table), default=0)
    fits = [indent + column + len(GAP) + len(line) <= width() for _, line in table]
    lines = []
    for (text, command), one in zip(table, fits, strict=True):
        if one and not plain():
            lines.append(f"{' ' * indent}{text:<{column}}{GAP}{command}")
        else:
            lines += [*_lead(text, indent), *alone(command, indent + FURTHER)]
    return lines


def paired(rows: Iterable[tuple[str, str]], hanging: int) -> list[list[str]]:
    """Return the lines of texts, each with a remark beside it, or below it where that is long."""
    table = list(rows)
    if plain():
        return [wrapped(", ".join(filter(None, row))) for row in table]
    column = min(max((len(text) for text, _ in table), default=0), width() * 5 // 8)
    found = []
    for text, remark in table:
        if max(len(text), column) + len(GAP) + len(remark) <= width():
            found.append([f"{text:<{column}}{GAP}{remark}".rstrip()])
        else:
            found.append([*wrapped(text, 0, hanging), *wrapped(remark, hanging)])
    return found


def _lead(text: str, indent: int) -> list[str]:
    """Return the lines of a text whose command comes below it."""
    ends = not plain() or not text or text[-1] in ".:?!)"
    return wrapped(text if ends else f"{text}:", indent, FURTHER)


def alone(command: str, indent: int = 5) -> list[str]:
    """Return a command on a line of its own, or nothing where there is none."""
    margin = "" if plain() else " " * indent
    return [f"{margin}{command}"] if command else []


def wrapped(text: str, indent: int = 0, hanging: int = 0) -> list[str]:
    """Return a text as lines that fit, indented, all but the first further.

    Nothing is broken within a word or a command: they are there to be pasted.
    """
    margin = "" if plain() else " " * indent
    later = "" if plain() else margin + " " * hanging
    lines = textwrap.wrap(
        together(text),
        width(),
        initial_indent=margin,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [apart(line) for line in lines]


def flowing(parts: Iterable[str], indent: int = 1, hanging: int = 0) -> list[str]:
    """Return parts one after another, none of them broken over two lines where one can hold it."""
    gap, margin = (", ", "") if plain() else (GAP, " " * indent)
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{gap}{part}" if lines else margin + part
        if len(longer) <= width():
            lines[-1:] = [longer]
        else:
            lines += wrapped(part, indent + hanging if lines else indent, 0 if lines else hanging)
    return lines


def _narrowed(
    table: Sequence[Sequence[str]], widths: list[int], cut: Sequence[tuple[int, ...]], room: int
) -> list[int]:
    """Return widths that fit the room, or as narrow as the longest words let them be."""
    surplus = sum(widths) - room
    if surplus <= 0:
        return widths
    words = [max(_longest(row[i]) for row in table) for i in range(len(widths))]
    for group in cut:
        while surplus > 0:
            able = [i for i in group if widths[i] > words[i]]
            if not able:
                break
            widths[max(able, key=widths.__getitem__)] -= 1
            surplus -= 1
    return widths


def _longest(cell: str) -> int:
    return max(map(len, together(cell).split()), default=0)


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the lines of a row, each cell going on below itself."""
    cells = [_folded(cell, wide) for cell, wide in zip(row, widths, strict=True)]
    deepest = max(map(len, cells))
    return [
        GAP.join(
            (cell[n] if n < len(cell) else "").ljust(wide)
            for cell, wide in zip(cells, widths, strict=True)
        ).rstrip()
        for n in range(deepest)
    ]


def _folded(cell: str, wide: int) -> list[str]:
    if len(cell) <= wide:
        return [cell]
    found = textwrap.wrap(
        together(cell), max(wide, 1), break_long_words=False, break_on_hyphens=False
    )
    return [apart(line) for line in found]


def _named(row: Sequence[str], heads: Sequence[str]) -> tuple[str, ...]:
    """Return what stands in a row, each with the heading of its column where it has one."""
    cells = [cell.strip() for cell in row]
    if not heads:
        return tuple(filter(None, cells))
    return tuple(f"{head}: {cell}" for head, cell in zip(heads, cells, strict=True) if cell)
