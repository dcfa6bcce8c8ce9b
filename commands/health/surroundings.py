"""Looks around traject: the settings file, time zones, the road to the mail server, Python."""

from __future__ import annotations

import errno
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from commands.frame.context import Context
from commands.health.finding import REMARK, WELL, WRONG, Finding
from commands.mailing.road import MICROSOFT, MICROSOFT_WAY_OUT, is_microsoft
from commands.settings.file import read_file
from commands.settings.urls import without_password
from engine.domain.errors import TrajectError
from engine.domain.os_errors import why
from engine.domain.words import N_, Say, say

OURS = ("cli", "commands", "engine", "notifications", "workflows")
PATIENCE = 3.0  # seconds to wait for the mail server


def settings(context: Context) -> Iterator[Finding]:
    """Yield whether others can read a settings file that holds a password."""
    file = context.settings.file
    if not file.exists():
        yield Finding("settings", WELL, say(N_("no settings file; all settings are the defaults")))
    elif _holds_password(file) and file.stat().st_mode & 0o077:
        template = N_("{file} may hold a password and others can read it")
        remedy = shlex.join(["chmod", "600", str(file)])
        yield Finding("settings", WRONG, say(template, file=str(file)), (remedy,))
    else:
        yield Finding("settings", WELL, say(N_("settings from {file}"), file=str(file)))


def _holds_password(file: Path) -> bool:
    """Tell whether the mail server or the database in a settings file may come with a password."""
    stored = read_file(file)
    addresses = (stored.get("smtp_url", ""), stored.get("database", ""))
    return any(without_password(address) != address for address in addresses)


def time_zones() -> Finding:
    """Return whether the rules of summer and winter time are here; Windows ships none."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo("Europe/Brussels")
    except ZoneInfoNotFoundError:
        template = N_("the time zone data is missing: nobody knows what time it is in Brussels")
        remedy = f"{_python()} -m pip install tzdata"
        return Finding("time_zones", WRONG, say(template), (remedy,))
    return Finding("time_zones", WELL, say(N_("the time zone of Brussels is known")))


def mail_road(context: Context, *, offline: bool) -> Iterator[Finding]:
    """Yield where mails go and whether the server is there; nothing is sent, nobody signs in."""
    own = context.settings
    if not own.smtp_url:
        template = N_("no mail server: mails are kept as files in {folder} and not sent")
        kept = say(template, folder=str(own.mail_folder))
        yield Finding("mail", REMARK, kept, ("traject config mail",))
        return
    try:
        context.notifier()
    except TrajectError as error:
        yield Finding("mail", WRONG, error.sentence, ("traject config mail",))
        return
    if own.smtp_ca is not None and not own.smtp_ca.is_file():
        template = N_("there is no file {file}, named by smtp_ca")
        remedy = say(N_("Put it there, or take the setting away:"))
        away = "traject config set smtp_ca ''"
        yield Finding("mail", WRONG, say(template, file=str(own.smtp_ca)), (remedy, away))
        return
    yield from _server(context, own.smtp_url, offline=offline)


def _server(context: Context, url: str, *, offline: bool) -> Iterator[Finding]:
    """Yield whether the server can be reached, and whether its sign-in comes to an end."""
    from commands.health import sign_in
    from notifications.delivery.relay import relay_from

    relay = relay_from(url)
    server = f"{relay.host}:{relay.port}"
    fault = None if offline else _unreachable(relay.host, relay.port)
    if offline:
        yield Finding("mail", WELL, say(N_("the mail server is {server}"), server=server))
    elif fault is None:
        there = say(N_("the mail server {server} can be reached"), server=server)
        yield Finding("mail", WELL, there)
    else:
        template = N_("the mail server {server} cannot be reached ({reason})")
        gone = say(template, server=server, reason=fault)
        yield Finding("mail", WRONG, gone, ("traject mail test", "traject config mail"))
    if relay.user:
        yield from sign_in.examine(context, relay.user)
    if relay.user and not context.settings.sign_in.oauth_client and is_microsoft(relay.host):
        remedies = (say(MICROSOFT_WAY_OUT), "traject config mail")
        yield Finding("basic_authentication", REMARK, say(MICROSOFT), remedies)


def _unreachable(host: str, port: int) -> Say | str | None:
    """Return why no connection can be made; None where it can.

    In a thread, because looking up a name knows no patience of ours.
    """
    import socket
    import threading

    found: list[Say | str | None] = []

    def knock() -> None:
        try:
            socket.create_connection((host, port), PATIENCE).close()
            found.append(None)
        except OSError as error:
            found.append(why(error))

    thread = threading.Thread(target=knock, daemon=True)
    thread.start()
    thread.join(PATIENCE + 1)
    return found[0] if found else why(TimeoutError(errno.ETIMEDOUT, ""))


def modules() -> Iterator[Finding]:
    """Yield whether the packages that run are ours, and whether others have the same names."""
    import commands

    ours = Path(str(commands.__file__)).resolve().parent.parent
    strange = tuple(file for file in _running() if Path(file).resolve().parent.parent != ours)
    if strange:
        template = N_("not our own, install traject in an environment of its own: {strange}")
        yield Finding("modules", WRONG, say(template, strange=strange))
        return
    yield Finding("modules", WELL, say(N_("traject runs from {folder}"), folder=str(ours)))
    if others := tuple(_namesakes(ours)):
        template = N_("others have the same names, and may get in the way one day: {others}")
        remedy = say(N_("Install traject in an environment of its own, without PYTHONPATH."))
        yield Finding("namesakes", REMARK, say(template, others=others), (remedy,))


def _running() -> list[str]:
    import engine
    import notifications
    import workflows

    return [str(module.__file__) for module in (engine, notifications, workflows)]


def _namesakes(ours: Path) -> Iterator[str]:
    """Yield what stands elsewhere on Python's path under one of our names."""
    for folder in dict.fromkeys(Path(entry or ".").resolve() for entry in sys.path):
        if folder != ours:
            for name in OURS:
                file, package = folder / f"{name}.py", folder / name
                if file.is_file():
                    yield str(file)
                elif (package / "__init__.py").is_file():
                    yield str(package)


def _python() -> str:
    return f'"{sys.executable}"' if sys.platform == "win32" else shlex.quote(sys.executable)
