"""The two judges, both `transitions` machines: the workflow's phases, and the lifecycle.

They decide and nothing else: no model is registered, no callback has an effect, no string
is ever resolved to code. One workflow machine is compiled per workflow version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from transitions import EventData, Machine, MachineError

from engine.domain.definition import COMPLETED, Edge, Workflow
from engine.domain.errors import BadInput, Refused
from engine.domain.guards import GUARDS, Facts, Guard
from engine.domain.words import N_

ADVANCE, SEND_BACK, NEXT_ROUND = "advance", "send_back", "next_round"

LIFECYCLE_EDGES = (
    ("accept", "requested", "active"),
    ("pause", "active", "paused"),
    ("resume", "paused", "active"),
    ("stop", "requested", "stopped"),
    ("stop", "active", "stopped"),
    ("stop", "paused", "stopped"),
    ("complete", "active", COMPLETED),
)


class Cursor:
    """A throw-away holder of one state: what a machine moves while it judges."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


class GuardRefused(Refused):
    """The edge exists, but a guard does not hold; `guard` names it."""

    def __init__(self, guard: Guard, facts: Facts) -> None:
        refusal = guard.refusal(facts)
        super().__init__(refusal.template, **refusal.values)
        self.guard = guard.name


class NoSuchEdge(Refused):
    """The state has no edge of that trigger, or none to the target asked for."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A workflow version as a trajectory is pinned to it: its digest, and what it says."""

    digest: str
    workflow: Workflow


_compiled: dict[str, Machine] = {}


def workflow_machine(pinned: Pinned) -> Machine:
    """Return the shared machine of a workflow version, compiled at first use."""
    if pinned.digest not in _compiled:
        _compiled[pinned.digest] = _compile(pinned.workflow)
    return _compiled[pinned.digest]


def fire(machine: Machine, state: str, trigger: str, facts: Facts) -> str:
    """Return the state that the trigger leads to from `state`.

    Raises: BadInput when there are several such edges and `facts.to` is None; NoSuchEdge when
    there is none, or none to `facts.to`; GuardRefused when a guard does not hold.
    """
    wanted = [dest for dest in targets(machine, state, trigger) if facts.to in (None, dest)]
    if len(wanted) > 1:
        raise BadInput(
            N_("this leads to {possible}; choose one of them with --to"), possible=tuple(wanted)
        )
    if not wanted:
        raise _no_edge(machine, state, trigger, facts)
    chosen = Facts(facts.on, wanted[0], facts.missing, facts.round_allowed_on)
    cursor = Cursor(state)
    try:
        moved = machine.events[trigger].trigger(cursor, facts=chosen)
    except MachineError as error:
        raise _no_edge(machine, state, trigger, facts) from error
    if not moved:
        raise GuardRefused(_refusing(machine, state, trigger, chosen), chosen)
    return cursor.state


def targets(machine: Machine, state: str, trigger: str) -> tuple[str, ...]:
    """Return where the trigger may lead from `state`, in the order of the file."""
    if trigger not in machine.events:
        return ()
    edges = machine.events[trigger].transitions.get(state, [])
    return tuple(str(edge.dest) for edge in edges)


@cache
def live(status: str, trigger: str) -> str:
    """Return the status that a lifecycle trigger leads to.

    Raises: NoSuchEdge when the status does not allow it.
    """
    return fire(LIFECYCLE, status, trigger, Facts(on=NO_DAY))


def may(status: str, trigger: str) -> bool:
    """Tell whether the lifecycle knows this trigger in this status."""
    return bool(targets(LIFECYCLE, status, trigger))


def _compile(workflow: Workflow) -> Machine:
    """Return the machine of a workflow: every edge explicit, every guard a callable."""
    machine = _empty([*workflow.phases, COMPLETED], workflow.first_phase())
    for source, trigger, edge, guards in _edges(workflow):
        for target in edge.targets():
            conditions: list[Any] = [_is_target(target), *(_condition(guard) for guard in guards)]
            machine.add_transition(trigger, source, target, conditions=conditions)
    return machine


def _edges(workflow: Workflow) -> Iterator[tuple[str, str, Edge, tuple[Guard, ...]]]:
    """Yield (source, trigger, edge, guards) of every edge in the file."""
    for source, phase in workflow.phases.items():
        for trigger in (ADVANCE, SEND_BACK, NEXT_ROUND):
            edge: Edge | None = getattr(phase, trigger)
            if edge is not None:
                always = ("criteria_settled",) if trigger == ADVANCE else ()
                yield source, trigger, edge, tuple(GUARDS[g] for g in (*always, *edge.guards))


def _empty(states: list[str], initial: str) -> Machine:
    """Return a machine without models or automatic transitions."""
    return Machine(
        model=None, states=states, initial=initial, auto_transitions=False, send_event=True
    )


def _is_target(target: str) -> Callable[[EventData], bool]:
    """Return the condition that tells edges of one trigger apart."""

    def is_target(event: EventData) -> bool:
        return bool(event.kwargs["facts"].to == target)

    return is_target


def _condition(guard: Guard) -> Callable[[EventData], bool]:
    """Return a guard in the shape that transitions calls."""

    def holds(event: EventData) -> bool:
        return guard.holds(event.kwargs["facts"])

    holds.guard = guard  # type: ignore[attr-defined]  # found again by _refusing
    return holds


def _refusing(machine: Machine, state: str, trigger: str, facts: Facts) -> Guard:
    """Return the first guard of the chosen edge that does not hold."""
    for edge in machine.events[trigger].transitions[state]:
        if edge.dest == facts.to:
            for condition in edge.conditions:
                guard: Guard | None = getattr(condition.func, "guard", None)
                if guard is not None and not guard.holds(facts):
                    return guard
    raise AssertionError("a refused edge has a guard that refuses")


def _no_edge(machine: Machine, state: str, trigger: str, facts: Facts) -> NoSuchEdge:
    """Return the refusal that names what is possible instead."""
    possible = targets(machine, state, trigger)
    if possible:
        return NoSuchEdge(
            N_("from the phase {state} this leads to {possible}; choose one of them"),
            state=state,
            possible=possible,
            to=facts.to or "",
        )
    template = N_("{trigger} is not possible from the phase {state}")
    if machine is LIFECYCLE:
        template = N_("{trigger} is not possible now, the trajectory is {state}")
    return NoSuchEdge(template, trigger=trigger.replace("_", "-"), state=state)


def _lifecycle() -> Machine:
    """Return the one machine of all trajectories' statuses."""
    states = ["requested", "active", "paused", COMPLETED, "stopped"]
    machine = _empty(states, "requested")
    for trigger, source, dest in LIFECYCLE_EDGES:
        machine.add_transition(trigger, source, dest, conditions=[_is_target(dest)])
    return machine


NO_DAY: Any = None  # the lifecycle has no guard that asks for a day
LIFECYCLE = _lifecycle()
