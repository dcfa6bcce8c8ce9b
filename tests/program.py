"""Runs the real program as a user does: a process of its own, an empty HOME, no settings.

`call` runs it in this process instead, which is faster and sees the same.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import cli
from engine.domain.decisions.decision import Draft
from engine.domain.events import ActorChanged
from engine.domain.people import SYSTEM
from engine.domain.workdays import brussels_day
from engine.store.appending import ledger_state
from engine.store.database import open_database
from engine.store.transaction import PEOPLE, Stamp, unit_of_work

ENTRY = "import sys; from cli import main; sys.exit(main())"
COACH = ("--name", "An Voorbeeld", "--email", "an@example.org")
GENT = ("start", "reactiveren", "Gent", "Merelbeke-Melle", "--no-mail")


@dataclass(frozen=True)
class Result:
    """What a run printed, and how it ended."""

    stdout: str
    stderr: str
    code: int

    @property
    def json(self) -> Any:
        """What was printed, read as JSON."""
        return json.loads(self.stdout)


class Program:
    """The program with a home and a database of its own."""

    def __init__(self, folder: Path, database_url: str | None = None, lang: str = "en") -> None:
        """`database_url` None leaves the choice of the database to the program."""
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        self.database_url = database_url
        self.environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TRAJECT_LANG": lang,
        }
        if database_url is not None:
            self.environment["TRAJECT_DATABASE"] = database_url

    def run(self, *arguments: str, expect: int | None = 0, stdin: str = "", **more: str) -> Result:
        """Return what a process of its own did; `more` is added to the environment."""
        done = subprocess.run(
            [sys.executable, "-P", "-c", ENTRY, *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            env={**self.environment, **more},
            cwd=self.home,
            timeout=60,
            check=False,
        )
        return checked(Result(done.stdout, done.stderr, done.returncode), arguments, expect)

    def call(self, *arguments: str, expect: int | None = 0, stdin: str = "", **more: str) -> Result:
        """Return what the program did in this process."""
        out, err = io.StringIO(), io.StringIO()
        with (
            replaced_environment({**self.environment, **more}),
            mock.patch.object(sys, "stdin", io.StringIO(stdin)),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = cli.main(arguments)
        return checked(Result(out.getvalue(), err.getvalue(), code), arguments, expect)

    def init(self, *more: str) -> None:
        """Set the database up."""
        self.call("init", *COACH, *more)

    def turn_into(self, role: str, *, active: bool = True) -> None:
        """Record that this account has another role, which nobody may do for themselves."""
        assert self.database_url is not None  # tests that ask have named it
        database = open_database(self.database_url)
        now = datetime.now(UTC)
        with unit_of_work(database, now) as tx:
            changed = Draft(ActorChanged(1, role, "nl", active))
            tx.record_in(PEOPLE, [changed], Stamp(SYSTEM, brussels_day(now)))
        database.close()

    def ledger(self) -> tuple[int, str]:
        """Return size and root of the ledger."""
        assert self.database_url is not None  # tests that ask have named it
        database = open_database(self.database_url)
        with database.reading() as connection:
            state = ledger_state(connection)
        database.close()
        return state


@contextlib.contextmanager
def replaced_environment(environment: Mapping[str, str]) -> Iterator[None]:
    """Let the program see this environment and no other."""
    with mock.patch.dict(os.environ, environment, clear=True):
        yield


def checked(result: Result, arguments: tuple[str, ...], expect: int | None) -> Result:
    """Return the result, if it ended as expected."""
    told = f"traject {' '.join(arguments)}: {result.code}\n{result.stdout}\n{result.stderr}"
    assert expect in (None, result.code), told
    return result
