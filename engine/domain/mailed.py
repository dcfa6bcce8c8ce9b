"""Whether the mails of a workflow hold: who is mailed what, and in which order it comes due."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engine.domain.definition import OnRule, Rung, Workflow
from engine.domain.errors import Problem
from engine.domain.faults import Path, fault, unknown
from engine.domain.rungs import about_days
from engine.domain.words import N_, say


def mail_problems(workflow: Workflow, notices: frozenset[str]) -> Iterator[Problem]:
    """Yield reminders and mails whose notice, reader, moment or order does not hold."""
    for scheme, ladder in workflow.reminders.items():
        yield from _ladder(("reminders", scheme), ladder)
        for i, rung in enumerate(ladder):
            yield from _mail(workflow, notices, rung, path=("reminders", scheme, i))
            yield from _repeated(("reminders", scheme, i, "every"), rung)
    for cause, rules in workflow.on.items():
        for i, rule in enumerate(rules):
            yield from _mail(workflow, notices, rule, path=("on", cause, i))
            yield from _yearly(("on", cause, i, "next"), rule)
    yield from _invited(workflow)


def _mail(
    workflow: Workflow, notices: frozenset[str], mail: Rung | OnRule, *, path: Path
) -> Iterator[Problem]:
    """Yield an unknown notice, and readers that are unknown or named twice."""
    yield from unknown((*path, "notice"), say(N_("notice")), mail.notice, known=notices)
    for i, role in enumerate(mail.to):
        yield from unknown((*path, "to", i), say(N_("role")), role, known=workflow.roles)
        if role in mail.to[:i]:
            yield fault((*path, "to", i), N_("'{name}' stands here twice"), name=role)


def _repeated(path: Path, rung: Rung) -> Iterator[Problem]:
    """Yield that a reminder cannot be repeated: on the wrong side of its date, or on one day."""
    if rung.every and rung.before is None:
        yield fault(path, N_("'every' means something with 'before' only"))
    elif rung.every and rung.length().unit_and_amount()[1] == 0:
        yield fault(path, N_("'every' needs some time between two reminders, not 0"))


def _yearly(path: Path, rule: OnRule) -> Iterator[Problem]:
    """Yield that a mail has two moments, or that its day is not there every year."""
    if rule.next is None:
        if rule.running is not None:
            yield fault((*path[:-1], "running"), N_("'running' means something with 'next' only"))
        return
    if rule.after is not None:
        yield fault(path, N_("give one of 'after' and 'next', not both"))
    try:
        rule.next_on(2027)  # a year without 29 February
    except ValueError:
        template = N_("'{given}' is no day of every year; write month and day: \"01-08\"")
        yield fault(path, template, given=rule.next)


def _invited(workflow: Workflow) -> Iterator[Problem]:
    """Yield readers who would hear that a moment changes, and whom nothing invites to it."""
    invited = {
        role
        for ladder in workflow.reminders.values()
        for rung in ladder
        for role in rung.to
        if rung.notice == "feedback_invite"
    }
    for i, rule in enumerate(workflow.on.get("feedback_changed", ())):
        for j, role in enumerate(rule.to):
            if role in workflow.roles and role not in invited:
                path: Path = ("on", "feedback_changed", i, "to", j)
                template = N_("'{name}' gets no feedback_invite, so nothing changes for it")
                yield fault(path, template, name=role)


def _ladder(path: Path, ladder: tuple[Rung, ...]) -> Iterator[Problem]:
    """Yield rungs that do not stand in the order in which they come due."""
    for i, (rung, following) in enumerate(pairwise(ladder), start=1):
        if _offset(following) < _offset(rung):
            template = N_("this reminder comes due before the one above it")
            yield fault((*path, i), template)


def _offset(rung: Rung) -> float:
    """Return the rung's distance from its date in days, about."""
    return -about_days(rung) if rung.before else about_days(rung)
