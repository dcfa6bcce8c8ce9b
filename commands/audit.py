"""Auditing: the verification of the history, and the rebuild of the present state from it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from commands.context import Context
from commands.shape import command, option
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit import Report, Witness

BROKEN = 8  # the exit code when the history does not verify
SHORT = 12  # characters of the root in a control number, as mails carry it
CONTROL = re.compile(r"(?P<size>[0-9]{1,15})[- ](?P<root>[0-9a-fA-F]{8,64})", re.ASCII)
PROBLEMS = (N_("1 problem"), N_("{n} problems"))
TRAJECTORIES = (N_("1 trajectory"), N_("{n} trajectories"))
AGREES = N_("The number given, {control}, agrees: the first {count} events are as they were then.")
UNPROVEN = N_(
    "Not proven: that nobody rewrote all of it. Only an old number proves that (--control)."
)
SINCE = N_(
    "Not proven: that nobody rewrote what came after event {count}. Only a younger number proves "
    "that."
)
EVERY = 20_000  # events between two signs of life


@command(
    json=True,
    details=N_(
        "Checks every event, the details beside it, the present state and the mails. With "
        "--control also that the history still begins as it did when that number was noted."
    ),
)
@option("--control", metavar="NUMBER", help=N_("A control number from an old mail."))
def verify(context: Context, control: str | None) -> int:
    """Check that nothing is missing and nothing was changed unseen."""
    from engine.audit import verify as audit

    witness = None if control is None else _witness(control)
    context.older = True  # an upgrade may have been refused for what is told here
    report = audit(
        context.database(), witnesses=[witness] if witness else [], progress=_progress(context)
    )
    if context.json:
        context.echo_json(_as_json(context, report))
    else:
        _print_report(context, report, witness if report.ok else None)
    return 0 if report.ok else BROKEN


@command(
    json=True,
    details=N_("Events, details and mails stay as they are; what does not verify is not rebuilt."),
)
@option("--dry-run", is_flag=True, help=N_("Only say how many rows would be otherwise."))
def rebuild(context: Context, dry_run: bool) -> None:
    """Derive the present state afresh from the history."""
    from engine.audit import rebuild as replay
    from engine.service.desk import require_writer

    actor = context.actor()
    if not dry_run:
        require_writer(actor)
    done = replay(context.database(), dry_run=dry_run)
    if context.json:
        context.echo_json({**asdict(done), "dry_run": dry_run})
        return
    template = N_(
        "Events replayed: {events}; trajectories: {trajectories}; rows that differed: {differing}."
    )
    context.say(
        template, events=done.events, trajectories=done.trajectories, differing=done.differing
    )
    if dry_run:
        context.tell(N_("Nothing was changed."))


def _witness(control: str) -> Witness:
    """Return the control number that was typed. Raises: BadInput."""
    from engine.audit import Witness
    from engine.domain.errors import BadInput

    typed = CONTROL.fullmatch(control.strip())
    if typed is None:
        raise BadInput(
            N_("{control} is no control number; it looks like 214-7f3a5b2c90d1"), control=control
        )
    return Witness(int(typed["size"]), typed["root"])


def _progress(context: Context) -> Callable[[int], None] | None:
    """Return what shows a person at a terminal that a long check goes on."""
    if context.json or not sys.stderr.isatty():
        return None
    shown = [0]

    def progress(position: int) -> None:
        if position - shown[0] >= EVERY:
            shown[0] = position
            context.tell(N_("{count} events so far…"), count=position)

    return progress


def _as_json(context: Context, report: Report) -> dict[str, object]:
    def listed(findings: object) -> list[dict[str, object]]:
        return [
            {"position": found.position, "text": context.words.say(found.sentence)}
            for found in findings  # type: ignore[attr-defined]
        ]

    return {
        "ok": report.ok,
        "events": report.events,
        "trajectories": report.trajectories,
        "size": report.size,
        "root": report.root,
        "problems": listed(report.problems),
        "remarks": listed(report.remarks),
    }


def _print_report(context: Context, report: Report, agreeing: Witness | None) -> None:
    """Print the outcome in a sentence, what was found, and what no check can prove.

    `agreeing`: the number of an old mail, where it fits.
    """
    from commands.columns import wrapped

    findings = (*report.problems, *report.remarks)
    text = [f"- {context.words.say(found.sentence)}" for found in findings]
    template = N_("In order: {events} events in {trajectories}, nothing missing, nothing changed.")
    if not report.ok:
        template = N_("NOT in order: {problems} in {events} events of {trajectories}.")
    outcome = context.in_words(
        template,
        problems=_counted(context, PROBLEMS, len(report.problems)),
        events=report.events,
        trajectories=_counted(context, TRAJECTORIES, report.trajectories),
    )
    control = context.in_words(
        N_("Control number {control}; compare it with that in an old mail."),
        control=f"{report.size}-{report.root[:SHORT]}",
    )
    closing = [context.in_words(UNPROVEN)]
    if agreeing is not None:
        old = f"{agreeing.size}-{agreeing.root[:SHORT]}"
        closing = [context.in_words(AGREES, control=old, count=agreeing.size)]
        if agreeing.size < report.size:
            closing.append(context.in_words(SINCE, count=agreeing.size))
    for one in (*text, f"{outcome} {control}", *closing):
        for line in wrapped(one, hanging=2 if one in text else 0):
            context.echo(line)


def _counted(context: Context, templates: tuple[str, str], count: int) -> str:
    """Return a number of things in words."""
    return context.in_words(templates[count != 1], n=count)
