"""Looks whether all is well: database, clock, rounds, mail road; each fault with its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from commands.context import Context
from commands.shape import command
from engine.domain.errors import TrajectError
from engine.domain.words import N_, Say, say

if TYPE_CHECKING:
    from engine.store.database import Database

WELL, REMARK, WRONG = "ok", "remark", "wrong"
MARKS = {WELL: "✔", REMARK: "!", WRONG: "✘"}
UNWRITTEN = N_(
    "at the last round {n} mails could not be written; they stay planned, and the log of "
    "traject serve or traject tick says why"
)
UNREAD = N_("reminders that reached nobody: {n}; see: traject --all")
QUIET = timedelta(hours=25)  # a daily round may be an hour late


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found: its state, and in words what is the case and what to do."""

    check: str
    state: str
    sentence: Say


@command(json=True)
def doctor(context: Context) -> None:
    """Print every finding; exit code 1 when something is wrong."""
    findings = list(examine(context))
    if context.json:
        rows = [
            {"check": f.check, "state": f.state, "text": context.words.say(f.sentence)}
            for f in findings
        ]
        context.echo_json({"ok": all(f.state != WRONG for f in findings), "findings": rows})
    else:
        for finding in findings:
            context.echo(f"{MARKS[finding.state]} {context.words.say(finding.sentence)}")
    if any(finding.state == WRONG for finding in findings):
        raise click.exceptions.Exit(1)


def examine(context: Context) -> Iterator[Finding]:
    """Yield what every look finds; without a database those that need none."""
    yield from _settings(context)
    try:
        database = _opened(context)
    except TrajectError as error:
        yield Finding("database", WRONG, error.sentence)
    else:
        yield from _database(database)
        yield from _rounds(context, database)
    yield from _mail_road(context)
    yield from _modules()


def _opened(context: Context) -> Database:
    from engine.store.database import open_database

    return context.keep(open_database(context.settings.database, any_schema=True))


def _settings(context: Context) -> Iterator[Finding]:
    file = context.settings.file
    if not file.exists():
        yield Finding("settings", WELL, say(N_("no settings file; all settings are the defaults")))
    elif (context.settings.smtp_url or "").count("@") and file.stat().st_mode & 0o077:
        yield Finding(
            "settings",
            WRONG,
            say(N_("{file} may hold a password and others can read it: chmod 600"), file=str(file)),
        )
    else:
        yield Finding("settings", WELL, say(N_("settings from {file}"), file=str(file)))


def _database(database: Database) -> Iterator[Finding]:
    """Yield how the database itself is: schema, triggers, rights, modes, clock."""
    from engine.store.revisions import HEAD, NO_DATABASE, revision

    where = database.url_for_people
    with database.reading() as connection:
        found = revision(connection)
    if found is None:
        yield Finding("database", WRONG, say(NO_DATABASE, where=where))
        return
    if found != HEAD:
        template = N_("{where} has the tables of another version: traject upgrade")
        yield Finding("schema", WRONG, say(template, where=where))
        return
    yield Finding(
        "database", WELL, say(N_("data in {where}, its tables are up to date"), where=where)
    )
    yield _triggers(database)
    yield from _owner(database)
    yield _clock(database)
    insecure = tuple(str(path) for path in database.insecure())
    if insecure:
        template = N_("others may use {paths}: chmod go= on each")
        yield Finding("modes", WRONG, say(template, paths=insecure))
    elif not database.is_postgres:
        yield Finding("modes", WELL, say(N_("the files are for this account alone")))


def _triggers(database: Database) -> Finding:
    from engine.store import schema

    with database.reading() as connection:
        missing = tuple(schema.census(connection))
    if missing:
        template = N_(
            "triggers that protect the history are gone or altered ({missing}): look into it "
            "with traject verify, and put a backup back"
        )
        return Finding("triggers", WRONG, say(template, missing=missing))
    return Finding("triggers", WELL, say(N_("the triggers that protect the history are in place")))


def _owner(database: Database) -> Iterator[Finding]:
    """Yield a remark where our PostgreSQL login could lift the triggers."""
    from engine.store import schema

    with database.reading() as connection:
        if not database.is_postgres or not schema.may_lift_triggers(connection):
            return
    template = N_(
        "the login owns its tables, so the triggers are no protection against it: "
        "let another login own them, with traject upgrade --owner-url URL"
    )
    yield Finding("owner", REMARK, say(template))


def _clock(database: Database) -> Finding:
    from engine.store.log import clock_of

    with database.reading() as connection:
        clock = clock_of(connection)
    if clock is None:
        return Finding("log", WRONG, say(N_("nobody is enrolled yet: traject init")))
    if clock == "simulated":
        return Finding(
            "log", REMARK, say(N_("this log says that its clock is simulated: a try-out"))
        )
    return Finding("log", WELL, say(N_("the log runs on the real clock")))


def _rounds(context: Context, database: Database) -> Iterator[Finding]:
    """Yield when mail was last looked after, and whether the queue rests."""
    from engine.service.installing import SIMULATED
    from engine.store import schema
    from engine.store.dossiers import unread as nobody_read
    from engine.store.due import last_beat, next_wake
    from engine.store.log import clock_of

    if schema.pending(database):
        return
    with database.reading() as connection:
        last, queue = last_beat(connection, "tick"), last_beat(connection, "queue")
        wake = next_wake(connection)
        unread = len(nobody_read(connection))
        played = clock_of(connection) == SIMULATED and context.given.now is None
    now = context.now()
    waiting = wake is not None and wake <= now - QUIET
    yield _round(last[0] if last else None, now, waiting=waiting, played=played)
    if failed := last[1].get("failed", 0) if last else 0:
        yield Finding("unwritten", WRONG, say(UNWRITTEN, n=failed))
    if unread:
        yield Finding("unread", REMARK, say(UNREAD, n=unread))
    if queue is not None and queue[1]["state"] != "open":
        held = queue[1]["state"] == "held"
        template = N_("the mail server refused ({reason}); see: traject mail test")
        reason = f"{queue[1].get('phase') or ''} {queue[1].get('code') or ''}".strip()
        yield Finding("queue", WRONG if held else REMARK, say(template, reason=reason))


def _round(last: datetime | None, now: datetime, *, waiting: bool, played: bool) -> Finding:
    """Return how old the last round is; `played`: the real time says nothing about this log."""
    if last is None and not waiting:
        return Finding(
            "rounds", REMARK, say(N_("no mail round was held yet: traject serve, or traject tick"))
        )
    if last is None or (waiting and now - last > QUIET):
        return Finding(
            "rounds",
            REMARK if played else WRONG,
            say(N_("mails wait and nobody sends them: traject serve, or traject tick")),
        )
    return Finding("rounds", WELL, say(N_("last mail round: {at}"), at=last))


def _mail_road(context: Context) -> Iterator[Finding]:
    """Yield where mails go; the server itself is tried by `traject mail test`."""
    settings = context.settings
    if not settings.smtp_url:
        template = N_(
            "no mail server: mails are kept as files in {folder} and not sent; one is set with "
            "traject config set smtp_url smtp+starttls://USER:PASSWORD@HOST:587"
        )
        yield Finding("mail", REMARK, say(template, folder=str(settings.mail_folder)))
        return
    try:
        context.notifier()
    except TrajectError as error:
        yield Finding("mail", WRONG, error.sentence)
        return
    if settings.smtp_ca is not None and not settings.smtp_ca.is_file():
        template = N_("there is no file {file}, named by smtp_ca")
        yield Finding("mail", WRONG, say(template, file=str(settings.smtp_ca)))
        return
    yield Finding("mail", WELL, say(N_("a mail server is set; try it with: traject mail test")))


def _modules() -> Iterator[Finding]:
    """Yield whether the packages beside this one are ours."""
    from pathlib import Path

    import commands
    import engine
    import notifications
    import workflows

    ours = Path(str(commands.__file__)).resolve().parent.parent
    others = (engine, notifications, workflows)
    strange = tuple(
        str(module.__file__)
        for module in others
        if Path(str(module.__file__)).resolve().parent.parent != ours
    )
    if strange:
        template = N_("not our own, install traject in an environment of its own: {strange}")
        yield Finding("modules", WRONG, say(template, strange=strange))
    else:
        yield Finding("modules", WELL, say(N_("traject runs from {folder}"), folder=str(ours)))
