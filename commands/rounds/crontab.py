"""Puts our lines in the crontab of this account and leaves everybody else's as they are."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from commands.frame.context import Context
from commands.rounds.programs import run
from commands.rounds.units import without_ours
from engine.domain.errors import Refused
from engine.domain.words import N_


def put(context: Context, lines: Sequence[str]) -> bool:
    """Put lines between our marks in the crontab; tell whether that changed anything.

    Raises: Refused where there is no cron, or where it will not.
    """
    program = shutil.which("crontab")
    if program is None:
        context.talk("\n".join(lines))
        raise Refused(N_("there is no program crontab here; the lines above are what it needs"))
    others, ours = without_ours(run([program, "-l"], allow="no crontab"))
    if ours == list(lines):
        context.say(N_("Your crontab holds these lines already. Nothing was changed."))
        return False
    run([program, "-"], "\n".join([*others, *lines, ""]))
    if ours:
        context.say(N_("Replaced in your crontab:"))
        context.echo("\n".join(ours))
    context.say(N_("Added to your crontab; its other lines stay as they are:"))
    context.echo("\n".join(lines))
    return True
