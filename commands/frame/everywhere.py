"""The options that stand before or after any command, kept in the context of the run."""

from __future__ import annotations

from gettext import gettext
from typing import TYPE_CHECKING, Any

import click

from commands.frame.metavars import in_words
from engine.domain.words import LANGUAGES, N_

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Argument(click.Argument):
    """An argument whose name is translated when it is shown."""

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the word for its value, in the language that is bound."""
        return in_words(super().make_metavar(ctx))


class Option(click.Option):
    """An option whose help is translated when it is shown."""

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the word for its value, in the language that is bound."""
        return in_words(super().make_metavar(ctx))

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the row of the help page, in the language that is bound."""
        template, self.help = self.help, gettext(self.help) if self.help else None
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = template


def global_options(*, json: bool, hidden: bool) -> list[click.Parameter]:
    """Return the options of every command; those that only some take come from `behalf`.

    `hidden`: a help page that does not show them, but for `--json` of a command that answers.
    """
    made = [
        _global(
            ["--database", "URL"], N_("Where the data is: a file or a PostgreSQL URL."), hidden
        ),
        _global(["--lang"], N_("Language: nl or en."), hidden, type=click.Choice(LANGUAGES)),
        _global(["--now", "INSTANT"], N_("The time it is, for a simulated log."), hidden),
        _flag(
            "--plain", N_("Plain sentences without marks and columns, for a screen reader."), hidden
        ),
        _flag("--debug", N_("Show the traceback of a fault in traject."), hidden),
    ]
    if json:
        made.append(_flag("--json", N_("Answer in JSON."), hidden=False))
    return made


def behalf(*, hidden: bool) -> click.Parameter:
    """Return the option that names a colleague for whom something is done."""
    return Option(
        ["--on-behalf-of", "--namens"],
        help=N_("For a colleague: the history tells both who did it and for whom."),
        hidden=hidden,
        metavar="NAME",
        expose_value=False,
        callback=_keep,
        shell_complete=offered,
    )


def offered(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the values that the Tab key offers for a parameter."""
    from commands.tab.offered import offered

    return offered(ctx, param, incomplete)


def _global(names: list[str], help: str, hidden: bool, **kwargs: Any) -> click.Parameter:
    metavar = names[1] if len(names) > 1 else None
    return Option(
        names[:1],
        help=help,
        hidden=hidden,
        metavar=metavar,
        is_eager=True,
        expose_value=False,
        callback=_keep,
        **kwargs,
    )


def _flag(name: str, help: str, hidden: bool) -> click.Parameter:
    return _global([name], help, hidden, is_flag=True, default=None)


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None and param.name is not None:
        setattr(ctx.obj.given, param.name, value)
