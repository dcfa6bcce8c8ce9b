"""How a run that fails ends: one sentence in the reader's language, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.pages.columns import wrapped
from engine.domain.errors import Blocked, DefinitionInvalid, NoRights, TrajectError, TryAgain
from engine.domain.os_errors import FULL, REASONS, why
from engine.domain.words import N_, Say

if TYPE_CHECKING:
    from commands.frame.context import Context

INTERRUPTED = 130
UNCHANGED = N_("Nothing was changed.")
FOR_BACKUPS = N_(
    "The login {login} has no rights on the tables in {where}. Who owns those gives it what "
    "back-ups ask, and no more: {roles} --backup {login}"
)


def report(error: BaseException, context: Context) -> int:
    """Tell on stderr what went wrong and return the exit code."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        context.talk()  # below the ^C that the terminal shows
        context.tell(N_("Interrupted."))
        _unchanged(context)
        return INTERRUPTED
    if context.given.debug:
        import traceback

        context.talk("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, OSError) and error.errno in REASONS and error.filename is not None:
        context.tell(N_("{file}: {reason}."), file=str(error.filename), reason=why(error))
        _unchanged(context)
        return TryAgain.exit_code if error.errno in FULL else TrajectError.exit_code
    if not isinstance(error, TrajectError):
        context.tell(
            N_("traject itself is at fault ({kind}: {reason}). See where with: --debug"),
            kind=type(error).__name__,
            reason=str(error).partition("\n")[0][:200],
        )
        return 1
    if isinstance(error, Blocked):
        from commands.effects.blocked import explain

        explain(error, context)
        return error.exit_code
    _problems(error, context)
    if UNCHANGED.rstrip(".").casefold() not in error.sentence.template.casefold():
        _unchanged(context)
    return error.exit_code


def _unchanged(context: Context) -> None:
    """Tell that a change that was refused or left leaves everything as it was."""
    if context.changing:
        context.tell(UNCHANGED)


def _with_names(sentence: Say, context: Context) -> Say:
    """Return a sentence of the domain, which knows codes only, with the names instead.

    `own` is the trajectory as a command names it.
    """
    values = dict(sentence.values)
    if "own" in values:
        values["own"] = context.handle(str(values["own"]))
    if isinstance(codes := values.get("nis"), tuple):
        from engine.municipalities import names

        values["nis"] = names(codes)
    if "status" in values:
        from commands.pages.mail import STATUS

        code = str(values["status"])
        values["status"] = Say(STATUS.get(code, code))
    if "state" in values:
        from commands.pages.wording import STATUSES

        values["state"] = Say(STATUSES.get(str(values["state"]), str(values["state"])))
    return Say(sentence.template, values)


def _problems(error: TrajectError, context: Context) -> None:
    """Tell the sentence, and behind it every problem of a definition with its place."""
    sentence = error.sentence
    if isinstance(error, NoRights) and context.entry == "backup":
        sentence = Say(FOR_BACKUPS, sentence.values)
    told = context.words.say(_with_names(sentence, context))
    for line in told.split("\n"):
        # a list stays as it is, and so does a path, which may hold a blank
        for part in [line] if line.startswith(" ") or "/" in line else wrapped(line):
            context.talk(part)
    for problem in error.problems if isinstance(error, DefinitionInvalid) else ():
        place = f"{problem.file}:{problem.line}:{problem.column}"
        context.talk(f"{place} {context.words.say(problem.sentence)}")
