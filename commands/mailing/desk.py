"""The mail desk: list, show, hold, release and retry mails, and try the road to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.effects import outcomes, resting
from commands.frame.context import Context
from commands.frame.shape import argument, command, option
from commands.mailing import releasing
from commands.mailing.road import step_line, tell_failure
from commands.pages import mail as mail_page
from commands.pages import wording
from commands.rounds.running import HELD, notifier, post
from engine.domain.errors import BadInput, NotFound
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.store.outbox import Mail

LONGEST_NUMBER = 10  # digits; longer is no number of a mail
dry_run = option("--dry-run", is_flag=True, help=N_("Only show it; change nothing."))


@command(json=True)
@argument("ref", required=False)
@option(
    "--status",
    type=click.Choice(tuple(mail_page.STATUS)),
    multiple=True,
    help=N_("Only mails that are so far; may be repeated."),
)
def mail_list(context: Context, ref: str | None, status: tuple[str, ...]) -> None:
    """List mails, oldest first."""
    from engine.store import outbox

    with context.database().reading() as connection:
        refs = outbox.references(connection)
        chosen = context.trajectory(context.ref(ref)).id if ref else None
        found = outbox.mails(connection, trajectory=chosen, statuses=status or None)
    if context.json:
        context.echo_json([mail_page.as_json(mail, refs) for mail in found])
        return
    for line in resting.resting(context, resting.queue(context)):
        context.echo(line)
    mail_page.print_lines(context, found)
    if not found:
        context.say(N_("No mails."))
        resting.tell_due(context, refs, chosen)


@command(
    json=True,
    details=N_(
        "--open shows it as its reader sees it, from a copy among the temporary files, which "
        "the next --open takes away; without a desktop it says where the copy lies. "
        "Example: traject mail show 5 --open"
    ),
)
@argument("number", type=int)
@option("--open", "opened", is_flag=True, help=N_("Open it in your mail program."))
@option("--raw", is_flag=True, help=N_("The source, all headers and parts included."))
def mail_show(context: Context, number: int, opened: bool, raw: bool) -> None:
    """Print one mail."""
    if opened and (raw or context.json):
        raise BadInput(N_("--open shows the mail in a program of its own: leave out the others"))
    mail, mime = _whole(context, number)
    if opened:
        from commands.mailing.opening import copy_of, launch

        launch(context, number, copy_of(number, mime))
    elif context.json:
        context.echo_json(mail_page.as_json(mail, _refs(context)) | mail_page.contents(mail, mime))
    elif raw:
        context.echo(mime.decode("utf-8", "replace").replace("\r\n", "\n"))
    else:
        mail_page.tell(context, mail, mime, stale=_stale(context, mail))


@command(
    details=N_(
        "What waits of the trajectory is held, what a command of a moment ago caused included, "
        "and what leaves up to the end of the next working day. Reminders of a later day still "
        "become mails then: to stop those, pause the trajectory. One mail is named by its number "
        "with --mail, see: traject mail list. Example: traject mail hold gent"
    ),
    json=True,
)
@argument("ref", required=False, metavar="[TRAJECTORY]")
@option("--mail", "number", type=int, metavar="NUMBER", help=N_("Hold this one mail."))
@dry_run
def mail_hold(context: Context, ref: str | None, number: int | None, dry_run: bool) -> None:
    """Keep mails from leaving until they are released."""
    from engine.dispatch import desk

    _one_of(ref, number)
    ref = _trajectory(context, ref)
    found = desk.hold(context.desk(), post(context), ref=ref, number=number, dry_run=dry_run)
    held = N_("Mails held back until you let them go: {count}.")
    if not found:
        held = N_("No mail waits here that could be held.")
    _report(context, found, held, dry_run=dry_run)
    if found and not dry_run and not context.json:
        which = f"--mail {number}" if ref is None else context.handle(ref)
        context.say(N_("To let them leave: traject mail release {which}"), which=which)


@command(
    json=True,
    details=N_(
        "One mail is named by its number with --mail. What became pointless meanwhile was "
        "withdrawn and does not leave. Where the whole queue is held, what is due of the "
        "trajectory is made and leaves, and the others wait. Example: traject mail release gent"
    ),
)
@argument("ref", required=False, metavar="[TRAJECTORY]")
@option("--mail", "number", type=int, metavar="NUMBER", help=N_("Release this one mail."))
@option("--all", "everything", is_flag=True, help=N_("Release every held mail and the queue."))
@dry_run
def mail_release(
    context: Context, ref: str | None, number: int | None, everything: bool, dry_run: bool
) -> None:
    """Let held mails leave."""
    from engine.dispatch import desk

    if not everything:
        _one_of(ref, number)
    ref = _trajectory(context, ref)
    if everything and not releasing.agreed(context, dry_run=dry_run):
        context.tell(N_("Nothing was released."))
        return
    found = desk.release(context.desk(), post(context), ref=ref, number=number, dry_run=dry_run)
    let_go = releasing.whole_queue(context) if everything and not dry_run else None
    if found or let_go is None or context.json:
        released = N_("Mails released: {count}; each leaves at the first round after its moment:")
        if not found:
            released = N_("Mails released: {count}.")
        _report(context, found, released, dry_run=dry_run)
    if not context.json:
        releasing.tell_rest(context, let_go, some=bool(found) and not everything)


@command(json=True)
@argument("number", type=int)
@dry_run
def mail_retry(context: Context, number: int, dry_run: bool) -> None:
    """Try a mail again, with the same bytes."""
    from engine.dispatch import desk

    found = desk.retry(context.desk(), number, dry_run=dry_run)
    again = N_("Mail {number} is tried again at the first round after {at}.")
    at = wording.moment(context, found[0].next_at)
    _report(context, found, again, dry_run=dry_run, number=number, at=at)


@command(details=N_("Connects and signs in, step by step; no mail is sent."), json=True)
def mail_test(context: Context) -> int:
    """Try the road to the mail server."""
    steps = notifier(context).probe()
    if context.json:
        context.echo_json(
            [{"phase": s.phase, "ok": s.ok, "code": s.code, "text": s.text} for s in steps]
        )
    else:
        for step in steps:
            context.echo(step_line(context, step))
        if not all(step.ok for step in steps):
            tell_failure(context, steps)
    return 0 if all(step.ok for step in steps) else HELD


def _whole(context: Context, number: int) -> tuple[Mail, bytes]:
    """Return a mail and its bytes. Raises: NotFound, also once they were erased."""
    from engine.store import outbox

    with context.database().reading() as connection:
        mail = outbox.mail(connection, number)
    if mail is None:
        raise NotFound(N_("there is no mail {number}; see: traject mail list"), number=number)
    if mail.mime is None:
        raise NotFound(N_("the contents of mail {number} were erased"), number=number)
    return mail, mail.mime


def _stale(context: Context, mail: Mail) -> bool:
    """Tell whether a mail that waits will leave in other words."""
    if mail.status not in ("queued", "held"):
        return False
    from engine.dispatch.leaving import out_of_date
    from engine.store.transaction import Transaction

    room = post(context)
    with context.database().reading() as connection:
        return out_of_date(room, Transaction(connection, context.now()), mail)


def _one_of(ref: str | None, number: int | None) -> None:
    """Refuse when neither or both of a trajectory and a mail are named."""
    if (ref is None) == (number is None):
        raise BadInput(N_("name a trajectory, or one mail with --mail NUMBER"))


def _trajectory(context: Context, typed: str | None) -> str | None:
    """Return the trajectory that was named; a number may turn out to be that of a mail."""
    from engine.store import outbox

    if typed is None:
        return None
    try:
        return context.ref(typed)
    except NotFound:
        if not (typed.isascii() and typed.isdigit() and len(typed) < LONGEST_NUMBER):
            raise
        with context.database().reading() as connection:
            known = outbox.mail(connection, int(typed)) is not None
        if not known:
            raise
    raise NotFound(
        N_("there is no trajectory {number}; mail {number} is named with --mail {number}"),
        number=typed,
    )


def _report(
    context: Context, found: list[Mail], template: str, *, dry_run: bool, **values: object
) -> None:
    """Print the mails that a decision concerned, or would concern."""
    if context.json:
        refs = _refs(context)
        context.echo_json([mail_page.as_json(mail, refs) for mail in found])
        return
    if dry_run:
        context.say(outcomes.DRY)
    context.say(template, count=len(found), **values)
    mail_page.print_lines(context, found)


def _refs(context: Context) -> dict[str, str]:
    """Return the reference of every trajectory, by UUID."""
    from engine.store import outbox

    with context.database().reading() as connection:
        return outbox.references(connection)
