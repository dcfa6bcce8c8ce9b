"""What may happen next with one trajectory, as text and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from commands.columns import beside, columns, wrapped
from commands.context import Context
from commands.forecast_page import expected
from commands.sheet_parts import asked_of, planned, who
from commands.wording import notice, open_points, places, short, status
from engine.domain.errors import Missing
from engine.domain.machine import ADVANCE, NEXT_ROUND, SEND_BACK
from engine.domain.outlook import FOLLOW_UP, Move, moves
from engine.domain.words import N_
from engine.domain.workdays import brussels_day
from engine.municipalities import by_nis, names
from engine.store.dossiers import Dossier

MOST_MAILS = 6  # that are shown of those to come
MAYOR = "mayor"

USUAL = N_("(without --value the usual date is taken)")

COMMANDS = {
    "accept": "traject accept {ref}",
    "advance": "traject advance {ref}",
    "send_back": "traject send-back {ref} {to} --reason …",
    "next_round": "traject next-round {ref}",
    "pause": "traject pause {ref} --reason … --until …",
    "resume": "traject resume {ref}",
    "stop": "traject stop {ref} --reason …",
    "follow_up": "traject follow-up {ref} {to}",
}
TITLES = {
    "accept": N_("start it"),
    "advance": N_("on to {to}"),
    "complete": N_("complete it"),
    "send_back": N_("back to {to}"),
    "next_round": N_("a next round, from {to}"),
    "pause": N_("let it rest"),
    "resume": N_("go on"),
    "stop": N_("end it before its goal"),
    "follow_up": N_("go on in {to}"),
}


def moves_of(context: Context, dossier: Dossier) -> tuple[Move, ...]:
    """Return what may be done today."""
    return moves(dossier.trajectory, dossier.pinned, context.today(), context.calendar())


def as_json(context: Context, dossier: Dossier) -> list[dict[str, Any]]:
    """Return the moves in the fixed shape."""
    return [
        {
            "transition": move.transition,
            "to": move.to,
            "to_label": _target(context, move, dossier),
            "allowed": move.allowed,
            "missing": [_missing_json(context, missing) for missing in move.missing],
            "reason": context.words.say(move.reason) if move.reason else None,
        }
        for move in moves_of(context, dossier)
    ]


def print_moves(context: Context, dossier: Dossier) -> None:
    """Print what is missing, what is possible, and what happens if nobody acts."""
    found = moves_of(context, dossier)
    refused = [move for move in found if not move.allowed]
    for line in _head(context, dossier):
        context.echo(line)
    for move in refused:
        for line in _refused(context, move, dossier):
            context.echo(line)
    for line in _possible(context, [move for move in found if move.allowed], dossier):
        context.echo(line)
    for line in _otherwise(context, dossier):
        context.echo(line)


def _missing_json(context: Context, missing: Missing) -> dict[str, Any]:
    return {
        "criterion": missing.id,
        "label": context.words.label(missing.criterion.label),
        "who": missing.criterion.who,
        "municipalities": list(names(missing.municipalities)),
    }


def _head(context: Context, dossier: Dossier) -> Iterator[str]:
    """Yield which trajectory this is and where it stands."""
    own, order = dossier.trajectory, dossier.pinned.workflow.phase_ids()
    name = f"{places(own.current_municipalities())} ({own.ref})"
    if own.status != "active" or own.phase is None:
        yield from wrapped(f"{name}: {status(context, own.status)}")
        return
    sentence = context.in_words(
        N_("{name}, now in phase {number} of {count}: {phase}"),
        name=name,
        number=order.index(own.phase) + 1,
        count=len(order),
        phase=dossier.pinned.workflow.phases[own.phase].label,
    )
    yield from wrapped(sentence)


def _refused(context: Context, move: Move, dossier: Dossier) -> Iterator[str]:
    """Yield why a move is not possible, and what would help for each point."""
    yield ""
    title = _title(context, move, dossier)
    reason = context.words.say(move.reason) if move.reason else ""
    if move.missing:
        reason = open_points(context, len(move.missing))
    yield from wrapped(
        context.in_words(N_("NOT YET: {title}; {reason}"), title=title, reason=reason)
    )
    phase = dossier.pinned.workflow.phases[dossier.trajectory.phase or ""]
    numbers = {name: number for number, name in enumerate(phase.criteria, start=1)}
    for missing in move.missing:
        yield from _missing(context, missing, numbers[missing.id], dossier)


def _missing(context: Context, missing: Missing, number: int, dossier: Dossier) -> Iterator[str]:
    """Yield one open point: what, who, and the commands that settle it."""
    ref = dossier.trajectory.ref
    label = context.words.label(missing.criterion.label)
    yield from wrapped(f"{number} {label}: {_waits(context, missing, dossier)}", indent=1)
    meet = f"traject meet {ref} {missing.id}{dating(missing)}"
    rows = [(N_("happened"), meet)]
    if len(missing.municipalities) > 1:
        place = shlex.quote(by_nis(missing.municipalities[0]).name)
        rows = [(N_("all agree"), meet), (N_("one agrees"), f"{meet} --for {place}")]
    if missing.criterion.who == MAYOR:
        rows.insert(0, (N_("ask by mail"), f"traject ask {ref} {missing.id}"))
    rows.append((N_("not here"), f'traject waive {ref} {missing.id} --reason "…"'))
    hints = ((context.words.text(text), context.hint(line)) for text, line in rows)
    yield from beside(hints, indent=5)
    if missing.criterion.default is not None:
        yield f"     {context.in_words(USUAL)}"


def _waits(context: Context, missing: Missing, dossier: Dossier) -> str:
    """Return who brings a point about or still has to agree, and what is on its way."""
    state = dossier.trajectory.criterion(missing.id)
    if missing.municipalities:
        found = [
            asked_of(context, by_nis(nis).name, state.asked.get(nis))
            for nis in missing.municipalities
        ]
        waits = "; ".join(found)
    else:
        waits = who(context, missing.criterion.who, dossier)
    if state.planned_on is not None:
        waits = f"{waits}; {planned(context, state.planned_on, state.planned_time)}"
    return waits


def dating(missing: Missing) -> str:
    """Return the option for the date that a criterion carries."""
    return " --value DATE" if missing.criterion.value is not None else ""


def _possible(context: Context, allowed: Sequence[Move], dossier: Dossier) -> Iterator[str]:
    """Yield what may be done now, each with its command."""
    ref = dossier.trajectory.ref
    rows = []
    for move in allowed:
        line = COMMANDS[move.transition].format(ref=ref, to=move.to)
        several = sum(m.transition == ADVANCE for m in allowed) > 1
        extra = f" --to {move.to}" if several and move.transition == ADVANCE else ""
        rows.append((_title(context, move, dossier), line + extra))
    if dossier.trajectory.status == "active" and dossier.trajectory.open_deadlines():
        text = context.in_words(N_("move the target date"))
        rows.append((text, f'traject reschedule {ref} … --reason "…"'))
    yield ""
    yield context.in_words(N_("POSSIBLE NOW"))
    yield from beside(((text, context.hint(line)) for text, line in rows), indent=1)


def _otherwise(context: Context, dossier: Dossier) -> Iterator[str]:
    """Yield the mails and the dates to come if nobody acts."""
    own = dossier.trajectory
    coming = expected(context, dossier)
    events = [
        (brussels_day(mail.at), f"{notice(context, mail.notice)}: {mail.name}")
        for mail in coming[:MOST_MAILS]
    ]
    for standing in own.open_deadlines() if own.status == "active" else ():
        deadline = standing.deadline
        phase = dossier.pinned.workflow.phases[deadline.phase]
        label = phase.deadlines[deadline.deadline].label or phase.label
        if deadline.due_on >= context.today():
            text = context.in_words(N_("target date of {what}"), what=label)
            events.append((deadline.due_on, text))
    if not events:
        return
    yield ""
    yield context.in_words(N_("IF NOBODY ACTS"))
    rows = ((short(context, day), text) for day, text in sorted(events))
    yield from columns(rows, cut=((1,),), indent=1)
    if len(coming) > MOST_MAILS:
        yield f" … {context.hint(f'traject forecast {own.ref}')}"


def _title(context: Context, move: Move, dossier: Dossier) -> str:
    """Return what a move is, in a few words."""
    ends = move.transition == ADVANCE and move.to not in dossier.pinned.workflow.phases
    template = TITLES["complete" if ends else move.transition]
    return context.in_words(template, to=_target(context, move, dossier))


def _target(context: Context, move: Move, dossier: Dossier) -> str:
    """Return where a move leads: a phase, a status, or a category."""
    workflow = dossier.pinned.workflow
    if move.transition in (ADVANCE, SEND_BACK, NEXT_ROUND) and move.to in workflow.phases:
        return context.words.label(workflow.phases[move.to].label)
    return move.to if move.transition == FOLLOW_UP else status(context, move.to)
