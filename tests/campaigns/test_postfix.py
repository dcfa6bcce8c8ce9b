"""A second mail server, of other hands: each mail of the outbox arrives once, byte for byte."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from engine.dispatch.post import Limits
from engine.ports import Letter
from engine.service.starting import Involved
from engine.store.database import open_database
from notifications.delivery import SmtpNotifier
from tests.authority import authority
from tests.campaigns import runs, table
from tests.campaigns.postfix import missing, postfix, without_trace
from tests.stories import with_tables
from tests.world import World

PER_START = 2  # mails of a trajectory with two contacts
ODD = (b".\r\n..\r\n.a", b"From here", b"last line without an end", b"x" * 990, b" ", b"")
NAMES = ("Jo Maes", "Désirée Åström-Van den Broeck", 'An "de coach" Peeters', "Łukasz Żółć")


@pytest.mark.campaign
def test_postfix_takes_each_mail_once_and_whole(
    sqlite_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With STARTTLS and a checked certificate; 100 mails, or 1,000 in full."""
    if reason := missing():
        pytest.skip(reason)
    count = runs(100, 1000)
    database = open_database(with_tables(f"sqlite:///{tmp_path / 'd' / 'log.db'}", sqlite_template))
    world = World(database, limits=Limits())
    ours = authority(tmp_path / "ours")
    with postfix(ours) as server:
        url = f"smtp+starttls://localhost:{server.port}"
        world.notifier = SmtpNotifier(url, ca_file=ours.root)
        for number in range(count // PER_START):
            world.start(involved=involved(number))
        world.tick()
        start = time.monotonic()
        tally = world.tick_at(world.now + timedelta(minutes=31))
        took = time.monotonic() - start
        odd = [letter(body, number) for number, body in enumerate(ODD)]
        with world.notifier.session() as session:
            assert {session.send("odd", one).outcome for one in odd} == {"sent"}
        mails = world.mails()
        arrived = server.arrived(len(mails) + len(odd))
    assert tally.sent == len(mails) >= count
    assert {mail.status for mail in mails} == {"sent"}
    database.close()
    stored = Counter([mail.sha256 for mail in mails] + [hashed(whole(one.mime)) for one in odd])
    found = Counter(hashed(without_trace(one)) for one in arrived)
    assert found == stored
    assert set(found.values()) == {1}
    assert all(b"TLS" in one.partition(b"\n\n")[0] for one in arrived)
    figures = [
        ("mails of the outbox, over STARTTLS", len(mails)),
        ("letters with odd bytes beside them", len(odd)),
        ("arrived once, SHA-256 as stored", sum(found.values())),
        ("lost, doubled or changed", 0),
        ("mails a second, each recorded durably", round(len(mails) / took)),
    ]
    with capsys.disabled():
        print(table("Postfix", figures))


def involved(number: int) -> tuple[Involved, ...]:
    """Return two contacts of a trajectory, with names that need encoding."""
    name = NAMES[number % len(NAMES)]
    first = Involved("coordinator", name, f"jo{number}@example.org")
    return first, Involved("coordinator", f"{name} II", f"rita{number}@example.org")


def letter(body: bytes, number: int) -> Letter:
    """Return a letter whose bytes are easily changed on their way."""
    mime = b"Subject: odd\r\nMessage-ID: <odd%d@example.org>\r\n" % number
    mime += b"From: an@example.org\r\nTo: jo@example.org\r\n"
    mime += b"Date: Mon, 01 Mar 2027 10:00:00 +0100\r\n\r\n" + body
    return Letter(f"<odd{number}@example.org>", "odd", mime, "an@example.org", "jo@example.org")


def whole(mime: bytes) -> bytes:
    """Return a letter with the end of its last line, which SMTP cannot leave out."""
    return mime if mime.endswith(b"\r\n") else mime + b"\r\n"


def hashed(mime: bytes) -> str:
    """Return the hash by which the outbox knows a letter."""
    return sha256(mime).hexdigest()
