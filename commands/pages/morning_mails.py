"""The mails of the morning: those about to leave, how to stop them, and the undelivered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from commands.frame.context import Context
from commands.pages.columns import columns, wrapped
from commands.pages.morning import Page
from commands.pages.morning_rows import MOST_LINES, Rows, Told
from commands.pages.wording import MAILS, mailbox, notice, person, places, points, short
from engine.dispatch.forecast import Expected
from engine.domain.people import COACH, LEAD
from engine.domain.recipients import recipients
from engine.domain.trajectory import ReminderState
from engine.domain.wanted import NAGS, open_points
from engine.domain.words import N_
from engine.domain.workdays import BRUSSELS, brussels_day
from engine.language import SHORT_WEEKDAYS
from engine.municipalities import names
from engine.store.dossiers import Dossier, Left, Unread

MOST_STOPPED = 3  # trajectories whose commands are written out
UNSAID = N_("{notice} could not be written for {role} {place}")
NO_SUCH_ADDRESS = re.compile(r"\b5\.1\.\d|user unknown|no such (?:user|address)", re.IGNORECASE)


def coming(rows: Rows, mails: Sequence[tuple[Dossier, Expected]]) -> Iterator[Told]:
    """Yield the mails about to leave, and how to stop them."""
    context = rows.context
    table = [_leaving(context, dossier, mail) for dossier, mail in mails[:MOST_LINES]]
    yield from ((line, "") for line in columns(table, cut=((1, 2),), indent=1))
    if len(mails) > MOST_LINES:
        more = context.in_words(N_("and {n} more"), n=len(mails) - MOST_LINES)
        yield from ((line, "") for line in wrapped(more, indent=5))
    yield from _enough(context, mails)
    outside = [(d, mail) for d, mail in mails[:MOST_LINES] if mail.role not in (COACH, LEAD)]
    refs = list(dict.fromkeys(d.trajectory.ref for d, _ in outside or mails[:MOST_LINES]))
    question = context.in_words(N_("one is not right any more?"))
    for ref in refs[:MOST_STOPPED]:
        handle = context.handle(ref)
        # only a reminder of open points is answered by meeting one
        nags = any(m.notice in NAGS and d.trajectory.ref == ref for d, m in mails)
        meet = [f"traject meet {handle}"] if nags else []
        yield from rows.stops(question, *meet, f"traject mail hold {handle}")
        question = ""
    if len(refs) > MOST_STOPPED:
        text = context.in_words(N_("the others in the same way"))
        yield from ((line, "") for line in wrapped(text, indent=5))


def _enough(context: Context, mails: Sequence[tuple[Dossier, Expected]]) -> Iterator[Told]:
    """Yield whose mails wait for another day, as they had enough of them on one."""
    waiting: dict[tuple[str, date], int] = {}
    for dossier, mail in mails:
        if any(one.enough and one.mail == mail.mail for one in dossier.waiting):
            key = mail.name, brussels_day(mail.at)
            waiting[key] = waiting.get(key, 0) + 1
    for (name, day), n in waiting.items():
        template = N_("{name} had enough mails for one day: {n} more wait until {day}")
        text = context.in_words(template, name=name, n=n, day=short(context, day))
        yield from ((line, "") for line in wrapped(text, indent=5))


def _leaving(context: Context, dossier: Dossier, mail: Expected) -> tuple[str, str, str]:
    """Return the cells of a mail: when, to whom, what it says."""
    at = mail.at.astimezone(BRUSSELS)
    when = f"{context.words.text(SHORT_WEEKDAYS[at.weekday()])} {at:%H:%M}"
    to = f"{mail.name} ({places(dossier.trajectory.current_municipalities())})"
    return when, to, _subject(context, dossier, mail)


def _subject(context: Context, dossier: Dossier, mail: Expected) -> str:
    """Return what a mail says; of a reminder how many points and by when."""
    what, reminder = notice(context, mail.notice), _reminder(dossier, mail)
    if reminder is None or mail.notice not in NAGS:
        return what
    own = dossier.trajectory
    ours = mail.role in (COACH, LEAD)
    found = open_points(own, dossier.pinned, reminder)
    count = sum(ours or criterion.who != COACH for _, criterion in found)
    standing = own.deadlines.get((reminder.entry or 0, reminder.deadline))
    if standing is None or mail.notice != "deadline_soon":
        return f"{what}, {points(context, count)}"
    day = short(context, standing.deadline.due_on)
    return context.in_words(N_("{points} left by {day}"), points=points(context, count), day=day)


def _reminder(dossier: Dossier, mail: Expected) -> ReminderState | None:
    """Return the reminder that a mail is made of, None where there is none."""
    if mail.mail is not None:
        return next((w.reminder for w in dossier.waiting if w.mail == mail.mail), None)
    key = (mail.notice, mail.rule, mail.role)
    planned = dossier.trajectory.planned()
    return next((r for r in planned if (r.notice, r.rule, r.role) == key), None)


def undelivered(rows: Rows, page: Page) -> Iterator[Told]:
    """Yield the mails that did not arrive, and those that nobody could get."""
    for dossier, mail in page.lost:
        yield from _lost(rows, dossier, mail)
    said = set()
    for dossier, one in page.unread:
        ref, text = dossier.trajectory.ref, _nobody(rows.context, dossier, one)
        if (ref, text) not in said:
            yield from rows.line(dossier.trajectory, text)
            if one.reason == "no_recipient":
                yield from rows.command(f"traject contact add {rows.context.handle(ref)}")
        said.add((ref, text))
    for mail in page.digests:
        text = _digest(rows.context, mail)
        yield from rows.below([(text, f"traject mail show {mail.mail}")])
    if page.failed:
        text = rows.context.in_words(
            N_("at the last round {n} could not be written"), n=page.failed
        )
        yield from rows.below([(text, "traject doctor")])


def _lost(rows: Rows, dossier: Dossier, mail: Left) -> Iterator[Told]:
    """Yield a mail that is dead, held or uncertain: who, why, and the command that mends it."""
    context = rows.context
    kind, _, number = (mail.person or "contact:0").partition(":")
    known = dossier.people.contacts if kind == "contact" else dossier.people.actors
    reader = known.get(int(number))
    who = person(context, getattr(reader, "name", None), int(number), kind)
    why, mended = context.words.text(MAILS[mail.status]), f"traject mail show {mail.mail}"
    if mail.status == "dead" and NO_SUCH_ADDRESS.search(mail.text or ""):
        why = context.in_words(N_("the address does not exist"))
        if mail.readdressed(getattr(reader, "email", None)):
            mended = f"traject mail retry {mail.mail}"
        elif kind == "contact":
            mended = f"traject contact change {context.handle(dossier.trajectory.ref)}"
    elif mail.status == "dead" and mail.text:
        why = f"{why} ({mail.text})"
    elif mail.status == "held":
        times = _unclear(context, mail)
        if times:
            template = N_("may have arrived up to {n} times already: ask, then let it go or not")
            why = context.in_words(template, n=times)
        else:
            mended = f"traject mail release --mail {mail.mail}"
    text = context.in_words(
        N_("{who}, {notice}: {why}"), who=who, notice=notice(context, mail.notice), why=why
    )
    yield from rows.line(dossier.trajectory, text)
    yield from rows.command(mended)


def _unclear(context: Context, mail: Left) -> int:
    """Return how often a held mail may have arrived: no answer told what became of it."""
    from engine.store import outbox

    with context.database().reading() as connection:
        found = outbox.mail(connection, mail.mail)
    return found.uncertain if found is not None else 0


def _digest(context: Context, mail: Left) -> str:
    """Return whose digest of the day did not arrive, and why."""
    template = N_("{notice} for {who}: {why}")
    why, what = context.words.text(MAILS[mail.status]), notice(context, mail.notice)
    return context.in_words(template, notice=what, who=mailbox(mail.to or ""), why=why)


def _nobody(context: Context, dossier: Dossier, one: Unread) -> str:
    """Return which role nobody has, or for whom a mail could not be written."""
    role = dossier.pinned.workflow.roles[one.role]
    places: tuple[str, ...] = (one.nis,) if one.nis else ()
    template = UNSAID
    if one.reason == "no_recipient":
        template = N_("no address known for {role} {place}")
        if role.per is not None and not places:
            places = _vacant(dossier, one.role)
    what = notice(context, one.notice)
    place = " + ".join(names(places))
    return context.in_words(template, role=role.label, place=place, notice=what).rstrip()


def _vacant(dossier: Dossier, role: str) -> tuple[str, ...]:
    """Return the municipalities where nobody with an address has a role."""
    own = dossier.trajectory
    present = own.current_municipalities()
    return tuple(nis for nis in present if not recipients(role, own, dossier.people, nis=nis))
