"""How a mail is shown: on two lines of a list, as a page of its own, and in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commands import wording
from commands.columns import flowing, wrapped
from commands.context import Context
from engine.domain.words import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

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
READ = {  # what a person reads first
    "From": N_("From: {text}"),
    "To": N_("To: {text}"),
    "Subject": N_("Subject: {text}"),
    "Date": N_("Date: {text}"),
}
PEOPLE = ("From", "To")


def tell(context: Context, mail: Mail, mime: bytes, *, stale: bool = False) -> None:
    """Print a mail as people read it; `stale`: it will not leave in these words."""
    shown = contents(mail, mime)
    for name, template in READ.items():
        if name in shown["headers"]:
            text = shown["headers"][name]
            said = _dated(context, text) if name == "Date" else text
            text = wording.mailbox(said) if name in PEOPLE else said
            for line in wrapped(context.in_words(template, text=text), hanging=2):
                context.echo(line)
    context.say(N_("Status: {status}"), status=status(context, mail))
    if stale:
        anew = N_("These words are out of date: it is written anew when it leaves.")
        for line in wrapped(context.in_words(anew)):
            context.echo(line)
    context.echo()
    context.echo(shown["text"].rstrip())


def _dated(context: Context, header: str) -> str:
    """Return the day and hour of a mail in the reader's language."""
    from email.utils import parsedate_to_datetime

    from engine.domain.workdays import BRUSSELS

    local = parsedate_to_datetime(header).astimezone(BRUSSELS)
    return f"{context.words.day(local.date())} {local:%H:%M}"


def contents(mail: Mail, mime: bytes) -> dict[str, Any]:
    """Return what a mail says: envelope, the headers that matter, and the text."""
    from email import message_from_bytes, policy

    message = message_from_bytes(mime, policy=policy.default)
    body = message.get_body(("plain",))
    return {
        "envelope": {"from": mail.envelope_from, "to": mail.envelope_to},
        "headers": {name: str(message[name]) for name in HEADERS if message[name] is not None},
        "text": body.get_content().replace("\r\n", "\n") if body is not None else "",
    }


def as_json(mail: Mail, refs: dict[str, str]) -> dict[str, Any]:
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


def print_lines(context: Context, mails: Sequence[Mail]) -> None:
    """Print each mail: which, where, how far and when; below that what it says, to whom."""
    from engine.store import queries

    with context.database().reading() as connection:
        found = queries.overview(connection, context.today(), queries.STATUSES)
    about = {line.id: (line.ref, wording.places(line.municipalities)) for line in found}
    for mail in mails:
        ref, place = about.get(mail.trajectory, ("", ""))
        if not mail.of_trajectory:
            place = context.in_words(N_("all trajectories"))
        to = mail.recipient or context.in_words(N_("(erased)"))
        what = wording.notice(context, mail.notice)
        first, *more = flowing((f"{ref} {place}".lstrip(), status(context, mail)), indent=7)
        below = wrapped(f"{what}: {to}", indent=7, hanging=2)
        for line in (f"{mail.id:>5}  {first.lstrip()}", *more, *below):
            context.echo(line)


def status(context: Context, mail: Mail) -> str:
    """Return how far a mail is, and when it left or leaves."""
    at = mail.sent_at or mail.next_at
    return f"{context.in_words(STATUS[mail.status])}, {wording.moment(context, at)}"
