"""Plain data with a position for every part, grown from what a YAML parser announces.

Only texts, whole numbers, true and false: a bare `yes`, `12:30` or `2027-01-01` is a text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

from engine.domain.errors import Problem
from engine.domain.faults import Path
from engine.domain.words import N_, Say, say
from workflows.prescan import CONTROL, MAX_DEPTH

MAX_ENTRIES = 2000  # the shipped files have some 400
WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})")
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
NOTHING = ("", "~", "null", "Null", "NULL")
SURROGATE = re.compile("[\ud800-\udfff]")

Mark = tuple[int, int]  # line and column, from 1


class Unreadable(Exception):
    """The reading ends here, for the reason that `problem` gives."""

    def __init__(self, sentence: Say, mark: Mark) -> None:
        super().__init__(sentence.template)
        self.problem = Problem(sentence, line=mark[0], column=mark[1])


@dataclass(slots=True)
class _Open:
    """A map or list that is not closed yet; `key` waits for its value."""

    parts: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    mark: Mark = (1, 1)  # of the key
    twice: bool = False


@dataclass(slots=True)
class Tree:
    """What was read so far: the data, where each part stands, and what is wrong with it."""

    data: Any = None
    marks: dict[Path, Mark] = field(default_factory=lambda: {(): (1, 1)})
    problems: list[Problem] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _entries: int = 0

    def scalar(self, text: str, *, plain: bool, mark: Mark) -> None:
        """Take a key or a single value; `plain` means that it stands without quotes."""
        text = unicodedata.normalize("NFC", text)
        if self._awaits_key():
            self._key(text, mark)
        else:
            path, mark = self._place(mark)
            self._put(self._value(text, path, plain=plain, mark=mark), mark)

    def begin(self, parts: dict[str, Any] | list[Any], mark: Mark) -> None:
        """Open a map or a list."""
        if self._awaits_key():
            raise Unreadable(say(N_("a name is expected here, not a list or a block")), mark)
        path, _ = self._place(mark)
        self._put(parts, mark)
        self._open.append(_Open(parts, path))
        if len(self._open) > MAX_DEPTH:
            raise Unreadable(say(N_("nested deeper than {depth} levels"), depth=MAX_DEPTH), mark)

    def end(self) -> None:
        """Close the map or list that was opened last."""
        self._open.pop()

    def _awaits_key(self) -> bool:
        """Tell whether the next part is the key of a map."""
        return bool(self._open) and isinstance(self._open[-1].parts, dict) and (
            self._open[-1].key is None
        )  # fmt: skip

    def _key(self, text: str, mark: Mark) -> None:
        """Take a key; one that stands there already is reported and not read."""
        block = self._open[-1]
        block.key, block.mark, block.twice = text, mark, text in block.parts
        path = (*block.path, text)
        if block.twice:
            line = self.marks[path][0]
            self._fault(say(N_("'{key}' stands here twice, first on line {line}"),
                            key=text, line=line), path, mark)  # fmt: skip
        if text == "from_":  # the models' own name of `from`, which they would take as well
            self._fault(say(N_("'{name}' is not known here; did you mean '{meant}'?"),
                            name=text, meant="from"), path, mark)  # fmt: skip

    def _place(self, mark: Mark) -> tuple[Path, Mark]:
        """Return the path of the part that comes now, and its mark: in a map the key's."""
        if not self._open:
            return (), mark
        block = self._open[-1]
        if isinstance(block.parts, list):
            return (*block.path, len(block.parts)), mark
        return (*block.path, block.key or ""), block.mark

    def _put(self, value: Any, mark: Mark) -> None:
        """Add a value to what is open."""
        path, mark = self._place(mark)
        self.marks.setdefault(path, mark)
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise Unreadable(say(N_("more than {count} entries"), count=MAX_ENTRIES), mark)
        if not self._open:
            self.data = value
            return
        block = self._open[-1]
        if isinstance(block.parts, list):
            block.parts.append(value)
        elif not block.twice:
            block.parts[block.key or ""] = value
        block.key = None

    def _value(self, text: str, path: Path, *, plain: bool, mark: Mark) -> str | int | bool | None:
        """Return what a scalar stands for; without quotes it may be a number or a truth."""
        if plain and text in NOTHING:
            name = path[-1] if path else ""
            self._fault(say(N_("'{key}' has no value"), key=name), path, mark)
            return None
        if plain and text in TRUTHS:
            return TRUTHS[text]
        if plain and WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if "\n" in text or CONTROL.search(text) or SURROGATE.search(text) or not text.strip():
            self._fault(say(N_("a text stands on one line and has only visible characters")),
                        path, mark)  # fmt: skip
            return "x"  # a stand-in, so that the rest can be checked
        return text

    def _fault(self, sentence: Say, path: Path, mark: Mark) -> None:
        """Note a fault that does not end the reading."""
        self.problems.append(Problem(sentence, path, line=mark[0], column=mark[1]))


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read; `problems` are placed in it already."""

    file: str
    data: Any
    marks: dict[Path, Mark]
    problems: tuple[Problem, ...]

    def placed(self, problem: Problem) -> Problem:
        """Return the problem with this file's name and the position of its path."""
        path = problem.path
        while path not in self.marks:
            path = path[:-1]
        line, column = self.marks[path] if not problem.line else (problem.line, problem.column)
        return replace(problem, file=self.file, line=line, column=column)
