"""Parts of a trajectory's page: its criteria, its people, its last and next mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from commands.frame.context import Context
from commands.pages.columns import alone, beside, columns, fits, grid, paired, wrapped
from commands.pages.forecast import expected
from commands.pages.wording import coach, mark, notice, person, short
from engine.domain.people import COACH
from engine.domain.recipients import recipients
from engine.domain.sheet import ContactLine, CriterionLine, Sheet
from engine.domain.words import N_
from engine.domain.workdays import brussels_day
from engine.municipalities import by_nis
from engine.store.dossiers import Dossier


def print_criteria(context: Context, page: Sheet, dossier: Dossier) -> None:
    """Print the criteria of the current phase, those that may stay open last."""
    needed = [line for line in page.current() if line.required]
    optional = [line for line in page.current() if not line.required]
    settled = sum(line.state != "open" for line in needed)
    found = {line.id: _criterion(context, line, dossier) for line in (*needed, *optional)}
    lines = dict(zip(found, paired(found.values(), hanging=5), strict=True))
    context.echo()
    context.head(
        N_("Criteria for moving on: {settled} of {count} in order"),
        settled=settled,
        count=len(needed),
    )
    _print(context, needed, lines)
    if optional:
        context.head(N_("Optional"))
    _print(context, optional, lines)


def _print(
    context: Context, wanted: Sequence[CriterionLine], lines: Mapping[str, Sequence[str]]
) -> None:
    """Print criteria, each with the reason why it does not apply."""
    for one in wanted:
        for line in (*lines[one.id], *(wrapped(one.reason, indent=5) if one.reason else ())):
            context.echo(line)


def the_coach(context: Context, dossier: Dossier) -> str:
    """Return `you` to the coach of the trajectory, the coach's name to anybody else."""
    number = dossier.trajectory.coach
    if context.actor().id == number:
        return context.in_words(N_("you"))
    known = dossier.people.actors.get(number)
    return coach(context, known.name if known else None, number)


def who(context: Context, role: str, dossier: Dossier, *, named: bool = False) -> str:
    """Return who brings a point about: names where there are, and the coach always may.

    `named`: the role stands behind the names.
    """
    mine = the_coach(context, dossier)
    if role == COACH:
        return mine
    found = recipients(role, dossier.trajectory, dossier.people)
    label = context.words.label(dossier.pinned.workflow.roles[role].label)
    names = ", ".join(one.name for one in found)
    if named and names:
        names = f"{names} ({label})"
    return context.in_words(N_("{name} or {coach}"), name=names or label, coach=mine)


def print_people(context: Context, page: Sheet) -> None:
    """Print who has which role, and the roles that nobody has with the command that fills them."""
    held = [_contact(context, line) for line in page.contacts]
    if not held and not page.vacant:
        return
    context.echo()
    context.head(N_("People"))
    command = context.hint(f"traject contact add {context.handle(page.trajectory.ref)}")
    vacant = [_vacancy(context, line) for line in page.vacant]
    rows = [*held, *((*row, command) for row in vacant)]
    if vacant and not fits(rows, 1):
        rows = [*held, *((*row, "") for row in vacant)]
    found = grid(rows, cut=((1, 2), (0,)), indent=1)
    if vacant and rows[-1][-1] != command:
        found.append(alone(command))
    for line in (line for lines in found for line in lines):
        context.echo(line)


def mails(context: Context, dossier: Dossier) -> Iterator[str]:
    """Yield the last mail, the next one, and the command that goes on."""
    handle, last = context.handle(dossier.trajectory.ref), dossier.last_mail
    rows = []
    if last is not None:
        kind, _, number = (last.person or "contact:0").partition(":")
        known = dossier.people.contacts if kind == "contact" else dossier.people.actors
        name = getattr(known.get(int(number)), "name", None)
        to = person(context, name, int(number), kind)
        day = short(context, brussels_day(last.at))
        rows.append((N_("Last mail"), day, to, notice(context, last.notice)))
    coming = expected(context, dossier)
    if coming:
        first = coming[0]
        at = short(context, brussels_day(first.at))
        rows.append((N_("Next mail"), at, first.name, notice(context, first.notice)))
    yield from columns(((context.words.text(row[0]), *row[1:]) for row in rows), cut=((2, 3),))
    hints = [(N_("What now?"), f"traject next {handle}")]
    if len(coming) > 1:
        hints.insert(0, (N_("All mails to come"), f"traject forecast {handle}"))
    said = [(context.words.text(text), context.hint(line)) for text, line in hints]
    if dossier.held:
        held = context.in_words(N_("Mails held back: {count}"), count=dossier.held)
        said.insert(0, (held, context.hint(f"traject mail release {handle}")))
    yield from beside(said)


def _criterion(context: Context, line: CriterionLine, dossier: Dossier) -> tuple[str, str]:
    """Return a criterion, with its number and mark; and how far it is."""
    label, sign = context.words.label(line.label), mark(context, line.state)
    said = (
        f"{line.number}, {sign}, {label}" if context.plain else f"{line.number:>2} {sign} {label}"
    )
    return said, _state(context, line, dossier)


def _state(context: Context, line: CriterionLine, dossier: Dossier) -> str:
    """Return how far a criterion is, in a few words."""
    day = short(context, line.on) if line.on else ""
    if line.state == "waived":
        template = N_("on {day}") if context.plain else N_("does not apply, {day}")
        return context.in_words(template, day=day)
    if line.state == "met":
        value = short(context, line.value) if line.value else None
        if value is None:
            return day
        return context.in_words(N_("{value} (noted {day})"), value=value, day=day)
    if line.planned is not None:
        return planned(context, line.planned, line.planned_time)
    if line.per_municipality:
        return _consents(context, line, dossier)
    return who(context, line.who, dossier)


def planned(context: Context, day: date, time: str | None) -> str:
    """Return that there is an appointment, and when."""
    text = " ".join(filter(None, (short(context, day), time)))
    return context.in_words(N_("planned {day}"), day=text)


def asked_of(context: Context, place: str, asked: date | None) -> str:
    """Return a municipality, and when its mayor was asked where that happened."""
    if asked is None:
        return place
    return context.in_words(N_("{place}, asked {day}"), place=place, day=short(context, asked))


def _consents(context: Context, line: CriterionLine, dossier: Dossier) -> str:
    """Return which municipalities agreed, which were asked, and which not yet."""
    parts = []
    for nis in dossier.trajectory.current_municipalities():
        agreed = nis in line.consents
        asked = asked_of(context, by_nis(nis).name, None if agreed else line.asked.get(nis))
        parts.append(f"{asked} {mark(context, 'met' if agreed else 'open')}")
    return "  ".join(parts) if not context.plain else "; ".join(parts)


def _contact(context: Context, line: ContactLine) -> tuple[str, str, str, str]:
    name = person(context, line.name, line.id or 0)
    return name, context.words.label(line.label), _of(line), line.email or ""


def _vacancy(context: Context, line: ContactLine) -> tuple[str, str, str]:
    return context.in_words(N_("(none)")), context.words.label(line.label), _of(line)


def _of(line: ContactLine) -> str:
    """Return the municipality of a role, or else the organisation of who has it."""
    return by_nis(line.nis).name if line.nis else line.organisation or ""
