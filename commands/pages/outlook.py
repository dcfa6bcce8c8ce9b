"""What may happen next with one trajectory, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from commands.frame.context import Context
from commands.pages.columns import beside, columns, wrapped
from commands.pages.forecast import expected
from commands.pages.points import points
from commands.pages.wording import notice, open_points, places, short, status
from engine.dispatch.forecast import Expected
from engine.domain.errors import Missing
from engine.domain.machine import ADVANCE, NEXT_ROUND, SEND_BACK
from engine.domain.outlook import FOLLOW_UP, Move, moves
from engine.domain.people import COACH, LEAD
from engine.domain.words import N_
from engine.domain.workdays import brussels_day
from engine.municipalities import names
from engine.store.dossiers import Dossier

MOST_MAILS = 6  # that are shown of those to come

COMMANDS = {
    "accept": "traject accept {own}",
    "advance": "traject advance {own}",
    "send_back": "traject send-back {own} {number}",
    "next_round": "traject next-round {own}",
    "pause": "traject pause {own}",
    "resume": "traject resume {own}",
    "stop": "traject stop {own}",
    "follow_up": "traject follow-up {own} {to}",
}
TITLES = {
    "accept": N_("start it"),
    "advance": N_("on to {number} {to}"),
    "complete": N_("complete it"),
    "send_back": N_("back to {number} {to}"),
    "next_round": N_("a next round, from {number} {to}"),
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
    for line in _head(context, dossier):
        context.echo(line)
    for move in (move for move in found if not move.allowed):
        context.echo()
        for line in _not_yet(context, move, dossier):
            context.echo(line, heading=True)
        for line in points(context, move.missing, dossier):
            context.echo(line)
    mine = context.actor().id == dossier.trajectory.coach
    for title, lines in (
        (
            N_("POSSIBLE NOW"),
            _possible(context, [move for move in found if move.allowed], dossier),
        ),
        (N_("IF YOU DO NOTHING") if mine else N_("IF NOBODY ACTS"), _otherwise(context, dossier)),
    ):
        for number, line in enumerate(lines):
            if number == 0:
                context.echo()
                context.head(title)
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
    name = f"{places(own.current_municipalities())} ({context.short_refs([own.ref])[own.ref]})"
    if own.status != "active" or own.phase is None:
        yield from wrapped(f"{name}: {status(context, own.status)}")
        return
    sentence = context.in_words(
        N_("{name}, now in phase {number} of {count}, {phase}"),
        name=name,
        number=order.index(own.phase) + 1,
        count=len(order),
        phase=dossier.pinned.workflow.phases[own.phase].label,
    )
    yield from wrapped(sentence)


def _not_yet(context: Context, move: Move, dossier: Dossier) -> list[str]:
    """Return which move is not possible, and why."""
    title = _title(context, move, dossier)
    if move.missing:
        reason = f"{open_points(context, len(move.missing))}:"
    else:
        reason = context.words.say(move.reason) if move.reason else ""
    template = (
        N_("Not yet: {title}. {reason}") if context.plain else N_("NOT YET: {title}. {reason}")
    )
    return wrapped(context.in_words(template, title=title, reason=reason).rstrip())


def _possible(context: Context, allowed: Sequence[Move], dossier: Dossier) -> list[str]:
    """Return what may be done now, each with its command."""
    handle = context.handle(dossier.trajectory.ref)
    rows = []
    for move in allowed:
        number = _number(move, dossier)
        line = COMMANDS[move.transition].format(own=handle, to=move.to, number=number)
        several = sum(m.transition == ADVANCE for m in allowed) > 1
        extra = f" --to {number or move.to}" if several and move.transition == ADVANCE else ""
        rows.append((_title(context, move, dossier), line + extra))
    if dossier.trajectory.status == "active" and dossier.trajectory.open_deadlines():
        text = context.in_words(N_("move the target date"))
        rows.append((text, f"traject reschedule {handle}"))
    return beside(((text, context.hint(line)) for text, line in rows), indent=1)


def _otherwise(context: Context, dossier: Dossier) -> Iterator[str]:
    """Yield the mails and the dates to come if nobody acts."""
    own = dossier.trajectory
    coming = expected(context, dossier)
    readers: dict[tuple[date, str], list[str]] = {}
    for mail in coming:
        key = (brussels_day(mail.at), notice(context, mail.notice))
        named = readers.setdefault(key, [])
        reader = _reader(context, mail, dossier)
        named += [reader] if reader not in named else []
    rows = [
        (day, context.in_words(N_("to {names}: {notice}"), names=_and(context, named), notice=text))
        for (day, text), named in list(readers.items())[:MOST_MAILS]
    ]
    for standing in own.open_deadlines() if own.status == "active" else ():
        deadline = standing.deadline
        phase = dossier.pinned.workflow.phases[deadline.phase]
        label = phase.deadlines[deadline.deadline].label or phase.label
        if deadline.due_on >= context.today():
            rows.append(
                (deadline.due_on, context.in_words(N_("target date of {what}"), what=label))
            )
    table = ((short(context, day), text) for day, text in sorted(rows))
    yield from columns(table, cut=((1,),), indent=1)
    if len(readers) > MOST_MAILS:
        hint = context.hint(f"traject forecast {context.handle(own.ref)}")
        yield from beside([(context.in_words(N_("All mails to come")), hint)], indent=1)


def _reader(context: Context, mail: Expected, dossier: Dossier) -> str:
    """Return who gets a mail: `yourself` to the coach who reads this."""
    actor, own = context.actor(), dossier.trajectory
    if actor.id == own.coach and mail.role in (COACH, LEAD) and mail.email == actor.email:
        return context.in_words(N_("yourself"))
    return mail.name


def _and(context: Context, names: Sequence[str]) -> str:
    """Return names as they are said: `a, b and c`."""
    *first, last = names
    if not first:
        return last
    return context.in_words(N_("{first} and {last}"), first=tuple(first), last=last)


def _title(context: Context, move: Move, dossier: Dossier) -> str:
    """Return what a move is, in a few words."""
    ends = move.transition == ADVANCE and move.to not in dossier.pinned.workflow.phases
    template = TITLES["complete" if ends else move.transition]
    number = _number(move, dossier)
    return context.in_words(template, to=_target(context, move, dossier), number=number)


def _number(move: Move, dossier: Dossier) -> int:
    """Return the number of the phase that a move leads to, 0 where it leads to none."""
    order = dossier.pinned.workflow.phase_ids()
    return order.index(move.to) + 1 if move.to in order else 0


def _target(context: Context, move: Move, dossier: Dossier) -> str:
    """Return where a move leads: a phase, a status, or a category."""
    workflow = dossier.pinned.workflow
    if move.transition in (ADVANCE, SEND_BACK, NEXT_ROUND) and move.to in workflow.phases:
        return context.words.label(workflow.phases[move.to].label)
    return move.to if move.transition == FOLLOW_UP else status(context, move.to)
