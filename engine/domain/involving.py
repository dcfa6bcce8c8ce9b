"""Who takes part in a trajectory: municipalities that join and leave, contacts and their roles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.domain.events import ContactAssigned, ContactReleased, Event, Fact, ScopeChanged
from engine.domain.trajectory import Assignment, Membership, Trajectory

Changes = dict[str, Any]


def _scope_changed(t: Trajectory, fact: ScopeChanged, event: Event) -> Changes:
    on = event.occurred_on
    rank = max((m.rank for m in t.municipalities.values()), default=-1) + 1
    left = {nis: replace(t.municipalities[nis], left_on=on) for nis in fact.left}
    joined = {nis: Membership(rank + i, on) for i, nis in enumerate(fact.joined)}
    return {"municipalities": {**t.municipalities, **left, **joined}}


def _assigned(t: Trajectory, fact: ContactAssigned, event: Event) -> Changes:
    return {"assignments": {**t.assignments, _role(fact): Assignment(event.occurred_on)}}


def _released(t: Trajectory, fact: ContactReleased, event: Event) -> Changes:
    ended = replace(t.assignments[_role(fact)], until_on=event.occurred_on)
    return {"assignments": {**t.assignments, _role(fact): ended}}


def _role(fact: ContactAssigned | ContactReleased) -> tuple[int, str, str]:
    """Return the key of a contact's role, in all of the trajectory or in one municipality."""
    return fact.contact, fact.role, fact.municipality or ""


BRANCHES: dict[type[Fact], Callable[[Trajectory, Any, Event], Changes]] = {
    ScopeChanged: _scope_changed,
    ContactAssigned: _assigned,
    ContactReleased: _released,
}
