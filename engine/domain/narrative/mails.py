"""Sentences about planned mails and what became of them."""

from __future__ import annotations

from typing import Any

from engine.domain.events import (
    Event,
    MailCancelled,
    MailDead,
    MailDeferred,
    MailHeld,
    MailQueued,
    MailReleased,
    MailSent,
    MailUncertain,
    MailWritten,
    ReminderFired,
    ReminderSkipped,
    ReminderSuperseded,
)
from engine.domain.narrative.labels import NOTICES, REASONS
from engine.domain.narrative.names import Names, Teller, quoted
from engine.domain.words import N_, Say, say


def _fired(fact: ReminderFired, event: Event, names: Names) -> Say:
    template = (
        N_("{notice}: 1 mail made") if len(fact.mails) == 1 else N_("{notice}: {n} mails made")
    )
    notice, _ = names.reminders.get(fact.reminder, ("", ""))
    return say(template, notice=_notice(notice), n=len(fact.mails))


def _superseded(fact: ReminderSuperseded, event: Event, names: Names) -> Say:
    return _planned(fact, N_("no longer planned ({reason}): {mails}"), names)


def _skipped(fact: ReminderSkipped, event: Event, names: Names) -> Say:
    return _planned(fact, N_("not mailed ({reason}): {mails}"), names)


def _planned(fact: ReminderSkipped | ReminderSuperseded, template: str, names: Names) -> Say:
    """Return the sentence with each kind of planned mail once."""
    kinds = dict.fromkeys(names.reminders.get(id_, ("", "")) for id_ in fact.reminders)
    mails = tuple(
        say(N_("{role} ({notice})"), notice=_notice(notice), role=names.role(role))
        for notice, role in kinds
        if notice
    ) or (str(len(fact.reminders)),)
    return Say(template, {"reason": _reason(fact.reason), "mails": mails})


def _queued(fact: MailQueued, event: Event, names: Names) -> Say:
    if fact.attempts:
        return _mail(N_("{mail}: not accepted yet; next try {at}"), fact, names, at=fact.not_before)
    if not fact.instead_of:
        return _mail(N_("{mail}: ready to leave"), fact, names)
    away = names.person(fact.instead_of)
    if fact.person.startswith("actor:"):
        return _mail(N_("{mail}: ready to leave, in place of {away}"), fact, names, away=away)
    actors = (key for key in fact.named if key.startswith("actor:"))
    signer = next((key for key in actors if key != fact.instead_of), None)
    template = N_("{mail}: ready to leave, signed by {other} in place of {away}")
    return _mail(template, fact, names, other=names.person(signer), away=away)


def _deferred(fact: MailDeferred, event: Event, names: Names) -> Say:
    template = N_("{mail}: waits until {at}, as its reader had enough mails that day")
    return _mail(template, fact, names, at=fact.until)


def _sent(fact: MailSent, event: Event, names: Names) -> Say:
    return _mail(N_("{mail}: sent"), fact, names)


def _written(fact: MailWritten, event: Event, names: Names) -> Say:
    return _mail(N_("{mail}: kept as a file, not sent"), fact, names)


def _uncertain(fact: MailUncertain, event: Event, names: Names) -> Say:
    return _mail(N_("{mail}: may have arrived"), fact, names)


def _dead(fact: MailDead, event: Event, names: Names) -> Say:
    if event.details.get("reply"):
        reply = quoted(event, "reply")
        return _mail(N_("{mail}: cannot be delivered: {reply}"), fact, names, reply=reply)
    return _mail(N_("{mail}: cannot be delivered"), fact, names)


def _held(fact: MailHeld, event: Event, names: Names) -> Say:
    if fact.reason == "uncertain":
        return _mail(N_("{mail}: held back, as nobody knows whether it arrived"), fact, names)
    if fact.reason == "many":
        return _mail(N_("{mail}: held back, as many were to leave at once"), fact, names)
    return _mail(N_("{mail}: held back"), fact, names)


def _released(fact: MailReleased, event: Event, names: Names) -> Say:
    return _mail(N_("{mail}: may leave again"), fact, names)


def _cancelled(fact: MailCancelled, event: Event, names: Names) -> Say:
    reason = _reason(fact.reason)
    return _mail(N_("{mail}: withdrawn before it left ({reason})"), fact, names, reason=reason)


def _mail(template: str, fact: Any, names: Names, **values: object) -> Say:
    """Return the sentence with the mail: to whom, and what it says."""
    notice, person = names.mails.get(fact.mail, ("", None))
    mail = say(N_("mail {number}"), number=fact.mail)
    if notice:
        template_of_mail = N_("mail to {person} ({notice})")
        mail = say(template_of_mail, person=names.person(person), notice=_notice(notice))
    return Say(template, {"mail": mail, **values})


def _notice(notice: str) -> Say | str:
    return Say(NOTICES[notice]) if notice in NOTICES else notice


def _reason(reason: str) -> Say | str:
    return Say(REASONS[reason]) if reason in REASONS else reason


TELLERS: dict[type, Teller] = {
    ReminderFired: _fired,
    ReminderSuperseded: _superseded,
    ReminderSkipped: _skipped,
    MailQueued: _queued,
    MailSent: _sent,
    MailWritten: _written,
    MailUncertain: _uncertain,
    MailDead: _dead,
    MailDeferred: _deferred,
    MailHeld: _held,
    MailReleased: _released,
    MailCancelled: _cancelled,
}
