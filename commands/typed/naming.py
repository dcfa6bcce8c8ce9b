"""What the words of a command mean in one trajectory: its criteria, phases, reasons, dates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from commands.pages.wording import MARKS
from commands.typed.asking import ask, can_ask
from commands.typed.choosing import Choice, Refusal, listed, matching, pick
from commands.typed.dates import Looks, read_day
from engine.domain.errors import BadInput, NotFound, TrajectError
from engine.domain.words import N_, Label, Labelled

if TYPE_CHECKING:
    from commands.frame.context import Context
    from engine.domain.definition import Workflow
    from engine.domain.trajectory import Trajectory

OPEN = ("open",)


def workflow_of(context: Context, trajectory: Trajectory) -> Workflow:
    """Return the definition that a trajectory is pinned to."""
    return context.workflow(trajectory.workflow).workflow


def criteria_of(
    context: Context,
    trajectory: Trajectory,
    typed: Sequence[str],
    question: str,
    *,
    states: Sequence[str] = OPEN,
    who: str | None = None,
) -> tuple[str, ...]:
    """Return the criteria that numbers, words or ids mean, in the current phase.

    Without any a person at a terminal picks from the list, of which those in `states`, and
    in the hands of `who`, can be picked, or none at all. An id of another phase is left to
    the decision, which tells where it belongs. Raises: BadInput with the list in a pipe;
    NotFound.
    """
    workflow = workflow_of(context, trajectory)
    if trajectory.phase is None:
        return tuple(typed)
    words = [part for word in typed for part in _parts(word)]
    rules = workflow.phases[trajectory.phase].criteria
    choices = _choices(context, {name: rule.label for name, rule in rules.items()})
    if not words:
        fitting = [
            one
            for one in choices
            if trajectory.criterion(one.code).state in states and who in (None, rules[one.code].who)
        ]
        return _checklist(context, trajectory, choices, fitting, question)
    unknown = _no_criterion(trajectory.ref)
    found = (
        word
        if workflow.criterion(word) is not None and not matching(word, choices)
        else pick(context, word, choices, question, unknown).code
        for word in words
    )
    return tuple(dict.fromkeys(found))


def value_of(
    context: Context, trajectory: Trajectory, names: Sequence[str], typed: str | None
) -> date | None:
    """Return the date that one of the criteria carries, looked for in its own direction.

    Where one must have a date and none was given, a person at a terminal is asked.
    """
    workflow = workflow_of(context, trajectory)
    dated = [rule for name in names if (rule := workflow.criterion(name)) and rule.value]
    looks: Looks = dated[0].looks or "forward" if dated else "back"
    if typed is not None:
        return read_day(typed, context.today(), looks)
    needed = [rule for rule in dated if rule.default is None]
    if not needed or not can_ask(context):
        return None
    question = context.in_words(N_("{criterion}: which day?"), criterion=needed[0].label)
    return ask(question, context, lambda text: read_day(text, context.today(), looks))


def phases_of(workflow: Workflow) -> dict[str, Labelled]:
    """Return the phases of a workflow by id, in order, with their labels."""
    return {name: phase.label for name, phase in workflow.phases.items()}


def phase_of(
    context: Context,
    phases: Mapping[str, Labelled],
    typed: str | None,
    question: str,
    among: Iterable[str] | None = None,
) -> str:
    """Return the phase that a number, words or an id mean; asks among those that can be.

    Raises: BadInput with the list where it is unknown, or left out in a pipe.
    """
    choices = _choices(context, phases)
    possible = set(phases if among is None else among)
    offered = [one for one in choices if one.code in possible]

    def refusal(word: str, _: str) -> TrajectError:
        if not word:
            return BadInput(N_("say which phase:{possible}"), possible=listed(offered))
        return BadInput(
            N_("there is no phase {text}; there is:{possible}"), text=word, possible=listed(choices)
        )

    return pick(context, typed, offered if typed is None else choices, question, refusal).code


def category_of(context: Context, typed: str | None, among: Iterable[str] | None = None) -> str:
    """Return the category that its id, a beginning of it, its label or number means.

    Raises: BadInput with the list where it is unknown, or left out in a pipe.
    """
    known = context.wiring.categories()
    offered = tuple(among) if among is not None else known
    if typed in offered:
        return typed
    documents = {one: json.loads(context.published(one).document) for one in offered}
    labels = {one: Label(document["label"]) for one, document in documents.items()}

    def refusal(word: str, possible: str) -> TrajectError:
        if not word:
            return BadInput(N_("say which category:{possible}"), possible=possible)
        template = N_("there is no category {text}; there is:{possible}")
        return BadInput(template, text=word, possible=possible)

    question = context.in_words(N_("Which category?"))
    return pick(context, typed, _choices(context, labels), question, refusal).code


def kept_of(context: Context, trajectory: Trajectory, typed: Sequence[str]) -> tuple[str, ...]:
    """Return the criteria of any phase that words or ids mean; numbers are of one phase only."""
    workflow = workflow_of(context, trajectory)
    rules = {n: rule for phase in workflow.phases.values() for n, rule in phase.criteria.items()}
    choices = [Choice(name, context.words.label(rule.label), 0) for name, rule in rules.items()]

    def refusal(word: str, _: str) -> TrajectError:
        return NotFound(N_("there is no criterion {text}; see: traject show"), text=word)

    return tuple(pick(context, word, choices, "", refusal).code for word in typed)


def reason_of(context: Context, ref: str, kind: str, typed: str | None) -> str:
    """Return the code of a reason; asks where it was left out.

    Raises: BadInput with the list in a pipe.
    """
    workflow = workflow_of(context, context.trajectory(ref))
    reasons = getattr(workflow.reasons, kind)
    choices = _choices(context, reasons)

    def refusal(word: str, possible: str) -> TrajectError:
        if not word:
            return BadInput(N_("say why, with --reason CODE:{possible}"), possible=possible)
        template = N_("there is no reason {reason}; say why, with --reason CODE:{possible}")
        return BadInput(template, reason=word, possible=possible)

    question = context.in_words(N_("Why?  (number, or words of the reason)"))
    return pick(context, typed, choices, question, refusal).code


def usual_reason(context: Context, trajectory: Trajectory, kind: str) -> str:
    """Return a reason that asks for nothing more: the last one of the list."""
    reasons: Mapping[str, Labelled] = getattr(workflow_of(context, trajectory).reasons, kind)
    return list(reasons)[-1]


def deadline_of(context: Context, trajectory: Trajectory, typed: str | None) -> str | None:
    """Return the id of a target date; None for the phase's own, where nobody can be asked."""
    workflow = workflow_of(context, trajectory)
    standing = [one.deadline for one in trajectory.open_deadlines()]
    choices = []
    for number, one in enumerate(standing, start=1):
        phase = workflow.phases[one.phase]
        label = context.words.label(phase.deadlines[one.deadline].label or phase.label)
        choices.append(Choice(one.deadline, f"{label}, {context.words.day(one.due_on)}", number))
    if typed is None and (len(choices) < 2 or not can_ask(context)):
        return None

    def refusal(word: str, possible: str) -> TrajectError:
        template = N_("{ref} has no open target date {name}; it has:{possible}")
        return NotFound(template, ref=trajectory.ref, name=word, possible=possible)

    question = context.in_words(N_("Which date?"))
    return pick(context, typed, choices, question, refusal).code


def _choices(context: Context, labels: Mapping[str, Labelled]) -> list[Choice]:
    """Return things with labels as choices, numbered in their order."""
    return [
        Choice(code, context.words.label(label), number)
        for number, (code, label) in enumerate(labels.items(), start=1)
    ]


def _parts(word: str) -> list[str]:
    """Return the numbers of `1,2,6`; anything else is one word."""
    parts = [part for part in word.replace(" ", ",").split(",") if part]
    return parts if all(part.isdecimal() for part in parts) and parts else [word]


def _no_criterion(ref: str) -> Refusal:
    def refusal(word: str, possible: str) -> TrajectError:
        template = N_("{ref} has no criterion {criterion}; this phase has:{possible}")
        return NotFound(template, ref=ref, criterion=word, possible=possible)

    return refusal


def _checklist(
    context: Context,
    trajectory: Trajectory,
    choices: Sequence[Choice],
    fitting: Sequence[Choice],
    question: str,
) -> tuple[str, ...]:
    """Return the criteria that a person picks by number from the phase's list."""
    if not fitting:
        raise BadInput(N_("{ref}: there is no such point in this phase"), ref=trajectory.ref)
    if not can_ask(context):
        raise BadInput(
            N_("say which points, by number, word or id:{possible}"), possible=listed(fitting)
        )
    phase = workflow_of(context, trajectory).phases[trajectory.phase or ""]
    context.talk(f"{context.words.label(phase.label)}: {question}")
    for one in choices:
        mark = MARKS[trajectory.criterion(one.code).state]
        number = f"{one.number:>3}" if one in fitting else "   "
        context.talk(f"{number} {mark} {one.label}")

    def read(answer: str) -> tuple[str, ...]:
        codes: list[str] = []
        for word in answer.replace(",", " ").split():
            found = matching(word, fitting)
            if len(found) != 1:
                raise BadInput(N_("{text} is none of these numbers"), text=word)
            codes.append(found[0].code)
        return tuple(dict.fromkeys(codes))

    context.tell(N_("(numbers with blanks between; Enter: none)"))
    return ask(">", context, read, default="")
