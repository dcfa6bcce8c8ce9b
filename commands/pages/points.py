"""The open points of a phase by number: who brings each about, and the commands that settle it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from commands.frame.context import Context
from commands.pages.columns import beside, flowing
from commands.pages.sheet_parts import asked_of, planned, who
from engine.domain.errors import Missing
from engine.domain.words import N_
from engine.municipalities import by_nis
from engine.store.dossiers import Dossier

MAYOR = "mayor"


def points(context: Context, open_: Sequence[Missing], dossier: Dossier) -> Iterator[str]:
    """Yield each open point: what, who, and the commands that settle it."""
    numbered = point_numbers(dossier)
    handle = context.handle(dossier.trajectory.ref)
    for missing in open_:
        number = numbered[missing.id]
        label = f"{number} {context.words.label(missing.criterion.label)}"
        yield from flowing((label, _waits(context, missing, dossier)), hanging=2)
        rows = _settling(missing, f"{handle} {number}", dossier)
        hints = ((context.in_words(text, place=p), context.hint(line)) for text, p, line in rows)
        yield from beside(hints, indent=5)


def _settling(missing: Missing, point: str, dossier: Dossier) -> list[tuple[str, str, str]]:
    """Return (what happened, where, command) for the ways in which a point is settled."""
    meet, open_ = f"traject meet {point}", missing.municipalities
    rows = []
    if missing.criterion.who == MAYOR and can_be_asked(missing, dossier):
        rows.append((N_("ask by mail"), "", f"traject ask {point}"))
    elif missing.criterion.who == MAYOR:
        add = f"traject contact add {point.partition(' ')[0]}"
        rows.append((N_("add an address"), "", add))
    if len(dossier.trajectory.current_municipalities()) > 1 and open_:
        if len(open_) > 1:
            rows.append((N_("all agree"), "", meet))
        template = N_("{place} agrees") if len(open_) > 1 else N_("agreed already")
        rows += [(template, by_nis(nis).name, f"{meet}{of(nis)}") for nis in open_]
    elif missing.criterion.who == MAYOR:
        rows.append((N_("agreed already"), "", meet))
    else:
        rows.append((N_("happened"), "", meet))
    return [*rows, (N_("does not apply here"), "", f"traject waive {point}")]


def can_be_asked(missing: Missing, dossier: Dossier) -> bool:
    """Tell whether a mail can ask for a point: somebody who brings it about has an address."""
    from engine.domain.recipients import recipients

    places = missing.municipalities or (None,)
    own, people = dossier.trajectory, dossier.people
    return any(recipients(missing.criterion.who, own, people, nis=nis) for nis in places)


def of(nis: str) -> str:
    """Return the option that names a municipality."""
    return f" --for {shlex.quote(by_nis(nis).name)}"


def point_numbers(dossier: Dossier) -> dict[str, int]:
    """Return by id the numbers of the criteria of the current phase, which never shift."""
    phase = dossier.pinned.workflow.phases[dossier.trajectory.phase or ""]
    return {name: number for number, name in enumerate(phase.criteria, start=1)}


def _waits(context: Context, missing: Missing, dossier: Dossier) -> str:
    """Return who brings a point about or still has to agree, and what is on its way."""
    state = dossier.trajectory.criterion(missing.id)
    if missing.municipalities:
        found = tuple(
            asked_of(context, by_nis(nis).name, state.asked.get(nis))
            for nis in missing.municipalities
        )
        role = dossier.pinned.workflow.roles[missing.criterion.who].label
        waits = context.in_words(N_("waits for: {role} {places}"), role=role, places=found)
    else:
        name = who(context, missing.criterion.who, dossier)
        waits = context.in_words(N_("who: {name}"), name=name)
    if state.planned_on is not None:
        waits = f"{waits}; {planned(context, state.planned_on, state.planned_time)}"
    return waits
