"""Parts of a trajectory's page: its criteria, its people, its last and next mail."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from commands.columns import WIDTH, columns, wrapped
from commands.context import Context
from commands.forecast_page import expected
from commands.wording import MARKS, notice, person, short
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


def who(context: Context, role: str, dossier: Dossier) -> str:
    """Return who brings a point about: names where there are, and the coach always may."""
    if role == COACH:
        return context.in_words(N_("you"))
    found = recipients(role, dossier.trajectory, dossier.people)
    label = dossier.pinned.workflow.roles[role].label
    named = ", ".join(one.name for one in found) or context.words.label(label)
    return context.in_words(N_("{name} or you"), name=named)


def people(context: Context, page: Sheet) -> Iterator[str]:
    """Yield who has which role, and the roles that nobody has."""
    rows = [_contact(context, line) for line in page.contacts]
    rows += [_vacancy(context, line) for line in page.vacant]
    if not rows:
        return
    yield ""
    yield context.in_words(N_("People"))
    yield from columns(rows, cut=((0, 1),), indent=1)
    for line in page.vacant:
        yield f"     {add_contact(page.trajectory.ref, line.role, line.nis)}"


def add_contact(ref: str, role: str, nis: str | None) -> str:
    """Return the command that fills a role."""
    of = f" --for {shlex.quote(by_nis(nis).name)}" if nis else ""
    return f"traject contact add {ref} … --role {role}{of}"


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
    yield from columns((context.words.text(text), line) for text, line in hints)


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
        planned = " ".join(filter(None, (short(context, line.planned), line.planned_time)))
        return context.in_words(N_("planned {day}"), day=planned)
    if line.per_municipality:
        return _consents(context, line, dossier)
    return who(context, line.who, dossier)


def _consents(context: Context, line: CriterionLine, dossier: Dossier) -> str:
    """Return which municipalities agreed, which were asked, and which not yet."""
    parts = []
    for nis in dossier.trajectory.current_municipalities():
        mark = MARKS["met" if nis in line.consents else "open"]
        asked = line.asked.get(nis) if nis not in line.consents else None
        text = f"{mark} {by_nis(nis).name}"
        if asked is not None:
            text = context.in_words(
                N_("{place}, asked {day}"), place=text, day=short(context, asked)
            )
        parts.append(text)
    return "  ".join(parts)


def _contact(context: Context, line: ContactLine) -> tuple[str, str, str]:
    return person(context, line.name, line.id or 0), _role(context, line), line.email or ""


def _vacancy(context: Context, line: ContactLine) -> tuple[str, str, str]:
    return context.in_words(N_("(none)")), _role(context, line), ""


def _role(context: Context, line: ContactLine) -> str:
    """Return a role with its municipality, or else with the organisation of who has it."""
    role = context.words.label(line.label)
    if line.nis:
        return f"{role} {by_nis(line.nis).name}"
    return f"{role}, {line.organisation}" if line.organisation else role
