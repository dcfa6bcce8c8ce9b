"""Fills a category file with what it names of its library, as it is written there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.domain.definition import Workflow
from engine.domain.errors import Problem
from engine.domain.faults import Path, fault
from engine.domain.words import N_
from workflows.schema import SECTIONS, words_at
from workflows.shape import unknown_key

Data = Mapping[str, Any]
BY_NAME = ("roles", "reminders", "instruments")  # only the named entries are taken over
FORMATS = (1,)


def filled(own: Data, library: Data) -> dict[str, Any]:
    """Return the file with all that its library holds; its own sections and entries win."""
    whole = {key: value for key, value in own.items() if key != "uses"}
    for section in SECTIONS:
        if section not in library:
            continue
        if section in BY_NAME and isinstance(whole.get(section), dict):
            whole[section] = {**library[section], **whole[section]}
        else:
            whole.setdefault(section, library[section])
    return whole


def published(own: Data, library: Data, workflow: Workflow) -> dict[str, Any]:
    """Return the document to publish: the file, and of its library what is needed.

    `workflow` is the same file with the whole library.
    """
    needed = {
        "roles": set(_roles(workflow)),
        "reminders": _schemes(workflow),
        "instruments": {name for phase in workflow.phases.values() for name in phase.instruments},
    }
    taken = dict(library)
    for section, names in needed.items():
        entries = taken.pop(section, {})
        kept = {name: entry for name, entry in entries.items() if name in names}
        taken |= {section: kept} if kept else {}
    return filled(own, taken)


def library_problems(own: Data, library: Any) -> Iterator[Problem]:
    """Yield what is wrong with the head of a library, and names that the file has too.

    What stands in its sections is checked with the file. The paths are the library's.
    """
    if not isinstance(library, dict):
        yield fault((), N_("a library begins with 'format: 1'"))
        return
    for key in library:
        if key not in words_at((), library=True):
            yield unknown_key((key,), library=True)
    if "format" not in library:
        yield fault((), N_("'{name}' is missing"), name="format")
    elif library["format"] not in FORMATS or library["format"] is True:
        template = N_("'{given}' is not possible here; one of: {known}")
        yield fault(("format",), template, given=str(library["format"]), known=FORMATS)
    for section in BY_NAME:
        for name in _names(own, section) & _names(library, section):
            template = N_("'{name}' stands in the category file too; one of them goes")
            yield fault((section, name), template, name=name)


def usable(library: Any) -> dict[str, Any]:
    """Return the sections of a library that have the shape to be filled in."""
    if not isinstance(library, dict):
        return {}
    return {key: value for key, value in library.items()
            if key in SECTIONS and isinstance(value, dict)}  # fmt: skip


def at_library(path: Path, own: Data) -> bool:
    """Tell whether the part at `path` of the filled document came from the library."""
    section = path[0] if path else ""
    if section not in SECTIONS:
        return False
    if section in BY_NAME and len(path) > 1:
        return path[1] not in _names(own, str(section))
    return section not in own


def _names(data: Data, section: str) -> set[str]:
    """Return the entries of a section, if it is there and has the shape."""
    entries = data.get(section)
    return set(entries) if isinstance(entries, dict) else set()


def _schemes(workflow: Workflow) -> set[str]:
    """Return the reminder schemes that are in use."""
    rules = [rule for phase in workflow.phases.values() for rule in phase.deadlines.values()]
    return {workflow.pause.reminders} | {rule.reminders for rule in rules if rule.reminders}


def _roles(workflow: Workflow) -> Iterator[str]:
    """Yield the roles that bring something about or read a mail."""
    for phase in workflow.phases.values():
        yield from (criterion.who for criterion in phase.criteria.values())
    for scheme in _schemes(workflow):
        yield from (role for rung in workflow.reminders[scheme] for role in rung.to)
    for rules in workflow.on.values():
        yield from (role for rule in rules for role in rule.to)
