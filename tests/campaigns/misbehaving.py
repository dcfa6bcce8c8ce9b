"""How mail servers misbehave, and where that must leave a mail: the table, row by row."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from engine.store.database import Database
from engine.store.due import last_beat
from engine.store.holds import QUEUE
from engine.store.outbox import Mail
from notifications.delivery import SmtpNotifier, Timeouts
from tests.mail_server import ACCOUNT
from tests.smtp_server import HANG_UP, SILENCE, ScriptedServer, smtp_server
from tests.world import JO, World

BRIEF = Timeouts(connect=0.3, command=0.3, envelope=0.3, data=0.3, dot=0.3, quit=0.2)
HALF_AN_HOUR, MINUTE = timedelta(minutes=30), timedelta(minutes=1)
GARBAGE = "what is this"
BARE = "250-loopback\r\n250 AUTH PLAIN"  # without STARTTLS

Script = dict[str, str | list[str]]


@dataclass(frozen=True)
class Row:
    """A behaviour and what must come of it: of the mail, and of the whole queue."""

    said: str  # at which word of ours
    reply: str
    status: str  # of the mail
    phase: str
    queue: str = "open"

    @property
    def name(self) -> str:
        """Return the behaviour in a few words."""
        shown = {HANG_UP: "disconnect", SILENCE: "timeout", GARBAGE: "garbage"}
        return f"{self.said}: {shown.get(self.reply, self.reply)}"


NO_ANSWER = (HANG_UP, SILENCE, GARBAGE)
LATER = ("421 4.3.2 closing", "451 4.4.5 later", *NO_ANSWER)
TABLE: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    # our word, its phase, then what becomes of the mail and of the queue, for these replies
    ("greeting", "connect", "queued", "paused", LATER),
    ("greeting", "connect", "queued", "held", ("554 5.7.1 go away",)),
    ("EHLO", "connect", "queued", "paused", LATER),
    ("EHLO", "connect", "queued", "held", ("550 5.7.1 no",)),
    ("EHLO", "tls", "queued", "held", (BARE,)),
    ("STARTTLS", "tls", "queued", "paused", LATER),
    ("STARTTLS", "tls", "queued", "held", ("502 5.5.1 what",)),
    ("AUTH", "auth", "queued", "paused", ("454 4.7.0 later", *LATER)),
    ("AUTH", "auth", "queued", "held", (
        "535 5.7.8 no", "534 5.7.9 weak", "530 5.7.0 no", "538 5.7.11 encrypt",
        "550 5.7.30 basic authentication is off")),
    ("MAIL", "mail", "queued", "paused", ("452 4.3.1 full", *LATER)),
    ("MAIL", "mail", "queued", "held", (
        "550 5.7.60 not yours", "553 5.1.8 not yours", "530 5.7.57 not signed in")),
    ("MAIL", "mail", "dead", "open", ("552 5.3.4 too big",)),
    ("RCPT", "rcpt", "queued", "open", (
        "450 4.2.0 greylisted", "451 4.7.1 later", "452 4.2.2 full", "421 4.7.0 slow",
        "552 mailbox full", *NO_ANSWER)),
    ("RCPT", "rcpt", "dead", "open", (
        "550 5.1.1 unknown", "551 5.1.6 moved", "553 5.1.3 odd", "556 5.1.10 null MX",
        "550 5.2.1 disabled", "550 5.7.1 not welcome")),
    ("DATA", "data", "queued", "open", ("250 2.0.0 out of place", *LATER)),
    ("DATA", "data", "dead", "open", ("554 5.7.1 no",)),
    ("dot", "dot", "queued", "open", ("451 4.3.0 later", "421 4.3.2 closing")),
    ("dot", "dot", "dead", "open", ("554 5.7.1 spam", "552 5.3.4 too big")),
    ("dot", "dot", "uncertain", "open", ("354 go ahead", *NO_ANSWER)),
    ("QUIT", "dot", "sent", "open", ("500 what", "421 4.3.2 closing", *NO_ANSWER)),
)  # fmt: skip
ROWS = tuple(
    Row(said, reply, status, phase, queue)
    for said, phase, status, queue, replies in TABLE
    for reply in replies
)


@dataclass
class Course:
    """What became of one mail under one behaviour."""

    row: Row
    connections: int = 0
    letters: int = 0  # that the server took or may have taken
    resent_after_250: int = 0
    final: str = ""


def play(row: Row, database: Database, context: ssl.SSLContext, ca_file: Path) -> Course:
    """Let one mail meet a behaviour, then a sound server, then five days of rounds."""
    course = Course(row)
    world = World(database)
    with smtp_server({row.said: row.reply}, context) as server:
        url = f"smtp+starttls://{ACCOUNT}@localhost:{server.port}"
        world.notifier = SmtpNotifier(url, ca_file=ca_file, timeouts=BRIEF)
        ref = world.start(involved=(JO,))
        world.tick()  # makes the mail, which waits for the hold-back
        world.tick_at(world.now + HALF_AN_HOUR + MINUTE)
        (mail,) = world.mails(ref)
        _landed(row, world, mail)
        course.connections = server.heard.connections
        _rests(row, world, server)
        server.behave()
        _after(world, server, mail, course)
    return course


def _landed(row: Row, world: World, mail: Mail) -> None:
    """Check the state of mail and queue against the row."""
    assert (mail.status, mail.last_phase) == (row.status, row.phase), (row.name, mail)
    if row.reply[:3].isdigit() and row.reply is not BARE and row.said != "QUIT":
        assert mail.last_code == int(row.reply[:3]), row.name
    charged = row.queue == "open" and row.status in ("queued", "uncertain")
    assert mail.attempts == int(charged), row.name
    state, until = queue(world)
    assert state == row.queue, row.name
    waits = {"paused": 1, "held": 15}.get(row.queue)
    assert waits is None or until == world.now + waits * MINUTE, row.name
    if charged:
        waited = (mail.next_at - world.now) / MINUTE
        assert waited == 15 if row.status == "uncertain" else 4.5 <= waited <= 5.5, row.name


def _rests(row: Row, world: World, server: ScriptedServer) -> None:
    """Check that nobody knocks before the time has come: a wrong password locks accounts."""
    if row.queue == "open":
        return
    before = server.heard.connections
    start = world.now
    for minutes in (0.5, 0.9) if row.queue == "paused" else (1, 5, 10, 14.9):
        world.tick_at(start + minutes * MINUTE)
    assert server.heard.connections == before, row.name


def _after(world: World, server: ScriptedServer, mail: Mail, course: Course) -> None:
    """Let a sound server come, and five days pass; count what the server got of the mail."""
    world.tick_at(world.now + 16 * MINUTE)
    recorded = _copies(server, mail)
    for _ in range(5):
        world.tick_at(world.now + timedelta(days=1))
    course.final = next(one.status for one in world.mails() if one.id == mail.id)
    course.letters = _copies(server, mail)
    course.resent_after_250 = course.letters - recorded


def _copies(server: ScriptedServer, mail: Mail) -> int:
    """Return how often the server got this mail; every copy is the very bytes."""
    wanted = mail.message_id.encode()
    found = [letter for letter in server.heard.letters if wanted in letter]
    assert all(letter == mail.mime for letter in found)
    return len(found)


def queue(world: World) -> tuple[str, datetime | None]:
    """Return how the whole queue is, and until when."""
    with world.database.reading() as connection:
        beat = last_beat(connection, QUEUE)
    if beat is None:
        return "open", None
    return str(beat[1]["state"]), datetime.fromisoformat(beat[1]["until"])
