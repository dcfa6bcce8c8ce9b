"""The coach's morning as text: one part after another, empty ones left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from commands.columns import columns, flowing, wrapped
from commands.context import Context
from commands.morning_page import Page
from commands.resting import resting
from commands.sheet_parts import add_contacts
from commands.wording import (
    MAILS,
    moment,
    notice,
    open_points,
    person,
    places,
    short,
    working_days,
)
from engine.dispatch.forecast import Expected
from engine.domain.morning import Appointment, Asked, Case, Dated
from engine.domain.people import COACH
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_
from engine.municipalities import by_nis, names
from engine.store.dossiers import Dossier

Row = tuple[str, str, str, str]

UNSAID = N_("{notice} could not be written for {role} {place}")
MOST_LINES = 12  # of the mails; who wants all of them asks for a forecast


def print_page(context: Context, page: Page) -> None:
    """Print the page; parts without a line are left out."""
    for line in (*_greeting(context, page), *resting(context, page.queue)):
        context.echo(line)
    today = page.morning
    parts: tuple[tuple[str, Iterator[str], int], ...] = (
        (N_("PAST THE TARGET DATE"), _late(context, today.overdue), len(today.overdue)),
        (N_("TODAY"), _appointments(context, today.today), len(today.today)),
        (
            N_("COMING WEEK"),
            _near(context, today.soon, today.pauses),
            len(today.soon) + len(today.pauses),
        ),
        (N_("WAITING FOR THE MUNICIPALITY"), _asked(context, today.waiting), len(today.waiting)),
        (N_("REQUESTS"), _requests(context, today.requests), len(today.requests)),
        (N_("MAILS THAT LEAVE TODAY AND TOMORROW"), _coming(context, page.mails), len(page.mails)),
        (
            N_("NOT DELIVERED"),
            _undelivered(context, page),
            len(page.lost) + len(page.unread) + page.failed,
        ),
    )
    for title, lines, count in parts:
        if count:
            context.echo()
            context.say(title)
            for line in lines:
                context.echo(line)
    context.echo()
    for line in _close(context, page):
        context.echo(line)


def _greeting(context: Context, page: Page) -> Iterator[str]:
    """Yield the day, and how many trajectories there are."""
    counts = page.morning.counts
    sentence = context.in_words(
        N_("Hello {name}. It is {day}. Active: {active}, paused: {paused}."),
        name=person(context, page.actor.name, page.actor.id, "actor"),
        day=context.words.day(context.today()),
        active=counts["active"],
        paused=counts["paused"],
    )
    yield from wrapped(sentence)


def _late(context: Context, overdue: Sequence[Dated]) -> Iterator[str]:
    """Yield each trajectory past its date, with what would help."""
    rows, details = [], []
    for one in overdue:
        rows.append(_dated(context, one, working_days(context, one.working_days)))
        below = wrapped(_points(context, one), indent=5)
        if one.silent:
            below += wrapped(context.in_words(N_("no more reminders: call, or")), indent=5)
            line = f"traject pause {one.trajectory.ref} --reason … --until …"
            below.append(f"     {context.hint(line)}")
        details.append(below)
    yield from _table(rows, details)


def _near(context: Context, soon: Sequence[Dated], pauses: Sequence[Case]) -> Iterator[str]:
    """Yield the dates of the coming week, then the pauses that end in it."""
    rows = [_dated(context, one, open_points(context, len(one.points))) for one in soon]
    details: list[list[str]] = [[] for _ in soon]
    for own, _ in pauses:
        until = short(context, own.paused_until) if own.paused_until else ""
        rows.append((_name(own), context.in_words(N_("pause ends")), until, ""))
        details.append([f"     {context.hint(f'traject resume {own.ref}')}"])
    yield from _table(rows, details)


def _dated(context: Context, one: Dated, rest: str) -> Row:
    """Return the cells of a trajectory with a date: its name, what is due, the date, and more."""
    label = context.words.label(one.label)
    return _name(one.trajectory), label, short(context, one.due_on), rest


def _table(rows: Sequence[Row], details: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield aligned rows, each with the lines below it; the phase gives way first."""
    for line, below in zip(columns(rows, cut=((1,), (0,)), indent=1), details, strict=True):
        yield line
        yield from below


def _appointments(context: Context, today: Sequence[Appointment]) -> Iterator[str]:
    """Yield what is planned today, and what was planned and is not noted yet."""
    for one in today:
        label = context.words.label(one.criterion.label)
        past = one.on < context.today()
        when = short(context, one.on) if past else one.time or ""
        template = N_("{label}: did it take place?") if past else N_("{label} planned")
        text = f"{when} {context.in_words(template, label=label)}".strip()
        yield from wrapped(f"{_name(one.trajectory)}  {text}", indent=1)
        yield f"     {context.hint(f'traject meet {one.trajectory.ref} {one.name}')}{_dating(one)}"


def _dating(one: Appointment) -> str:
    """Return the option for the date that the criterion carries, where it carries one."""
    return " --value DATE" if one.criterion.value is not None else ""


def _asked(context: Context, waiting: Sequence[Asked]) -> Iterator[str]:
    """Yield the consents that were asked for and did not come."""
    for one in waiting:
        sentence = context.in_words(
            N_("{label}: {places}, asked {days}"),
            label=one.criterion.label,
            places=names(one.municipalities),
            days=_ago(context, one.days),
        )
        yield from wrapped(f"{_name(one.trajectory)}  {sentence}", indent=1)


def _ago(context: Context, days: int) -> str:
    """Return how many days ago something was."""
    if days < 2:
        return context.in_words(N_("yesterday") if days else N_("today"))
    return context.in_words(N_("{n} days ago"), n=days)


def _requests(context: Context, requests: Sequence[Case]) -> Iterator[str]:
    """Yield the applications that wait for an answer."""
    for own, pinned in requests:
        label = context.words.label(pinned.workflow.label)
        yield from wrapped(f"{_name(own)}  {label}", indent=1)
        yield f"     {context.hint(f'traject accept {own.ref}')}"


def _coming(context: Context, mails: Sequence[tuple[Dossier, Expected]]) -> Iterator[str]:
    """Yield the mails about to leave, and how to stop them."""
    rows = [
        (moment(context, mail.at), mail.name, notice(context, mail.notice), d.trajectory.ref)
        for d, mail in mails[:MOST_LINES]
    ]
    yield from columns(rows, cut=((1, 2),), indent=1)
    if len(mails) > MOST_LINES:
        yield "     " + context.in_words(N_("and {n} more"), n=len(mails) - MOST_LINES)
    yield "     " + context.in_words(
        N_("one is not right any more?  traject mail hold {ref}"), ref=mails[0][0].trajectory.ref
    )


def _undelivered(context: Context, page: Page) -> Iterator[str]:
    """Yield the mails that did not arrive, and those that nobody could get."""
    for dossier, mail in page.lost:
        what = context.words.text(MAILS[mail.status])
        text = f"{_name(dossier.trajectory)}  {notice(context, mail.notice)}: {what}"
        yield from wrapped(text, indent=1)
        yield f"     {context.hint(f'traject mail show {mail.mail}')}"
    told: set[str] = set()
    for dossier, one in page.unread:
        role = dossier.pinned.workflow.roles[one.role].label
        place = by_nis(one.nis).name if one.nis else ""
        nobody = one.reason == "no_recipient"
        template = N_("no address known for {role} {place}") if nobody else UNSAID
        what = notice(context, one.notice)
        text = context.in_words(template, role=role, place=place, notice=what).rstrip()
        lines = add_contacts(dossier, one.role, one.nis) if nobody else []
        if nobody and told.issuperset(lines):
            continue
        told.update(lines)
        yield from wrapped(f"{_name(dossier.trajectory)}  {text}", indent=1)
        yield from (f"     {context.hint(line)}" for line in lines)
    if page.failed:
        text = context.in_words(N_("at the last round {n} could not be written"), n=page.failed)
        yield from wrapped(text, indent=1)
        yield f"     {context.hint('traject doctor')}"


def _close(context: Context, page: Page) -> Iterator[str]:
    """Yield how many are on schedule, and when mail last went its round."""
    sentence = context.in_words(N_("On schedule: {n} (traject list)."), n=page.morning.on_schedule)
    if page.last_round is None:
        last = context.in_words(N_("No mail round yet: traject tick"))
    else:
        at = moment(context, page.last_round)
        last = context.in_words(N_("Last mail round: {at}."), at=at)
    yield from flowing((sentence, last), indent=0)
    counts = page.morning.counts
    if not page.everybody and not any(counts.values()):
        yield context.in_words(N_("You coach no trajectory. Those of all: traject --all"))


def _name(trajectory: Trajectory) -> str:
    return f"{trajectory.ref} {places(trajectory.current_municipalities())}"


def _points(context: Context, one: Dated) -> str:
    """Return how many points are open, and which of them are the coach's own."""
    own = [criterion.label for _, criterion in one.points if criterion.who == COACH]
    text = open_points(context, len(one.points))
    if not own:
        return text
    return context.in_words(N_("{points}; with you: {own}"), points=text, own=tuple(own))
