"""The mails of a case file: what became of each, where it lies, and what stands above them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from commands.frame.context import Context
from commands.pages.mail import STATUS
from commands.pages.wording import notice
from engine.domain.words import N_
from engine.municipalities import by_nis

if TYPE_CHECKING:
    from engine.store.departures import LeftMail
    from engine.store.dossiers import Dossier

HEADS = (N_("Moment"), N_("To"), N_("Subject"), N_("File"))
MAILED = {  # a heading and a note, by what became of the mails
    "written": (
        N_("Mails, kept as files and not sent"),
        N_(
            "No mail server was set at the time: each of these was written as a file, and went to "
            "nobody."
        ),
    ),
    "mixed": (
        N_("Mails, and what became of them"),
        N_(
            "Below each stands what became of it: whether it was sent, or may have arrived; was "
            "kept as a file and went to nobody, as no mail server was set at the time; or could "
            "not be delivered, and is no file here."
        ),
    ),
    "sent": (
        N_("Mails that left"),
        N_("Of a mail that may have arrived, that stands below it."),
    ),
}
ANSWERED = N_("{state}: “{reply}”")  # what became of a mail, in the words of a mail server


def of(context: Context, dossier: Dossier, mails: Sequence[LeftMail]) -> dict[str, Any]:
    """Return what the page says of the mails: a heading, a note, and a row each."""
    head, note = MAILED.get(became({one.status for one in mails}), ("", ""))
    return {
        "mails_head": context.in_words(head) if head else "",
        "mails_note": context.in_words(note) if note else "",
        "mail_heads": [context.in_words(one) for one in HEADS],
        "mails": [_row(context, dossier, one) for one in mails],
    }


def became(states: Collection[str]) -> str:
    """Return what became of mails: `written` as files, `sent`, `mixed`; "" without mails."""
    if not states:
        return ""
    if set(states) <= {"sent", "uncertain"}:
        return "sent"
    return "written" if set(states) == {"written"} else "mixed"


def mail_file(number: int) -> str:
    """Return where a mail lies in a case file."""
    return f"mails/{number:06d}.eml"


def _row(context: Context, dossier: Dossier, mail: LeftMail) -> dict[str, str]:
    """Return the row of a mail."""
    from engine.domain.narrative.names import Names
    from engine.domain.workdays import BRUSSELS
    from engine.store.departures import DEAD

    lies = mail.mime is not None and mail.status != DEAD
    names = Names(place=lambda nis: by_nis(nis).name, people=dossier.people)
    to = context.in_words(N_("{name}"), name=names.person(mail.person))
    state = context.words.text(STATUS[mail.status])
    if mail.reply:
        state = context.in_words(ANSWERED, state=state, reply=mail.reply)
    at = mail.at.astimezone(BRUSSELS)
    return {
        "at": f"{context.words.short_day(at.date())} {at:%H:%M}",
        "to": to,
        "subject": mail.subject or notice(context, mail.notice),
        "state": state,
        "file": mail_file(mail.id) if lies else "",
        "gone": context.in_words(N_("(erased)")) if mail.mime is None else "",
    }
