"""How much a round would let go, counted before any of it is made: mails, and their readers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.dispatch.periodic import coming
from engine.dispatch.post import Post
from engine.domain.choosing import choose
from engine.domain.reminders import rests
from engine.domain.snoozing import due_of, sleeps
from engine.store import outbox
from engine.store.due import due_trajectories
from engine.store.holds import released
from engine.store.readers import Reader, left_behind
from engine.store.transaction import Transaction

log = logging.getLogger("traject.dispatch")

BEHIND = timedelta(days=1)  # a mail that should have left so long ago was left behind


@dataclass(slots=True)
class Volume:
    """What would leave: mails to be made, those left behind, and who would read them."""

    made: int = 0
    behind: list[Reader] = field(default_factory=list)
    readers: set[str] = field(default_factory=set)
    of: dict[str, int] = field(default_factory=dict)  # of those to be made, by trajectory

    @property
    def mails(self) -> int:
        """Return how many mails there would be."""
        return self.made + len(self.behind)


def volume(post: Post, now: datetime) -> Volume:
    """Return what a round would let go now, but for the mails that a person looked at."""
    with post.database.reading() as connection:
        behind = _behind(Transaction(connection, now))
        found = Volume(behind=behind, readers={one.person for one in behind})
        for id_ in due_trajectories(connection, now):
            try:
                _add(post, found, Transaction(connection, now), id_)
            except Exception:  # the round itself tells what is wrong with it
                log.debug("the mails of trajectory %s could not be counted", id_, exc_info=True)
        periodic = list(coming(post, Transaction(connection, now)))
        found.made += len(periodic)
        found.readers.update(periodic)
    return found


def _behind(tx: Transaction) -> list[Reader]:
    """Return the mails that were left behind; those that rest, or that a person let go, were not.

    One whose trajectory cannot be read does not leave either.
    """
    seen, found = released(tx.connection), []
    for one in left_behind(tx.connection, tx.now - BEHIND, seen["mail"]):
        try:
            resting = one.may_rest and _rests(tx, one)
        except Exception:
            log.debug("it is not known whether mail %d rests", one.mail, exc_info=True)
            resting = True
        if not resting and one.mail not in seen["passing"]:
            found.append(one)
    return found


def _rests(tx: Transaction, one: Reader) -> bool:
    """Tell whether a mail waits for the end of a pause or of a rest."""
    own = tx.trajectory_by_id(one.trajectory)
    reminder = outbox.reminder(tx.connection, one.reminder)
    return rests(reminder, own) or sleeps(reminder, own, tx.now)


def _add(post: Post, found: Volume, tx: Transaction, id_: str) -> None:
    """Count the mails that the due reminders of one trajectory would become."""
    now, own = tx.now, tx.trajectory_by_id(id_)
    choice = choose(
        due_of(own, now),
        own,
        tx.workflow(own.workflow),
        tx.people_of(own),
        now,
        hold_back=post.hold_back,
        calendar=post.calendar,
        leaving=outbox.leaving_of(tx.connection, id_, now),
    )
    for _, readers in choice.mails:
        found.made += len(readers)
        found.of[id_] = found.of.get(id_, 0) + len(readers)
        found.readers |= {reader.key for reader in readers}
