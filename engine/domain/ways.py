"""The ways through a workflow: every edge leads somewhere, every phase to the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engine.domain.definition import COMPLETED, Edge, Workflow
from engine.domain.errors import Problem
from engine.domain.faults import Path, fault, unknown
from engine.domain.guards import GUARDS
from engine.domain.words import N_, say

TRIGGERS = ("advance", "send_back", "next_round")


def edges(workflow: Workflow) -> Iterator[tuple[str, str, Edge]]:
    """Yield (phase, trigger, edge) for every edge in the file."""
    for phase_id, phase in workflow.phases.items():
        for trigger in TRIGGERS:
            edge = getattr(phase, trigger)
            if edge is not None:
                yield phase_id, trigger, edge


def targets_of(phase: str, trigger: str, edge: Edge) -> Iterator[tuple[Path, str]]:
    """Yield every target of an edge with its path in the file."""
    path: Path = ("phases", phase, trigger, "to")
    for i, target in enumerate(edge.targets()):
        yield (path if isinstance(edge.to, str) else (*path, i)), target


def way_problems(workflow: Workflow) -> Iterator[Problem]:
    """Yield what is wrong with the edges, one by one and taken together."""
    for phase, trigger, edge in edges(workflow):
        yield from _targets(workflow, phase, trigger, edge=edge)
        yield from _guards(("phases", phase, trigger), edge)
    yield from _reach(workflow)


def _targets(workflow: Workflow, phase: str, trigger: str, *, edge: Edge) -> Iterator[Problem]:
    """Yield targets that do not exist, stand twice, or lie in the wrong direction."""
    if not edge.targets():
        yield fault(("phases", phase, trigger), N_("'{trigger}' leads nowhere"), trigger=trigger)
    known = [*workflow.phases, COMPLETED] if trigger == "advance" else list(workflow.phases)
    seen: set[str] = set()
    for path, target in targets_of(phase, trigger, edge):
        if target in seen:
            template = N_("'{trigger}' leads to '{target}' twice")
            yield fault(path, template, trigger=trigger, target=target)
        seen.add(target)
        yield from unknown(path, say(N_("phase")), target, known=known)
        if target in workflow.phases:
            yield from _direction(workflow, phase, trigger, target=target, path=path)


def _direction(
    workflow: Workflow, phase: str, trigger: str, *, target: str, path: Path
) -> Iterator[Problem]:
    """Yield the problem that a trigger leads the wrong way in the order of the file."""
    order = workflow.phase_ids()
    step = order.index(target) - order.index(phase)
    if trigger == "advance" and step <= 0:
        template = N_("'advance' leads back to '{target}'; 'send_back' does that")
        yield fault(path, template, target=target)
    if trigger == "send_back" and step >= 0:
        template = N_("'send_back' leads to '{target}', which is no earlier phase")
        yield fault(path, template, target=target)
    if trigger == "next_round" and step > 0:
        template = N_("'next_round' leads ahead to '{target}'; 'advance' does that")
        yield fault(path, template, target=target)


def _guards(path: Path, edge: Edge) -> Iterator[Problem]:
    """Yield guards that do not exist, and an interval without its guard or the reverse."""
    for i, name in enumerate(edge.guards):
        yield from unknown((*path, "guards", i), say(N_("guard")), name, known=GUARDS)
    if "interval_passed" in edge.guards and edge.interval is None:
        yield fault((*path, "guards"), N_("the guard 'interval_passed' needs an 'interval'"))
    if edge.interval is not None and "interval_passed" not in edge.guards:
        template = N_("an 'interval' means nothing without the guard 'interval_passed'")
        yield fault((*path, "interval"), template)


def _reach(workflow: Workflow) -> Iterator[Problem]:
    """Yield phases that cannot be reached, and those with no way to the end."""
    ways = _ways(workflow)
    reached = _closure(ways, workflow.first_phase())
    for phase in workflow.phases:
        if phase not in reached:
            template = N_("nothing leads to the phase '{phase}' from '{first}'")
            yield fault(("phases", phase), template, phase=phase, first=workflow.first_phase())
    if COMPLETED not in reached:
        yield fault(("phases",), N_("no phase leads to 'completed': this never ends"))
        return
    for phase in workflow.phases:
        if phase in reached and COMPLETED not in _closure(ways, phase):
            template = N_("the phase '{phase}' is a trap: it never leads on to 'completed'")
            yield fault(("phases", phase), template, phase=phase)


def _ways(workflow: Workflow) -> dict[str, set[str]]:
    """Return where each phase leads on, unknown targets read as most probably meant.

    Sending back leads nowhere new: a phase that can be reached no other way was forgotten.
    A slip in one target is reported once and does not make half the file unreachable: an
    unknown target of `advance` counts as the next phase.
    """
    following = dict(pairwise([*workflow.phases, COMPLETED]))
    ways: dict[str, set[str]] = {phase: set() for phase in workflow.phases}
    for phase, trigger, edge in edges(workflow):
        for target in edge.targets() if trigger != "send_back" else ():
            if target in ways or target == COMPLETED:
                ways[phase].add(target)
            elif trigger == "advance":
                ways[phase].add(following[phase])
    return ways


def _closure(ways: dict[str, set[str]], start: str) -> set[str]:
    """Return every state that can be reached from `start`, itself included."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting.extend(ways.get(state, ()))
    return reached
