"""Looks whether all is well: database, clock, rounds, mail road; each fault with its remedy."""

from __future__ import annotations

from collections.abc import Iterator

import click

from commands.frame.context import Context
from commands.frame.shape import command, option
from commands.health import database, surroundings
from commands.health.finding import REMARK, WELL, WRONG, Finding
from commands.pages.columns import alone, wrapped
from engine.domain.words import N_

MARKS = {WELL: "✔", REMARK: "!", WRONG: "✘"}
SPOKEN = {WELL: N_("in order"), REMARK: N_("take note"), WRONG: N_("wrong")}
INDENT = 4  # of a remedy, below its finding


@command(
    details=N_("Sends nothing; knocks at the door of the mail server, unless --offline."),
    json=True,
)
@option("--offline", is_flag=True, help=N_("Do not look whether the mail server is there."))
def doctor(context: Context, offline: bool) -> None:
    """Print every finding; exit code 1 when something is wrong."""
    findings = list(examine(context, offline=offline))
    if context.json:
        rows = [_as_json(context, finding) for finding in findings]
        context.echo_json({"ok": all(f.state != WRONG for f in findings), "findings": rows})
    else:
        for finding in findings:
            for line in _lines(context, finding):
                context.echo(line)
    if any(finding.state == WRONG for finding in findings):
        raise click.exceptions.Exit(1)


def examine(context: Context, *, offline: bool) -> Iterator[Finding]:
    """Yield what every look finds; without time zones or a database those that need none."""
    yield from surroundings.settings(context)
    zones = surroundings.time_zones()
    yield zones
    if zones.state == WELL:
        yield from database.examine(context)
    yield from surroundings.mail_road(context, offline=offline)
    yield from surroundings.modules()


def _lines(context: Context, finding: Finding) -> list[str]:
    """Return a finding: its mark and what is the case, below it what to do."""
    mark = MARKS[finding.state]
    if context.plain:
        mark = context.words.text(SPOKEN[finding.state]).capitalize() + ":"
    lines = wrapped(f"{mark} {context.words.say(finding.sentence)}", hanging=2)
    for remedy, text in zip(finding.remedies, _remedies(context, finding), strict=True):
        lines += alone(text, INDENT) if isinstance(remedy, str) else wrapped(text, INDENT)
    return lines


def _remedies(context: Context, finding: Finding) -> list[str]:
    """Return the remedies in words; commands run on the database of this run."""
    return [
        context.hint(remedy) if isinstance(remedy, str) else context.words.say(remedy)
        for remedy in finding.remedies
    ]


def _as_json(context: Context, finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "state": finding.state,
        "text": context.words.say(finding.sentence),
        "remedy": _remedies(context, finding),
    }
