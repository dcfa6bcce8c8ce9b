"""Auditing: the verification of the history, its checkpoints, and the rebuild of what follows."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from commands.frame.context import Context
from commands.frame.shape import command, option
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.audit import Witness
    from engine.audit.checkpointing import Taken
    from engine.domain.checkpoint import Checkpoint
    from engine.store.transaction import Stamp

BROKEN = 8  # the exit code when the history does not verify
UNTOLD = 1  # and where this cannot tell
CONTROL = re.compile(r"(?P<size>[0-9]{1,15})[- ](?P<root>[0-9a-fA-F]{8,64})", re.ASCII)
ELSEWHERE = N_(
    "Send it to somebody who cannot write in this database, such as an auditor: only a copy in "
    "their hands proves later that nothing was rewritten."
)
NOT_RECORDED = N_("Not recorded: an auditor reads and changes nothing.")
STOOD = N_("Not recorded once more: nothing happened since the last one.")
RECORDED = N_("Everything verified. Recorded as event {position}.")


@command(
    json=True,
    details=N_(
        "Checks every event, the details beside it, the present state and the mails. With "
        "--control also that the history still begins as it did when that number was noted; with "
        "--checkpoint the same for a checkpoint, or for a mail of traject that was saved (.eml). "
        "Several may be given."
    ),
    older=True,  # an upgrade may have been refused for what is told here
)
@option("--control", metavar="NUMBER", help=N_("A control number from an old mail."))
@option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    metavar="FILE",
    help=N_("A checkpoint that somebody else kept, or a saved mail."),
)
def verify(context: Context, control: str | None, checkpoints: tuple[str, ...]) -> int:
    """Check that nothing is missing and nothing was changed unseen."""
    from commands.frame.progress import events_bar
    from commands.pages.audit import as_json, cannot_tell, print_report
    from engine.audit import verify as audit
    from engine.store.inspections import clear

    witnesses = [_control(control)] if control else []
    if checkpoints:
        from commands.witnessed import kept_in

        witnesses += [kept_in(file).witness for file in checkpoints]
    database = context.database()
    with events_bar(context) as progress:
        report = audit(database, witnesses=witnesses, progress=progress)
    if context.json:
        context.echo_json(as_json(context, report))
    else:
        print_report(context, report)
    if not report.ok:
        return UNTOLD if cannot_tell(report) else BROKEN
    if report.left_out:
        return UNTOLD
    clear(database, context.now())
    return 0


@command(
    json=True,
    details=N_(
        "Checks everything as traject verify does; only what is in order gets one. It is three "
        "lines of text: whose log, how many events, the root over all of them. Others keep it, "
        "and hold the log against it later with: traject verify --checkpoint"
    ),
)
@option("--out", metavar="FILE", help=N_("Write it in a new file instead."))
def checkpoint(context: Context, out: str | None) -> int:
    """Take a checkpoint, for others to keep."""
    from commands.export.folder import require_free
    from commands.frame.progress import events_bar
    from commands.pages.audit import as_json, print_report
    from engine.audit.checkpointing import take
    from engine.store.inspections import clear

    place = None if out is None else Path(out).expanduser().absolute()
    if place is not None:
        require_free(place)
    stamp = _stamp(context)
    with events_bar(context) as progress:
        owner = context.settings.owner
        taken = take(
            context.database(),
            owner,
            context.now(),
            stamp=stamp,
            progress=progress,
            keep=lambda checkpoint: _keep(checkpoint, place),
        )
    if taken.checkpoint is None:
        if context.json:
            context.echo_json(as_json(context, taken.report))
        else:
            print_report(context, taken.report)
        return BROKEN
    clear(context.database(), context.now())
    _tell_taken(context, taken, place, reads=stamp is None)
    return 0


@command(
    json=True,
    details=N_("Events, details and mails stay as they are; what does not verify is not rebuilt."),
)
@option("--dry-run", is_flag=True, help=N_("Only say how many rows would be otherwise."))
def rebuild(context: Context, dry_run: bool) -> None:
    """Derive the present state afresh from the history."""
    from engine.audit import rebuild as replay
    from engine.service.rights import require_writer

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


def _control(typed: str) -> Witness:
    """Return the control number that was typed. Raises: BadInput."""
    from engine.audit import Witness
    from engine.domain.errors import BadInput

    found = CONTROL.fullmatch(typed.strip())
    if found is None:
        raise BadInput(
            N_("{control} is no control number; it looks like 214-7f3a5b2c90d1"), control=typed
        )
    return Witness(int(found["size"]), found["root"])


def _stamp(context: Context) -> Stamp | None:
    """Return what the event carries that records a checkpoint; None for who only reads."""
    from engine.domain.people import AUDITOR
    from engine.store.transaction import Stamp

    actor = context.actor()
    if actor.role == AUDITOR:
        return None
    return Stamp(actor.id, context.today(), context.desk().via)


def _keep(checkpoint: Checkpoint, place: Path | None) -> None:
    """Write a checkpoint in its file, where it is to have one."""
    from commands.export.folder import whole_file

    if place is not None:
        with whole_file(place) as file:
            file.write(checkpoint.text().encode())


def _tell_taken(context: Context, taken: Taken, place: Path | None, *, reads: bool) -> None:
    """Print a checkpoint as data, and as talk where it was recorded and whose it should be."""
    checkpoint = taken.checkpoint
    assert checkpoint is not None  # what does not verify was told before
    if context.json:
        found = {"file": str(place) if place else None, "text": checkpoint.text()}
        context.echo_json({**asdict(checkpoint), "position": taken.position, **found})
        return
    if place is None:
        context.echo(checkpoint.text().rstrip())
    else:
        context.say(N_("Checkpoint written: {file}"), file=str(place))
    if taken.position is not None:
        context.tell(RECORDED, position=taken.position)
    else:
        context.tell(NOT_RECORDED if reads else STOOD)
    context.tell(ELSEWHERE)
