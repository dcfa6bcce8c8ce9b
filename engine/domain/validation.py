"""Whether the parts of a workflow fit together: every name known, every date reachable.

The shape of each part is checked by `definition`, the edges by `ways`, the mails by `mailed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from engine.domain.definition import (
    COMPLETED,
    Anchor,
    Criterion,
    DeadlineRule,
    Phase,
    Workflow,
)
from engine.domain.errors import Problem
from engine.domain.faults import Path, fault, unknown
from engine.domain.mailed import mail_problems
from engine.domain.ways import edges, way_problems
from engine.domain.words import N_, say

CORE_KINDS = ("analysis", "dream", "reality_check", "plan", "feedback")
STATUSES = ("requested", "active", "paused", COMPLETED, "stopped")
ACTORS = ("coach", "lead")  # the roles that enrolled actors fill; all others are contacts
LIMIT_OF = {
    "at_most": ("pause",),
    "overdue_notices": ("stop",),
    "silent": ("stop", "send_back"),
}
MOST_PROBLEMS = 50  # nobody reads on


def problems(workflow: Workflow, notices: frozenset[str]) -> tuple[Problem, ...]:
    """Return what in the workflow contradicts itself, each with its path; at most 50.

    `notices` are the notices that have templates.
    """
    found = chain(
        _whole(workflow),
        way_problems(workflow),
        _roles(workflow),
        _criteria(workflow),
        _phases(workflow),
        mail_problems(workflow, notices),
        _scheme(workflow, workflow.pause.reminders, ("pause", "reminders")),
        _reasons(workflow),
    )
    return tuple(islice(found, MOST_PROBLEMS))


def _whole(workflow: Workflow) -> Iterator[Problem]:
    """Yield missing kinds of phases, reserved names and follow-ups that lead nowhere."""
    kinds = {phase.kind for phase in workflow.phases.values()}
    for kind in CORE_KINDS:
        if kind not in kinds:
            template = N_("no phase has the kind '{kind}'; every category needs one")
            yield fault(("phases",), template, kind=kind)
    for phase in workflow.phases:
        if phase in STATUSES:
            template = N_("'{name}' is the name of a status, choose another for the phase")
            yield fault(("phases", phase), template, name=phase)
    for i, category in enumerate(workflow.follow_up):
        path: Path = ("follow_up", i)
        if category == workflow.category:
            yield fault(path, N_("a trajectory cannot be followed up by its own category"))
        if category in workflow.follow_up[:i]:
            yield fault(path, N_("'{name}' stands here twice"), name=category)


def _roles(workflow: Workflow) -> Iterator[Problem]:
    """Yield roles whose `actor` does not agree with who can fill them."""
    for name, role in workflow.roles.items():
        if role.actor and name not in ACTORS:
            template = N_("only {actors} are actors; '{name}' is filled by contacts")
            yield fault(("roles", name), template, actors=ACTORS, name=name)
        if name in ACTORS and not role.actor:
            yield fault(("roles", name), N_("the role '{name}' needs 'actor: true'"), name=name)


def _criteria(workflow: Workflow) -> Iterator[Problem]:
    """Yield criteria whose id is taken, or whose person or date does not hold."""
    owner: dict[str, str] = {}
    for phase_id, phase in workflow.phases.items():
        for name, criterion in phase.criteria.items():
            path: Path = ("phases", phase_id, "criteria", name)
            if name in owner:
                template = N_("the criterion '{name}' stands in the phase '{phase}' too")
                yield fault(path, template, name=name, phase=owner[name])
            owner.setdefault(name, phase_id)
            yield from _criterion(workflow, phase_id, criterion, path=path)


def _criterion(
    workflow: Workflow, phase: str, criterion: Criterion, *, path: Path
) -> Iterator[Problem]:
    """Yield what is wrong with one criterion."""
    who_path = (*path, "who") if "who" in criterion.model_fields_set else path
    yield from unknown(who_path, say(N_("role")), criterion.who, known=workflow.roles)
    if criterion.value is not None and criterion.looks is None:
        template = N_("a criterion with a date needs 'looks: back' or 'looks: forward'")
        yield fault((*path, "value"), template)
    if criterion.value is None and criterion.looks is not None:
        yield fault((*path, "looks"), N_("'looks' means nothing without 'value: date'"))
    if criterion.default is not None:
        if criterion.value is None:
            yield fault((*path, "default"), N_("'default' means nothing without 'value: date'"))
        if criterion.default.from_.criterion_id() == path[-1]:
            yield fault((*path, "default", "from"), N_("a date cannot be counted from itself"))
        yield from _anchor(workflow, phase, criterion.default.from_, path=(*path, "default"))


def _phases(workflow: Workflow) -> Iterator[Problem]:
    """Yield instruments and deadlines that hang on something unknown."""
    for phase_id, phase in workflow.phases.items():
        for i, name in enumerate(phase.instruments):
            path = ("phases", phase_id, "instruments", i)
            yield from unknown(path, say(N_("instrument")), name, known=workflow.instruments)
        yield from _deadlines(workflow, phase_id, phase)


def _deadlines(workflow: Workflow, phase_id: str, phase: Phase) -> Iterator[Problem]:
    """Yield what is wrong with the deadlines of a phase."""
    rounds = {t for _, trigger, edge in edges(workflow) if trigger == "next_round"
              for t in edge.targets()}  # fmt: skip
    for name, rule in phase.deadlines.items():
        path: Path = ("phases", phase_id, "deadlines", name)
        if rule.from_ is not None:
            yield from _anchor(workflow, phase_id, rule.from_, path=path)
        if rule.reminders is not None:
            yield from _scheme(workflow, rule.reminders, (*path, "reminders"))
        if rule.next_round is not None and phase_id not in rounds:
            template = N_("no 'next_round' leads to this phase")
            yield fault((*path, "next_round"), template)
        yield from _met_by(workflow, phase_id, rule, path=(*path, "met_by"))


def _anchor(workflow: Workflow, phase: str, anchor: Anchor, *, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the criterion that a date is counted from."""
    kind = "value" if anchor.criterion is None else "criterion"
    name, path = anchor.criterion_id(), (*path, "from", kind)
    yield from _known_criterion(workflow, name, path)
    home, criterion = workflow.phase_of(name), workflow.criterion(name)
    if home is None or criterion is None:
        return
    if home in workflow.from_phase_on(phase)[1:]:
        template = N_("'{name}' lies in the later phase '{phase}': the date would come too late")
        yield fault(path, template, name=name, phase=home)
    if kind == "value" and criterion.value is None:
        template = N_("the criterion '{name}' carries no date; it needs 'value: date'")
        yield fault(path, template, name=name)


def _met_by(workflow: Workflow, phase: str, rule: DeadlineRule, *, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the criterion that settles a deadline."""
    if rule.met_by is None:
        return
    yield from _known_criterion(workflow, rule.met_by, path)
    home = workflow.phase_of(rule.met_by)
    if home is not None and home not in workflow.from_phase_on(phase):
        template = N_("'{name}' lies in the earlier phase '{phase}': it is settled by then")
        yield fault(path, template, name=rule.met_by, phase=home)


def _known_criterion(workflow: Workflow, name: str, path: Path) -> Iterator[Problem]:
    """Yield the problem that no phase has this criterion, if so."""
    known = [name for phase in workflow.phases.values() for name in phase.criteria]
    yield from unknown(path, say(N_("criterion")), name, known=known)


def _scheme(workflow: Workflow, name: str, path: Path) -> Iterator[Problem]:
    """Yield the problem that no reminder scheme has this name, if so."""
    yield from unknown(path, say(N_("reminder scheme")), name, known=workflow.reminders)


def _reasons(workflow: Workflow) -> Iterator[Problem]:
    """Yield limits that mean nothing on a reason of that list."""
    for group in ("pause", "stop", "send_back"):
        for code, reason in getattr(workflow.reasons, group).items():
            for limit, belongs in LIMIT_OF.items():
                if group not in belongs and limit in reason.model_fields_set:
                    template = N_("'{limit}' means something for '{group}' only")
                    path: Path = ("reasons", group, code, limit)
                    yield fault(path, template, limit=limit, group=", ".join(belongs))
