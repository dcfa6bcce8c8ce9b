"""The database of a Monday morning, played once and copied for each test that works on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import monday
from tests.mail_server import PostOffice, post_office
from tests.program import Program


@pytest.fixture(scope="session")
def office() -> Iterator[tuple[PostOffice, str]]:
    """A mail server that knows everybody but one, and its URL."""
    with post_office(monday.NOBODY) as running:
        yield running


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, office: tuple[PostOffice, str]) -> Path:
    """A folder with the database of Monday 8 March 2027, twenty past eight."""
    folder = tmp_path_factory.mktemp("monday")
    monday.play(monday.program(folder, office[1]))
    return folder


@pytest.fixture(scope="session")
def copied(played: Path, office: tuple[PostOffice, str]) -> Callable[[Path], Program]:
    """What gives a program its own copy of that database, in a folder."""

    def copy(folder: Path) -> Program:
        shutil.copytree(played, folder, dirs_exist_ok=True)
        return monday.program(folder, office[1])

    return copy
