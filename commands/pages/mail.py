"""How a mail is shown: on two lines of a list, as a page of its own, and in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commands.effects.resting import HELD, queue
from commands.frame.context import Context
from commands.pages import wording
from commands.pages.columns import flowing, wrapped
from engine.domain.words import N_, Say, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
REFUSED = 500  # codes of SMTP from here on: no, for good
UNKNOWN = N_("Nobody knows whether it arrived: it may have done so up to {n} times already.")
UNKNOWN_ONCE = N_("Nobody knows whether it arrived: it may have done so already.")
ASK_FIRST = N_("Ask the reader. Did not arrive? traject mail release --mail {number}")
MANY = N_("It is held because many mails would leave at once. See: traject mail list")
STOPPED = N_("It is held until somebody lets it go: traject mail release --mail {number}")
NEVER = N_("It cannot be delivered, and is not tried again.")
GIVEN_UP = N_("It was put off too often, and is not tried again.")
ONCE_MORE = N_("Nobody knows whether it arrived; the same mail goes once more.")
ANSWER = N_("Last answer: {text}")
AGAIN = N_("To try it again: traject mail retry {number}")
ALL, WHOLE = N_("all trajectories"), N_("the whole history")
CHECKPOINT = "checkpoint"
LEFT, FREE = ("sent", "written"), ("queued", "uncertain")


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
    far = status(context, mail, rests=_resting(context)(mail))
    context.say(N_("Status: {status}"), status=far)
    for sentence in _why(context, mail):
        for line in wrapped(context.words.say(sentence)):
            context.echo(line)
    if stale:
        anew = N_("These words are out of date: it is written anew when it leaves.")
        for line in wrapped(context.in_words(anew)):
            context.echo(line)
    context.echo()
    context.echo(shown["text"].rstrip())


def _why(context: Context, mail: Mail) -> Iterator[Say]:
    """Yield why a mail is held, tried again or given up, what was answered, and what to do."""
    if mail.status == "held" and mail.uncertain:
        yield say(UNKNOWN if mail.uncertain > 1 else UNKNOWN_ONCE, n=mail.uncertain)
        yield say(ASK_FIRST, number=mail.id)
    elif mail.status == "held":
        yield say(MANY if mail.id in queue(context).get("before", ()) else STOPPED, number=mail.id)
    elif mail.status == "dead":
        yield say(GIVEN_UP if mail.last_code and mail.last_code < REFUSED else NEVER)
    elif mail.status == "uncertain":
        yield say(ONCE_MORE)
    elif mail.status != "queued":
        return
    if mail.last_code or mail.last_text:
        from commands.mailing.road import in_our_words

        text = in_our_words(context, mail.last_text or "")
        yield say(ANSWER, text=f"{mail.last_code or ''} {text}".strip())
    if mail.status == "dead":
        yield say(AGAIN, number=mail.id)


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
    resting = _resting(context)
    about = {line.id: (line.ref, wording.places(line.municipalities)) for line in found}
    for mail in mails:
        ref, place = about.get(mail.trajectory, ("", ""))
        if not mail.of_trajectory:
            place = context.in_words(WHOLE if mail.notice == CHECKPOINT else ALL)
        to = mail.recipient or context.in_words(N_("(erased)"))
        what = wording.notice(context, mail.notice)
        far = status(context, mail, rests=resting(mail))
        first, *more = flowing((f"{ref} {place}".lstrip(), far), indent=7)
        below = wrapped(f"{what}: {to}", indent=7, hanging=2)
        for line in (f"{mail.id:>5}  {first.lstrip()}", *more, *below):
            context.echo(line)


def _resting(context: Context) -> Callable[[Mail], bool]:
    """Return what tells whether a mail waits until a person lets the whole queue go."""
    from engine.store import holds

    if queue(context)["state"] != HELD:
        return lambda _: False
    with context.database().reading() as connection:
        passing = holds.passing(connection)
    return lambda mail: mail.id not in passing


def status(context: Context, mail: Mail, *, rests: bool = False) -> str:
    """Return how far a mail is, and when it left or leaves; `rests`: not before the queue does."""
    told = context.in_words(STATUS[mail.status])
    if mail.status in LEFT and mail.sent_at is not None:
        return f"{told}, {wording.moment(context, mail.sent_at)}"
    if mail.status not in FREE:
        return told
    if rests:
        return f"{told}, {context.in_words(N_('once mails may leave again'))}"
    if mail.next_at <= context.now():
        return f"{told}, {context.in_words(N_('at the first round'))}"
    tried = mail.status == "uncertain" or mail.attempts
    template = N_("next attempt {at}") if tried else N_("leaves {at}")
    return f"{told}, {context.in_words(template, at=wording.moment(context, mail.next_at))}"
