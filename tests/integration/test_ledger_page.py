"""The page about the ledger's format: what it computes is what the program computes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.audit.standalone import VERIFIER
from engine.store.database import Database
from tests.vectors import on_page, small_log, vectors


def test_the_vectors_on_the_page_are_those_of_the_program(sqlite_database: Database) -> None:
    """Written by: python -m tests.vectors."""
    assert vectors(small_log(sqlite_database)) == on_page()


def test_who_has_only_the_page_and_the_script_can_check_it(tmp_path: Path) -> None:
    """The log on the page verifies by itself and with its checkpoint, in a Python without ours."""
    _, history, _, checkpoint, _ = on_page().split("```")
    (tmp_path / "history.jsonl").write_text(history.lstrip(), encoding="utf-8")
    (tmp_path / "theirs.txt").write_text(checkpoint.lstrip(), encoding="utf-8")
    command = [sys.executable, "-I", str(VERIFIER), "history.jsonl", "--lang", "en"]
    done = subprocess.run(
        [*command, "--checkpoint", "theirs.txt"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "It agrees with theirs.txt: the first 3 events are as they were then." in done.stdout
