"""Lets the next command find a database that moved: the settings say where, or a person does."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from commands.frame.context import Context
from commands.pages.columns import alone, wrapped
from commands.settings.layers import DEFAULT, ENVIRONMENT, FILE, Given, read_settings
from commands.settings.urls import file_of
from engine.domain.words import N_

POINTED = N_("The settings point to the new place: {file}.")
NOT_POINTED = N_(
    "This run was told where the database is by {source}: change that yourself. The settings file "
    "was left as it is."
)
MAILS = N_(
    "The mails that were kept as files stay in {folder}. Name that folder from now on too, or an "
    "erasure does not find them:"
)
DATABASE, FOLDER = "TRAJECT_DATABASE", "TRAJECT_MAIL_FOLDER"


@dataclass(frozen=True, slots=True)
class Pointed:
    """What the settings say from now on, and what they do not."""

    written: bool
    mails: Path | None  # the folder of mails that a person has to name, where one has


def point(context: Context, url: str) -> Pointed:
    """Let the settings point to the new place, where it is they that pointed to the old one.

    Else what is printed from now on names the place, as nothing else does yet.
    """
    from commands.settings.configuring import keep

    file = file_of(url)
    place = url if file is None else str(file)
    mails = context.settings.mail_folder  # it lies beside the old file, unless it was chosen
    if context.settings.origins["database"] in (FILE, DEFAULT):
        keep(context, {"database": place, "mail_folder": str(mails)})
        return Pointed(written=True, mails=None)
    context.given.database = place
    then = read_settings(context.given, context.environment).mail_folder
    return Pointed(written=False, mails=None if then == mails else mails)


def told(context: Context, pointed: Pointed, old: Path | None) -> Iterator[str]:
    """Yield what the settings say now, and what a person has to say where they do not."""
    settings = context.settings
    source = DATABASE if settings.origins["database"] == ENVIRONMENT else "--database"
    sentence = POINTED if pointed.written else NOT_POINTED
    yield from wrapped(context.in_words(sentence, file=str(settings.file), source=source))
    if pointed.mails is not None:
        yield from wrapped(context.in_words(MAILS, folder=str(pointed.mails)))
        yield from alone(_naming(context, pointed.mails, old))


def _naming(context: Context, mails: Path, old: Path | None) -> str:
    """Return the line that names the folder: a setting, unless another database has those."""
    if context.settings.origins["database"] != ENVIRONMENT and not _serve_another(context, old):
        return shlex.join(["traject", "config", "set", "mail_folder", str(mails)])
    setting = "$env:{} = {}" if os.name == "nt" else "export {}={}"
    return setting.format(FOLDER, shlex.quote(str(mails)))


def _serve_another(context: Context, old: Path | None) -> bool:
    """Tell whether who names no database works in another one than that which moved."""
    bare = {name: value for name, value in context.environment.items() if name != DATABASE}
    file = file_of(read_settings(Given(), bare).database)
    return file is None or (file != old and file.exists())
