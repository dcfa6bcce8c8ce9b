"""The text of what starts traject by itself: a systemd unit, a crontab line, a Windows task."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.domain.errors import BadInput
from engine.domain.words import N_

BEGIN = "# traject: begin (made by traject serve --install cron)"
END = "# traject: end"
TASK = "traject"


@dataclass(frozen=True, slots=True)
class Start:
    """How traject is started here: its program, what stands before the command, the variables."""

    program: tuple[str, ...]
    options: tuple[str, ...]
    environment: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse what no unit can hold on one line."""
        for text in (*self.program, *self.options, *self.environment.values()):
            if re.search(r"[\x00-\x1f\x7f]", text):
                raise BadInput(
                    N_("{text} holds a control character, which no service can be given"), text=text
                )

    def words(self, *command: str) -> list[str]:
        """Return the whole command, word by word."""
        return [*self.program, *self.options, *command]


def systemd_unit(start: Start, every: float) -> str:
    """Return a user service that keeps `traject serve` running."""
    command = start.words("serve", "--every", f"{every:g}")
    if re.search(r"""["'\\]""", command[0]):  # which systemd takes in no name of a program
        command.insert(0, "/usr/bin/env")
    variables = (f"{name}={value}" for name, value in start.environment.items())
    lines = (
        "# Made by traject serve --install systemd",
        "[Unit]",
        "Description=traject: sends the mails that are due",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        *(f"Environment={_in_unit(variable)}" for variable in variables),
        # The colon keeps systemd from reading a dollar as a variable.
        f"ExecStart=:{' '.join(map(_in_unit, command))}",
        "Restart=always",
        "RestartSec=60",
        "UMask=0077",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    )
    return "\n".join(lines)


def _in_unit(word: str) -> str:
    """Return a word as a systemd unit writes it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if re.fullmatch(r"[\w./:=@%+,-]+", escaped) else f'"{escaped}"'


def cron_lines(start: Start) -> list[str]:
    """Return the lines of a crontab that hold a round every quarter of an hour."""
    variables = [f"{name}={shlex.quote(value)}" for name, value in start.environment.items()]
    words = [*variables, *map(shlex.quote, start.words("tick"))]
    command = " ".join(words).replace("%", "\\%")  # a percent sign ends the line for cron
    return [BEGIN, f"*/15 * * * * {command} >/dev/null", END]


def without_ours(crontab: str) -> tuple[list[str], list[str]]:
    """Return the lines of a crontab that others wrote, and those between our marks.

    A mark without its end takes nothing away: the lines behind it may be anybody's.
    """
    lines = crontab.splitlines()
    if BEGIN not in lines or END not in lines[lines.index(BEGIN) :]:
        return lines, []
    first = lines.index(BEGIN)
    last = lines.index(END, first)
    return lines[:first] + lines[last + 1 :], lines[first : last + 1]


def windows_task(start: Start) -> str:
    """Return the PowerShell that registers a round every quarter of an hour and at logon."""
    command = start.words("tick")
    arguments = subprocess.list2cmdline(command[1:])
    return "\n".join(
        (
            f"$do = New-ScheduledTaskAction -Execute {_in_powershell(command[0])} `",
            f"  -Argument {_in_powershell(arguments)}",
            "$often = New-ScheduledTaskTrigger -Once -At (Get-Date).Date `",
            "  -RepetitionInterval (New-TimeSpan -Minutes 15)",
            "$me = [Security.Principal.WindowsIdentity]::GetCurrent().Name",
            "$logon = New-ScheduledTaskTrigger -AtLogOn -User $me",
            "$how = New-ScheduledTaskSettingsSet -StartWhenAvailable `",
            "  -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `",
            "  -MultipleInstances IgnoreNew -ExecutionTimeLimit (New-TimeSpan -Hours 1)",
            f"Register-ScheduledTask -TaskName {_in_powershell(TASK)} -Action $do `",
            "  -Trigger $often, $logon -Settings $how -ErrorAction Stop",
            "",
        )
    )


def user_variables(names: Mapping[str, str]) -> Sequence[str]:
    """Return the commands that give a Windows account the variables of this console for good."""
    return [f'setx {name} "{value}"' for name, value in names.items()]


def _in_powershell(text: str) -> str:
    """Return a text as PowerShell writes one that it leaves as it is."""
    quoted = re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", text)  # the curly ones count too
    return f"'{quoted}'"
