"""The house is as the design draws it: floors, doors, one clock, small modules, no hidden code.

import-linter checks the floors and doors between packages (`lint-imports`); what it cannot
see stands here.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from transitions import Machine

from engine.domain.definition import COMPLETED, Workflow
from engine.domain.errors import DefinitionInvalid
from engine.domain.machine import LIFECYCLE, Pinned, workflow_machine
from engine.domain.notices import NOTICES
from engine.domain.words import LANGUAGES
from notifications.compose import ABOUT_NO_TRAJECTORY
from workflows.loader import load, shipped

HOUSE = Path(__file__).parent.parent
PACKAGES = ("engine", "workflows", "notifications", "commands")
OURS = {*PACKAGES, "cli"}
TEMPLATES = HOUSE / "notifications" / "templates"
PARTS = {"subject.txt", "body.txt", "body.html"}

MODULE_LINES = 250
LONG_MODULE_LINES = 400
ALONE, ALONE_LINES = "engine/audit/standalone/", 620  # with its words in both languages
FUNCTION_LINES = 60
MIGRATIONS = "engine/store/migrations/versions/"  # each is one list of tables, written once
# Modules between the two limits, each with its reason.
LONG = {
    "engine/domain/definition.py": "the vocabulary of a workflow file, read top to bottom",
    "engine/audit/standalone/verify_history.py": "goes along with every export as one file",
    "engine/store/migrations/versions/0001_first_schema.py": "a schema, table by table",
}

# Who may ask what time it is; everybody else is told.
CLOCKS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
    "datetime.date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime",
    "time.ctime", "time.asctime", "time.strftime", "email.utils.formatdate",
    "email.utils.localtime", "uuid.uuid1", "sqlalchemy.func.now",
    "sqlalchemy.func.current_timestamp",
}  # fmt: skip
THE_CLOCK = "engine/clock.py"

# What turns a string into code. The table of commands names modules of ours, nothing else does.
MAKES_CODE = {
    "eval", "exec", "compile", "__import__", "importlib.import_module", "importlib.__import__",
    "runpy.run_path", "runpy.run_module", "pydoc.locate", "pkgutil.resolve_name",
}  # fmt: skip
REVIVES_OBJECTS = {"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "yaml"}
IMPORTS_BY_NAME = {"commands/frame/shape.py": "importlib.import_module"}


class Module(NamedTuple):
    """A file of the product: its path in the house, its lines, its tree."""

    name: str
    lines: int
    tree: ast.Module


@cache
def modules() -> tuple[Module, ...]:
    """Return every Python file that is installed with traject."""
    paths = [HOUSE / "cli.py", *(p for name in PACKAGES for p in (HOUSE / name).rglob("*.py"))]
    found = []
    for path in sorted(paths):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(HOUSE).as_posix()
        found.append(Module(name, len(text.splitlines()), ast.parse(text)))
    return tuple(found)


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted name of everything a module imports, wherever in it that happens."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def named(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, full dotted name) of all names and attributes, through import aliases."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, *rest = ast.unparse(node).split(".")
            yield node.lineno, ".".join([known.get(first, first), *rest])


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def machines() -> list[Machine]:
    """Return the compiled machine of every shipped workflow, and the lifecycle's."""
    return [*(workflow_machine(pinned(path)) for path in shipped()), LIFECYCLE]


def pinned(path: Path) -> Pinned:
    """Return a workflow file as a trajectory is pinned to it."""
    loaded = load(path)
    return Pinned(loaded.digest, loaded.workflow)


# --- floors and doors -------------------------------------------------------------------------


def test_nobody_imports_the_entry() -> None:
    """`cli.py` ties everything together and is imported by nobody."""
    importers = [m.name for m in modules() for name in imported(m.tree) if is_of(name, "cli")]
    assert importers == []


def test_every_library_has_a_door_and_cli_keeps_to_it() -> None:
    """A library that a module imports stands in one door contract; `cli.py` needs none of them."""
    config = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    doors = [name for c in contracts for name in c.get("protected_modules", [])]
    strangers = {
        m.name: foreign
        for m in modules()
        if (foreign := {n.partition(".")[0] for n in imported(m.tree)} - known_names(doors))
    }
    assert len(doors) == len(set(doors))
    assert strangers == {}
    assert {n.partition(".")[0] for n in imported(modules()[0].tree)} & {*doors} == set()
    assert modules()[0].name == "cli.py"


def known_names(doors: list[str]) -> set[str]:
    """Return the top-level names a module may import: ours, the stdlib's, those with a door."""
    return {*OURS, *sys.stdlib_module_names, *doors}


def is_of(name: str, package: str) -> bool:
    """Tell whether a dotted name lies in a package."""
    return name == package or name.startswith(f"{package}.")


def test_the_domain_is_pure() -> None:
    """No file, no database, no mail, no process, no thread: the domain only decides."""
    impure = {"os", "io", "pathlib", "sqlite3", "smtplib", "email", "socket", "subprocess"}
    impure |= {"threading", "asyncio", "logging", "time", "tempfile", "shutil", "sys", "random"}
    found = {
        f"{m.name} imports {name}"
        for m in modules()
        if m.name.startswith("engine/domain/")
        for name in imported(m.tree)
        if name.partition(".")[0] in impure and not name.startswith("email.")
    }
    opened = {
        f"{m.name}:{line} opens a file"
        for m in modules()
        if m.name.startswith("engine/domain/")
        for line, name in named(m.tree)
        if name == "open"
    }
    assert found | opened == set()


# --- one clock ----------------------------------------------------------------------------------


def test_one_module_reads_the_time() -> None:
    """`now` is an argument everywhere else; APScheduler's own clock only wakes the ticker."""
    readers = {
        f"{m.name}:{line} {name}"
        for m in modules()
        if m.name != THE_CLOCK
        for line, name in named(m.tree)
        if name in CLOCKS
    }
    assert readers == set()


def test_the_search_for_clocks_finds_them_under_any_name() -> None:
    """The test above would see through an alias."""
    text = "import time as t\nfrom datetime import datetime as dt\nt.time()\ndt.now()\n"
    assert {name for _, name in named(ast.parse(text))} >= {"time.time", "datetime.datetime.now"}


# --- modules and functions ----------------------------------------------------------------------


@pytest.mark.parametrize("module", modules(), ids=lambda m: m.name)
def test_every_module_says_in_a_sentence_what_it_is(module: Module) -> None:
    """A docstring whose first paragraph is a sentence."""
    docstring = ast.get_docstring(module.tree) or ""
    first = docstring.partition("\n\n")[0]
    assert first.endswith("."), f"the docstring begins with {first!r}"


@pytest.mark.parametrize("module", modules(), ids=lambda m: m.name)
def test_modules_and_functions_are_short(module: Module) -> None:
    """A module has one subject, a function fits on a screen."""
    limit = LONG_MODULE_LINES if module.name in LONG else MODULE_LINES
    if module.name.startswith(ALONE):
        limit = ALONE_LINES
    long_functions = {
        function.name: length
        for function in functions(module.tree)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
        if not module.name.startswith(MIGRATIONS)
    }
    assert module.lines <= limit
    assert long_functions == {}


def test_the_list_of_long_modules_is_true() -> None:
    """A module that was split leaves the list."""
    needed = {module.name for module in modules() if module.lines > MODULE_LINES}
    assert set(LONG) <= needed


# --- no hidden code -----------------------------------------------------------------------------


def test_nothing_is_made_into_code_or_revived() -> None:
    """No eval, no exec, no pickle; importing by name is for the table of commands only."""
    found = {
        f"{m.name}:{line} {name}"
        for m in modules()
        for line, name in named(m.tree)
        if name in MAKES_CODE and IMPORTS_BY_NAME.get(m.name) != name
    }
    revived = {
        f"{m.name} imports {name}"
        for m in modules()
        for name in imported(m.tree)
        if name.partition(".")[0] in REVIVES_OBJECTS
    }
    assert found | revived == set()


def test_every_command_lies_in_a_module_of_ours() -> None:
    """The one table of names to import holds nothing but our own commands."""
    from commands.frame import table

    named_there = {entry.module for entry in table.ENTRIES.values() if entry.module}
    assert all(name.startswith("commands.") for name in named_there)
    assert all((HOUSE / f"{name.replace('.', '/')}.py").is_file() for name in named_there)


def home_modules() -> set[str]:
    """Return the names of our modules that are loaded now."""
    return {name for name in sys.modules if name.partition(".")[0] in OURS - {"workflows"}}


NAMES_OF_CODE = ("builtins.print", "os.system", "os.getcwd", "print", "engine.scheduler.Ticker")


@pytest.mark.parametrize("name", NAMES_OF_CODE)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("advance: {to: analysis}", "advance: {to: analysis, guards: [NAME]}"),
        ("advance: {to: analysis}", "advance: {to: NAME}"),
        ("advance: {to: analysis}", "advance: {to: analysis, before: NAME}"),
        ("advance: {to: analysis}", "advance: {to: analysis, conditions: [NAME]}"),
        ("reminders: std}\n    instruments", "reminders: NAME}\n    instruments"),
        ("follow_up:", "on:\n  started: [{to: [coordinator], notice: NAME}]\nfollow_up:"),
        ("instruments: [draaiboek, va_fiche]", "instruments: [NAME]"),
        ("uses: livc_r", "uses: NAME"),
    ],
)
def test_a_workflow_file_cannot_name_code(
    tmp_path: Path, name: str, old: str, new: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A name that Python could import is an unknown name like any other, and is not called."""
    text = next(p for p in shipped() if p.stem == "opstarten").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "opstarten.yaml"
    path.write_text(text.replace(old, new.replace("NAME", f'"{name}"'), 1), encoding="utf-8")
    before = home_modules()

    with pytest.raises(DefinitionInvalid):
        load(path)

    assert home_modules() == before
    assert capfd.readouterr() == ("", "")


def test_the_machines_hold_no_callable_but_ours() -> None:
    """Every condition is a function of the machine module; there is no other callback."""
    for machine in machines():
        edges = [
            edge
            for event in machine.events.values()
            for found in event.transitions.values()
            for edge in found
        ]
        callbacks = [edge.prepare + edge.before + edge.after for edge in edges]
        callbacks += [state.on_enter + state.on_exit for state in machine.states.values()]
        callbacks += [machine.prepare_event, machine.before_state_change]
        callbacks += [machine.after_state_change, machine.finalize_event]
        callbacks += [machine.on_exception, machine.on_final]
        homes = {condition.func.__module__ for edge in edges for condition in edge.conditions}

        assert not any(callbacks)
        assert homes == {"engine.domain.machine"}
        assert all(edge.conditions for edge in edges)


def test_the_machines_carry_nobody() -> None:
    """A machine judges with a throw-away cursor: it has no models, and gives nobody triggers."""
    assert [machine.models for machine in machines()] == [[]] * len(machines())


@pytest.mark.parametrize("path", shipped(), ids=lambda p: p.stem)
def test_a_machine_knows_the_edges_of_the_file_and_no_others(path: Path) -> None:
    """Nothing is added (no `to_x` that jumps anywhere) and nothing lost."""
    pin = pinned(path)
    machine = workflow_machine(pin)
    compiled = {
        (source, trigger, str(edge.dest))
        for trigger, event in machine.events.items()
        for source, found in event.transitions.items()
        for edge in found
    }
    assert compiled == set(written_edges(pin.workflow))
    assert set(machine.states) == {*pin.workflow.phases, COMPLETED}


def written_edges(workflow: Workflow) -> Iterator[tuple[str, str, str]]:
    """Yield (source, trigger, target) of every edge that a workflow writes down."""
    for source, phase in workflow.phases.items():
        for trigger in ("advance", "send_back", "next_round"):
            edge = getattr(phase, trigger)
            for target in edge.targets() if edge else ():
                yield source, trigger, target


# --- notices --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_notice_has_templates_in_every_language(lang: str) -> None:
    """A folder of three files for each notice and kind of mail about none, and none besides."""
    folders = {
        folder.name: {file.name for file in folder.iterdir()}
        for folder in (TEMPLATES / lang).iterdir()
        if not folder.name.startswith("_")
    }
    assert folders == dict.fromkeys({*NOTICES, *ABOUT_NO_TRAJECTORY}, PARTS)
