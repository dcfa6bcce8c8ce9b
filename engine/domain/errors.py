"""What can go wrong, each with the exit code that a script sees.

TrajectError                1  everything else
├── BadInput                2  something in the words typed
├── NotFound                3  no such trajectory, contact, criterion; no database yet
├── Refused                 4  rules, role or status forbid it now
│   ├── Blocked             4  an advance whose required criteria are open
│   ├── LogClosed           4  nobody writes in this log any more: another took its place
│   └── NoRights            4  a login of the server that nobody gave rights on the tables
├── DefinitionInvalid       5  a workflow file, with every problem and its position
├── Conflict                6  somebody else was first
├── LedgerBroken            8  the history does not verify
└── TryAgain               75  database locked, disk full

Exit code 7 (mail became dead, the queue is held) is no error: the round itself went well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.words import Say

if TYPE_CHECKING:
    from engine.domain.definition import Criterion


class TrajectError(Exception):
    """Base of the family: one sentence that says what, where, and the way out."""

    exit_code = 1

    def __init__(self, template: str, **values: object) -> None:
        self.sentence = Say(template, values)
        super().__init__(template)

    def __str__(self) -> str:
        """Return the English sentence; the command line translates `sentence` instead."""
        try:
            return self.sentence.template.format(**self.sentence.values)
        except (KeyError, IndexError):
            return self.sentence.template


class BadInput(TrajectError):
    """A bad date, too short a reason, an unknown code: the words typed are at fault."""

    exit_code = 2


class NotFound(TrajectError):
    """Nothing goes by that name."""

    exit_code = 3


class Refused(TrajectError):
    """Rules, role or status forbid it now."""

    exit_code = 4


class LogClosed(Refused):
    """The log moved, was set aside, or is half a copy: no later try is another."""


class NoRights(Refused):
    """A login of the database server that nobody gave rights on the tables."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A required criterion that is open, and the municipalities still to consent."""

    id: str
    criterion: Criterion
    municipalities: tuple[str, ...] = ()


class Blocked(Refused):
    """An advance with required criteria open; `missing` names them in file order."""

    def __init__(self, template: str, missing: tuple[Missing, ...], **values: object) -> None:
        super().__init__(template, **values)
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a workflow file; `line` and `column` count from 1, 0 where unknown."""

    sentence: Say
    path: tuple[str | int, ...] = ()
    file: str = ""
    line: int = 0
    column: int = 0


class DefinitionInvalid(TrajectError):
    """A workflow file that must not be used; `problems` holds all of them."""

    exit_code = 5

    def __init__(self, template: str, problems: tuple[Problem, ...], **values: object) -> None:
        super().__init__(template, **values)
        self.problems = problems


class Conflict(TrajectError):
    """Somebody else changed the trajectory first."""

    exit_code = 6


class LedgerBroken(TrajectError):
    """The history does not verify."""

    exit_code = 8


class TryAgain(TrajectError):
    """The database is locked, the disk is full: nothing was changed."""

    exit_code = 75
