"""Asks at a terminal for what was left out; never in a pipe, and never for JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from gettext import gettext
from typing import TypeVar

import click

from commands.frame.context import Context
from commands.pages.columns import columns
from engine.domain.errors import TrajectError
from engine.domain.words import N_

T = TypeVar("T")
NEEDED = N_("This is needed; Ctrl-C stops.")
YES = frozenset({"y", "yes", "j", "ja"})
NO = frozenset({"n", "no", "nee", "neen"})


def can_ask(context: Context) -> bool:
    """Tell whether somebody sits at a terminal and waits for an answer in words."""
    return not context.json and sys.stdin.isatty() and sys.stderr.isatty()


def ask(
    question: str,
    context: Context,
    read: Callable[[str], T],
    *,
    default: str | None = None,
    hidden: bool = False,
) -> T:
    """Return what `read` makes of the answer; asks again where it refuses, saying why.

    `question` is in the reader's language already; with `default` a bare Enter gives that.
    Raises: click.Abort when the person leaves with Ctrl-C or Ctrl-D.
    """
    while True:
        typed = click.prompt(
            question,
            default="" if default is None else default,
            show_default=bool(default),
            hide_input=hidden,
            prompt_suffix=" ",
            err=True,
        )
        if default is None and not str(typed).strip():
            context.tell(NEEDED)
            continue
        context.asked = True
        try:
            return read(str(typed).strip())
        except TrajectError as error:
            context.talk(context.words.say(error.sentence))


def yes(question: str, *, default: bool) -> bool:
    """Return whether the answer is yes, in Dutch or English; a bare Enter gives `default`."""
    letters = gettext(N_("Y/n")) if default else gettext(N_("y/N"))
    while True:
        asked = f"{question} [{letters}]"
        typed = click.prompt(asked, default="", show_default=False, prompt_suffix=" ", err=True)
        word = str(typed).strip().casefold()
        if word in YES | NO or not word:
            return word in YES if word else default
        click.echo(gettext(N_("Type y for yes or n for no.")), err=True)


def choose(
    question: str,
    context: Context,
    rows: Sequence[Sequence[str]],
    read: Callable[[str], T],
) -> T:
    """Return what `read` makes of the answer, under a numbered list of the rows.

    `read` gets the words as typed, a number included, and refuses with a TrajectError.
    """
    numbered = [(str(number), *row) for number, row in enumerate(rows, start=1)]
    context.talk(question)
    for line in columns(numbered, cut=((len(numbered[0]) - 1,),), indent=2):
        context.talk(line)
    return ask(">", context, read)
