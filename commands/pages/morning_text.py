"""The coach's morning as text: one part after another, empty ones left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from commands.absence import absence
from commands.effects.resting import HELD, resting
from commands.frame.context import Context
from commands.frame.identity import AUDITOR
from commands.health.rounds import silence
from commands.health.witnesses import alarm
from commands.pages.columns import alone, wrapped
from commands.pages.morning import Page
from commands.pages.morning_mails import coming, undelivered
from commands.pages.morning_rows import YOU, Rows, Told, active_on, rows_of
from commands.pages.wording import (
    open_points,
    person,
    points,
    recent,
    short,
    working_days,
)
from commands.privacy.retention import review
from commands.snoozing import resting as resting_reminders
from engine.domain.morning import Appointment, Asked, Case, Dated
from engine.domain.words import N_
from engine.municipalities import names

NOTHING = N_("You coach no trajectory. A new one: traject start. Those of all: traject --all")
READER = N_("An auditor coaches no trajectory. Those of all: traject --all")
FEW = 2  # points that are named one by one
COUNTS = {
    "active": N_("{n} active"),
    "paused": N_("{n} paused"),
    "requested": N_("{n} requested"),
}

HEADS = {
    False: N_("MAILS THAT LEAVE TODAY AND TOMORROW"),
    True: N_("MAILS OF TODAY AND TOMORROW, HELD BACK"),  # the whole queue is
}


def print_page(context: Context, page: Page) -> None:
    """Print the page; parts without a line are left out."""
    said = [*_greeting(context, page), *_absences(context, page)]
    said += [*alarm(context), *silence(context, page.last_round)]
    said += [*resting(context, page.queue), *review(context)]
    for line in said:
        context.echo(line)
    today, rows = page.morning, rows_of(context, page)
    parts: tuple[tuple[str, Iterator[Told], int], ...] = (
        (N_("PAST THE TARGET DATE"), _late(rows, today.overdue), len(today.overdue)),
        (N_("TODAY"), _appointments(rows, today.today), len(today.today)),
        (
            N_("THIS WEEK"),
            _near(rows, today.soon, today.pauses),
            len(today.soon) + len(today.pauses),
        ),
        (N_("WAITING FOR THE MUNICIPALITY"), _asked(rows, today.waiting), len(today.waiting)),
        (N_("REQUESTS"), _requests(rows, today.requests), len(today.requests)),
        (HEADS[page.queue["state"] == HELD], coming(rows, page.mails), len(page.mails)),
        (
            N_("NOT DELIVERED"),
            undelivered(rows, page),
            len(page.lost) + len(page.unread) + len(page.digests) + page.failed,
        ),
    )
    for title, lines, count in parts:
        if count:
            context.echo()
            context.head(title)
            for line, late in lines:
                context.echo(line, late=late)
    context.echo()
    for line in _close(context, page):
        context.echo(line)


def _greeting(context: Context, page: Page) -> list[str]:
    """Return the day, and how many trajectories there are."""
    counts = {status: n for status, n in page.morning.counts.items() if n}
    day = context.words.day(context.today())
    total, name = sum(counts.values()), person(context, page.actor.name, page.actor.id, "actor")
    template = N_("Hello {name}. {day}. {count} trajectories: {kinds}.")
    if total < 2:
        template = N_("Hello {name}. {day}. 1 trajectory: {kinds}.")
    if not total:
        template = N_("Hello {name}. {day}. No trajectories.")
    sentence = context.in_words(
        template,
        name=name if page.actor.name is None or "," in name else name.split()[0],
        day=day[:1].upper() + day[1:],
        count=total,
        kinds=tuple(context.in_words(COUNTS[status], n=n) for status, n in counts.items()),
    )
    return wrapped(sentence)


def _absences(context: Context, page: Page) -> Iterator[str]:
    """Yield for whom the reader stands in, or who stands in for the reader."""
    for away in page.away:
        until = short(context, away.away_until) if away.away_until else ""
        name = person(context, away.name, away.id, "actor")
        template = N_("You stand in for {name} until {until}: those trajectories stand here too.")
        yield from wrapped(context.in_words(template, name=name, until=until))
    if text := absence(context, page.actor):
        yield from wrapped(context.in_words(N_("You: {absence}."), absence=text))
        yield from alone(context.hint("traject away --back"))


def _rests(rows: Rows, one: Dated) -> Iterator[Told]:
    """Yield that reminders of a trajectory rest, below its row."""
    for text in resting_reminders(rows.context, one.trajectory, one.pinned.workflow):
        yield from ((line, "") for line in wrapped(text, indent=5))


def _late(rows: Rows, overdue: Sequence[Dated]) -> Iterator[Told]:
    """Yield each trajectory past its date, with what would help."""
    context = rows.context
    lateness = [working_days(context, one.working_days) for one in overdue]
    table = [_dated(rows, one, days) for one, days in zip(overdue, lateness, strict=True)]
    for one, lines, late in zip(overdue, rows.table(table), lateness, strict=True):
        yield from ((line, late) for line in lines)
        handle = context.handle(one.trajectory.ref)
        if not one.points:
            text = context.in_words(N_("everything is in order; move on?"))
            yield from rows.below([(text, f"traject advance {handle}")])
        else:
            yield from ((line, "") for line in wrapped(_points(rows, one), indent=5))
        yield from _rests(rows, one)
        if one.silent:
            text = context.in_words(N_("no more reminders: call, or"))
            yield from rows.below([(text, f"traject pause {handle}")])


def _points(rows: Rows, one: Dated) -> str:
    """Return how many points are open, in whose hands, and which where they are few."""
    context, count = rows.context, len(one.points)
    by_hand: dict[str, list[str]] = {}
    for name, criterion in one.points:
        own = rows.hands(one.trajectory, one.pinned, name, criterion)
        by_hand.setdefault(own, []).append(context.words.label(criterion.label))
    if count > FEW:
        mine, text = len(by_hand.get(YOU, ())), open_points(context, count)
        return context.in_words(N_("{points}, {n} with you"), points=text, n=mine) if mine else text
    held = [
        context.in_words(
            N_("with you: {what}") if who == YOU else N_("with {who}: {what}"),
            who=who,
            what=tuple(what),
        )
        for who, what in by_hand.items()
    ]
    return f"{points(context, count)}, {'; '.join(held)}"


def _near(rows: Rows, soon: Sequence[Dated], pauses: Sequence[Case]) -> Iterator[Told]:
    """Yield the dates of the coming week, then the pauses that end in it."""
    context = rows.context
    table = [_dated(rows, one, open_points(context, len(one.points))) for one in soon]
    for one, lines in zip(soon, rows.table(table), strict=True):
        yield from ((line, "") for line in lines)
        yield from _rests(rows, one)
    for own, _ in pauses:
        text = context.in_words(
            N_("resume on {until}? paused since {since}"),
            until=short(context, own.paused_until) if own.paused_until else "",
            since=short(context, own.paused_on) if own.paused_on else "",
        )
        yield from rows.line(own, text)
        yield from rows.command(f"traject resume {context.handle(own.ref)}")


def _dated(rows: Rows, one: Dated, rest: str) -> tuple[str, ...]:
    """Return the cells of a trajectory with a date: its name, what is due, the date, and more."""
    label = rows.context.words.label(one.label)
    return *rows.lead(one.trajectory), label, short(rows.context, one.due_on), rest


def _appointments(rows: Rows, today: Sequence[Appointment]) -> Iterator[Told]:
    """Yield what is planned today, and what was planned and is not noted yet."""
    context = rows.context
    for one in today:
        past = one.on < context.today()
        when = " ".join(filter(None, (short(context, one.on) if past else "", one.time)))
        template = (
            N_("{when} {label}: did it take place?") if past else N_("{when} planned: {label}")
        )
        sentence = context.in_words(template, when=when, label=one.criterion.label).strip()
        yield from rows.line(one.trajectory, sentence)
        handle = context.handle(one.trajectory.ref)
        yield from rows.command(f"traject meet {handle} {one.number}")


def _asked(rows: Rows, waiting: Sequence[Asked]) -> Iterator[Told]:
    """Yield the consents that were asked for and did not come."""
    context = rows.context
    for one in waiting:
        several = len(one.trajectory.current_municipalities()) > 1
        sentence = context.in_words(
            N_("{label}: {places}, asked {days}") if several else N_("{label}, asked {days}"),
            label=one.criterion.label,
            places=names(one.municipalities),
            days=_ago(context, one.days),
        )
        yield from rows.line(one.trajectory, sentence)


def _ago(context: Context, days: int) -> str:
    """Return how many days ago something was."""
    if days < 2:
        return context.in_words(N_("yesterday") if days else N_("today"))
    return context.in_words(N_("{n} days ago"), n=days)


def _requests(rows: Rows, requests: Sequence[Case]) -> Iterator[Told]:
    """Yield the applications that wait for an answer."""
    for own, pinned in requests:
        yield from rows.line(own, rows.context.words.label(pinned.workflow.label))
        yield from rows.command(f"traject accept {rows.context.handle(own.ref)}")


def _close(context: Context, page: Page) -> Iterator[str]:
    """Yield how many have nothing on this page, and when mail last went its round."""
    counts = page.morning.counts
    easy, total = max(counts["active"] - active_on(page), 0), sum(counts.values())
    template = N_("On schedule: {n} others (traject list).")
    if not easy:
        template = N_("All of them: traject list.")
    elif easy == 1 < total:
        template = N_("On schedule: 1 other (traject list).")
    elif easy == counts["active"]:
        template = N_("On schedule: all {n} (traject list).")
        if total == 1:
            template = N_("On schedule (traject list).")
    sentence = context.in_words(template, n=easy)
    if page.last_round is None:
        last = context.in_words(N_("No mail round yet: traject tick"))
    else:
        last = context.in_words(N_("Last mail round: {at}."), at=recent(context, page.last_round))
    yield from wrapped(f"{sentence} {last}" if total else last)
    if not page.everybody and not total:
        reads = context.actor().role == AUDITOR
        yield from wrapped(context.in_words(READER if reads else NOTHING))
