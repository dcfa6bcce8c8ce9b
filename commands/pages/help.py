"""The parts of a help page: paragraphs, sections of commands, the other name of a command."""

from __future__ import annotations

from collections.abc import Iterable
from gettext import gettext

import click

from commands.frame import table
from engine.domain.words import N_

ALSO = N_("Also: {name}")


def write_text(formatter: click.HelpFormatter, *templates: str) -> None:
    """Write each template as a paragraph, in the language that is bound."""
    for template in filter(None, templates):
        _write(formatter, gettext(template))


def write_section(
    formatter: click.HelpFormatter, title: str, entries: Iterable[table.Entry]
) -> None:
    """Write one section: commands by both their names, and what they do."""
    with formatter.section(gettext(title)):
        formatter.write_dl([(", ".join(e.names), gettext(e.summary)) for e in entries])


def write_other_name(formatter: click.HelpFormatter, name: str, typed: str | None) -> None:
    """Write how a command may be called as well: in Dutch, or in English when that was Dutch."""
    entry = table.ENTRIES.get(name)
    if entry is None or len(entry.names) == 1:
        return
    other = name if typed == entry.alias else table.dutch(entry)
    _write(formatter, gettext(ALSO).format(name=f"traject {other}"))


def _write(formatter: click.HelpFormatter, text: str) -> None:
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(text)
