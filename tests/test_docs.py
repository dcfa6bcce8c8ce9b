"""The documents are true: they name what exists, and the commands in them run."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from commands.frame import table
from tests import reference
from tests.program import Program

HOUSE = Path(__file__).parent.parent
README = HOUSE / "README.md"
ADRS = HOUSE / "docs" / "adr"
TWO_LINES = [
    "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt -e . "
    "&& .venv/bin/traject demo",
    "python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt -e '.[test]' "
    "&& .venv/bin/pytest",
]
TERMS = (
    "category", "workflow", "workflow version", "version", "trajectory", "ref", "phase",
    "phase entry", "status", "trigger", "guard", "criterion", "reason", "deadline", "roll-over",
    "revision", "scheme", "rung", "reminder", "notice", "mail", "hold-back", "receipt", "tick",
    "event", "detail", "ledger", "position", "seq", "root", "control number", "checkpoint",
    "projection", "contact", "actor", "role", "municipality", "database", "door", "floor",
)  # fmt: skip

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
TITLE = re.compile(r"^#+ (.+)$", re.MULTILINE)
ADDRESS = re.compile(r"[\w.%+-]+@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})")
# Reserved for examples, or nobody's: one letter before the dot.
NOBODYS = re.compile(
    r"((.*\.)?-?example\.(org|net|com)|.*\.(example|test|invalid)|-?\w\.org)$", re.I
)
# In pieces, so that this file does not contain them.
WORKPLACE = (
    "/wo" + "rk/", "../sha" + "red", "DESIGN" + ".md", "py" + "pi.org", "pythonho" + "sted",
    "npm" + "js.org", "deb.deb" + "ian.org", "--index" + "-url", "--find" + "-links",
)  # fmt: skip


@cache
def texts() -> dict[str, str]:
    """Return every text file that git keeps, or would keep, by its path in the house."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=HOUSE, capture_output=True, check=True).stdout
        names = [name for name in listed.decode().split("\0") if (HOUSE / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git here to say which files are ours")
    found = {}
    for name in filter(None, names):
        raw = (HOUSE / name).read_bytes()
        if b"\0" not in raw:
            found[name] = raw.decode("utf-8")
    return found


def documents() -> list[Path]:
    """Return the documents, which are Markdown."""
    return sorted([*HOUSE.glob("*.md"), *(HOUSE / "docs").rglob("*.md")])


def blocks(path: Path) -> list[tuple[str, str]]:
    """Return (language, text) of the code blocks of a document."""
    return [(m[1], m[2]) for m in BLOCK.finditer(path.read_text(encoding="utf-8"))]


def anchor(title: str) -> str:
    """Return the anchor of a title, as the usual viewers make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document."""
    return {anchor(title) for title in TITLE.findall(path.read_text(encoding="utf-8"))}


def broken_links(path: Path) -> Iterator[str]:
    """Yield the links of a document that lead nowhere in this house."""
    text = BLOCK.sub("", path.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if link.startswith("https://"):
            continue
        name, _, fragment = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (fragment and fragment not in anchors(target)):
            yield link


@pytest.mark.parametrize("path", documents(), ids=lambda p: p.relative_to(HOUSE).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link names a file that is there, and a title in it."""
    assert list(broken_links(path)) == []


def test_the_readme_begins_with_the_two_commands() -> None:
    """Word by word: people paste them."""
    language, text = blocks(README)[0]
    assert (language, text.splitlines()) == ("", TWO_LINES)


def test_the_reference_is_that_of_the_commands() -> None:
    """`docs/cli.md` is made, not written."""
    assert reference.PATH.read_text(encoding="utf-8") == reference.reference(), (
        "run: python -m tests.reference"
    )


def test_every_command_and_option_has_help() -> None:
    """Nobody has to guess; and the table knows every command once."""
    speechless = [
        f"{name} {parameter.name}"
        for name, command in reference.commands()
        for parameter in command.params
        if parameter.param_type_name == "option" and not getattr(parameter, "help", None)
    ]
    entries = [entry for _, group in table.GROUPS for entry in group]
    assert speechless == []
    assert all(entry.summary.endswith(".") for entry in entries)
    assert len(entries) == len(table.ENTRIES)


def test_the_glossary_knows_every_term() -> None:
    """One word, one meaning, one place that says it."""
    text = (HOUSE / "docs" / "glossary.md").read_text(encoding="utf-8")
    bold = set(re.findall(r"\*\*([\w -]+)\*\*", text))
    assert set(TERMS) - bold == set()


def test_decisions_are_numbered_without_gaps() -> None:
    """0001, 0002, …; the title repeats the number."""
    found = sorted(path.name for path in ADRS.iterdir())
    titles = [(ADRS / name).read_text(encoding="utf-8").partition("\n")[0] for name in found]
    assert [name[:5] for name in found] == [f"{n:04d}-" for n in range(1, len(found) + 1)]
    assert [title.split()[1] for title in titles] == [f"{n}." for n in range(1, len(found) + 1)]


def test_no_file_names_a_workplace_or_an_index() -> None:
    """What is committed works anywhere, with whichever package index."""
    found = [
        f"{name}: {word}" for name, text in texts().items() for word in WORKPLACE if word in text
    ]
    assert found == []


def test_addresses_belong_to_nobody() -> None:
    """Sample addresses stand at example.org, or where nobody can have one."""
    found = {
        f"{name}: {match[0]}"
        for name, text in texts().items()
        for match in ADDRESS.finditer(text)
        if not NOBODYS.match(match[1])
    }
    assert found == set()


def test_the_constraints_pin_names_and_versions_only() -> None:
    """No address, no hash, no range: any index may serve them."""
    lines = (HOUSE / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][\w.]*", pin)] == []
    assert pins == sorted(pins, key=str.lower)


def tour() -> list[tuple[str, int]]:
    """Return (command, exit code) of the lines in the README's tour."""
    lines = [line for lang, text in blocks(README) if lang == "sh" for line in text.splitlines()]
    return [
        (command.strip(), int(code or 0))
        for command, _, code in (line.partition("# exit ") for line in lines)
    ]


def test_the_tour_of_the_readme_runs(tmp_path: Path) -> None:
    """Every command of the tour, one after the other, in an empty home."""
    program = Program(tmp_path)
    assert tour()
    for command, expected in tour():
        first, *words = shlex.split(command)
        assert first == "traject"
        program.call(*words, expect=expected)
