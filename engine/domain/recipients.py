"""Roles become people: who is to be mailed in a role, today, in this trajectory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.domain.people import COACH, LEAD, Actor, People
from engine.domain.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person with an address, in the role and for the municipality they are mailed for."""

    key: str  # contact:7 | actor:1
    name: str
    email: str
    lang: str
    role: str
    nis: str = ""
    instead_of: str = ""  # the key of who is away


def recipients(
    role: str,
    trajectory: Trajectory,
    people: People,
    *,
    nis: str | None = None,
    contact: int | None = None,
) -> tuple[Recipient, ...]:
    """Return who fills a role, each person once; () where nobody with an address does."""
    if role in (COACH, LEAD):
        found = [_there(actor, role, people) for actor in _actors(role, trajectory, people)]
        return tuple({one.key: one for one in sorted(found, key=_own_place_last)}.values())
    held: dict[str, Recipient] = {}
    for number, place in trajectory.people(role, nis):
        person = people.contacts.get(number)
        if person is None or person.email is None or contact not in (None, number):
            continue
        key = f"contact:{number}"
        name = person.name or person.email
        held.setdefault(key, Recipient(key, name, person.email, person.lang, role, place))
    return tuple(held.values())


def reads_now(
    found: Sequence[Recipient], person: str, *, made_for: str = "", served: Collection[str] = ()
) -> Recipient | None:
    """Return who is to read a mail that was made for a person; None where nobody is.

    Of a coach or lead it goes on to who stands in for them, or for whom they did (`made_for`),
    else to who has the role by now; to nobody who has it already (`served`).
    """
    own = next((one for one in found if one.key == person), None)
    if own is not None or not person.startswith("actor:"):
        return own
    left = [one for one in found if one.key not in served]
    theirs = {person, made_for} - {""}
    close = (one for one in left if theirs & {one.key, one.instead_of})
    return next(close, left[0] if left else None)


def is_released(key: str, role: str, trajectory: Trajectory) -> bool:
    """Tell whether a contact had that role in the trajectory and has it no longer."""
    kind, _, number = key.partition(":")
    if kind != "contact":
        return False
    held = [
        a
        for (who, as_role, _), a in trajectory.assignments.items()
        if who == int(number) and as_role == role
    ]
    return bool(held) and all(assignment.until_on is not None for assignment in held)


def _actors(role: str, trajectory: Trajectory, people: People) -> tuple[Actor, ...]:
    """Return the coach, or the leads; who is not there is answered for by the other.

    A coach who works here no longer gets no mail, and neither does one without an address.
    """
    there = {a.id: a for a in people.actors.values() if a.active and a.email}
    leads = tuple(a for a in there.values() if a.role == LEAD)
    coach = there.get(trajectory.coach)
    own = (coach,) if coach is not None else ()
    return (leads or own) if role == LEAD else (own or leads)


def _there(actor: Actor, role: str, people: People) -> Recipient:
    """Return an actor as somebody to mail, or who stands in on that day."""
    other = people.actors[people.standing_in.get(actor.id, actor.id)]
    email, away = other.email or "", f"actor:{actor.id}" if other is not actor else ""
    name = other.name or email
    return Recipient(f"actor:{other.id}", name, email, other.lang, role, instead_of=away)


def _own_place_last(one: Recipient) -> bool:
    """Order those who stand in first, so that who has the role anyway comes in their own right."""
    return not one.instead_of
