"""Which events belong to the history of one trajectory: its own, and those it refers to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from engine.store.reading import StoredRow, read_events

PERSON = re.compile(r"(?:actor|contact):[0-9]+", re.ASCII)
NUMBERED = {
    **dict.fromkeys(("coach", "number", "on_behalf_of", "substitute"), "actor"),
    "contact": "contact",
}
WHO_THEY_ARE = frozenset(
    {"ActorAdded", "ActorChanged", "ActorAway", "ActorBack", "ContactAdded", "ContactChanged"}
)  # of people; mails to them about no trajectory are nobody's business here
OWN_AFFAIRS = frozenset({"CheckpointTaken"})  # of the log: every day one, about no trajectory


@dataclass(slots=True)
class _Referred:
    """What the events of a trajectory refer to."""

    positions: set[int] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    workflows: set[str] = field(default_factory=set)


def positions_of(connection: Connection, stream: str) -> tuple[int, ...]:
    """Return the positions of a trajectory's events and of those they refer to, in order.

    People: who they are that act or take part, not what else they were mailed; workflows: the
    version it is pinned to; the log: how it began and what befell it.
    """
    found = _Referred()
    for row in read_events(connection, stream=stream):
        body = json.loads(row.body)
        found.positions.add(row.position)
        found.people |= people_in(body)
        found.workflows.add(str(body.get("workflow")))
    for row in read_events(connection, stream="people"):
        if _is_of(row, found.people):
            found.positions.add(row.position)
    for row in read_events(connection, stream="workflows"):
        if json.loads(row.body)["data"].get("digest") in found.workflows:
            found.positions.add(row.position)
    for row in read_events(connection, stream="log"):
        if _befell(row, found):
            found.positions.add(row.position)
    return tuple(sorted(found.positions))


def people_in(body: Any) -> Set[str]:
    """Return the keys of those whom an event's body names, who acted included."""
    return frozenset(_people(body))


def _people(value: Any, key: str = "") -> Iterator[str]:
    """Yield the keys of the people in a value that stands under a key."""
    if isinstance(value, dict):
        if key == "actor" and "id" in value:
            yield f"actor:{value['id']}"
        for name, part in value.items():
            yield from _people(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from _people(part, key)
    elif isinstance(value, str) and PERSON.fullmatch(value):
        yield value
    elif isinstance(value, int) and key in NUMBERED and not isinstance(value, bool):
        yield f"{NUMBERED[key]}:{value}"


def _is_of(row: StoredRow, people: Set[str]) -> bool:
    """Tell whether an event of the people says who one of these is."""
    if row.type not in WHO_THEY_ARE:
        return False
    return not people.isdisjoint(people_in({**json.loads(row.body), "actor": None}))


def _befell(row: StoredRow, found: _Referred) -> bool:
    """Tell whether an event of the log concerns the trajectory: its beginning, what befell it.

    Of erasures, those that took a detail of one of its events.
    """
    if row.type == "DetailsErased":
        erased = json.loads(row.body)["data"]["erased"]
        return any(one["position"] in found.positions for one in erased)
    return row.type not in OWN_AFFAIRS
