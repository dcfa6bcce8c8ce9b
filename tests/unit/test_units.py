"""Units: what starts traject by itself says exactly what it was given, whatever is in it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rounds import units
from commands.rounds.units import Start
from engine.domain.errors import BadInput

PROGRAM = "/home/an peeters/my 'venv'/bin/traject"
TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1)


def start(program: str = PROGRAM, **environment: str) -> Start:
    """Return a way to start with a database whose name is hard to write."""
    return Start((program,), ("--database", '/data/100% "ours" $HOME/t.db'), environment)


def test_the_unit_keeps_serve_running_with_database_and_settings() -> None:
    """Absolute, quoted, restarted, and nothing but paths in the environment."""
    unit = units.systemd_unit(start(TRAJECT_SETTINGS="/home/an peeters/s.toml"), 60)
    assert 'Environment="TRAJECT_SETTINGS=/home/an peeters/s.toml"' in unit
    assert (
        f'ExecStart=:/usr/bin/env "{PROGRAM}" --database "/data/100%% \\"ours\\" $HOME/t.db" serve'
        in unit
    )
    assert "Restart=always" in unit
    assert "WantedBy=default.target" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize("folder", ["plain", "my 100% own $HOME", "my 'own'", 'a "b"'])
def test_systemd_understands_the_unit(tmp_path: Path, folder: str) -> None:
    """With blanks, percent signs, quotes and dollars in the paths."""
    program = tmp_path / folder / "traject"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    file = tmp_path / "traject.service"
    file.write_text(units.systemd_unit(start(str(program), TRAJECT_LANG="nl"), 60))
    words = ["systemd-analyze", "verify", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@given(TEXTS, TEXTS, TEXTS)
def test_a_shell_reads_the_cron_line_as_it_was_meant(program: str, option: str, path: str) -> None:
    """After cron has taken the backslashes before percent signs away."""
    given_start = Start((program,), (option,), {"TRAJECT_SETTINGS": path})
    begin, line, end = units.cron_lines(given_start)
    assert (begin, end) == (units.BEGIN, units.END)
    assert re.search(r"(?<!\\)%", line) is None
    command = line.removeprefix("*/15 * * * * ").removesuffix(" >/dev/null")
    assert shlex.split(command.replace("\\%", "%")) == [
        f"TRAJECT_SETTINGS={path}", program, option, "tick",
    ]  # fmt: skip


@given(st.lists(st.sampled_from(["MAILTO=an", "", "5 4 * * * backup", units.BEGIN, units.END])))
def test_lines_of_others_stay_in_the_crontab(lines: list[str]) -> None:
    """Only what stands between our two marks is ours; put there once, it is found again."""
    others, ours = units.without_ours("\n".join(lines))
    assert len(others) + len(ours) == len("\n".join(lines).splitlines())
    foreign = [line for line in others if line not in (units.BEGIN, units.END)]
    assert all(line in lines for line in foreign)
    if units.BEGIN not in lines:
        mine = units.cron_lines(start())
        assert units.without_ours("\n".join([*lines, *mine]))[1] == mine


def test_a_mark_without_its_end_takes_no_line_away() -> None:
    """Somebody took the end away; the lines behind it may be anybody's."""
    crontab = f"{units.BEGIN}\n*/15 * * * * traject tick\n5 4 * * * backup\n"
    assert units.without_ours(crontab) == (crontab.splitlines(), [])


def test_the_task_runs_every_quarter_and_at_logon() -> None:
    """Its words are quoted for PowerShell and, within that, for the program."""
    given_start = Start(
        (r"C:\Users\An O'Neil\.venv\Scripts\pythonw.exe", "-P", "-m", "cli"),
        ("--database", r"C:\My Data\traject.db"),
        {},
    )
    script = units.windows_task(given_start)
    assert r"-Execute 'C:\Users\An O''Neil\.venv\Scripts\pythonw.exe'" in script
    assert r"""-Argument '-P -m cli --database "C:\My Data\traject.db" tick'""" in script
    assert "-RepetitionInterval (New-TimeSpan -Minutes 15)" in script
    assert "New-ScheduledTaskTrigger -AtLogOn -User $me" in script
    assert "Register-ScheduledTask -TaskName 'traject'" in script


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="no PowerShell here")
def test_powershell_understands_the_task() -> None:
    """It is parsed, not run."""
    script = units.windows_task(start())
    parse = "[void][scriptblock]::Create([Console]::In.ReadToEnd())"
    subprocess.run(["pwsh", "-NoProfile", "-Command", parse], input=script, text=True, check=True)


def test_a_path_with_a_line_break_is_refused() -> None:
    """It would become a line of its own, in a unit or in a crontab."""
    for text in ("a\nb", "a\tb", "\x1b"):
        with pytest.raises(BadInput):
            Start((sys.executable,), ("--database", text), {})
