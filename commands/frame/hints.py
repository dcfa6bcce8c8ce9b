"""Lets the commands that are printed run on the database that this run was given."""

from __future__ import annotations

import re
import shlex

from commands.frame import table
from engine.domain.words import Words
from engine.language import CatalogueWords

_FIRST_WORDS = sorted({name.partition(" ")[0] for name in table.ENTRIES})
COMMAND = re.compile(rf"\btraject(?= (?:--all|{'|'.join(map(re.escape, _FIRST_WORDS))})\b)")


def located(text: str, database: str | None) -> str:
    """Return a text whose commands name the database; None: they find it by themselves."""
    if database is None:
        return text
    from commands.settings.urls import without_password

    named = f"traject --database {shlex.quote(without_password(database))}"
    return COMMAND.sub(lambda _: named, text)


def on_database(plain: Words, database: str | None) -> Words:
    """Return the same words, their sentences with commands that name the database.

    The templates are changed, never their values: a note may speak of anything.
    """
    if database is None:
        return plain
    place = database.replace("{", "{{").replace("}", "}}")
    return CatalogueWords(plain.lang, lambda template: located(plain.text(template), place))
