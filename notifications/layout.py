"""Lays out words: paragraphs, enumerations, and the lines of a plain text body."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 72
SHOWN = 3  # of a list that is cut short
_CELL, _CELL_WHOLE = "LIVC R", "LIVC\u00a0R"  # a line never ends between the two
_PARAGRAPHS = re.compile(r"\n\s*\n")


def flat(text: str) -> str:
    """Return the text on one line, with single spaces."""
    return " ".join(text.split())


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, each on one line; blank lines separate them."""
    return [line for line in map(flat, _PARAGRAPHS.split(text)) if line]


def items(text: str) -> list[dict[str, str]]:
    """Return the paragraphs of a text as the points of a list."""
    return [{"label": line, "planned": "", "waiting": ""} for line in paragraphs(text)]


def listed(names: Sequence[str], word: str, others: str = "") -> str:
    """Return `Gent, Deinze en Aalter`; with `others`, a long list ends in how many more."""
    if others and len(names) > SHOWN + 1:
        names = [*names[:SHOWN], f"{len(names) - SHOWN} {others}"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def chapters(
    found: Sequence[Mapping[str, Any]], word: str, *, others: str, outside: str, rest: str
) -> list[tuple[str, list[dict[str, str]]]]:
    """Return the lists of an account: each with its municipalities and reference as a title."""
    lists = []
    for one in found:
        title = f"{listed(one['places'], word, others)} ({one['ref']})" if one["ref"] else outside
        lines = [*one["lines"], rest.replace("{n}", one["more"])] if one["more"] else one["lines"]
        lists.append((f"{title}:", [{"label": at, "planned": "", "waiting": ""} for at in lines]))
    return lists


def without(text: str, articles: str) -> str:
    """Return a label without its leading article: `the plan` is `plan`."""
    first, _, rest = text.partition(" ")
    return rest if rest and first.lower() in articles.split() else text


def capitalised(text: str) -> str:
    """Return the text with a capital first letter, the rest as it stands."""
    return text[:1].upper() + text[1:]


def uncapitalised(text: str) -> str:
    """Return a label as it reads within a sentence: `Analyse` small, `EMMASCAN` as it is."""
    acronym = text[1:2].isupper() or not text[1:2].isalpha()
    return text if acronym else text[:1].lower() + text[1:]


def wrapped(text: str) -> str:
    """Return a plain text body with lines of at most 72 columns, items indented."""
    lines = (_wrapped_line(line.rstrip(" ") if line != "-- " else line) for line in _lines(text))
    return "\n".join(lines).strip("\n").replace(_CELL_WHOLE, _CELL) + "\n"


def _lines(text: str) -> list[str]:
    return re.sub(r"\n{3,}", "\n\n", text).split("\n")


def _wrapped_line(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    indent = "  " if line.startswith("- ") else ""
    return textwrap.fill(
        line.replace(_CELL, _CELL_WHOLE),
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
