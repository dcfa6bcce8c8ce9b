"""How much a round would let go, counted before any of it is made: mails, and their readers."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.dispatch.digests import coming
from engine.dispatch.post import Post
from engine.domain.choosing import choose
from engine.domain.snoozing import due_of
from engine.store import outbox
from engine.store.due import due_trajectories
from engine.store.transaction import Transaction

log = logging.getLogger("traject.dispatch")

BEHIND = timedelta(days=1)  # a mail that should have left so long ago was left behind


@dataclass(slots=True)
class Volume:
    """What would leave: mails to be made, those left behind, and who would read them."""

    made: int = 0
    behind: list[outbox.Reader] = field(default_factory=list)
    readers: set[str] = field(default_factory=set)

    @property
    def mails(self) -> int:
        """Return how many mails there would be."""
        return self.made + len(self.behind)


def volume(post: Post, now: datetime, cleared: int) -> Volume:
    """Return what a round would let go now; mails up to number `cleared` were looked at."""
    with post.database.reading() as connection:
        behind = outbox.left_behind(connection, now - BEHIND, cleared)
        found = Volume(behind=behind, readers={one.person for one in behind})
        for id_ in due_trajectories(connection, now):
            try:
                _add(post, found, Transaction(connection, now), id_)
            except Exception:  # the round itself tells what is wrong with it
                log.debug("the mails of trajectory %s could not be counted", id_, exc_info=True)
        digests = list(coming(post, Transaction(connection, now)))
        found.made += len(digests)
        found.readers.update(digests)
    return found


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
        found.readers |= {reader.key for reader in readers}
