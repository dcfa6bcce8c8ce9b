"""The command `traject` itself: its help page, its run, and how every run ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from gettext import gettext
from typing import Any

import click

from commands.frame import table
from commands.frame.closed_log import tell_closed
from commands.frame.context import Context
from commands.frame.everywhere import Option, behalf, global_options
from commands.frame.failures import report
from commands.frame.shape import FOR_NOBODY, HELP_NAMES, LazyGroup, loaded
from commands.pages.help import write_section
from engine.domain.words import N_

ABOUT = N_(
    "Coaching trajectories of municipalities: where they stand, what is missing, who gets "
    "mail when. Without a command: the coach's morning."
)


ALL = "commands.frame.root.all"  # in click's meta: the help page is to show everything
ASKED = "_TRAJECT_COMPLETE"  # in the environment: a shell asks what may be typed next
SEE_ALL = N_("All commands and options, and what the exit codes mean: traject --help --all")
RARE = frozenset({"database", "now", "debug", "json", "on_behalf_of"})


class Root(LazyGroup):
    """The group of all commands; alone it prints the morning."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, having seen whether `--all` stands anywhere: `--help` does not wait for it."""
        ctx.meta[ALL] = "--all" in args
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options and the commands; the daily ones, unless all are asked for."""
        if ctx.meta.get(ALL):
            super().format_options(ctx, formatter)
            return
        shown = [p for p in self.get_params(ctx) if p.name not in RARE]
        write_section(formatter, N_("Every day"), [*table.DAILY, *table.ALSO_DAILY])
        with formatter.section(gettext("Options")):
            formatter.write_dl([row for p in shown if (row := p.get_help_record(ctx))])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the exit codes mean, or where to read it."""
        if not ctx.meta.get(ALL):
            formatter.write_paragraph()
            formatter.write_text(gettext(SEE_ALL))
            return
        with formatter.section(gettext(N_("Exit codes"))):
            formatter.write_dl([(str(code), gettext(text)) for code, text in table.EXIT_CODES])


def _alone(context: click.Context, everybody: bool) -> Any:
    if context.invoked_subcommand is None:
        if context.obj.given.on_behalf_of is not None:
            raise click.UsageError(gettext(FOR_NOBODY), context)
        return context.invoke(loaded(table.MORNING), everybody=everybody)
    if everybody:
        raise click.UsageError(gettext(ONLY_ALONE), context)
    return None


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"traject {version('livc-traject')}")
        ctx.exit()


VERSION = Option(
    ["--version"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help=N_("Show the version and stop."),
)
EVERYBODY = N_("The morning of all coaches; with --help: all commands.")
ONLY_ALONE = N_("--all before a command does nothing; write it after the command")

root = Root(
    help=ABOUT,
    invoke_without_command=True,
    callback=click.pass_context(_alone),
    context_settings=HELP_NAMES,
    params=[
        *global_options(json=True, hidden=False),
        behalf(hidden=False),
        Option(["--all", "everybody"], is_flag=True, help=EVERYBODY),
        VERSION,
    ],
)


def run(arguments: Sequence[str], context: Context) -> int:
    """Run one command and return its exit code; every error becomes a sentence."""
    _soften(sys.stdout, sys.stderr)
    if ASKED in os.environ:
        from commands.tab.completion import answer

        with context:
            return answer(context, os.environ[ASKED])
    try:
        with context:
            result = root.main(list(arguments), "traject", standalone_mode=False, obj=context)
            tell_closed(context)
            if sys.stdout is not None:  # as in the task of Windows, which has no window
                sys.stdout.flush()
            return result if isinstance(result, int) else 0
    except SystemExit as stop:  # the reader of our output has left
        code = stop.code if isinstance(stop.code, int) else 1
    except BrokenPipeError:
        code = 1
    except BaseException as error:
        return report(error, context)
    _forget_output()
    return code


def _soften(*streams: Any) -> None:
    """Let a terminal that cannot show a character show one like it instead of failing."""
    for stream in streams:
        with suppress(AttributeError, ValueError):
            if not stream.encoding.lower().startswith("utf"):
                from commands.pages import likeness

                stream.reconfigure(errors=likeness.registered())
            else:
                stream.reconfigure(errors="replace")


def _forget_output() -> None:
    """Keep Python from complaining at its end about output that nobody reads."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
