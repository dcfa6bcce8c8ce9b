"""The options that writing commands share, and the services' `Terms` made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from commands.effects.previews import look
from commands.frame.context import Context
from commands.frame.shape import argument, option
from commands.typed.asking import ask, can_ask
from commands.typed.dates import Looks
from commands.typed.day_types import NEAREST_DAY, PAST_DAY
from engine.domain.errors import BadInput
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.trajectory import Trajectory
    from engine.service.desk import Terms

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

REF = argument("ref", metavar="TRAJECTORY")
KEPT = "commands.frame.terms.kept"  # in click's meta: a free text goes along
NO_PERSONS = N_("This stays and auditors read it: no names, no cases, no data on persons.")


def changes(
    *, version: bool = True, day: bool = True, mail: bool = True, ahead: bool = False
) -> Callable[[F], F]:
    """Return a decorator that adds --on, --if-version, --dry-run and --no-mail, as `terms`.

    `ahead`: the day may lie ahead as well, which only a beginning allows.
    """
    on = NEAREST_DAY if ahead else PAST_DAY
    options = [
        (day, option("--on", type=on, metavar="DATE", help=N_("The day it happened; today."))),
        (
            version,
            option(
                "--if-version",
                type=int,
                metavar="N",
                help=N_("Only when the trajectory is still at this version."),
            ),
        ),
        (True, option("--dry-run", is_flag=True, help=N_("Only show what would happen."))),
        (mail, option("--no-mail", is_flag=True, help=N_("Let this cause no mail."))),
    ]

    def decorate(function: F) -> F:
        @wraps(function)
        def called(context: Context, *args: Any, **kwargs: Any) -> Any:
            from engine.service.desk import Terms

            dry_run = kwargs.pop("dry_run")
            terms = Terms(
                on=kwargs.pop("on", None),
                if_version=kwargs.pop("if_version", None),
                mail=not kwargs.pop("no_mail", False),
                dry_run=dry_run,
                look=look(context) if dry_run and mail else None,
            )
            context.changing = True
            result = function(context, *args, terms=terms, **kwargs)
            context.changing = False
            if terms.on is not None and not context.json:
                context.tell(N_("Date: {day}."), day=terms.on)
            if click.get_current_context().meta.get(KEPT) and not terms.dry_run:
                context.tell(NO_PERSONS)
            return result

        for wanted, add in reversed(options):
            if wanted:
                called = add(called)
        return called  # type: ignore[return-value]

    return decorate


def municipalities_of(context: Context, words: Sequence[str]) -> tuple[str, ...]:
    """Return the NIS codes that words mean, and tell where a name is that of a merged one."""
    from engine.municipalities import split_names

    codes = []
    for match in split_names(words):
        if match.via is not None and match.since is not None:
            context.tell(
                N_("{old} is part of {name} since {year}."),
                old=match.via,
                name=match.municipality.name,
                year=str(match.since.year),
            )
        codes.append(match.municipality.nis)
    return tuple(codes)


def place_of(context: Context, word: str | None, among: Sequence[str]) -> str | None:
    """Return the NIS code that a word means among those of a trajectory; None for no word.

    A beginning is enough where it fits one of them. Raises: BadInput for a name that is
    unknown, or could be several.
    """
    if word is None:
        return None
    from engine.municipalities import codes_named

    fitting = [nis for nis in among if nis in codes_named(word)[0]]
    if len(fitting) == 1:
        return fitting[0]
    return municipality_of(context, word)


def municipality_of(context: Context, word: str) -> str:
    """Return the NIS code that a name means."""
    codes = municipalities_of(context, [word])
    if len(codes) != 1:
        raise BadInput(N_("{text} is not one municipality"), text=word)
    return codes[0]


def as_seen(context: Context, own: Trajectory, terms: Terms) -> Terms:
    """Return the terms for the trajectory as it was read, where a person has answered since.

    An answer can take hours; what somebody else changed meanwhile is then a conflict.
    """
    if not context.asked or terms.if_version is not None:
        return terms
    return replace(terms, if_version=own.version)


def tried(context: Context, terms: Terms, change: Callable[[Terms], T]) -> T | None:
    """Return what a change would do, where a person can be asked; None in a pipe.

    What will not be possible whatever the answers is so refused before a question is asked.
    """
    return change(replace(terms, dry_run=True, look=None)) if can_ask(context) else None


def text_of(
    context: Context, given: str | None, question: str, *, option: str, minimum: int = 1
) -> str:
    """Return a free text that was given, or what a person at a terminal types.

    `option` is named where nobody can be asked. Raises: BadInput.
    """
    from engine.domain import lint

    if given is not None:
        return given
    if not can_ask(context):
        if option.startswith("--"):
            raise BadInput(N_('say why, with {option} "TEXT"'), option=option)
        raise BadInput(N_("say what is to be kept, in one word between quotes; - reads stdin"))
    context.tell(NO_PERSONS)
    if minimum > 1:
        context.tell(N_("({n} characters or more)"), n=minimum)
    return ask(question, context, lambda typed: lint.check(typed, minimum=minimum))


def day_of(
    context: Context, given: date | None, question: str, *, option: str, looks: Looks
) -> date:
    """Return a day that was given, or the one that a person at a terminal types.

    Raises: BadInput where nobody can be asked.
    """
    from commands.typed.dates import read_day

    if given is not None:
        return given
    if not can_ask(context):
        raise BadInput(N_("say when, with {option}"), option=option)
    return ask(question, context, lambda typed: read_day(typed, context.today(), looks))


def warn(context: Context) -> None:
    """Let `changes` tell that a free text stays, unless that was told before it was typed."""
    click.get_current_context().meta[KEPT] = not context.json and not context.asked


def tell_closed(context: Context, day: date | None) -> None:
    """Tell that a day that was given is no working day, or lies in a holiday period."""
    if day is None:
        return
    if context.calendar().why_closed(day) or context.calendar().in_window(day):
        context.tell(
            N_("{day} is not a working day, or lies in a holiday period; it was kept."), day=day
        )
