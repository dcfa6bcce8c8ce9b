"""The page of one trajectory, as text and as JSON: phases, criteria, dates, people, mails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from commands import snoozing
from commands.frame.context import Context
from commands.pages import sheet_parts
from commands.pages.columns import columns, flowing, width, wrapped
from commands.pages.overview import line_of, summary
from commands.pages.wording import coach, places, short, status, working_days
from engine.domain.sheet import LIVE, ContactLine, CriterionLine, DeadlineLine, Sheet, sheet
from engine.domain.trajectory import Trajectory
from engine.domain.words import N_, Say
from engine.municipalities import by_nis, names
from engine.store.dossiers import Dossier
from engine.store.queries import Labels


def sheet_of(dossier: Dossier) -> Sheet:
    """Return where the trajectory of a dossier stands."""
    return sheet(dossier.trajectory, dossier.pinned, dossier.people, dossier.reasons)


def print_sheet(context: Context, dossier: Dossier, *, why: bool, past: bool = False) -> None:
    """Print the page; with `why` the steps behind each date; of a day `past` without what to do."""
    page, own = sheet_of(dossier), dossier.trajectory
    page = replace(page, vacant=()) if past else page
    print_head(context, dossier, page)
    lateness = [_late(context, own, line.due_on) for line in page.deadlines]
    for line in _standing(context, dossier, page, why=why):
        context.echo(line, late=next((late for late in lateness if late and late in line), ""))
    if own.status in LIVE:
        sheet_parts.print_criteria(context, page, dossier)
    sheet_parts.print_people(context, page)
    if not past:
        context.echo()
    for line in () if past else sheet_parts.mails(context, dossier):
        context.echo(line)


def print_head(context: Context, dossier: Dossier, page: Sheet) -> None:
    """Print what the trajectory is, and the line of its phases."""
    for line in _head(context, dossier, page):
        context.echo(line)


def as_json(context: Context, dossier: Dossier) -> dict[str, Any]:
    """Return the page in the fixed shape."""
    page = sheet_of(dossier)
    workflow = dossier.pinned.workflow
    line = line_of(dossier, context.today())
    named = Labels(page.label, page.phases)
    text = context.words.label
    return {
        **summary(context, line, named),
        "phases": [{"id": name, "label": text(label)} for name, label in page.phases.items()],
        "entered_on": dossier.trajectory.entered_on,
        "paused_until": dossier.trajectory.paused_until,
        "closed_on": dossier.trajectory.closed_on,
        "snoozed": snoozing.as_json(context, dossier.trajectory),
        "reason": _reason(context, dossier),
        "criteria": [_criterion_json(context, line) for line in page.criteria],
        "deadlines": [_deadline_json(context, line) for line in page.deadlines],
        "contacts": [_contact_json(context, line) for line in page.contacts],
        "workflow": {"version": workflow.version, "digest": dossier.pinned.digest},
    }


def _criterion_json(context: Context, line: CriterionLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "number": line.number,
        "phase": line.phase,
        "label": context.words.label(line.label),
        "required": line.required,
        "state": line.state,
        "who": line.who,
        "on": line.on,
        "planned": line.planned,
        "planned_time": line.planned_time,
        "value": line.value,
        "reason": line.reason,
        "per_municipality": line.per_municipality,
        "consents": {by_nis(nis).name: day for nis, day in line.consents.items()},
        "asked": {by_nis(nis).name: day for nis, day in line.asked.items()},
        "waiting_for": list(names(line.waiting_for)),
    }


def _deadline_json(context: Context, line: DeadlineLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "phase": line.phase,
        "label": context.words.label(line.label) if line.label else None,
        "due_on": line.due_on,
        "given": line.given,
        "steps": [{**step, "text": context.words.say(sentence)} for step, sentence in line.steps],
    }


def _contact_json(context: Context, line: ContactLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "role": line.role,
        "role_label": context.words.label(line.label),
        "email": line.email,
        "lang": line.lang,
        "organisation": line.organisation,
        "municipality": by_nis(line.nis).name if line.nis else None,
    }


def _reason(context: Context, dossier: Dossier) -> str | None:
    """Return the label of the reason for a pause or a stop, None where there is none."""
    lists = dossier.pinned.workflow.reasons
    known = {**lists.pause, **lists.stop}.get(dossier.trajectory.reason or "")
    return context.words.label(known) if known else None


def _head(context: Context, dossier: Dossier, page: Sheet) -> Iterator[str]:
    """Yield what the trajectory is, and the line of its phases."""
    own = dossier.trajectory
    actor = dossier.people.actors.get(own.coach)
    name = coach(context, actor.name if actor else None, own.coach)
    who = context.in_words(N_("coach {name}"), name=name)
    what = (context.words.label(page.label), status(context, own.status), who)
    title = (own.ref, places(own.current_municipalities()))
    if context.plain:
        yield from wrapped(", ".join((*title, *what)))
        return
    head, about = "  ".join(title), " · ".join(what)
    if len(head) + len(about) + 3 <= width():
        yield f"{head} · {about}"
    else:
        yield from (*wrapped(head), *wrapped(about, 1))
    yield ""
    passed = len(page.phases) + 1 if own.status == "completed" else page.number
    yield from flowing(
        f"{_mark(number, passed)} {_brief(context.words.label(label))}"
        for number, label in enumerate(page.phases.values(), start=1)
    )


def _mark(number: int, current: int) -> str:
    """Return the mark of a phase: behind, current or ahead."""
    return "✔" if number < current else "●" if number == current else "○"


def _brief(label: str) -> str:
    """Return the first words of a label, which name the phase: `Analyse: waarom…` is Analyse."""
    return label.partition(":")[0]


def _standing(context: Context, dossier: Dossier, page: Sheet, *, why: bool) -> Iterator[str]:
    """Yield the current phase with its dates and, where it is not active, since when and why."""
    own = dossier.trajectory
    yield ""
    rows = [*_phase(context, page), *_dates(context, page, why=why)]
    yield from columns(rows, cut=((1,), (0,)))
    for line in page.deadlines if why else ():
        yield from wrapped(f"{_due(context, page, line)}:")
        for _, sentence in line.steps:
            yield from wrapped(context.words.say(sentence), indent=4)
    halted = _interrupted(context, own, _reason(context, dossier) or "")
    if halted is not None:
        yield from wrapped(context.words.say(halted))
    for rests in snoozing.resting(context, own, dossier.pinned.workflow):
        yield from wrapped(rests)


def _phase(context: Context, page: Sheet) -> Iterator[tuple[str, str, str]]:
    """Yield the cells of the current phase, where there is one."""
    own = page.trajectory
    if own.phase is not None:
        number, count = page.number, len(page.phases)
        where = context.in_words(N_("Phase {number} of {count}"), number=number, count=count)
        on = short(context, own.entered_on) if own.entered_on else ""
        since = context.in_words(N_("since {day}"), day=on)
        yield where, context.words.label(page.phases[own.phase]), since


def _interrupted(context: Context, own: Trajectory, reason: str) -> Say | None:
    """Return the sentence about a pause, an end or a request; None while active."""
    if own.status == "paused":
        values = {"on": own.paused_on, "until": own.paused_until, "reason": reason}
        return Say(N_("Paused since {on} until {until}: {reason}"), values)
    if own.status == "stopped":
        return Say(N_("Stopped on {on}: {reason}"), {"on": own.closed_on, "reason": reason})
    if own.status == "completed":
        return Say(N_("Completed on {on}"), {"on": own.closed_on})
    if own.status == "requested":
        values = {"on": own.requested_on, "ref": context.handle(own.ref)}
        return Say(N_("Requested on {on}. To start it: traject accept {ref}"), values)
    return None


def _dates(context: Context, page: Sheet, *, why: bool) -> Iterator[tuple[str, str, str]]:
    """Yield the cells of each date that stands."""
    for line in page.deadlines:
        asked = "" if why else context.in_words(N_("(why: --why)"))
        day = distance(context, page.trajectory, line.due_on)
        own = context.words.label(line.label) if line.label and not context.plain else ""
        name = f"  {own}" if own and page.deadlines[0].label is None else _due(context, page, line)
        yield name, day, asked if line is page.deadlines[0] else ""


def _due(context: Context, page: Sheet, line: DeadlineLine) -> str:
    """Return what a date is called: that of the phase has no other name."""
    if line.label is None and line.phase == page.trajectory.phase:
        return context.in_words(N_("Target date"))
    own = line.label or page.phases[line.phase]
    return context.in_words(N_("Target date of {what}"), what=own)


def distance(context: Context, own: Trajectory, day: date) -> str:
    """Return a date and how many working days it is away."""
    text, today = short(context, day), context.today()
    if own.status != "active":
        return text
    if day == today:
        return context.in_words(N_("{day}, today"), day=text)
    if day < today:
        return f"{text}, {_late(context, own, day)}"
    days = context.calendar().working_days_between(today, day)
    return context.in_words(N_("{day}, {days} left"), day=text, days=working_days(context, days))


def _late(context: Context, own: Trajectory, day: date) -> str:
    """Return how many working days ago a date was, "" where it is not past or not active."""
    if own.status != "active" or day >= context.today():
        return ""
    days = context.calendar().working_days_between(day, context.today())
    return context.in_words(N_("{days} ago"), days=working_days(context, days))
