"""A linear look over a YAML text that refuses what a parser must not be given.

Reads tokens, not meaning: enough to tell an anchor from the `&` of "V&A". What it takes
for a quoted text a parser might read otherwise, so the reader has limits of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.domain.errors import Problem
from engine.domain.words import N_, Say, say

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_PROBLEMS = 20  # a file with more is not a workflow; nobody reads on

# C0, DEL, C1, line separators, and what turns the direction of a line or hides in it
CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
_COMMON = r"""
    (?P<blank>[ \n]+)
  | (?P<comment>\#[^\n]*)
  | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')
  | (?P<open>[\[{])
  | (?P<close>[\]}])
  | (?P<anchor>&[^\s,\[\]{}]*)
  | (?P<alias>\*[^\s,\[\]{}]+)
  | (?P<tag>![^\s,\[\]{}]*)
  | (?P<merge><<(?=\ *:))
  | (?P<indicator>[-?:](?=[ \n]|\Z))
"""
BLOCK = re.compile(
    _COMMON + r"| (?P<plain>(?:[^\n:#]|:(?![ \n]|\Z)|(?<=[^ \n])\#)+|.)", re.VERBOSE | re.DOTALL
)
FLOW = re.compile(
    _COMMON + r"| (?P<plain>,|(?:[^\n:#,\[\]{}]|:(?![ \n,\[\]{}]|\Z)|(?<=[^ \n])\#)+|.)",
    re.VERBOSE | re.DOTALL,
)
REFUSED = {
    "anchor": N_("anchors ('&name') are not read here; write it out, or put the text in quotes"),
    "alias": N_("aliases ('*name') are not read here; write it out, or put the text in quotes"),
    "tag": N_("tags ('!name') are not read here; put the text in quotes"),
    "merge": N_("merge keys ('<<') are not read here; write it out"),
}


def prescan(text: str) -> tuple[Problem, ...]:
    """Return why the text must not reach the parser; empty when it may.

    `text` has Unix line ends. Takes time in proportion to its length.
    """
    found: list[Problem] = []
    for position, sentence in _findings(text):
        found.append(at(text, position, sentence))
        if len(found) == MAX_PROBLEMS:
            break
    return tuple(found)


def at(text: str, position: int, sentence: Say) -> Problem:
    """Return a problem with line and column of a position in the text."""
    start = text.rfind("\n", 0, position) + 1
    line = text.count("\n", 0, position) + 1
    return Problem(sentence, line=line, column=position - start + 1)


def _findings(text: str) -> Iterator[tuple[int, Say]]:
    """Yield (position, sentence) of everything refused."""
    for match in CONTROL.finditer(text):
        if match[0] == "\t":
            yield match.start(), say(N_("a tab; indent with spaces"))
        else:
            code = f"U+{ord(match[0]):04X}"
            yield match.start(), say(N_("an invisible character ({code})"), code=code)
    yield from _structure(text)


def _structure(text: str) -> Iterator[tuple[int, Say]]:
    """Yield anchors, aliases, tags, merge keys, open quotes and too deep nesting."""
    flow, indents, fresh = 0, [0], True  # fresh: the next token may open a deeper block
    position = 0
    while position < len(text):
        match = (FLOW if flow else BLOCK).match(text, position)
        if match is None:  # unreachable: the last alternative takes any character
            return
        kind = match.lastgroup or ""
        if kind in REFUSED:
            yield position, Say(REFUSED[kind])
        if kind == "plain" and match[0][0] in "\"'":
            yield position, say(N_("this quote is never closed"))
            return
        if fresh and not flow and kind not in ("blank", "comment"):
            _indent(indents, position - text.rfind("\n", 0, position))
        flow = max(0, flow + (kind == "open") - (kind == "close"))
        if flow + len(indents) > MAX_DEPTH:
            yield position, say(N_("nested deeper than {depth} levels"), depth=MAX_DEPTH)
            return
        fresh = match[0][-1] == "\n" or kind == "indicator" or (fresh and kind == "blank")
        position = match.end()


def _indent(indents: list[int], column: int) -> None:
    """Bring the stack of open blocks to a token that begins at `column`."""
    while indents and indents[-1] >= column:
        indents.pop()
    indents.append(column)
