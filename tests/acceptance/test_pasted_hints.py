"""Every command that any screen prints works when it is pasted: what it leaves open is asked."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest

import cli
from commands.pages.colour import PRINTED
from tests.mail_server import free_port
from tests.program import Program, replaced_environment
from tests.terminal import CTRL_C, terminal

TOO_SHORT = "zo ging het hier, dat is alles"
# After this Monday: a request, what is completed or stopped, mails held and dead, slips.
MORE = (
    "start reactiveren Oostende --requested",
    "start optimaliseren Leuven --phase 7 --no-mail",
    f"waive leuven --all --reason '{TOO_SHORT}'",
    "advance leuven",
    "start opstarten Peer --phase 7 --no-mail",
    "start reactiveren Gent",
    "stop turnhout --reason other",
    "start monitoren Mol --coordinator 'Kim Baert <kim@example.org>' --on 1/3",
    "mail hold 2027-004",
    "meet lier 2 4",
    "waive peer --all --reason 'zo ging het hier, dat is alles'",
    "meet 2027-005 1 --planned 9/3",
)
REFS = (
    "2026-001", "lier", "geel", "de-haan", "ronse", "tielt", "dilbeek", "bree", "oostende",
    "leuven", "peer", "2027-004", "2027-005", "turnhout", "kortrijk",
)  # fmt: skip
PAGES = (
    "", "--all", "list", "list --all", "mail list", "contact list", "doctor", "whoami", "verify",
    "history", "config show", "workflow list", "actor list", "mail test", "tick", "--help",
    "--help --all",
)  # fmt: skip
PAGES_OF = (
    "show {0}", "show {0} --why", "next {0}", "forecast {0}", "history {0}", "mail list {0}",
    "contact list {0}", "advance {0}",
)  # fmt: skip
WRITES = (
    "start", "start opstarten", "start opstarten Zele", "start opstarten Zele --dry-run",
    "start opstarten Gent", "start opstarten Zele --requested", "accept oostende", "accept lier",
    "meet 2026-001 3 --for Merelbeke", "meet lier 2", "meet lier 1", "meet lier 9",
    "meet lier zebra", "meet geel 5 --value 15/9", "meet ronse", "waive ronse", "waive ronse 1",
    "reopen lier 1",
    "reopen lier", "reopen lier 1 --reason 'te vroeg aangevinkt'", "ask 2026-001 3", "ask ronse 3",
    "ask ronse", "ask lier 1", "advance zebra", "send-back lier", "send-back lier 1",
    "send-back lier 2 --reason registration_error", "next-round lier", "next-round mol",
    "pause ronse", "pause ronse --reason 8 --until 1/5", "pause dilbeek", "resume tielt",
    "resume ronse", "stop ronse", "stop ronse --reason 9", "follow-up leuven", "follow-up leuven 3",
    "follow-up ronse 3", "reschedule ronse", "reschedule ronse 1/4 --reason 'raad op 31 maart'",
    "reschedule dilbeek 1/4 --reason 'raad op 31 maart'", "note ronse", "note ronse 'gebeld'",
    "contact add ronse", "contact add ronse 'Kim Aerts <kim.aerts@example.org>' --role mayor",
    "contact add ronse 'Kim Aerts <tom.wils@example.org>' --role mayor", "contact change",
    "contact change els --email els.w@example.org", "contact assign ronse jo --role coordinator",
    "contact assign ronse zebra", "contact release ronse tom", "contact release oostende",
    "contact replace ronse tom 'Kim Aerts <kim.aerts@example.org>'", "contact list zebra",
    "mail hold ronse", "mail hold zebra", "mail hold 99", "mail hold --mail 99", "mail show 99",
    "mail hold --mail 1", "mail release 2027-004", "mail release", "mail retry 1", "mail retry 25",
    "mail list zebra", "reassign lier", "reassign lier zebra", "scope join lier Berlaar",
    "scope leave 2026-001 Gent", "scope leave lier", "scope leave lier Lier", "show gent",
    "show 99", "show zebra", "show li", "config set", "config set zebra 1", "config mail", "init",
    "upgrade",
    "actor add", "actor change 1 --inactive", "actor change 9 --inactive", "tick --dry-run",
    "workflow show zebra", "rebuild --dry-run", "recalculate",
    "verify --control 3-000000000000", "lijst zebra", "medewerker", "mail", "zebra", "completion",
    "start --on 31/11", "start opstarten Zele --on 1/1/2020", "list --status zebra",
)  # fmt: skip
# a question, then what is said to who leaves it
LEFT = r"[?:>] ?(\[.*\] ?)?\s*Onderbroken\.(\nEr is niets gewijzigd\.)?$"


class AtTerminal(io.StringIO):
    """A stream that says it is a terminal; read from, somebody presses Ctrl-D."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class Desk:
    """The program on a database that each command finds as it was prepared."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._file = program.home.parent / "traject.db"
        self.prepared = self._file.read_bytes()

    def typed(
        self, line: str, *, answers: bool = False, state: bytes | None = None
    ) -> tuple[int, str]:
        """Type a line; return how it ended and all that it said."""
        self.put(state or self.prepared)
        stream = AtTerminal if answers else io.StringIO
        out, err = stream(), stream()
        with (
            replaced_environment({**self.program.environment, "NO_COLOR": "1"}),
            mock.patch.object(sys, "stdin", stream("")),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = cli.main([*harmless(line), "--now", "2027-03-08T08:40"])
        return code, out.getvalue() + err.getvalue()

    def put(self, state: bytes) -> None:
        """Let the database be as some command left it."""
        self._file.write_bytes(state)

    def state(self) -> bytes:
        """Return the database as the last command left it."""
        return self._file.read_bytes()


def harmless(line: str) -> list[str]:
    """Return the words of a line; what would install itself here only says so."""
    words = shlex.split(line)
    return [*words, "--dry-run"] if words[:2] == ["serve", "--install"] else words


def commands_in(text: str) -> Iterator[str]:
    """Yield what follows `traject` in each command that a screen prints to be typed.

    How a command is formed (`Usage:`, and what a pipe is told to type) is no hint.
    """
    for line in text.splitlines():
        if line.startswith(("Gebruik:", "  traject config set ")):
            continue
        for found in PRINTED.finditer(line):
            yield found[0].removeprefix("traject ").partition("' ")[0].rstrip(".:'")


@pytest.fixture(scope="module")
def desk(copied: Callable[[Path], Program], tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Monday's database with more of everything."""
    program = copied(tmp_path_factory.mktemp("pasted"))
    for line in MORE:
        program.call(*shlex.split(line), "--now", "2027-03-08T08:30")
    return Desk(program)


@pytest.fixture(scope="module")
def printed(desk: Desk) -> dict[str, tuple[str, bytes]]:
    """Every command that a screen prints, with what printed it, and what that left behind."""
    lines = [*PAGES, *(page.format(ref) for ref in REFS for page in PAGES_OF), *WRITES]
    found: dict[str, tuple[str, bytes]] = {}
    for line in lines:
        _, said = desk.typed(line)
        for command in commands_in(said):
            found.setdefault(command, (line, desk.state()))
    return found


@pytest.fixture(scope="module")
def piped(desk: Desk, printed: dict[str, tuple[str, bytes]]) -> dict[str, tuple[int, str]]:
    """How each of them ends in a pipe, and what it says."""
    return {command: desk.typed(command, state=state) for command, (_, state) in printed.items()}


@pytest.fixture(scope="module")
def asking(
    printed: dict[str, tuple[str, bytes]], piped: dict[str, tuple[int, str]]
) -> dict[str, bytes]:
    """The commands that end for want of an answer in a pipe, with what was there before."""
    return {command: printed[command][1] for command, (code, _) in piped.items() if code == 2}


@pytest.mark.campaign
def test_a_printed_command_runs_or_asks(
    desk: Desk, printed: dict[str, tuple[str, bytes]], piped: dict[str, tuple[int, str]]
) -> None:
    """It ends well, or a question stands there and Ctrl-D leaves all as it was."""
    odd = {}
    for command, (origin, state) in printed.items():
        code, said = piped[command]
        if code == 2:
            code, said = desk.typed(command, answers=True, state=state)
            asked = re.search(LEFT, said.strip())
            if code == 130 and asked and desk.state() == state:
                continue
        if code != 0 and (command, code) != ("doctor", 1):  # which tells of this machine
            odd[command] = (origin, code, said)
    assert odd == {}
    assert len(printed) > 150


def test_an_empty_database_tells_what_runs(tmp_path: Path) -> None:
    """The first screens of all."""
    program = Program(tmp_path, f"sqlite:///{tmp_path / 'traject.db'}", lang="nl")
    assert "traject init" in program.call(expect=3).stderr
    program.init("--simulated-clock", "--now", "2027-03-08T08:00")
    desk = Desk(program)
    found = set(commands_in("".join(desk.typed(line)[1] for line in PAGES)))
    assert {"start", "tick", "config mail"} <= found
    for command in found:
        code, said = desk.typed(command, answers=True)
        assert code in (0, 130), (command, said)


def test_a_silent_mail_server_tells_what_runs(
    copied: Callable[[Path], Program], tmp_path: Path
) -> None:
    """A round that reaches nobody, and the screens after it."""
    program = copied(tmp_path)
    del program.environment["TRAJECT_SMTP_URL"]
    program.call("config", "set", "smtp_url", f"smtp://127.0.0.1:{free_port()}")
    program.call("tick", "--now", "2027-03-08T09:05", expect=None)
    desk = Desk(program)
    pages = ("", "mail list", "doctor", "show lier", "mail test", "tick")
    found = set(commands_in("".join(desk.typed(line)[1] for line in pages)))
    assert {"mail test", "doctor"} <= found
    for command in found - {"mail test"}:
        code, said = desk.typed(command, answers=True)
        assert code in (0, 1 if command == "doctor" else 130), (command, said)


@pytest.mark.campaign
def test_each_kind_of_question_is_put_at_a_real_terminal(
    desk: Desk, asking: dict[str, bytes]
) -> None:
    """One of each command that asks; Ctrl-C leaves it."""
    kinds: dict[tuple[str, int], str] = {}
    for command in sorted(asking):
        words = command.split()
        kinds.setdefault((words[0], len(words)), command)
    assert {kind[0] for kind in kinds} >= {
        "contact", "meet", "pause", "reopen", "reschedule", "send-back", "stop", "waive",
    }  # fmt: skip
    for command in kinds.values():
        left(desk, command, asking[command])


@pytest.mark.campaign
def test_every_printed_command_that_asks_does_so_at_a_real_terminal(
    desk: Desk, asking: dict[str, bytes]
) -> None:
    """The same for all of them."""
    for command, state in asking.items():
        left(desk, command, state)


def left(desk: Desk, command: str, state: bytes) -> None:
    """Paste a command at a terminal, wait for its question, and press Ctrl-C."""
    desk.put(state)
    words = [*shlex.split(command), "--now", "2027-03-08T08:40"]
    database = {"TRAJECT_DATABASE": str(desk.program.database_url)}
    with terminal(words, home=desk.program.home, environment=database) as session:
        session.expect("? ", ": ", "> ")
        session.press(CTRL_C)
        assert session.ended() == 130, session.screen
    assert desk.state() == state
