"""What freezing a mail costs beside rendering its three templates."""

from __future__ import annotations

import time
from contextlib import suppress

from bench.rounds import Comparison, compare
from bench.stage import sqlite_log
from engine.dispatch.firing import Writing
from engine.dispatch.notices import Case
from engine.domain.choosing import choose
from engine.domain.snoozing import due_of
from engine.domain.workdays import brussels_day
from engine.language import words
from engine.ports import Notice
from engine.store import outbox
from engine.store.database import open_database
from engine.store.transaction import Transaction, unit_of_work
from notifications.compose import rendered
from notifications.context import context_of, language_of
from tests.fakes import RecordingNotifier
from tests.world import World

TRAJECTORIES = 50
PARTS = ("subject.txt", "body.txt", "body.html")
MORE = 0.0015  # seconds that a mail may cost beyond its words


class _Undone(Exception):
    """Leaves a transaction without committing."""


def frozen(rounds: int) -> Comparison:
    """Return what a mail costs from reminder to row, beside rendering alone.

    Frozen is: what it says to whom, the templates, MIME that is read back and checked, its
    hash, the rows of the mail and of whom it names; all but the commit, which is a round's.
    """
    with sqlite_log() as url:
        relay = RecordingNotifier()
        world = World(open_database(url), relay)
        refs = [world.start() for _ in range(TRAJECTORIES)]
        _all_frozen(world, refs)
        notices = [one for one in relay.noticed if isinstance(one, Notice)]
        found = compare(
            "a mail rendered and frozen",
            {
                "rendered and frozen": lambda: _all_frozen(world, refs) / len(notices),
                "rendered": lambda: _all_rendered(notices) / len(notices),
            },
            goal=None,
            ours="rendered and frozen",
            base="rendered",
            rounds=rounds,
            note=f"per mail; {sum(bool(n.calendar) for n in notices)} of {len(notices)} mails"
            " with a calendar file",
            more=MORE,
        )
        world.database.close()
    return found


def _all_frozen(world: World, refs: list[str]) -> float:
    """Freeze the mails that are due of all trajectories, and undo it; return the seconds."""
    spent = 0.0
    with suppress(_Undone), unit_of_work(world.database, world.now) as tx:
        for ref in refs:
            spent += _frozen(world, tx, ref)
        raise _Undone
    return spent


def _frozen(world: World, tx: Transaction, ref: str) -> float:
    post, own, now = world.post(), tx.trajectory(ref), tx.now
    pinned, people = tx.workflow(own.workflow), tx.people_of(own)
    case = Case(own, pinned, people, post.calendar, brussels_day(now))
    choice = choose(due_of(own, now), own, pinned, people, now, hold_back=post.hold_back)
    writing = Writing(post, tx, case, outbox.next_id(tx.connection), tx.ledger())
    start = time.perf_counter()
    for reminder, readers in choice.mails:
        writing.mails(reminder, readers)
    return time.perf_counter() - start


def _all_rendered(notices: list[Notice]) -> float:
    """Render the templates of all notices; return the seconds."""
    start = time.perf_counter()
    for notice in notices:
        lang = language_of(notice)
        context = context_of(notice, words(lang))
        for part in PARTS:
            rendered(lang, f"{notice.id}/{part}", context)
    return time.perf_counter() - start
