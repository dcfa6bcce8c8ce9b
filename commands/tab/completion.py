"""The Tab key: the command that prints a shell's script, and the answer to what it asks."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from typing import ClassVar

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from commands.frame.context import Context
from commands.frame.shape import command
from commands.tab.shells import SCRIPTS
from engine.domain.words import N_

LISTED = frozenset({"63", "33", "64"})  # COMP_TYPE of bash where it prints a list: ? ! @
WIDTH = 80
WAIT = 0.3  # seconds for the database: who presses Tab would rather type on
WHERE = {
    "bash": N_(
        "To keep it, in bash:\n"
        "  traject completion bash > ~/.traject-completion.bash\n"
        "  echo 'source ~/.traject-completion.bash' >> ~/.bashrc\n"
        "and open a new window."
    ),
    "zsh": N_(
        "To keep it, in zsh:\n"
        "  traject completion zsh > ~/.traject-completion.zsh\n"
        "  echo 'source ~/.traject-completion.zsh' >> ~/.zshrc\n"
        "and open a new window."
    ),
    "fish": N_(
        "To keep it, in fish:\n"
        "  traject completion fish > ~/.config/fish/completions/traject.fish\n"
        "and open a new window."
    ),
    "powershell": N_(
        "To keep it, in PowerShell:\n"
        "  if (!(Test-Path $PROFILE)) {{ New-Item -Type File -Force $PROFILE }}\n"
        "  traject completion powershell 2>$null | Out-File -Append -Encoding utf8 $PROFILE\n"
        "and open a new window. Where Windows forbids scripts, once:\n"
        "  Set-ExecutionPolicy -Scope CurrentUser RemoteSigned"
    ),
}


@command(details=N_("What it prints is for the shell; where to keep that is told beside it."))
@click.argument("shell", type=click.Choice(tuple(SCRIPTS)))
def completion(context: Context, shell: str) -> None:
    """Print the script of a shell, and tell where it belongs."""
    click.echo(SCRIPTS[shell], nl=False)
    context.tell(WHERE[shell])


class Asking(ShellComplete):
    """Answers a script of `commands.tab.shells`, in lines of kind, value and help."""

    name: ClassVar[str] = "traject"
    source_template: ClassVar[str] = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one at the cursor, and what is typed of that one."""
        raw = os.environ.get("_TRAJECT_WORDS", "").split("\n")
        words = [unquoted(word) for word in raw]
        before = [w for at, w in enumerate(words[:-1]) if at and not _joins(w, words[at - 1])]
        last = words[-1]
        return before, "" if _joins(last, words[-2] if len(words) > 1 else "") else last

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Return the offers; of a value behind `--option=`, with the option before it."""
        option, sign, _ = incomplete.partition("=")
        items = super().get_completions(args, incomplete)
        if sign and option.startswith("--"):
            for item in items:
                item.value = f"{option}={item.value}"
        return items

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return the line of one offer."""
        about = " ".join((item.help or "").split())
        return f"{item.type}\t{item.value}\t{about}"


class AskingBash(Asking):
    """Answers bash, which shows values alone, so that they carry their help in a list."""

    def complete(self) -> str:
        """Return the offers, each with its help where bash is about to print them."""
        items = self.get_completions(*self.get_completion_args())
        listed = len(items) > 1 and os.environ.get("_TRAJECT_TYPE") in LISTED
        longest = max((len(item.value) for item in items), default=0)
        return "\n".join(
            f"{item.type}\t{_with_help(item, longest) if listed else item.value}" for item in items
        )


def answer(context: Context, asked: str) -> int:
    """Print what may be typed next; whatever goes wrong, nothing is offered and nothing said.

    `asked`: bash_complete, zsh_complete, fish_complete or powershell_complete.
    """
    from commands.frame.root import ASKED, root

    context.wait = WAIT
    shell = AskingBash if asked.startswith("bash") else Asking
    lines = ""
    with suppress(Exception), redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
        lines = shell(root, {"obj": context}, "traject", ASKED).complete()
    with suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    if lines:
        click.echo(lines)
    return 0


def unquoted(word: str) -> str:
    """Return a word as the program would get it; an open quotation counts to its end."""
    return (split_arg_string(word) or [""])[0]


def _joins(word: str, before: str) -> bool:
    """Tell whether a word is the `=` between an option and its value, which bash sets apart."""
    return word == "=" and before.startswith("--")


def _with_help(item: CompletionItem[str], longest: int) -> str:
    """Return a value with its help, wide enough to stand on a line of its own."""
    width = int(os.environ.get("_TRAJECT_COLUMNS") or WIDTH)
    about = f"  ({' '.join(item.help.split())})" if item.help else ""
    return f"{item.value:<{longest}}{about}"[: width - 1].ljust(width // 2 + 1)
