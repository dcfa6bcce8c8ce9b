"""Reads workflow files: a workflow with the document to publish, or everything wrong with it.

Nothing in a file is ever imported or evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from engine.domain import validation
from engine.domain.definition import Workflow, digest, document, parse
from engine.domain.errors import BadInput, DefinitionInvalid, NotFound, Problem
from engine.domain.faults import fault, unknown
from engine.domain.notices import NOTICES
from engine.domain.words import N_, Say, say
from workflows.followups import follow_up_problems
from workflows.prescan import MAX_BYTES, at, prescan
from workflows.resolve import at_library, filled, library_problems, published, usable
from workflows.schema import SECTIONS
from workflows.shape import mended, shape_problems, touches
from workflows.tree import Source, Tree, Unreadable

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
SYNTAX = {
    "mapping values are not allowed": N_(
        "a ': ' too many here (put the text in quotes), or an indentation that does not fit"
    ),
    "expected ',' or '}'": N_("a comma or the closing brace is missing"),
    "expected ',' or ']'": N_("a comma or the closing bracket is missing"),
    "could not find expected ':'": N_("a ':' is missing after the name"),
    "expected <block end>": N_("the indentation does not fit the lines above"),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workflow file that holds: its workflow, and the bytes that are published of it."""

    workflow: Workflow
    document: bytes
    digest: str
    path: Path


def shipped() -> tuple[Path, ...]:
    """Return the paths of the workflow files that come with traject."""
    return tuple(sorted(Path(str(files("workflows"))).glob("*.yaml")))


def load_category(category: str) -> Loaded:
    """Return the shipped workflow of a category.

    Raises: BadInput when there is none of that name.
    """
    known = {path.stem: path for path in shipped()}
    if category not in known:
        said = next(unknown((), say(N_("category")), category, known=known)).sentence
        raise BadInput(said.template, **said.values)
    return load(known[category])


def load(path: Path, notices: frozenset[str] = NOTICES) -> Loaded:
    """Return the workflow in a file, filled with what it names of its library.

    Raises: DefinitionInvalid with every problem and its position; NotFound; BadInput (a folder).
    """
    own = _read(path)
    if not isinstance(own.data, dict):
        expected = N_("a workflow file begins with 'format: 1'")
        _refuse(path, own.problems or (own.placed(fault((), expected)),))
    library, found = _library(own)
    sections = usable(library.data) if library else {}
    whole = filled(own.data, sections)
    problems = (*own.problems, *found, *_problems(own, library, whole, notices=notices))
    if problems:
        _refuse(path, problems)
    stored = document(published(own.data, sections, parse(document(whole))))
    return Loaded(parse(stored), stored, digest(stored), path)


def _problems(
    own: Source, library: Source | None, whole: Any, *, notices: frozenset[str]
) -> Iterator[Problem]:
    """Yield what is wrong with the library and with the filled data, each in its own file."""
    if library is not None:
        yield from library.problems
        if library.data is not None:
            yield from map(library.placed, library_problems(own.data, library.data))
    said = {problem.path for problem in (*own.problems, *(library.problems if library else ()))}
    checked = _check(whole, notices, absent=_absent(own, library))
    for problem in (*checked, *follow_up_problems(whole, Path(own.file), shipped())):
        if not problem.path or problem.path not in said:
            from_library = library is not None and at_library(problem.path, own.data)
            yield (library if library and from_library else own).placed(problem)


def _refuse(path: Path, problems: tuple[Problem, ...]) -> None:
    """Raise all problems of a file, in the order in which they stand there."""
    own = str(path)
    ordered = sorted(problems, key=lambda p: (p.file != own, p.line, p.column))
    template = N_("{file} cannot be used; problems found: {count}")
    raise DefinitionInvalid(template, tuple(ordered), file=own, count=len(ordered))


def _check(whole: Any, notices: frozenset[str], *, absent: frozenset[str]) -> Iterator[Problem]:
    """Yield what is wrong with the filled data: its shape, and how its parts relate."""
    try:
        yield from validation.problems(parse(document(whole)), notices)
        return
    except ValidationError as error:
        found = (f for f in error.errors(include_url=False) if not _is_absent(f, absent))
        findings = tuple(islice(found, validation.MOST_PROBLEMS))
    yield from shape_problems(findings, whole)
    repaired, changed = mended(findings, whole)
    try:
        related = validation.problems(parse(document(repaired)), notices)
    except ValidationError:
        return
    for problem in related:
        if not any(touches(problem.path, path) for path in changed):
            yield problem


def _is_absent(finding: Any, absent: frozenset[str]) -> bool:
    """Tell whether a finding is about a section that the faulty library would have given."""
    return finding["type"] == "missing" and finding["loc"][0] in absent


def _absent(own: Source, library: Source | None) -> frozenset[str]:
    """Return the sections that are missing only because the library is at fault."""
    if "uses" not in own.data:
        return frozenset()
    if library is None or not isinstance(library.data, dict):
        return frozenset(SECTIONS)
    return frozenset(set(library.data) & set(SECTIONS)) - set(usable(library.data))


def _library(own: Source) -> tuple[Source | None, tuple[Problem, ...]]:
    """Return the library that a file uses, or what is wrong with its name.

    One in the folder `library` beside the file goes before the shipped one.
    """
    name = own.data.get("uses")
    if name is None:
        return None, ()
    folders = (Path(own.file).parent / "library", Path(str(files("workflows"))) / "library")
    known = {path.stem: path for folder in reversed(folders) for path in folder.glob("*.yaml")}
    if isinstance(name, str) and NAME.fullmatch(name) and name in known:
        return _read(known[name]), ()
    found = unknown(("uses",), say(N_("library")), str(name), known=known)
    return None, tuple(own.placed(problem) for problem in found)


def _read(path: Path) -> Source:
    """Return a file as data with positions, or with the problems that forbid reading it."""
    if path.is_dir():
        raise BadInput(N_("{file} is a folder; name the files in it"), file=str(path))
    if not path.is_file():
        raise NotFound(N_("there is no file {file}"), file=str(path))
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    text, found = _decoded(raw)
    tree = Tree()
    if not found:
        found = _grow(tree, text)
    source = Source(str(path), tree.data, tree.marks, ())
    return replace(source, problems=tuple(source.placed(problem) for problem in found))


def _decoded(raw: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return the text of a file, and why it must not reach the parser."""
    if len(raw) > MAX_BYTES:
        sentence = say(N_("the file is larger than {kilobytes} kB"), kilobytes=MAX_BYTES // 1024)
        return "", (at("", 0, sentence),)
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        return "", (at(before, len(before), say(N_("this is not UTF-8"))),)
    return text, prescan(text)


def _grow(tree: Tree, text: str) -> tuple[Problem, ...]:
    """Read the text into the tree; return what is wrong with it."""
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            _take(tree, event)
    except Unreadable as error:
        tree.data = None
        return (*tree.problems, error.problem)
    except YAMLError as error:
        tree.data = None
        return (*tree.problems, _syntax(error))
    return tuple(tree.problems)


def _take(tree: Tree, event: Any) -> None:
    """Hand one of the parser's events to the tree."""
    mark = (event.start_mark.line + 1, event.start_mark.column + 1)
    _refuse_tricks(event, mark)
    if isinstance(event, ScalarEvent):
        tree.scalar(event.value, plain=event.style is None, mark=mark)
    elif isinstance(event, MappingStartEvent | SequenceStartEvent):
        tree.begin({} if isinstance(event, MappingStartEvent) else [], mark)
    elif isinstance(event, MappingEndEvent | SequenceEndEvent):
        tree.end()
    elif isinstance(event, DocumentStartEvent) and tree.data is not None:
        raise Unreadable(say(N_("a second document begins here; one is enough")), mark)


def _refuse_tricks(event: Any, mark: tuple[int, int]) -> None:
    """Refuse what YAML can and a workflow file need not: anchors, tags, directives."""
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        raise Unreadable(say(N_("anchors and aliases are not read here")), mark)
    if getattr(event, "tag", None):
        raise Unreadable(say(N_("tags ('!name') are not read here; put the text in quotes")), mark)
    if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
        raise Unreadable(say(N_("directives ('%NAME') are not read here")), mark)


def _syntax(error: YAMLError) -> Problem:
    """Return what the parser stumbled over, in plainer words where they are known."""
    mark, message = None, str(error).splitlines()[0]
    if isinstance(error, MarkedYAMLError):
        mark, message = error.problem_mark or error.context_mark, error.problem or message
    sentence = say(N_("this is no YAML: {message}"), message=message)
    for start, template in SYNTAX.items():
        if message.startswith(start):
            sentence = Say(template)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(sentence, line=line, column=column)
