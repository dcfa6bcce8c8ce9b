"""A modest colour at a terminal: headings, what is in order, what is late, and commands.

Nothing is said by colour alone. Text is made harmless before it is coloured, never after.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from commands.frame import table

HEADING, DONE, LATE, COMMAND = "1", "32", "31", "36"  # bold, green, red, cyan
MARK = "✔"

_WORDS = "|".join(re.escape(name) for name in sorted({n.partition(" ")[0] for n in table.ENTRIES}))
# a command as it is printed, to the end of its words; what follows is punctuation or a gap
PRINTED = re.compile(
    rf"\btraject(?: --database (?:'[^']*'|\S+))?"
    rf" (?:--all|{_WORDS})(?![\w-])(?: (?!·)(?:'[^']*'|[^\s();,?]+))*"
)


def wanted(stream: Any, environment: Mapping[str, str], *, plain: bool) -> bool:
    """Tell whether colour helps whoever reads the stream: a terminal, and nobody objects."""
    if plain or environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return bool(getattr(stream, "isatty", lambda: False)())


def painted(text: str, *, heading: bool = False, late: str = "") -> str:
    """Return a harmless text in colours; `late`: the words in it that tell how late it is."""
    if heading:
        return _in(HEADING, text)
    coloured = PRINTED.sub(lambda found: _command(found[0]), text)
    if late:
        coloured = _in(LATE, late).join(coloured.rsplit(late, 1))
    return coloured.replace(MARK, _in(DONE, MARK))


def together(text: str) -> str:
    """Return a text whose commands have no blanks to break a line at; `apart` undoes it."""
    return PRINTED.sub(lambda found: found[0].replace(" ", "\xa0"), text)


def apart(line: str) -> str:
    """Return a line with the blanks that `together` took away."""
    return line.replace("\xa0", " ")


def _command(text: str) -> str:
    """Return a command in its colour, the full stop of its sentence without."""
    bare = text.rstrip(".:")
    return _in(COMMAND, bare) + text[len(bare) :]


def _in(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"
