"""What a coach is told today; a trajectory that cannot be read takes no other with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from engine.dispatch.kind import Copy
from engine.dispatch.post import Post, Tally
from engine.dispatch.summing_up import summed_up
from engine.domain.errors import LedgerBroken, TryAgain
from engine.domain.people import People, present
from engine.domain.workdays import BRUSSELS, brussels_day
from engine.ports import Digest
from engine.service.mornings import Seen, read_morning
from engine.store.attention import Preselect, Reach, Row, counted, standing_out
from engine.store.projections import read_actors
from engine.store.transaction import Transaction

log = logging.getLogger("traject.dispatch")


def seen_by(
    post: Post, tx: Transaction, number: int, preselected: Preselect = standing_out
) -> Seen | None:
    """Return what there is to be told to an actor, None where there is nothing.

    Somebody without open trajectories is not read any further.
    """
    today = brussels_day(tx.now)
    standing_in = present(People(read_actors(tx.connection), {}), today).standing_in
    coaches = (number, *(away for away, other in standing_in.items() if other == number))
    if not any(sum(counted(tx.connection, coach).values()) for coach in coaches):
        return None
    before = datetime.combine(today, time(), BRUSSELS)  # mails to come are not told
    seen = read_morning(
        tx, number, post.calendar, today=today, before=before, preselected=preselected
    )
    return None if seen.is_quiet else seen


def digest_of(
    post: Post, tx: Transaction, copy: Copy, *, tally: Tally
) -> tuple[Seen, Digest] | None:
    """Return the digest of a coach; a trajectory that cannot be read is counted and left out."""
    try:
        return _said(post, tx, copy)
    except (TryAgain, LedgerBroken):
        raise
    except Exception:
        log.exception("the digest of actor %d cannot be made as a whole", copy.number)
    faulty = _unreadable(post, tx, copy)
    for id_ in faulty:
        log.error("trajectory %s cannot be read: actor %d is told of the others", id_, copy.number)
    tally.failed += len(faulty)
    return _said(post, tx, copy, lambda id_: id_ not in faulty)


def _unreadable(post: Post, tx: Transaction, copy: Copy) -> list[str]:
    """Return the trajectories of which alone no digest can be made either."""
    known: list[str] = []

    def unwanted(id_: str) -> bool:
        known.append(id_)
        return False

    _said(post, tx, copy, unwanted)  # where this fails the fault is in none of them
    faulty = []
    for id_ in known:
        try:
            _said(post, tx, copy, id_.__eq__)
        except (TryAgain, LedgerBroken):
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it is told by the caller
            faulty.append(id_)
    return faulty


def _said(
    post: Post,
    tx: Transaction,
    copy: Copy,
    wanted: Callable[[str], bool] = lambda _: True,
) -> tuple[Seen, Digest] | None:
    """Return what a digest says of the trajectories that are wanted, and what it was said of."""

    def preselected(connection: Any, reach: Reach) -> list[Row]:
        return [row for row in standing_out(connection, reach) if wanted(row["id"])]

    seen = seen_by(post, tx, copy.number, preselected)
    if seen is None:
        return None
    return seen, summed_up(
        seen,
        copy.reader,
        key=copy.key,
        now=tx.now,
        checkpoint=tx.ledger(),
        organisation=post.organisation,
        sender=post.sender,
    )
