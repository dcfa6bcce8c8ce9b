"""What an erasure takes away, on a page before it happens and as JSON; and how it went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.frame.context import Context
from commands.pages import wording
from commands.pages.columns import beside, columns, wrapped
from engine.domain.fields import called
from engine.domain.words import N_, Say

if TYPE_CHECKING:
    from engine.dispatch.erasing import Erasure
    from engine.store.erasing import Kept

CLEARED = {
    "clean": N_("The files of the database hold nothing of it any more."),
    "not_owner": N_(
        "No query finds it any more. To take it out of the files of the database as well, its "
        "owner runs: VACUUM FULL details, mails, contacts, actors, heartbeat"
    ),
    "busy": N_(
        "It is erased, but others use the database now, and the old pages of its files could not "
        "be emptied. The next traject erase does that too."
    ),
}
BACKUPS = N_(
    "Backups, WAL archives and copies that were made before still hold it, until they are "
    "thrown away: keep them no longer than you must."
)
UNWRITTEN = N_(
    "The list of what was erased could not be written ({reason}): a restore would bring it back. "
    "The next traject erase or traject backup writes it too."
)


def show(context: Context, found: Erasure, files: Sequence[Path], *, dry_run: bool) -> None:
    """Print what goes and what stays; for a script as JSON."""
    if context.json:
        context.echo_json(as_json(found, files, dry_run=dry_run))
        return
    if dry_run:
        context.say(N_("Only tried: nothing was erased. It would go like this:"))
    context.say(N_("To be erased of {who}:"), who=_who(context, found))
    _details(context, found.details)
    if found.texts:
        context.say(N_("Free text with the name or the address, to be erased too:"))
        _details(context, found.texts)
    _mails(context, found)
    _roles(context, found, dry_run=dry_run)
    if files:
        context.say(N_("Files that are deleted: {n}."), n=len(files))
        for file in files:
            context.echo(f"  {file}")
    _look_at(context, found.look_at)
    _stays(context, found)


def tell_done(context: Context, done: Erasure, cleared: str) -> None:
    """Print what was erased, and what cannot be promised."""
    sentence = N_("Erased; event {position} says so. {cleared}")
    text = context.in_words(
        sentence, position=done.position, cleared=context.in_words(CLEARED[cleared])
    )
    for line in (*wrapped(text), *wrapped(context.in_words(BACKUPS))):
        context.echo(line)


def tell_left(context: Context, files: Iterable[Path], unwritten: Say | None) -> None:
    """Say which files could not be deleted, and that the list for a restore could not be kept."""
    for file in files:
        context.tell(
            N_("{file} could not be deleted: close what has it open, and delete it"), file=str(file)
        )
    if unwritten:
        context.tell(UNWRITTEN, reason=unwritten)


def as_json(
    found: Erasure, files: Sequence[Path], *, dry_run: bool, cleared: str | None = None
) -> dict[str, Any]:
    """Return an erasure with the keys that scripts rely on; the values only before it is done."""
    return {
        "subject": found.subject or None,
        "event": None if found.subject else found.number,
        "details": [_detail(one, dry_run) for one in found.details],
        "texts": [_detail(one, dry_run) for one in found.texts],
        "look_at": [_detail(one, shown=True) for one in found.look_at],
        "mails": [mail.id for mail in found.mails],
        "roles": [
            {"trajectory": ref, "role": role, "municipality": nis or None}
            for ref, role, nis in found.roles
        ],
        "cancelled": list(found.cancelled),
        "renewed": list(found.renewed),
        "files": len(files),
        "dry_run": dry_run,
        **({} if dry_run else {"recorded": found.position, "cleared": cleared}),
    }


def _detail(one: Kept, shown: bool) -> dict[str, Any]:
    said = {"event": one.position, "type": one.type, "field": one.field}
    return {**said, "value": one.value} if shown else said


def _who(context: Context, found: Erasure) -> str:
    """Return a person with their number, or which event."""
    if not found.subject:
        return context.in_words(N_("event {position}"), position=found.number)
    kind = found.subject.partition(":")[0]
    name = wording.person(context, found.name, found.number, kind)
    template = (
        N_("{name} (contact {number})") if kind == "contact" else N_("{name} (actor {number})")
    )
    return context.in_words(template, name=name, number=found.number) if found.name else name


def _details(context: Context, details: Sequence[Kept]) -> None:
    rows = [
        (
            context.in_words(N_("event {position}"), position=one.position),
            context.words.say(called(one.field)),
            one.value,
        )
        for one in details
    ]
    for line in columns(rows, cut=((2,),), indent=2):
        context.echo(line)


def _mails(context: Context, found: Erasure) -> None:
    """Print which mails lose their contents, and what becomes of those that wait."""
    if found.mails:
        numbers = ", ".join(str(mail.id) for mail in found.mails)
        template = N_("Mails that lose contents, reader and subject: {n} (numbers {numbers}).")
        if len(found.mails) == 1:
            template = N_("1 mail loses contents, reader and subject: number {numbers}.")
        text = context.in_words(template, n=len(found.mails), numbers=numbers)
        for line in wrapped(text, hanging=2):
            context.echo(line)
    if found.cancelled:
        numbers = ", ".join(map(str, found.cancelled))
        context.say(N_("Mails that do not leave any more: {numbers}."), numbers=numbers)
    if found.renewed:
        numbers = ", ".join(map(str, found.renewed))
        context.say(
            N_("Mails to others that are written anew, without the name: {numbers}."),
            numbers=numbers,
        )


def _roles(context: Context, found: Erasure, *, dry_run: bool) -> None:
    """Print which roles are given up, and how somebody else gets them."""
    for ref, role, nis in found.roles:
        trajectory = context.trajectory(ref)
        label = context.words.label(
            context.workflow(trajectory.workflow).workflow.roles[role].label
        )
        held = f"{label} {wording.places([nis])}" if nis else label
        text = context.in_words(N_("Gives up: {role} in {ref}. Somebody else:"), role=held, ref=ref)
        command = context.hint(f"traject contact add {context.handle(ref)} --role {role}")
        for line in beside([(text, command)]):
            context.echo(line)
    if found.roles and dry_run:
        context.say(N_("Without a terminal that is to be said, with --release."))


def _look_at(context: Context, texts: Sequence[Kept]) -> None:
    """Print the texts in which a part of the name stands: a person knows whether it is meant."""
    if not texts:
        return
    context.say(N_("These stay; a part of the name stands in them. Erase them one by one:"))
    for one in texts:
        command = context.hint(f"traject erase --event {one.position}")
        for line in beside([(f"“{one.value}”", command)], indent=2):
            context.echo(line)


def _stays(context: Context, found: Erasure) -> None:
    if not found.subject:
        context.say(N_("That something was written then, and by whom, stays in the history."))
        return
    name = wording.person(context, None, found.number, found.subject.partition(":")[0])
    text = context.in_words(N_("What happened stays in the history, as that of {name}."), name=name)
    for line in wrapped(text):
        context.echo(line)
