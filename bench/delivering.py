"""From the outbox to `sent`, one durable record a mail, against a bare aiosmtplib loop.

Both send the same frozen bytes to the same server, over one connection with STARTTLS.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from ssl import SSLContext, create_default_context

from aiosmtplib import SMTP

from bench.relay import Relay, relay
from bench.rounds import Comparison, compare
from bench.stage import sqlite_log
from engine.dispatch.delivering import deliver
from engine.dispatch.post import Tally
from engine.store.database import open_database
from engine.store.outbox import Mail
from engine.store.sqlite import durability
from notifications.delivery import notifier_for
from tests.authority import authority
from tests.world import MONDAY, World

LEAVES = MONDAY + timedelta(minutes=31)
HOST = "localhost"
Recorded = Callable[[Mail], None]


def at_once(rounds: int) -> Comparison:
    """Return how the delivery compares where the server answers at once."""
    return _compared("deliver, the server answers at once", 0.0, 100, rounds)


def after_a_while(rounds: int) -> Comparison:
    """Return how the delivery compares where the server takes 20 ms over a mail."""
    return _compared("deliver, the server takes 20 ms a mail", 0.02, 20, rounds)


def _compared(name: str, seconds: float, trajectories: int, rounds: int) -> Comparison:
    """Measure both over all mails of so many new trajectories; seconds are those of one mail."""
    with tempfile.TemporaryDirectory(prefix="traject-bench-") as folder, sqlite_log() as url:
        ca = authority(Path(folder))
        mails = _queued(url, trajectories)
        trusted = create_default_context(cafile=str(ca.root))
        with relay(Path(folder), seconds=seconds, tls=ca.server(HOST)) as server:
            base = "bare aiosmtplib, one connection"
            return compare(
                name,
                {
                    "traject": lambda: _ours(url, server, ca.root, len(mails)),
                    base: lambda: _bare(mails, server, trusted, _nothing),
                    "the same, a row committed a mail": lambda: _recorded(
                        mails, server, trusted, Path(folder)
                    ),
                },
                goal=2.0,
                ours="traject",
                base=base,
                rounds=rounds,
                note=f"{len(mails)} mails of {sum(len(m.mime or b'') for m in mails) // len(mails)}"
                " bytes; per mail; one connection and one TLS handshake each",
            )


def _queued(url: str, trajectories: int) -> list[Mail]:
    """Start trajectories, and return the mails that then wait in the outbox."""
    world = World(open_database(url))
    for _ in range(trajectories):
        world.start()
    world.tick()
    mails = world.mails()
    world.database.close()
    return mails


def _ours(url: str, server: Relay, ca: Path, expected: int) -> float:
    """Deliver all that is due from a copy of the database."""
    copy = f"{url}.copy"
    shutil.copyfile(url, copy)
    os.sync()  # else the first commit would wait for the copy
    notifier = notifier_for(f"smtp+starttls://{HOST}:{server.port}", Path(copy).parent, ca)
    world = World(open_database(copy), notifier, now=LEAVES)
    tally = Tally()
    start = time.perf_counter()
    deliver(world.post(), tally)
    spent = time.perf_counter() - start
    assert tally.sent == expected, tally
    _check(server, expected)
    world.database.close()
    return spent / expected


def _recorded(mails: list[Mail], server: Relay, trusted: SSLContext, folder: Path) -> float:
    """Send by the bare loop, and commit one small row for each mail as durably as we do."""
    path = folder / "bare.db"
    path.unlink(missing_ok=True)
    journal, synchronous = durability(sqlite3.sqlite_version_info)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={journal}")
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("CREATE TABLE sent (id INTEGER PRIMARY KEY, answer TEXT)")

    def record(mail: Mail) -> None:
        connection.execute("INSERT INTO sent VALUES (?, '2.0.0 ok')", (mail.id,))

    spent = _bare(mails, server, trusted, record)
    connection.close()
    return spent


def _bare(mails: list[Mail], server: Relay, trusted: SSLContext, record: Recorded) -> float:
    """Send all by a loop over one connection."""
    start = time.perf_counter()
    asyncio.run(_loop(mails, server, trusted, record))
    spent = time.perf_counter() - start
    _check(server, len(mails))
    return spent / len(mails)


async def _loop(mails: list[Mail], server: Relay, trusted: SSLContext, record: Recorded) -> None:
    client = SMTP(hostname=HOST, port=server.port, start_tls=True, tls_context=trusted)
    async with client:
        for mail in mails:
            await client.sendmail(
                mail.envelope_from or "", [mail.envelope_to or ""], mail.mime or b""
            )
            record(mail)


def _nothing(mail: Mail) -> None:
    """Record nothing."""


def _check(server: Relay, expected: int) -> None:
    """Refuse a measurement that took more than one connection, or in which mails are missing."""
    taken = server.taken()
    assert taken == (1, expected), taken
