"""The mail desk: list, show, hold, release and retry mails, and try the road to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from commands import outcomes, resting, wording
from commands.context import Context
from commands.running import HELD, notifier, post
from commands.shape import command, option
from engine.domain.errors import BadInput, NotFound
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.store.outbox import Mail

STATUS = {
    "queued": N_("ready to leave"),
    "held": N_("held back"),
    "sending": N_("on its way"),
    "uncertain": N_("may have arrived"),
    "sent": N_("sent"),
    "written": N_("kept as a file, not sent"),
    "dead": N_("not delivered"),
    "cancelled": N_("cancelled"),
}
HEADERS = ("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References")
READ = ("From", "To", "Subject", "Date")  # what a person reads first
dry_run = option("--dry-run", is_flag=True, help=N_("Only show it; change nothing."))


@command(json=True)
@click.argument("ref", required=False)
@option(
    "--status",
    type=click.Choice(tuple(STATUS)),
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
        context.echo_json([_as_json(mail, refs) for mail in found])
        return
    for line in resting.resting(context, resting.queue(context)):
        context.echo(line)
    for mail in found:
        context.echo(_line(context, mail, refs))
    if not found:
        context.say(N_("No mails."))
        resting.tell_due(context, refs, chosen)


@command(
    json=True,
    details=N_("What --raw prints is the mail as it is: save it as .eml to open it."),
)
@click.argument("number", type=int)
@option("--raw", is_flag=True, help=N_("The source, all headers and parts included."))
def mail_show(context: Context, number: int, raw: bool) -> None:
    """Print one mail."""
    from engine.store import outbox

    with context.database().reading() as connection:
        mail = outbox.mail(connection, number)
    if mail is None:
        raise NotFound(N_("there is no mail {number}; see: traject mail list"), number=number)
    if mail.mime is None:
        raise NotFound(N_("the contents of mail {number} were erased"), number=number)
    if context.json:
        context.echo_json(_as_json(mail, _refs(context)) | _contents(mail, mail.mime))
        return
    if raw:
        context.echo(mail.mime.decode("utf-8", "replace").replace("\r\n", "\n"))
        return
    shown = _contents(mail, mail.mime)
    for name in READ:
        if name in shown["headers"]:
            context.echo(f"{name}: {shown['headers'][name]}")
    context.say(N_("Status: {status}"), status=_status(context, mail))
    context.echo()
    context.echo(shown["text"].rstrip())


@command(
    details=N_("Holds what waits now, what a command of a moment ago caused included."), json=True
)
@click.argument("ref", required=False)
@option("--mail", "number", type=int, metavar="NUMBER", help=N_("Hold this one mail."))
@dry_run
def mail_hold(context: Context, ref: str | None, number: int | None, dry_run: bool) -> None:
    """Keep mails from leaving until they are released."""
    from engine.dispatch import desk

    _one_of(ref, number)
    found = desk.hold(
        context.desk(),
        post(context),
        ref=context.ref(ref) if ref else None,
        number=number,
        dry_run=dry_run,
    )
    _report(context, found, N_("Mails held back: {count}."), dry_run=dry_run)


@command(json=True)
@click.argument("ref", required=False)
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
    found = desk.release(
        context.desk(), ref=context.ref(ref) if ref else None, number=number, dry_run=dry_run
    )
    if everything and not dry_run:
        desk.wake_queue(context.desk())
    released = N_("Mails released: {count}; each leaves at the first round after its moment:")
    if not found:
        released = N_("Mails released: {count}.")
    _report(context, found, released, dry_run=dry_run)


@command(json=True)
@click.argument("number", type=int)
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
            mark = context.in_words(N_("in order")) if step.ok else context.in_words(N_("refused"))
            context.echo(f"{step.phase:<8} {mark}  {step.code or ''} {step.text}".rstrip())
    return 0 if all(step.ok for step in steps) else HELD


def _one_of(ref: str | None, number: int | None) -> None:
    """Refuse when neither or both of a trajectory and a mail are named."""
    if (ref is None) == (number is None):
        raise BadInput(N_("name a trajectory, or one mail with --mail NUMBER"))


def _report(
    context: Context, found: list[Mail], template: str, *, dry_run: bool, **values: object
) -> None:
    """Print the mails that a decision concerned, or would concern."""
    refs = _refs(context)
    if context.json:
        context.echo_json([_as_json(mail, refs) for mail in found])
        return
    if dry_run:
        context.say(outcomes.DRY)
    context.say(template, count=len(found), **values)
    for mail in found:
        context.echo(_line(context, mail, refs))


def _refs(context: Context) -> dict[str, str]:
    """Return the reference of every trajectory, by UUID."""
    from engine.store import outbox

    with context.database().reading() as connection:
        return outbox.references(connection)


def _contents(mail: Mail, mime: bytes) -> dict[str, Any]:
    """Return what a mail says: envelope, the headers that matter, and the text."""
    from email import message_from_bytes, policy

    message = message_from_bytes(mime, policy=policy.default)
    body = message.get_body(("plain",))
    return {
        "envelope": {"from": mail.envelope_from, "to": mail.envelope_to},
        "headers": {name: str(message[name]) for name in HEADERS if message[name] is not None},
        "text": body.get_content().replace("\r\n", "\n") if body is not None else "",
    }


def _as_json(mail: Mail, refs: dict[str, str]) -> dict[str, Any]:
    """Return a mail in the fixed shape."""
    return {
        "id": mail.id,
        "status": mail.status,
        "trajectory": refs.get(mail.trajectory or ""),
        "notice": mail.notice,
        "to": mail.recipient,
        "subject": mail.subject,
        "message_id": mail.message_id,
        "attempts": mail.attempts,
        "not_before": mail.not_before,
        "sent_at": mail.sent_at,
        "next_at": mail.next_at,
        "last": {"phase": mail.last_phase, "code": mail.last_code, "text": mail.last_text},
    }


def _line(context: Context, mail: Mail, refs: dict[str, str]) -> str:
    """Return a mail on two lines: which, how far, when; what it says, to whom."""
    status = _status(context, mail)
    to = mail.recipient or context.in_words(N_("(erased)"))
    ref = refs.get(mail.trajectory or "", "")
    what = wording.notice(context, mail.notice)
    return f"{mail.id:>5}  {ref:<9} {status}\n       {what}: {to}"


def _status(context: Context, mail: Mail) -> str:
    """Return how far a mail is, and when it left or leaves."""
    at = mail.sent_at or mail.next_at
    return f"{context.in_words(STATUS[mail.status])}, {wording.moment(context, at)}"
