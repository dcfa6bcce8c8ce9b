"""Parts of a trajectory's page: its criteria, its people, its last and next mail."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import date

from commands.columns import WIDTH, beside, columns, flowing, wrapped
from commands.context import Context
from commands.forecast_page import expected
from commands.wording import MARKS, coach, notice, person, short
from engine.domain.people import COACH
from engine.domain.recipients import recipients
from engine.domain.sheet import ContactLine, CriterionLine, Sheet
from engine.domain.words import N_
from engine.domain.workdays import brussels_day
from engine.municipalities import by_nis
from engine.store.dossiers import Dossier

BESIDE = 50  # where a criterion's state stands, when both fit on the line


def criteria(context: Context, page: Sheet, dossier: Dossier) -> Iterator[str]:
    """Yield the criteria of the current phase, those that may stay open last."""
    needed = [line for line in page.current() if line.required]
    settled = sum(line.state != "open" for line in needed)
    yield ""
    yield context.in_words(
        N_("To move on: {settled} of {count} points settled"), settled=settled, count=len(needed)
    )
    for line in needed:
        yield from _criterion(context, line, dossier)
    optional = [line for line in page.current() if not line.required]
    if optional:
        yield context.in_words(N_("Optional"))
    for line in optional:
        yield from _criterion(context, line, dossier)
    open_ = [line for line in page.current() if line.state == "open"]
    if open_:
        yield context.in_words(N_("What commands call them:"))
        yield from flowing(f"{line.number} {line.id}" for line in open_)


def the_coach(context: Context, dossier: Dossier) -> str:
    """Return `you` to the coach of the trajectory, the coach's name to anybody else."""
    number = dossier.trajectory.coach
    if context.actor().id == number:
        return context.in_words(N_("you"))
    known = dossier.people.actors.get(number)
    return coach(context, known.name if known else None, number)


def who(context: Context, role: str, dossier: Dossier) -> str:
    """Return who brings a point about: names where there are, and the coach always may."""
    mine = the_coach(context, dossier)
    if role == COACH:
        return mine
    found = recipients(role, dossier.trajectory, dossier.people)
    label = dossier.pinned.workflow.roles[role].label
    named = ", ".join(one.name for one in found) or context.words.label(label)
    return context.in_words(N_("{name} or {coach}"), name=named, coach=mine)


def people(context: Context, page: Sheet) -> Iterator[str]:
    """Yield who has which role, and the roles that nobody has."""
    rows = [_contact(context, line) for line in page.contacts]
    rows += [_vacancy(context, line) for line in page.vacant]
    if not rows:
        return
    yield ""
    yield context.in_words(N_("People"))
    yield from columns(rows, cut=((1, 2),), indent=1)
    for line in page.vacant:
        yield f"     {context.hint(add_contact(page.trajectory.ref, line.role, line.nis))}"


def add_contact(ref: str, role: str, nis: str | None) -> str:
    """Return the command that fills a role."""
    of = f" --for {shlex.quote(by_nis(nis).name)}" if nis else ""
    return f"traject contact add {ref} … --role {role}{of}"


def add_contacts(dossier: Dossier, role: str, nis: str | None) -> list[str]:
    """Return a command for each place of a role that nobody with an address has.

    `nis` None: of all municipalities, where the role is one per municipality.
    """
    own = dossier.trajectory
    per = dossier.pinned.workflow.roles[role].per is not None
    places = own.current_municipalities() if per and nis is None else (nis,)
    return [
        add_contact(own.ref, role, place)
        for place in places
        if not recipients(role, own, dossier.people, nis=place)
    ]


def mails(context: Context, dossier: Dossier) -> Iterator[str]:
    """Yield the last mail, the next one, and the command that goes on."""
    ref, last = dossier.trajectory.ref, dossier.last_mail
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
    hints = [(N_("What now?"), f"traject next {ref}")]
    if len(coming) > 1:
        hints.append((N_("All mails to come"), f"traject forecast {ref}"))
    yield from beside((context.words.text(text), context.hint(line)) for text, line in hints)


def _criterion(context: Context, line: CriterionLine, dossier: Dossier) -> Iterator[str]:
    """Yield one criterion: number, mark, label, and how far it is."""
    label = f"{line.number:>2} {MARKS[line.state]} {context.words.label(line.label)}"
    state = _state(context, line, dossier)
    if len(label) < BESIDE and BESIDE + len(state) <= WIDTH:
        yield f"{label:<{BESIDE}}{state}".rstrip()
    else:
        yield from wrapped(label, indent=0)
        yield from wrapped(state, indent=5)
    if line.reason:
        yield from wrapped(line.reason, indent=5)


def _state(context: Context, line: CriterionLine, dossier: Dossier) -> str:
    """Return how far a criterion is, in a few words."""
    day = short(context, line.on) if line.on else ""
    if line.state == "waived":
        return context.in_words(N_("does not apply, {day}"), day=day)
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
        mark = MARKS["met" if nis in line.consents else "open"]
        asked = line.asked.get(nis) if nis not in line.consents else None
        parts.append(asked_of(context, f"{mark} {by_nis(nis).name}", asked))
    return "  ".join(parts)


def _contact(context: Context, line: ContactLine) -> tuple[str, str, str, str]:
    name = person(context, line.name, line.id or 0)
    return str(line.id), name, _role(context, line), line.email or ""


def _vacancy(context: Context, line: ContactLine) -> tuple[str, str, str, str]:
    return "", context.in_words(N_("(none)")), _role(context, line), ""


def _role(context: Context, line: ContactLine) -> str:
    """Return a role with its municipality, or else with the organisation of who has it."""
    role = context.words.label(line.label)
    if line.nis:
        return f"{role} {by_nis(line.nis).name}"
    return f"{role}, {line.organisation}" if line.organisation else role
