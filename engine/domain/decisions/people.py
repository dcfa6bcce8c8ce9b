"""Who is involved: contacts and their roles, the coach, the municipalities; and notes."""

from __future__ import annotations

from engine.domain.decisions.decision import Decision, require_day, require_day_of
from engine.domain.decisions.settling import settle_consents
from engine.domain.errors import BadInput, NotFound, Refused
from engine.domain.events import (
    CoachChanged,
    ContactAssigned,
    ContactReleased,
    Detail,
    FollowUpLinked,
    NoteAdded,
    ScopeChanged,
)
from engine.domain.words import N_

COORDINATOR = "coordinator"
CLOSED = ("completed", "stopped")


def decide_assign(
    decision: Decision,
    contact: int,
    role: str,
    *,
    municipality: str | None = None,
    introduce: bool = True,
) -> None:
    """Give a contact a role; a new coordinator of running work is told where we are.

    `introduce=False`: a role from the start on, whose day may lie ahead.
    """
    workflow, trajectory = decision.pinned.workflow, decision.trajectory
    require_open(decision)
    if introduce:
        require_day_of(decision.act, trajectory)
    known = tuple(name for name, r in workflow.roles.items() if not r.actor)
    if role not in known:
        raise BadInput(
            N_("unknown role {role}; choose one of {possible}"), role=role, possible=known
        )
    place = _place(decision, role, municipality)
    held = trajectory.assignments.get((contact, role, place or ""))
    if held is not None and held.until_on is None:
        raise Refused(N_("this contact has that role already since {on}"), on=held.from_on)
    mails = (
        decision.caused("coordinator_assigned", contact=contact)
        if role == COORDINATOR and introduce and trajectory.status == "active"
        else ()
    )
    decision.add(ContactAssigned(contact, role, place, reminders=mails))
    decision.withhold(mails)


def decide_release(
    decision: Decision, contact: int, role: str | None = None, municipality: str | None = None
) -> None:
    """End a contact's roles in this trajectory: all, or the one named."""
    require_open(decision)
    require_day_of(decision.act, decision.trajectory)
    held = [
        (held_role, place)
        for (who, held_role, place), assignment in decision.trajectory.assignments.items()
        if who == contact
        and assignment.until_on is None
        and role in (None, held_role)
        and municipality in (None, place)
    ]
    if not held:
        raise NotFound(N_("this contact has no such role in {ref}"), ref=decision.trajectory.ref)
    for held_role, place in held:
        _release(decision, contact, held_role, place)


def decide_reassign(decision: Decision, coach: int) -> None:
    """Hand the trajectory to another coach; the coordinator hears who."""
    require_open(decision)
    require_day_of(decision.act, decision.trajectory)
    if coach == decision.trajectory.coach:
        raise Refused(N_("{ref} has that coach already"), ref=decision.trajectory.ref)
    mails = decision.caused("coach_changed") if decision.trajectory.status == "active" else ()
    decision.add(CoachChanged(coach, reminders=mails))
    decision.withhold(mails)


def decide_scope(
    decision: Decision, joined: tuple[str, ...] = (), left: tuple[str, ...] = ()
) -> None:
    """Let municipalities join or leave."""
    require_open(decision)
    require_day_of(decision.act, decision.trajectory)
    present = set(decision.trajectory.current_municipalities())
    if twice := tuple(nis for nis in joined if nis in present):
        raise Refused(N_("{nis} takes part already"), nis=twice)
    if strangers := tuple(nis for nis in left if nis not in present):
        raise Refused(N_("{nis} does not take part"), nis=strangers)
    if not (present | set(joined)) - set(left):
        raise Refused(N_("one municipality at least takes part; stop the trajectory instead"))
    decision.add(ScopeChanged(joined, left))
    for (contact, role, place), held in decision.trajectory.assignments.items():
        if place in left and held.until_on is None:
            _release(decision, contact, role, place)
    settle_consents(decision)


def decide_note(decision: Decision, text: str) -> None:
    """Keep a note, beside the hashed bytes."""
    require_day_of(decision.act, decision.trajectory)
    decision.add(NoteAdded(), Detail("text", text))


def decide_follow_up(decision: Decision, category: str, *, trajectory: str, ref: str) -> None:
    """Link the trajectory that goes on where this one ended."""
    check_follow_up(decision, category)
    decision.supersede(
        (r for r in decision.trajectory.planned() if r.notice == "followup_offer"), "followed_up"
    )
    decision.add(FollowUpLinked(trajectory, ref, category))


def check_follow_up(decision: Decision, category: str) -> None:
    """Refuse a follow-up that status, workflow or day do not allow, or that there is already."""
    trajectory = decision.trajectory
    if trajectory.status not in CLOSED:
        raise Refused(
            N_("{ref} is not closed yet; a follow-up comes after that"), ref=trajectory.ref
        )
    require_day(decision.act, trajectory.closed_on)
    allowed = decision.pinned.workflow.follow_up
    if category not in allowed:
        raise Refused(
            N_("{category} does not follow {this}; possible: {possible}"),
            category=category,
            this=trajectory.category,
            possible=allowed,
        )
    if category in trajectory.followed_up:
        raise Refused(
            N_("{ref} was followed up already: traject show {own}"),
            ref=trajectory.ref,
            own=trajectory.followed_up[category],
        )


def require_open(decision: Decision) -> None:
    """Refuse when the trajectory is completed or stopped."""
    if decision.trajectory.status in CLOSED:
        raise Refused(
            N_("{ref} is closed since {on}"),
            ref=decision.trajectory.ref,
            on=decision.trajectory.closed_on,
        )


def _release(decision: Decision, contact: int, role: str, place: str) -> None:
    """End one role, on no day before it began."""
    held = decision.trajectory.assignments[contact, role, place]
    require_day(decision.act, decision.act.by_today(held.from_on))
    decision.add(ContactReleased(contact, role, place or None))


def _place(decision: Decision, role: str, municipality: str | None) -> str | None:
    """Return the municipality a role is held for; chosen where there is only one."""
    if decision.pinned.workflow.roles[role].per is None:
        return None
    present = decision.trajectory.current_municipalities()
    if municipality is None and len(present) == 1:
        return present[0]
    if municipality not in present:
        raise BadInput(
            N_("say of which municipality: --for NAME, one of those in {ref}"),
            ref=decision.trajectory.ref,
        )
    return municipality
