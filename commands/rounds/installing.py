"""Lets the rounds run by themselves: what traject would be started with here, and by what."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

from commands.frame.context import Context
from commands.pages.columns import wrapped
from commands.rounds import crontab, programs, units
from commands.settings import layers
from commands.settings.urls import file_of, holds_account, stripped
from commands.typed.asking import can_ask, yes
from engine.domain.errors import BadInput, Refused
from engine.domain.words import N_

USUAL = 60.0  # seconds between two rounds of `serve`
UNIT = "traject.service"
ELSEWHERE = N_(
    "{kind} is not of this machine, nothing was changed. To see what it would be: "
    "traject serve --install {kind} --dry-run. For this machine: traject serve --install {here}"
)


def fitting() -> str:
    """Return the kind that fits this machine."""
    if sys.platform == "win32":
        return "windows"
    return "systemd" if Path("/run/systemd/system").is_dir() else "cron"


def install(context: Context, kind: str, *, every: float, dry_run: bool) -> None:
    """Install the service or the task, or with `dry_run` print its text and no more."""
    if kind == "systemd":
        _systemd(context, every, dry_run)
        return
    if every != USUAL:
        raise BadInput(N_("--every is for systemd; cron and Windows hold a round every 15 minutes"))
    if kind == "cron":
        _cron(context, dry_run)
    else:
        _windows(context, dry_run)


def start(context: Context, kind: str) -> units.Start:
    """Return how traject is started with the database and the settings of this run.

    What the settings file says is read from there; passwords never leave it.
    Raises: Refused where a password would have to stand in a unit.
    """
    own = context.settings
    lang = context.words.lang
    if own.origins["smtp_url"] == layers.ENVIRONMENT and holds_account(own.smtp_url or ""):
        raise Refused(
            N_(
                "TRAJECT_SMTP_URL holds an account, and a service is given no password: keep the "
                "mail server in the settings file, with traject config mail"
            )
        )
    if own.sign_in.given:
        name = f"TRAJECT_{next(iter(own.sign_in.given)).upper()}"
        raise Refused(
            N_(
                "{name} is a secret, and a service is given none: keep it in a file that you "
                "alone can read, named by smtp_password_file or oauth_secret_file"
            ),
            name=name,
        )
    options = [] if own.origins["database"] == layers.FILE else ["--database", _place(own)]
    if kind == "windows":  # a task has no variables of its own
        return units.Start(_quiet_program(), (*options, "--lang", lang), {})
    given = {"TRAJECT_SETTINGS": str(own.file.absolute()), "TRAJECT_LANG": lang}
    return units.Start(_program(), tuple(options), {**given, **_variables(own)})


def _place(own: layers.Settings) -> str:
    """Return the database as a service finds it: an absolute path, or a URL without password."""
    file = file_of(own.database)
    return stripped(own.database) if file is None else str(file)


def _variables(own: layers.Settings) -> dict[str, str]:
    """Return the variables of this run that a service must be given, and that are no secret."""
    keys = (key for key, origin in own.origins.items() if origin == layers.ENVIRONMENT)
    names = [f"TRAJECT_{key.upper()}" for key in keys if key not in ("database", "lang")]
    names += ["PGPASSFILE", "PGSERVICEFILE"]  # where PostgreSQL finds what no unit may hold
    return {name: value for name in names if (value := os.environ.get(name))}


def _program() -> tuple[str, ...]:
    """Return the program `traject` of this environment, by its whole path."""
    beside = Path(sys.executable).absolute().parent / "traject"
    return (str(beside),) if beside.is_file() else _module(Path(sys.executable))


def _quiet_program() -> tuple[str, ...]:
    """Return the Python of this environment that opens no window."""
    python = Path(sys.executable).absolute()
    quiet = python.with_name("pythonw.exe")
    return _module(quiet if quiet.is_file() else python)


def _module(python: Path) -> tuple[str, ...]:
    return (str(python.absolute()), "-P", "-m", "cli")


def _systemd(context: Context, every: float, dry_run: bool) -> None:
    text = units.systemd_unit(start(context, "systemd"), every)
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    file = folder / "systemd" / "user" / UNIT
    if dry_run:
        context.echo(text.rstrip("\n"))
        context.tell(N_("This would come in {file}. Nothing was changed."), file=str(file))
        return
    if not sys.platform.startswith("linux"):
        raise Refused(ELSEWHERE, kind="systemd", here=fitting())
    _write_unit(context, file, text)
    _tell(context, N_("Now start it, and let it run while you are not signed in:"))
    for line in ("daemon-reload", f"enable --now {UNIT}"):
        context.echo(f"  systemctl --user {line}")
    context.echo("  loginctl enable-linger")
    _tell(context, N_("To take it away again:"))
    context.echo(f"  systemctl --user disable --now {UNIT}")
    _about_password(context)


def _write_unit(context: Context, file: Path, text: str) -> None:
    """Write the unit; another one that stands there is replaced only by somebody's yes."""
    if file.exists() and file.read_text("utf-8") == text:
        context.say(N_("{file} was in place already."), file=str(file))
        return
    if file.exists() and not _may_replace(context, file):
        raise Refused(
            N_("{file} holds another service and was left as it is. Look at it, move it away"),
            file=str(file),
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    context.say(N_("Written: {file}"), file=str(file))


def _may_replace(context: Context, file: Path) -> bool:
    question = N_("{file} holds another service. Replace it?")
    return can_ask(context) and yes(context.in_words(question, file=str(file)), default=False)


def _cron(context: Context, dry_run: bool) -> None:
    lines = units.cron_lines(start(context, "cron"))
    if dry_run:
        context.echo("\n".join(lines))
        context.tell(N_("This would come in your crontab. Nothing was changed."))
        return
    if crontab.put(context, lines):
        _tell(context, N_("To take it away again, leave these lines out with: crontab -e"))
        _about_password(context)


def _windows(context: Context, dry_run: bool) -> None:
    script = units.windows_task(start(context, "windows"))
    if dry_run:
        context.echo(script.rstrip("\n"))
        context.tell(N_("This is for PowerShell. Nothing was changed."))
        _about_variables(context)
        return
    if sys.platform != "win32":
        raise Refused(ELSEWHERE, kind="windows", here=fitting())
    coded = base64.b64encode(script.encode("utf-16-le")).decode()
    programs.run(["powershell.exe", "-NoProfile", "-NonInteractive", "-EncodedCommand", coded])
    context.say(
        N_("The task {name} is registered: every 15 minutes and at logon."), name=units.TASK
    )
    _tell(context, N_("It runs while you are signed in. To take it away again, in PowerShell:"))
    context.echo(f"  Unregister-ScheduledTask -TaskName {units.TASK}")
    _about_variables(context)
    _about_password(context)


def _about_variables(context: Context) -> None:
    """Tell which variables of this console a task would not know."""
    own = context.settings
    known = _variables(own)
    if found := os.environ.get("TRAJECT_SETTINGS"):
        known["TRAJECT_SETTINGS"] = str(Path(found).absolute())
    if known:
        context.tell(N_("A task does not know the variables of this console; keep them with:"))
        for line in units.user_variables(known):
            context.talk(f"  {line}")


def _about_password(context: Context) -> None:
    """Tell where a service finds the password of a database server."""
    own = context.settings
    if own.origins["database"] != layers.FILE and stripped(own.database) != own.database:
        _tell(
            context,
            N_("The password of the database is not in it: PostgreSQL reads it from ~/.pgpass."),
        )


def _tell(context: Context, template: str) -> None:
    for line in wrapped(context.in_words(template)):
        context.echo(line)


def require_install(kind: str | None, *, dry_run: bool) -> None:
    """Refuse `--dry-run` where nothing is installed: serving cannot be tried."""
    if dry_run and kind is None:
        raise BadInput(N_("--dry-run goes with --install; a round is tried with: traject tick"))
