"""Writes `docs/cli.md` from the commands themselves: `python -m tests.reference`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import click

from commands.frame import table
from commands.frame.root import ALL, root
from commands.frame.shape import LazyGroup, loaded

PATH = Path(__file__).parent.parent / "docs" / "cli.md"
WIDTH = 96
HEAD = """\
# The commands

Made from the commands by `python -m tests.reference`; a test compares them. The same text
is printed by `traject COMMAND --help`, in Dutch or English. A command has a Dutch name as well,
which stands behind the stroke and works in every language.
"""

RIGHTS = """\
## Who may run what

An account that is not enrolled is refused, with the line by which a coach or a lead enrols it. An
auditor is refused what writes, before anything is asked; two look all the same: `rebuild --dry-run`
and `erase --due`. What is done on behalf of a colleague takes the role of who does it. The
absence of somebody else is said by a lead. On PostgreSQL the login's own rights come on top: see
[append-only.md](append-only.md).

| who | commands |
|---|---|"""


def reference() -> str:
    """Return the reference of all commands, in English, as Markdown."""
    with mock.patch.dict(os.environ, LANGUAGE="en"):
        top = ["## traject", "", page(root, "traject")]
        return "\n".join([HEAD, *_index(), *_rights(), *top, *_pages()])


def page(command: click.Command, name: str) -> str:
    """Return the help page of a command as a code block."""
    shape = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=name, **shape)
    context.meta[ALL] = True
    text = re.sub(r"[ \t]+$", "", command.get_help(context), flags=re.MULTILINE)
    return f"```text\n{text}\n```\n"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield (name, command) of the whole table, groups left out."""
    for entry in table.ENTRIES.values():
        command = loaded(entry)
        if not isinstance(command, LazyGroup):
            yield entry.name, command


def _index() -> Iterator[str]:
    for title, entries in table.GROUPS:
        links = " · ".join(_link(entry) for entry in entries if entry.module)
        yield f"**{title}**: {links}\n"


def _rights() -> Iterator[str]:
    """Yield the table of who may run what."""
    writes = table.NOT_FOR_AUDITORS
    yield RIGHTS
    for who, names in (
        ("whoever can read the database or its file", table.OPEN_TO_ALL),
        ("coach, lead, auditor", table.FOR_EVERY_ROLE),
        ("coach, lead", writes - table.FOR_LEADS - table.FOR_A_COLLEAGUE),
        ("coach, lead; also `--on-behalf-of` a colleague", table.FOR_A_COLLEAGUE - table.FOR_LEADS),
        ("lead, or coach where there is none; also `--on-behalf-of` a colleague", table.FOR_LEADS),
    ):
        listed = [name for name in table.ENTRIES if name in names]
        yield f"| {who} | {', '.join(f'`{name}`' for name in listed)} |"
    yield ""


def _link(entry: table.Entry) -> str:
    """Return the name of a command, which leads to its page, and its Dutch name."""
    link = f"[{entry.name}](#traject-{entry.name.replace(' ', '-')})"
    return link if len(entry.names) == 1 else f"{link} / {table.dutch(entry)}"


def _pages() -> Iterator[str]:
    for name, command in commands():
        yield f"## traject {name}\n"
        yield page(command, f"traject {name}")


if __name__ == "__main__":
    PATH.write_text(reference(), encoding="utf-8")
