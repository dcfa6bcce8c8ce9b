"""Letting the rounds run by themselves: the very unit, line or task, and what installing does."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import Program
from tests.terminal import terminal

CRONTAB = """#!/bin/sh
case "$1" in
  -l) [ -f "$HOME/cron" ] || { echo "no crontab for an" >&2; exit 1; }; cat "$HOME/cron" ;;
  -) cat > "$HOME/cron" ;;
esac
"""
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="systemd is of Linux")
INSTALL = ("serve", "--install")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program set up in a folder with a blank, and a crontab program of its own."""
    folder = tmp_path / "my data"
    folder.mkdir()
    made = Program(folder)
    made.init()
    tool = tmp_path / "bin" / "crontab"
    tool.parent.mkdir()
    tool.write_text(CRONTAB)
    tool.chmod(0o755)
    made.environment["PATH"] = f"{tool.parent}:{made.environment['PATH']}"
    return made


def test_a_dry_run_prints_the_text_and_changes_nothing(program: Program) -> None:
    """On standard output, so that it can be kept; on every system, for every system."""
    before = sorted(program.home.rglob("*"))
    database = program.home / ".local" / "share" / "traject" / "traject.db"
    for kind, told in (
        ("systemd", f'--database "{database}" serve --every 60'),
        ("cron", f"--database {shlex.quote(str(database))} tick"),
        ("windows", f'--database "{database}" --lang en tick'),
    ):
        said = program.call(*INSTALL, kind, "--dry-run")
        assert told in said.stdout
        assert "Nothing was changed." in said.stderr
        assert "Nothing was changed." not in said.stdout
    assert sorted(program.home.rglob("*")) == before


@LINUX
def test_the_unit_is_written_once_and_names_what_to_run(program: Program) -> None:
    """Twice is the same; the commands that start and stop it are told, not run."""
    unit = program.call(*INSTALL, "systemd", "--dry-run").stdout
    said = program.call(*INSTALL, "systemd").stdout
    file = program.home / ".config" / "systemd" / "user" / "traject.service"
    assert file.read_text() == unit
    for line in ("systemctl --user daemon-reload", "enable --now traject.service", "enable-linger"):
        assert line in said
    assert "in place already" in program.call(*INSTALL, "systemd").stdout


@LINUX
def test_another_unit_is_replaced_only_by_somebodys_yes(program: Program) -> None:
    """In a pipe it is left; at a terminal it is asked."""
    program.call(*INSTALL, "systemd")
    file = program.home / ".config" / "systemd" / "user" / "traject.service"
    file.write_text("[Service]\nExecStart=/bin/true\n")
    assert str(file) in program.call(*INSTALL, "systemd", expect=4).stderr
    for answer, code in (("n", 4), ("j", 0)):
        assert "/bin/true" in file.read_text()
        with terminal([*INSTALL, "systemd"], home=program.home) as session:
            session.answer("Vervangen? [j/N]", answer)
            assert session.ended() == code
    assert "/bin/true" not in file.read_text()


def test_the_crontab_keeps_the_lines_of_others(program: Program) -> None:
    """Twice is once; other settings replace only our own lines."""
    mine = "MAILTO=an\n5 4 * * * backup 100\\%\n"
    crontab = program.home / "cron"
    program.call(*INSTALL, "cron")  # which makes the first crontab
    first = crontab.read_text()
    crontab.write_text(mine + first + "# the end\n")
    assert "already" in program.call(*INSTALL, "cron").stdout
    assert crontab.read_text() == f"{mine}{first}# the end\n"
    said = program.call(*INSTALL, "cron", TRAJECT_HOLD_BACK="5").stdout
    assert "Replaced" in said
    text = crontab.read_text()
    assert text.startswith(f"{mine}# the end\n")
    assert text.count("traject") == first.count("traject")
    assert "TRAJECT_HOLD_BACK=5" in text


def test_the_line_of_the_crontab_runs_as_it_stands(program: Program) -> None:
    """In a shell without any variable of ours."""
    line = program.call(*INSTALL, "cron", "--dry-run").stdout.splitlines()[1]
    command = line.removeprefix("*/15 * * * * ").replace("\\%", "%")
    done = subprocess.run(
        ["/bin/sh", "-c", command], env={"HOME": "/", "PATH": "/bin:/usr/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    rounds = program.call("doctor", "--json").json["findings"]
    assert next(f["state"] for f in rounds if f["check"] == "rounds") == "ok"


def test_without_cron_the_lines_are_told(program: Program, tmp_path: Path) -> None:
    """To be put in by hand."""
    told = program.call(*INSTALL, "cron", expect=4, PATH=str(tmp_path)).stderr
    assert "*/15 * * * *" in told


@pytest.mark.skipif(sys.platform == "win32", reason="a task of Windows is made there")
def test_a_task_is_made_on_windows_only(program: Program) -> None:
    """Elsewhere it is refused, with the line that shows it."""
    told = program.call(*INSTALL, "windows", expect=4).stderr
    assert "traject serve --install windows --dry-run" in told


def test_no_password_leaves_the_settings(program: Program) -> None:
    """A mail server with a password must stand in the file; a database URL loses its own."""
    url = "smtps://an:geheim@mail.example.org"
    for kind in ("systemd", "cron", "windows"):
        told = program.call(*INSTALL, kind, "--dry-run", expect=4, TRAJECT_SMTP_URL=url).stderr
        assert "traject config mail" in told
        assert "geheim" not in told
    program.call("config", "set", "smtp_url", "smtps://an@mail.example.org")
    for kind in ("systemd", "cron", "windows"):
        given = {"TRAJECT_SMTP_PASSWORD": "geheim"}
        told = program.call(*INSTALL, kind, "--dry-run", expect=4, **given).stderr
        assert "smtp_password_file" in told
        assert "geheim" not in told
    file = program.home / ".config" / "traject" / "settings.toml"
    file.write_text(f'smtp_url = "{url}"\n')
    for kind in ("systemd", "cron", "windows"):
        said = program.call(*INSTALL, kind, "--dry-run")
        assert "geheim" not in said.stdout + said.stderr


def test_the_password_of_a_database_server_stays_out(tmp_path: Path, postgres_url: str) -> None:
    """Also where the URL was given with it."""
    program = Program(tmp_path, postgres_url)
    program.init()
    place, _, rest = postgres_url.partition("@")
    user = place.partition("://")[2].partition(":")[0]
    url = f"postgresql://{user}:geheim@{rest}"
    said = program.call(*INSTALL, "systemd", "--dry-run", TRAJECT_DATABASE=url).stdout
    assert f"postgresql://{user}@" in said
    assert "geheim" not in said


def test_an_option_that_would_do_nothing_is_refused(program: Program) -> None:
    """A dry run of serving, and seconds where cron counts the minutes."""
    program.call("serve", "--dry-run", expect=2)
    program.call(*INSTALL, "cron", "--every", "5", "--dry-run", expect=2)
    assert "--every 5" in program.call(*INSTALL, "systemd", "--every", "5", "--dry-run").stdout


def test_installing_asks_for_the_account_that_serving_asks_for(program: Program) -> None:
    """Somebody who may not serve installs no service."""
    database = program.home / ".local" / "share" / "traject" / "traject.db"
    program.database_url = str(database)
    program.turn_into("auditor")
    program.call(*INSTALL, "cron", "--dry-run", expect=4)


def test_the_program_runs_where_there_is_no_window(program: Program) -> None:
    """As under pythonw, which has neither output nor errors to write to."""
    code = (
        "import sys; sys.stdout = sys.stderr = None; from cli import main; "
        "sys.exit(main(['tick']) or main(['show', '99']))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=program.environment, cwd=program.home, check=False
    )
    assert done.returncode == 3
