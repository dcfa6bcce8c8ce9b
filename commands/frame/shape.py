"""What a command of traject is made of: translated help, who may run it, lazy groups."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from gettext import gettext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from commands.frame import table
from commands.frame.everywhere import Argument, Option, behalf, global_options, offered
from commands.frame.metavars import in_words
from commands.pages.help import write_other_name, write_section, write_text
from engine.domain.words import N_

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

HELP_NAMES = {"help_option_names": ["-h", "--help"]}
GLOBAL = N_("Global options work here too; see traject --help --all.")


class Helped(click.Command):
    """A command whose own --help is described in the language of this run."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option, which click keeps in the language that it was first shown in."""
        kept = super().get_help_option(ctx)
        if kept is not None:
            kept.help = gettext("Show this message and exit.")
        return kept

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the words of the usage line, in the language that is bound."""
        return [in_words(piece) for piece in super().collect_usage_pieces(ctx)]

    def complete_options(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the options that begin like this, described in the language that is bound."""
        items = click.Command.shell_complete(self, ctx, incomplete)
        for item in items:
            item.help = item.help and gettext(item.help)
        return items

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what may be typed next, for the Tab key."""
        return self.complete_options(ctx, incomplete)


class Command(Helped):
    """A command; its help is the line in the table, and `details` below it."""

    def __init__(
        self,
        *args: Any,
        details: str = "",
        json: bool = False,
        own_clock: bool = False,
        older: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **{"context_settings": HELP_NAMES, **kwargs})
        self.details = details
        self.json = json
        self.own_clock = own_clock
        self.older = older
        self.entry = ""  # its name in the table
        self.params.extend(global_options(json=json, hidden=True))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line of the table, then the details and how it is called otherwise."""
        write_text(formatter, self.help or "", self.details, GLOBAL)
        write_other_name(formatter, self.entry, ctx.info_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command; a name of several, such as De Haan, needs no quotes."""
        if len(args) > 1:
            from engine.municipalities import joined

            args = joined(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, unless it cannot take what was given, or the account may not."""
        if ctx.obj.given.json and not self.json:
            raise click.UsageError(gettext(NO_JSON), ctx)
        ctx.obj.older, ctx.obj.entry = self.older, self.entry
        if ctx.obj.given.now is not None and not self.own_clock:
            ctx.obj.database()  # which refuses it on a real clock
        if self.entry not in table.OPEN_TO_ALL:
            from commands.frame.identity import require_enrolled

            require_enrolled(ctx.obj, writes=table.writes(self.entry, ctx.params))
        if ctx.obj.given.on_behalf_of is not None:
            if self.entry not in table.FOR_A_COLLEAGUE:
                raise click.UsageError(gettext(FOR_NOBODY), ctx)
            ctx.obj.tell(N_("On behalf of {name}."), name=ctx.obj.represented.name or "")
        return super().invoke(ctx)


class LazyGroup(Helped, click.Group):
    """A group that knows its commands from the table and imports one when it is used."""

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", HELP_NAMES)
        super().__init__(name=prefix or "traject", **kwargs)
        if prefix:
            self.params.extend([*global_options(json=False, hidden=True), behalf(hidden=True)])
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the English names in the order of the table."""
        return [entry.own for _, entries in self.sections() for entry in entries]

    def sections(self) -> list[tuple[str, list[table.Entry]]]:
        """Return the commands of this group by section: (title, entries)."""
        return [
            (title, own)
            for title, entries in table.GROUPS
            if (own := [entry for entry in entries if entry.group == self.prefix])
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name or a Dutch name, imported now."""
        entry = table.NAMED.get((self.prefix, cmd_name))
        return None if entry is None else loaded(entry)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command to run; an unknown name is told which ones look like it."""
        known = [name for group, name in table.NAMED if group == self.prefix]
        if args[:1] in (["help"], ["hulp"]):
            click.echo(self.get_help(ctx))
            ctx.exit()
        if args and not args[0].startswith("-") and args[0] not in known:
            close = get_close_matches(args[0], known, n=3)
            told = gettext(SIMILAR if close else UNKNOWN)
            raise click.UsageError(told.format(name=args[0], similar=", ".join(close)), ctx)
        return super().resolve_command(ctx, args)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line of the table."""
        write_text(formatter, self.help or "")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in their sections, from the table alone."""
        for title, entries in self.sections():
            write_section(formatter, title if not self.prefix else N_("Commands"), entries)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin like this, from the table alone, then the options."""
        from commands.tab.offered import command_names

        names = command_names(ctx.obj, self.prefix, incomplete)
        return [*names, *self.complete_options(ctx, incomplete)]


FOR_NOBODY = N_("this command does nothing for a colleague; leave out --on-behalf-of")
NO_JSON = N_("this command does not answer in JSON")
SIMILAR = N_("there is no command '{name}'; did you mean {similar}?")
UNKNOWN = N_("there is no command '{name}'; see --help")


def loaded(entry: table.Entry) -> click.Command:
    """Return the command of a line in the table."""
    if not entry.module:
        return LazyGroup(entry.name, help=entry.summary)
    command: click.Command = getattr(import_module(entry.module), entry.attribute)
    if isinstance(command, Command) and not command.entry:
        command.entry = entry.name
        if entry.name in table.FOR_A_COLLEAGUE:
            command.params.append(behalf(hidden=False))
    command.help = entry.summary
    return command


def command(
    *, details: str = "", json: bool = False, own_clock: bool = False, older: bool = False
) -> Callable[[Callable[..., Any]], Command]:
    """Return a decorator that makes a command of a function `(context, …)`.

    `details`: what the help says below the line of the table; `json`: it can answer in JSON;
    `own_clock`: it takes `--now` before there is a log that allows it; `older`: a database that
    waits for an upgrade will do.
    """

    def decorate(function: Callable[..., Any]) -> Command:
        made = click.command(
            cls=Command, details=details, json=json, own_clock=own_clock, older=older
        )
        return made(click.pass_obj(function))

    return decorate


def option(*names: str, help: str, **kwargs: Any) -> Callable[[Any], Any]:
    """Return a decorator that adds an option; `help` is a template marked with `N_`."""
    return click.option(*names, cls=Option, help=help, shell_complete=offered, **kwargs)


def argument(*names: str, **kwargs: Any) -> Callable[[Any], Any]:
    """Return a decorator that adds an argument, whose values the Tab key knows."""
    return click.argument(*names, cls=Argument, shell_complete=offered, **kwargs)
