"""Mail servers that misbehave at every phase, and those that cannot be trusted with a word."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.store.database import open_database
from notifications.delivery import SmtpNotifier
from tests.authority import Authority, authority
from tests.campaigns import table
from tests.campaigns.misbehaving import BARE, BRIEF, MINUTE, ROWS, Course, Row, play, queue
from tests.mail_server import ACCOUNT
from tests.smtp_server import HANG_UP, SILENCE, smtp_server
from tests.stories import with_tables
from tests.world import JO, World

SHORT = [row for row in ROWS if row.reply != SILENCE][::11]  # of the default run
ONCE, TWICE, NEVER = 1, 2, 0


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the authority that clients are told to trust."""
    return authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def context(ours: Authority) -> ssl.SSLContext:
    """Return the TLS of a server that checks."""
    return ours.server("localhost")


@pytest.fixture
def fresh(sqlite_template: Path, tmp_path: Path) -> Callable[[str], str]:
    """Return what makes the URL of a new log."""
    return lambda name: with_tables(f"sqlite:///{tmp_path / name / 'log.db'}", sqlite_template)


def played(
    rows: list[Row], fresh: Callable[[str], str], ours: Authority, context: ssl.SSLContext
) -> Iterator[Course]:
    """Play the rows, each on a log of its own; every course ends as its row says."""
    for number, row in enumerate(rows):
        database = open_database(fresh(str(number)))
        course = play(row, database, context, ours.root)
        database.close()
        dead = row.status == "dead"
        assert course.final == ("dead" if dead else "sent"), row.name
        wanted = ONCE if not dead else NEVER
        if row.said == "dot":  # the first server took the bytes, whatever it said of them
            wanted = ONCE if dead else TWICE
        assert course.letters == wanted, row.name
        assert course.resent_after_250 == 0, row.name
        yield course


def test_a_few_misbehaving_servers_leave_a_mail_where_the_table_says(
    fresh: Callable[[str], str], ours: Authority, context: ssl.SSLContext
) -> None:
    """The short form: every eleventh behaviour."""
    assert len(list(played(SHORT, fresh, ours, context))) == len(SHORT)


@pytest.mark.campaign
def test_each_misbehaving_server_leaves_a_mail_where_the_table_says(
    fresh: Callable[[str], str],
    ours: Authority,
    context: ssl.SSLContext,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All of them, with timeouts, garbage and disconnects in every phase."""
    found = list(played(list(ROWS), fresh, ours, context))
    landed = Counter(
        (one.row.status if one.row.queue == "open" else f"queue {one.row.queue}") for one in found
    )
    doubled = sum(one.letters == TWICE and one.row.status == "uncertain" for one in found)
    figures = [
        ("behaviours, before and after the dot", len(found)),
        ("mails that landed in the status of the table", len(found)),
        *((f"of which {what}", count) for what, count in sorted(landed.items())),
        ("mails that were not delivered in the end, but for the dead", 0),
        ("uncertain mails sent again, byte-identical", doubled),
        ("connections while the queue rested", 0),
        ("mails sent again after a recorded 250, in five days", 0),
    ]
    with capsys.disabled():
        print(table("mail servers that misbehave", figures))


def test_after_three_unclear_answers_a_person_decides(
    fresh: Callable[[str], str], ours: Authority, context: ssl.SSLContext
) -> None:
    """Held, with the reason; released, the very bytes leave a fourth time and no more."""
    from engine.dispatch import desk
    from engine.domain.events import MailHeld

    database = open_database(fresh("unclear"))
    world = World(database)
    with smtp_server({"dot": HANG_UP}, context) as server:
        url = f"smtp+starttls://{ACCOUNT}@localhost:{server.port}"
        world.notifier = SmtpNotifier(url, ca_file=ours.root, timeouts=BRIEF)
        ref = world.start(involved=(JO,))
        world.tick()
        world.tick_at(world.now + 31 * MINUTE)
        for _ in range(4):
            world.tick_at(world.now + 16 * MINUTE)
        (mail,) = world.mails(ref)
        assert (mail.status, mail.uncertain, len(server.heard.letters)) == ("held", 3, 3)
        assert [fact.reason for fact in world.facts(ref, MailHeld)] == ["uncertain"]
        server.behave()
        desk.release(world.desk(), number=mail.id)
        for _ in range(3):
            world.tick_at(world.now + 16 * MINUTE)
    assert [one.status for one in world.mails(ref)] == ["sent"]
    assert server.heard.letters == [mail.mime] * 4
    database.close()


def test_a_relay_silent_for_half_an_hour_is_an_alarm(
    fresh: Callable[[str], str], ours: Authority, context: ssl.SSLContext
) -> None:
    """After 1, 2, 5 and 15 minutes it was tried again; nothing was charged."""
    database = open_database(fresh("unwell"))
    world = World(database)
    with smtp_server({"greeting": "421 4.3.2 closing"}, context) as server:
        url = f"smtp+starttls://{ACCOUNT}@localhost:{server.port}"
        world.notifier = SmtpNotifier(url, ca_file=ours.root, timeouts=BRIEF)
        ref = world.start(involved=(JO,))
        world.tick()
        world.tick_at(world.now + 31 * MINUTE)
        start, tried = world.now, []
        unwell = []
        for minute in range(40):
            before = server.heard.connections
            tally = world.tick_at(start + minute * MINUTE)
            tried += [minute] * (server.heard.connections > before)
            unwell += [minute] * tally.unwell
        assert tried == [1, 3, 8, 23, 38]
        assert unwell == list(range(30, 40))
        server.behave()
        world.tick_at(start + 60 * MINUTE)
    (mail,) = world.mails(ref)
    assert (mail.status, mail.attempts, queue(world)[0]) == ("sent", 0, "open")
    database.close()


# --- not a word before TLS ------------------------------------------------------------------------

VARIANTS = ("no STARTTLS offered", "a stranger's certificate", "another host's", "expired")
OF_WORTH = {"MAIL", "RCPT", "DATA", "AUTH"}


def untrusted(variant: str, ours: Authority, folder: Path) -> ssl.SSLContext | None:
    """Return the TLS of a server that is not what it says."""
    if variant == VARIANTS[1]:
        return authority(folder / "stranger").server("localhost")
    if variant == VARIANTS[2]:
        return ours.server("mail.example.org")
    return ours.server("localhost", age=timedelta(days=3)) if variant == VARIANTS[3] else None


def words_of_worth(variant: str, implicit: bool, url: str, ours: Authority, folder: Path) -> int:
    """Send a mail to such a server; return how many bytes it heard of what matters."""
    database = open_database(url)
    world = World(database)
    scheme = "smtps" if implicit else "smtp+starttls"
    made = untrusted(variant, ours, folder)
    script: dict[str, str | list[str]] = {"EHLO": BARE} if variant == VARIANTS[0] else {}
    with smtp_server(script, made, implicit) as server:
        there = f"{scheme}://{ACCOUNT}@localhost:{server.port}"
        world.notifier = SmtpNotifier(there, ca_file=ours.root, timeouts=BRIEF)
        ref = world.start(involved=(JO,))
        world.tick()
        world.tick_at(world.now + 31 * MINUTE)
    (mail,) = world.mails(ref)
    assert (mail.status, mail.last_phase, queue(world)[0]) == ("queued", "tls", "held")
    assert server.heard.connections == 1
    database.close()
    lines = server.heard.clear + server.heard.private
    said = [line for line in lines if line.split(" ")[0].upper() in OF_WORTH]
    return sum(map(len, said)) + sum(map(len, server.heard.letters))


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "implicit"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_bad_tls_gets_no_word_of_a_mail(
    variant: str,
    implicit: bool,
    fresh: Callable[[str], str],
    ours: Authority,
    tmp_path: Path,
) -> None:
    """The queue is held at tls, and the server heard nothing but greetings."""
    assert words_of_worth(variant, implicit, fresh("tls"), ours, tmp_path) == 0


@pytest.mark.campaign
def test_bad_tls_in_figures(
    fresh: Callable[[str], str],
    ours: Authority,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each variant, with STARTTLS and with TLS from the first byte."""
    figures = [
        (f"bytes of AUTH, MAIL, RCPT or DATA: {variant}, {kind}",
         words_of_worth(variant, kind == "implicit", fresh(f"{n}{kind}"), ours, tmp_path / f"{n}"))
        for n, variant in enumerate(VARIANTS)
        for kind in ("STARTTLS", "implicit")
    ]  # fmt: skip
    assert {said for _, said in figures} == {0}
    with capsys.disabled():
        print(table("bad TLS", figures))
