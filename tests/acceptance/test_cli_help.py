"""The help of the command line: complete, instant, in the order of the table."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from commands.frame import table
from commands.frame.metavars import AS_THEY_ARE, WORDS
from commands.frame.shape import Command, loaded
from engine.domain.words import LANGUAGES
from tests.program import Program

HEAVY = (
    "sqlalchemy", "jinja2", "apscheduler", "rich", "asyncio", "pydantic", "holidays",
    "transitions", "alembic", "aiosmtplib", "ruamel", "filelock", "dateutil", "zoneinfo",
)  # fmt: skip
LEAVES = [entry for entry in (*table.ENTRIES.values(), table.MORNING) if entry.module]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program without a database."""
    return Program(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["-h"],
        ["--help", "--all"],
        ["contact", "--help"],
        ["instellingen", "-h"],
        ["nonsense"],
    ],
)
def test_help_imports_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    """Who asks for help gets it at once, without the libraries that do the work."""
    program = Program(tmp_path)
    code = (
        "import sys, cli\n"
        f"cli.main({arguments!r})\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        env=program.environment,
        check=True,
    )
    assert "LOADED []" in done.stdout


def test_help_lists_every_command_in_the_order_of_the_table(program: Program) -> None:
    """The whole help is the table, with its groups; each command with its Dutch name."""
    shown = program.call("--help", "--all").stdout
    assert shown == program.call("--all", "--help").stdout
    wanted = [e.names for _, entries in table.GROUPS for e in entries if not e.group]
    places = [shown.index(f"\n  {', '.join(names)} ") for names in wanted]
    assert places == sorted(places)
    assert all(f"\n{title}:\n" in shown for title, _ in table.GROUPS)


def test_help_says_what_the_exit_codes_mean(program: Program) -> None:
    """Scripts can rely on them, so they stand in the whole help."""
    shown = program.call("--help", "--all").stdout
    assert all(f"\n  {code:<3}  " in shown for code, _ in table.EXIT_CODES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_short_help_is_what_a_coach_needs(program: Program, lang: str) -> None:
    """The daily commands by both names, the options that people use, and how to see the rest."""
    shown = program.call("--lang", lang, "--help").stdout
    daily = [*table.DAILY, *table.ALSO_DAILY]
    assert all(f"\n  {', '.join(entry.names)} " in shown for entry in daily)
    assert 15 <= len(daily) <= 25
    assert "--plain" in shown
    hidden = ("rebuild", "workflow", "upgrade", "\n  130", "--debug", "--now", "--database")
    assert [word for word in hidden if word in shown] == []
    assert shown.splitlines()[-1].endswith("traject --help --all")
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("group", ["mail", "contact", "config", "instellingen"])
def test_the_help_of_a_group_shows_both_names(program: Program, lang: str, group: str) -> None:
    """A group is short enough to be shown whole."""
    shown = program.call(group, "--help", "--lang", lang).stdout
    name = table.NAMED["", group].name
    own = [entry for entry in table.ENTRIES.values() if entry.group == name]
    assert own
    assert all(f"\n  {', '.join(entry.names)} " in shown for entry in own)


def test_the_help_of_a_command_says_how_it_is_called_otherwise(program: Program) -> None:
    """Who met a command by one name meets the other here."""
    assert "Also: traject toon\n" in program.call("show", "--help").stdout
    assert "Also: traject show\n" in program.call("toon", "--help").stdout
    assert "Also: traject mail houd-tegen\n" in program.call("mail", "hold", "--help").stdout
    assert "Also" not in program.call("demo", "--help").stdout


@pytest.mark.parametrize("entry", LEAVES, ids=lambda entry: entry.name or "morning")
def test_every_command_has_help(entry: table.Entry) -> None:
    """Each command of the table exists, says what it does, and explains its options."""
    command = loaded(entry)
    assert isinstance(command, Command)
    assert command.help == entry.summary
    options = [p for p in command.params if isinstance(p, click.Option)]
    assert all(option.help for option in options)


def metavars(command: click.Command) -> Iterator[str]:
    """Yield the words that stand for what is typed with a command, choices left out."""
    context = click.Context(command, info_name=command.name, **command.context_settings)
    yield from command.collect_usage_pieces(context)
    for param in command.params:
        takes = not (isinstance(param, click.Option) and (param.is_flag or param.count))
        if takes and not isinstance(param.type, click.Choice):
            yield param.make_metavar(context)


@pytest.mark.parametrize("entry", LEAVES, ids=lambda entry: entry.name or "morning")
def test_every_word_for_what_is_typed_is_one_that_is_translated(entry: table.Entry) -> None:
    """The words in capitals stand in the one list; what is typed as it stands is in small."""
    words = {word for one in metavars(loaded(entry)) for word in re.findall(r"[A-Z:]{2,}|N", one)}
    assert {word.rstrip(":") for word in words} <= WORDS | AS_THEY_ARE


def test_the_words_for_what_is_typed_are_dutch_in_dutch(program: Program) -> None:
    """In the usage line, beside the options, and in the refusal of what is missing."""
    shown = program.call("--lang", "nl", "restore", "--help").stdout
    for part in ("restore [OPTIES] BESTAND\n", "--erasures BESTAND", "--actor NUMMER", "URL"):
        assert part in shown
    assert "[BESTAND|MAP]" in program.call("--lang", "nl", "backup", "--help").stdout
    assert "'DATUM [UU:MM]'" in program.call("--lang", "nl", "meet", "--help").stdout
    assert "MAP|BESTAND.zip" in program.call("--lang", "nl", "export", "--help").stdout
    assert "COMMANDO [ARGUMENTEN]..." in program.call("--lang", "nl", "mail", "--help").stdout
    assert "'BESTAND'" in program.call("--lang", "nl", "restore", expect=2).stderr
    assert "restore [OPTIONS] FILE\n" in program.call("restore", "--help").stdout


@pytest.mark.parametrize("name", ["start", "meet", "contact add", "config"])
def test_help_of_a_command_shows_its_line(program: Program, name: str) -> None:
    """The page of a command begins with the line of the table."""
    assert table.ENTRIES[name].summary in program.call(*name.split(), "--help").stdout


def test_unknown_command_is_told_what_it_looks_like(program: Program) -> None:
    """A slip in a command's name is met with the name that was meant."""
    told = program.call("advanse", expect=2).stderr
    assert "there is no command 'advanse'; did you mean advance?" in told
    told = program.call("vinken", expect=2).stderr
    assert "there is no command 'vinken'; did you mean vink?" in told
    assert program.call("ven", expect=2).stderr
    assert program.call("verd", "1", expect=2).stderr  # no prefix does


def test_unknown_option_ends_with_two(program: Program) -> None:
    """An option that is not there is an error in the words typed."""
    assert program.call("start", "--wrong", expect=2).stderr


def test_json_is_refused_where_a_command_has_none(program: Program) -> None:
    """`--json` before a command that cannot answer in it is not silently dropped."""
    assert "does not answer in JSON" in program.call("--json", "upgrade", expect=2).stderr


def test_a_reader_who_leaves_is_no_fault(program: Program) -> None:
    """`traject … | head` prints no traceback."""
    with subprocess.Popen(
        [sys.executable, "-P", "-c", "import cli; cli.main(['--help'])"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=program.environment,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


CHANGING = (
    "start", "accept", "meet", "waive", "reopen", "ask", "advance", "send-back", "next-round",
    "pause", "resume", "stop", "follow-up", "reschedule", "note", "contact add",
    "contact assign", "contact release", "contact replace", "reassign", "scope join",
    "scope leave",
)  # fmt: skip
WRITING = (
    "contact change", "actor add", "actor change", "init", "upgrade", "config set",
    "recalculate", "rebuild",
)  # fmt: skip


@pytest.mark.parametrize("name", CHANGING)
def test_what_changes_a_trajectory_takes_the_four_options(name: str) -> None:
    """--on, --if-version, --dry-run and --no-mail; a new trajectory has no version yet."""
    wanted = {"--on", "--if-version", "--dry-run", "--no-mail", "--json"}
    new = {"--if-version"} if name == "start" else set()
    assert wanted - new <= options_of(name)


@pytest.mark.parametrize("name", WRITING)
def test_what_writes_otherwise_can_be_tried(name: str) -> None:
    """--dry-run on every command that changes anything."""
    assert "--dry-run" in options_of(name)


@pytest.mark.parametrize("name", [entry.name for entry in LEAVES])
def test_global_options_work_behind_every_command(name: str) -> None:
    """--database, --lang, --now, --plain and --debug, and -h beside --help."""
    assert {"--database", "--lang", "--now", "--plain", "--debug"} <= options_of(name)


def options_of(name: str) -> set[str]:
    """Return the options of a command."""
    entry = table.ENTRIES[name] if name else table.MORNING
    return {option for param in loaded(entry).params for option in param.opts}


def test_version_is_that_of_the_distribution(program: Program) -> None:
    """`--version` names the program and its version, and nothing else."""
    assert program.call("--version").stdout == f"traject {version('livc-traject')}\n"
