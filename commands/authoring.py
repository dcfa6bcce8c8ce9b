"""The definitions: list the shipped workflows, show one, check files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.frame.context import Context
from commands.frame.shape import argument, command
from commands.pages.columns import wrapped
from commands.typed.naming import category_of
from engine.domain.words import N_

if TYPE_CHECKING:
    from engine.domain.definition import Criterion, DeadlineRule, Phase, Workflow
    from engine.domain.errors import Problem
    from workflows.loader import Loaded

UNITS = {
    "working_days": N_("{n} working days"),
    "days": N_("{n} days"),
    "weeks": N_("{n} weeks"),
    "months": N_("{n} months"),
}


@command(json=True)
def workflow_list(context: Context) -> None:
    """List the shipped workflows."""
    from workflows.loader import load, shipped

    found = [load(path) for path in shipped()]
    if context.json:
        context.echo_json([_summary(context, one) for one in found])
        return
    for one in found:
        label = context.words.label(one.workflow.label)
        context.say(
            N_("{category}  {label}, version {version}, {count} phases"),
            category=f"{one.workflow.category:<20}",
            label=label,
            version=one.workflow.version,
            count=len(one.workflow.phases),
        )


@command(json=True, details=N_("Takes a category, or the path of a file."))
@argument("category")
def workflow_show(context: Context, category: str) -> None:
    """Show the phases of one workflow, what each asks and by when."""
    one = _found(context, category)
    if context.json:
        import json

        context.echo_json(json.loads(one.document))
        return
    workflow = one.workflow
    context.echo(f"{context.words.label(workflow.label)}  ({workflow.category})")
    context.say(N_("version {version}, {digest}"), version=workflow.version, digest=one.digest[:12])
    for number, phase in enumerate(workflow.phases.values(), start=1):
        context.echo()
        for line in _phase_lines(context, workflow, number, phase):
            context.echo(line)


@command(
    json=True,
    details=N_(
        "Without a file: the shipped ones. Every problem is told at once, with its line and "
        "column; exit code 5 when there is one."
    ),
)
@argument("files", nargs=-1, type=click.Path(path_type=Path))
def workflow_check(context: Context, files: tuple[Path, ...]) -> int:
    """Check workflow files."""
    from engine.domain.errors import DefinitionInvalid
    from workflows.loader import load, shipped

    problems: list[Problem] = []
    checked = files or shipped()
    for path in checked:
        try:
            loaded = load(path)
        except DefinitionInvalid as error:
            problems += error.problems
            continue
        if not context.json:
            context.say(
                N_("{file}: in order ({category} version {version})"),
                file=str(path),
                category=loaded.workflow.category,
                version=loaded.workflow.version,
            )
    if context.json:
        context.echo_json(
            [{**_place(p), "problem": context.words.say(p.sentence)} for p in problems]
        )
    else:
        for problem in problems:
            place = ":".join(map(str, _place(problem).values()))
            context.talk(f"{place} {context.words.say(problem.sentence)}")
    return DefinitionInvalid.exit_code if problems else 0


def _found(context: Context, category: str) -> Loaded:
    """Return the workflow of a category or a file."""
    from workflows.loader import load, load_category

    path = Path(category)
    return (
        load(path)
        if path.suffix in (".yaml", ".yml")
        else load_category(category_of(context, category))
    )


def _place(problem: Problem) -> dict[str, Any]:
    """Return where a problem is."""
    return {"file": problem.file, "line": problem.line, "column": problem.column}


def _summary(context: Context, one: Loaded) -> dict[str, Any]:
    """Return a workflow as a script reads it."""
    return {
        "category": one.workflow.category,
        "label": context.words.label(one.workflow.label),
        "version": one.workflow.version,
        "digest": one.digest,
        "phases": list(one.workflow.phases),
        "follow_up": list(one.workflow.follow_up),
        "file": str(one.path),
    }


def _phase_lines(context: Context, workflow: Workflow, number: int, phase: Phase) -> Iterator[str]:
    """Yield a phase: its label, its dates, its criteria by number."""
    yield f"{number}  {context.words.label(phase.label)}"
    for name, rule in phase.deadlines.items():
        yield f"     {_deadline(context, workflow, name, rule)}"
    for position, criterion in enumerate(phase.criteria.values(), start=1):
        text = f"{position:>2} {_criterion(context, workflow, criterion)}"
        yield from wrapped(text, indent=3, hanging=3)


def _deadline(context: Context, workflow: Workflow, name: str, rule: DeadlineRule) -> str:
    """Return a deadline rule in words."""
    label = context.words.label(rule.label) if rule.label else context.in_words(N_("target date"))
    parts = [f"{label} ({name})"]
    duration = rule.duration()
    if duration is not None:
        unit, amount = duration.unit_and_amount()
        parts.append(context.in_words(UNITS[unit], n=amount))
    if rule.from_ is not None:
        anchor = workflow.criterion(rule.from_.criterion_id())
        parts.append(context.in_words(N_("from “{anchor}”"), anchor=anchor.label if anchor else ""))
    return ", ".join(parts)


def _criterion(context: Context, workflow: Workflow, criterion: Criterion) -> str:
    """Return a criterion in words."""
    marks = [context.words.label(workflow.roles[criterion.who].label)]
    if not criterion.required:
        marks.append(context.in_words(N_("not required")))
    if criterion.per:
        marks.append(context.in_words(N_("each municipality")))
    if criterion.value:
        marks.append(context.in_words(N_("with a date")))
    return f"{context.words.label(criterion.label)} ({', '.join(marks)})"
