"""Writes `docs/cli.md` from the commands themselves: `python -m tests.reference`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import click

from commands import table
from commands.root import ALL, root
from commands.shape import LazyGroup, loaded

PATH = Path(__file__).parent.parent / "docs" / "cli.md"
WIDTH = 96
HEAD = """\
# The commands

Made from the commands by `python -m tests.reference`; a test compares them. The same text
is printed by `traject COMMAND --help`, in Dutch or English. A command has a Dutch name as well,
which stands behind the stroke and works in every language.
"""


def reference() -> str:
    """Return the reference of all commands, in English, as Markdown."""
    with mock.patch.dict(os.environ, LANGUAGE="en"):
        return "\n".join([HEAD, *_index(), "## traject", "", page(root, "traject"), *_pages()])


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
