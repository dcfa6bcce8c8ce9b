"""Runs the real program at a terminal of its own, as a person does who reads and types.

It runs in a copy of this process, which has read the program already: a start costs a fiftieth
of that of a fresh interpreter. `fresh=True` starts one, as the shell does.

with terminal(["init"], home=tmp_path, lang="nl") as session:
    session.expect("Je naam?")
    session.type("An Peeters")
    assert session.ended() == 0
    assert "Klaar" in session.screen
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pexpect
import pytest

import cli
from tests.program import ENTRY

UP, DOWN, ENTER, CTRL_C, CTRL_D = "\x1b[A", "\x1b[B", "\r", "\x03", "\x04"
KEY = 0.05  # seconds before a key that the program must be waiting for
PATIENCE = 20  # seconds that a question may keep us waiting on a busy machine
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])")


def terminal(
    arguments: Sequence[str],
    *,
    home: Path,
    lang: str = "nl",
    size: tuple[int, int] = (80, 24),
    environment: Mapping[str, str] | None = None,
    fresh: bool = False,
) -> Session:
    """Return the program, started at a terminal of `size` (columns, lines) with `home` as HOME.

    `environment` is added to an otherwise empty one: a database, settings, TERM.
    """
    if not hasattr(pexpect, "spawn"):
        pytest.skip("no pseudo-terminals on this system")
    home.mkdir(parents=True, exist_ok=True)
    variables = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "TRAJECT_LANG": lang,
        **(environment or {}),
    }
    if not fresh:
        return Session(_copied(arguments, home, size, variables))
    return Session(
        pexpect.spawn(
            sys.executable,
            ["-P", "-c", ENTRY, *arguments],
            env=variables,
            cwd=str(home),
            dimensions=size[::-1],
            encoding="utf-8",
            timeout=PATIENCE,
        )
    )


def _copied(
    arguments: Sequence[str], home: Path, size: tuple[int, int], environment: Mapping[str, str]
) -> pexpect.spawn:
    """Return the program in a copy of this process, at a terminal of its own."""
    from pexpect.pty_spawn import ptyprocess  # not on Windows

    process, terminal = os.forkpty()
    if not process:
        _become(arguments, home, size, environment)
    child = pexpect.spawn(None, encoding="utf-8", timeout=PATIENCE)
    child.ptyproc = ptyprocess.PtyProcess(process, terminal)
    child.pid, child.child_fd = process, terminal
    child.closed = child.terminated = False
    return child


def _become(
    arguments: Sequence[str], home: Path, size: tuple[int, int], environment: Mapping[str, str]
) -> NoReturn:
    """Be the program and nothing else: never return to the test that this is a copy of."""
    import termios  # not on Windows

    code = 1
    try:
        termios.tcsetwinsize(0, size[::-1])
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(home)
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(number, mode, 1, encoding="utf-8", errors="surrogateescape")
            for number, mode in ((0, "r"), (1, "w"), (2, "w"))
        )
        code = cli.main(arguments)
        sys.stdout.flush()
    finally:
        if sys.exception():
            traceback.print_exc()
        os._exit(code)


class Session:
    """The program at a terminal: what stands on its screen so far, and somebody who types."""

    def __init__(self, child: pexpect.spawn) -> None:
        self._child = child
        self._child.delaybeforesend = None  # who answers has waited for the question
        self._read = ""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close(force=True)

    @property
    def screen(self) -> str:
        """Everything shown so far, what was typed included, without colours."""
        return ESCAPES.sub("", self._read).replace("\r", "")

    @property
    def coloured(self) -> str:
        """Everything shown so far, as the terminal got it."""
        return self._read

    def expect(self, *texts: str) -> str:
        """Wait for one of these texts after what was seen; return what came before it."""
        try:
            self._child.expect_exact(list(texts))
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            self._read += self._child.before if isinstance(self._child.before, str) else ""
            told = f"{texts!r} was not shown ({type(error).__name__}); the screen:\n{self.screen}"
            raise AssertionError(told) from None
        before, found = str(self._child.before), str(self._child.after)
        self._read += before + found
        return ESCAPES.sub("", before).replace("\r", "")

    def type(self, text: str = "") -> None:
        """Type a line and press Enter; alone: only Enter."""
        self._child.send(text + ENTER)

    def press(self, keys: str) -> None:
        """Press keys without Enter: `press(CTRL_C)`, `press(UP)`."""
        time.sleep(KEY)
        self._child.send(keys)

    def answer(self, question: str, text: str = "") -> None:
        """Wait for a question and type an answer to it."""
        self.expect(question)
        self.type(text)

    def ended(self) -> int:
        """Wait until the program has ended by itself; return its exit code."""
        try:
            self._child.expect_exact(pexpect.EOF)
        except pexpect.TIMEOUT:
            self._read += str(self._child.before)
            raise AssertionError(f"still running; the screen:\n{self.screen}") from None
        self._read += str(self._child.before)
        self._child.wait()
        self._child.ptyproc.delayafterclose = 0  # it has ended
        self._child.close()
        return int(self._child.exitstatus if self._child.exitstatus is not None else -1)
